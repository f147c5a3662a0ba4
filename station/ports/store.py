"""The store: everything that must survive. Each call is one transaction, durable when it returns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from station.domain.card import Blank, BlankState, Card, CardState, Registration
from station.domain.holder import Holder
from station.domain.layout_state import KeptLayout
from station.domain.outbox import OutboxEntry
from station.domain.portrait import Portrait, PortraitFinding
from station.domain.portrait_review import PortraitReview
from station.domain.print_care import CareEntry
from station.domain.stock import BlankCounts, StockEntry
from station.domain.workflow import Effect, Issuance, JournalEntry
from station.ports.enrolment import EnrolmentStore
from station.ports.queue_export import QueueExportStore
from station.ports.register import RegisterRow


@dataclass(frozen=True, slots=True)
class Change:
    """One step of an issuance, to be written as a whole or not at all.

    ``consents`` is how many records of the holder's consent there were when it was decided what is told of the card.
    ``alone`` says that a desk made this step without the database: another card of this holder may be in the making.
    """

    issuance: Issuance
    entry: JournalEntry
    effects: tuple[Effect, ...] = ()
    card: Card | None = None
    outbox: tuple[OutboxEntry, ...] = ()
    portrait: Portrait | None = None
    consents: int | None = None
    alone: bool = False


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What an import would do: new, changed and same holders, those no longer in the file, and double ones.

    ``known`` are those of the changed who have a card that ESC-Router may know of: how they stand, and the row.
    """

    new: tuple[RegisterRow, ...] = ()
    changed: tuple[RegisterRow, ...] = ()
    same: int = 0
    vanished: tuple[Holder, ...] = ()
    duplicates: tuple[str, ...] = ()
    known: tuple[tuple[Holder, RegisterRow], ...] = ()


@dataclass(frozen=True, slots=True)
class QueueSummary:
    """How the outbox stands. What is only asked, and not told, waits for nobody: it is not counted as waiting."""

    waiting: int = 0
    parked: int = 0
    done: int = 0
    oldest_at: datetime | None = None


class HolderStore(Protocol):
    """Holders, as the register gave them."""

    def search(self, text: str, *, limit: int = 20) -> tuple[Holder, ...]:
        """Return holders where each word of ``text`` begins a word of name, student number or e-mail, folded."""

    def get(self, holder_id: str) -> Holder | None:
        """Return a holder by id."""

    def by_student_number(self, number: str) -> Holder | None:
        """Return the holder with this student number (any case)."""

    def with_photo(self) -> tuple[Holder, ...]:
        """Return everyone whose portrait came with the register and who is still in it."""

    def everyone(self) -> Iterator[Holder]:
        """Yield everyone who is still in the register, by name; what is imported meanwhile may be there or not."""

    def personal_code(self, holder_id: str) -> str | None:
        """Return the personal code; the caller records that it was shown."""

    def plan_import(self, rows: Iterable[RegisterRow], source: str) -> ImportPlan:
        """Compare rows with what is stored from ``source``; writes nothing.

        Vanished are holders of this source who are not in ``rows``, of the institutions that are: an empty register
        makes nobody vanish, for it is an export that went wrong.
        """

    def apply_import(self, plan: ImportPlan, source: str, at: datetime, outbox: Sequence[OutboxEntry] = ()) -> int:
        """Write new and changed holders in one transaction; return how many. Vanished ones stay, marked.

        With it goes what is to be told of them; of a card that is not to be registered by then nothing is told.
        """

    def count(self) -> int:
        """Return how many holders there are."""


