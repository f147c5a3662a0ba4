"""Rulers in millimetres; a guide is pulled out of them with the mouse."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QWidget

from station.domain.snapping import Axis
from station.services.designing import SIDES
from station.ui.theme.tokens import TextStyle
from station.ui.views.designer.hands import Hands
from station.ui.views.designer.stage import RULER_PX, Stage

_NUMBER = TextStyle(10, 12)
_STEPS = (1, 2, 5, 10, 20, 50)
_APART_PX = 34.0


class Ruler(QWidget):
    """One ruler of a canvas; nil is the card's left or upper edge."""

    def __init__(self, canvas: Stage, hands: Hands, axis: Axis) -> None:
        super().__init__(canvas)
        self._canvas, self._hands, self._axis = canvas, hands, axis
        self._pulls = False
        self._marks = QPixmap()
        self._made: object = None
        upright = axis is Axis.Y
        self.setCursor(Qt.CursorShape.SplitHCursor if upright else Qt.CursorShape.SplitVCursor)

    # The guide that comes out of the upper ruler lies, and that of the left one stands.
    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        if event.button() == Qt.MouseButton.LeftButton:
            self._pulls = True
            pulled = Axis.Y if self._axis is Axis.X else Axis.X
            self._hands.pull_guide(pulled, self._in_canvas(event.position()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        if self._pulls:
            self._hands.move(self._passed_on(event))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        if self._pulls:
            self._pulls = False
            self._hands.release(self._passed_on(event))

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        theme = self._canvas.ui.theme
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.colour("surface"))
        painter.setPen(QPen(theme.colour("line"), 1))
        if self._axis is Axis.X:
            painter.drawLine(0, self.height() - 1, self.width(), self.height() - 1)
        else:
            painter.drawLine(self.width() - 1, 0, self.width() - 1, self.height())
        beside = not self._canvas.placement.stacked
        both = beside if self._axis is Axis.X else not beside
        sides = SIDES if both else (0,)
        for side in sides if both else SIDES:
            self._paint_selection(painter, side)
        painter.drawPixmap(0, 0, self._scale(sides))
        painter.end()

    def _scale(self, sides: tuple[int, ...]) -> QPixmap:
        """Return all marks and numbers; drawn once, for a drag paints the ruler at every step."""
        wanted = (self._canvas.sight, self.size(), self._canvas.ui.theme.tokens.dark)
        if wanted != self._made:
            self._made = wanted
            ratio = self.devicePixelRatioF()
            self._marks = QPixmap(round(self.width() * ratio), round(self.height() * ratio))
            self._marks.setDevicePixelRatio(ratio)
            self._marks.fill(Qt.GlobalColor.transparent)
            painter = QPainter(self._marks)
            painter.setFont(self._canvas.ui.theme.font(_NUMBER))
            for side in sides:
                self._paint_marks(painter, side)
            painter.end()
        return self._marks

    def _paint_marks(self, painter: QPainter, side: int) -> None:
        theme, sight = self._canvas.ui.theme, self._canvas.sight
        rect, zoom = sight.card_rect(side), sight.placement.zoom
        across = self._axis is Axis.X
        start, room = (rect.left(), rect.width()) if across else (rect.top(), rect.height())
        step = next((step for step in _STEPS if step * zoom >= _APART_PX), _STEPS[-1])
        fine = next(part for part in (0.5, 1, 2, 5, 10) if part * zoom >= 4.5)
        end = self.width() if across else self.height()
        painter.setPen(QPen(theme.colour("muted"), 1))
        # Room divided by zoom may come out a hair below a whole number, and the last mark would be missing.
        count = int(room / zoom / fine + 0.001)
        for index in range(count + 1):
            at = start + index * fine * zoom
            if not -20 <= at <= end + 20:
                continue
            whole = abs(index * fine / step - round(index * fine / step)) < 0.001
            length = 9 if whole else 5 if (index * fine) % 5 == 0 else 3
            if across:
                painter.drawLine(QPointF(at, RULER_PX - 1), QPointF(at, RULER_PX - 1 - length))
            else:
                painter.drawLine(QPointF(RULER_PX - 1, at), QPointF(RULER_PX - 1 - length, at))
            if whole:
                self._paint_number(painter, at, str(round(index * fine)))

    def _paint_number(self, painter: QPainter, at: float, number: str) -> None:
        if self._axis is Axis.X:
            painter.drawText(QRectF(at + 3, 1, 40, 12), Qt.AlignmentFlag.AlignVCenter, number)
            return
        painter.save()
        painter.translate(1, at - 3)
        painter.rotate(-90)
        painter.drawText(QRectF(0, 0, 40, 12), Qt.AlignmentFlag.AlignVCenter, number)
        painter.restore()

    def _paint_selection(self, painter: QPainter, side: int) -> None:
        """Show in the ruler how far the selection reaches."""
        model, sight = self._canvas.model, self._canvas.sight
        for key in model.selected:
            box = model.box_of(key) if key[0] == side else None
            if box is None:
                continue
            rect = sight.box_rect(side, box)
            colour = self._canvas.ui.theme.colour("accent_weak")
            if self._axis is Axis.X:
                painter.fillRect(QRectF(rect.left(), 0, rect.width(), RULER_PX - 1), colour)
            else:
                painter.fillRect(QRectF(0, rect.top(), RULER_PX - 1, rect.height()), colour)

    def _in_canvas(self, at: QPointF) -> QPointF:
        return QPointF(self._canvas.viewport().mapFrom(self._canvas, self.mapTo(self._canvas, at.toPoint())))

    def _passed_on(self, event: QMouseEvent) -> QMouseEvent:
        at = self._in_canvas(event.position())
        return QMouseEvent(event.type(), at, event.globalPosition(), event.button(), event.buttons(), event.modifiers())
