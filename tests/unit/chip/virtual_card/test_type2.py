"""Ultralight and NTAG21x behind a reader: pages, lock bits, password, and commands passed through."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.chip.virtual_card.card import VirtualCard
from station.chip.virtual_card.kinds import open_card
from station.chip.virtual_card.type2 import KINDS, NTAG213, NTAG215, NTAG216, ULTRALIGHT, VirtualType2
from tests.helpers.chip import unhex

UID = unhex("04A1B2C3D4E580")
NTAGS = (NTAG213, NTAG215, NTAG216)


@pytest.fixture
def tag() -> VirtualType2:
    return VirtualType2.new(NTAG213, uid=UID)


def talk(card: VirtualCard, *apdus: str) -> list[str]:
    return [card.transmit(unhex(apdu)).hex() for apdu in apdus]


def through(card: VirtualCard, command: str) -> str:
    """Pass a command through a PN532; return what the chip said."""
    length = len(command) // 2
    answer = talk(card, f"ff000000{length + 2:02x}d442{command}")[0]
    assert answer.endswith("9000")
    return answer[6:-4] if answer.startswith("d54300") else ""


@pytest.mark.parametrize("kind", KINDS)
def test_the_first_pages(kind: str) -> None:
    tag = VirtualType2.new(kind, uid=UID)
    assert tag.atr.hex() == "3b8f8001804f0ca0000003060300030000000068"
    assert talk(tag, "ffca000000") == ["04a1b2c3d4e5809000"]
    # UID with its check bytes of both cascade levels (ISO 14443-3), lock bytes, capability container.
    page0 = talk(tag, "ffb0000010")[0]
    assert page0.startswith(
        "04a1b2" + f"{0x88 ^ 0x04 ^ 0xA1 ^ 0xB2:02x}" + "c3d4e580" + f"{0xC3 ^ 0xD4 ^ 0xE5 ^ 0x80:02x}"
    )
    assert page0[20:24] == "0000"


@pytest.mark.parametrize(
    ("kind", "container", "bytes_"), [(NTAG213, 0x12, 144), (NTAG215, 0x3E, 496), (NTAG216, 0x6D, 872)]
)
def test_the_capability_container_tells_the_size(kind: str, container: int, bytes_: int) -> None:
    tag = VirtualType2.new(kind)
    assert talk(tag, "ffb0000304") == [f"e110{container:02x}009000"]
    assert container * 8 == bytes_


@pytest.mark.parametrize(("kind", "code"), [(NTAG213, "0f"), (NTAG215, "11"), (NTAG216, "13")])
def test_get_version_both_ways_through(kind: str, code: str) -> None:
    tag = VirtualType2.new(kind)
    version = f"000404020100{code}03"
    assert through(tag, "60") == version
    assert talk(tag, "ffc2000103950160") == ["c003009000" + "920100" + "96020000" + "9708" + version + "9000"]


def test_an_ultralight_has_no_version() -> None:
    tag = VirtualType2.new(ULTRALIGHT)
    assert through(tag, "60") == ""
    assert talk(tag, "ffc2000103950160") == ["c0030164019000"]


def test_pages_are_written_and_read(tag: VirtualType2) -> None:
    assert talk(tag, "ffd600040403010203", "ffb0000404") == ["9000", "030102039000"]
    assert through(tag, "a20500112233") == "0a"
    assert through(tag, "3004")[:16] == "0301020300112233"
    assert through(tag, "3a0405") == "0301020300112233"


def test_reading_past_the_end_begins_again(tag: VirtualType2) -> None:
    assert talk(tag, "ffb0002c10")[0][8:16] == "04a1b219"[:6] + f"{0x88 ^ 0x04 ^ 0xA1 ^ 0xB2:02x}"
    assert talk(tag, "ffb0002d10") == ["6a82"]
    assert through(tag, "302d") == ""
    assert through(tag, "3a2c2d") == ""


@pytest.mark.parametrize(
    ("apdu", "answer"),
    [
        ("ffd600000400000000", "6300"),
        ("ffd600010400000000", "6300"),
        ("ffd6002d0400000000", "6300"),
        ("ffd6000403000000", "6700"),
        ("ffb0000411", "6c10"),
        ("ff00000003d44a01", "6a81"),
        ("ffc200010160", "6700"),
        ("ff82000006ffffffffffff", "6a81"),
        ("00a4040000", "6e00"),
        ("ff", "6700"),
    ],
)
def test_refusals(tag: VirtualType2, apdu: str, answer: str) -> None:
    assert talk(tag, apdu) == [answer]


def test_lock_bits_go_on_and_never_off(tag: VirtualType2) -> None:
    assert talk(tag, "ffd60002040000" + "1001") == ["9000"]  # pages 4 and 8
    assert talk(tag, "ffd600040401020304", "ffd600080401020304", "ffd600050401020304") == ["6300", "6300", "9000"]
    assert talk(tag, "ffd60002040000" + "0000", "ffb0000204") == ["9000", UIDCHECK + "4810019000"]


UIDCHECK = f"{0xC3 ^ 0xD4 ^ 0xE5 ^ 0x80:02x}"


def test_lock_bits_can_be_frozen(tag: VirtualType2) -> None:
    talk(tag, "ffd60002040000" + "0200")  # pages 4 to 9: their lock bits stay as they are
    talk(tag, "ffd60002040000" + "f0ff")
    assert talk(tag, "ffd600040401020304", "ffd6000a0401020304") == ["9000", "6300"]


def test_capability_bits_go_on_and_never_off() -> None:
    tag = VirtualType2.new(ULTRALIGHT, uid=UID)
    assert talk(tag, "ffd6000304e1100600", "ffd60003040f000000", "ffb0000304") == ["9000", "9000", "ef1006009000"]
    talk(tag, "ffd60002040000" + "0800")
    assert talk(tag, "ffd60003040f00ff00") == ["6300"]


@pytest.mark.parametrize(("kind", "lock_page", "page"), [(NTAG213, 0x28, 16), (NTAG215, 0x82, 16), (NTAG216, 0xE2, 16)])
def test_dynamic_lock_bits(kind: str, lock_page: int, page: int) -> None:
    tag = VirtualType2.new(kind)
    assert talk(tag, f"ffb000{lock_page:02x}04") == ["000000bd9000"]
    assert talk(tag, f"ffd600{lock_page:02x}0401000000") == ["9000"]
    last = page + (2 if kind == NTAG213 else 16)
    written = talk(tag, *(f"ffd600{each:02x}0401020304" for each in (page, last - 1, last)))
    assert written == ["6300", "6300", "9000"]
    assert talk(tag, f"ffb000{lock_page:02x}04") == ["010000bd9000"]


def test_a_password_protects_what_lies_behind_it(tag: VirtualType2) -> None:
    talk(tag, "ffd6002b0411223344", "ffd6002c04aabb0000", "ffd600290404000010", "ffb0002b08")
    assert talk(tag, "ffd600100401020304", "ffd6000f0401020304") == ["6300", "9000"]
    assert talk(tag, "ffb0001004") == ["000000009000"]  # reading is free
    assert through(tag, "1b00000000") == ""
    assert through(tag, "1b11223344") == "aabb"
    assert talk(tag, "ffd600100401020304") == ["9000"]
    assert talk(tag, "ffd6002a0480050000") == ["9000"]  # now reading, too
    tag.reset()
    assert talk(tag, "ffb0001004") == ["6a82"]
    assert talk(tag, "ffb0000f10")[0][8:32] == "00" * 12
    assert through(tag, "3a0f10") == ""


def test_the_password_is_never_shown(tag: VirtualType2) -> None:
    talk(tag, "ffd6002b0411223344")
    assert talk(tag, "ffb0002b08") == ["00" * 8 + "9000"]
    assert "11223344" not in through(tag, "3a002c")


def test_the_configuration_can_be_locked(tag: VirtualType2) -> None:
    assert talk(tag, "ffd6002a0440050000", "ffd600290404000000", "ffd6002a0400050000") == ["9000", "6300", "6300"]


def test_the_file(tmp_path: Path, tag: VirtualType2) -> None:
    path = tmp_path / "tag.card"
    kept = VirtualType2.new(NTAG216, uid=UID, path=path)
    talk(kept, "ffd600040403010203")
    again = open_card(path)
    assert isinstance(again, VirtualType2)
    assert (again.kind, again.memory, again.uid) == (NTAG216, kept.memory, UID)


def test_no_tag_of_another_size() -> None:
    with pytest.raises(ValueError, match="45 pages"):
        VirtualType2(NTAG213, bytes(64))
    with pytest.raises(ValueError, match="7 bytes"):
        VirtualType2.new(NTAG213, uid=bytes(4))


@given(kind=st.sampled_from(KINDS), commands=st.lists(st.binary(max_size=20), max_size=10))
def test_no_bytes_break_it(kind: str, commands: list[bytes]) -> None:
    tag = VirtualType2.new(kind)
    for command in commands:
        assert len(tag.transmit(command)) >= 2
        assert len(tag.transmit(b"\xff\x00\x00\x00" + bytes([len(command) + 2]) + b"\xd4\x42" + command)) >= 2
