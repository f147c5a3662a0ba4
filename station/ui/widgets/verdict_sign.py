"""The sign of a verdict on a card: each has a shape of its own, so that it is told without its colour."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from station.services.card_check import CardCheck, Verdict
from station.ui.context import Ui
from station.ui.theme.tokens import TextStyle
from station.ui.widgets.painting import exclamation, smooth, tick

_SIDE = 56
_MARK = TextStyle(30, 34, 700)


class VerdictSign(QWidget):
    """A tick on a disc: valid. A bar on an octagon: blocked. A clock: expired. A question on a diamond: unknown.

    A crossed card: no such card. A cut line in a ring: nobody answered. Two cards: perhaps a copy. A small globe beside
    it says that another institution issued it.
    """

    def __init__(self, ui: Ui, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui, self._check = ui, CardCheck(Verdict.UNREACHABLE)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        ui.theme.changed.connect(self.update)

    def show_check(self, check: CardCheck) -> None:
        """Show the sign of a verdict."""
        self._check = check
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(_SIDE, _SIDE)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QPainter(self)
        smooth(painter)
        rect = QRectF(2, 2, _SIDE - 4, _SIDE - 4)
        if self._check.copy:
            self._copy(painter, rect)
        else:
            paint = {
                Verdict.ACTIVE: self._valid,
                Verdict.INACTIVE: self._blocked,
                Verdict.EXPIRED: self._expired,
                Verdict.UNKNOWN: self._unknown,
                Verdict.NOT_ESC: self._no_card,
                Verdict.UNREACHABLE: self._nobody,
            }
            paint[Verdict.INACTIVE if self._check.overruled else self._check.verdict](painter, rect)
            if self._check.elsewhere:
                self._globe(painter, QRectF(rect.right() - 20, rect.bottom() - 20, 20, 20))
        painter.end()

    def _colour(self, name: str) -> QColor:
        return self._ui.theme.colour(name)

    def _fill(self, painter: QPainter, name: str) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._colour(name))

    def _valid(self, painter: QPainter, rect: QRectF) -> None:
        self._fill(painter, "ok")
        painter.drawEllipse(rect)
        tick(painter, rect, self._colour("surface"))

    def _blocked(self, painter: QPainter, rect: QRectF) -> None:
        self._fill(painter, "bad")
        centre, radius = rect.center(), rect.width() / 2
        corners = (math.pi / 8 + n * math.pi / 4 for n in range(8))
        painter.drawPolygon(QPolygonF([centre + QPointF(math.cos(a), math.sin(a)) * radius for a in corners]))
        self._fill(painter, "on_bad")
        painter.drawRoundedRect(QRectF(centre.x() - radius * 0.55, centre.y() - 4, radius * 1.1, 8), 2, 2)

    def _expired(self, painter: QPainter, rect: QRectF) -> None:
        self._fill(painter, "bad_weak")
        painter.setPen(QPen(self._colour("bad"), 4))
        painter.drawEllipse(rect.adjusted(3, 3, -3, -3))
        painter.setPen(QPen(self._colour("bad"), 4, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        centre = rect.center()
        painter.drawLine(centre, centre + QPointF(0, -14))
        painter.drawLine(centre, centre + QPointF(10, 6))

    def _unknown(self, painter: QPainter, rect: QRectF) -> None:
        self._fill(painter, "warn")
        centre, half = rect.center(), rect.width() / 2
        ways = ((0, -1), (1, 0), (0, 1), (-1, 0))
        painter.drawPolygon(QPolygonF([centre + QPointF(x, y) * half for x, y in ways]))
        painter.setPen(self._colour("surface"))
        painter.setFont(self._ui.theme.font(_MARK))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, "?")

    def _no_card(self, painter: QPainter, rect: QRectF) -> None:
        card = QRectF(rect.left() + 2, rect.center().y() - 16, rect.width() - 4, 32)
        self._fill(painter, "warn_weak")
        painter.setPen(QPen(self._colour("warn"), 3))
        painter.drawRoundedRect(card, 5, 5)
        painter.setPen(QPen(self._colour("warn"), 4, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawLine(rect.bottomLeft() + QPointF(6, -4), rect.topRight() + QPointF(-6, 4))

    def _nobody(self, painter: QPainter, rect: QRectF) -> None:
        pen = QPen(self._colour("warn"), 4, Qt.PenStyle.DotLine)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(rect.adjusted(3, 3, -3, -3))
        painter.setPen(QPen(self._colour("warn"), 4, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        middle = rect.center()
        for way in (-1, 1):
            painter.drawLine(middle + QPointF(way * 6, 0), middle + QPointF(way * 15, 0))
            painter.drawLine(middle + QPointF(way * 6, -6), middle + QPointF(way * 6, 6))

    def _copy(self, painter: QPainter, rect: QRectF) -> None:
        painter.setPen(QPen(self._colour("surface"), 2))
        painter.setBrush(self._colour("bad"))
        width, height = rect.width() - 12, 32.0
        painter.drawRoundedRect(QRectF(rect.left(), rect.top() + 2, width, height), 5, 5)
        front = QRectF(rect.right() - width, rect.bottom() - height - 2, width, height)
        painter.drawRoundedRect(front, 5, 5)
        exclamation(painter, front, self._colour("on_bad"))

    def _globe(self, painter: QPainter, rect: QRectF) -> None:
        painter.setPen(QPen(self._colour("text"), 1.6))
        painter.setBrush(self._colour("surface"))
        painter.drawEllipse(rect)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(rect.adjusted(6, 0, -6, 0))
        painter.drawLine(QPointF(rect.left(), rect.center().y()), QPointF(rect.right(), rect.center().y()))
