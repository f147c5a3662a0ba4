"""What is painted over the card and never printed: frames, handles, guides, magnets' lines, signs of findings."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from station.domain.elements import Box
from station.domain.lint import Level
from station.domain.snapping import HANDLES, Axis, Guide, Handle, SnapLine
from station.ui.theme.theme import Theme
from station.ui.theme.tokens import SECONDARY_STRONG
from station.ui.tone import Tone
from station.ui.views.designer.composition import Sight
from station.ui.widgets.painting import sign

HANDLE_PX, REACH_PX, GUIDE_REACH_PX, SIGN_PX = 8.0, 9.0, 4.0, 16.0
_OFF_PX = 3.0
_LONG_PX = 34.0
_SNAP = "#d6336c"
_GUIDE = "#0b8fac"
TONES = {Level.ERROR: Tone.BAD, Level.WARNING: Tone.WARN, Level.NOTE: Tone.NOW}


def frame_of(sight: Sight, side: int, box: Box) -> QRectF:
    """Return the frame that is painted around an element, a little outside of it."""
    return sight.box_rect(side, box).adjusted(-_OFF_PX, -_OFF_PX, _OFF_PX, _OFF_PX)


def handles_of(frame: QRectF) -> tuple[tuple[Handle, QRectF], ...]:
    """Return where the handles of a frame are; those of edges that are too short for one are left out."""
    half, centre = HANDLE_PX / 2, frame.center()
    found = []
    for handle in HANDLES:
        if (handle.x == 0 and frame.width() < _LONG_PX) or (handle.y == 0 and frame.height() < _LONG_PX):
            continue
        x = frame.left() if handle.x < 0 else frame.right() if handle.x > 0 else centre.x()
        y = frame.top() if handle.y < 0 else frame.bottom() if handle.y > 0 else centre.y()
        found.append((handle, QRectF(x - half, y - half, HANDLE_PX, HANDLE_PX)))
    return tuple(found)


def paint_frame(painter: QPainter, frame: QRectF, theme: Theme, *, handles: bool, locked: bool = False) -> None:
    """Paint the frame of what is selected, with handles where it can be pulled."""
    accent = theme.colour("accent")
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    # A pale line below the frame's own, so that it is seen on dark pictures and on those of its colour.
    for width, colour in ((3, theme.colour("surface")), (1, accent)):
        style = Qt.PenStyle.DotLine if locked and width == 1 else Qt.PenStyle.SolidLine
        painter.setPen(QPen(colour, width, style))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(frame)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if not handles:
        return
    painter.setPen(QPen(accent, 1.4))
    painter.setBrush(theme.colour("surface"))
    for _, rect in handles_of(frame):
        painter.drawRoundedRect(rect, 2, 2)


def paint_hover(painter: QPainter, frame: QRectF, theme: Theme) -> None:
    """Paint the thin frame of what a click would take."""
    colour = theme.colour("accent")
    colour.setAlpha(150)
    painter.setPen(QPen(colour, 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(frame)


def paint_missing(painter: QPainter, rect: QRectF, theme: Theme, *, broken: bool) -> None:
    """Paint where something is that can't be seen: left out for this person, or not to be drawn."""
    colour = theme.colour("bad") if broken else QColor("#5b6878")
    painter.setPen(QPen(colour, 1, Qt.PenStyle.DashLine))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(rect)


def paint_marking(painter: QPainter, rect: QRectF, theme: Theme) -> None:
    """Paint the frame that is being pulled open."""
    accent = theme.colour("accent")
    soft = QColor(accent)
    soft.setAlpha(40)
    painter.setPen(QPen(accent, 1))
    painter.setBrush(soft)
    painter.drawRect(rect)


def paint_guides(painter: QPainter, sight: Sight, guides: Iterable[Guide]) -> None:
    """Paint the designer's own guides."""
    painter.setPen(QPen(QColor(_GUIDE), 1))
    for guide in guides:
        painter.drawLine(guide_line(sight, guide))


def guide_line(sight: Sight, guide: Guide) -> QLineF:
    """Return where a guide runs, a little beyond the card on both ends."""
    card, zoom = sight.card_rect(guide.side), sight.placement.zoom
    if guide.axis is Axis.X:
        x = round(card.x() + guide.place_mm * zoom) + 0.5
        return QLineF(x, card.top() - 12, x, card.bottom() + 12)
    y = round(card.y() + guide.place_mm * zoom) + 0.5
    return QLineF(card.left() - 12, y, card.right() + 12, y)


def paint_snap_lines(painter: QPainter, sight: Sight, side: int, lines: Iterable[SnapLine]) -> None:
    """Paint the lines that something rests on, in a colour that no card is likely to have there."""
    painter.setPen(QPen(QColor(_SNAP), 1))
    for line in lines:
        painter.drawLine(snap_line(sight, side, line))


def snap_line(sight: Sight, side: int, line: SnapLine) -> QLineF:
    """Return where such a line runs in the view."""
    card, zoom = sight.card_rect(side), sight.placement.zoom
    # Through the middle of a dot: along its edge the line would lie on two, each half as strong.
    at = round((card.x() if line.axis is Axis.X else card.y()) + line.place_mm * zoom) + 0.5
    if line.axis is Axis.X:
        return QLineF(at, card.y() + line.start_mm * zoom - 6, at, card.y() + line.end_mm * zoom + 6)
    return QLineF(card.x() + line.start_mm * zoom - 6, at, card.x() + line.end_mm * zoom + 6, at)


def sign_rect(frame: QRectF) -> QRectF:
    """Return where the sign of a finding stands on a frame: at its upper right corner, half outside."""
    return QRectF(frame.right() - SIGN_PX * 0.62, frame.top() - SIGN_PX * 0.38, SIGN_PX, SIGN_PX)


def paint_sign(painter: QPainter, frame: QRectF, level: Level, theme: Theme) -> None:
    """Paint the sign of the worst finding about an element."""
    rect = sign_rect(frame)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.colour("surface"))
    painter.drawEllipse(rect.adjusted(-1.5, -1.5, 1.5, 1.5))
    sign(painter, rect, TONES[level], theme, "i")


def paint_measure(painter: QPainter, at: QPointF, text: str, theme: Theme, room: QRectF) -> None:
    """Paint a small dark label with numbers beside what is dragged, inside ``room``."""
    rect = measure_rect(at, text, theme, room)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.colour("text"))
    painter.drawRoundedRect(rect, 6, 6)
    painter.setFont(theme.font(SECONDARY_STRONG))
    painter.setPen(theme.colour("surface"))
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)


def measure_rect(at: QPointF, text: str, theme: Theme, room: QRectF) -> QRectF:
    """Return where that label stands."""
    metrics = theme.metrics(SECONDARY_STRONG)
    width, height = metrics.horizontalAdvance(text) + 16, metrics.height() + 8
    x = max(room.left() + 4, min(room.right() - width - 4, at.x() - width / 2))
    y = max(room.top() + 4, min(room.bottom() - height - 4, at.y() + 10))
    return QRectF(x, y, width, height)
