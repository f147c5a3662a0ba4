"""Two or more printers that stand beside each other: which one prints a card, and which one has it.

The journal says which printer was given a card, before that printer hears of it. Nothing moves a card from one printer
to another: a card is given to a second printer only after the first is known not to have printed it, by its own word
or a person's. So a printer that dies costs the pool its pace and no card, and nothing is printed twice.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from station.domain.card import CardScheme
from station.domain.errors import PrinterUnfitError
from station.domain.workflow import Act, Cause, Issuance, ReprintReason
from station.ports.printer import (
    CardFeeder,
    Consumables,
    JobReport,
    JobState,
    Printer,
    PrinterProfile,
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


class PooledPrinting(PrintingService):
    """Print cards on whichever printer is free and able. Several threads may be in it, each printer with one."""

    def __init__(self, journal: Journal, members: Sequence[PoolMember]) -> None:
        super().__init__(journal, PrinterPool([member.printer for member in members]), members[0].lock)
        self._members = tuple(members)
        self._services = {m.printer.name: PrintingService(journal, m.printer, m.lock) for m in members}
        self._at_work = {name: threading.Lock() for name in self._services}
        self._given: Counter[str] = Counter()
        self._choosing = threading.Lock()

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
        """Print on the printer with the least to do that can and may; raises as the service of one printer."""
        issuance = self._journal.issuance(issuance_id)
        with self._chosen(issuance, card) as service:
            return service.print_card(issuance_id, card, reason=reason, inside=inside, cancel=cancel, progress=progress)

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

    @contextmanager
    def _chosen(self, issuance: Issuance, card: CheckedCard) -> Iterator[PrintingService]:
        with self._choosing:
            name = self._choice(issuance, card)
            self._given[name] += 1
        try:
            with self._at_work[name]:
                yield self._services[name]
        finally:
            with self._choosing:
                self._given[name] -= 1

    def _choice(self, issuance: Issuance, card: CheckedCard) -> str:
        held = {
            each.printer
            for each in self._journal.store.issuances.open_issuances()
            if each.pending is Act.PRINT and each.id != issuance.id
        }
        fit = [m for m in self._members if m.printer.unfit(card.card) is None] or list(self._members)
        # Nobody's own kind of card waits for a printer that was not bought for it: then any fitting one may.
        may = [m for m in fit if not m.schemes or issuance.scheme in m.schemes] or fit

        def rank(member: PoolMember) -> tuple[int, int, int]:
            name, state = member.printer.name, member.printer.status().state
            if state not in _ABLE:
                return (3, self._given[name], len(member.schemes) == 0)
            # A printer that waits with somebody's card takes no other before that one is settled, if there is a way
            # round it. One that is at work has its card pending, too: ours counts as given, another station's here.
            others = name in held and self._given[name] == 0
            standing = 0 if not others else 1 if state is PrinterState.PRINTING else 2
            return (standing, self._given[name], len(member.schemes) == 0)

        return min(may, key=rank).printer.name
