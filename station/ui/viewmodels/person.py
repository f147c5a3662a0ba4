"""What the station knows of one person: earlier cards, an open issuance, the last portrait, what they were told."""

from __future__ import annotations

from dataclasses import dataclass

from station.domain.card import Card, CardState, Registration
from station.domain.errors import N_
from station.domain.holder import AcademicLevel, EnrolmentStatus, Holder, missing_for_card
from station.domain.layout import short_esi
from station.domain.message import Message
from station.domain.portrait import Portrait
from station.domain.workflow import Issuance
from station.ports.store import ConsentRecord
from station.services.desk import Desk
from station.services.notice import INFORMED, NOTICE_VERSION, note_told
from station.services.public_status import RouterStanding, router_standing
from station.ui.tone import Tone


@dataclass(frozen=True, slots=True)
class Record:
    """A person's record, read in one go."""

    cards: tuple[Card, ...] = ()
    open_issuance: Issuance | None = None
    portrait: Portrait | None = None
    last_portrait: Portrait | None = None
    informed: ConsentRecord | None = None
    at_router: RouterStanding | None = None
    """How the newest card stands at ESC-Router."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of the data check; ``tone`` marks what is missing or unusual."""

    label: Message
    value: str | Message
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True)
class Chip:
    """One pill under the name."""

    message: Message
    tone: Tone = Tone.PLAIN
    hint: Message | None = None


def read_record(desk: Desk, holder: Holder) -> Record:
    """Read what is kept of a person; on the lookup lane."""
    store = desk.store
    begun = next((i for i in store.issuances.open_issuances() if i.holder_id == holder.id), None)
    portrait = store.portraits.get(begun.portrait_id) if begun and begun.portrait_id else None
    told = (c for c in store.consents.of_holder(holder.id) if c.kind == INFORMED and c.withdrawn_at is None)
    cards = store.cards.of_holder(holder.id)
    return Record(
        cards=cards,
        open_issuance=begun,
        portrait=portrait,
        last_portrait=store.portraits.last_of(holder.id),
        # Only of the notice as it reads today: who was told an older one is told again.
        informed=next((c for c in told if c.text_version == NOTICE_VERSION), None),
        at_router=router_standing(store, cards[0]) if cards else None,
    )


def informed(desk: Desk, holder: Holder, language: str) -> None:
    """Record that the holder was told, unless that is on record; on the work lane."""
    note_told(desk.store, desk.clock, holder.id, language)


def chips_of(holder: Holder, record: Record | None) -> tuple[Chip, ...]:
    """Return the pills under the name: are the data complete, which ESI, which card before."""
    missing = missing_for_card(holder)
    chips = [Chip(message, Tone.WARN) for message in missing] or [Chip(Message(N_("Data complete")), Tone.OK)]
    if holder.esi:
        chips.append(_identifier(holder, holder.esi))
    if record is not None:
        chips.append(_previous(record))
    return tuple(chips)


def facts_of(holder: Holder, valid_until: Message, record: Record | None) -> tuple[Fact, ...]:
    """Return the lines of the data check."""
    enrolment = holder.enrolment
    active = enrolment is not None and enrolment.status is EnrolmentStatus.ACTIVE
    status = Message("{status}", {"status": enrolment.status.value if enrolment else "unknown"})
    lines = [
        Fact(Message(N_("Student number")), holder.student_number or "–"),
        Fact(Message(N_("European identifier")), short_esi(holder.esi or "–"), Tone.PLAIN if holder.esi else Tone.WARN),
        Fact(Message(N_("E-mail")), holder.email or "–", Tone.PLAIN if holder.email else Tone.WARN),
    ]
    if enrolment is not None:
        lines.append(Fact(Message(N_("Studies")), _studies(holder)))
    lines.append(Fact(Message(N_("Status")), status, Tone.PLAIN if active else Tone.BAD))
    lines.append(Fact(Message(N_("Card valid until")), valid_until))
    if record is not None and record.cards:
        card = record.cards[0]
        params: dict[str, object] = {"date": card.issued_at.date(), "until": card.expires_on}
        lines.append(Fact(Message(N_("Card before")), Message(N_("issued {date}, valid until {until}"), params)))
        if record.at_router is not None and card.registration is not Registration.NOT_NEEDED:
            unusual = record.at_router.differs or card.registration is Registration.PARKED
            lines.append(Fact(Message("ESC-Router"), record.at_router.message, Tone.WARN if unusual else Tone.PLAIN))
    return tuple(lines)


def subtitle_of(holder: Holder) -> Message:
    """Return the line under the name: number, studies, end of studies."""
    enrolment = holder.enrolment
    parts = [holder.student_number, enrolment.programme or enrolment.faculty if enrolment else ""]
    shown = " · ".join(part for part in parts if part)
    level = enrolment.level if enrolment else None
    if enrolment is None or enrolment.ends_on is None:
        return Message("{shown}", {"shown": shown})
    params: dict[str, object] = {"shown": shown, "date": enrolment.ends_on, "level": _LEVELS.get(level, Message(""))}
    if level is None:
        return Message(N_("{shown} · studies until {date}"), params)
    return Message(N_("{shown}, {level} · studies until {date}"), params)


def _studies(holder: Holder) -> Message:
    enrolment = holder.enrolment
    if enrolment is None:
        return Message("–")
    shown = ", ".join(part for part in (enrolment.programme, enrolment.faculty) if part) or "–"
    if enrolment.level is None:
        return Message("{shown}", {"shown": shown})
    return Message("{shown}, {level}", {"shown": shown, "level": _LEVELS[enrolment.level]})


def _identifier(holder: Holder, esi: str) -> Chip:
    params: dict[str, object] = {"esi": short_esi(esi), "n": len(holder.esis)}
    if len(holder.esis) == 1:
        return Chip(Message(N_("ESI {esi}"), params), hint=Message("{esi}", {"esi": esi}))
    every: dict[str, object] = {"all": ", ".join(identifier.value for identifier in holder.esis)}
    hint = Message(N_("The preferred one is printed and sent: {all}"), every)
    return Chip(Message(N_("ESI {esi} (1 of {n})"), params), hint=hint)


def _previous(record: Record) -> Chip:
    if not record.cards:
        return Chip(Message(N_("Card before: none")))
    card = record.cards[0]
    if card.state is CardState.ACTIVE:
        params: dict[str, object] = {"date": card.issued_at.date()}
        return Chip(Message(N_("Has a card from {date}"), params), Tone.WARN, _ALL_CARDS)
    return Chip(Message(N_("Card before: {date}"), {"date": card.issued_at.date()}), hint=_ALL_CARDS)


_ALL_CARDS = Message(N_("All cards of this person: Ctrl+H"))
_LEVELS: dict[AcademicLevel | None, Message] = {
    AcademicLevel.BACHELOR: Message(N_("bachelor")),
    AcademicLevel.MASTER: Message(N_("master")),
    AcademicLevel.DOCTORATE: Message(N_("doctorate")),
}
