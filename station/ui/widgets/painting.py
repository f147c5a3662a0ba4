"""What is painted by hand in more than one place: shadows, rounded pictures, and the signs of a state."""

from __future__ import annotations

import math
from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPainterPath, QPen, QPixmap, QTransform

from station.ui.theme.theme import Theme
from station.ui.theme.tokens import SECONDARY_STRONG
from station.ui.tone import Tone

_SHADOW_REACH_PX = 14


def smooth(painter: QPainter) -> None:
    """Turn on what makes edges and pictures smooth."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)


def soft_shadow(painter: QPainter, rect: QRectF, radius: float, theme: Theme) -> None:
    """Paint the one soft shadow, for what can be lifted: 12 px deep, 2 px down."""
    size = (rect.width(), rect.height(), radius)
    picture = _shadow(size, theme.tokens.shadow_alpha, painter.device().devicePixelRatioF())
    painter.drawPixmap(rect.topLeft() - QPointF(_SHADOW_REACH_PX, _SHADOW_REACH_PX), picture)


# Few: a window that is resized asks for another size at each step, and each picture is as large as what lies on it.
@lru_cache(maxsize=8)
def _shadow(size: tuple[float, float, float], shadow_alpha: int, ratio: float) -> QPixmap:
    """Return the shadow of a rounded rectangle, kept: its layers take longer to paint than all that lies on it."""
    width, height, radius = size
    margin = 2 * _SHADOW_REACH_PX
    picture = QPixmap(math.ceil((width + margin) * ratio), math.ceil((height + margin) * ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    smooth(painter)
    painter.setPen(Qt.PenStyle.NoPen)
    rect = QRectF(_SHADOW_REACH_PX, _SHADOW_REACH_PX, width, height)
    layers = 8
    alpha = shadow_alpha / layers
    for layer in range(layers):
        grow = 10 * (layers - layer) / layers - 1
        painter.setBrush(QColor(8, 14, 28, max(1, round(alpha * (1 + layer / layers)))))
        painter.drawRoundedRect(rect.adjusted(-grow, -grow + 3, grow, grow + 3), radius + grow, radius + grow)
    painter.end()
    return picture


def rounded_image(painter: QPainter, rect: QRectF, image: QImage, radius: float) -> None:
    """Paint ``image`` so that it covers ``rect``, its overhang cut evenly, with smooth round corners."""
    if image.isNull() or rect.isEmpty():
        return
    scale = max(rect.width() / image.width(), rect.height() / image.height())
    across = (rect.width() - image.width() * scale) / 2
    down = (rect.height() - image.height() * scale) / 2
    brush = QBrush(image)
    brush.setTransform(QTransform(scale, 0, 0, scale, rect.x() + across, rect.y() + down))
    painter.save()
    smooth(painter)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(brush)
    painter.drawRoundedRect(rect, radius, radius)
    painter.restore()


def panel(painter: QPainter, rect: QRectF, radius: float, theme: Theme, *, fill: str = "surface") -> None:
    """Paint a quiet panel with a hair line around it."""
    painter.setPen(QPen(theme.colour("line"), 1))
    painter.setBrush(theme.colour(fill))
    painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)


def focus_ring(painter: QPainter, rect: QRectF, radius: float, colour: QColor) -> None:
    """Paint the ring that says where the keyboard is."""
    painter.setPen(QPen(colour, 2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), radius, radius)


def sign(painter: QPainter, rect: QRectF, tone: Tone, theme: Theme, number: str = "") -> None:
    """Paint a round sign: a tick, an exclamation mark, a number, three dots."""
    fill, ink = _SIGN_COLOURS[tone]
    painter.save()
    smooth(painter)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.colour(fill))
    painter.drawEllipse(rect)
    if tone is Tone.OK:
        tick(painter, rect, theme.colour(ink))
    elif tone in (Tone.WARN, Tone.BAD):
        exclamation(painter, rect, theme.colour(ink))
    elif tone is Tone.BUSY:
        _dots(painter, rect, theme.colour(ink))
    else:
        font = theme.font(SECONDARY_STRONG)
        painter.setFont(font)
        painter.setPen(theme.colour(ink))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, number)
    painter.restore()


_SIGN_COLOURS = {
    Tone.OK: ("ok_weak", "ok"),
    Tone.WARN: ("warn_weak", "warn"),
    Tone.BAD: ("bad", "on_bad"),
    Tone.BUSY: ("accent_weak", "accent"),
    Tone.NOW: ("accent", "on_accent"),
    Tone.LATER: ("sunken", "muted"),
    Tone.PLAIN: ("sunken", "muted"),
}


def tick(painter: QPainter, rect: QRectF, colour: QColor) -> None:
    """Paint a tick in the middle of ``rect``."""
    size = min(rect.width(), rect.height())
    pen = QPen(colour, max(1.6, size * 0.1), Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    centre = rect.center()
    path = QPainterPath(centre + QPointF(-0.21, 0.02) * size)
    path.lineTo(centre + QPointF(-0.06, 0.17) * size)
    path.lineTo(centre + QPointF(0.22, -0.16) * size)
    painter.drawPath(path)


def exclamation(painter: QPainter, rect: QRectF, colour: QColor) -> None:
    """Paint an exclamation mark in the middle of ``rect``."""
    size = min(rect.width(), rect.height())
    centre = rect.center()
    painter.setPen(QPen(colour, max(1.8, size * 0.11), Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    painter.drawLine(centre + QPointF(0, -0.24) * size, centre + QPointF(0, 0.05) * size)
    painter.drawPoint(centre + QPointF(0, 0.23) * size)


def _dots(painter: QPainter, rect: QRectF, colour: QColor) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    size = rect.width()
    for shift in (-0.22, 0.0, 0.22):
        painter.drawEllipse(rect.center() + QPointF(shift * size, 0), size * 0.075, size * 0.075)


def status_shape(painter: QPainter, rect: QRectF, tone: Tone, theme: Theme) -> None:
    """Paint a device's light: a disc works, a diamond waits, a square needs help, a ring is not known."""
    painter.save()
    smooth(painter)
    painter.setPen(Qt.PenStyle.NoPen)
    colour = theme.colour({Tone.OK: "ok", Tone.WARN: "warn", Tone.BAD: "bad"}.get(tone, "muted"))
    painter.setBrush(colour)
    if tone is Tone.OK:
        painter.drawEllipse(rect)
    elif tone is Tone.WARN:
        painter.translate(rect.center())
        painter.rotate(45)
        side = rect.width() * 0.86
        painter.drawRoundedRect(QRectF(-side / 2, -side / 2, side, side), 1.5, 1.5)
    elif tone is Tone.BAD:
        painter.drawRoundedRect(rect.adjusted(0.2, 0.2, -0.2, -0.2), 2, 2)
    else:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colour, 1.5))
        painter.drawEllipse(rect.adjusted(1, 1, -1, -1))
    painter.restore()


def pixmap_of(jpeg_or_png: bytes) -> QPixmap:
    """Return picture bytes as a pixmap, a null one when they are not a picture."""
    pixmap = QPixmap()
    pixmap.loadFromData(jpeg_or_png)
    return pixmap
