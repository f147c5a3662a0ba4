"""Builders for tests of the store: holders, and issuances taken step by step through the real workflow."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from station.domain.card import Card, CardScheme, RouterCardType
from station.domain.escn import next_escn
from station.domain.holder import AcademicLevel, Enrolment, Holder, Identifier, IdentifierKind
from station.domain.outbox import OutboxEntry, OutboxKind
from station.domain.workflow import (
    Began,
    EncodeBegun,
    Encoded,
    Event,
    HandedOver,
    Issuance,
    JournalEntry,
    PortraitTaken,
    PrintBegun,
    Printed,
    Verified,
    transition,
)
from station.ports.register import RegisterRow
from station.ports.store import Change, Store

PIC = "999465982"
KEY_VERSIONS = "deuinfo-application/v1 deuinfo-base/v1"
NOON = datetime(2026, 9, 1, 12, tzinfo=UTC)


def holder(number: str = "051REB123", given: str = "Jānis", family: str = "Bērziņš", **changes: object) -> Holder:
    """Return a holder as a register would give them."""
    whole = Holder(
        id=f"id-{number}",
        institution="rtu",
        given_names=given,
        family_name=family,
        student_number=number,
        email=f"{number.lower()}@edu.rtu.lv",
        identifiers=(
            Identifier(IdentifierKind.ESI, f"urn:schac:personalUniqueCode:int:esi:rtu.lv:{number}", "register", True),
            Identifier(IdentifierKind.ESI, f"urn:schac:personalUniqueCode:int:esi:lv:X{number}", "viis"),
        ),
        enrolments=(
            Enrolment(programme="RDBD0", faculty="DITF", level=AcademicLevel.BACHELOR, ends_on=date(2029, 6, 30)),
        ),
        source="csv",
    )
    return replace(whole, **changes)  # type: ignore[arg-type]  # the names are those of the dataclass


def row(number: str = "051REB123", given: str = "Jānis", family: str = "Bērziņš", **changes: object) -> RegisterRow:
    """Return a register's row, without a personal code."""
    return RegisterRow(holder(number, given, family, **changes))


def keep(store: Store, *rows: RegisterRow, at: datetime = NOON) -> None:
    """Import holders."""
    store.holders.apply_import(store.holders.plan_import(rows, "csv"), "csv", at)


class Scribe:
    """Take an issuance through its steps, each one recorded as a service would."""

    def __init__(self, store: Store, *, holder_id: str = "id-051REB123", uid: str = "04A1B2C3D4E580") -> None:
        self.store, self.holder_id, self.uid = store, holder_id, uid
        self.issuance = Issuance(uuid.uuid4().hex)
        self.escn = fresh_escn()
        self.sequence = 0
        self.at = NOON
        self.outbox_as_told: tuple[OutboxEntry, ...] = ()

    def change(self, event: Event) -> Change:
        """Return the change that ``event`` makes, without recording it."""
        after, effects = transition(self.issuance, event)
        entry = JournalEntry(self.issuance.id, self.sequence + 1, event, self.at, "anna", "Desk 1")
        return Change(after, entry, effects)

    def tell(self, event: Event, **more: object) -> Issuance:
        """Record ``event``."""
        change = replace(self.change(event), **more)  # type: ignore[arg-type]  # the names are those of the dataclass
        self.store.issuances.record(change)
        self.issuance, self.sequence = change.issuance, self.sequence + 1
        self.at += timedelta(seconds=1)
        return self.issuance

    def events(self) -> Iterator[Event]:
        """Yield the events of a card that goes well, up to the hand-over and without it."""
        yield Began(
            self.holder_id,
            "rtu",
            self.escn,
            CardScheme.ESC,
            "university/3",
            "uid",
            "2029-06-30",
            "cd" * 32,
            "2026-09-01",
        )
        yield PortraitTaken("portrait-1")
        yield EncodeBegun(self.uid, "ACS ACR1252")
        yield Encoded(self.uid, RouterCardType.SMART_NO_CDZ, 4, KEY_VERSIONS)
        yield PrintBegun("job-1", "card-printer")
        yield Printed("job-1", "printer")
        yield Verified(self.uid, "", self.escn)

    def until(self, last: type[Event]) -> Scribe:
        """Record every event up to the first of kind ``last``."""
        for event in self.events():
            self.tell(event)
            if isinstance(event, last):
                return self
        raise AssertionError(f"{last.__name__} is not on the way")

    def card(self) -> Card:
        """Return the card that the hand-over makes."""
        return Card(
            escn=self.escn,
            holder_id=self.holder_id,
            institution="rtu",
            issuance_id=self.issuance.id,
            scheme=CardScheme.ESC,
            card_type=RouterCardType.SMART_NO_CDZ,
            layout="university/3",
            layout_digest="cd" * 32,
            chip_profile="uid",
            issued_at=self.at,
            expires_on=date(2029, 6, 30),
            uid=self.uid or None,
            serial_number="S371000000001A",
            portrait_id="portrait-1",
            key_versions=KEY_VERSIONS,
        )

    def outbox(self) -> tuple[OutboxEntry, ...]:
        """Return what is to be told of the card."""
        kinds = (OutboxKind.PERSON, OutboxKind.CARD, OutboxKind.PICTURE)
        return tuple(
            OutboxEntry(
                key=f"{kind.value}:{self.escn}",
                lane="router",
                kind=kind,
                order_key=self.holder_id,
                payload={"name": "Jānis Bērziņš", "escn": self.escn, "level": None},
                created_at=self.at,
                escn=self.escn,
                sequence=sequence,
            )
            for sequence, kind in enumerate(kinds)
        )

    def hand_over(self) -> Card:
        """Record everything that is left, and the hand-over with its card and outbox entries."""
        if self.sequence == 0:
            self.until(Verified)
        card, self.outbox_as_told = self.card(), self.outbox()
        self.tell(HandedOver(), card=card, outbox=self.outbox_as_told)
        return card


_LAST_VALUE = 0


def fresh_escn() -> str:
    """Return a card number that no other call returns in this process."""
    global _LAST_VALUE
    escn, _LAST_VALUE = next_escn(round(NOON.timestamp() * 1000), _LAST_VALUE, 1, 1, PIC)
    return escn
