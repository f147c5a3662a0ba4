"""Events of the workflow as plain data and back, for the journal."""

from __future__ import annotations

from dataclasses import asdict, fields
from enum import StrEnum
from typing import get_args

from station.domain.card import CardScheme, RouterCardType
from station.domain.errors import WorkflowError
from station.domain.workflow import Abandoned, Act, Cause, Event, ReprintReason, Spoiled

EVENTS: dict[str, type[Event]] = {cls.__name__: cls for cls in get_args(Event)}
"""Every event by its name in the journal."""


def event_to_data(event: Event) -> tuple[str, dict[str, object]]:
    """Return an event as its name and plain JSON values, for the journal."""
    # What is not there is left out: an entry of today then reads like one that was written before the field was known.
    return type(event).__name__, {k: v for k, v in asdict(event).items() if v is not None}


def event_from_data(name: str, data: dict[str, object]) -> Event:
    """Return the event that ``event_to_data`` wrote; unknown keys of newer versions are left out.

    Raises:
        WorkflowError: the name is not an event of this version.
    """
    cls = EVENTS.get(name)
    if cls is None:
        raise WorkflowError(detail=f"the journal has an event {name!r} that this version does not know")
    known = {f.name for f in fields(cls)}
    values: dict[str, object] = {
        k: _ENUM_FIELDS[k](str(v)) if k in _ENUM_FIELDS else v for k, v in data.items() if k in known
    }
    if cls in (Spoiled, Abandoned):
        values["cause"] = Cause(str(values["cause"]))
    return cls(**values)  # type: ignore[arg-type]  # the names and types are those of the dataclass itself


_ENUM_FIELDS: dict[str, type[StrEnum]] = {
    "scheme": CardScheme,
    "card_type": RouterCardType,
    "reason": ReprintReason,
    "act": Act,
}
