"""The live picture, mirrored as people know themselves, with an oval that says where the head goes."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPaintEvent, QPen, QTransform
from PySide6.QtWidgets import QSizePolicy, QWidget

from station.services.autocapture import Outline
from station.ui.context import Ui
from station.ui.theme.tokens import RADIUS_CONTROL, RADIUS_PANEL, TextStyle
from station.ui.tone import Tone
from station.ui.widgets.glass import DEEP_GLASS, GLASS, INK, ON_PICTURE, PILL, SAYING
from station.ui.widgets.painting import rounded_image, smooth, soft_shadow

_COUNT = TextStyle(34, 40, 700)
_EDGE = 8
_ROOM_FOR_WORDS = 180
_GUIDE_HEIGHT, _GUIDE_SHAPE, _GUIDE_UP = 0.6, 0.78, 0.03
_WIDEST = 16 / 9


@dataclass(frozen=True, slots=True)
class CameraCaptions:
    """What stands on the picture: the camera's name, how it is shown, what to do, and how that is meant."""

    camera: str = ""
    mirror: str = ""
    saying: str = ""
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True)
class FaceMark:
    """The face that is followed: where it is, whether all is well, how far that has held (0..1), and the count."""

    outline: Outline
    good: bool = False
    held: float = 0.0
    count: int = 0


