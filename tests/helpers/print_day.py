"""A day at the desks in simulated time: the station's own services and stores, people and printers with real times.

Each desk is a station of its own, as one without a server is: its own SQLite file, journal, queue to ESC-Router, range
of card numbers, and a pool of its own printers. Only the people at the door and ESC-Router are common to all.

What is simulated: the seconds a person and a printer take, the printers' bodies, and ESC-Router. What is real: every
journal entry, the choice of a printer, a card that goes on at the next one by itself, the outbox with its waits, the
numbers, SQLite on the disk. A person feeds one card at a time: the second printer of a desk is there for the day on
which the first one dies.
"""

from __future__ import annotations

import random
from collections import Counter, deque
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from printers.profile_files import load_profile
from station.adapters.printer_lock import NoLock
from station.adapters.store import SqlStore, open_store
from station.app.demo_profile import NOWHERE, demo_settings
from station.domain.card import RouterCardType
from station.domain.errors import (
    PrinterMissingError,
    PrinterTroubleError,
    PrintJobLostError,
    RouterNotFoundError,
    RouterUnreachableError,
)
from station.domain.holder import Holder
from station.domain.print_care import CareAct
from station.domain.workflow import Encoded, PrintBegun, State, Verified
from station.ports.printer import (
    Bitmap,
    CardFeeder,
    Consumables,
    JobReport,
    JobState,
    PrinterProfile,
    PrinterReason,
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
from station.services.printer_pool import PooledPrinting
from station.services.printer_ranking import PoolMember
from station.services.printing import reprint_reason
from tests.helpers.desks import a_holder, a_portrait, never, quiet
from tests.helpers.simulated_time import SimulatedTime

_DOT = Bitmap("RGB", 1, 1, b"\xff\xff\xff")
_CARD = RenderedCard(RenderedSide(_DOT, Bitmap("1", 1, 1, b"\0"), _DOT), None, 300, 300, 85.6, 53.98)


@dataclass(frozen=True)
class Plan:
    """What a day is made of; times of day are seconds after it begins."""

    desks: int = 1
    printers_a_desk: int = 1
    cards: int = 200
    hours: float = 1.0
    seconds_a_card: float = 24.0
    before_print_s: float = 35.0
    after_print_s: float = 12.0
    queue_at_the_door: bool = True
    printer_dies_s: float | None = None
    """When the first desk's first printer dies, with a card in it."""
    cover_open_s: tuple[float, float] = (0.0, 0.0)
    """While the cover of the last desk's first printer is open: no card gets in."""
    router_away_s: tuple[float, float] = (0.0, 0.0)
    begins: datetime = datetime(2026, 9, 7, 5, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Fate:
    """What befalls a printer in a day."""

    dies_s: float | None = None
    cover_open_s: tuple[float, float] = (0.0, 0.0)


class TimedPrinter:
    """A printer that takes simulated time, one card after the other, and dies with the first card after its time."""

    def __init__(self, name: str, time: SimulatedTime, plan: Plan, fate: Fate) -> None:
        self._name, self._time, self._plan, self._fate = name, time, plan, fate
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
        begins_s, ends_s = self._fate.cover_open_s
        if begins_s <= self._time.monotonic() < ends_s:
            # Nobody sees it before a card is given to it: its state says nothing while it is idle.
            self._jobs[job.job] = JobReport(job.job, JobState.QUEUED, untouched=True)
            raise PrinterTroubleError(device=self._name, reason=PrinterReason.COVER_OPEN.value)
        self._busy = True
        progress("printing", 0.0)
        try:
            end_s = self._time.monotonic() + self._plan.seconds_a_card
            while self._time.monotonic() < end_s:
                self._time.sleep(1.0)
                if self._fate.dies_s is not None and self._time.monotonic() >= self._fate.dies_s:
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
        """Give a job back that waits."""
        if self.job_report(job).state is JobState.QUEUED:
            self._jobs[job] = JobReport(job, JobState.CANCELLED, untouched=True)


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
    moved_by_itself: int = 0
    begun: int = 0
    plastic: Counter[str] = field(default_factory=Counter)
    """How many finished pieces of plastic carry each number."""

    def doubled(self) -> int:
        """Return how many numbers are on two pieces of plastic."""
        return sum(count > 1 for count in self.plastic.values())


class _OneDesk:
    """A station, a person, and their printing lane: the next is served while the last card prints."""

    def __init__(self, room: Room, number: int, store: SqlStore) -> None:
        self._room, self.store, self.number = room, store, number
        plan, institution, draw = room.plan, room.settings.institution, random.Random(number)
        self.printers = [
            TimedPrinter(f"printer-{number + 1}{letter}", room.time, plan, room.fate_of(number, place))
            for place, letter in enumerate("abcdef"[: plan.printers_a_desk])
        ]
        self.journal = Journal(store, room.time, Who(f"Person {number + 1}", f"Desk {number + 1}"))
        self.printing = PooledPrinting(self.journal, [PoolMember(printer, NoLock()) for printer in self.printers])
        # Stations without a common store each number their cards from a range of their own.
        numbers = EscnIssuer(
            store.escns, room.time, prefix=number + 1, pic=institution.pic, random_bits=draw.getrandbits
        )
        self.outbox = OutboxWorker(store, cast("Router", room.router), room.time, WorkerOptions(draw=draw.random))
        self.issuances = IssuanceService(self.journal, room.settings, {institution.key: numbers}, self.outbox.wake)
        self.in_print = self.serving = False
        self.to_print: deque[str] = deque()
        self.to_give: deque[str] = deque()

    def serve(self) -> None:
        """Take whoever is next, make the card; between two people give out what has come out."""
        room, plan = self._room, self._room.plan
        while room.open or self.to_give or self.to_print or self.in_print:
            if self.to_give:
                self._hand_over(self.to_give.popleft())
            elif (holder := room.next_person(self.number)) is not None:
                self.serving = True  # the last one, too, has a card to be printed: nobody goes home before
                room.time.sleep(plan.before_print_s)
                issuance = self.issuances.begin(holder, self.issuances.plan("university/1"))
                issuance = self.issuances.accept_portrait(issuance.id, a_portrait(holder.id))
                self.journal.step(issuance, Encoded("", RouterCardType.PASSIVE))
                self.to_print.append(issuance.id)
                self.serving = False
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

    def __init__(self, plan: Plan, stores: Sequence[SqlStore], folder: Path) -> None:
        self.plan = plan
        self.time = SimulatedTime(plan.begins)
        self.settings = demo_settings(folder, NOWHERE)
        self.router = MemoryRouter(self.time, plan.router_away_s)
        self.happened = Happened()
        people = self._register(stores)
        every_s = 0.0 if plan.queue_at_the_door else plan.hours * 3600 * 0.97 / len(people)
        comes = [(number * every_s, person) for number, person in enumerate(people)]
        self._queues = [deque(comes[desk :: len(stores)]) for desk in range(len(stores))]
        """Who comes to which desk, and when: people spread over all of them."""
        self.desks = [_OneDesk(self, number, store) for number, store in enumerate(stores)]

    def fate_of(self, desk: int, place: int) -> Fate:
        """Return what befalls a printer: the first one of the first desk dies, the first of the last is left open."""
        plan = self.plan
        if place:
            return Fate()
        return Fate(
            plan.printer_dies_s if desk == 0 else None, plan.cover_open_s if desk == plan.desks - 1 else (0.0, 0.0)
        )

    @property
    def open(self) -> bool:
        """Say whether people are still let in."""
        return self.time.monotonic() < self.plan.hours * 3600 and any(self._queues)

    def all_served(self) -> bool:
        """Say whether nobody is at a desk any more."""
        left = (desk.serving or desk.to_print or desk.to_give or desk.in_print for desk in self.desks)
        return not self.open and not any(left)

    def next_person(self, desk: int) -> Holder | None:
        """Let the next one of a desk in, who comes when their time has come."""
        queue = self._queues[desk]
        if not self.open or not queue or self.time.monotonic() < queue[0][0]:
            return None
        return queue.popleft()[1]

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
            waiting = sum(desk.store.outbox.summary().waiting for desk in self.desks)
            at_s = self.time.monotonic()
            self.happened.waiting_s.append((at_s, waiting))
            self.happened.registered_s.append((at_s, len(self.router.cards)))
            if not waiting and self.all_served() and at_s > self.plan.hours * 3600:
                return
            for desk in self.desks:
                desk.outbox.run_once(never())
            self.time.sleep(60.0)

    def _register(self, stores: Sequence[SqlStore]) -> list[Holder]:
        """Give every desk the whole register: people go to whichever is free."""
        people = [a_holder(f"26{n:04d}", "Anna", f"Kalniņa {n}") for n in range(self.plan.cards)]
        rows = [RegisterRow(replace(person, email=f"{person.student_number}@rpu.example")) for person in people]
        for store in stores:
            store.holders.apply_import(store.holders.plan_import(rows, "day"), "day", self.time.now())
        return [row.holder for row in rows]

    def _look_back(self) -> None:
        for desk in self.desks:
            journal, store = list(desk.store.entries_for_export()), desk.store
            begun = [(entry, entry.event) for entry in journal if isinstance(entry.event, PrintBegun)]
            for entry, event in begun:
                self.happened.given_s.append(((entry.at - self.plan.begins).total_seconds(), event.printer))
            jobs = {event.job: entry.issuance_id for entry, event in begun}
            escns = {i: found.escn for i in set(jobs.values()) if (found := store.issuances.get(i))}
            self.happened.plastic.update(escns[jobs[job]] for printer in desk.printers for job in printer.out)
            care = [entry for printer in desk.printers for entry in store.printer_care.of_printer(printer.name)]
            self.happened.moved_by_itself += sum(entry.act is CareAct.MOVED_ON for entry in care)
        self.happened.given_s.sort()


def live(plan: Plan, folder: Path) -> tuple[Happened, Sequence[str], Room]:
    """Live a day; return what happened, the numbers of all cards that were handed over, and the room as it was left."""
    with ExitStack() as closing:
        stores = []
        for number in range(plan.desks):
            store = open_store(folder / f"desk-{number + 1}.db", station=f"Desk {number + 1}")
            closing.callback(store.close)
            stores.append(store)
        room = Room(plan, stores, folder)
        happened = room.live()
        return happened, [card.escn for store in stores for card in store.cards.each()], room
