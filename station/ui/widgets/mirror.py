"""What the student's mirror is made of: a picture of the student, and buttons for a finger."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QColor, QImage, QKeyEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from station.ui.context import Ui
from station.ui.theme.tokens import RADIUS_BUTTON, RADIUS_PANEL, TextStyle
from station.ui.tone import Tone
from station.ui.widgets.glass import DEEP_GLASS, INK, ON_PICTURE
from station.ui.widgets.painting import exclamation, focus_ring, rounded_image, smooth, tick

_LIVE_SHAPE = 4 / 3
_USUAL_SHAPE = 35 / 45


class MirrorPicture(QWidget):
    """The live picture, or the portrait; knows no camera. Without either it is a quiet field."""

    def __init__(self, ui: Ui, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui = ui
        self._live, self._image = False, QImage()
        self._said, self._tone, self._style = "", Tone.PLAIN, TextStyle(22, 28, 600)
        self.setObjectName("mirrorPicture")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(160, 120)
        ui.theme.changed.connect(self.update)

    @property
    def image(self) -> QImage:
        """Return what is shown, a null image for nothing."""
        return self._image

    def show_live(self, frame: QImage | None) -> None:
        """Show a frame, mirrored and as large as ``picture_px`` asks for."""
        self._live, self._image = True, frame or QImage()
        self.update()

    def show_portrait(self, portrait: QImage) -> None:
        """Show a portrait as it will be printed."""
        self._live, self._image = False, portrait
        self.update()

    @property
    def said(self) -> str:
        """Return what is said on the picture."""
        return self._said

    def say(self, text: str, tone: Tone = Tone.PLAIN) -> None:
        """Say one thing on the picture, by a sign and in words; nothing without words."""
        if (text, tone) != (self._said, self._tone):
            self._said, self._tone = text, tone
            self.update()

    def set_style(self, style: TextStyle) -> None:
        """Say it in a size."""
        if style != self._style:
            self._style = style
            self.update()

    def picture_rect(self) -> QRectF:
        """Return where the picture is, in pixels of this widget."""
        room = QRectF(self.rect())
        shape = _LIVE_SHAPE
        if not self._live:
            shape = _USUAL_SHAPE if self._image.isNull() else self._image.width() / self._image.height()
        width = min(room.width(), room.height() * shape)
        rect = QRectF(0, 0, int(width), int(width / shape))
        rect.moveCenter(room.center())
        # On whole points: only there a frame that was prepared in these very pixels is copied and not scaled.
        rect.moveTopLeft(rect.topLeft().toPoint().toPointF())
        return rect

    def picture_px(self) -> QSize:
        """Return how many of the screen's pixels the live picture covers."""
        width, ratio = min(self.width(), self.height() * _LIVE_SHAPE), self.devicePixelRatioF()
        return QSize(int(width * ratio), int(int(width / _LIVE_SHAPE) * ratio))

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(480, 360)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QPainter(self)
        rect = self.picture_rect()
        if self._image.isNull():
            smooth(painter)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._ui.theme.colour("sunken"))
            painter.drawRoundedRect(rect, RADIUS_PANEL, RADIUS_PANEL)
        elif self._live:
            self._paint_frame(painter, rect)
        else:
            rounded_image(painter, rect, self._image, RADIUS_PANEL)
        if self._said:
            self._paint_said(painter, rect)
        painter.end()

    def _paint_frame(self, painter: QPainter, rect: QRectF) -> None:
        # Prepared in these very pixels, it is only copied; the round corners are painted over it.
        painter.drawImage(rect, self._image)
        smooth(painter)
        corners, inside = QPainterPath(), QPainterPath()
        corners.addRect(rect)
        inside.addRoundedRect(rect, RADIUS_PANEL, RADIUS_PANEL)
        painter.fillPath(corners - inside, self._ui.theme.colour("background"))

    def said_rect(self, rect: QRectF) -> QRectF:
        """Return where on the picture it is said: at its lower edge, as wide as it takes."""
        edge, side = self._style.size_px * 0.7, self._sign_side()
        room = rect.width() - 3 * edge - side
        metrics = self._ui.theme.metrics(self._style)
        words = QRectF(metrics.boundingRect(0, 0, max(40, int(room)), 10_000, _WRAPPED, self._said))
        size = QSizeF(words.width() + 2 + side + 2 * edge, max(words.height(), side) + edge)
        left, top = rect.center().x() - size.width() / 2, rect.bottom() - edge * 0.6 - size.height()
        return QRectF(left, top, size.width(), size.height())

    def _paint_said(self, painter: QPainter, rect: QRectF) -> None:
        smooth(painter)
        box, edge, side = self.said_rect(rect), self._style.size_px * 0.7, self._sign_side()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(DEEP_GLASS)
        painter.drawRoundedRect(box, RADIUS_BUTTON, RADIUS_BUTTON)
        if side:
            sign = QRectF(box.left() + edge, box.center().y() - side * 0.38, side * 0.76, side * 0.76)
            painter.setBrush(ON_PICTURE[self._tone])
            painter.drawEllipse(sign)
            (tick if self._tone is Tone.OK else exclamation)(painter, sign, DEEP_GLASS)
        painter.setFont(self._ui.theme.font(self._style))
        painter.setPen(INK)
        words = QRectF(box.left() + edge + side, box.top(), box.width() - 2 * edge - side, box.height())
        painter.drawText(words, _WRAPPED, self._said)

    def _sign_side(self) -> float:
        return self._style.line_px * 1.1 if self._tone in ON_PICTURE else 0.0


