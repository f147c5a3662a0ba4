"""Tables that are read into dataclasses: what each kind of value takes, and where a misfit is said to be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.domain.message import Message
from station.domain.tables import MisfitError, between, read_table, seconds, shaped, stripped


class Colour(StrEnum):
    """Two of them."""

    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True, kw_only=True)
class Lamp:
    """A part within a whole."""

    colour: Colour = Colour.RED
    watts: Annotated[int, between(1, 60)] | None = None


@dataclass(frozen=True, kw_only=True)
class Room:
    """One field of every kind."""

    name: Annotated[str, stripped(1, 10), shaped(r"[A-Z].*", "begin with a capital letter")]
    language: Literal["lv", "en"] = "lv"
    version: Literal[1] = 1
    open: bool = True
    doors: int = 1
    height_m: float = 2.5
    wait_s: Annotated[float, seconds(60)] = 1.0
    rest_s: Annotated[float, between(0, 60)] = 0.0
    plan: Path | None = None
    lamp: Lamp = Lamp()
    lamps: tuple[Lamp, ...] = ()
    words: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.doors == 0 and self.open:
            raise ValueError("a room without a door is not open")


def test_every_kind_of_value_is_read() -> None:
    told = {
        "name": "  Hall ", "language": "en", "version": 1, "open": False, "doors": 2, "height_m": 3, "wait_s": 60,
        "rest_s": 0, "plan": "hall.svg", "lamp": {"colour": "blue"}, "lamps": [{"watts": 1}, {}], "words": {"a": "b"},
    }  # fmt: skip
    read = read_table(Room, told)
    assert read == Room(
        name="Hall", language="en", open=False, doors=2, height_m=3.0, wait_s=60.0, plan=Path("hall.svg"),
        lamp=Lamp(colour=Colour.BLUE), lamps=(Lamp(watts=1), Lamp()), words={"a": "b"},
    )  # fmt: skip
    assert isinstance(read.height_m, float)
    assert read.lamp.colour is Colour.BLUE


def test_what_is_read_already_is_taken() -> None:
    lamp = Lamp(colour=Colour.BLUE)
    read = read_table(Room, {"name": "Hall", "lamp": lamp, "lamps": (lamp,), "plan": Path("x"), "words": {}})
    assert read.lamp is lamp
    assert read_table(Room, read) is read
    assert read_table(Room, {"name": "Hall", "plan": None}).plan is None
    assert read_table(Lamp, {"colour": Colour.BLUE}) == lamp


@pytest.mark.parametrize(
    ("told", "location", "why"),
    [
        ([], (), "a table"),
        ({}, ("name",), "missing"),
        ({"name": ""}, ("name",), "1 to 10 characters"),
        ({"name": " " * 20}, ("name",), "1 to 10 characters"),
        ({"name": "A" * 11}, ("name",), "1 to 10 characters"),
        ({"name": "hall"}, ("name",), "capital"),
        ({"name": "Hall\nb"}, ("name",), "capital"),
        ({"name": 5}, ("name",), "quotation marks"),
        ({"name": None}, ("name",), "quotation marks"),
        ({"language": "de"}, ("language",), "lv, en"),
        ({"language": ["lv"]}, ("language",), "lv, en"),
        ({"version": 2}, ("version",), "one of these: 1"),
        ({"version": True}, ("version",), "one of these: 1"),
        ({"version": 1.0}, ("version",), "one of these: 1"),
        ({"open": 1}, ("open",), "true or false"),
        ({"open": "true"}, ("open",), "true or false"),
        ({"doors": "1"}, ("doors",), "whole number"),
        ({"doors": 1.0}, ("doors",), "whole number"),
        ({"doors": True}, ("doors",), "whole number"),
        ({"height_m": "2"}, ("height_m",), "must be a number"),
        ({"height_m": True}, ("height_m",), "must be a number"),
        ({"wait_s": 0}, ("wait_s",), "more than 0 and at most 60"),
        ({"wait_s": 60.5}, ("wait_s",), "more than 0 and at most 60"),
        ({"wait_s": float("nan")}, ("wait_s",), "more than 0 and at most 60"),
        ({"rest_s": -1}, ("rest_s",), "from 0 to 60"),
        ({"rest_s": float("nan")}, ("rest_s",), "from 0 to 60"),
        ({"plan": 1}, ("plan",), "quotation marks"),
        ({"lamp": "red"}, ("lamp",), "a table"),
        ({"lamp": {"colour": "green"}}, ("lamp", "colour"), "red, blue"),
        ({"lamp": {"watts": 61}}, ("lamp", "watts"), "from 1 to 60"),
        ({"lamps": {}}, ("lamps",), "a list"),
        ({"lamps": "red"}, ("lamps",), "a list"),
        ({"lamps": [{}, {"watts": 0}]}, ("lamps", 1, "watts"), "from 1 to 60"),
        ({"lamps": [{"volts": 1}]}, ("lamps", 0, "volts"), "misspelt"),
        ({"words": []}, ("words",), "a table"),
        ({"words": {"a": 1}}, ("words", "a"), "quotation marks"),
        ({"words": {1: "a"}}, ("words",), "quotation marks"),
        ({"door": 1}, ("door",), "misspelt"),
        ({"doors": 0}, (), "without a door"),
    ],
)
def test_a_misfit_is_said_with_its_place(told: Any, location: tuple[str | int, ...], why: str) -> None:
    whole = {"name": "Hall"} | told if told and "name" not in told else told
    with pytest.raises(MisfitError, match=why) as refused:
        read_table(Room, whole)
    assert refused.value.location == location


def test_a_misspelt_key_is_told_before_the_one_that_is_missing_for_it() -> None:
    with pytest.raises(MisfitError, match="misspelt"):
        read_table(Room, {"nam": "Hall"})


def test_numbers_in_a_message_are_left_to_who_shows_it() -> None:
    with pytest.raises(MisfitError) as refused:
        read_table(Lamp, {"watts": 99})
    assert isinstance(refused.value.why, Message)
    assert refused.value.why.params == {"least": 1, "most": 60}


@pytest.mark.parametrize(
    ("check", "good", "bad"),
    [
        (between(1, 3), (1, 3), (0, 4)),
        (seconds(3), (0.1, 3), (0, 3.1, -1)),
        (between(0, 3), (0, 3), (-0.1, 3.1, float("nan"))),
        (shaped("a+", "no"), ("a", "aa"), ("", "b", "aab", "a\n")),
    ],
)
def test_checks(check: Callable[[Any], Any], good: tuple[Any, ...], bad: tuple[Any, ...]) -> None:
    assert [check(value) for value in good] == list(good)
    for value in bad:
        with pytest.raises(MisfitError):
            check(value)


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)
KEYS = st.sampled_from(["name", "language", "open", "doors", "height_m", "wait_s", "plan", "lamp", "lamps", "words"])


@given(st.dictionaries(KEYS, plain))
def test_anything_is_read_or_refused_at_one_place(told: dict[str, Any]) -> None:
    places = {*told, "name"}
    try:
        read = read_table(Room, told)
    except MisfitError as error:
        refused = error.location[:1]
    else:
        refused = ()
        assert read == read_table(Room, told)
    assert places.issuperset(refused)
