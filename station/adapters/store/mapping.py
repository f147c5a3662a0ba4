"""Rows to the values of the domain, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any

from sqlalchemy import Row

from station.domain.card import Blank, Card
from station.domain.journal_data import event_from_data, event_to_data
from station.domain.outbox import OutboxEntry
from station.domain.portrait import Crop, LayerKind, Portrait, PortraitFinding
from station.domain.workflow import Issuance, JournalEntry
from station.ports.store import ConsentRecord

# Empty texts of an issuance that are absent values in a unique column.
_ABSENT_WHEN_EMPTY = ("escn", "uid")
_ISSUANCE_FIELDS = tuple(f.name for f in fields(Issuance))
_CARD_FIELDS = tuple(f.name for f in fields(Card))
_BLANK_FIELDS = tuple(f.name for f in fields(Blank))
_OUTBOX_FIELDS = tuple(f.name for f in fields(OutboxEntry))


def issuance_from_row(row: Row[Any]) -> Issuance:
    """Return an issuance."""
    values = {name: getattr(row, name) for name in _ISSUANCE_FIELDS}
    for name in _ABSENT_WHEN_EMPTY:
        values[name] = values[name] or ""
    return Issuance(**values)


def issuance_values(issuance: Issuance) -> dict[str, Any]:
    """Return the columns of an issuance."""
    # A column of its own, worked out here: an index on the open ones needs a condition that both databases can read.
    values = {name: getattr(issuance, name) for name in _ISSUANCE_FIELDS} | {"closed": issuance.settled}
    for name in _ABSENT_WHEN_EMPTY:
        values[name] = values[name] or None
    return values


def entry_from_row(row: Row[Any]) -> JournalEntry:
    """Return a journal entry."""
    event = event_from_data(row.event, row.data)
    return JournalEntry(row.issuance_id, row.sequence, event, row.at, row.operator, row.station)


def entry_values(entry: JournalEntry) -> dict[str, Any]:
    """Return the columns of a journal entry."""
    name, data = event_to_data(entry.event)
    return {
        "issuance_id": entry.issuance_id,
        "sequence": entry.sequence,
        "event": name,
        "data": data,
        "at": entry.at,
        "operator": entry.operator,
        "station": entry.station,
        # Beside the event's data once more, in a column that reports can count by.
        "cause": str(data.get("cause", "")),
    }


def card_from_row(row: Row[Any]) -> Card:
    """Return a card."""
    return Card(**{name: getattr(row, name) for name in _CARD_FIELDS})


def card_values(card: Card) -> dict[str, Any]:
    """Return the columns of a card."""
    return {name: getattr(card, name) for name in _CARD_FIELDS}


def blank_from_row(row: Row[Any]) -> Blank:
    """Return a blank."""
    return Blank(**{name: getattr(row, name) for name in _BLANK_FIELDS})


def outbox_from_row(row: Row[Any]) -> OutboxEntry:
    """Return an outbox entry."""
    return OutboxEntry(**{name: getattr(row, name) for name in _OUTBOX_FIELDS})


def outbox_values(entry: OutboxEntry) -> dict[str, Any]:
    """Return the columns of an outbox entry, without its digests."""
    return {name: getattr(entry, name) for name in _OUTBOX_FIELDS}


def portrait_from_row(row: Row[Any], layers: dict[LayerKind, bytes]) -> Portrait:
    """Return a portrait with its pictures."""
    return Portrait(
        id=row.id,
        holder_id=row.holder_id,
        # With a plain background that one is printed; the natural one is kept beside, to take the background off again.
        image=layers.get(LayerKind.BACKGROUND, layers[LayerKind.PORTRAIT]),
        width_px=row.width_px,
        height_px=row.height_px,
        taken_at=row.taken_at,
        source=row.source,
        crop=Crop(**row.crop),
        findings=findings_from(row.findings),
        original=layers.get(LayerKind.ORIGINAL),
        natural=layers[LayerKind.PORTRAIT] if LayerKind.BACKGROUND in layers else None,
    )


def findings_from(stored: Sequence[Mapping[str, Any]]) -> tuple[PortraitFinding, ...]:
    """Return the findings of a portrait."""
    return tuple(PortraitFinding(**finding) for finding in stored)


def portrait_values(portrait: Portrait) -> dict[str, Any]:
    """Return the columns of a portrait, without its pictures."""
    return {
        "id": portrait.id,
        "holder_id": portrait.holder_id,
        "width_px": portrait.width_px,
        "height_px": portrait.height_px,
        "taken_at": portrait.taken_at,
        "source": portrait.source,
        "crop": asdict(portrait.crop),
        "findings": [asdict(finding) for finding in portrait.findings],
    }


def consent_from_row(row: Row[Any]) -> ConsentRecord:
    """Return a consent."""
    return ConsentRecord(
        row.holder_id, row.text_version, row.language, row.kind, row.at, row.withdrawn_at, dict(row.extra)
    )
