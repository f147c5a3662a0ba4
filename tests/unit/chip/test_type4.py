"""The message of a Type 4 tag, read as a telephone reads it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.chip.ndef import encode_uri
from station.chip.type4 import NDEF_NAME, read_message
from station.chip.virtual_card.desfire import VirtualDesfire
from station.chip.virtual_card.iso_card import VirtualIsoCard
from station.domain.errors import ChipError, ChipRefusedError
from station.domain.escn import qr_text
from tests.helpers.chip import ESCN, UID, Direct, Rambling, demo_profile, run_encode, unhex

CONTAINER = unhex("000F20003B00340406E104010000FF")
MESSAGE = encode_uri(qr_text(ESCN))


def tag(container: bytes, file: bytes, fid: int = 0xE104) -> Direct:
    return Direct(VirtualIsoCard({NDEF_NAME: {0xE103: container, fid: file}}))


def test_a_message_is_read() -> None:
    file = len(MESSAGE).to_bytes(2, "big") + MESSAGE
    assert read_message(tag(CONTAINER, file.ljust(256, b"\x00")).transmit) == MESSAGE
    assert read_message(tag(CONTAINER, bytes(256)).transmit) == b""


def test_a_desfire_made_by_the_profile_that_ships() -> None:
    card = VirtualDesfire.new("EV1", uid=UID)
    run_encode(Direct(card), profile=demo_profile("ndef-url-desfire"))
    assert read_message(Direct(card).transmit) == MESSAGE


def test_a_card_that_is_no_tag() -> None:
    assert read_message(Direct(VirtualDesfire.new("EV1")).transmit) is None
    assert read_message(Direct(VirtualIsoCard({NDEF_NAME: {}})).transmit) is None


@pytest.mark.parametrize(
    ("container", "file", "fid"),
    [
        (CONTAINER.replace(b"\x04\x06", b"\x05\x06"), bytes(256), 0xE104),
        (CONTAINER, bytes(256), 0xE105),
        (CONTAINER, unhex("00FF") + bytes(254), 0xE104),
        (CONTAINER[:-1], bytes(256), 0xE104),
    ],
)
def test_what_makes_no_sense_is_told(container: bytes, file: bytes, fid: int) -> None:
    with pytest.raises(ChipError):
        read_message(tag(container, file, fid).transmit)


def test_a_closed_file_is_told_as_such() -> None:
    direct = tag(CONTAINER, bytes(256))

    def closed(apdu: bytes) -> bytes:
        return b"\x69\x82" if apdu[:2] == b"\x00\xb0" else direct.transmit(apdu)

    with pytest.raises(ChipRefusedError):
        read_message(closed)


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=8))
def test_whatever_a_card_answers_ends_in_data_or_an_error_of_ours(answers: list[bytes]) -> None:
    try:
        found = read_message(Rambling(answers).transmit)
    except ChipError:
        return
    assert found is None or len(found) < 0xFFFF
