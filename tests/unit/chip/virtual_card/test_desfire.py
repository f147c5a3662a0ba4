"""A DESFire in software as a whole: what it is when new, what it answers to which class, and what an error costs."""

from __future__ import annotations

from pathlib import Path

import pytest

from station.chip.virtual_card.card import Tear
from station.chip.virtual_card.desfire import VirtualDesfire
from station.chip.virtual_card.kinds import open_card
from station.chip.virtual_card.models import EV1, EV2, EV3, LIGHT
from tests.helpers.card_host import APP, FACTORY, FULL, MACED, ZERO_AES, Host
from tests.helpers.chip import UID, unhex

GET_UID = unhex("ffca000000")
WRITE_32 = unhex("01000000200000")


def host_with_files(generation: str = EV2, *, path: Path | None = None) -> Host:
    """Return a host in an application with AES keys: a standard file 1, a backup file 2, a value file 3, all free."""
    host = Host(VirtualDesfire.new(generation, uid=UID, path=path))
    for ins, data in (
        (0xCA, APP + b"\x0f\x81"),
        (0x5A, APP),
        (0xCD, unhex("0100eeee200000")),
        (0xCB, unhex("0200eeee200000")),
        (0xCC, unhex("0300eeee" + "00000000" + "64000000" + "0a000000" + "00")),
    ):
        assert host.send(ins, data)[1] == 0
    return host


def content(host: Host, number: int) -> bytes:
    return bytes(host.card.memory.applications[APP].files[number].content)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("generation", "atr"),
    [(EV1, "3b8180018080"), (EV2, "3b8180018080"), (EV3, "3b8180018080"), (LIGHT, "3b8180018080")],
)
def test_a_new_one_shows_the_atr_that_readers_make_of_its_ats(generation: str, atr: str) -> None:
    assert VirtualDesfire.new(generation).atr.hex() == atr


def test_an_ats_of_ones_own_changes_the_atr() -> None:
    host = Host(VirtualDesfire.new(EV1, uid=UID))
    assert host.authenticate(0x1A, 0, FACTORY) == 0
    ats = unhex("0a75778102") + b"CAMPU"
    assert host.command(0x5C, b"\x02", ats, sent=FULL)[1] == 0
    assert host.card.atr[4:-1] == b"CAMPU"
    assert host.card.transmit(unhex("ffca010000")) == ats + b"\x90\x00"


def test_a_uid_has_seven_bytes_and_is_drawn_as_nxp_does() -> None:
    drawn = {VirtualDesfire.new(EV3).uid for _ in range(20)}
    assert len(drawn) == 20
    assert {(len(uid), uid[0]) for uid in drawn} == {(7, 0x04)}
    with pytest.raises(ValueError, match="7 bytes"):
        VirtualDesfire.new(EV1, uid=b"\x04\x01")


def test_a_random_uid_is_drawn_at_each_power_up_and_the_real_one_kept(tmp_path: Path) -> None:
    path = tmp_path / "card.json"
    card = VirtualDesfire.new(EV2, uid=UID, random_id=True, path=path)
    shown = set()
    for _ in range(8):
        card.reset()
        answer = card.transmit(GET_UID)
        assert answer == card.transmit(GET_UID)
        assert (answer[0], len(answer)) == (0x08, 6)
        shown.add(answer)
    assert len(shown) > 1
    assert open_card(path).uid == UID


@pytest.mark.parametrize(
    ("apdu", "answer"),
    [
        ("a0a4000000", "6e00"),
        ("00d0000000", "6d00"),
        ("9060000000ff", "6700"),
        ("ff", "6700"),
        ("ffca020000", "6a81"),
        ("90", "6700"),
    ],
)
def test_what_is_no_command_of_its_own_gets_the_readers_words(apdu: str, answer: str) -> None:
    assert VirtualDesfire.new(EV3).transmit(unhex(apdu)).hex() == answer


@pytest.mark.parametrize(("generation", "most"), [(EV1, 54), (EV2, 54), (EV3, 247)])
def test_no_frame_is_longer_than_its_type_takes(generation: str, most: int) -> None:
    host = Host(VirtualDesfire.new(generation))
    assert host.send(0x5A, bytes(most))[1] == 0x7E  # it arrived, and is no AID
    assert host.send(0xAA, bytes(most + 1))[1] == 0x7E
    assert host.send(0x5A, bytes(3))[1] == 0


