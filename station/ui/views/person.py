"""The head of the middle: the person's name in the largest type on the screen, and what is known."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from station.ui.context import Ui
from station.ui.theme.tokens import BODY, PERSON
from station.ui.viewmodels.desk import DeskModel
from station.ui.viewmodels.person import chips_of, subtitle_of
from station.ui.widgets.base import View, arrange
from station.ui.widgets.labels import OneLine
from station.ui.widgets.painting import smooth
from station.ui.widgets.people import mark_sign
from station.ui.widgets.pill import PillRow, PillText


class _Mark(QWidget):
    """The mark of this person while several are in flight."""

    def __init__(self, ui: Ui, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui, self.mark = ui, 0
        self.setFixedSize(24, 24)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QPainter(self)
        smooth(painter)
        mark_sign(painter, QRectF(self.rect()).adjusted(2, 2, -2, -2), self.mark, self._ui)
        painter.end()


class PersonHeader(View):
    """Name, studies, pills."""

    def __init__(self, ui: Ui, desk: DeskModel, parent: QWidget | None = None) -> None:
        super().__init__(ui, parent)
        self.desk = desk
        self._mark = _Mark(ui, self)
        self._name = OneLine(ui, PERSON, parent=self)
        self._name.setObjectName("personName")
        self._studies = OneLine(ui, BODY, "muted", self)
        self._pills = PillRow(ui, self)
        column = arrange(QVBoxLayout(self), (8, 0, 8, 0), gap=2)
        top = arrange(QHBoxLayout(), gap=8)
        top.addWidget(self._mark)
        top.addWidget(self._name)
        column.addLayout(top)
        column.addWidget(self._studies)
        column.addSpacing(6)
        column.addWidget(self._pills)
        desk.people_changed.connect(self.refresh)
        self.refresh()

    def set_brief(self, brief: bool) -> None:
        """Leave out everything but the name, where there is little height."""
        self._studies.setVisible(not brief)
        self._pills.setVisible(not brief)

    def refresh(self) -> None:
        session = self.desk.current
        if session is None:
            return
        tr = self.ui.tr_
        self._mark.setVisible(len(self.desk.sessions) > 1)
        self._mark.mark = session.mark
        self._mark.update()
        self._name.set_text(session.holder.full_name)
        self._studies.set_text(tr.message(subtitle_of(session.holder)))
        self._pills.show_pills(
            [
                PillText(tr.message(chip.message), chip.tone, tr.message(chip.hint) if chip.hint else "")
                for chip in chips_of(session.holder, session.record)
            ]
        )
