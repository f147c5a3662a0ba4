"""The steps of a card, one under the other: a sign, the step's name, what is known of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from station.ui.context import Ui
from station.ui.theme.tokens import BODY, RADIUS_PANEL, SECONDARY, STRONG
from station.ui.tone import Tone
from station.ui.widgets.painting import panel, sign, smooth


@dataclass(frozen=True, slots=True)
class StepText:
    """One step as it is shown."""

    name: str
    detail: str = ""
    tone: Tone = Tone.LATER


class StepList(QWidget):
    """Steps in a panel. Wide, the details stand in a column of their own, with lines between the steps."""

    def __init__(self, ui: Ui, *, wide: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui, self._wide = ui, wide
        self._steps: tuple[StepText, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        ui.theme.changed.connect(self.update)

    def show_steps(self, steps: Sequence[StepText]) -> None:
        """Show these steps."""
        if tuple(steps) == self._steps:
            return
        self._steps = tuple(steps)
        self.setAccessibleName("; ".join(f"{s.name}: {s.detail}" for s in self._steps))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(240, len(self._steps) * self._row() + 2 * self._pad())

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(160, self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QPainter(self)
        smooth(painter)
        panel(painter, QRectF(self.rect()), RADIUS_PANEL, self._ui.theme)
        for number, step in enumerate(self._steps):
            side = 20.0 if self._wide else 14.0
            area = QRectF(side, self._pad() + number * self._row(), self.width() - 2 * side, self._row())
            if self._wide and number:
                painter.setPen(QPen(self._ui.theme.colour("line"), 1))
                painter.drawLine(area.topLeft(), area.topRight())
            self._paint_step(painter, area, number, step)
        painter.end()

    def _paint_step(self, painter: QPainter, area: QRectF, number: int, step: StepText) -> None:
        theme = self._ui.theme
        side = theme.scaled(20)
        box = QRectF(area.left(), area.center().y() - side / 2, side, side)
        sign(painter, box, step.tone, theme, str(number + 1))
        words = area.adjusted(side + 12, 0, -2, 0)
        strong = self._wide or step.tone in (Tone.NOW, Tone.BAD, Tone.BUSY)
        painter.setFont(theme.font(STRONG if strong else BODY))
        painter.setPen(theme.colour("text"))
        name_width = painter.fontMetrics().horizontalAdvance(step.name)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, step.name)
        painter.setFont(theme.font(BODY if self._wide else SECONDARY))
        painter.setPen(theme.colour("muted"))
        if self._wide:
            room = words.adjusted(max(theme.scaled(94), name_width + 12), 0, 0, 0)
            align = Qt.AlignmentFlag.AlignLeft
        else:
            room = words.adjusted(name_width + 12, 0, 0, 0)
            align = Qt.AlignmentFlag.AlignRight
        text = painter.fontMetrics().elidedText(step.detail, Qt.TextElideMode.ElideRight, int(room.width()))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | align, text)

    def _row(self) -> int:
        return self._ui.theme.scaled(40 if self._wide else 34)

    def _pad(self) -> int:
        return 7 if self._wide else 6
