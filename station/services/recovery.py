"""After a crash, a jam or a pulled plug: which cards are in doubt, and what the card itself says.

The station never assumes. A doubt about the chip is settled by the chip: it is read, and finished if it is not whole.
A doubt about the print is settled by the printer where it knows, else by the QR on the card, else by a person; nothing
is ever printed again without a person saying so.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from station.domain.errors import N_, ChipMismatchError, ClaimedError
from station.domain.feeding import Fed, FeedStopped
from station.domain.workflow import Act, Doubted, Issuance, Printed, PrintStopped
from station.ports.printer import CardPlace, JobReport, JobState, Printer
from station.ports.tasks import Cancel
from station.services.journal import Journal
from station.services.printing import let_go
from station.services.verification import VerificationService

if TYPE_CHECKING:
    from station.chip.profiles import ChipProfile


class Need(StrEnum):
    """What would settle a doubt."""

    CARD_ON_READER = "card_on_reader"
    CARD_IN_PRINTER = "card_in_printer"
    PERSON_OR_QR = "person_or_qr"
    CARD_TO_RENEW = "card_to_renew"
    CARD_TO_ERASE = "card_to_erase"


FINISHED_AT_ONCE = frozenset({Need.CARD_TO_RENEW, Need.CARD_TO_ERASE})
"""Nothing comes after it: once the card was on the reader, all is done."""
_NEEDS = {
    Act.ENCODE: Need.CARD_ON_READER,
    Act.PRINT: Need.PERSON_OR_QR,
    Act.RENEW: Need.CARD_TO_RENEW,
    Act.ERASE: Need.CARD_TO_ERASE,
}


@dataclass(frozen=True, slots=True)
class Doubt:
    """A card of which the station does not know what happened, and what would tell."""

    issuance: Issuance
    need: Need


class RecoveryService:
    """Find doubts at start, and settle them one by one."""

    def __init__(
        self, journal: Journal, verification: VerificationService, printer: Printer, *, shared: bool = False
    ) -> None:
        """Take what is asked; ``shared`` says that other stations work on the same store, on cards of their own."""
        self._journal, self._verification, self._printer = journal, verification, printer
        self._shared = shared

    def raise_doubts(self) -> tuple[Doubt, ...]:
        """Journal a doubt for each act that has begun and not ended; call once, at start, before anything else.

        What the printer knows for certain is settled at once.
        """
        for issuance in self._unsettled():
            if self.is_ours(issuance):
                # A program beside this one, such as the window, is at it: it knows.
                with suppress(ClaimedError):
                    self._raise(issuance)
        return self.doubts()

    def _raise(self, issuance: Issuance) -> None:
        # Feeding alone loses nothing: the blank has no number yet, so no person is asked and no doubt is raised.
        if issuance.pending is Act.FEED:
            self._look_into_printer(issuance)
            return
        doubted = issuance
        # Journaled although nothing was found out: were the doubt only in memory, a second crash would show an act that
        # goes on.
        if issuance.pending is not None and not issuance.doubt:
            doubted = self._journal.step(issuance, Doubted(issuance.pending))
        # Only printers are asked: a reader has no memory, the card itself has to come back.
        if doubted.pending is Act.PRINT:
            self._ask_printer(doubted)

    def doubts(self) -> tuple[Doubt, ...]:
        """Return the cards in doubt: those that are being made, then those that were handed over, oldest first."""
        found = []
        for issuance in self._unsettled():
            if issuance.doubt and issuance.pending is not None and self.is_ours(issuance):
                found.append(Doubt(issuance, self._need(issuance.pending)))
        return tuple(found)

    def _need(self, act: Act) -> Need:
        feeder = self._printer.feeder
        # The card is out of everybody's reach, so nobody is told to lay it on a reader; the printer's own encoder asks
        # it.
        if act is Act.ENCODE and feeder is not None and feeder.place() not in (CardPlace.NONE, CardPlace.UNKNOWN):
            return Need.CARD_IN_PRINTER
        return _NEEDS[act]

    def settle_print(
        self, issuance_id: str, profile: ChipProfile, *, qr_text: str, cancel: Cancel, wait_s: float | None = None
    ) -> Issuance:
        """Settle by the card in hand: its chip is this issuance's, and its QR was read, so it was printed.

        Raises:
            ChipMismatchError: chip or QR belong to another card; the doubt stays.
        """
        issuance = self._journal.issuance(issuance_id)
        # Without a journal entry on failure: the wrong card in the hand says nothing about the one that is in doubt.
        seen = self._verification.look(issuance, profile, cancel=cancel, wait_s=wait_s)
        # Both are needed: a QR can be photographed from the screen, and a chip says nothing of what is printed.
        if seen.uid != issuance.uid:
            raise ChipMismatchError(detail=N_("the chip belongs to another card"))
        if self._verification.number_in(qr_text) != issuance.escn:
            raise ChipMismatchError(detail=N_("the QR shows another card's number"))
        # How it is known goes into the journal too: a scan, the printer's word or a person's are not worth the same.
        after = self._journal.step(issuance, Printed(issuance.job, "scan"))
        let_go(self._printer, issuance.job)
        return after

    def which(self, uid: str) -> Issuance | None:
        """Return the issuance with something left to do that a chip belongs to."""
        found = self._journal.store.issuances.by_uid(uid)
        return found if found is not None and not found.settled else None

    def _unsettled(self) -> tuple[Issuance, ...]:
        issuances = self._journal.store.issuances
        # A card that was handed over comes back into doubt when its keys are renewed or it is erased: both write to its
        # chip.
        return (*issuances.open_issuances(), *issuances.in_aftercare())

    def is_ours(self, issuance: Issuance) -> bool:
        """Say whether this station had the card last; another one may be writing it at this very moment."""
        if not self._shared:
            return True
        # The newest entry and not the first: a card may be begun at one desk and printed at another.
        journal = self._journal.store.issuances.journal(issuance.id)
        return bool(journal) and journal[-1].station == self._journal.who.station

    def _look_into_printer(self, issuance: Issuance) -> None:
        """Settle a blank that was being fed: nothing is on it, so all that matters is whether it is in there."""
        feeder = self._printer.feeder
        inside = feeder is not None and feeder.place() not in (CardPlace.NONE, CardPlace.UNKNOWN)
        self._journal.step(issuance, Fed(issuance.printer) if inside else FeedStopped("restart"))

    def _ask_printer(self, issuance: Issuance) -> None:
        event = told_by_printer(self._printer.job_report(issuance.job))
        # No word for "unknown" is journaled: the doubt that was raised before already says it, and a person settles
        # that.
        if event == "printed":
            self._journal.step(issuance, Printed(issuance.job, "printer"))
        elif event == "nothing":
            self._journal.step(issuance, PrintStopped(issuance.job, "printer"))


def told_by_printer(report: JobReport) -> str:
    """Return ``printed``, ``nothing`` or ``unknown``: only what the printer itself vouches for is believed."""
    # Both: CUPS calls a job completed when its data left the spooler, and not when a card lies in the tray.
    if report.state is JobState.DONE and report.card_confirmed:
        return "printed"
    # A job that still waits may yet be printed: it is no proof that nothing comes.
    ended = report.state not in (JobState.QUEUED, JobState.PRINTING)
    return "nothing" if report.untouched and ended else "unknown"
