"""What the card keeps, and how much room there is for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from station.chip.virtual_card import store
from station.chip.virtual_card.desfire import VirtualDesfire
from station.chip.virtual_card.kinds import blank_card, open_card
from station.chip.virtual_card.memory import CAPACITY
from tests.helpers.card_host import APP, Host
from tests.helpers.chip import UID, Direct, run_encode, unhex


def test_a_card_without_a_file_is_made(tmp_path: Path) -> None:
    made = open_card(tmp_path / "card.json")
    assert len(made.uid) == 7
    assert made.uid[0] == 0x04
    assert open_card(tmp_path / "card.json").uid == made.uid


def test_two_blank_cards_are_two(tmp_path: Path) -> None:
    assert blank_card().uid != blank_card().uid
    with pytest.raises(ValueError, match="7 bytes"):
        blank_card(b"\x04")


def test_memory_is_used_up() -> None:
    card = blank_card(UID)
    assert card.memory.free == CAPACITY
    run_encode(Direct(card))
    assert 0 < card.memory.free < CAPACITY


def test_a_copy_is_independent() -> None:
    card = blank_card(UID)
    before = card.memory.copy()
    run_encode(Direct(card))
    assert before == blank_card(UID).memory != card.memory


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
