"""The still: a frame to drag, zoom and move by the arrow keys; what is inside becomes the portrait."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from station.domain.portrait import Crop
from station.photo.crop import CropArea
from station.ui.context import Ui
from station.ui.theme.tokens import RADIUS_PANEL
from station.ui.widgets.painting import rounded_image, smooth, soft_shadow

_EDGE = 8
_STEP, _FINE_STEP = 0.02, 0.004
_ZOOM = 1.06


class CropView(QWidget):
    """Shows a still and its crop. ``moved`` carries the crop that a person asked for."""

    moved = Signal(object)

    def __init__(self, ui: Ui, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui = ui
        self._still = QImage()
        self._area: CropArea | None = None
        self._crop = Crop()
        self._grip: QPointF | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(220, 130)
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        ui.theme.changed.connect(self.update)

    def show_still(self, still: QImage, area: CropArea, crop: Crop) -> None:
        """Show a still with its crop; ``area`` says how far the crop may go."""
        self._still, self._area, self._crop = still, area, crop
        self.update()

    def picture_rect(self) -> QRectF:
        """Return where the still is, in pixels of this widget."""
        return self._shown_rect()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(576, 170)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        step = _FINE_STEP if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else _STEP
        moves = {
            Qt.Key.Key_Left: (-step, 0.0),
            Qt.Key.Key_Right: (step, 0.0),
            Qt.Key.Key_Up: (0.0, -step),
            Qt.Key.Key_Down: (0.0, step),
        }
        key = Qt.Key(event.key())
        if self._area is None:
            event.ignore()
        elif key in moves:
            self._ask(self._area.move(self._crop, *moves[key]))
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self._ask(self._area.zoom(self._crop, _ZOOM))
        elif key == Qt.Key.Key_Minus:
            self._ask(self._area.zoom(self._crop, 1 / _ZOOM))
        else:
            event.ignore()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        # Qt tells a wheel in eighths of a degree: 120 is one notch; a touchpad sends a little at a time.
        if self._area is not None and event.angleDelta().y():
            self._ask(self._area.zoom(self._crop, _ZOOM ** (event.angleDelta().y() / 120)))

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        self._grip = event.position()
        self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        shown = self._shown_rect()
        if self._grip is None or self._area is None or shown.isEmpty():
            return
        by = event.position() - self._grip
        self._grip = event.position()
        self._ask(self._area.move(self._crop, by.x() / shown.width(), by.y() / shown.height()))

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        self._grip = None
        self.setCursor(Qt.CursorShape.OpenHandCursor)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QPainter(self)
        smooth(painter)
        rect = self._shown_rect()
        soft_shadow(painter, rect, RADIUS_PANEL, self._ui.theme)
        if not self._still.isNull() and self._area is not None:
            rounded_image(painter, rect, self._still, RADIUS_PANEL)
            self._paint_crop(painter, rect, self._crop_rect(rect, self._area))
        if self.hasFocus():
            painter.setPen(QPen(self._ui.theme.colour("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(rect.adjusted(-4, -4, 4, 4), RADIUS_PANEL + 4, RADIUS_PANEL + 4)
        painter.end()

    def _ask(self, crop: Crop) -> None:
        if crop != self._crop:
            self._crop = crop
            self.moved.emit(crop)
            self.update()

    def _shown_rect(self) -> QRectF:
        """Return where the whole still is: all of it must be seen to be cropped."""
        room = QRectF(self.rect()).adjusted(_EDGE, _EDGE, -_EDGE, -_EDGE)
        if self._still.isNull():
            return QRectF()
        scale = min(room.width() / self._still.width(), room.height() / self._still.height())
        shown = QRectF(0, 0, self._still.width() * scale, self._still.height() * scale)
        shown.moveCenter(room.center())
        return shown

    def _crop_rect(self, shown: QRectF, area: CropArea) -> QRectF:
        box, scale = area.box(self._crop), shown.width() / area.width_px
        return QRectF(
            shown.left() + box.left_px * scale, shown.top() + box.top_px * scale,
            box.width_px * scale, box.height_px * scale,
        )  # fmt: skip

    def _paint_crop(self, painter: QPainter, rect: QRectF, crop: QRectF) -> None:
        around, hole = QPainterPath(), QPainterPath()
        around.addRoundedRect(rect, RADIUS_PANEL, RADIUS_PANEL)
        hole.addRoundedRect(crop, 6, 6)
        painter.fillPath(around - hole, QColor(10, 14, 22, 150))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor("#ffffff"), 2))
        painter.drawRoundedRect(crop, 6, 6)
        # Where the eyes and the chin belong on an ID photo of 35 × 45 mm.
        painter.setPen(QPen(QColor(255, 255, 255, 130), 1, Qt.PenStyle.DashLine))
        for share in (0.42, 0.78):
            y = crop.top() + crop.height() * share
            painter.drawLine(QPointF(crop.left() + 8, y), QPointF(crop.right() - 8, y))