def test_a_command_that_is_refused_ends_what_was_waiting() -> None:
    host = host_with_files()
    assert host.send(0x3D, WRITE_32 + bytes(8))[1] == 0xAF
    assert host.send(0x6E)[1] == 0xCA  # another command in the middle
    assert host.send(0xAF, bytes(24))[1] == 0x1C  # and then nothing is awaited any more
    assert host.send(0x60)[1] == 0xAF
    assert host.send(0x5A, APP)[1] == 0xCA  # the version was read in part only
    assert host.send(0x5A, APP)[1] == 0


def test_an_error_undoes_the_transaction_but_not_what_is_in_a_standard_file() -> None:
    host = host_with_files()
    assert host.send(0x3D, WRITE_32 + b"\x11" * 32)[1] == 0
    assert host.send(0x3D, b"\x02" + WRITE_32[1:] + b"\x22" * 32)[1] == 0
    assert host.send(0x0C, b"\x03" + (5).to_bytes(4, "little"))[1] == 0
    assert host.send(0x6F, b"\x00")[1] == 0x7E
    assert host.send(0xC7)[1] == 0x0C  # there is nothing to commit
    assert (content(host, 1), content(host, 2)) == (b"\x11" * 32, bytes(32))
    assert host.send(0x6C, b"\x03") == ((10).to_bytes(4, "little"), 0)


def test_a_wrong_mac_ends_the_session_and_a_missing_right_does_not() -> None:
    host = host_with_files()
    assert host.send(0xCD, unhex("0400ffff100000"))[1] == 0  # nobody may read or write it
    assert host.authenticate(0xAA, 0, ZERO_AES) == 0
    assert host.command(0xF5, b"\x01")[1] == 0
    assert host.command(0xBD, unhex("04000000100000"), sent="plain")[1] == 0x9D
    # Still somebody: the card waits for the rest of a key that is to be changed, and sees that it is wrong.
    assert host.send(0xC4, b"\x00" + bytes(32))[1] == 0x1E
    assert host.send(0xC4, b"\x00" + bytes(32))[1] == 0xAE


@pytest.mark.parametrize(("how", "kept"), [(Tear.BEFORE, 0), (Tear.DURING, 16), (Tear.AFTER, 32)], ids=str)
def test_a_write_into_a_standard_file_may_be_torn(how: Tear, kept: int, tmp_path: Path) -> None:
    host = host_with_files(path=tmp_path / "card.json")
    host.card.tear(b"\x90\x3d\x00\x00\x27" + WRITE_32 + b"\x33" * 32 + b"\x00", how)
    assert content(host, 1) == b"\x33" * kept + bytes(32 - kept)
    assert open_card(tmp_path / "card.json").snapshot() == host.card.snapshot()


@pytest.mark.parametrize(("how", "value"), [(Tear.BEFORE, 10), (Tear.DURING, 10), (Tear.AFTER, 15)], ids=str)
def test_a_commit_is_done_or_not(how: Tear, value: int) -> None:
    host = host_with_files()
    assert host.send(0x3D, b"\x02" + WRITE_32[1:] + b"\x44" * 32)[1] == 0
    assert host.send(0x0C, b"\x03" + (5).to_bytes(4, "little"))[1] == 0
    host.card.tear(unhex("90c7000000"), how)
    assert host.send(0x5A, APP)[1] == 0
    assert host.send(0x6C, b"\x03") == (value.to_bytes(4, "little"), 0)
    assert content(host, 2) == (b"\x44" * 32 if how is Tear.AFTER else bytes(32))


def test_a_change_of_a_key_is_never_done_by_half() -> None:
    for how in (Tear.BEFORE, Tear.DURING):
        host = host_with_files()
        assert host.authenticate(0xAA, 0, ZERO_AES) == 0
        before = host.card.snapshot()
        host.card.tear(b"\x90\xc4\x00\x00\x21\x00" + bytes(32) + b"\x00", how)
        assert host.card.snapshot() == before
        host.send(0x5A, APP)
        assert host.authenticate(0xAA, 0, ZERO_AES) == 0


def test_power_ends_a_session_and_a_selection() -> None:
    host = host_with_files()
    assert host.authenticate(0xAA, 0, ZERO_AES) == 0
    assert host.command(0x6F, sent=MACED)[1] == 0
    host.card.power_off()
    host.card.reset()
    assert host.send(0x6F)[1] == 0x1C
    assert host.send(0xBD, unhex("01000000000000"))[1] == 0x1C


def test_what_is_drawn_comes_from_the_randomness_that_it_was_given() -> None:
    template = VirtualDesfire.new(EV2, uid=UID)
    counted: list[int] = []

    def draw(length: int) -> bytes:
        counted.append(length)
        return bytes(length)

    host = Host(VirtualDesfire(template.memory, random=draw))
    assert host.send(0x1A, b"\x00")[1] == 0xAF
    assert counted == [8]
