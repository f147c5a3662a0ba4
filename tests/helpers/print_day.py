"""A day at the desks in simulated time: the station's own services and store, people and printers with real times.

What is simulated: the seconds a person and a printer take, the printer's body, and ESC-Router. What is real: every
journal entry, the choice of a printer, the outbox with its waits, the ledger, SQLite on the disk.
"""

from __future__ import annotations

import random
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from printers.profile_files import load_profile
from station.adapters.printer_lock import NoLock
from station.adapters.store import SqlStore, open_store
from station.app.demo_profile import NOWHERE, demo_settings
from station.domain.card import RouterCardType
from station.domain.errors import PrinterMissingError, PrintJobLostError, RouterNotFoundError, RouterUnreachableError
from station.domain.holder import Holder
from station.domain.workflow import Encoded, PrintBegun, State, Verified
from station.ports.printer import (
    Bitmap,
    CardFeeder,
    Consumables,
    JobReport,
    JobState,
    PrinterProfile,
    PrinterState,
    PrinterStatus,
    PrinterUnfitError,
    PrintJob,
    RenderedCard,
    RenderedSide,
)
from station.ports.register import RegisterRow
from station.ports.router import PublicCardStatus, Router, RouterCard, RouterPerson
from station.ports.tasks import Cancel, Progress
from station.render.card import CheckedCard
from station.services.issuance import IssuanceService
from station.services.journal import Journal, Who
from station.services.numbers import EscnIssuer
from station.services.outbox_worker import OutboxWorker, WorkerOptions
from station.services.printer_pool import PooledPrinting, PoolMember
from station.services.printing import reprint_reason
from tests.helpers.desks import a_holder, a_portrait, never, quiet
from tests.helpers.simulated_time import SimulatedTime

_DOT = Bitmap("RGB", 1, 1, b"\xff\xff\xff")
_CARD = RenderedCard(RenderedSide(_DOT, Bitmap("1", 1, 1, b"\0"), _DOT), None, 300, 300, 85.6, 53.98)


@dataclass(frozen=True)
class Plan:
    """What a day is made of; times of day are seconds after it begins."""

    desks: int = 1
    cards: int = 200
    hours: float = 1.0
    seconds_a_card: float = 24.0
    before_print_s: float = 35.0
    after_print_s: float = 12.0
    queue_at_the_door: bool = True
    printer_dies_s: float | None = None
    router_away_s: tuple[float, float] = (0.0, 0.0)
    begins: datetime = datetime(2026, 9, 7, 5, 0, tzinfo=UTC)


class TimedPrinter:
    """A printer that takes simulated time, one card after the other, and dies with the first card after its time."""

    def __init__(self, name: str, time: SimulatedTime, plan: Plan, dies_s: float | None) -> None:
        self._name, self._time, self._plan, self._dies_s = name, time, plan, dies_s
        self._busy = self.dead = False
        self._jobs: dict[str, JobReport] = {}
        self.out: list[str] = []
        """The jobs whose card came out, in order."""

    @property
    def name(self) -> str:
        """Return its name."""
        return self._name

    @property
    def profile(self) -> PrinterProfile:
        """Return its model."""
        return load_profile("generic-cr80-300")

    @property
    def feeder(self) -> CardFeeder | None:
        """Return nothing: it has no encoder."""
        return None

    def status(self) -> PrinterStatus:
        """Return how it stands."""
        able = PrinterState.PRINTING if self._busy else PrinterState.READY
        return PrinterStatus(self._name, PrinterState.OFFLINE if self.dead else able)

    def consumables(self) -> Consumables:
        """Return nothing: it doesn't tell."""
        return Consumables()

    def unfit(self, card: RenderedCard) -> PrinterUnfitError | None:
        """Return nothing: it prints any card."""

    def print_card(self, job: PrintJob, *, cancel: Cancel, progress: Progress) -> JobReport:
        """Print one card after those of other desks; raise when it died before or with it."""
        while self._busy and not self.dead:
            self._time.sleep(1.0)
        if self.dead:
            raise PrinterMissingError(device=self._name)
        self._busy = True
        try:
            end_s = self._time.monotonic() + self._plan.seconds_a_card
            while self._time.monotonic() < end_s:
                self._time.sleep(1.0)
                if self._dies_s is not None and self._time.monotonic() >= self._dies_s:
                    self.dead = True
                    self._jobs[job.job] = JobReport(job.job, JobState.UNKNOWN)
                    raise PrintJobLostError(device=self._name)
        finally:
            self._busy = False
        self.out.append(job.job)
        self._jobs[job.job] = JobReport(job.job, JobState.DONE, card_confirmed=True)
        return self._jobs[job.job]

    def job_report(self, job: str) -> JobReport:
        """Return what is known of a job."""
        return self._jobs.get(job, JobReport(job, JobState.UNKNOWN))

    def wait_job(self, job: str, *, cancel: Cancel, progress: Progress) -> JobReport:
        """Return what is known; nothing waits here."""
        return self.job_report(job)

    def cancel_job(self, job: str) -> None:
        """Forget a job."""


