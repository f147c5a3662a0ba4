"""The queue to ESC-Router: each entry in plain words, with “try again”."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from station.domain.errors import N_
from station.domain.outbox import OutboxKind, OutboxState
from station.ui.context import Ui
from station.ui.theme.tokens import BODY, SECONDARY, STRONG
from station.ui.viewmodels.outbox import Hold, OutboxModel, QueueLine
from station.ui.views.page import PageView
from station.ui.widgets.base import arrange
from station.ui.widgets.buttons import ActionButton, QuietButton
from station.ui.widgets.labels import OneLine, Text
from station.ui.widgets.panel import Panel

KINDS = {
    OutboxKind.PERSON: N_("the person"),
    OutboxKind.CARD: N_("the card"),
    OutboxKind.PICTURE: N_("the picture"),
    OutboxKind.DELETE_PICTURE: N_("to forget the picture"),
    OutboxKind.DELETE_CARD: N_("to forget the card"),
    OutboxKind.DELETE_PERSON: N_("to forget the person"),
    OutboxKind.STATUS: N_("how the card is seen by others"),
}


class QueueView(PageView):
    """Shows the unfinished entries."""

    title = N_("Queue to ESC-Router")
    words = N_("Every card below is valid. What waits goes out by itself as soon as it can.")

    def __init__(self, ui: Ui, model: OutboxModel, parent: QWidget | None = None) -> None:
        super().__init__(ui, parent)
        self.model = model
        self._all = ActionButton(ui, primary=True, parent=self)
        self._all.setObjectName("retryAll")
        self._all.clicked.connect(model.retry_all)
        self.buttons.insertWidget(0, self._all)
        model.changed.connect(self.refresh)
        self.refresh()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        super().showEvent(event)
        self.model.refresh()

    def refresh(self) -> None:
        super().refresh()
        self._all.set_label(self.ui.text(N_("Send everything now")))
        self._all.setVisible(bool(self.model.lines))
        self.clear_body()
        if self.model.hold is not None and self.model.lines:
            self.body.addWidget(self._hold(self.model.hold))
        if not self.model.lines:
            nothing = Text(self.ui, BODY, "muted", parent=self)
            nothing.setText(self.ui.text(N_("Nothing waits. ESC-Router knows every card.")))
            self.body.addWidget(nothing)
        for line in self.model.lines:
            self.body.addWidget(self._panel(line))
        self.body.addStretch(1)

    def _hold(self, hold: Hold) -> QWidget:
        """Return what is said once for everything that waits."""
        panel = Panel(self.ui, fill="warn_weak", parent=self)
        words = arrange(QVBoxLayout(panel), (18, 12, 18, 12), gap=2)
        for message, style in ((hold.what, STRONG), (hold.todo, BODY)):
            text = Text(self.ui, style, parent=panel)
            text.setText(self.ui.tr_.message(message))
            words.addWidget(text)
        panel.setObjectName("queueHold")
        return panel

    def _panel(self, line: QueueLine) -> QWidget:
        tr, entry = self.ui.tr_, line.entry
        panel = Panel(self.ui, parent=self)
        row = arrange(QHBoxLayout(panel), (18, 12, 14, 12), gap=12)
        words = arrange(QVBoxLayout(), gap=2)
        name = line.holder.full_name if line.holder else entry.escn
        head = OneLine(self.ui, STRONG, parent=panel)
        head.set_text(f"{name} · {self.ui.text(KINDS[entry.kind])}")
        words.addWidget(head)
        state = Text(self.ui, BODY, "warn" if entry.state is OutboxState.PARKED else "text", parent=panel)
        state.setText(self._state(line))
        words.addWidget(state)
        if line.todo is not None and line.entry.state is OutboxState.PARKED:
            todo = Text(self.ui, BODY, parent=panel)
            todo.setText(tr.message(line.todo))
            words.addWidget(todo)
        since = OneLine(self.ui, SECONDARY, "muted", panel)
        tries = tr.plural("{n} try", "{n} tries", entry.attempts)
        since.set_text(f"{tr.date(entry.created_at.astimezone().date())} {tr.time(entry.created_at)} · {tries}")
        words.addWidget(since)
        row.addLayout(words, 1)
        again = QuietButton(self.ui, panel)
        again.set_label(self.ui.text(N_("Try again")))
        again.setAccessibleName(self.ui.text(N_("Try again: {name}"), name=name))
        again.clicked.connect(lambda: self.model.retry(entry.key))
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
