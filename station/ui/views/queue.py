"""The queue to ESC-Router: the day, what needs a decision, what waits, and what was promised to whom."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from station.domain.errors import N_
from station.domain.outbox import KIND_NAMES, OutboxState
from station.services.promises import Promise
from station.services.router_day import RouterDay
from station.ui.context import Ui
from station.ui.theme.tokens import BODY, SECONDARY, STRONG
from station.ui.viewmodels.outbox import SHOWN, Hold, OutboxModel, QueueLine
from station.ui.views.page import PageView
from station.ui.widgets.base import arrange
from station.ui.widgets.buttons import ActionButton, QuietButton
from station.ui.widgets.day_chart import DayChart
from station.ui.widgets.labels import OneLine, Text
from station.ui.widgets.panel import Panel

_SEND_ALL, _ASK_AGAIN = N_("Send everything now"), N_("Ask ESC-Router again now")
_USELESS = N_("Sending now would change nothing: what is said above comes first.")


class QueueView(PageView):
    """Shows the unfinished entries, the day, and the promises."""

    title = N_("Queue to ESC-Router")
    words = N_("Every card below is valid. What waits goes out by itself as soon as it can.")

    def __init__(self, ui: Ui, model: OutboxModel, parent: QWidget | None = None) -> None:
        super().__init__(ui, parent)
        self.model = model
        self._made: dict[str, QuietButton] = {}
        self._all = ActionButton(ui, primary=True, parent=self)
        self._all.setObjectName("retryAll")
        self._all.clicked.connect(model.retry_all)
        self.buttons.insertWidget(0, self._all)
        self.day = _DayPanel(ui, self)
        self.layout_above().insertWidget(1, self.day)
        model.changed.connect(self._changed)
        model.slip_written.connect(open_outside)
        self.refresh()

    def layout_above(self) -> QVBoxLayout:
        """Return where things stand that stay, above what is shown anew."""
        layout = self.content.layout()
        assert isinstance(layout, QVBoxLayout)  # noqa: S101 - for the type checker
        return layout

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        super().showEvent(event)
        self.model.watch(True)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 - Qt's name
        super().hideEvent(event)
        self.model.watch(False)

    def set_low(self, low: bool) -> None:
        super().set_low(low)
        self.day.set_low(low)

    def _changed(self) -> None:
        if self.isVisible():
            self.refresh()

    def refresh(self) -> None:
        super().refresh()
        model = self.model
        held = next((name for name, button in self._made.items() if button.hasFocus()), "")
        self._all.set_label(self.ui.text(_ASK_AGAIN if model.hold is not None and model.can_try else _SEND_ALL))
        self._all.setVisible(bool(model.lines))
        self._allow(self._all)
        self.day.show_day(model.day)
        self._made.clear()
        self.clear_body()
        if model.hold is not None and (model.lines or model.alone):
            self.body.addWidget(self._hold(model.hold))
        if not model.lines and not model.alone:
            self._say(self.body, self, self.ui.text(N_("Nothing waits. ESC-Router knows every card.")), "muted")
        parked = [line for line in model.lines if line.entry.state is OutboxState.PARKED]
        waiting = [line for line in model.lines if line.entry.state is not OutboxState.PARKED]
        self._entries(N_("Needs a decision"), parked, model.summary.parked)
        self._entries(N_("Waits, and goes out by itself"), waiting, model.summary.waiting)
        if model.more:
            self.body.addWidget(self._button("showMore", self.ui.text(N_("Show more")), model.show_more))
        self._show_promises()
        self.body.addStretch(1)
        self.show_body()
        self.in_order(*self._made.values(), self._all, self.back)
        if held in self._made:
            self._made[held].setFocus(Qt.FocusReason.OtherFocusReason)  # the keyboard stays where it was

    # --- entries -------------------------------------------------------------------------------------------------

    def _entries(self, title: str, lines: Sequence[QueueLine], count: int) -> None:
        if lines:
            self._title_of(title, max(count, len(lines)))
        for line in lines:
            self.body.addWidget(self._panel(line))

    def _hold(self, hold: Hold) -> QWidget:
        """Return what is said once for everything that waits."""
        panel = Panel(self.ui, fill="warn_weak", parent=self)
        words = arrange(QVBoxLayout(panel), (18, 12, 18, 12), gap=2)
        for message, style in ((hold.what, STRONG), (hold.todo, BODY)):
            text = Text(self.ui, style, parent=panel)
            text.setText(self.ui.tr_.message(message))
            words.addWidget(text)
        if not hold.tries and self.model.lines:
            self._say(words, panel, self.ui.text(_USELESS), "muted")
        elif hold.tries and self.model.tried_at is not None:
            said = self.ui.text(N_("Asked again at {time}."), time=self.ui.tr_.time(self.model.tried_at))
            self._say(words, panel, said, "muted").setObjectName("queueTried")
        panel.setObjectName("queueHold")
        return panel

    def _allow(self, button: QPushButton) -> None:
        """Let a button send something only while that could change anything, and say why it doesn't."""
        button.setEnabled(self.model.can_try)
        why = "" if self.model.can_try else self.ui.text(_USELESS)
        button.setToolTip(why)
        button.setAccessibleDescription(why)

    def _panel(self, line: QueueLine) -> QWidget:
        tr, entry = self.ui.tr_, line.entry
        panel = Panel(self.ui, parent=self)
        row = arrange(QHBoxLayout(panel), (18, 12, 14, 12), gap=12)
        words = arrange(QVBoxLayout(), gap=2)
        name = line.holder.full_name if line.holder else entry.escn
        head = OneLine(self.ui, STRONG, parent=panel)
        kinds = ", ".join(self.ui.text(KIND_NAMES[kind]) for kind in (entry.kind, *line.behind))
        head.set_text(f"{name} · {kinds}")
        words.addWidget(head)
        parked = entry.state is OutboxState.PARKED
        self._say(words, panel, self._state(line), "warn" if parked else "text")
        if line.todo is not None and parked:
            self._say(words, panel, tr.message(line.todo))
        if line.left is not None:
            self._say(words, panel, tr.message(line.left), "muted")
        since = OneLine(self.ui, SECONDARY, "muted", panel)
        tries = tr.plural("{n} try", "{n} tries", entry.attempts)
        since.set_text(f"{self._when(entry.created_at)} · {tries}")
        words.addWidget(since)
        row.addLayout(words, 1)
        if not entry.final and (parked or self.model.hold is None):  # what is held up together is tried together
            again = self._button(f"retry-{entry.key}", self.ui.text(N_("Try now")), lambda: self.model.retry(entry.key))
            again.setAccessibleName(self.ui.text(N_("Try now: {name}"), name=name))
            self._allow(again)
            row.addWidget(again, 0, Qt.AlignmentFlag.AlignVCenter)
        return panel

    def _state(self, line: QueueLine) -> str:
        answer = self.ui.tr_.message(line.answer) if line.answer else ""
        if line.entry.state is OutboxState.PARKED:
            return answer or self.ui.text(N_("Waits for a decision."))
        if answer and line.entry.next_at is not None:
            at = self.ui.tr_.time(line.entry.next_at)
            return self.ui.text(N_("{answer} Next try at {time}."), answer=answer, time=at)
        if answer:
            return answer
        hold = self.model.hold
        if hold is not None and not hold.calm:
            return self.ui.text(N_("Goes out by itself when the trouble above is mended."))
        return self.ui.text(N_("Goes out by itself as soon as it can."))

    # --- promises ------------------------------------------------------------------------------------------------

    def _show_promises(self) -> None:
        found, tr = self.model.promises, self.ui.tr_
        if not found.open and not found.kept:
            return
        self._title_of(N_("Promises not yet kept"), len(found.open))
        said = N_("Their cards are valid; abroad they are recognised once registered. Each is ticked off by itself.")
        self._say(self.body, self, self.ui.text(said), "muted")
        for promise in found.open[:SHOWN]:
            self.body.addWidget(self._promise(promise))
        if len(found.open) > SHOWN:
            self._say(self.body, self, self.ui.text(N_("… and {n} more"), n=len(found.open) - SHOWN), "muted")
        if found.kept:
            self._title_of(N_("Kept today"), len(found.kept))
        for promise in found.kept[:SHOWN]:
            at = f"{self._day_and_time(promise.made_at)} → {tr.time(promise.kept_at or promise.made_at)}"
            self._say(self.body, self, f"✓ {_name(promise)} · {at}", "ok").setObjectName("promiseKept")

    def _promise(self, promise: Promise) -> QWidget:
        panel = Panel(self.ui, parent=self)
        panel.setObjectName("promiseOpen")
        row = arrange(QHBoxLayout(panel), (18, 10, 14, 10), gap=12)
        words = arrange(QVBoxLayout(), gap=2)
        head = OneLine(self.ui, STRONG, parent=panel)
        head.set_text(_name(promise))
        words.addWidget(head)
        stands = N_("needs a decision, see above") if promise.stuck else N_("waits for the registration")
        said = f"{self._when(promise.made_at)} · {self.ui.text(stands)}"
        self._say(words, panel, said, "warn" if promise.stuck else "muted")
        row.addLayout(words, 1)
        name = f"slip-{promise.card.escn}"
        slip = self._button(name, self.ui.text(N_("Slip to print")), lambda: self.model.write_slip(promise.card))
        slip.setAccessibleName(self.ui.text(N_("Slip to print: {name}"), name=_name(promise)))
        row.addWidget(slip, 0, Qt.AlignmentFlag.AlignVCenter)
        return panel

    # --- pieces --------------------------------------------------------------------------------------------------

    def _when(self, at: datetime) -> str:
        return f"{self._day_and_time(at)} · {self.ui.tr_.age(self.model.now - at)}"

    def _day_and_time(self, at: datetime) -> str:
        return f"{self.ui.tr_.date(at.astimezone().date())} {self.ui.tr_.time(at)}"

    def _button(self, name: str, label: str, act: Callable[[], object]) -> QuietButton:
        button = QuietButton(self.ui, self)
        button.setObjectName(name)
        button.set_label(label)
        button.clicked.connect(lambda _checked=False: act())
        self._made[name] = button
        return button

    def _title_of(self, title: str, count: int) -> None:
        head = OneLine(self.ui, STRONG, parent=self)
        head.set_text(f"{self.ui.text(title)} · {count}")
        self.body.addWidget(head)

    def _say(self, column: QVBoxLayout, parent: QWidget, text: str, colour: str = "text") -> Text:
        label = Text(self.ui, SECONDARY if colour == "muted" else BODY, colour, parent=parent)
        label.setText(text)
        column.addWidget(label)
        return label


