"""Every call of the store is known by what it does, and survives being written down."""

from __future__ import annotations

import inspect
import typing
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from station.adapters.standby.calls import KINDS, Call, Kind, needs_portrait
from station.adapters.standby.packing import packed, unpacked
from station.adapters.standby.parts import Parts
from station.adapters.store import SqlStore
from station.domain.card import CardScheme
from station.domain.errors import StoreDamagedError
from station.domain.workflow import PortraitTaken
from station.ports.store import Change, Store
from tests.helpers.events import EXAMPLES
from tests.helpers.scribe import NOON, Scribe
from tests.helpers.stores import portrait


def methods(protocol: type) -> set[str]:
    return {name for name in vars(protocol) if not name.startswith("_") and callable(getattr(protocol, name))}


def test_every_call_of_every_part_says_what_it_does() -> None:
    parts = {name: get for name, get in vars(Store).items() if isinstance(get, property)}
    assert set(KINDS) == set(parts)
    for name, part in parts.items():
        assert part.fget is not None
        protocol = typing.get_type_hints(part.fget)["return"]
        assert set(KINDS[name]) == methods(protocol), name


def test_what_only_reads_is_not_noted_and_what_writes_is() -> None:
    # By what the port itself says: a call that returns nothing can only be there to write.
    for name, kinds in KINDS.items():
        protocol = typing.get_type_hints(getattr(Store, name).fget)["return"]
        for call, kind in kinds.items():
            returns = inspect.signature(getattr(protocol, call)).return_annotation
            assert (returns == "None") <= (kind in (Kind.WRITE, Kind.SHARED, Kind.OWN)), f"{name}.{call}"


def test_a_part_has_no_calls_but_those() -> None:
    class Told(Parts):
        def call(self, call: Call, named: dict[str, object]) -> object:
            return call, named

    parts = Told(typing.cast(SqlStore, object()))
    assert parts.cards.get("x") == (Call("cards", "get", ("x",)), {})
    assert parts.holders.search("x", limit=3) == (Call("holders", "search", ("x",)), {"limit": 3})
    with pytest.raises(AttributeError, match=r"cards\.burn"):
        parts.cards.burn()  # type: ignore[attr-defined]  # that is the point


@pytest.mark.parametrize("event", EXAMPLES, ids=lambda event: type(event).__name__)
def test_every_event_is_read_as_it_was_written(event: object) -> None:
    assert unpacked(packed((event,))) == (event,)


def test_a_change_with_everything_is_read_as_it_was_written() -> None:
    scribe = Scribe(typing.cast(Store, None))
    change = replace(
        scribe.change(next(scribe.events())), card=scribe.card(), outbox=scribe.outbox(), portrait=portrait("p1")
    )
    again = unpacked(packed((change, None, 7, [1.5, True], {"plain": ("x", date(2026, 9, 1))}, frozenset({"b", "a"}))))
    assert again == (change, None, 7, [1.5, True], {"plain": ("x", date(2026, 9, 1))}, frozenset({"b", "a"}))
    assert isinstance(again[0].issuance.scheme, CardScheme)
    assert again[0].entry.at == NOON
    assert unpacked(packed(datetime(2026, 9, 1, 3, 4, 5, 6, tzinfo=UTC))) == datetime(
        2026, 9, 1, 3, 4, 5, 6, tzinfo=UTC
    )


@pytest.mark.parametrize("data", [b"", b"{}", b'{"of": "Nobody", "said": {}}', b'{"tuple": 3}', b'{"enum": ["Act"]}'])
def test_anything_else_is_damage(data: bytes) -> None:
    with pytest.raises(StoreDamagedError):
        unpacked(data)


def test_what_no_call_carries_is_refused_at_once() -> None:
    with pytest.raises(TypeError, match="object"):
        packed((object(),))


def test_a_field_that_is_unknown_here_is_left_out() -> None:
    scribe = Scribe(typing.cast(Store, None))
    newer = packed(scribe.card()).replace(b'"said":{', b'"said":{"colour":"red",')
    assert unpacked(newer) == scribe.card()


def test_a_call_knows_whose_it_is_and_what_it_needs() -> None:
    scribe = Scribe(typing.cast(Store, None))
    began = scribe.change(next(scribe.events()))
    scribe.issuance = began.issuance
    taken: Change = scribe.change(PortraitTaken("p1"))
    assert Call("issuances", "record", (taken,)).subject == scribe.issuance.id
    assert needs_portrait(Call("issuances", "record", (taken,))) == "p1"
    assert needs_portrait(Call("issuances", "record", (replace(taken, portrait=portrait("p1")),))) == ""
    assert needs_portrait(Call("issuances", "record", (began,))) == ""
    assert Call("portraits", "add", (portrait("p1"),)).subject == ""
