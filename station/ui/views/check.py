"""The check of the data: what will be printed and told, and what the person has to be told."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from station.domain.errors import N_
from station.domain.message import Message
from station.services.notice import notice_text
from station.ui.context import Ui
from station.ui.theme.tokens import BODY, INSTRUCTION, SECONDARY, STRONG
from station.ui.viewmodels.desk import DeskModel
from station.ui.viewmodels.person import Fact, facts_of
from station.ui.viewmodels.session import Session
from station.ui.viewmodels.stages import Stage
from station.ui.widgets.base import View, arrange
from station.ui.widgets.labels import Text
from station.ui.widgets.panel import Panel

_USUAL_ROWS = 8
_INK = {"warn": "warn", "bad": "bad"}


class CheckView(View):
    """Shows the facts of the current person while they are checked."""

    def __init__(self, ui: Ui, desk: DeskModel, parent: QWidget | None = None) -> None:
        super().__init__(ui, parent)
        self.desk = desk
        self._rows: list[tuple[Text, Text]] = []
        self._panel = Panel(ui, parent=self)
        self._grid = arrange(QGridLayout(self._panel), (20, 16, 20, 16), gap=10)
        self._grid.setHorizontalSpacing(20)
        self._grid.setColumnStretch(1, 1)
        notice = Panel(ui, fill="accent_weak", parent=self)
        self._told = notice
        self._notice_title = Text(ui, STRONG, parent=notice)
        self._notice = Text(ui, BODY, "text", parent=notice)
        self._noted = Text(ui, SECONDARY, "muted", parent=notice)
        lines = arrange(QVBoxLayout(notice), (20, 14, 20, 14), gap=4)
        for label in (self._notice_title, self._notice, self._noted):
            lines.addWidget(label)
        column = arrange(QVBoxLayout(self), (8, 4, 8, 0), gap=16)
        column.addWidget(self._panel)
        column.addWidget(notice)
        column.addStretch(1)
        desk.people_changed.connect(self._maybe_refresh)

    def layout_end(self) -> int:
        """Return where the last words end: what people are told stands there."""
        return self._told.geometry().bottom()

    def refresh(self) -> None:
        session = self.desk.current
        if session is None:
            return
        until = self.desk.desk.making.expiry(session.holder, self.desk.desk.clock.now().date())
        self._show_facts(facts_of(session.holder, Message("{date}", {"date": until}), session.record))
        self._notice_title.setText(self.ui.text(N_("Tell the student")))
        self._notice.setText(self.ui.text(notice_text(with_picture=self.desk.desk.settings.router.send_picture)))
        self._noted.setText(self._noted_text(session))

    def prepare(self) -> None:
        while len(self._rows) < _USUAL_ROWS:
            self._add_row()

    def _noted_text(self, session: Session) -> str:
        told = session.record.informed if session.record else None
        if told is not None:
            return self.ui.text(N_("Told on {date}."), date=told.at.date())
        return self.ui.text(N_("Enter also records that the student was told."))

    def _maybe_refresh(self) -> None:
        if self.desk.current is not None and self.desk.current.stage is Stage.CHECK:
            self.refresh()

    def _show_facts(self, facts: tuple[Fact, ...]) -> None:
        while len(self._rows) < len(facts):
            self._add_row()
        for (label, value), fact in zip(self._rows, facts, strict=False):
            label.setText(self._words(fact.label))
            value.setText(self._words(fact.value))
            value.set_colour(_INK.get(fact.tone.value, "text"))
        for number, row in enumerate(self._rows):
            for text in row:
                text.setVisible(number < len(facts))

    def _add_row(self) -> None:
        """Make a row, which stays for everybody who comes: labels take longer to make than to fill."""
        label = Text(self.ui, BODY, "muted", wrap=False, parent=self._panel)
        value = Text(self.ui, INSTRUCTION, parent=self._panel)
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._grid.addWidget(label, len(self._rows), 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(value, len(self._rows), 1)
        self._rows.append((label, value))

    def _words(self, said: str | Message) -> str:
        return said if isinstance(said, str) else self.ui.tr_.message(said)
