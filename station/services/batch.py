"""Cards that nobody waits for, printed one after the other: overnight, in an order that they are handed out in.

Only what needs no hand is in a batch: cards without a chip, or with one that the printer writes by itself. A chip that
was written at the desk is somebody's already; which card a feeder takes next, nobody can promise. What comes out is
checked and handed over at the desk, as any other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from station.domain.errors import (
    Cancelled,
    PrinterMissingError,
    PrinterTroubleError,
    PrintJobLostError,
    StationError,
)
from station.domain.holder import Holder
from station.domain.message import Message
from station.domain.workflow import Issuance, State
from station.ports.printer import PrinterState
from station.ports.tasks import Cancel, Progress
from station.services.desk import Desk
from station.services.printing import reprint_reason

if TYPE_CHECKING:
    from station.render.card import CheckedCard


class Outcome(StrEnum):
    """What became of a card of a batch."""

    WAITS = "waits"
    OUT = "out"
    LOOK = "look"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class BatchLine:
    """One card: its place in the stack, whose it is, and what became of it; ``group`` is what the stack is parted by.

    ``LOOK``: only a person can say whether it came out; ``said`` is what the printer or the station had against it.
    """

    place: int
    issuance: Issuance
    holder: Holder
    group: str = ""
    outcome: Outcome = Outcome.WAITS
    said: Message | None = None

    @property
    def printer(self) -> str:
        """Return where it was printed, empty before."""
        return self.issuance.printer if self.outcome in (Outcome.OUT, Outcome.LOOK) else ""


class BatchService:
    """Plan a batch, and print it. Blocks; runs on the ``printer`` lane, or on a command line."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def plan(self) -> tuple[BatchLine, ...]:
        """Return the cards that can be printed without a hand, by faculty, programme and name."""
        store = self._desk.store
        found = []
        for issuance in store.issuances.open_issuances():
            holder = store.holders.get(issuance.holder_id)
            if holder is not None and self._by_itself(issuance):
                found.append(BatchLine(0, issuance, holder, _group(holder)))
        found.sort(key=lambda line: (line.group.casefold(), _name_key(line.holder), line.holder.student_number))
        return tuple(replace(line, place=place) for place, line in enumerate(found, 1))

    def run(
        self,
        plan: Sequence[BatchLine],
        *,
        cancel: Cancel,
        progress: Progress,
        told: Callable[[BatchLine], None] = lambda line: None,
    ) -> tuple[BatchLine, ...]:
        """Print a plan in its order; return what became of each card, those that were not begun among them.

        It ends early when no printer can go on: what is left stays as it was, for the next run.
        """
        done: list[BatchLine] = []
        for line in plan:
            stopped = cancel.is_set() or (bool(done) and done[-1].outcome is not Outcome.OUT and not self._able())
            if stopped:
                done.extend(plan[len(done) :])
                break
            ended = self._line(line, cancel, progress)
            done.append(ended)
            told(ended)
        return tuple(done)

    def _line(self, line: BatchLine, cancel: Cancel, progress: Progress) -> BatchLine:
        try:
            issuance = self._printed(line.issuance, cancel, progress)
        except Cancelled:
            return replace(line, issuance=self._desk.open_issuance_of(line.issuance))
        except StationError as error:
            issuance = self._desk.open_issuance_of(line.issuance)
            said = Message(error.what, error.params)
            unsure = isinstance(error, PrinterTroubleError | PrintJobLostError) and issuance.pending is not None
            outcome = Outcome.LOOK if unsure else Outcome.FAILED
            return replace(line, issuance=issuance, outcome=outcome, said=said)
        outcome = Outcome.OUT if issuance.state is State.PRINTED else Outcome.LOOK
        return replace(line, issuance=issuance, outcome=outcome)

    def _printed(self, issuance: Issuance, cancel: Cancel, progress: Progress) -> Issuance:
        desk = self._desk
        if desk.one_pass is not None and desk.chip_profile.needs_reader:
            return desk.make_in_printer(issuance, cancel=cancel, progress=progress)
        if issuance.state is State.CAPTURED:
            issuance = desk.encode(issuance, cancel=cancel, progress=progress)  # notes that it has no chip
        card = desk.render(issuance)
        try:
            return self._on_a_printer(issuance, card, cancel, progress)
        except PrinterMissingError:
            # It never got the card: another printer of the pool may have it, and only then.
            if not self._able():
                raise
            return self._on_a_printer(desk.journal.issuance(issuance.id), card, cancel, progress)

    def _on_a_printer(self, issuance: Issuance, card: CheckedCard, cancel: Cancel, progress: Progress) -> Issuance:
        printing, reason = self._desk.printing, reprint_reason(issuance)
        return printing.print_card(issuance.id, card, reason=reason, cancel=cancel, progress=progress)

    def _by_itself(self, issuance: Issuance) -> bool:
        if issuance.pending is not None or issuance.doubt:
            return False
        chip = self._desk.chip_profile.needs_reader
        if issuance.state is State.CAPTURED:
            return not chip or self._desk.one_pass is not None
        return issuance.state is State.ENCODED and not issuance.uid

    def _able(self) -> bool:
        states = [printer.status().state for printer in self._desk.printers]
        return any(state in (PrinterState.READY, PrinterState.PRINTING) for state in states)


def _group(holder: Holder) -> str:
    enrolment = holder.enrolment
    parts = (enrolment.faculty, enrolment.programme) if enrolment is not None else ()
    return " · ".join(part for part in parts if part)


def _name_key(holder: Holder) -> tuple[str, str]:
    return holder.family_name.casefold(), holder.given_names.casefold()
