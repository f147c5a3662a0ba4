"""Making one card: each step on its lane, its progress and its end reported on the GUI thread."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from station.domain.card import Card
from station.domain.workflow import Cause, Issuance
from station.ports.tasks import Cancel, Handle, Lane, Tasks
from station.services.desk import Desk
from station.services.printing import reprint_reason

if TYPE_CHECKING:
    from station.render.card import CheckedCard

_TELL_EVERY = 0.02
"""Progress is told when it has grown by so much: the chip reports every command."""


class Production(QObject):
    """Call the services for one card. One step at a time; ``stepped`` or ``failed`` ends it."""

    progressed = Signal(str, float)
    stepped = Signal(object)
    handed_over = Signal(object)
    failed = Signal(object, object)

    def __init__(self, desk: Desk, tasks: Tasks) -> None:
        super().__init__()
        self._desk, self._tasks = desk, tasks
        self._handle: Handle | None = None
        self._told = ("", -1.0)
        self._lock = threading.Lock()
        self._coming: tuple[str, float] | None = None

    @property
    def busy(self) -> bool:
        """Say whether a step is under way."""
        return self._handle is not None

    def cancel(self) -> None:
        """Ask the step under way to stop; ``failed`` comes with ``Cancelled``."""
        if self._handle is not None:
            self._handle.cancel()

    def encode(self, issuance: Issuance, card: CheckedCard) -> None:
        """Write the chip, unless ``card`` is nothing for this printer."""

        def encoded(cancel: Cancel) -> Issuance:
            # Before the chip: what this printer refuses would be encoded for nothing.
            self._desk.printing.check(card)
            return self._desk.encode(issuance, cancel=cancel, progress=self._progress)

        self._run(Lane.CHIP, issuance, encoded)

    def make_in_printer(self, issuance: Issuance, card: CheckedCard) -> None:
        """Have the printer write the chip and print, in one pass."""
        make = self._desk.make_in_printer
        self._run(Lane.PRINTER, issuance, lambda c: make(issuance, card, cancel=c, progress=self._progress))

    def print_card(self, issuance: Issuance, card: CheckedCard) -> None:
        """Print, or print again because a person said what was wrong with the first time."""
        reason, printing = reprint_reason(issuance), self._desk.printing
        self._run(
            Lane.PRINTER,
            issuance,
            lambda c: printing.print_card(issuance.id, card, reason=reason, cancel=c, progress=self._progress),
        )

    def print_on(self, issuance: Issuance) -> None:
        """Wait for the job that the printer held."""
        go_on, draw = self._desk.printing.go_on, self._desk.render
        self._run(Lane.PRINTER, issuance, lambda c: go_on(issuance.id, draw=draw, cancel=c, progress=self._progress))

    def confirm(self, issuance: Issuance, *, came_out: bool, unprinted: bool = False) -> None:
        """Record what the person saw."""
        confirm = self._desk.printing.confirm
        self._run(Lane.PRINTER, issuance, lambda _c: confirm(issuance.id, came_out=came_out, unprinted=unprinted))

    def verify(self, issuance: Issuance, qr_text: str | None = None) -> None:
        """Compare chip, QR and record; ``qr_text`` is what the camera read, else the render is read."""
        self._run(Lane.CHIP, issuance, lambda c: self._desk.verify(issuance, cancel=c, qr_text=qr_text or None))

    def settle_print(self, issuance: Issuance, qr_text: str) -> None:
        """Settle by the card itself whether it came out: its QR was read, now its chip is."""
        self._run(Lane.CHIP, issuance, lambda c: self._desk.settle_print(issuance, qr_text, cancel=c))

    def spoil(self, issuance: Issuance, cause: Cause) -> None:
        """Record that the blank is lost."""
        spoiled = self._desk.one_pass.spoiled if self._desk.one_pass else self._desk.printing.spoiled
        self._run(Lane.PRINTER, issuance, lambda _c: spoiled(issuance.id, cause))

    def blank_spoiled(self, issuance: Issuance) -> None:
        """Record that the blank which was on its way to the encoder is lost, and go on with the next one."""
        one_pass, make = self._desk.one_pass, self._desk.make_in_printer

        def goes_on(cancel: Cancel) -> Issuance:
            after = one_pass.blank_spoiled(issuance.id) if one_pass is not None else issuance
            return make(after, cancel=cancel, progress=self._progress)

        self._run(Lane.PRINTER, issuance, goes_on)

    def begin_again(self, issuance: Issuance) -> None:
        """Begin a new card after a spoiled one."""
        self._run(Lane.WORK, issuance, lambda _c: self._desk.issuances.begin_again(issuance.id))

    def give_up(self, issuance: Issuance) -> None:
        """End it: the holder left before anything physical began."""
        self._run(Lane.WORK, issuance, lambda _c: self._desk.issuances.give_up(issuance.id, Cause.HOLDER_LEFT))

    def run(self, work: Callable[[], Issuance], issuance: Issuance | None = None) -> None:
        """Carry out a step that needs no device."""
        self._run(Lane.WORK, issuance, lambda _c: work())

    def hand_over(self, issuance: Issuance) -> None:
        """Record that the holder has the card."""
        self._handle = self._tasks.run(
            Lane.WORK,
            lambda _c: self._desk.issuances.hand_over(issuance.id),
            done=self._has_card,
            failed=lambda error: self._broken(error, issuance),
        )

    def _run(self, lane: Lane, issuance: Issuance | None, work: Callable[[Cancel], Issuance]) -> None:
        self._told = ("", -1.0)
        if lane is Lane.CHIP:
            self._desk.card_watch.make_way()  # a look at the card must not be waited for
        self._handle = self._tasks.run(lane, work, done=self._done, failed=lambda error: self._broken(error, issuance))

    def _progress(self, step: str, share: float) -> None:
        """Report progress; called on the lane's thread, many times a second."""
        last_step, last_share = self._told
        if step != last_step or share - last_share >= _TELL_EVERY or share >= 1.0 > last_share:
            self._told = (step, share)
            with self._lock:
                told = self._coming is not None
                self._coming = self._told
            if not told:  # a chip is quicker than a screen: the window is told the newest only
                self._tasks.post(self._tell)

    def _tell(self) -> None:
        with self._lock:
            coming, self._coming = self._coming, None
        if coming is not None:
            self.progressed.emit(*coming)

    def _done(self, issuance: Issuance) -> None:
        self._handle = None
        self.stepped.emit(issuance)

    def _has_card(self, card: Card) -> None:
        self._handle = None
        self.handed_over.emit(card)

    def _broken(self, error: Exception, issuance: Issuance | None) -> None:
        """Report a failure together with where the journal says the card stands now."""
        if issuance is None:
            self._ended_badly(error, None)
            return
        # Busy until the journal has answered: a step of chip or printer may have got further than its failure tells,
        # and no key may begin one from where the card stood before.
        before = issuance
        self._tasks.run(
            Lane.WORK,
            lambda _c: self._desk.open_issuance_of(before),
            done=lambda now: self._ended_badly(error, now),
            failed=lambda _second: self._ended_badly(error, before),
        )

    def _ended_badly(self, error: Exception, issuance: Issuance | None) -> None:
        self._handle = None
        self.failed.emit(error, issuance)
