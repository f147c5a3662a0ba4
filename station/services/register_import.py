"""What an import of the register changes of people whom ESC-Router knows by their cards: it is told of them anew."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime

from station.domain.card import Card, CardAct, Registration, state_after
from station.domain.holder import Holder
from station.domain.outbox import OutboxEntry, OutboxKind, OutboxState
from station.ports.register import RegisterRow
from station.ports.store import ImportPlan, Store
from station.services.registration import RegistrationPolicy, entries_for, person_payload

Policies = Callable[[str], RegistrationPolicy]

PIECE = 500
"""So many people who are told anew are written at a time; each piece is whole, and an import goes on behind it."""


def pieces(
    store: Store, plan: ImportPlan, policies: Policies, now: datetime
) -> Iterator[tuple[ImportPlan, tuple[OutboxEntry, ...]]]:
    """Yield an import in the pieces that it is written in, each with what is told to ESC-Router because of it.

    First all that is not to be told; it is the only piece where no name or address was corrected.
    """
    told: list[tuple[RegisterRow, tuple[OutboxEntry, ...]]] = []
    for before, row in plan.known:
        entries = correction_of(store, before, replace(row.holder, id=before.id), policies, now)
        if entries:
            told.append((row, entries))
    # By identity: two rows of a register can be equal in every field.
    apart = {id(row) for row, _ in told}
    yield replace(plan, changed=tuple(row for row in plan.changed if id(row) not in apart)), ()
    for start in range(0, len(told), PIECE):
        piece = told[start : start + PIECE]
        rows, outbox = tuple(row for row, _ in piece), tuple(entry for _, entries in piece for entry in entries)
        yield ImportPlan(changed=rows), outbox


def correction_of(
    store: Store, before: Holder, after: Holder, policies: Policies, now: datetime
) -> tuple[OutboxEntry, ...]:
    """Return what is told of a holder whose name, address or level of study is another one ``after`` an import.

    Nothing where all of their cards have ended or are not to be registered, as those of somebody who withdrew; nor
    where the identifier is another one, for ESC-Router then takes them for another person: comparing shows that.
    """
    if not before.esi or not after.esi or before.esi.casefold() != after.esi.casefold():
        return ()
    entries: list[OutboxEntry] = []
    for institution, card in _newest(store.cards.of_holder(before.id), now).items():
        policy = policies(institution)
        if person_payload(before, policy) == person_payload(after, policy):
            continue
        person = (e for e in entries_for(card, after, policy, now) if e.kind is OutboxKind.PERSON)
        # The key of the first telling is taken for ever: each correction is an entry of its own.
        entries += [replace(e, key=f"{e.key}:{now:%Y%m%dT%H%M%S%f}") for e in person if not _goes_anew(store, e)]
    return tuple(entries)


def _newest(cards: tuple[Card, ...], now: datetime) -> dict[str, Card]:
    """Return the newest card of each institution that ESC-Router is to know, of those that have not ended."""
    known = (
        card
        for card in sorted(cards, key=lambda card: card.issued_at)
        if card.registration is not Registration.NOT_NEEDED
        and state_after(card.state, CardAct.REVOKE) is not None
        and card.expires_on >= now.date()
    )
    return {card.institution: card for card in known}


def _goes_anew(store: Store, entry: OutboxEntry) -> bool:
    """Tell whether the person is parked: corrected records bring that out by themselves."""
    first = store.outbox.get(entry.key)
    return first is not None and first.state is OutboxState.PARKED and not first.final
