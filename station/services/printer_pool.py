"""Two or more printers that stand beside each other: which one prints a card, and which one has it.

The journal says which printer was given a card, before that printer hears of it. A printer that dies gives its card
to the next fit one by itself, if it is certain that no blank was touched: the printer never said that it prints, its
job was taken back, and its own word for that is in the journal before the other hears of the card. A card whose chip
was written at the desk is plastic that a person has to carry: the station says where to, and waits. In every other
case a person looks first. So a printer that dies costs the pool its pace and no card, and nothing is printed twice.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from station.domain.card import CardScheme
from station.domain.errors import (
    Cancelled,
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
    PrinterStatus,
    PrintJob,
    RenderedCard,
)
from station.ports.tasks import Cancel, Progress
from station.services.journal import Journal
from station.services.printer_ranking import ABLE, PoolMember, Ranking, Standing, able
from station.services.printing import PrintingService

if TYPE_CHECKING:
    from station.render.card import CheckedCard

_CARD_IN_IT = frozenset({PrinterReason.MEDIA_JAM.value, PrinterReason.CARD_INSIDE.value})
"""What a printer says that has taken a blank: nobody knows what is on it before somebody looks."""


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
        """Return how the worst one stands."""
        return worst(printer.status() for printer in self.printers)

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


def worst(statuses: Iterable[PrinterStatus]) -> PrinterStatus:
    """Return the first of those that are not able, else the first: that is where somebody has to go."""
    return max(statuses, key=lambda status: status.state not in ABLE)


@dataclass(frozen=True, slots=True)
class AtPrinter:
    """Which printer has a card, or is to get it; ``instead_of`` names the one that it was taken back from."""

    name: str
    instead_of: str = ""


class PooledPrinting(PrintingService):
    """Print cards on whichever printer is free and able. Several threads may be in it, each printer with one."""

    def __init__(self, journal: Journal, members: Sequence[PoolMember]) -> None:
        super().__init__(journal, PrinterPool([member.printer for member in members]), members[0].lock)
        self._ranking = Ranking(journal, members)
        self._services = {m.printer.name: PrintingService(journal, m.printer, m.lock) for m in members}
        self._at_work = {name: threading.Lock() for name in self._services}
        # Choosing and counting go together: two cards that ask at once would both take the printer with nothing to do.
        self._choosing = threading.Lock()
        self._where: dict[str, AtPrinter] = {}
        self._promised: set[str] = set()
        self._watches: dict[str, _Watch] = {}
        self._waits: dict[str, _Recall] = {}

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

        The order of asking follows from it, so that nobody waits for a printer that doesn't answer; and a card that
        waits, untouched, at one that is not able goes on at this one.
        """
        self._ranking.heard(status)
        # A copy: whoever waits takes its entry out on its own thread, at any moment.
        for issuance_id, wait in tuple(self._waits.items()):
            if self.goes_on_elsewhere(issuance_id):
                wait.set()

    def goes_on_elsewhere(self, issuance_id: str) -> bool:
        """Say whether a card waits, untouched, at a printer that is dead while another is well, by what was heard."""
        watch, at = self._watches.get(issuance_id), self._where.get(issuance_id)
        if watch is None or watch.touched or at is None:
            return False
        return at.name in self._ranking.unwell and bool(watch.fit & self._ranking.well - {at.name})

    def standings(self) -> tuple[Standing, ...]:
        """Return how each printer stands, the main one first; asks them."""
        return self._ranking.standings()

    def next_printers(self, schemes: Iterable[CardScheme]) -> dict[CardScheme, str]:
        """Return for each kind of card which printer would get the next one; kinds that none can take are left out."""
        return self._ranking.next_printers(schemes)

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
            watch = self._watches[issuance_id] = _Watch(progress)
            watch.fit = {member.printer.name for member in self._ranking.may(issuance, card)}
            with self._turn(issuance, card, tried) as service:
                try:
                    done = service.print_card(
                        issuance_id, card, reason=reason, inside=inside, cancel=cancel, progress=watch
                    )
                except (PrinterTroubleError, PrinterMissingError) as error:
                    died, tried = error, (*tried, service.printer.name)
                    watch.heard(error)
                    instead = self._ranking.spare(issuance, card, tried)
                    # First whether anybody could take it, then taken back: a card that nobody can take is best left
                    # where it waits.
                    if instead is None or not self._given_back(service, issuance_id, died, touched=watch.touched):
                        raise
                    issuance = self._moved(issuance_id, service.printer.name, instead, died)
                else:
                    del self._watches[issuance_id]
                    return done
            reason = ReprintReason.OTHER_PRINTER if issuance.prints else reason
            progress("moved", 0.0)

    def go_on(
        self,
        issuance_id: str,
        *,
        draw: Callable[[Issuance], CheckedCard] | None = None,
        cancel: Cancel,
        progress: Progress,
    ) -> Issuance:
        """Wait at the printer that has the card; at the next one, while that is dead and has not touched a blank.

        Raises:
            PrinterChangedError: as ``print_card``. PrinterError: as the service of one printer.
        """
        issuance = self._journal.issuance(issuance_id)
        service, watch = self._service_of(issuance), self._watches.get(issuance_id)
        name = service.printer.name
        if draw is None or watch is None or watch.touched or issuance.pending is not Act.PRINT:
            # Also what was begun in another run of the program: nobody here knows whether it began to print.
            with self._at_work[name]:
                return service.go_on(issuance_id, cancel=cancel, progress=progress)
        watch.tell, card = progress, draw(issuance)
        with self._at_work[name]:
            done = self._waited(service, issuance, card, _Recall(name, cancel, watch))
        if done is not None:
            return done
        progress("moved", 0.0)
        reason = ReprintReason.OTHER_PRINTER
        return self.print_card(issuance_id, card, reason=reason, cancel=cancel, progress=progress)

    def _waited(
        self, service: PrintingService, issuance: Issuance, card: CheckedCard, recall: _Recall
    ) -> Issuance | None:
        """Return the card once it is out; ``None``: it was taken back, and another printer is to have it."""
        name = service.printer.name
        self._waits[issuance.id] = recall
        try:
            instead, died = self._leaves_now(service, issuance, card)
            if instead is None:
                done = service.go_on(issuance.id, cancel=recall, progress=recall.watch)
                del self._watches[issuance.id]
                return done
        except (PrinterTroubleError, PrinterMissingError) as error:
            died, instead = error, self._leaves(service, issuance, card, error)
            if instead is None:
                raise
        except Cancelled:
            # Ended from the outside or by another printer that is well again: only the person's own word ends the
            # card's way here.
            instead = None if recall.outer.is_set() else self._ranking.spare(issuance, card, (name,))
            if instead is None:
                raise
        finally:
            del self._waits[issuance.id]
        self._moved(issuance.id, name, instead, died)
        return None

    def _leaves_now(
        self, service: PrintingService, issuance: Issuance, card: CheckedCard
    ) -> tuple[str | None, PrinterError]:
        """Take a card back from a printer that is not able; return who can take it, and what the printer said."""
        status = service.printer.status()
        reason = status.reasons[0] if status.reasons else PrinterReason.OTHER
        said = PrinterTroubleError(reason=reason.value, device=status.name)
        return (None if status.state in ABLE else self._leaves(service, issuance, card, said)), said

    def _leaves(
        self, service: PrintingService, issuance: Issuance, card: CheckedCard, error: PrinterError
    ) -> str | None:
        """Take a card back that another printer can take; return which."""
        watch = self._watches[issuance.id]
        watch.heard(error)
        instead = self._ranking.spare(issuance, card, (service.printer.name,))
        if instead is None or not self._given_back(service, issuance.id, error, touched=watch.touched):
            return None
        return instead

    def confirm(self, issuance_id: str, *, came_out: bool, unprinted: bool = False) -> Issuance:
        """Record what the person saw at the printer that has the card."""
        service = self._service_of(self._journal.issuance(issuance_id))
        return service.confirm(issuance_id, came_out=came_out, unprinted=unprinted)

    def spoiled(self, issuance_id: str, cause: Cause, detail: str = "") -> Issuance:
        """Record that the card is no good."""
        return self._service_of(self._journal.issuance(issuance_id)).spoiled(issuance_id, cause, detail)

    def _service_of(self, issuance: Issuance) -> PrintingService:
        """Return who prints on the printer that the journal names; the main one when that is no longer here."""
        return self._services.get(issuance.printer, self._services[self.printer.name])

    # --- a printer that dies ----------------------------------------------------------------------------------

    def _given_back(self, service: PrintingService, issuance_id: str, error: PrinterError, *, touched: bool) -> bool:
        """Take a card back from a printer that can't go on; say whether it is certain that no blank was touched."""
        issuance = self._journal.issuance(issuance_id)
        if issuance.pending is not Act.PRINT:
            return not isinstance(error, PrinterTroubleError)  # by the port: it never got the card
        printer, job = service.printer, issuance.job
        if touched or not isinstance(error, PrinterTroubleError):
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
        # Before the next printer hears of it: after a crash in between, one printer at most has to be asked about this
        # card.
        self._journal.step(issuance, PrintStopped(job, error.reason))
        return True

    def _moved(self, issuance_id: str, dead: str, instead: str, died: PrinterError) -> Issuance:
        """Note where a card goes on that was taken back; raises PrinterChangedError where a person has to carry it."""
        issuance = self._journal.issuance(issuance_id)
        self._where[issuance.id] = AtPrinter(instead, dead)
        self._promised.add(issuance.id)
        who = self._journal.who
        data: dict[str, object] = {"escn": issuance.escn, "to": instead}
        self._journal.store.printer_care.add(
            CareEntry(dead, CareAct.MOVED_ON, self._journal.clock.now(), data, who.operator, who.station)
        )
        if issuance.uid:
            raise PrinterChangedError(device=dead, other=instead) from died
        return issuance

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
            # A card may take a minute, and the printer may fall ill in it: so it is looked at again once the turn has
            # come.
            lock.acquire()
            keeps = False
            try:
                # Where none is better it is asked all the same, and says itself what it needs.
                keeps = able(self._services[name].printer) or self._ranking.spare(issuance, card, (*but, name)) is None
            finally:
                if not keeps:
                    lock.release()
                    self._give(name, -1)
            if keeps:
                return name
            but = (*but, name)

    def _give(self, name: str, number: int) -> None:
        with self._choosing:
            self._ranking.given[name] += number

    def _choose(self, issuance: Issuance, card: CheckedCard, but: tuple[str, ...]) -> str:
        with self._choosing:
            name = self._choice(issuance, card, but)
            self._ranking.given[name] += 1
            before = self._where.get(issuance.id)
            if before is None or before.name != name:
                self._where[issuance.id] = AtPrinter(name, before.name if before is not None and but else "")
            return name

    def _choice(self, issuance: Issuance, card: CheckedCard, but: tuple[str, ...] = ()) -> str:
        may = self._ranking.may(issuance, card)
        before = self._where.get(issuance.id)
        if issuance.id in self._promised and before is not None and before.name not in but:
            kept = [m for m in may if m.printer.name == before.name and able(m.printer)]
            may = kept or may
        return self._ranking.best(issuance, [m for m in may if m.printer.name not in but] or may)


class _Watch:
    """Progress passed on; notes whether the printer ever said that it prints, or has a card inside.

    ``fit`` are the printers that may have this card.
    """

    def __init__(self, tell: Progress) -> None:
        self.tell = tell
        self.touched = False
        self.fit: set[str] = set()

    def __call__(self, step: str, share: float) -> None:
        self.touched = self.touched or step == "printing"
        self.tell(step, share)

    def heard(self, error: PrinterError) -> None:
        """Note what the printer says of itself."""
        self.touched = self.touched or getattr(error, "reason", "") in _CARD_IN_IT


class _Recall(threading.Event):
    """A wait at a printer that ends for the person (``outer``), or as another is able before this one has begun."""

    def __init__(self, at: str, outer: Cancel, watch: _Watch) -> None:
        super().__init__()
        self.at, self.outer, self.watch = at, outer, watch

    def is_set(self) -> bool:
        """Say whether either is so."""
        # Looked at anew at each question: from the moment that a blank was touched, another printer's word counts for
        # nothing.
        return self.outer.is_set() or (super().is_set() and not self.watch.touched)
