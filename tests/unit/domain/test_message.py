"""A text as data."""

from __future__ import annotations

from station.domain.errors import LayoutError
from station.domain.message import Message


def test_a_message_is_filled_where_it_is_shown() -> None:
    message = Message("{n} cards wait for {who}", {"n": 3, "who": "the router"})
    assert message.english() == str(message) == "3 cards wait for the router"


def test_a_place_without_a_value_stays_readable() -> None:
    assert Message("{n} cards wait").english() == "(n) cards wait"


def test_a_message_can_be_the_detail_of_an_error() -> None:
    error = LayoutError(file="f", place="p", detail=Message("there is no field {field}", {"field": "x"}))
    assert "f has a mistake at p: there is no field x" in str(error)
