"""What ESC-Router is told of a finished card: the outbox entries, and what becomes of them on the way out.

Only what stands in ``person_of`` and ``card_of`` ever leaves: the ESI, the name, the e-mail address, the level of
study, and the card's number, kind, dates and status. Never the personal code, the date of birth, the student number
or the chip's UID. An entry's payload names the portrait, it does not carry it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from station.domain.card import Card, CardScheme, CardState, Registration, RouterCardType
from station.domain.errors import N_
from station.domain.holder import AcademicLevel, Holder
from station.domain.outbox import DOWNLOADS, UPLOADS, OutboxEntry, OutboxKind, OutboxState
from station.ports.router import RouterCard, RouterCardStatus, RouterPerson

LANE = UPLOADS

# Staff and guests are no students: ESC-Router has no place for them.
REGISTERED_SCHEMES = frozenset({CardScheme.ESC, CardScheme.ISIC_ESC})

NO_ESI = N_("This student has no European Student Identifier yet, and ESC-Router knows people by nothing else.")
NO_ESI_TODO = N_(
    "The card is valid. Add the identifier in the student register and import it: the card then goes out by itself."
)

_TAKES_BACK = {
    OutboxKind.PERSON: OutboxKind.DELETE_PERSON,
    OutboxKind.CARD: OutboxKind.DELETE_CARD,
    OutboxKind.PICTURE: OutboxKind.DELETE_PICTURE,
}

# What a holder without an ESI is filed under; it never leaves, for such an entry is parked.
_HOLDER_ORDER = "holder:"


@dataclass(frozen=True, slots=True)
class RegistrationPolicy:
    """What the profile says about telling: the PIC, who processes for it (VAT), what is sent, whether at all."""

    pic: str
    processor: str | None = None
    send_picture: bool = False
    enabled: bool = True


def entries_for(card: Card, holder: Holder, policy: RegistrationPolicy, now: datetime) -> tuple[OutboxEntry, ...]:
    """Return what must be told of a finished card, in order: person, card and, if the profile says so, picture.

    Staff and guest cards, and a profile that registers nothing, give no entry. A holder without an ESI gives entries
    too, the first of them parked with the reason: it goes out by itself when the identifier has come.
    """
    if not policy.enabled or card.scheme not in REGISTERED_SCHEMES:
        return ()
    esi = holder.esi
    # Identifiers differ in case between registers and mean the same person; order is kept by person.
    order_key = esi.casefold() if esi else _HOLDER_ORDER + holder.id
    told: list[tuple[OutboxKind, str, dict[str, object]]] = [
        # With the card's number in it: each card tells of its person anew, for the data may have changed since the
        # last.
        (OutboxKind.PERSON, f"person:{order_key}:{card.escn}", person_payload(holder, policy)),
        (OutboxKind.CARD, f"card:{card.escn}", card_payload(card, holder, policy)),
    ]
    if policy.send_picture and card.portrait_id:
        told.append((OutboxKind.PICTURE, f"picture:{card.escn}", picture_payload(card, holder, policy)))
    entries = tuple(
        OutboxEntry(
            key=key,
            lane=LANE,
            kind=kind,
            order_key=order_key,
            payload=payload,
            created_at=now,
            escn=card.escn,
            sequence=place,
        )
        for place, (kind, key, payload) in enumerate(told)
    )
    return entries if esi else (without_esi(entries[0]), *entries[1:])


def update_for(
    card: Card, holder: Holder, policy: RegistrationPolicy, now: datetime, number: int
) -> tuple[OutboxEntry, ...]:
    """Return what must be told of a card that has changed since it was first told of.

    ``number`` tells such entries of one card apart. It goes out behind what waits for the same person already.
    """
    told = (entry for entry in entries_for(card, holder, policy, now) if entry.kind is OutboxKind.CARD)
    return tuple(
        # Known: the router has it, so looking first costs one request less than a POST that is refused.
        replace(entry, key=f"{entry.key}:{number}", sequence=0, payload={**entry.payload, "known": True})
        for entry in told
    )


def replacement_for(
    old: Card, new: Card, holder: Holder, policy: RegistrationPolicy, now: datetime
) -> tuple[OutboxEntry, ...]:
    """Return what must be told when ``new`` takes the place of ``old``: the old one goes INACTIVE, the new one comes.

    ``old`` is the card as it stands now, no longer active; a holder has two active cards at no moment.
    """
    gone = update_for(old, holder, policy, now, 0)
    came = entries_for(new, holder, policy, now)
    return (
        # In this order and of one person: told the other way round, both would be active at the router in between.
        *(replace(entry, key=f"card:{old.escn}:replaced") for entry in gone),
        *(replace(entry, sequence=entry.sequence + len(gone)) for entry in came),
    )


def removal_for(card: Card, holder: Holder, policy: RegistrationPolicy, now: datetime) -> tuple[OutboxEntry, ...]:
    """Return what makes ESC-Router forget a card. A blocked card is no removed one: it is told with ``update_for``."""
    if not policy.enabled or card.scheme not in REGISTERED_SCHEMES or not holder.esi:
        return ()
    payload: dict[str, object] = {"escn": card.escn, "esi": holder.esi, "pic": policy.pic}
    return (_entry(OutboxKind.DELETE_CARD, f"delete-card:{card.escn}", card.escn, payload, now),)


def withdrawal_for(
    cards: Sequence[Card], holder: Holder, policy: RegistrationPolicy, now: datetime
) -> tuple[OutboxEntry, ...]:
    """Return what makes ESC-Router forget a holder who does not agree any more: cards, picture and person."""
    removals = [entry for card in cards for entry in removal_for(card, holder, policy, now)]
    if not removals:
        return ()
    escn, payload = removals[-1].escn, {"esi": holder.esi, "pic": policy.pic}
    about_person = [
        _entry(kind, f"{kind.value}:{removals[-1].order_key}:{escn}", escn, dict(payload), now)
        for kind in (OutboxKind.DELETE_PICTURE, OutboxKind.DELETE_PERSON)
    ]
    return tuple(replace(entry, sequence=place) for place, entry in enumerate([*removals, *about_person]))


def taking_back(told: Sequence[OutboxEntry], now: datetime) -> tuple[OutboxEntry, ...]:
    """Return what makes ESC-Router forget what it was ``told`` of somebody who had withdrawn by then."""
    return tuple(
        replace(
            _entry(
                _TAKES_BACK[entry.kind],
                f"{_TAKES_BACK[entry.kind].value}:{entry.key}:{now:%Y%m%dT%H%M%S%f}",
                entry.escn,
                {"escn": entry.escn, "esi": entry.payload["esi"], "pic": entry.payload["pic"]},
                now,
            ),
            sequence=place,
        )
        # The person last: the router takes a person's cards along, and would answer what comes after it as unknown.
        for place, entry in enumerate(sorted(told, key=lambda entry: entry.kind is OutboxKind.PERSON))
        if entry.kind in _TAKES_BACK
    )


def order_keys_of(holder: Holder) -> tuple[str, ...]:
    """Return what a holder's entries may be filed under: the identifier, and what stood for it before it came."""
    return (*((holder.esi.casefold(),) if holder.esi else ()), _HOLDER_ORDER + holder.id)


