"""The live picture, mirrored as people know themselves, with an oval that says where the head goes."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from station.ui.context import Ui
from station.ui.theme.tokens import INSTRUCTION, RADIUS_CONTROL, RADIUS_PANEL, TextStyle
from station.ui.tone import Tone
from station.ui.widgets.painting import rounded_image, smooth, soft_shadow

_PILL = TextStyle(13, 18)
_SAYING = TextStyle(INSTRUCTION.size_px, INSTRUCTION.line_px, 500)
# On a picture the scheme does not matter: the same light ink on the same dark glass in both.
_INK = QColor("#ffffff")
_GLASS = QColor(18, 22, 29, 190)
_ON_PICTURE = {Tone.OK: QColor("#86efac"), Tone.WARN: QColor("#fcd34d"), Tone.BAD: QColor("#fca5a5")}
_EDGE = 8
_ROOM_FOR_WORDS = 180
_WIDEST = 16 / 9


@dataclass(frozen=True, slots=True)
class CameraCaptions:
    """What stands on the picture: the camera's name, how it is shown, what to do, and how that is meant."""

    camera: str = ""
    mirror: str = ""
    saying: str = ""
    tone: Tone = Tone.PLAIN


class CameraView(QWidget):
    """Paints the newest frame; knows no camera."""

    def __init__(self, ui: Ui, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui = ui
        self._frame = QImage()
        self._captions = CameraCaptions()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(220, 130)
        ui.theme.changed.connect(self.update)

    def show_frame(self, frame: QImage | None) -> None:
        """Show a frame, already mirrored; ``None`` is no picture."""
        self._frame = frame or QImage()
        self.update()

    def show_captions(self, captions: CameraCaptions) -> None:
        """Write what stands on the picture."""
        if captions != self._captions:
            self._captions = captions
            self.setAccessibleName(", ".join(t for t in (captions.camera, captions.saying) if t))
            self.update()

    def picture_px(self) -> QSize:
        """Return how many of the screen's pixels the picture covers: a frame need not be larger."""
        rect, ratio = self._picture_rect(), self.devicePixelRatioF()
        return QSize(round(rect.width() * ratio), round(rect.height() * ratio))

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(576, 170)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QPainter(self)
        smooth(painter)
        rect = self._picture_rect()
        soft_shadow(painter, rect, RADIUS_PANEL, self._ui.theme)
        if self._frame.isNull():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._ui.theme.colour("sunken"))
            painter.drawRoundedRect(rect, RADIUS_PANEL, RADIUS_PANEL)
        else:
            rounded_image(painter, rect, self._frame, RADIUS_PANEL)
            self._paint_oval(painter, rect)
        self._paint_captions(painter, rect)
        painter.end()

    def _picture_rect(self) -> QRectF:
        """Return where the picture is: never wider than a camera's own, or it would show a strip without the chin."""
        room = QRectF(self.rect()).adjusted(_EDGE, _EDGE, -_EDGE, -_EDGE)
        picture = QRectF(0, 0, min(room.width(), room.height() * _WIDEST), room.height())
        picture.moveCenter(room.center())
        return picture

    def _paint_oval(self, painter: QPainter, rect: QRectF) -> None:
        height = rect.height() * 0.6
        oval = QRectF(0, 0, height * 0.78, height)
        oval.moveCenter(rect.center() - QPointF(0, rect.height() * 0.03))
        around = QPainterPath()
        around.addRoundedRect(rect, RADIUS_PANEL, RADIUS_PANEL)
        hole = QPainterPath()
        hole.addEllipse(oval)
        painter.fillPath(around - hole, QColor(10, 14, 22, 70))
        good = self._captions.tone is Tone.OK
        pen = QPen(_ON_PICTURE.get(self._captions.tone, QColor(255, 255, 255, 210)), 3)
        if not good:
            pen.setStyle(Qt.PenStyle.DashLine)  # whole only when all is well: the colour is not the only sign
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(oval)

    def _paint_captions(self, painter: QPainter, rect: QRectF) -> None:
        said = self._captions
        left = self._glass(painter, rect, said.camera, Qt.AlignmentFlag.AlignLeft)
        right_room = rect.width() - left - 44
        if said.mirror and self._ui.theme.metrics(_PILL).horizontalAdvance(said.mirror) + 20 < right_room:
            self._glass(painter, rect, said.mirror, Qt.AlignmentFlag.AlignRight)
        # On a small picture the words would hide the chin; the button below says what to press.
        if said.saying and (self._frame.isNull() or rect.height() >= _ROOM_FOR_WORDS):
            self._paint_saying(painter, rect)

    def _glass(self, painter: QPainter, rect: QRectF, text: str, side: Qt.AlignmentFlag) -> float:
        if not text:
            return 0.0
        theme = self._ui.theme
        text = theme.metrics(_PILL).elidedText(text, Qt.TextElideMode.ElideRight, int(rect.width()) - 48)
        width = theme.metrics(_PILL).horizontalAdvance(text) + 20
        left = rect.left() + 14 if side is Qt.AlignmentFlag.AlignLeft else rect.right() - 14 - width
        box = QRectF(left, rect.top() + 12, width, theme.scaled(26))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_GLASS)
        painter.drawRoundedRect(box, RADIUS_CONTROL, RADIUS_CONTROL)
        painter.setFont(theme.font(_PILL))
        painter.setPen(_INK)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
        return width

    def _paint_saying(self, painter: QPainter, rect: QRectF) -> None:
        theme, said = self._ui.theme, self._captions
        metrics = theme.metrics(_SAYING)
        text = metrics.elidedText(said.saying, Qt.TextElideMode.ElideRight, int(rect.width()) - 96)
        dot = said.tone in _ON_PICTURE
        width = metrics.horizontalAdvance(text) + 38 + (22 if dot else 0)
        height = theme.scaled(36)
        box = QRectF(rect.center().x() - width / 2, rect.bottom() - 18 - height, width, height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(14, 17, 22, 225))
        painter.drawRoundedRect(box, RADIUS_CONTROL + 4, RADIUS_CONTROL + 4)
        left = box.left() + 19
        if dot:
            painter.setBrush(_ON_PICTURE[said.tone])
            painter.drawEllipse(QPointF(left + 5, box.center().y()), 5.5, 5.5)
            left += 22
        painter.setFont(theme.font(_SAYING))
        painter.setPen(_INK)
        painter.drawText(QRectF(left, box.top(), width, height), Qt.AlignmentFlag.AlignVCenter, text)
