"""What the card keeps on the disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from station.chip.virtual_card import VirtualCard, store
from station.chip.virtual_card.memory import CAPACITY
from station.domain.errors import ChipError
from tests.helpers.chip import UID, Direct, run_encode


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
