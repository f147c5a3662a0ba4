"""Cards for many who are not here: whom they are for, how far the printers are, and what became of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from station.domain.errors import N_, InputError, StationError
from station.ports.tasks import Lane, Tasks
from station.services.batch import BatchLine, BatchPlan, BatchRun, BatchService, Outcome
from station.services.batch_list import write_list
from station.services.batch_selection import Wish, groups, numbers_in
from station.services.desk import Desk
from station.services.headless import nothing_more


class BatchModel(QObject):
    """One batch at a time. Each card is a piece of work of its own, so that a card of the desk may come between."""

    changed = Signal()
    written = Signal(object)

    def __init__(self, desk: Desk, tasks: Tasks, at_the_desk: Callable[[], Collection[str]] = frozenset) -> None:
        """Take a desk; ``at_the_desk`` tells whom it is serving, and is asked on any thread."""
        super().__init__()
        self._desk, self._tasks = desk, tasks
        # Whom the desk serves is left to it: a batch would else take whoever sits at the review, or waits in trouble.
        self._service = BatchService(desk, at_the_desk)
        self._run: BatchRun | None = None
        self._chains = 0
        self.groups: tuple[tuple[str, str], ...] = ()
        self.wish = Wish()
        self.list_name = ""
        self.plan: BatchPlan | None = None
        self.problem: StationError | None = None
        self.planning = self.stopping = False
        self.done: list[BatchLine] = []
        """What became of the cards of this batch, in the order in which they ended."""

    # --- how it stands -------------------------------------------------------------------------------------------

    @property
    def printing(self) -> bool:
        """Say whether cards are being printed."""
        return self._chains > 0

    @property
    def ended(self) -> bool:
        """Say whether a batch has been printed, or was stopped, and nothing else was asked since."""
        return self._run is not None and not self.printing

    @property
    def stuck(self) -> bool:
        """Say whether it ended because no printer can go on."""
        return self.ended and self._run is not None and self._run.stuck

    @property
    def lines(self) -> tuple[BatchLine, ...]:
        """Return every card of the batch, in the order of the stack."""
        if self._run is not None:
            return self._run.lines
        return self.plan.lines if self.plan is not None else ()

    @property
    def counts(self) -> Counter[Outcome]:
        """Return how many cards have come to which end."""
        return Counter(line.outcome for line in self.lines)

    # --- what the operator says ----------------------------------------------------------------------------------

    def look(self) -> None:
        """Find out what people study here; asked when the page is opened."""
        if not self.groups:
            self._tasks.run(Lane.REVIEW, lambda _c: groups(self._desk), done=self._grouped, failed=self._broken)

    def choose(self, faculty: str, programme: str) -> None:
        """Say whose cards are to be printed; empty for all."""
        self._choose(Wish(self.wish.numbers, faculty, programme))

    def take_list(self, file: Path) -> None:
        """Take the student numbers of a text file; one that can't be read is told and changes nothing."""

        def read(_cancel: object) -> tuple[str, ...]:
            try:
                return numbers_in(file.read_bytes().decode("utf-8-sig", "replace"))
            except OSError as error:
                what, todo = N_("The file {file} can't be read: {detail}"), N_("Choose another one.")
                raise InputError(what, todo, file=file.name, detail=error.strerror or str(error)) from error

        self._tasks.run(Lane.LOOKUP, read, done=lambda numbers: self._listed(file.name, numbers), failed=self._broken)

    def drop_list(self) -> None:
        """Ask for everybody again, of the faculty and programme that are chosen."""
        self.list_name = ""
        self._choose(Wish(None, self.wish.faculty, self.wish.programme))

    def find(self) -> None:
        """Find out who gets a card, and who doesn't and why; begins nothing."""
        if self.planning or self.printing:
            return
        self._forget()
        self.planning = True
        self.changed.emit()
        wish = self.wish
        done = partial(self._planned, wish)
        self._tasks.run(Lane.REVIEW, lambda _c: self._service.plan_for(wish), done=done, failed=self._broken)

    def start(self) -> None:
        """Print what was found, on as many printers as there are."""
        if self.plan is None or not self.plan.lines or self._run is not None:
            return
        self._run = self._service.begin(self.plan.lines)
        self.stopping = False
        # Each chain asks for the next card when its last one is out: a slow printer holds up none of the others.
        for _printer in self._desk.printers:
            self._chains += 1
            self._next()
        self.changed.emit()

    def stop(self) -> None:
        """Begin no further card; those in the printers come out."""
        self.stopping = self.printing
        self.changed.emit()

    def write(self, folder: Path) -> None:
        """Write the list that lies beside the stacks; ``written`` names the files."""
        lines, name, now = self.lines, self._desk.settings.station.name, self._desk.clock.now()

        def work(_cancel: object) -> list[Path]:
            return write_list(folder, lines, name, now)

        self._tasks.run(Lane.REVIEW, work, done=self.written.emit, failed=self._broken)

    # --- what the services say -----------------------------------------------------------------------------------

    def _choose(self, wish: Wish) -> None:
        if wish != self.wish and not self.printing:
            self.wish = wish
            self._forget()
            self.changed.emit()

    def _forget(self) -> None:
        self._run, self.plan, self.problem = None, None, None
        self.done.clear()

    def _listed(self, name: str, numbers: tuple[str, ...]) -> None:
        self.list_name = name
        self._choose(Wish(numbers, self.wish.faculty, self.wish.programme))
        self.changed.emit()

    def _grouped(self, found: tuple[tuple[str, str], ...]) -> None:
        self.groups = found
        self.changed.emit()

    def _planned(self, wish: Wish, plan: BatchPlan) -> None:
        self.planning = False
        if wish == self.wish:  # else somebody has chosen anew since, and these are other people
            self.plan = plan
        self.changed.emit()

    def _next(self) -> None:
        run = self._run
        if run is None or self.stopping:
            self._chain_ended()
            return
        self._tasks.run(Lane.PRINTER, lambda c: run.step(c, nothing_more), done=self._stepped, failed=self._fell)

    def _stepped(self, line: BatchLine | None) -> None:
        if line is None:
            self._chain_ended()
            return
        self.done.append(line)
        self.changed.emit()
        self._next()

    def _fell(self, error: Exception) -> None:
        self._chain_ended()
        self._broken(error)

    def _chain_ended(self) -> None:
        self._chains -= 1
        self.changed.emit()

    def _broken(self, error: Exception) -> None:
        self.planning = False
        if not isinstance(error, StationError):
            raise error
        self.problem = error
        self.changed.emit()