class MemoryRouter:
    """As much of ESC-Router as the outbox needs, with hours in which it is away."""

    base_url = "https://router.example"

    def __init__(self, time: SimulatedTime, away_s: tuple[float, float]) -> None:
        self._time, self._away_s = time, away_s
        self.persons: Counter[str] = Counter()
        self.cards: Counter[str] = Counter()

    def put_person(self, person: RouterPerson) -> str:
        """Keep a person."""
        self._need_here()
        self.persons[person.esi] += 1
        return "created"

    def put_card(self, card: RouterCard, *, known: bool = False) -> str:
        """Keep a card; told twice, it is the same card."""
        self._need_here()
        self.cards[card.escn] += 1
        return "created"

    def put_picture(self, esi: str, organisation_pic: str, jpeg_200x300: bytes) -> None:
        """Take a person's picture."""
        self._need_here()

    def card_status(self, escn: str) -> PublicCardStatus:
        """Say that it knows a card."""
        self._need_here()
        if escn not in self.cards:
            raise RouterNotFoundError
        return PublicCardStatus(escn, "ACTIVE", "", "", None, None)

    def ping(self, pic: str = "") -> None:
        """Answer, when it is here."""
        self._need_here()

    def told_at(self) -> None:
        """Tell no time."""

    def _need_here(self) -> None:
        if self._away_s[0] <= self._time.monotonic() < self._away_s[1]:
            raise RouterUnreachableError


@dataclass
class Happened:
    """What came of a day; times in seconds after it began."""

    handed_s: list[float] = field(default_factory=list)
    registered_s: list[tuple[float, int]] = field(default_factory=list)
    waiting_s: list[tuple[float, int]] = field(default_factory=list)
    given_s: list[tuple[float, str]] = field(default_factory=list)
    settled_by_hand: int = 0
    begun: int = 0
    plastic: Counter[str] = field(default_factory=Counter)
    """How many finished pieces of plastic carry each number."""

    def doubled(self) -> int:
        """Return how many numbers are on two pieces of plastic."""
        return sum(count > 1 for count in self.plastic.values())


class _OneDesk:
    """A person and their printing lane: the next is served while the last card prints."""

    def __init__(self, room: Room, number: int) -> None:
        self._room, self._number = room, number
        own = number % len(room.printers)
        ordered = [*room.printers[own:], *room.printers[:own]]
        self.journal = Journal(room.store, room.time, Who(f"Person {number + 1}", f"Desk {number + 1}"))
        self.printing = PooledPrinting(self.journal, [PoolMember(printer, NoLock()) for printer in ordered])
        self.issuances = IssuanceService(self.journal, room.settings, room.numbers, room.outbox.wake)
        self.in_print = False
        self.to_print: deque[str] = deque()
        self.to_give: deque[str] = deque()

    def serve(self) -> None:
        """Take whoever is next, make the card; between two people give out what has come out."""
        room, plan = self._room, self._room.plan
        while room.open or self.to_give or self.to_print or self.in_print:
            if self.to_give:
                self._hand_over(self.to_give.popleft())
            elif room.open and (holder := room.next_person()) is not None:
                room.time.sleep(plan.before_print_s)
                issuance = self.issuances.begin(holder, self.issuances.plan("university/1"))
                issuance = self.issuances.accept_portrait(issuance.id, a_portrait(holder.id))
                self.journal.step(issuance, Encoded("", RouterCardType.PASSIVE))
                self.to_print.append(issuance.id)
                room.happened.begun += 1
            else:
                room.time.sleep(1.0)

    def print_all(self) -> None:
        """Print what this desk's person has made ready, one after the other."""
        room = self._room
        while room.open or self.to_print or not room.all_served():
            if not self.to_print:
                room.time.sleep(1.0)
                continue
            self.in_print = True
            issuance_id = self.to_print.popleft()
            self._print(issuance_id)
            self.to_give.append(issuance_id)
            self.in_print = False

    def _print(self, issuance_id: str) -> None:
        while self.journal.issuance(issuance_id).state is State.ENCODED:
            issuance = self.journal.issuance(issuance_id)
            card = CheckedCard(_CARD, "", (), issuance.escn)
            reason = reprint_reason(issuance)
            try:
                self.printing.print_card(issuance_id, card, reason=reason, cancel=never(), progress=quiet)
            except PrintJobLostError:
                # Somebody opens the dead printer: the card is still blank; only now may another one print it.
                self._room.time.sleep(90.0)
                self.printing.confirm(issuance_id, came_out=False)
                self._room.happened.settled_by_hand += 1
            except PrinterMissingError:
                self._room.time.sleep(5.0)

    def _hand_over(self, issuance_id: str) -> None:
        self._room.time.sleep(self._room.plan.after_print_s)
        issuance = self.journal.issuance(issuance_id)
        self.journal.step(issuance, Verified("", "", issuance.escn))
        self.issuances.hand_over(issuance_id)
        self._room.happened.handed_s.append(self._room.time.monotonic())


