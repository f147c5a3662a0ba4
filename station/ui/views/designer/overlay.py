"""What the canvas paints over the card: frames and handles, signs, guides, and the numbers of what is dragged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter

from station.domain.errors import N_
from station.services.designing import SIDES
from station.ui.theme.tokens import SECONDARY_STRONG
from station.ui.viewmodels.designer_gestures import Gesture
from station.ui.views.designer import chrome
from station.ui.views.designer.composition import Sight, united

if TYPE_CHECKING:
    from station.ui.views.designer.canvas import Canvas

_SIDE_NAMES = (N_("Front side"), N_("Back side"))


class Overlay:
    """Paints what lies over a canvas's card."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas

    def paint(self, painter: QPainter, sight: Sight) -> None:
        """Paint all of it."""
        canvas = self._canvas
        gesture = canvas.model.gesture
        self._paint_labels(painter, sight)
        chrome.paint_guides(painter, sight, canvas.model.design.guides)
        self._paint_invisible(painter, sight)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_frames(painter, sight)
        self._paint_signs(painter, sight)
        if gesture is not None:
            self._paint_gesture(painter, sight, gesture)

    def dragged_rect(self, sight: Sight) -> QRectF:
        """Return all that a drag paints: what moves with its frame, lines, the label."""
        canvas = self._canvas
        gesture = canvas.model.gesture
        if gesture is None:
            keys = canvas.model.selected
            boxes = [(key, box) for key in keys if (box := canvas.model.box_of(key)) is not None]
        else:
            boxes = list(gesture.boxes.items())
        rects = [chrome.frame_of(sight, key[0], box).adjusted(-16, -16, 16, 16) for key, box in boxes]
        if gesture is None:
            return united(rects)
        room = QRectF(canvas.viewport().rect())
        lines = [chrome.snap_line(sight, gesture.side, line) for line in gesture.lines]
        if gesture.guide is not None:
            lines.append(chrome.guide_line(sight, gesture.guide))
        rects += [QRectF(line.p1(), line.p2()).normalized().adjusted(-2, -2, 2, 2) for line in lines]
        if gesture.frame is not None:
            rects.append(room)
        label = canvas.hands.measure()
        if label is not None:
            rects.append(chrome.measure_rect(label[0], label[1], canvas.ui.theme, room).adjusted(-2, -2, 2, 2))
        return united(rects)

    def _paint_frames(self, painter: QPainter, sight: Sight) -> None:
        canvas, model, theme = self._canvas, self._canvas.model, self._canvas.ui.theme
        hovered = canvas.hands.hovered
        if hovered is not None and hovered not in model.selected and model.gesture is None:
            box = model.box_of(hovered)
            if box is not None:
                chrome.paint_hover(painter, chrome.frame_of(sight, hovered[0], box), theme)
        alone = len(model.selected) == 1
        for key in model.selected:
            box = model.box_of(key)
            if box is not None:
                locked = key in model.design.locked
                frame = chrome.frame_of(sight, key[0], box)
                chrome.paint_frame(painter, frame, theme, handles=alone and not locked, locked=locked)

    def _paint_signs(self, painter: QPainter, sight: Sight) -> None:
        canvas = self._canvas
        for key, level in canvas.checks.worst.items():
            box = canvas.model.box_of(key)
            if box is not None and key not in canvas.model.design.hidden:
                chrome.paint_sign(painter, chrome.frame_of(sight, key[0], box), level, canvas.ui.theme)

    def _paint_gesture(self, painter: QPainter, sight: Sight, gesture: Gesture) -> None:
        canvas = self._canvas
        if gesture.guide is not None:
            chrome.paint_guides(painter, sight, [gesture.guide])
        chrome.paint_snap_lines(painter, sight, gesture.side, gesture.lines)
        if gesture.frame is not None:
            chrome.paint_marking(painter, sight.box_rect(gesture.side, gesture.frame), canvas.ui.theme)
        label = canvas.hands.measure()
        if label is not None:
            room = QRectF(canvas.viewport().rect())
            chrome.paint_measure(painter, label[0], label[1], canvas.ui.theme, room)

    def _paint_labels(self, painter: QPainter, sight: Sight) -> None:
        canvas = self._canvas
        painter.setFont(canvas.ui.theme.font(SECONDARY_STRONG))
        for side in SIDES:
            rect = sight.card_rect(side)
            painter.setPen(canvas.ui.theme.colour("accent" if side == canvas.model.side else "muted"))
            painter.drawText(QPointF(rect.left() + 2, rect.top() - 10), canvas.ui.text(_SIDE_NAMES[side]))

    def _paint_invisible(self, painter: QPainter, sight: Sight) -> None:
        """Show where those are that this person's card doesn't have, and those that can't be drawn."""
        model, book = self._canvas.model, self._canvas.composition.book
        for key, element in model.design.elements(key for key in model.design.keys if key not in model.design.hidden):
            picture = book.kept(element, sight.dpi)
            broken = picture is not None and picture.error is not None
            if broken or not book.shown(element):
                box = model.box_of(key) or element.box
                chrome.paint_missing(painter, sight.box_rect(key[0], box), self._canvas.ui.theme, broken=broken)