class IssuanceStore(Protocol):
    """Issuances and their journal."""

    def record(self, change: Change) -> None:
        """Write a step: journal entry, issuance, blanks, and on the last step card and outbox, in one transaction.

        Raises:
            StoreConflictError: the ESCN exists already, another issuance holds this UID, a card is being made for the
                holder already, the entry's sequence is not the next one (another writer was faster), or there is
                another record of the holder's consent by now (``constraint`` is ``consent``).
        """

    def get(self, issuance_id: str) -> Issuance | None:
        """Return an issuance as it stands."""

    def by_escn(self, escn: str) -> Issuance | None:
        """Return the issuance that owns this number."""

    def by_uid(self, uid: str) -> Issuance | None:
        """Return the open issuance or the newest card's issuance that this chip belongs to; an erased chip is free."""

    def open_issuances(self) -> tuple[Issuance, ...]:
        """Return every issuance that is not finished, oldest first."""

    def in_aftercare(self) -> tuple[Issuance, ...]:
        """Return the finished issuances whose card is being renewed or erased, oldest first."""

    def journal(self, issuance_id: str) -> tuple[JournalEntry, ...]:
        """Return an issuance's journal in order."""

    def journal_since(self, at: datetime | None = None, *, limit: int = 1000) -> tuple[JournalEntry, ...]:
        """Return the newest entries of all issuances, newest first."""


@dataclass(frozen=True, slots=True)
class CardUpdate:
    """A card as it stands from now on, who says so and why, and what is to be told of it.

    ``before`` is the card as it was read: where it stands otherwise by now, nothing may be written; nor where there
    are not as many records of the holder's consent as ``consents`` any more.
    """

    before: Card
    after: Card
    at: datetime
    operator: str = ""
    station: str = ""
    outbox: tuple[OutboxEntry, ...] = ()
    consents: int | None = None


@dataclass(frozen=True, slots=True)
class CardNote:
    """When a card came into which state, why, and who said so."""

    escn: str
    state: CardState
    reason: str
    at: datetime
    operator: str = ""
    station: str = ""


class CardStore(Protocol):
    """Cards that were handed over, and blanks."""

    def get(self, escn: str) -> Card | None:
        """Return a card."""

    def of_holder(self, holder_id: str) -> tuple[Card, ...]:
        """Return a holder's cards, newest first."""

    def by_uid(self, uid: str) -> Card | None:
        """Return the newest card on this chip."""

    def set_registration(self, escn: str, registration: Registration) -> None:
        """Record how the card stands with ESC-Router."""

    def update(self, update: CardUpdate) -> None:
        """Write how a card stands, a line of its history and what is to be told of it, in one transaction.

        Raises:
            StoreConflictError: somebody changed the card meanwhile, or its holder has another active card of this
                scheme; nothing was written.
        """

    def history(self, escn: str) -> tuple[CardNote, ...]:
        """Return how a card stood since it was handed over, oldest first."""

    def each(self) -> Iterator[Card]:
        """Yield every card, oldest first, without loading them all."""

    def issued_since(self, at: datetime, *, limit: int = 200) -> tuple[Card, ...]:
        """Return cards handed over since ``at``, newest first."""

    def untold(self, *, limit: int = 1000) -> tuple[Card, ...]:
        """Return cards of which something waits to be told, or is parked, oldest first; none that has ended."""

    def blanks(self, state: BlankState | None = None) -> tuple[Blank, ...]:
        """Return blanks that the station has seen."""


class PortraitStore(Protocol):
    """Portraits and their layers."""

    def add(self, portrait: Portrait) -> None:
        """Keep a portrait."""

    def get(self, portrait_id: str) -> Portrait | None:
        """Return a portrait with its picture."""

    def last_of(self, holder_id: str) -> Portrait | None:
        """Return the holder's newest portrait."""

    def all_findings(self) -> Iterator[tuple[PortraitFinding, ...]]:
        """Yield the findings of every portrait, in no order that tells whose they are, without any picture."""


class ReviewStore(Protocol):
    """Decisions about imported portraits."""

    def record(self, review: PortraitReview, portrait: Portrait | None = None) -> None:
        """Keep a decision, and with it the portrait that was approved, in one transaction."""

    def all(self) -> tuple[PortraitReview, ...]:
        """Return every decision, oldest first."""


