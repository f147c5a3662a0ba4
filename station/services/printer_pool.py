"""Two or more printers that stand beside each other: which one prints a card, and which one has it.

The journal says which printer was given a card, before that printer hears of it. A printer that dies gives its card
to the next fit one by itself, if it is certain that no blank was touched: the printer never said that it prints, its
job was taken back, and its own word for that is in the journal before the other hears of the card. A card whose chip
was written at the desk is plastic that a person has to carry: the station says where to, and waits. In every other
case a person looks first. So a printer that dies costs the pool its pace and no card, and nothing is printed twice.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from station.domain.card import CardScheme
from station.domain.errors import (
    PrinterChangedError,
    PrinterError,
    PrinterMissingError,
    PrinterTroubleError,
    PrinterUnfitError,
    StationError,
)
from station.domain.print_care import CareAct, CareEntry
from station.domain.workflow import Act, Cause, Issuance, PrintStopped, ReprintReason
from station.ports.printer import (
    CardFeeder,
    Consumables,
    JobReport,
    JobState,
    Printer,
    PrinterProfile,
    PrinterReason,
    PrinterState,
    PrinterStatus,
    PrintJob,
    RenderedCard,
)
from station.ports.tasks import Cancel, Progress
from station.services.journal import Journal
from station.services.printing import PrintingService

if TYPE_CHECKING:
    from station.ports.printer_lock import PrinterLock
    from station.render.card import CheckedCard

_ABLE = frozenset({PrinterState.READY, PrinterState.PRINTING})
"""States in which a printer takes a card; in any other it waits for a person."""

_CARD_IN_IT = frozenset({PrinterReason.MEDIA_JAM.value, PrinterReason.CARD_INSIDE.value})
"""What a printer says that has taken a blank: nobody knows what is on it before somebody looks."""

_WAITS_WITH_A_CARD, _NOT_ABLE = 2, 3


@dataclass(frozen=True, slots=True)
class PoolMember:
    """One printer of a pool, and what it prints: ``schemes`` empty for any card; ``lock`` keeps other stations off."""

    printer: Printer
    lock: PrinterLock
    schemes: frozenset[CardScheme] = frozenset()


class PrinterPool:
    """All printers of a station as one; implements ``ports.printer.Printer`` for whoever only asks.

    What is done to a card is done by ``PooledPrinting``, which knows who has it.
    """

    def __init__(self, printers: Sequence[Printer]) -> None:
        self.printers = tuple(printers)

    @property
    def name(self) -> str:
        """Return the name of the main printer."""
        return self.printers[0].name

    @property
    def profile(self) -> PrinterProfile:
        """Return what is known of the model; the raster is the same for all of them."""
        return self.printers[0].profile

    @property
    def feeder(self) -> CardFeeder | None:
        """Return nothing: blanks are written at the desk, whichever printer takes them."""
        return None

    def status(self) -> PrinterStatus:
        """Return how the worst one stands: that is where somebody has to go."""
        return max((printer.status() for printer in self.printers), key=lambda status: status.state not in _ABLE)

    def consumables(self) -> Consumables:
        """Return what the main printer says."""
        return self.printers[0].consumables()

    def unfit(self, card: RenderedCard) -> PrinterUnfitError | None:
        """Return what the main printer has against a card that none can print."""
        refused = [printer.unfit(card) for printer in self.printers]
        return refused[0] if all(refused) else None

    def print_card(self, job: PrintJob, *, cancel: Cancel, progress: Progress) -> JobReport:
        """Print on the main printer."""
        return self.printers[0].print_card(job, cancel=cancel, progress=progress)

    def job_report(self, job: str) -> JobReport:
        """Return what the printer that knows the job says of it."""
        reports = [printer.job_report(job) for printer in self.printers]
        return next((report for report in reports if report.state is not JobState.UNKNOWN), reports[0])

    def wait_job(self, job: str, *, cancel: Cancel, progress: Progress) -> JobReport:
        """Wait at the printer that knows the job."""
        knows = (p for p in self.printers if p.job_report(job).state is not JobState.UNKNOWN)
        return next(knows, self.printers[0]).wait_job(job, cancel=cancel, progress=progress)

    def cancel_job(self, job: str) -> None:
        """Take a job back, wherever it is."""
        for printer in self.printers:
            printer.cancel_job(job)


@dataclass(frozen=True, slots=True)
class AtPrinter:
    """Which printer has a card, or is to get it; ``instead_of`` names the one that it was taken back from."""

    name: str
    instead_of: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a printer stands in its pool: what it prints, how many cards it was given, whether it takes one now.

    ``holds`` says that somebody's card waits in it, so that others go round it.
    """

    name: str
    schemes: frozenset[CardScheme] = frozenset()
    given: int = 0
    able: bool = True
    holds: bool = False


