"""Cards that nobody waits for, printed one after the other: overnight, in an order that they are handed out in.

Only what needs no hand is in a batch: cards without a chip, or with one that the printer writes by itself. A chip that
was written at the desk is somebody's already; which card a feeder takes next, nobody can promise. What comes out is
checked and handed over at the desk, as any other.

A card is begun when its turn comes, and not before: whatever ends a batch, a dead printer or a dead computer, what was
not reached is as it was, and the same batch again goes on behind the last card that came out. Two printers take turns;
then each has a stack of its own, in order.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from station.domain.errors import N_, Cancelled, InputError, PrinterTroubleError, PrintJobLostError, StationError
from station.domain.holder import Holder, folded
from station.domain.message import Message
from station.domain.workflow import Act, Issuance, State
from station.ports.printer import JobState, PrinterState
from station.ports.tasks import Cancel, Progress
from station.services.batch_selection import LeftOut, NotChosen, Wish, select
from station.services.desk import Desk
from station.services.printing import reprint_reason


class Outcome(StrEnum):
    """What became of a card of a batch."""

    WAITS = "waits"
    OUT = "out"
    LOOK = "look"
    FAILED = "failed"


BECAME: dict[Outcome, str] = {
    Outcome.OUT: N_("came out"),
    Outcome.LOOK: N_("look whether it came out"),
    Outcome.FAILED: N_("was not printed"),
    Outcome.WAITS: N_("waits"),
}
"""What became of a card, for people."""


@dataclass(frozen=True, slots=True)
class BatchLine:
    """One card: its place in the stack, whose it is, and what became of it; ``group`` is what the stack is parted by.

    ``issuance`` is ``None`` before the card is begun. ``LOOK``: only a person can say whether it came out; ``said`` is
    what the printer or the station had against it.
    """

    place: int
    issuance: Issuance | None
    holder: Holder
    group: str = ""
    outcome: Outcome = Outcome.WAITS
    said: Message | None = None

    @property
    def escn(self) -> str:
        """Return its number, empty before it is begun."""
        return self.issuance.escn if self.issuance is not None else ""

    @property
    def printer(self) -> str:
        """Return where it was printed, empty before."""
        out = self.issuance is not None and self.outcome in (Outcome.OUT, Outcome.LOOK)
        return self.issuance.printer if out and self.issuance is not None else ""


@dataclass(frozen=True, slots=True)
class BatchPlan:
    """The cards of a batch in the order of the stack, and those who were asked for and are left out."""

    lines: tuple[BatchLine, ...] = ()
    left_out: tuple[NotChosen, ...] = ()


class BatchService:
    """Plan a batch, and print it. Blocks; runs on the ``printer`` lane, or on a command line."""

    def __init__(self, desk: Desk, at_the_desk: Callable[[], Collection[str]] = frozenset) -> None:
        """Take the desk; ``at_the_desk`` tells whom a person is serving here, whose cards a batch leaves alone."""
        self._desk, self._at_the_desk = desk, at_the_desk

    def plan(self) -> tuple[BatchLine, ...]:
        """Return the cards that were begun and can be printed without a hand, by faculty, programme and name."""
        return _sorted(self._begun(None))

    def plan_for(self, wish: Wish) -> BatchPlan:
        """Return the cards of those who are wished for, begun or not, and who is left out; nothing is begun by this.

        Raises:
            InputError: no card can be begun here without a hand, as its chip is written at the desk.
        """
        if self.needs_reader():
            raise InputError(
                N_("Here chips are written at the desk, so no card can be begun for a batch."),
                N_("Print in a batch where the printer has an encoder, or cards that have no chip."),
            )
        selection = select(self._desk, wish, self._at_the_desk())
        in_hand = {each.holder.id for each in selection.left_out if each.why is LeftOut.IN_THE_MAKING and each.holder}
        begun = self._begun(in_hand)
        goes_on = {line.holder.id for line in begun}
        lines = [*(_line(None, holder) for holder in selection.chosen), *begun]
        left_out = (each for each in selection.left_out if each.holder is None or each.holder.id not in goes_on)
        return BatchPlan(_sorted(lines), tuple(left_out))

    def needs_reader(self) -> bool:
        """Say whether no card can be begun here without a hand: its chip is written at the desk."""
        return self._desk.chip_profile.needs_reader and self._desk.one_pass is None

    def begin(self, plan: Sequence[BatchLine]) -> BatchRun:
        """Return the batch to be printed; ``step`` prints its cards."""
        return BatchRun(self._desk, plan, self._at_the_desk)

    def run(
        self,
        plan: Sequence[BatchLine],
        *,
        cancel: Cancel,
        progress: Progress,
        told: Callable[[BatchLine], None] = lambda line: None,
    ) -> tuple[BatchLine, ...]:
        """Print a plan in its order, one card at a time; return what became of each, those not begun among them."""
        run = self.begin(plan)
        while (ended := run.step(cancel, progress)) is not None:
            told(ended)
        return run.lines

    def _begun(self, people: Collection[str] | None) -> list[BatchLine]:
        """Return the cards that wait, of these people or of anybody."""
        store, found, served = self._desk.store, [], self._at_the_desk()
        for issuance in store.issuances.open_issuances():
            if issuance.holder_id in served:
                continue
            holder = store.holders.get(issuance.holder_id)
            if holder is not None and (people is None or holder.id in people) and self._by_itself(issuance):
                found.append(_line(issuance, holder))
        return found

    def _by_itself(self, issuance: Issuance) -> bool:
        # A doubt needs somebody's eyes, and at night there are none.
        if issuance.doubt or issuance.pending not in (None, Act.PRINT):
            return False
        alone = self._desk.one_pass is not None
        if issuance.state is State.CAPTURED:
            return not self._desk.chip_profile.needs_reader or alone
        if issuance.state is not State.ENCODED or (issuance.uid and not alone):
            return False
        return self._waits_at_printer(issuance) if issuance.pending is Act.PRINT else not issuance.uid

    def _waits_at_printer(self, issuance: Issuance) -> bool:
        """Say whether its job goes on; one that ended, be it unseen, is for a person to look at, and for no batch."""
        return self._desk.printing.printer.job_report(issuance.job).state in (JobState.QUEUED, JobState.PRINTING)


class BatchRun:
    """A batch under way. As many threads as there are printers may call ``step``: each takes the next card."""

    def __init__(self, desk: Desk, plan: Sequence[BatchLine], at_the_desk: Callable[[], Collection[str]]) -> None:
        self._desk, self._at_the_desk = desk, at_the_desk
        self._waiting = deque(line for line in plan if line.outcome is Outcome.WAITS)
        self._lines = {line.place: line for line in plan}
        self._lock = threading.Lock()
        self._stuck = False

    @property
    def lines(self) -> tuple[BatchLine, ...]:
        """Return every card with what became of it, in the plan's order."""
        with self._lock:
            return tuple(self._lines.values())

    @property
    def stuck(self) -> bool:
        """Say whether it ended early because no printer can go on; what is left stays as it was, for the next run."""
        return self._stuck

    def step(self, cancel: Cancel, progress: Progress) -> BatchLine | None:
        """Print the next card; return what became of it, or ``None`` when none is to be printed any more."""
        with self._lock:
            if self._stuck or cancel.is_set() or not self._waiting:
                return None
            # Taken under the lock, printed without it: two printers would else wait for each other.
            line = self._waiting.popleft()
        ended = self._ended(line, cancel, progress)
        with self._lock:
            self._lines[line.place] = ended
        # Asked only after a failure: one bad card is its own, a printer that can't go on would fail all that are left.
        if ended.outcome is not Outcome.OUT and not self._able():
            self._stuck = True
        return ended

    def _ended(self, line: BatchLine, cancel: Cancel, progress: Progress) -> BatchLine:
        try:
            # Claimed for one card at a time, and not all for the night: every other desk may serve who is still in the
            # list.
            with self._desk.serving.of(line.holder.id):
                line = replace(line, issuance=self._begun(line))
                issuance = self._printed(line, cancel, progress)
        except Cancelled:
            return replace(line, issuance=self._now(line))
        except StationError as error:
            now = self._now(line)
            said = Message(error.what, error.params)
            unsure = isinstance(error, PrinterTroubleError | PrintJobLostError) and now is not None
            outcome = Outcome.LOOK if unsure and now is not None and now.pending is not None else Outcome.FAILED
            return replace(line, issuance=now, outcome=outcome, said=said)
        outcome = Outcome.OUT if issuance.state is State.PRINTED else Outcome.LOOK
        return replace(line, issuance=issuance, outcome=outcome)

    def _now(self, line: BatchLine) -> Issuance | None:
        return self._desk.open_issuance_of(line.issuance) if line.issuance is not None else None

    def _begun(self, line: BatchLine) -> Issuance:
        """Return the line's issuance; one that is new is begun with the portrait that is there."""
        # Asked once more: hours may lie between the plan and this card.
        if line.holder.id in self._at_the_desk():
            raise InputError(N_("{name} is being served at the desk."), _THERE, name=line.holder.full_name)
        if line.issuance is not None:
            return line.issuance
        portrait = self._desk.store.portraits.last_of(line.holder.id)
        issuance = self._desk.begin(line.holder)
        if issuance.state is State.DRAFT and portrait is not None:
            issuance = self._desk.accept_portrait(issuance, portrait)
        return issuance

    def _printed(self, line: BatchLine, cancel: Cancel, progress: Progress) -> Issuance:
        desk, issuance = self._desk, line.issuance
        if issuance is None or issuance.state is State.DRAFT:
            raise StationError(N_("There is no portrait of {name} any more."), name=line.holder.full_name)
        if issuance.pending is Act.PRINT:  # it waited at a printer when the last run ended
            return desk.printing.go_on(issuance.id, draw=desk.render, cancel=cancel, progress=progress)
        if desk.one_pass is not None and desk.chip_profile.needs_reader:
            return desk.make_in_printer(issuance, cancel=cancel, progress=progress)
        card = desk.render(issuance)
        desk.printing.check(card)
        if issuance.state is State.CAPTURED:
            issuance = desk.encode(issuance, cancel=cancel, progress=progress)  # notes that it has no chip
        reason = reprint_reason(issuance)
        return desk.printing.print_card(issuance.id, card, reason=reason, cancel=cancel, progress=progress)

    def _able(self) -> bool:
        states = [printer.status().state for printer in self._desk.printers]
        return any(state in (PrinterState.READY, PrinterState.PRINTING) for state in states)


_THERE = N_("The card is made there. Nothing was printed by the batch.")


def stacks(lines: Iterable[BatchLine]) -> tuple[BatchLine, ...]:
    """Return the cards as they lie: one printer's stack after the other's, each in order."""
    return tuple(sorted(lines, key=lambda line: (line.printer, line.place)))


def _sorted(lines: Iterable[BatchLine]) -> tuple[BatchLine, ...]:
    found = sorted(lines, key=lambda line: (folded(line.group), _name_key(line.holder), line.holder.student_number))
    return tuple(replace(line, place=place) for place, line in enumerate(found, 1))


def _line(issuance: Issuance | None, holder: Holder) -> BatchLine:
    return BatchLine(0, issuance, holder, _group(holder))


def _group(holder: Holder) -> str:
    enrolment = holder.enrolment
    parts = (enrolment.faculty, enrolment.programme) if enrolment is not None else ()
    return " · ".join(part for part in parts if part)


def _name_key(holder: Holder) -> tuple[str, str]:
    # As people look for them: Ā beside A, and not behind Z.
    return folded(holder.family_name), folded(holder.given_names)
