"""What the linter finds while a card is designed: quick checks soon after each edit, thorough ones when it rests.

Both run away from the window, the newest design first; what was found about an older one stays until the new is there.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from PySide6.QtCore import QObject, QTimer, Signal

from station.domain.layout import CardFields, Layout
from station.domain.lint import Level, LintFinding, worst_level
from station.i18n import Translator
from station.ports.printer import PrinterProfile
from station.ports.tasks import Handle, Lane, Tasks
from station.render.paint import Brand
from station.services.designing import Key
from station.ui.viewmodels.designer import DesignerModel

_QUICK_MS, _THOROUGH_MS = 120, 900
Found = tuple[LintFinding, ...]


class ChecksModel(QObject):
    """The findings about a design. ``changed`` says that there are others, or that checking has begun or ended."""

    changed = Signal()

    def __init__(self, model: DesignerModel, tasks: Tasks) -> None:
        super().__init__()
        self._model, self._tasks = model, tasks
        self.printer: PrinterProfile | None = None
        self.brand = Brand()
        self.today = date(2026, 1, 1)
        self.sample: CardFields | None = None
        self.findings: Found = ()
        self.worst: dict[Key, Level] = {}
        self._quick: Found = ()
        self._slow: Found = ()
        self._checked: dict[bool, Layout | None] = {True: None, False: None}
        self._running: dict[bool, Handle | None] = {True: None, False: None}
        self._timers = {quick: self._timer(quick) for quick in (True, False)}
        model.design_changed.connect(self.ask)

    @property
    def settled(self) -> bool:
        """Say whether everything was checked as it is now."""
        layout = self._model.design.layout
        return self.printer is None or all(done is layout for done in self._checked.values())

    @property
    def counts(self) -> dict[Level, int]:
        """Return how many findings there are of each level."""
        return {level: sum(f.level is level for f in self.findings) for level in Level}

    def begin(self, printer: PrinterProfile, brand: Brand, today: date) -> None:
        """Check for this printer from now on."""
        self.printer, self.brand, self.today = printer, brand, today
        self._checked = {True: None, False: None}
        self.ask()

    def ask(self) -> None:
        """Check the design as it is, soon."""
        if self.printer is None:
            return
        self._timers[True].start(_QUICK_MS)
        self._timers[False].start(_THOROUGH_MS)

    def stop(self) -> None:
        """Check no more."""
        for timer in self._timers.values():
            timer.stop()
        for handle in self._running.values():
            if handle is not None:
                handle.cancel()
        self.printer = None

    def about(self, key: Key) -> Found:
        """Return the findings about one element, the worst first."""
        return tuple(f for f in self.findings if f.side == key[0] and f.element == key[1])

    def words_about(self, key: Key, tr: Translator) -> str:
        """Return them as text: what is wrong, and what to do about it."""
        return "\n\n".join(f"{tr.message(f.message)}\n{tr.message(f.remedy)}" for f in self.about(key))

    # --- inside --------------------------------------------------------------------------------------------------

    def _timer(self, quick: bool) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.timeout.connect(lambda: self._check(quick))
        return timer

    def _check(self, quick: bool) -> None:
        layout, printer = self._model.design.layout, self.printer
        if printer is None or self._checked[quick] is layout or self._running[quick] is not None:
            return
        lint = self._lint(layout, printer, quick)
        self._running[quick] = self._tasks.run(
            Lane.DESIGN,
            lambda _cancel: lint(),
            done=lambda found: self._found(quick, layout, found),
            failed=lambda _error: self._found(quick, layout, ()),
        )

    def _lint(self, layout: Layout, printer: PrinterProfile, quick: bool) -> Callable[[], Found]:
        today, brand = self.today, self.brand

        def run() -> Found:
            from station.render.linting.lint import quick_lint, render_lint

            check = quick_lint if quick else render_lint
            return check(layout, printer, today=today, brand=brand)

        return run

    def _found(self, quick: bool, layout: Layout, found: Found) -> None:
        self._running[quick] = None
        if self.printer is None:
            return
        self._checked[quick] = layout
        if quick:
            self._quick = found
        else:
            self._slow = found
        self._sum_up()
        if layout is not self._model.design.layout:
            self._timers[quick].start(_QUICK_MS)  # it has changed meanwhile
        self.changed.emit()

    def _sum_up(self) -> None:
        order = list(Level)
        self.findings = tuple(sorted((*self._quick, *self._slow), key=lambda each: order.index(each.level)))
        places = {(f.side, f.element) for f in self.findings if f.element and f.side is not None}
        self.worst = {}
        for side, element in places:
            level = worst_level(f for f in self.findings if (f.side, f.element) == (side, element))
            if level is not None and side is not None:
                self.worst[side, element] = level