def status_for(escn: str, pic: str, now: datetime) -> OutboxEntry:
    """Return the question what anyone can read of a card now; the answer is in ``last_params`` when it is done.

    There is one a card: asked anew, it is the same entry, so that the newest answer is found by its key.
    """
    return OutboxEntry(
        key=status_key(escn),
        lane=DOWNLOADS,
        kind=OutboxKind.STATUS,
        order_key=escn,
        payload={"escn": escn, "pic": pic},
        created_at=now,
        escn=escn,
    )


def status_key(escn: str) -> str:
    """Return the key of the question what anyone can read of a card."""
    return f"status:{escn}"


def _entry(kind: OutboxKind, key: str, escn: str, payload: dict[str, object], now: datetime) -> OutboxEntry:
    order_key = str(payload["esi"]).casefold()
    return OutboxEntry(key=key, lane=LANE, kind=kind, order_key=order_key, payload=payload, created_at=now, escn=escn)


def without_esi(entry: OutboxEntry) -> OutboxEntry:
    """Return ``entry`` parked, because its holder has no ESI; nothing is sent."""
    return replace(entry, state=OutboxState.PARKED, next_at=None, last_answer=NO_ESI, last_params={"todo": NO_ESI_TODO})


def registration_of(entries: Sequence[OutboxEntry]) -> Registration:
    """Return how the card stands of which ``entries`` are everything that is to be told."""
    if not entries:
        return Registration.NOT_NEEDED
    if any(entry.state is OutboxState.PARKED for entry in entries):
        return Registration.PARKED
    if all(entry.state is OutboxState.DONE for entry in entries):
        return Registration.REGISTERED
    return Registration.QUEUED