_WRAPPED = int(Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap)


class MirrorButton(QPushButton):
    """A large button with a sign; ``chosen`` is told by shape as well as by colour.

    It takes the keyboard only by Tab: a finger on the mirror must not take the operator's keys away.
    """

    def __init__(self, ui: Ui, name: str, tone: Tone = Tone.PLAIN, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui, self._tone = ui, tone
        self._style = TextStyle(20, 26, 600)
        self.setObjectName(name)
        self.setCheckable(True)
        self.setAutoDefault(False)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        ui.theme.changed.connect(self.update)

    def set_label(self, text: str, style: TextStyle) -> None:
        """Show ``text`` in a size."""
        if (text, style) != (self.text(), self._style):
            self.setText(text)
            self.setAccessibleName(text)
            self._style = style
            self.updateGeometry()
            self.update()

    def nextCheckState(self) -> None:  # noqa: N802 - Qt's name
        """Leave it to the view-model what is chosen."""

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.isAutoRepeat():
            self.click()
        else:
            super().keyPressEvent(event)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        text = self._ui.theme.metrics(self._style).horizontalAdvance(self.text())
        sign = self._sign_side() * 1.4 if self._tone is not Tone.PLAIN else 0
        return QSize(round(text + sign + self._style.size_px * 1.6), round(self._style.line_px * 1.9))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        theme, rect = self._ui.theme, QRectF(self.rect())
        painter = QPainter(self)
        smooth(painter)
        fill, ink = ("accent", "on_accent") if self.isChecked() else ("surface", "text")
        down = self.isDown() and not self.isChecked()
        painter.setPen(QPen(theme.colour("accent" if self.isChecked() else "muted"), 2))
        painter.setBrush(theme.colour("accent_weak" if down else fill))
        painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), RADIUS_BUTTON, RADIUS_BUTTON)
        if self.hasFocus():
            focus_ring(painter, rect.adjusted(4, 4, -4, -4), RADIUS_BUTTON - 4, theme.colour(ink))
        self._paint_label(painter, theme.colour(ink))
        painter.end()

    def _paint_label(self, painter: QPainter, ink: QColor) -> None:
        painter.setFont(self._ui.theme.font(self._style))
        side = self._sign_side() if self._tone is not Tone.PLAIN else 0.0
        width = painter.fontMetrics().horizontalAdvance(self.text()) + side * 1.4
        left = (self.width() - width) / 2
        if self._tone is Tone.OK:
            tick(painter, QRectF(left, (self.height() - side) / 2, side, side), ink)
        elif self._tone is Tone.WARN:
            exclamation(painter, QRectF(left, (self.height() - side) / 2, side, side), ink)
        painter.setPen(ink)
        painter.drawText(QRectF(left + side * 1.4, 0, width, self.height()), Qt.AlignmentFlag.AlignVCenter, self.text())

    def _sign_side(self) -> float:
        return self._style.line_px * 1.0
