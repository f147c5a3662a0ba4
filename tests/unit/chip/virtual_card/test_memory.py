"""What the card keeps on the disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from station.chip.virtual_card import VirtualCard, VirtualDesfire, store
from station.chip.virtual_card.memory import CAPACITY
from station.domain.errors import ChipError
from tests.helpers.card_host import APP, Host
from tests.helpers.chip import ESC_AID, ESCN, UID, Direct, run_encode, unhex

FIRST_FORMAT = Path(__file__).resolve().parents[3] / "fixtures" / "cards" / "format-1.card"


def test_everything_survives_the_disk(tmp_path: Path) -> None:
    path = tmp_path / "card.json"
    card = VirtualCard.blank(UID, path=path)
    run_encode(Direct(card))
    assert store.load(path) == card.memory
    assert VirtualCard.open(path).memory == card.memory
    assert [each.name for each in tmp_path.iterdir()] == ["card.json"]


def test_a_card_without_a_file_is_made(tmp_path: Path) -> None:
    made = VirtualCard.open(tmp_path / "card.json")
    assert len(made.uid) == 7
    assert made.uid[0] == 0x04
    assert VirtualCard.open(tmp_path / "card.json").uid == made.uid


def test_two_blank_cards_are_two(tmp_path: Path) -> None:
    assert VirtualCard.blank().uid != VirtualCard.blank().uid
    with pytest.raises(ValueError, match="7 bytes"):
        VirtualCard.blank(b"\x04")


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"format": 1}', '{"format": 99}', "\x00"])
def test_a_damaged_file_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "card.json"
    path.write_text(text, "utf-8")
    with pytest.raises(ChipError) as caught:
        VirtualCard.open(path)
    assert "card.json" in str(caught.value)


def test_a_file_of_another_format_is_named(tmp_path: Path) -> None:
    path = tmp_path / "card.json"
    VirtualCard.blank(UID, path=path)
    path.write_text(path.read_text("utf-8").replace('"format": 2', '"format": 3'), "utf-8")
    with pytest.raises(ChipError, match="damaged"):
        VirtualCard.open(path)


def test_memory_is_used_up() -> None:
    card = VirtualCard.blank(UID)
    assert card.memory.free == CAPACITY
    run_encode(Direct(card))
    assert 0 < card.memory.free < CAPACITY


def test_a_copy_is_independent() -> None:
    card = VirtualCard.blank(UID)
    before = card.memory.copy()
    run_encode(Direct(card))
    assert before == VirtualCard.blank(UID).memory != card.memory


def test_a_card_of_the_first_format_is_still_one() -> None:
    """The file was written before there were other chips: an EV1 that the demo had encoded."""
    card = VirtualCard.open(FIRST_FORMAT)
    assert isinstance(card, VirtualDesfire)
    memory = card.memory
    assert (memory.model.generation, memory.model.kilobytes, card.uid) == ("EV1", 8, UID)
    number = memory.applications[ESC_AID].files[0]
    assert (number.kind, number.rights, bytes(number.content).hex()) == (0, 0xE000, ESCN.replace("-", ""))
    assert [key.version for key in memory.applications[ESC_AID].keys] == [1, 1, 1]
    assert store.desfire_memory(card.snapshot()) == memory
    assert card.transmit(unhex("905a0000034088f500")) == unhex("9100")
    assert card.transmit(unhex("90bd000007000000000000000000")[:13]) == number.content + unhex("9100")


def test_what_files_cost() -> None:
    host = Host(VirtualDesfire.new("EV2", uid=UID))
    card = host.card.memory
    assert host.send(0xCA, APP + b"\x0f\x81")[1] == 0
    host.send(0x5A, APP)
    for ins, data, cost in (
        (0xCD, "0100eeee210000", 64),
        (0xCB, "0200eeee210000", 128),
        (0xCC, "0300eeee" + "00" * 13, 32),
        (0xC1, "0400eeee" + "0b0000030000", 64),
        (0xC0, "0500eeee" + "200000030000", 96),
    ):
        before = card.free
        assert host.send(ins, unhex(data))[1] == 0
        assert before - card.free == cost
    before = card.free
    assert host.send(0xDF, b"\x02")[1] == 0
    assert card.free == before
    assert store.desfire_memory(host.card.snapshot()) == card
    assert host.send(0xCD, unhex("0600eeee") + (card.free + 1).to_bytes(3, "little"))[1] == 0x0E
    assert host.send(0xCD, unhex("0600eeee") + card.free.to_bytes(3, "little"))[1] == 0
    assert host.send(0x6E) == (bytes(3), 0)
