"""The link: protection, framing and judgement in one."""

from __future__ import annotations

import pytest

from station.chip.apdu import CommandApdu
from station.chip.desfire.applications import get_key_settings, select
from station.chip.desfire.auth import authenticate, authenticate_aes
from station.chip.desfire.keys import Key
from station.chip.desfire.link import DesfireLink, key_refusal, refusal
from station.chip.desfire.model import Version
from station.chip.desfire.native import Native
from station.chip.virtual_card.kinds import blank_card
from station.domain.errors import ChipError, ChipKeyError, ChipRefusedError
from tests.helpers.chip import ESC_AID, UID, Direct, Replay, run_encode


def test_a_command_travels_wrapped() -> None:
    replay = Replay([("906e000000", "001f009100")])
    assert DesfireLink(replay.transmit).send(Native(0x6E)) == b"\x00\x1f\x00"


def test_a_refusal_carries_its_status() -> None:
    with pytest.raises(ChipRefusedError) as caught:
        DesfireLink(Replay([("90f50000010000", "91f0")]).transmit).send(Native(0xF5, b"\x00"))
    assert caught.value.sw == 0x91F0


@pytest.mark.parametrize(
    ("ins", "status", "text"),
    [
        (0xF5, 0xF0, "The chip refused the command GetFileSettings: file not found (91F0)"),
        (0x99, 0x42, "The chip refused the command 99: unknown status (9142)"),
    ],
)
def test_refusals_read_well(ins: int, status: int, text: str) -> None:
    error = refusal(ins, status)
    assert str(error).startswith(text)
    assert error.sw == 0x9100 | status


@pytest.mark.parametrize(("status", "kind"), [(0xAE, ChipKeyError), (0x40, ChipKeyError), (0xCA, ChipRefusedError)])
def test_a_wrong_key_is_told_apart(status: int, kind: type[Exception]) -> None:
    assert type(key_refusal(0xAA, status)) is kind


@pytest.fixture
def opened() -> DesfireLink:
    card = blank_card(UID)
    run_encode(Direct(card))
    link = DesfireLink(Direct(card).transmit)
    select(link, ESC_AID)
    authenticate_aes(link, 0, card.memory.applications[ESC_AID].keys[0].value)
    return link


def test_a_refusal_leaves_the_session_in_step(opened: DesfireLink) -> None:
    with pytest.raises(ChipRefusedError):
        opened.send(Native(0xF5, b"\x1f"))
    # The refused command moved the chain on, on both sides.
    assert get_key_settings(opened).keys == 3


def test_an_authentication_error_ends_the_session(opened: DesfireLink) -> None:
    with pytest.raises(ChipRefusedError):
        opened.send(Native(0xC4, b"\x01", bytes(32)))  # no checksum in it
    assert opened.authenticated == 0
    with pytest.raises(ChipRefusedError) as caught:
        opened.send(Native(0xDA, b"\x01\x02\x03"))
    assert caught.value.sw == 0x91A0


def test_selecting_ends_the_session(opened: DesfireLink) -> None:
    select(opened, ESC_AID)
    assert opened.authenticated is None
    assert get_key_settings(opened).keys == 3  # without a MAC, on both sides


@pytest.mark.parametrize(
    ("major", "kind", "readers", "frame", "chaining"),
    [
        (0x01, 0x01, True, 54, False),
        (0x33, 0x01, True, 247, False),
        (0x33, 0x01, False, 54, False),
        (0x30, 0x08, True, 54, True),
    ],
)
def test_a_link_suits_card_and_reader(major: int, kind: int, readers: bool, frame: int, chaining: bool) -> None:
    link = DesfireLink(Replay([]).transmit)
    link.suit(Version(4, kind, major, 0, 0x1A, bytes(7)), long_frames=readers)
    assert (link.frame_data, link.iso_chaining) == (frame, chaining)


def test_frames_that_mean_something_by_themselves_are_kept_apart() -> None:
    link = DesfireLink(Replay([("906d000000", "010291af"), ("90af000000", "91af"), ("90af000000", "039100")]).transmit)
    with pytest.raises(ChipError):
        link.send_frames(Native(0x6D))  # an empty frame in the middle never ends
    link = DesfireLink(Replay([("906d000000", "010291af"), ("90af000000", "039100")]).transmit)
    assert link.send_frames(Native(0x6D)) == (b"\x01\x02", b"\x03")


def test_the_mac_of_a_session_is_no_frame_of_its_own(opened: DesfireLink) -> None:
    select(opened)
    authenticate(opened, 0, Key.des())
    names = opened.send_frames(Native(0x6D))
    assert [name[:3] for name in names if name] == [ESC_AID]


def test_a_command_of_iso_7816_ends_the_session(opened: DesfireLink) -> None:
    assert opened.iso(CommandApdu(0x00, 0xA4, 0x00, 0x0C, b"\x3f\x00")).sw in (0x9000, 0x6A82)
    assert opened.authenticated is None