class PooledPrinting(PrintingService):
    """Print cards on whichever printer is free and able. Several threads may be in it, each printer with one."""

    def __init__(self, journal: Journal, members: Sequence[PoolMember]) -> None:
        super().__init__(journal, PrinterPool([member.printer for member in members]), members[0].lock)
        self._members = tuple(members)
        self._services = {m.printer.name: PrintingService(journal, m.printer, m.lock) for m in members}
        self._at_work = {name: threading.Lock() for name in self._services}
        self._given: Counter[str] = Counter()
        self._choosing = threading.Lock()
        self._where: dict[str, AtPrinter] = {}
        self._promised: set[str] = set()
        self._unwell: set[str] = set()

    # --- who only asks ----------------------------------------------------------------------------------------

    def where(self, issuance_id: str) -> AtPrinter | None:
        """Return which printer has a card or is to get it, as far as this run of the program knows; asks nobody."""
        return self._where.get(issuance_id)

    def promise(self, issuance_id: str, card: CheckedCard) -> AtPrinter:
        """Choose the printer for a card that a person carries to it, and keep to it for as long as it is able."""
        issuance = self._journal.issuance(issuance_id)
        with self._choosing:
            name = self._choice(issuance, card)
            self._promised.add(issuance_id)
            before = self._where.get(issuance_id)
            if before is None or before.name != name:
                self._where[issuance_id] = AtPrinter(name)
            return self._where[issuance_id]

    def heard(self, status: PrinterStatus) -> None:
        """Note what a printer said to somebody else: one that was not able is asked last when a card is to be printed.

        Only the order of asking follows from it, so that nobody waits for a printer that doesn't answer.
        """
        if status.state in _ABLE:
            self._unwell.discard(status.name)
        else:
            self._unwell.add(status.name)

    def standings(self) -> tuple[Standing, ...]:
        """Return how each printer stands, the main one first; asks them."""
        held, given = self._held(""), Counter(self._given)
        found = []
        for member in self._members:
            name = member.printer.name
            holds = name in held and given[name] == 0
            found.append(Standing(name, member.schemes, given[name], _able(member.printer), holds))
        return tuple(found)

    def next_printers(self, schemes: Iterable[CardScheme]) -> dict[CardScheme, str]:
        """Return for each kind of card which printer would get the next one; kinds that none can take are left out."""
        held, found = self._held(""), {}
        for scheme in schemes:
            ranked = [(self._rank(m, held), m.printer.name) for m in self._of_kind(self._members, scheme)]
            best = min(ranked, default=None)
            if best is not None and best[0][0] != _NOT_ABLE:
                found[scheme] = best[1]
        return found

    @contextmanager
    def alone_with(self, printer: str) -> Iterator[None]:
        """Keep cards from a printer for as long as somebody tries something out on it."""
        with self._at_work[printer]:
            yield

    # --- printing ---------------------------------------------------------------------------------------------

    def print_card(  # noqa: PLR0913 - as the service of one printer
        self,
        issuance_id: str,
        card: CheckedCard,
        *,
        reason: ReprintReason | None = None,
        inside: bool = False,
        cancel: Cancel,
        progress: Progress,
    ) -> Issuance:
        """Print on the printer with the least to do that can and may; go on at the next one when that dies before.

        Raises:
            PrinterChangedError: the card was taken back and goes on elsewhere, once a person has carried it there.
            PrinterError: as the service of one printer, of the last one that was tried.
        """
        tried: tuple[str, ...] = ()
        while True:
            issuance = self._journal.issuance(issuance_id)
            watch = _Watch(progress)
            with self._turn(issuance, card, tried) as service:
                try:
                    return service.print_card(
                        issuance_id, card, reason=reason, inside=inside, cancel=cancel, progress=watch
                    )
                except (PrinterTroubleError, PrinterMissingError) as error:
                    died, tried = error, (*tried, service.printer.name)
                    instead = self._next(issuance, card, tried)
                    if instead is None or not self._given_back(service, issuance_id, died, touched=watch.prints):
                        raise
                    issuance = self._journal.issuance(issuance_id)
                    self._move(issuance, service.printer.name, instead)
            if issuance.uid:
                raise PrinterChangedError(device=tried[-1], other=instead) from died
            reason = ReprintReason.OTHER_PRINTER if issuance.prints else reason
            progress("moved", 0.0)

    def go_on(self, issuance_id: str, *, cancel: Cancel, progress: Progress) -> Issuance:
        """Wait at the printer that has the card."""
        service = self._service_of(self._journal.issuance(issuance_id))
        with self._at_work[service.printer.name]:
            return service.go_on(issuance_id, cancel=cancel, progress=progress)

    def confirm(self, issuance_id: str, *, came_out: bool, unprinted: bool = False) -> Issuance:
        """Record what the person saw at the printer that has the card."""
        service = self._service_of(self._journal.issuance(issuance_id))
        return service.confirm(issuance_id, came_out=came_out, unprinted=unprinted)

    def spoiled(self, issuance_id: str, cause: Cause, detail: str = "") -> Issuance:
        """Record that the card is no good."""
        return self._service_of(self._journal.issuance(issuance_id)).spoiled(issuance_id, cause, detail)

    def _service_of(self, issuance: Issuance) -> PrintingService:
        """Return who prints on the printer that the journal names; the main one when that is no longer here."""
        return self._services.get(issuance.printer, self._services[self._members[0].printer.name])

    # --- a printer that dies ----------------------------------------------------------------------------------

    def _given_back(self, service: PrintingService, issuance_id: str, error: PrinterError, *, touched: bool) -> bool:
        """Take a card back from a printer that can't go on; say whether it is certain that no blank was touched."""
        issuance = self._journal.issuance(issuance_id)
        if issuance.pending is not Act.PRINT:
            return not isinstance(error, PrinterTroubleError)  # by the port: it never got the card
        printer, job = service.printer, issuance.job
        if touched or not isinstance(error, PrinterTroubleError) or error.reason in _CARD_IN_IT:
            return False
        report = printer.job_report(job)
        if report.state is not JobState.QUEUED or not report.untouched:
            return False
        try:
            printer.cancel_job(job)
        except StationError:
            return False  # it may still be printed: the person is asked, as ever
        report = printer.job_report(job)
        if report.state in (JobState.QUEUED, JobState.PRINTING) or not report.untouched:
            return False  # it began in this very moment
        self._journal.step(issuance, PrintStopped(job, error.reason))
        return True

    def _move(self, issuance: Issuance, dead: str, instead: str) -> None:
        self._where[issuance.id] = AtPrinter(instead, dead)
        self._promised.add(issuance.id)
        who = self._journal.who
        data: dict[str, object] = {"escn": issuance.escn, "to": instead}
        self._journal.store.printer_care.add(
            CareEntry(dead, CareAct.MOVED_ON, self._journal.clock.now(), data, who.operator, who.station)
        )

    # --- the choice -------------------------------------------------------------------------------------------

    @contextmanager
    def _turn(self, issuance: Issuance, card: CheckedCard, but: tuple[str, ...]) -> Iterator[PrintingService]:
        """Choose a printer and wait for its turn; one that falls ill meanwhile is left for another."""
        name = self._wait_for_turn(issuance, card, but)
        try:
            yield self._services[name]
        finally:
            self._at_work[name].release()
            self._give(name, -1)

    def _wait_for_turn(self, issuance: Issuance, card: CheckedCard, but: tuple[str, ...]) -> str:
        while True:
            name = self._choose(issuance, card, but)
            lock = self._at_work[name]
            if lock.acquire(blocking=False):
                return name
            lock.acquire()
            keeps = False
            try:
                # Where none is better it is asked all the same, and says itself what it needs.
                keeps = _able(self._services[name].printer) or self._next(issuance, card, (*but, name)) is None
            finally:
                if not keeps:
                    lock.release()
                    self._give(name, -1)
            if keeps:
                return name
            but = (*but, name)

    def _give(self, name: str, number: int) -> None:
        with self._choosing:
            self._given[name] += number

    def _choose(self, issuance: Issuance, card: CheckedCard, but: tuple[str, ...]) -> str:
        with self._choosing:
            name = self._choice(issuance, card, but)
            self._given[name] += 1
            before = self._where.get(issuance.id)
            if before is None or before.name != name:
                self._where[issuance.id] = AtPrinter(name, before.name if before is not None and but else "")
            return name

    def _next(self, issuance: Issuance, card: CheckedCard, but: tuple[str, ...]) -> str | None:
        """Return who could take a card that these can't; ``None``: nobody is able, or only with another's card."""
        may = [m for m in self._may(issuance, card) if m.printer.name not in but]
        ranked = [(self._rank(m, self._held(issuance.id)), m.printer.name) for m in may]
        best = min(ranked, default=None)
        return best[1] if best is not None and best[0][0] < _WAITS_WITH_A_CARD else None

    def _choice(self, issuance: Issuance, card: CheckedCard, but: tuple[str, ...] = ()) -> str:
        may = self._may(issuance, card)
        before = self._where.get(issuance.id)
        if issuance.id in self._promised and before is not None and before.name not in but:
            kept = [m for m in may if m.printer.name == before.name and _able(m.printer)]
            may = kept or may
        held, ranks = self._held(issuance.id), {}
        left = [m for m in may if m.printer.name not in but] or may
        # The best first, and nobody else once that one can: each has to be asked, and some take their time.
        for member in sorted(left, key=lambda m: (m.printer.name in self._unwell, *self._load(m))):
            name = member.printer.name
            ranks[name] = self._rank(member, held)
            if ranks[name][0] == 0:
                return name
        return min(ranks, key=lambda name: ranks[name])

    def _may(self, issuance: Issuance, card: CheckedCard) -> list[PoolMember]:
        fit = [m for m in self._members if m.printer.unfit(card.card) is None] or list(self._members)
        return self._of_kind(fit, issuance.scheme)

    @staticmethod
    def _of_kind(members: Sequence[PoolMember], scheme: CardScheme) -> list[PoolMember]:
        # Nobody's own kind of card waits for a printer that was not bought for it: then any fitting one may.
        return [m for m in members if not m.schemes or scheme in m.schemes] or list(members)

    def _held(self, issuance_id: str) -> set[str]:
        """Return the printers that have a card of somebody else."""
        opened = self._journal.store.issuances.open_issuances()
        return {each.printer for each in opened if each.pending is Act.PRINT and each.id != issuance_id}

    def _load(self, member: PoolMember) -> tuple[int, int]:
        """Return what it has to do; a printer for this kind of card alone comes before one for all."""
        return self._given[member.printer.name], len(member.schemes) == 0

    def _rank(self, member: PoolMember, held: set[str]) -> tuple[int, int, int]:
        name, state = member.printer.name, member.printer.status().state
        if state not in _ABLE:
            return (_NOT_ABLE, *self._load(member))
        # A printer that waits with somebody's card takes no other before that one is settled, if there is a way
        # round it. One that is at work has its card pending, too: ours counts as given, another station's here.
        others = name in held and self._given[name] == 0
        standing = 0 if not others else 1 if state is PrinterState.PRINTING else _WAITS_WITH_A_CARD
        return (standing, *self._load(member))


class _Watch:
    """Progress passed on; notes whether the printer ever said that it prints."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self.prints = False

    def __call__(self, step: str, share: float) -> None:
        self.prints = self.prints or step == "printing"
        self._progress(step, share)


def _able(printer: Printer) -> bool:
    return printer.status().state in _ABLE
