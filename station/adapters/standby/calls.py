"""What can be asked of a store, call by call: what only reads, what writes, and how a write is made here as well."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from station.domain.errors import StoreError
from station.domain.workflow import PortraitTaken
from station.ports.store import CardUpdate, Change, OutboxPage, Store, Withdrawal


class Kind(Enum):
    """What a call does, and where it is made while the shared database is away."""

    READ = "asked of the desk's own copy"
    PAGES = "asked of the desk's own copy, as long as nothing was given yet"
    WRITE = "made on the desk's own copy, and noted to be made on the shared one"
    QUEUE = "not asked: what waits in the shared queue is not this desk's to send"
    OWN = "made on the desk's own copy alone"
    SHARED = "refused: it needs the shared database"


KINDS: dict[str, dict[str, Kind]] = {
    "holders": {
        **dict.fromkeys(
            ("search", "get", "by_student_number", "with_photo", "personal_code", "plan_import", "count"), Kind.READ
        ),
        "everyone": Kind.PAGES,
        # The register can be imported again: two desks alone that import different files would contradict each other.
        "apply_import": Kind.SHARED,
    },
    "issuances": {
        **dict.fromkeys(
            ("get", "by_escn", "by_uid", "open_issuances", "in_aftercare", "journal", "journal_since"), Kind.READ
        ),
        "record": Kind.WRITE,
    },
    "cards": {
        **dict.fromkeys(("get", "of_holder", "by_uid", "history", "issued_since", "untold", "blanks"), Kind.READ),
        "each": Kind.PAGES,
        **dict.fromkeys(("set_registration", "update"), Kind.WRITE),
    },
    "portraits": {**dict.fromkeys(("get", "last_of"), Kind.READ), "all_findings": Kind.PAGES, "add": Kind.WRITE},
    "reviews": {"all": Kind.READ, "record": Kind.WRITE},
    "layouts": {**dict.fromkeys(("package", "all"), Kind.READ), "keep": Kind.WRITE},
    "outbox": {
        **dict.fromkeys(("page", "put_off"), Kind.QUEUE),
        **dict.fromkeys(("parked", "told_cards", "first_told", "fact", "entries", "get", "summary"), Kind.READ),
        **dict.fromkeys(("add", "update", "settle"), Kind.WRITE),
        # A person's "send now" and what is known of the router are of this desk's moment: merged later they would be
        # out of date.
        **dict.fromkeys(("release", "keep_fact"), Kind.OWN),
    },
    "escns": {"last_value": Kind.READ, "advance": Kind.WRITE},
    "consents": {"of_holder": Kind.READ, **dict.fromkeys(("add", "withdraw"), Kind.WRITE)},
    "stock": {
        **dict.fromkeys(("ledger", "taken", "taken_at", "numbered"), Kind.READ),
        "add": Kind.WRITE,
        # Two desks alone could say the same number of two blanks.
        "number": Kind.SHARED,
    },
    # Rights and ranges of numbers are given out in one place only; who asks goes on with what it was told last.
    "enrolment": dict.fromkeys(
        (
            "begun",
            "stations",
            "by_token",
            "add",
            "add_with_new_ranges",
            "invite",
            "invitations",
            "enrol",
            "ranges",
            "seen",
            "withdraw",
        ),
        Kind.SHARED,
    ),
    "queue_exports": {**dict.fromkeys(("latest", "of_file", "open_numbers"), Kind.READ), "mark": Kind.WRITE},
    "printer_care": {**dict.fromkeys(("of_printer", "prints_since", "last_jobs"), Kind.READ), "add": Kind.WRITE},
}
"""Every call of every part of the store. What is not here can't be called: whoever adds one says what it does."""

NOTHING_QUEUED: dict[str, object] = {"page": OutboxPage(), "put_off": None}


@dataclass(frozen=True, slots=True)
class Call:
    """One call: of which part of the store, with what."""

    part: str
    name: str
    args: tuple[Any, ...] = ()

    @property
    def kind(self) -> Kind:
        """Return what it does."""
        return KINDS[self.part][self.name]

    @property
    def subject(self) -> str:
        """Return the issuance that it belongs to: its calls are merged in order or not at all; empty for none."""
        match self.args:
            case (Change() as change, *_):
                return change.issuance.id
            case (CardUpdate() as update, *_):
                return update.before.issuance_id
        return ""

    def make(self, store: Store, **named: object) -> Any:
        """Make the call on ``store``."""
        method: Callable[..., Any] = getattr(getattr(store, self.part), self.name)
        return method(*self.args, **named)


def make_here(call: Call, local: Store) -> None:
    """Make a call on the desk's own copy that was just made on the shared store.

    What is to be told stays there: the queue of the shared store is drained by whoever has its lane, and a copy of it
    here would be told a second time.
    """
    match call.part, call.name, *call.args:
        case "issuances", "record", Change() as change:
            # Nor is consent checked twice: the shared store did so, and the copy may not have heard of the newest one
            # yet.
            local.issuances.record(replace(change, outbox=(), consents=None))
        case "cards", "update", CardUpdate() as update:
            local.cards.update(replace(update, outbox=(), consents=None))
        case "consents", "withdraw", Withdrawal() as withdrawal:
            local.consents.withdraw(replace(withdrawal, outbox=(), escns=None))
        case "outbox", "add", *_:
            pass
        case "outbox", "update", *_:
            # The copy has no such entry, so only what it means for the card is kept: the page says whether it is
            # registered.
            _note_registration(call, local)
        case "outbox", "settle", outcomes:
            local.outbox.settle([replace(outcome, then=None) for outcome in outcomes if outcome.registration])
        case _:
            call.make(local)


def make_alone(call: Call, local: Store) -> Any:
    """Make a call on the desk's own copy, because the shared store is away."""
    match call.part, call.name, *call.args:
        case "issuances", "record", Change() as change:
            return local.issuances.record(replace(change, alone=True))
        case "outbox", "settle", outcomes:
            local.outbox.settle(outcomes)
            return ()  # what became of those in the shared queue is found out when it is back
        case "outbox", "update", entry, *_:
            try:
                return call.make(local)
            except StoreError:
                if local.outbox.get(entry.key) is not None:
                    raise
                return _note_registration(call, local)
        case _:
            return call.make(local)


def needs_portrait(call: Call) -> str:
    """Return the portrait that a call puts on a card without bringing it along, empty when it doesn't."""
    match call.args:
        # Taken at another desk, or imported: pictures are not copied beforehand, so the copy may not have this one.
        case (Change(portrait=None, entry=entry), *_) if isinstance(entry.event, PortraitTaken):
            return entry.event.portrait_id
    return ""


def _note_registration(call: Call, local: Store) -> None:
    entry, *registration = call.args
    if registration and registration[0] is not None and entry.escn:
        local.cards.set_registration(entry.escn, registration[0])
