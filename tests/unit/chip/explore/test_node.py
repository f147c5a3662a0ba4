"""The tree itself: JSON in any language, lines of data, and refusals that become words."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.chip.explore.node import CLOSED, UNABLE, UNREADABLE, Node, asked, hex_lines, tried
from station.domain.errors import (
    CardRemovedError,
    ChipError,
    ChipKeyError,
    ChipRefusedError,
    ReaderError,
    ReaderUnableError,
    StationError,
)
from station.domain.message import Message
from station.i18n import Translator


def failing(error: StationError) -> str:
    raise error


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (ChipRefusedError(sw=0x919D), CLOSED),
        (ChipKeyError(), CLOSED),
        (ReaderUnableError(command="Read Binary"), UNABLE),
        (ChipError(), UNREADABLE),
    ],
)
def test_a_refusal_becomes_a_word(error: StationError, word: Message) -> None:
    assert tried(lambda: failing(error)) == word
    assert asked(Message("Size"), lambda: failing(error)) == Node(Message("Size"), word)


@pytest.mark.parametrize("error", [CardRemovedError(), ReaderError()])
def test_a_card_or_a_reader_that_is_gone_is_no_refusal(error: StationError) -> None:
    with pytest.raises(type(error)):
        tried(lambda: failing(error))


def test_what_is_there_is_returned() -> None:
    assert tried(lambda: 5) == 5
    assert asked(Message("Size"), lambda: "16") == Node(Message("Size"), "16")


def test_json_leaves_out_what_is_empty_and_speaks_the_language_asked_for() -> None:
    tree = Node(Message("Card"), "DESFire", (), (Node(Message("Content"), CLOSED, ("00 01",)),))
    assert tree.as_json() == {
        "name": "Card",
        "value": "DESFire",
        "children": [{"name": "Content", "value": "closed", "details": ["00 01"]}],
    }
    latvian = json.loads(json.dumps(tree.as_json(Translator("lv").message)))
    assert (latvian["name"], latvian["children"][0]["value"]) == ("Karte", "slēgts")


@given(st.binary(max_size=100))
def test_lines_of_data_hold_all_of_it(data: bytes) -> None:
    lines = hex_lines(data)
    assert bytes.fromhex(" ".join(lines)) == data
    assert all(len(line) <= 47 for line in lines)