@dataclass(frozen=True, slots=True)
class OutboxPage:
    """A part of a lane: whole queues of some persons, and where the next part begins (0: there is no more)."""

    entries: tuple[OutboxEntry, ...] = ()
    after: int = 0


@dataclass(frozen=True, slots=True)
class OutboxOutcome:
    """What became of an entry, and with it how its card stands (``None``: as before); ``then`` is what to ask next."""

    entry: OutboxEntry
    registration: Registration | None = None
    then: OutboxEntry | None = None


class LayoutStore(Protocol):
    """The layouts that cards were made to, each of their contents for ever; and how each version stands."""

    def keep(self, layout: KeptLayout, package: bytes | None = None) -> None:
        """Keep a layout and its whole ``package``, or what changed in how it stands; without a package it stays.

        Raises:
            StoreConflictError: another content was approved, or retired, under this name and version.
        """

    def package(self, digest: str) -> bytes | None:
        """Return the package of the layout with this digest."""

    def all(self) -> tuple[KeptLayout, ...]:
        """Return every layout that is kept, by name and version, those of one version oldest first."""


class OutboxStore(Protocol):
    """What is still to be told."""

    def page(self, lane: str, now: datetime, *, after: int = 0, limit: int = 100) -> OutboxPage:
        """Return the queues of up to ``limit`` persons whose first entry is due, oldest first, for ``plan``.

        ``after`` is where the page before ended. However long the lane is, a page costs the same.
        """

    def put_off(self, lane: str) -> OutboxEntry | None:
        """Return the entry of a lane that was put off and is due first of those, ``None`` when none was."""

    def add(self, entries: Sequence[OutboxEntry]) -> None:
        """Add entries behind what waits for the same persons. Raises StoreConflictError for a key that is there."""

    def update(self, entry: OutboxEntry, registration: Registration | None = None) -> None:
        """Write an entry's new state, and with it how its card stands, in one transaction."""

    def settle(self, outcomes: Sequence[OutboxOutcome]) -> tuple[str, ...]:
        """Write what became of entries, all in one transaction that is durable when this returns.

        Return the keys of those that are not there any more, because somebody withdrew: nothing is written of them.

        Nothing takes back what is done, and no failure the registration of a card that has it: another station may
        have been faster. What to ask next is put in the queue, or asked anew where it was asked before.
        """

    def parked(self, *, after: int = 0, limit: int = 100) -> OutboxPage:
        """Return entries that wait for a decision or a correction, oldest first, a page at a time."""

    def release(self) -> int:
        """Let everything that was put off go out at once; return how many."""

    def told_cards(self, since: datetime | None = None, *, limit: int = 3) -> tuple[OutboxEntry, ...]:
        """Return some of the cards that were told, in whole: the newest and the oldest, told after ``since``."""

    def first_told(self, since: datetime) -> dict[str, datetime]:
        """Return the cards that were told for the first time since then, by number, with when that was."""

    def fact(self, name: str) -> str | None:
        """Return what was kept under ``name``."""

    def keep_fact(self, name: str, value: str) -> None:
        """Keep something the worker must know after a restart."""

    def entries(self, *, unfinished: bool = True, limit: int = 1000) -> tuple[OutboxEntry, ...]:
        """Return entries for people to look at, oldest first."""

    def get(self, key: str) -> OutboxEntry | None:
        """Return an entry by its key."""

    def summary(self) -> QueueSummary:
        """Return how many wait, are parked and are done, and how old the oldest unfinished one is."""


class EscnStore(Protocol):
    """The last number's time value, so that numbers grow across restarts."""

    def last_value(self, prefix: int, pic: str) -> int:
        """Return the last 60-bit time value used, 0 when none."""

    def advance(self, prefix: int, pic: str, value: int) -> None:
        """Keep ``value`` durably before the number is used. Raises StoreConflictError unless it is the greatest yet."""