class CameraView(QWidget):
    """Paints the newest frame; knows no camera."""

    def __init__(self, ui: Ui, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui = ui
        self._frame = QImage()
        self._captions = CameraCaptions()
        self._mark: FaceMark | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(220, 130)
        ui.theme.changed.connect(self.update)

    def show_frame(self, frame: QImage | None) -> None:
        """Show a frame, already mirrored; ``None`` is no picture."""
        self._frame = frame or QImage()
        self.update()

    def show_mark(self, mark: FaceMark | None) -> None:
        """Follow a face from the next frame on; without one, an oval says where it goes."""
        # Not painted now: frames come often enough, and to paint twice for each would be twice the work.
        self._mark = mark

    def picture_rect(self) -> QRectF:
        """Return where the picture is, in pixels of this widget."""
        return self._picture_rect()

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
        mark = self._mark
        good = mark.good if mark else self._captions.tone is Tone.OK
        oval = self._oval_of(mark.outline, rect) if mark else _guide(rect)
        around = QPainterPath()
        around.addRoundedRect(rect, RADIUS_PANEL, RADIUS_PANEL)
        painter.fillPath(around - oval, QColor(10, 14, 22, 70))
        tone = Tone.OK if good else Tone.WARN if mark else self._captions.tone
        pen = QPen(ON_PICTURE.get(tone, QColor(255, 255, 255, 210)), 3)
        if not good:
            pen.setStyle(Qt.PenStyle.DashLine)  # whole only when all is well: the colour is not the only sign
        painter.save()
        painter.setClipPath(around)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(pen)
        painter.drawPath(oval)
        if mark is not None:
            self._paint_eyes(painter, mark.outline, rect)
            if mark.held > 0:
                painter.setPen(QPen(pen.color(), 7, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
                painter.drawPath(_first_part(oval, mark.held))
        painter.restore()
        if mark is not None and mark.count and rect.height() >= _ROOM_FOR_WORDS:
            self._paint_count(painter, rect, mark.count)

    def _point(self, share: tuple[float, float], rect: QRectF) -> QPointF:
        """Return where a point of the unmirrored frame is seen."""
        scale = max(rect.width() / self._frame.width(), rect.height() / self._frame.height())
        x = (0.5 - share[0]) * self._frame.width() * scale
        return rect.center() + QPointF(x, (share[1] - 0.5) * self._frame.height() * scale)

    def _oval_of(self, face: Outline, rect: QRectF) -> QPainterPath:
        scale = max(rect.width() / self._frame.width(), rect.height() / self._frame.height())
        width, height = face.width * self._frame.width() * scale, face.height * self._frame.height() * scale
        oval = QPainterPath()
        oval.addEllipse(QPointF(0, 0), width / 2, height / 2)
        centre = self._point(face.centre, rect)
        # Seen in a mirror, the head leans the other way.
        return QTransform().translate(centre.x(), centre.y()).rotate(-face.roll_deg).map(oval)

    def _paint_eyes(self, painter: QPainter, face: Outline, rect: QRectF) -> None:
        pen = QPen(painter.pen())
        pen.setWidthF(1.6)
        painter.setPen(pen)
        one, other = self._point(face.right_eye, rect), self._point(face.left_eye, rect)
        beyond = (other - one) * 0.45
        painter.drawLine(one - beyond, other + beyond)

    def _paint_count(self, painter: QPainter, rect: QRectF, count: int) -> None:
        side = min(72.0, rect.height() / 3)
        circle = QRectF(rect.center().x() - side / 2, rect.top() + 14, side, side)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(DEEP_GLASS)
        painter.drawEllipse(circle)
        painter.setFont(self._ui.theme.font(_COUNT))
        painter.setPen(INK)
        painter.drawText(circle, Qt.AlignmentFlag.AlignCenter, str(count))

    def _paint_captions(self, painter: QPainter, rect: QRectF) -> None:
        said = self._captions
        left = self._glass(painter, rect, said.camera, Qt.AlignmentFlag.AlignLeft)
        right_room = rect.width() - left - 44
        if said.mirror and self._ui.theme.metrics(PILL).horizontalAdvance(said.mirror) + 20 < right_room:
            self._glass(painter, rect, said.mirror, Qt.AlignmentFlag.AlignRight)
        # On a small picture the words would hide the chin; the button below says what to press.
        if said.saying and (self._frame.isNull() or rect.height() >= _ROOM_FOR_WORDS):
            self._paint_saying(painter, rect)

    def _glass(self, painter: QPainter, rect: QRectF, text: str, side: Qt.AlignmentFlag) -> float:
        if not text:
            return 0.0
        theme = self._ui.theme
        text = theme.metrics(PILL).elidedText(text, Qt.TextElideMode.ElideRight, int(rect.width()) - 48)
        width = theme.metrics(PILL).horizontalAdvance(text) + 20
        left = rect.left() + 14 if side is Qt.AlignmentFlag.AlignLeft else rect.right() - 14 - width
        box = QRectF(left, rect.top() + 12, width, theme.scaled(26))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(GLASS)
        painter.drawRoundedRect(box, RADIUS_CONTROL, RADIUS_CONTROL)
        painter.setFont(theme.font(PILL))
        painter.setPen(INK)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
        return width

    def _paint_saying(self, painter: QPainter, rect: QRectF) -> None:
        theme, said = self._ui.theme, self._captions
        metrics = theme.metrics(SAYING)
        text = metrics.elidedText(said.saying, Qt.TextElideMode.ElideRight, int(rect.width()) - 96)
        dot = said.tone in ON_PICTURE
        width = metrics.horizontalAdvance(text) + 38 + (22 if dot else 0)
        height = theme.scaled(36)
        box = QRectF(rect.center().x() - width / 2, rect.bottom() - 18 - height, width, height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(DEEP_GLASS)
        painter.drawRoundedRect(box, RADIUS_CONTROL + 4, RADIUS_CONTROL + 4)
        left = box.left() + 19
        if dot:
            painter.setBrush(ON_PICTURE[said.tone])
            painter.drawEllipse(QPointF(left + 5, box.center().y()), 5.5, 5.5)
            left += 22
        painter.setFont(theme.font(SAYING))
        painter.setPen(INK)
        painter.drawText(QRectF(left, box.top(), width, height), Qt.AlignmentFlag.AlignVCenter, text)


def _guide(rect: QRectF) -> QPainterPath:
    """Return the oval that says where the head goes."""
    height = rect.height() * _GUIDE_HEIGHT
    oval = QRectF(0, 0, height * _GUIDE_SHAPE, height)
    oval.moveCenter(rect.center() - QPointF(0, rect.height() * _GUIDE_UP))
    path = QPainterPath()
    path.addEllipse(oval)
    return path


def _first_part(path: QPainterPath, share: float) -> QPainterPath:
    """Return the first part of a path, up to a share of its length."""
    steps = max(2, round(60 * share))
    part = QPainterPath(path.pointAtPercent(0))
    for step in range(1, steps + 1):
        part.lineTo(path.pointAtPercent(min(1.0, share * step / steps)))
    return part
