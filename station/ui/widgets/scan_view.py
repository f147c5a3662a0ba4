"""The camera's picture while a card's QR is looked for: small, mirrored, with the corners of a square to aim at."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from station.ui.context import Ui
from station.ui.theme.tokens import BODY, RADIUS_BUTTON
from station.ui.widgets.painting import rounded_image, smooth

_SIZE = QSize(240, 150)
_ARM = 18.0


class ScanView(QWidget):
    """Shows the newest picture; words where there is none."""

    def __init__(self, ui: Ui, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui, self._image, self._words = ui, QImage(), ""
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        ui.theme.changed.connect(self.update)

    def show_picture(self, image: QImage | None, words: str) -> None:
        """Show a picture, already mirrored, or ``words`` in its place."""
        self._image, self._words = image or QImage(), words
        self.setAccessibleName(words)
        self.update()

    def picture_px(self) -> QSize:
        """Return how many of the screen's pixels it covers: a picture need not be larger."""
        return self.sizeHint() * self.devicePixelRatioF()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return _SIZE

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QPainter(self)
        smooth(painter)
        rect = QRectF(self.rect())
        if self._image.isNull():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._ui.theme.colour("sunken"))
            painter.drawRoundedRect(rect, RADIUS_BUTTON, RADIUS_BUTTON)
            painter.setPen(self._ui.theme.colour("muted"))
            painter.setFont(self._ui.theme.font(BODY))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(rect.adjusted(12, 8, -12, -8), flags, self._words)
        else:
            rounded_image(painter, rect, self._image, RADIUS_BUTTON)
            self._paint_corners(painter, rect)
        painter.end()

    def _paint_corners(self, painter: QPainter, rect: QRectF) -> None:
        side = rect.height() * 0.72
        square = QRectF(0, 0, side, side)
        square.moveCenter(rect.center())
        painter.setPen(QPen(QColor(255, 255, 255, 230), 3, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        for corner, across, down in (
            (square.topLeft(), 1, 1),
            (square.topRight(), -1, 1),
            (square.bottomLeft(), 1, -1),
            (square.bottomRight(), -1, -1),
        ):
            painter.drawLine(corner, corner + QPointF(across * _ARM, 0))
            painter.drawLine(corner, corner + QPointF(0, down * _ARM))
