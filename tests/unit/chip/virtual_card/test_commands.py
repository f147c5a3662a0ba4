"""Which card knows which command; and that the card is not the encoder run backwards."""

from __future__ import annotations

import ast
from pathlib import Path

import station.chip.virtual_card as package
from station.chip.virtual_card.commands import COMMANDS
from station.chip.virtual_card.models import EV1, EV2, EV3, LIGHT

ALLOWED = ("station.chip.virtual_card", "station.domain.errors")


def test_later_cards_know_more() -> None:
    assert set(COMMANDS[EV1]) < set(COMMANDS[EV2]) == set(COMMANDS[EV3])
    assert set(COMMANDS[EV2]) - set(COMMANDS[EV1]) >= {0x71, 0x77, 0x8D, 0xAD, 0xC6, 0xC8, 0xCE, 0xF0, 0xF2, 0xFD}
    assert {0x0A, 0x1A, 0xAA, 0xCA, 0xCD, 0x5A, 0xFC}.isdisjoint(COMMANDS[LIGHT])


def test_the_card_shares_no_code_with_the_host() -> None:
    files = sorted(Path(package.__file__).parent.glob("*.py"))
    assert len(files) > 20
    for file in files:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("station"):
                assert node.level == 0
                assert str(node.module).startswith(ALLOWED), f"{file.name} imports {node.module}"
            elif isinstance(node, ast.Import):
                assert not any(each.name.startswith("station") for each in node.names), file.name