class Room:
    """The desks, their printers, the people at the door."""

    def __init__(self, plan: Plan, store: SqlStore, folder: Path) -> None:
        self.plan, self.store = plan, store
        self.time = SimulatedTime(plan.begins)
        self.settings = demo_settings(folder, NOWHERE)
        institution = self.settings.institution
        draw = random.Random(7)
        issuer = EscnIssuer(
            store.escns, self.time, prefix=institution.escn_prefix, pic=institution.pic, random_bits=draw.getrandbits
        )
        self.numbers = {institution.key: issuer}
        self.router = MemoryRouter(self.time, plan.router_away_s)
        options = WorkerOptions(draw=draw.random)
        self.outbox = OutboxWorker(store, cast("Router", self.router), self.time, options)
        self.happened = Happened()
        self.printers = [
            TimedPrinter(f"printer-{n + 1}", self.time, plan, plan.printer_dies_s if n == 0 else None)
            for n in range(plan.desks)
        ]
        self._people = deque(self._register())
        self._arrived = len(self._people)
        self.desks = [_OneDesk(self, number) for number in range(plan.desks)]

    @property
    def open(self) -> bool:
        """Say whether people are still let in."""
        return self.time.monotonic() < self.plan.hours * 3600 and bool(self._people)

    def all_served(self) -> bool:
        """Say whether nobody is at a desk any more."""
        left = (desk.to_print or desk.to_give or desk.in_print for desk in self.desks)
        return not self.open and not any(left)

    def next_person(self) -> Holder | None:
        """Let the next one in, who comes when their time has come."""
        if not self._people:
            return None
        every_s = 0.0 if self.plan.queue_at_the_door else self.plan.hours * 3600 * 0.97 / self._arrived
        comes_s = (self._arrived - len(self._people)) * every_s
        return self._people.popleft() if self.time.monotonic() >= comes_s else None

    def live(self) -> Happened:
        """Let the day pass."""
        for desk in self.desks:
            self.time.spawn(desk.serve)
            self.time.spawn(desk.print_all)
        self.time.spawn(self._tell_router)
        self.time.run()
        self._look_back()
        return self.happened

    def _tell_router(self) -> None:
        while True:
            summary = self.store.outbox.summary()
            at_s = self.time.monotonic()
            self.happened.waiting_s.append((at_s, summary.waiting))
            self.happened.registered_s.append((at_s, len(self.router.cards)))
            if not summary.waiting and self.all_served() and at_s > self.plan.hours * 3600:
                return
            self.outbox.run_once(never())
            self.time.sleep(60.0)

    def _register(self) -> list[Holder]:
        people = [a_holder(f"26{n:04d}", "Anna", f"Kalniņa {n}") for n in range(self.plan.cards)]
        rows = [RegisterRow(replace(person, email=f"{person.student_number}@rpu.example")) for person in people]
        self.store.holders.apply_import(self.store.holders.plan_import(rows, "day"), "day", self.time.now())
        return [row.holder for row in rows]

    def _look_back(self) -> None:
        journal = list(self.store.entries_for_export())
        for entry in journal:
            if isinstance(entry.event, PrintBegun):
                at_s = (entry.at - self.plan.begins).total_seconds()
                self.happened.given_s.append((at_s, entry.event.printer))
        jobs = {e.event.job: e.issuance_id for e in journal if isinstance(e.event, PrintBegun)}
        escns = {i: found.escn for i in set(jobs.values()) if (found := self.store.issuances.get(i))}
        self.happened.plastic.update(escns[jobs[job]] for printer in self.printers for job in printer.out)


@contextmanager
def _opened(folder: Path) -> Iterator[SqlStore]:
    store = open_store(folder / "day.db", station="day")
    try:
        yield store
    finally:
        store.close()


def live(plan: Plan, folder: Path) -> tuple[Happened, Sequence[str], Room]:
    """Live a day; return what happened, the numbers of all cards that were handed over, and the room as it was left."""
    with _opened(folder) as store:
        room = Room(plan, store, folder)
        happened = room.live()
        return happened, [card.escn for card in store.cards.each()], room
