"""A chart of the day: cards issued as a dashed line, cards registered as a filled one, so that the gap is seen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from station.services.router_day import RouterDay, line_of
from station.ui.context import Ui
from station.ui.theme.tokens import RADIUS_CONTROL, SECONDARY
from station.ui.widgets.painting import smooth

_HEIGHT = 132
_LEFT, _TOP, _RIGHT, _BOTTOM = 36.0, 10.0, 12.0, 24.0
_LEAST_ROOM_PX = 56.0
_EVERY_HOURS = (1, 2, 3, 4, 6, 12)


class DayChart(QWidget):
    """Shows a ``RouterDay``; what it says is also in its accessible description."""

    def __init__(self, ui: Ui, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui = ui
        self.day: RouterDay | None = None
        self.setObjectName("dayChart")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        ui.theme.changed.connect(self.updateGeometry)
        ui.theme.changed.connect(self.update)

    def show_day(self, day: RouterDay) -> None:
        """Show a day."""
        self.day = day
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(320, self._ui.theme.scaled(_HEIGHT))

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QPainter(self)
        smooth(painter)
        theme, day = self._ui.theme, self.day
        scale = theme.scaled(100) / 100
        plot = QRectF(self.rect()).adjusted(_LEFT * scale, _TOP, -_RIGHT, -_BOTTOM * scale)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("sunken"))
        painter.drawRoundedRect(plot, RADIUS_CONTROL, RADIUS_CONTROL)
        if day is not None and (day.issued or day.registered):
            start, end = span_of(day)
            top = top_of(max(len(day.issued), len(day.registered)))
            self._scales(painter, plot, (start, end), top)
            issued = _polygon(plot, line_of(day.issued, start, end, top))
            told = _polygon(plot, line_of(day.registered, start, end, top))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("accent_weak"))
            painter.drawPolygon(QPolygonF([plot.bottomLeft(), *told, QPointF(told[-1].x(), plot.bottom())]))
            _stroke(painter, told, QPen(theme.colour("accent"), 2.2))
            _stroke(painter, issued, QPen(theme.colour("text"), 1.6, Qt.PenStyle.DashLine))
        painter.end()

    def _scales(self, painter: QPainter, plot: QRectF, span: tuple[datetime, datetime], top: int) -> None:
        """Paint the hours below and the greatest number beside, with quiet lines."""
        theme, (start, end) = self._ui.theme, span
        painter.setFont(theme.font(SECONDARY))
        high = theme.metrics(SECONDARY).height()
        for number in (0, top):
            y = plot.bottom() - plot.height() * number / top
            box = QRectF(0, y - high / 2, plot.left() - 6, high)
            painter.setPen(theme.colour("muted"))
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, str(number))
        for at in hours_of(start, end, plot.width() / theme.scaled(round(_LEAST_ROOM_PX))):
            x = plot.left() + plot.width() * ((at - start) / (end - start))
            painter.setPen(QPen(theme.colour("line"), 1))
            painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()))
            painter.setPen(theme.colour("muted"))
            said = self._ui.tr_.time(at)
            width = theme.metrics(SECONDARY).horizontalAdvance(said) + 2.0
            box = QRectF(place_of_label(x, width, plot.left(), plot.right()), plot.bottom() + 2, width, high + 2)
            painter.drawText(box, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, said)


def span_of(day: RouterDay) -> tuple[datetime, datetime]:
    """Return the hours that are shown: from the full hour before the first card to now, at least one."""
    steps = day.steps()
    start = steps[0][0] if steps else day.midnight
    return start, max(day.until, start + timedelta(hours=1))


def top_of(count: int) -> int:
    """Return the greatest number of the scale: a round one, so that it does not move with every card."""
    step = 10 ** max(0, len(str(max(count, 1))) - 1)
    step = max(step // 2, 5) if count > 5 else 5
    return max(step, -(-count // step) * step)


def place_of_label(x: float, width: float, left: float, right: float) -> float:
    """Return where a label about ``x`` begins: in its middle, but neither cut off nor under the numbers beside."""
    return max(left, min(x - width / 2, right - width))


def hours_of(start: datetime, end: datetime, room: float) -> list[datetime]:
    """Return the hours that are written, of which ``room`` have a place."""
    hours = (end - start) / timedelta(hours=1)
    every = next((each for each in _EVERY_HOURS if hours / each <= max(room, 1.0)), _EVERY_HOURS[-1])
    # Counted from the desk's own midnight: 8, 12 and 16, not 9, 13 and 17 because the first card came at nine.
    local = start.astimezone()
    first = (-local.hour) % every
    return [start + timedelta(hours=n) for n in range(first, int(hours) + 1, every)]


def _polygon(plot: QRectF, line: Sequence[tuple[float, float]]) -> list[QPointF]:
    return [QPointF(plot.left() + plot.width() * x, plot.bottom() - plot.height() * y) for x, y in line]


def _stroke(painter: QPainter, points: Sequence[QPointF], pen: QPen) -> None:
    path = QPainterPath(points[0])
    for point in points[1:]:
        path.lineTo(point)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(path)