@dataclass(frozen=True, slots=True)
class ConsentRecord:
    """That a holder was informed, or agreed: which text, in which language, when; ``withdrawn_at`` ends it."""

    holder_id: str
    text_version: str
    language: str
    kind: str
    at: datetime
    withdrawn_at: datetime | None = None
    extra: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """That a holder does not agree any more: the record of it, whose queues end with it, and what is deleted then.

    ``escns`` are the holder's cards as they were known when it was decided what is deleted.
    """

    consent: ConsentRecord
    order_keys: tuple[str, ...]
    outbox: tuple[OutboxEntry, ...] = ()
    escns: frozenset[str] | None = None


class ConsentStore(Protocol):
    """Consents and information given."""

    def withdraw(self, withdrawal: Withdrawal) -> int:
        """Keep it, end what waits to be told of the holder, queue the deletions, in one transaction; return how many.

        The holder's cards need no registration from then on. What was ended is in the queue no more.

        Raises:
            StoreConflictError: another desk has just handed a card to the holder, which ``escns`` doesn't name.
        """

    def add(self, consent: ConsentRecord) -> None:
        """Keep one."""

    def of_holder(self, holder_id: str) -> tuple[ConsentRecord, ...]:
        """Return a holder's, newest first."""


class StockStore(Protocol):
    """The ledger of blank cards."""

    def add(self, entry: StockEntry) -> None:
        """Write a line."""

    def ledger(self) -> tuple[StockEntry, ...]:
        """Return every line, oldest first."""

    def taken(self, since: datetime) -> BlankCounts:
        """Return what became of the blanks that the journal saw since then."""

    def taken_at(self, since: datetime) -> tuple[datetime, ...]:
        """Return when blanks became cards or were lost, since then."""

    def number(self, issuance_id: str, serial: str) -> None:
        """Keep the serial number that somebody read from the blank of an issuance, in place of an earlier one.

        Raises:
            StoreConflictError: another blank has it (``constraint`` is ``serial``), or the issuance took no blank yet
                (``blank``); nothing was written.
        """

    def numbered(self) -> dict[str, BlankState]:
        """Return what became of each blank whose serial number somebody read."""


@dataclass(frozen=True, slots=True)
class PrintedCard:
    """A card that a printer was given, as it stands now, and when the printer was given it."""

    issuance: Issuance
    at: datetime


class PrinterCareStore(Protocol):
    """What was done to printers, and what they printed."""

    def add(self, entry: CareEntry) -> None:
        """Write a line."""

    def of_printer(self, printer: str) -> tuple[CareEntry, ...]:
        """Return what was done to a printer, newest first."""

    def prints_since(self, printer: str, at: datetime | None) -> int:
        """Return how many cards a printer has taken since then or in all; a job that was stopped doesn't count."""

    def last_jobs(self, printer: str, *, limit: int = 20) -> tuple[PrintedCard, ...]:
        """Return the cards whose last job this printer had, newest job first."""


class Store(Protocol):
    """The whole store; one program at a time holds a SQLite one, several stations share a server's."""

    @property
    def holders(self) -> HolderStore: ...
    @property
    def issuances(self) -> IssuanceStore: ...
    @property
    def cards(self) -> CardStore: ...
    @property
    def portraits(self) -> PortraitStore: ...
    @property
    def reviews(self) -> ReviewStore: ...
    @property
    def layouts(self) -> LayoutStore: ...
    @property
    def outbox(self) -> OutboxStore: ...
    @property
    def escns(self) -> EscnStore: ...
    @property
    def consents(self) -> ConsentStore: ...
    @property
    def stock(self) -> StockStore: ...
    @property
    def printer_care(self) -> PrinterCareStore: ...
    @property
    def enrolment(self) -> EnrolmentStore: ...
    @property
    def queue_exports(self) -> QueueExportStore: ...

    def backup(self, target: str) -> None:
        """Copy the whole store to the file ``target`` while it is in use."""

    def entries_for_export(self) -> Iterator[JournalEntry]:
        """Yield the whole journal in order, without loading it all."""

    def close(self) -> None:
        """Let the store go."""
