"""Print a card: the job is journaled before the spooler hears of it, and a spooler's word is not a card."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from station.domain.errors import (
    N_,
    PrinterTroubleError,
    PrintJobLostError,
    StationError,
    WorkflowError,
)
from station.domain.message import Message
from station.domain.workflow import (
    Act,
    Cause,
    Doubted,
    Issuance,
    PrintBegun,
    Printed,
    PrintStopped,
    ReprintReason,
    Spoiled,
    State,
)
from station.ports.printer import CardPlace, JobReport, JobState, Printer, PrinterReason, PrintJob
from station.ports.printer_lock import PrinterLock
from station.ports.tasks import Cancel, Progress
from station.services.journal import Journal

if TYPE_CHECKING:
    from station.render.card import CheckedCard

log = logging.getLogger(__name__)


class PrintingService:
    """Print cards on one printer. Blocks; runs on the ``printer`` lane."""

    def __init__(self, journal: Journal, printer: Printer, lock: PrinterLock) -> None:
        self._journal, self.printer, self.lock = journal, printer, lock
        self._asked: set[str] = set()
        """Jobs that ended and whose card only a person has seen: what is said of them was looked at."""
        self._told_off: set[str] = set()
        """Jobs of spoiled cards that can't be taken back: who was told so has switched the printer off."""

    def check(self, card: CheckedCard) -> None:
        """Raise PrinterUnfitError when this model can't print ``card``; ask before a blank is written for it."""
        error = self.printer.unfit(card.card)
        if error is not None:
            raise error

    def print_card(  # noqa: PLR0913 - which card, how it looks; then four ways to take part, by name
        self,
        issuance_id: str,
        card: CheckedCard,
        *,
        reason: ReprintReason | None = None,
        inside: bool = False,
        cancel: Cancel,
        progress: Progress,
    ) -> Issuance:
        """Print ``card``, which must have been drawn for this issuance's number, and wait for the end.

        The issuance stays ``pending`` when only a person can say what came out. ``inside`` says that this card is at
        the printer's encoder already; else a card that is in there is somebody's, and nothing is printed on it.

        Raises:
            PrinterTroubleError: the job waits at the printer: after the remedy call ``go_on``.
            PrinterMissingError, Cancelled: nothing was printed; the card and its number are as before.
            PrintJobLostError: nobody knows; ask the person, then call ``confirm``.
        """
        issuance = self._journal.issuance(issuance_id)
        # A picture drawn for the blank before, whose chip failed, carries a number that is nobody's any more.
        if card.escn != issuance.escn:
            raise WorkflowError(detail=N_("the picture to print carries another card's number"))
        # A printer feeds no new blank while one is inside: it prints on that one, whoever's chip it has.
        if not inside:
            self._need_empty()
        # The same attempt has the same name after a restart, so that the driver knows the job and prints it once.
        job = f"card-{issuance.id[:12]}-{issuance.prints + 1}"
        # On the disk before the spooler hears of it: after a crash in between, the printer is asked for a job that it
        # never got, which is cheap; the other way round a card would come out that no journal knows.
        issuance = self._journal.step(issuance, PrintBegun(job, self.printer.name, reason))
        with self._journaling(issuance), self.lock.hold():
            report = self.printer.print_card(PrintJob(job, card.card), cancel=cancel, progress=progress)
        return self._ended(issuance, report)

    def go_on(
        self,
        issuance_id: str,
        *,
        draw: Callable[[Issuance], CheckedCard] | None = None,
        cancel: Cancel,
        progress: Progress,
    ) -> Issuance:
        """Wait for a job that the printer held; raises as ``print_card``.

        ``draw`` is how the card is drawn, for where it may go on at another printer.
        """
        issuance = self._journal.issuance(issuance_id)
        if issuance.pending is not Act.PRINT:
            raise WorkflowError(detail=N_("nothing is being printed"))
        with self.lock.hold(), self._journaling(issuance):
            report = self.printer.wait_job(issuance.job, cancel=cancel, progress=progress)
        return self._ended(issuance, report)

    def confirm(self, issuance_id: str, *, came_out: bool, unprinted: bool = False) -> Issuance:
        """Record what the person saw: the card came out, or nothing did (the job is then taken back first).

        ``unprinted`` says that it came out with nothing on it: then the same plastic can be printed. A job that is
        taken back before anybody was asked to look may have been printed in that moment: its own end counts then.

        Raises:
            PrinterTroubleError: the job can't be taken back; it may still be printed.
            PrintJobLostError: it was at the printer already, and nobody has looked; ask, then call this again.
        """
        issuance = self._journal.issuance(issuance_id)
        if came_out:
            # Recorded first: the card is in somebody's hand, whether or not the printer lets its job be taken back.
            after = self._journal.step(issuance, Printed(issuance.job, "person"))
            let_go(self.printer, issuance.job)
            return after
        # Before it is journaled: a job that still waits would come out beside the card that is printed next.
        self.printer.cancel_job(issuance.job)
        # CUPS may have sent the job off while the person reached for the button. Who was not asked to look has not
        # looked.
        if not unprinted and not issuance.doubt and issuance.job not in self._asked:
            report = self.printer.job_report(issuance.job)
            if report.state is JobState.DONE and report.card_confirmed:
                return self._journal.step(issuance, Printed(issuance.job, "printer"))
            if not report.untouched:
                self._journal.step(issuance, Doubted(Act.PRINT))
                raise PrintJobLostError(detail=report.detail or report.state.value)
        cause = ReprintReason.BLANK_SIDE.value if unprinted else "person"
        return self._journal.step(issuance, PrintStopped(issuance.job, cause))

    def spoiled(self, issuance_id: str, cause: Cause, detail: str = "") -> Issuance:
        """Record that the card came out and is no good; its job is taken back, its number goes with it.

        Raises:
            PrinterTroubleError: the job can't be taken back, for the first time. Who says it once more has the card in
                hand, and switched the printer off as they were told: it may never be on again.
        """
        issuance = self._journal.issuance(issuance_id)
        # In memory only: after a restart they are told once more, which costs a click, where forgetting to tell costs a
        # card.
        if issuance.pending is Act.PRINT and issuance.job in self._told_off:
            let_go(self.printer, issuance.job)
        elif issuance.pending is Act.PRINT:
            try:
                self.printer.cancel_job(issuance.job)
            except PrinterTroubleError:
                self._told_off.add(issuance.job)
                raise
        return self._journal.step(issuance, Spoiled(cause, detail))

    def _need_empty(self) -> None:
        feeder = self.printer.feeder
        if feeder is not None and feeder.place() not in (CardPlace.NONE, CardPlace.UNKNOWN):
            reason, detail = PrinterReason.CARD_INSIDE.value, Message(N_("a card is still inside"))
            raise PrinterTroubleError(reason=reason, device=self.printer.name, detail=detail)

    @contextmanager
    def _journaling(self, issuance: Issuance) -> Iterator[None]:
        """Journal how a print ended that raised: held, unknown, or certain not to have begun."""
        try:
            yield
        except PrinterTroubleError:
            raise  # the job waits at the printer; the act goes on
        except PrintJobLostError:
            if not issuance.doubt:
                self._journal.step(issuance, Doubted(Act.PRINT))
            raise
        except StationError as error:
            # By the port: anything else means that nothing came onto the plastic.
            self._journal.step(issuance, PrintStopped(issuance.job, error.code))
            raise

    def _ended(self, issuance: Issuance, report: JobReport) -> Issuance:
        if report.state is JobState.DONE and report.card_confirmed:
            return self._journal.step(issuance, Printed(issuance.job, "printer"))
        # A spooler says "done" when the data left it. Without the printer's own word the act stays open.
        if report.untouched:
            return self._journal.step(issuance, PrintStopped(issuance.job, report.detail or report.state.value))
        self._asked.add(issuance.job)
        return issuance


def let_go(printer: Printer, job: str) -> None:
    """Have a printer that still waits with a job, whose card a person has in hand, print no second one.

    What it kept of the card's picture goes with that; it is no error where it can't be asked.
    """
    try:
        printer.cancel_job(job)
    except StationError as error:
        log.warning("the job %s of a card that came out can't be taken back: %s", job, error)


def reprint_reason(issuance: Issuance) -> ReprintReason | None:
    """Return why a card goes through the printer once more, by what the person said; ``None`` for its first print."""
    if not issuance.prints:
        return None
    blank = issuance.cause == ReprintReason.BLANK_SIDE.value
    return ReprintReason.BLANK_SIDE if blank else ReprintReason.NOTHING_CAME_OUT


def awaits_person(issuance: Issuance) -> bool:
    """Say whether only a person can tell what came out of the printer."""
    return issuance.state is State.ENCODED and issuance.pending is Act.PRINT
