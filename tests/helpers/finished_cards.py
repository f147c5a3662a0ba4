"""Finished cards with what is to be told of them, in a real store, and a clock that stands until it is moved."""

from __future__ import annotations

import io
import itertools
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from PIL import Image

from station.adapters.store import SqlStore, open_store
from station.domain.card import Card, CardScheme, RouterCardType
from station.domain.escn import next_escn
from station.domain.holder import AcademicLevel, Enrolment, Holder, Identifier, IdentifierKind
from station.domain.portrait import Portrait
from station.domain.workflow import HandedOver, Issuance, JournalEntry, State
from station.ports.register import RegisterRow
from station.ports.store import Change
from station.services.registration import RegistrationPolicy, entries_for, registration_of
from tests.helpers.sandbox import PIC

NOW = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)
POLICY = RegistrationPolicy(PIC)

_numbers = itertools.count(1)


class FakeClock:
    """A clock that moves only when it is told to; by ``skew`` the time of day goes wrong, the other one never."""

    def __init__(self) -> None:
        self._at, self._skew = NOW, timedelta()

    def now(self) -> datetime:
        """Return the time of day."""
        return self._at + self._skew

    def monotonic(self) -> float:
        """Return seconds that never go back."""
        return (self._at - NOW).total_seconds()

    def pass_time(self, seconds: float) -> None:
        """Let time pass."""
        self._at += timedelta(seconds=seconds)

    def set_wrong(self, by: timedelta) -> None:
        """Set the time of day ahead or back."""
        self._skew = by


def a_student(number: int, *, esi: bool = True, email: str | None = "student@example.lv") -> Holder:
    """Return a student, with or without an ESI."""
    code = f"urn:schac:personalUniqueCode:int:esi:lv:{number:06d}"
    return Holder(
        id=f"holder-{number}",
        institution="rtu",
        given_names="Žanete",
        family_name=f"Ķirse {number}",
        student_number=f"{number:06d}REB",
        email=email,
        identifiers=(Identifier(IdentifierKind.ESI, code, "register", preferred=True),) if esi else (),
        enrolments=(Enrolment(level=AcademicLevel.MASTER),),
    )


def a_card(holder: Holder, *, scheme: CardScheme = CardScheme.ESC, portrait_id: str | None = None) -> Card:
    """Return a card of ``holder`` with a number of its own."""
    number = next(_numbers)
    escn, _value = next_escn(1_790_000_000_000 + number, 0, 1, 1, PIC)
    return Card(
        escn=escn,
        holder_id=holder.id,
        institution=holder.institution,
        issuance_id=f"issuance-{number}",
        scheme=scheme,
        card_type=RouterCardType.SMART_CDZ,
        layout="university@1",
        chip_profile="deuinfo",
        issued_at=NOW,
        expires_on=date(2030, 8, 31),
        uid=f"04{number:012X}",
        portrait_id=portrait_id,
    )


def a_portrait(holder: Holder) -> Portrait:
    """Return a portrait."""
    image = io.BytesIO()
    Image.new("RGB", (413, 531), (120, 130, 140)).save(image, "JPEG")
    return Portrait(f"portrait-{next(_numbers)}", holder.id, image.getvalue(), 413, 531, NOW)


class Desk:
    """A store whose cards are finished at a stroke."""

    def __init__(self, file: Path) -> None:
        self.store: SqlStore = open_store(file, station="test")

    def know(self, *holders: Holder) -> None:
        """Import holders, or what has changed of them."""
        known = self.store.holders
        known.apply_import(known.plan_import([RegisterRow(holder) for holder in holders], "test"), "test", NOW)

    def finish(self, holder: Holder, policy: RegistrationPolicy = POLICY, *, portrait: Portrait | None = None) -> Card:
        """Write a finished card with its outbox entries, in one transaction as the station does."""
        if portrait is not None:
            self.store.portraits.add(portrait)
        card = a_card(holder, portrait_id=portrait.id if portrait else None)
        self.record(card, holder, policy)
        return card

    def record(self, card: Card, holder: Holder, policy: RegistrationPolicy = POLICY) -> None:
        """Write ``card`` as finished."""
        outbox = entries_for(card, holder, policy, NOW)
        issuance = Issuance(
            card.issuance_id,
            state=State.HANDED_OVER,
            holder_id=holder.id,
            institution=holder.institution,
            escn=card.escn,
            scheme=card.scheme,
        )
        entry = JournalEntry(card.issuance_id, 1, HandedOver(), NOW)
        self.store.issuances.record(
            Change(issuance, entry, (), replace(card, registration=registration_of(outbox)), outbox)
        )
