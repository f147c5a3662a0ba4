"""What the canvas paints over the card: frames and handles, signs, guides, and the numbers of what is dragged."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPixmap

from station.domain.errors import N_
from station.services.designing import SIDES, Key
from station.ui.theme.tokens import SECONDARY_STRONG
from station.ui.viewmodels.designer_gestures import Gesture
from station.ui.views.designer import chrome
from station.ui.views.designer.composition import Sight, blit, united
from station.ui.views.designer.hands import Hands
from station.ui.views.designer.stage import Stage

_SIDE_NAMES = (N_("Front side"), N_("Back side"))


class Overlay:
    """Paints what lies over a canvas's card."""

    def __init__(self, canvas: Stage, hands: Hands) -> None:
        self._canvas, self._hands = canvas, hands
        self._signs = QPixmap()
        self._signs_of: tuple[object, ...] = ()
        self._signs_from: tuple[object, object] = (None, None)

    def paint(self, painter: QPainter, sight: Sight, clip: QRectF) -> None:
        """Paint what of it is inside ``clip``."""
        canvas = self._canvas
        gesture = canvas.model.gesture
        self._paint_labels(painter, sight)
        chrome.paint_guides(painter, sight, canvas.model.design.guides)
        self._paint_invisible(painter, sight, clip)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_frames(painter, sight)
        self._paint_signs(painter, sight, clip)
        if gesture is not None:
            self._paint_gesture(painter, sight, gesture)

    def dragged_rect(self, sight: Sight) -> QRectF:
        """Return all that a drag paints: what moves with its frame, lines, the label."""
        canvas = self._canvas
        gesture = canvas.model.gesture
        if gesture is None:
            # It has just ended, and what was dragged is what is selected now.
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
        label = self._hands.measure()
        if label is not None:
            rects.append(chrome.measure_rect(label[0], label[1], canvas.ui.theme, room).adjusted(-2, -2, 2, 2))
        return united(rects)

    def _paint_frames(self, painter: QPainter, sight: Sight) -> None:
        model, theme = self._canvas.model, self._canvas.ui.theme
        hovered = self._hands.hovered
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

    def _paint_signs(self, painter: QPainter, sight: Sight, clip: QRectF) -> None:
        """Paint the signs of findings: those of what rests are kept as one picture, for there may be hundreds."""
        canvas, worst = self._canvas, self._canvas.checks.worst
        if not worst:
            return
        moving = frozenset(canvas.model.gesture.boxes) if canvas.model.gesture is not None else frozenset()
        wanted, design = (sight, moving, canvas.ui.theme.tokens.dark), canvas.model.design
        # The two large ones are told apart by who they are, and kept: a freed one's place may be another's soon.
        if wanted != self._signs_of or design is not self._signs_from[0] or worst is not self._signs_from[1]:
            self._signs_of, self._signs_from = wanted, (design, worst)
            self._signs = QPixmap(round(sight.size.width() * sight.ratio), round(sight.size.height() * sight.ratio))
            self._signs.setDevicePixelRatio(sight.ratio)
            self._signs.fill(Qt.GlobalColor.transparent)
            inner = QPainter(self._signs)
            self._paint_each_sign(inner, sight, worst.keys() - moving)
            inner.end()
        blit(painter, self._signs, clip)
        self._paint_each_sign(painter, sight, worst.keys() & moving)

    def _paint_each_sign(self, painter: QPainter, sight: Sight, keys: Collection[Key]) -> None:
        canvas = self._canvas
        for key in keys:
            box = canvas.model.box_of(key)
            if box is not None and key not in canvas.model.design.hidden:
                frame = chrome.frame_of(sight, key[0], box)
                chrome.paint_sign(painter, frame, canvas.checks.worst[key], canvas.ui.theme)

    def _paint_gesture(self, painter: QPainter, sight: Sight, gesture: Gesture) -> None:
        canvas = self._canvas
        if gesture.guide is not None:
            chrome.paint_guides(painter, sight, [gesture.guide])
        chrome.paint_snap_lines(painter, sight, gesture.side, gesture.lines)
        if gesture.frame is not None:
            chrome.paint_marking(painter, sight.box_rect(gesture.side, gesture.frame), canvas.ui.theme)
        label = self._hands.measure()
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

    def _paint_invisible(self, painter: QPainter, sight: Sight, clip: QRectF) -> None:
        """Show where those are that this person's card doesn't have, and those that can't be drawn."""
        canvas = self._canvas
        for key, broken in canvas.composition.invisible:
            box = canvas.model.box_of(key)
            if box is None:
                continue
            rect = sight.box_rect(key[0], box)
            if rect.adjusted(-1, -1, 1, 1).intersects(clip):
                chrome.paint_missing(painter, rect, canvas.ui.theme, broken=broken)
