"""A MIFARE Classic behind a reader: keys, access bits, and what they allow (MF1S50, MF1S70; PC/SC part 3)."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.chip.virtual_card.card import VirtualCard
from station.chip.virtual_card.classic import VirtualClassic
from station.chip.virtual_card.kinds import open_card
from tests.helpers.chip import unhex

UID = unhex("DEADBEEF")
TRANSPORT = "ffffffffffff"
DATA = "00112233445566778899aabbccddeeff"


@pytest.fixture
def card() -> VirtualClassic:
    return VirtualClassic.new(1, uid=UID)


def talk(card: VirtualCard, *apdus: str) -> list[str]:
    return [card.transmit(unhex(apdu)).hex() for apdu in apdus]


def login(card: VirtualCard, block: int, key: str = TRANSPORT, kind: str = "60") -> str:
    return talk(card, f"ff82000006{key}", f"ff860000050100{block:02x}{kind}00")[-1]


def bits(data: int, trailer: int) -> str:
    """Access bits: ``data`` (C1 C2 C3) for the three data blocks, ``trailer`` for the last."""
    ones = [0b111 * (data >> 2 - i & 1) | (trailer >> 2 - i & 1) << 3 for i in range(3)]
    c1, c2, c3 = ones
    return bytes([(c2 ^ 15) << 4 | c1 ^ 15, c1 << 4 | c3 ^ 15, c3 << 4 | c2]).hex()


@pytest.mark.parametrize(("kilobytes", "atr"), [(1, "0001"), (4, "0002")])
def test_what_the_reader_says(kilobytes: int, atr: str) -> None:
    card = VirtualClassic.new(kilobytes, uid=UID)
    assert card.atr.hex() == "3b8f8001804f0ca000000306" + "03" + atr + "00000000" + ("6a" if kilobytes == 1 else "69")
    assert talk(card, "ffca000000") == ["deadbeef9000"]
    assert talk(card, "ffca010000") == ["6a81"]
    assert card.uid == UID


def test_a_drawn_uid_is_taken_for_no_other_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    """08 would be a random UID, 88 the beginning of a longer one (ISO 14443-3, 6.5.4)."""
    for first in range(256):
        monkeypatch.setattr("os.urandom", lambda count, first=first: bytes((first,)) * count)
        uid = VirtualClassic.new().uid
        assert (len(uid), uid[0] & 0x08) == (4, 0)


def test_a_new_card_opens_with_the_transport_key(card: VirtualClassic) -> None:
    assert talk(card, "ffb0000410") == ["6982"]
    assert login(card, 4) == "9000"
    assert talk(card, f"ffd6000410{DATA}", "ffb0000410", "ffb0000420") == [
        "9000",
        DATA + "9000",
        DATA + "00" * 16 + "9000",
    ]
    # Another sector is closed until its own key was shown.
    assert talk(card, "ffb0000810") == ["6982"]
    assert login(card, 8) == "9000"
    assert talk(card, "ffb0000810", "ffb0000410") == ["00" * 16 + "9000", "6982"]


def test_keys_are_never_read(card: VirtualClassic) -> None:
    assert login(card, 3) == "9000"
    # Key B may be read in transport configuration, and so is data, not a key.
    assert talk(card, "ffb0000310") == ["000000000000" + "ff078069" + "ffffffffffff" + "9000"]


def test_the_manufacturer_block_stays(card: VirtualClassic) -> None:
    login(card, 0)
    assert talk(card, f"ffd6000010{DATA}") == ["6982"]
    assert talk(card, "ffb0000010")[0].startswith("deadbeef22")  # BCC: the XOR of the four


def test_a_wrong_key_closes_what_was_open(card: VirtualClassic) -> None:
    assert login(card, 4) == "9000"
    assert login(card, 4, "000000000000") == "6300"
    assert talk(card, "ffb0000410") == ["6982"]


@pytest.mark.parametrize(
    ("apdu", "answer"),
    [
        ("ff82000005ffffffffff", "6989"),
        ("ff82000206ffffffffffff", "6988"),
        ("ff860000050100046001", "6988"),
        ("ff860000050100046200", "6981"),
        ("ff860000050100406000", "6a82"),
        ("ff8600000401000460", "6700"),
        ("ffb0000404", "6c10"),
        ("ffb0004010", "6a82"),
        ("ffd6000404" + "00" * 4, "6700"),
        ("ffd6004010" + "00" * 16, "6a82"),
        ("00a4040000", "6e00"),
        ("9060000000", "6e00"),
        ("ff", "6700"),
    ],
)
def test_refusals(card: VirtualClassic, apdu: str, answer: str) -> None:
    login(card, 4)
    assert talk(card, apdu) == [answer]


def test_the_older_authentication(card: VirtualClassic) -> None:
    assert talk(card, f"ff82000106{TRANSPORT}", "ff8800046101", "ffb0000410")[1:] == ["9000", "6982"]
    # Key B opens nothing where it can be read; once it cannot, it does.
    login(card, 4)
    assert talk(card, "ffd6000710" + TRANSPORT + bits(0b000, 0b011) + "69" + TRANSPORT) == ["9000"]
    assert talk(card, "ff8800046101", "ffb0000410") == ["9000", "00" * 16 + "9000"]


@pytest.mark.parametrize(
    ("condition", "a", "b"),
    [
        (0b000, "rw", "rw"),
        (0b010, "r", "r"),
        (0b100, "r", "rw"),
        (0b110, "r", "rw"),
        (0b001, "r", "r"),
        (0b011, "", "rw"),
        (0b101, "", "r"),
        (0b111, "", ""),
    ],
)
def test_access_bits_of_data_blocks(card: VirtualClassic, condition: int, a: str, b: str) -> None:
    login(card, 4)
    assert talk(card, "ffd6000710" + "a0a1a2a3a4a5" + bits(condition, 0b011) + "69" + "b0b1b2b3b4b5") == ["9000"]
    for kind, key, allowed in (("60", "a0a1a2a3a4a5", a), ("61", "b0b1b2b3b4b5", b)):
        assert login(card, 4, key, kind) == "9000"
        read, written = talk(card, "ffb0000410", f"ffd6000410{DATA}")
        assert (read[-4:] == "9000", written == "9000") == ("r" in allowed, "w" in allowed)


@pytest.mark.parametrize("condition", range(8))
def test_what_may_change_in_a_trailer(card: VirtualClassic, condition: int) -> None:
    login(card, 4)
    talk(card, "ffd6000710" + "a0a1a2a3a4a5" + bits(0b000, condition) + "69" + "b0b1b2b3b4b5")
    login(card, 4, "a0a1a2a3a4a5")
    new = "c0c1c2c3c4c5" + bits(0b000, condition) + "42" + "d0d1d2d3d4d5"
    changed = talk(card, f"ffd6000710{new}") == ["9000"]
    # With key A, only the configurations 000 and 001 let anything be written (MF1S50, table 7).
    assert changed is (condition in (0b000, 0b001))
    assert (login(card, 4, "c0c1c2c3c4c5") == "9000") is changed
    shown = talk(card, "ffb0000710")[0]
    if changed:
        assert shown[20:32] == "d0d1d2d3d4d5"
        assert shown[18:20] == ("42" if condition == 0b001 else "69")


def test_access_bits_that_contradict_themselves_lose_the_sector(card: VirtualClassic) -> None:
    login(card, 4)
    assert talk(card, "ffd6000710" + TRANSPORT + "00000069" + TRANSPORT) == ["9000"]
    assert login(card, 4) == "9000"
    assert talk(card, "ffb0000410", f"ffd6000710{TRANSPORT}ff078069{TRANSPORT}") == ["6982", "6982"]


def test_big_sectors_of_a_4k() -> None:
    card = VirtualClassic.new(4, uid=UID)
    assert login(card, 128) == "9000"
    assert talk(card, "ffb0008f10", "ffb0008e10") == ["00" * 6 + "ff078069" + "ff" * 6 + "9000", "00" * 16 + "9000"]
    assert talk(card, "ffb0009010") == ["6982"]
    # Blocks 0 to 4 of a big sector share their bits, then 5 to 9, then 10 to 14.
    low = bytes([(0 ^ 15) << 4 | (1 ^ 15), 1 << 4 | 15, 0])
    assert talk(card, "ffd6008f10" + TRANSPORT + low.hex() + "69" + TRANSPORT) == ["9000"]
    login(card, 128)
    written = talk(card, *(f"ffd600{block:02x}10{DATA}" for block in (128, 132, 133, 142)))
    assert written == ["6982", "6982", "9000", "9000"]


def test_the_file_and_the_power(tmp_path: Path) -> None:
    path = tmp_path / "classic.card"
    card = VirtualClassic.new(1, uid=UID, path=path)
    login(card, 4)
    talk(card, f"ffd6000410{DATA}")
    card.reset()
    assert talk(card, "ffb0000410") == ["6982"]
    # The key slots are the reader's.
    assert talk(card, "ff860000050100046000", "ffb0000410")[1] == DATA + "9000"
    again = open_card(path)
    assert isinstance(again, VirtualClassic)
    assert again.memory == card.memory


def test_no_card_of_another_size() -> None:
    with pytest.raises(ValueError, match="64 or 256"):
        VirtualClassic(bytes(1000))
    with pytest.raises(ValueError, match="4 bytes"):
        VirtualClassic.new(1, uid=bytes(7))


@given(st.lists(st.binary(max_size=30) | st.binary(max_size=24).map(lambda b: b"\xff\xd6\x00" + b), max_size=12))
def test_no_bytes_break_it(commands: list[bytes]) -> None:
    card = VirtualClassic.new(1)
    login(card, 4)
    for command in commands:
        assert len(card.transmit(command)) >= 2
