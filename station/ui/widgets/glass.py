"""Dark glass on a picture: the one thing to be said, with its sign, and the button with the camera's name."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QColor,
    QFontMetrics,
    QKeyEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QPushButton, QWidget

from station.ui.context import Ui
from station.ui.theme.tokens import INSTRUCTION, RADIUS_CONTROL, SECONDARY, TextStyle
from station.ui.tone import Tone
from station.ui.widgets.buttons import key_cap
from station.ui.widgets.painting import exclamation, focus_ring, smooth, tick

# On a picture the scheme does not matter: the same light ink on the same dark glass in both.
INK = QColor("#ffffff")
GLASS, DEEP_GLASS = QColor(18, 22, 29, 190), QColor(14, 17, 22, 225)
ON_PICTURE = {Tone.OK: QColor("#86efac"), Tone.WARN: QColor("#fcd34d"), Tone.BAD: QColor("#fca5a5")}
PILL = TextStyle(13, 18)
SAYING = TextStyle(INSTRUCTION.size_px, INSTRUCTION.line_px, 500)
_SIGN, _GAP, _EDGE = 20, 10, 14


class GlassButton(QPushButton):
    """A button on glass. Space is never for it: Space takes the photo, wherever the keyboard is."""

    def __init__(self, ui: Ui, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui = ui
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAutoDefault(False)
        ui.theme.changed.connect(self.update)

    def set_label(self, text: str) -> None:
        """Show ``text``."""
        if text != self.text():
            self.setText(text)
            self.setAccessibleName(text)
            self.updateGeometry()
            self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.isAutoRepeat():
            self.click()
        else:
            event.ignore()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        theme = self._ui.theme
        return QSize(theme.metrics(PILL).horizontalAdvance(self.text()) + 40, max(28, theme.scaled(28)))

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        theme, rect = self._ui.theme, QRectF(self.rect())
        painter = QPainter(self)
        smooth(painter)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(DEEP_GLASS if self.underMouse() or self.isDown() else GLASS)
        painter.drawRoundedRect(rect, RADIUS_CONTROL, RADIUS_CONTROL)
        painter.setFont(theme.font(PILL))
        painter.setPen(INK)
        text = theme.metrics(PILL).elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width() - 34)
        painter.drawText(rect.adjusted(10, 0, -22, 0), Qt.AlignmentFlag.AlignVCenter, text)
        self._paint_arrow(painter, QPointF(rect.right() - 15, rect.center().y() + 1))
        if self.hasFocus():
            focus_ring(painter, rect, RADIUS_CONTROL, INK)
        painter.end()

    def _paint_arrow(self, painter: QPainter, at: QPointF) -> None:
        painter.setPen(QPen(INK, 1.6, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        path = QPainterPath(at + QPointF(-4, -2.5))
        path.lineTo(at + QPointF(0, 1.5))
        path.lineTo(at + QPointF(4, -2.5))
        painter.drawPath(path)


class HintPill(GlassButton):
    """Says one thing, by a sign and in words; what can be gone over has its key on it and is pressed for that.

    Screen readers are told when it says something else.
    """

    def __init__(self, ui: Ui, parent: QWidget | None = None) -> None:
        super().__init__(ui, parent)
        self._tone, self._key, self._aloud = Tone.PLAIN, "", ""
        self._style = SAYING

    @property
    def key(self) -> str:
        """Return the key that goes over what is said, empty where nothing can be."""
        return self._key

    def say(self, text: str, tone: Tone, *, key: str = "", aloud: str | None = None) -> None:
        """Say ``text``; ``key`` is what goes over it, ``aloud`` what is read out where that is not the same."""
        if (text, tone, key) == (self.text(), self._tone, self._key):
            return
        self._tone, self._key = tone, key
        self.setText(text)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if key else Qt.FocusPolicy.NoFocus)
        # Not disabled: that would read as if what it says did not hold.
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents, not key)
        self._announce(text if aloud is None else aloud)
        self.updateGeometry()
        self.update()

    def set_small(self, small: bool) -> None:
        """Write smaller, where there is little room."""
        self._style = PILL if small else SAYING
        self.update()

    def size_in(self, room_px: int) -> QSize:
        """Return the size that it takes in a place of this width; longer texts wrap."""
        metrics, extra = self._metrics(), self._extra()
        words = metrics.horizontalAdvance(self.text()) + 2
        height = max(36, self._ui.theme.scaled(36))
        if words + extra <= room_px:
            return QSize(words + extra, height)
        lines = metrics.boundingRect(0, 0, max(40, room_px - extra), 10_000, _WRAPPED, self.text())
        return QSize(room_px, max(height, lines.height() + 16))

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return self.size_in(10_000)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        theme, rect = self._ui.theme, QRectF(self.rect())
        painter = QPainter(self)
        smooth(painter)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(DEEP_GLASS)
        painter.drawRoundedRect(rect, RADIUS_CONTROL + 4, RADIUS_CONTROL + 4)
        left = rect.left() + _EDGE
        if self._tone in ON_PICTURE:
            self._paint_sign(painter, QRectF(left, rect.center().y() - _SIGN / 2, _SIGN, _SIGN))
            left += _SIGN + _GAP
        right = rect.right() - _EDGE
        if self._key:
            cap = QRectF(right - self._cap(), rect.center().y() - 11, self._cap(), 22)
            painter.setFont(theme.font(SECONDARY))
            key_cap(painter, cap, self._key, INK, QColor(255, 255, 255, 150))
            right = cap.left() - _GAP
        painter.setFont(theme.font(self._style))
        painter.setPen(INK)
        painter.drawText(QRectF(left, rect.top(), right - left + 2, rect.height()), _WRAPPED, self.text())
        if self.hasFocus():
            focus_ring(painter, rect, RADIUS_CONTROL + 4, INK)
        painter.end()

    def _paint_sign(self, painter: QPainter, rect: QRectF) -> None:
        painter.setBrush(ON_PICTURE[self._tone])
        painter.drawEllipse(rect)
        draw = tick if self._tone is Tone.OK else exclamation
        draw(painter, rect, DEEP_GLASS)

    def _announce(self, aloud: str) -> None:
        # The count on the picture changes each second; read out each time, it would talk over itself.
        if aloud == self._aloud:
            return
        self._aloud = aloud
        self.setAccessibleName(aloud)
        if self.isVisible() and aloud:
            # An announcement is read wherever the keyboard is; another name alone only to who has the keyboard here.
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, aloud))

    def _metrics(self) -> QFontMetrics:
        return self._ui.theme.metrics(self._style)

    def _extra(self) -> int:
        sign = _SIGN + _GAP if self._tone in ON_PICTURE else 0
        return 2 * _EDGE + sign + (self._cap() + _GAP if self._key else 0)

    def _cap(self) -> int:
        return max(22, self._ui.theme.metrics(SECONDARY).horizontalAdvance(self._key) + 14)


_WRAPPED = int(Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap)
