"""Cards without a DESFire inside: applications by ISO 7816-4 only, a UID that changes, an ATR that nobody knows."""

from __future__ import annotations

from pathlib import Path

import pytest

from station.chip.virtual_card.card import VirtualCard
from station.chip.virtual_card.iso_card import VirtualIsoCard, VirtualUnknown
from station.chip.virtual_card.kinds import open_card
from tests.helpers.chip import unhex

NAME = unhex("A00000061404F58840")
CERTIFICATE = bytes(index * 7 % 256 for index in range(616))
FILES = {0x1001: bytes(range(16)), 0x1002: bytes(71), 0x1003: CERTIFICATE}
BY_NAME = "00a4040009a00000061404f5884000"


@pytest.fixture
def card() -> VirtualIsoCard:
    return VirtualIsoCard({NAME: FILES}, uid=unhex("04A1B2C3D4E580"))


def talk(card: VirtualCard, *apdus: str) -> list[str]:
    return [card.transmit(unhex(apdu)).hex() for apdu in apdus]


def test_the_second_door(card: VirtualIsoCard) -> None:
    answers = talk(card, "ffca000000", BY_NAME, "00a40000021001", "00b0000000")
    assert answers == ["04a1b2c3d4e5809000", "6f0b8409a00000061404f588409000", "9000", FILES[0x1001].hex() + "9000"]


def test_a_long_file_comes_in_pieces(card: VirtualIsoCard) -> None:
    pieces = talk(card, BY_NAME, "00a4020c021003", "00b0000000", "00b0010000", "00b0020000", "00b0026800")[2:]
    assert [len(piece) // 2 - 2 for piece in pieces] == [256, 256, 104, 0]
    assert "".join(piece[:-4] for piece in pieces) == CERTIFICATE.hex()
    assert pieces[-1] == "6b00"


def test_an_extended_read_takes_all_at_once(card: VirtualIsoCard) -> None:
    assert talk(card, BY_NAME, "00a4020c021003", "00b00000000268")[-1] == CERTIFICATE.hex() + "9000"


@pytest.mark.parametrize(
    ("apdus", "answer"),
    [
        (["00a4040003a0000100"], "6a82"),
        (["00a40000021001"], "6a82"),
        ([BY_NAME, "00a40000021009"], "6a82"),
        ([BY_NAME, "00a4000001ff"], "6a86"),
        ([BY_NAME, "00a40300021001"], "6a86"),
        ([BY_NAME, "00b0000000"], "6986"),
        ([BY_NAME, "00a40000021001", "00b0810000"], "6a86"),
        ([BY_NAME, "00a40000021001", "00b00000"], "6700"),
        ([BY_NAME, "00a40000021001", "00b0000820"], "08090a0b0c0d0e0f6282"),
        ([BY_NAME, "00d6000001ff"], "6d00"),
        (["9060000000"], "6e00"),
        (["00"], "6700"),
    ],
)
def test_refusals(card: VirtualIsoCard, apdus: list[str], answer: str) -> None:
    assert talk(card, *apdus)[-1] == answer


def test_a_reset_forgets_the_selection(card: VirtualIsoCard) -> None:
    talk(card, BY_NAME, "00a40000021001")
    card.reset()
    assert talk(card, "00b0000000", "00a40000021001") == ["6986", "6a82"]


def test_a_uid_that_changes() -> None:
    drawn = iter((b"\x01\x02\x03", b"\x04\x05\x06"))
    card = VirtualIsoCard({}, random_id=True, random=lambda _: next(drawn))
    assert talk(card, "ffca000000", "ffca000000") == ["080102039000"] * 2
    card.reset()
    assert talk(card, "ffca000000") == ["080405069000"]


def test_nobody_knows_this_one() -> None:
    card = VirtualUnknown(unhex("3B8080010101"), uid=b"")
    assert card.atr == unhex("3B8080010101")
    assert talk(card, "ffca000000", "00a4040000", "9060000000", "00") == ["6a81", "6d00", "6d00", "6700"]
    card.reset()
    assert talk(VirtualUnknown(b"", uid=b"\x01\x02\x03\x04"), "ffca000000") == ["010203049000"]


def test_files(tmp_path: Path, card: VirtualIsoCard) -> None:
    kept = VirtualIsoCard({NAME: FILES}, random_id=True, path=tmp_path / "iso.card")
    kept.save()
    again = open_card(tmp_path / "iso.card")
    assert isinstance(again, VirtualIsoCard)
    assert again.snapshot() == kept.snapshot()
    unknown = VirtualUnknown(b"\x3b\x00", path=tmp_path / "unknown.card")
    unknown.save()
    assert open_card(tmp_path / "unknown.card").snapshot() == unknown.snapshot()
