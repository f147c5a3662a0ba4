"""The card as it will be printed: exact ratio, round corners (ISO/IEC 7810: 3.18 mm), one soft shadow."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from station.ui.context import Ui
from station.ui.theme.tokens import SECONDARY
from station.ui.widgets.painting import rounded_image, smooth, soft_shadow

CORNER_MM = 3.18
CARD_MM = (85.6, 53.98)
_EDGE = 10  # room for the shadow


class CardView(QWidget):
    """One side of a card. ``set_true_size`` shows it as large as the plastic, as far as the screen tells the truth."""

    def __init__(self, ui: Ui, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui = ui
        self._image = QImage()
        self._fitted: QImage | None = None
        self._empty = ""
        self._size_mm = CARD_MM
        self._true_size = False
        self._shrinks = False
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setMinimumWidth(120)
        ui.theme.changed.connect(self.update)

    def show_side(self, image: QImage | None, size_mm: tuple[float, float] = CARD_MM) -> None:
        """Show a side, or an empty card."""
        if size_mm != self._size_mm:
            self._size_mm = size_mm
            self.updateGeometry()
        if image is not self._image:
            self._image, self._fitted = image or QImage(), None
            self.update()

    def set_empty_text(self, text: str) -> None:
        """Say what an empty card waits for."""
        self._empty = text
        self.update()

    def set_true_size(self, true_size: bool) -> None:
        """Show the card at its true size, or as wide as there is room."""
        self._true_size = true_size
        self.updateGeometry()
        self.update()

    def set_shrinking(self) -> None:
        """Become smaller where there is little height; the ratio stays."""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(84)
        self._shrinks = True

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        width = 372 + 2 * _EDGE
        return QSize(width, self.minimumHeight() if self._shrinks else self.heightForWidth(width))

    def hasHeightForWidth(self) -> bool:  # noqa: N802 - Qt's name
        return not self._shrinks

    def resizeEvent(self, _event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        if self._shrinks:
            self.setMaximumHeight(self.heightForWidth(self.width()))

    def heightForWidth(self, width: int) -> int:  # noqa: N802 - Qt's name
        across, down = self._size_mm
        card_width = min(width - 2 * _EDGE, self._true_width()) if self._true_size else width - 2 * _EDGE
        return round(card_width * down / across) + 2 * _EDGE

    def card_rect(self) -> QRectF:
        """Return where the card is painted: centred, its ratio kept."""
        across, down = self._size_mm
        room = QRectF(self.rect()).adjusted(_EDGE, _EDGE, -_EDGE, -_EDGE)
        width = min(room.width(), room.height() * across / down)
        if self._true_size:
            width = min(width, self._true_width())
        height = width * down / across
        return QRectF(room.center().x() - width / 2, room.center().y() - height / 2, width, height)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QPainter(self)
        smooth(painter)
        rect = self.card_rect()
        radius = CORNER_MM / self._size_mm[0] * rect.width()
        soft_shadow(painter, rect, radius, self._ui.theme)
        if self._image.isNull():
            self._paint_empty(painter, rect, radius)
        else:
            rounded_image(painter, rect, self._fitted_to(rect), radius)
        painter.end()

    def _paint_empty(self, painter: QPainter, rect: QRectF, radius: float) -> None:
        theme = self._ui.theme
        painter.setPen(QPen(theme.colour("line"), 1))
        painter.setBrush(theme.colour("sunken"))
        painter.drawRoundedRect(rect, radius, radius)
        painter.setFont(theme.font(SECONDARY))
        painter.setPen(theme.colour("muted"))
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(rect.adjusted(24, 8, -24, -8), int(flags), self._empty)

    def _fitted_to(self, rect: QRectF) -> QImage:
        # Scaled once, well, to the pixels of the screen: a plain stretch at each paint loses thin strokes.
        ratio = self.devicePixelRatioF()
        size = QSize(round(rect.width() * ratio), round(rect.height() * ratio))
        if self._fitted is None or self._fitted.size() != size:
            aspect, mode = Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
            self._fitted = self._image.scaled(size, aspect, mode)
        return self._fitted

    def _true_width(self) -> float:
        # Screens that know no size of their own, virtual ones above all, tell what no real one has.
        dots = self.screen().physicalDotsPerInchX()
        return self._size_mm[0] / 25.4 * (dots if 60 <= dots <= 400 else 96.0)