class _DayPanel(Panel):
    """The chart of the day, with what it says in words above it."""

    def __init__(self, ui: Ui, parent: QWidget) -> None:
        super().__init__(ui, parent=parent)
        self._texts = ui
        self._title = Text(ui, STRONG, parent=self)
        self._title.setObjectName("dayTitle")
        self._key = Text(ui, SECONDARY, "muted", parent=self)
        self.chart = DayChart(ui, self)
        column = arrange(QVBoxLayout(self), (18, 12, 18, 10), gap=4)
        for widget in (self._title, self._key, self.chart):
            column.addWidget(widget)

    def set_low(self, low: bool) -> None:
        """Leave the picture away, where there is little height: the words say the same."""
        self._key.setHidden(low)
        self.chart.setHidden(low)

    def show_day(self, day: RouterDay | None) -> None:
        """Show the day; nothing where nothing happened yet."""
        self.setVisible(day is not None and bool(day.issued or day.registered))
        if day is None:
            return
        text = self._texts.text
        numbers = {"issued": len(day.issued), "registered": len(day.registered)}
        said = N_("Today: cards issued {issued}, registered {registered}")
        if day.behind:
            said = N_("Today: cards issued {issued}, registered {registered}; {behind} are still to be")
        self._title.setText(text(said, **numbers, behind=day.behind))
        self._key.setText(text(N_("– – issued    ━ registered, also cards of earlier days")))
        self.chart.setAccessibleName(text(N_("Cards issued and registered today")))
        self.chart.setAccessibleDescription(self._title.text())
        self.chart.show_day(day)


def open_outside(file: str) -> None:
    """Open a file with the program that this computer has for it: a PDF is printed from there, on any printer."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(file))


def _name(promise: Promise) -> str:
    return promise.holder.full_name if promise.holder else promise.card.escn