def person_payload(holder: Holder, policy: RegistrationPolicy) -> dict[str, object]:
    """Return what is told of a holder, as plain JSON; ``holder`` is for finding the record again, and stays here."""
    level = holder.enrolment.level if holder.enrolment else None
    return {
        "holder": holder.id,
        "esi": holder.esi or "",
        "full_name": holder.full_name,
        "email": holder.email,
        "academic_level": level.value if level else None,
        "pic": policy.pic,
    }


def card_payload(card: Card, holder: Holder, policy: RegistrationPolicy) -> dict[str, object]:
    """Return what is told of a card, as plain JSON. The day of issue is the one in UTC, which no router sees ahead."""
    active = card.state is CardState.ACTIVE
    return {
        "escn": card.escn,
        "esi": holder.esi or "",
        "pic": policy.pic,
        "processor": policy.processor,
        "card_type": card.card_type.value,
        "status": (RouterCardStatus.ACTIVE if active else RouterCardStatus.INACTIVE).value,
        "issued_on": card.issued_at.date().isoformat(),
        "expires_on": card.expires_on.isoformat(),
    }


def picture_payload(card: Card, holder: Holder, policy: RegistrationPolicy) -> dict[str, object]:
    """Return which portrait goes to ESC-Router, as plain JSON; never the portrait itself."""
    return {"esi": holder.esi or "", "pic": policy.pic, "portrait": card.portrait_id or ""}


def refreshed(entry: OutboxEntry, card: Card, holder: Holder, policy: RegistrationPolicy) -> OutboxEntry:
    """Return ``entry`` with what the records say now, because someone has corrected them. Its place stays."""
    match entry.kind:
        case OutboxKind.PERSON:
            payload = person_payload(holder, policy)
        case OutboxKind.CARD:
            payload = card_payload(card, holder, policy)
            if "known" in entry.payload:
                # No record says this: it is how the entry came to be, and must not get lost when the rest is made anew.
                payload["known"] = entry.payload["known"]
        case OutboxKind.PICTURE:
            payload = picture_payload(card, holder, policy)
        case _:
            return entry  # it names what shall be forgotten, or looked up: no record changes that
    return replace(entry, payload=payload)


def person_of(payload: dict[str, object]) -> RouterPerson:
    """Return the person a payload tells of."""
    level, email = payload.get("academic_level"), payload.get("email")
    return RouterPerson(
        esi=str(payload["esi"]),
        full_name=str(payload["full_name"]),
        email=str(email) if email else None,
        organisation_pic=str(payload["pic"]),
        academic_level=AcademicLevel(str(level)) if level else None,
    )


def card_of(payload: dict[str, object]) -> RouterCard:
    """Return the card a payload tells of."""
    processor = payload.get("processor")
    return RouterCard(
        escn=str(payload["escn"]),
        esi=str(payload["esi"]),
        issuer_pic=str(payload["pic"]),
        card_type=RouterCardType(str(payload["card_type"])),
        status=RouterCardStatus(str(payload["status"])),
        issued_on=date.fromisoformat(str(payload["issued_on"])),
        expires_on=date.fromisoformat(str(payload["expires_on"])),
        processor=str(processor) if processor else None,
    )
