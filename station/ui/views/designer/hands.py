"""What the mouse does on the canvas: which gesture a press begins, where it is on the card, what it hovers over."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QHelpEvent, QMouseEvent
from PySide6.QtWidgets import QToolTip

from station.domain.elements import MagneticTracks
from station.domain.snapping import Axis, Guide, Handle
from station.services.designing import Key
from station.ui.viewmodels.designer_gestures import FrameGesture, GuideGesture, MoveGesture, Pointer, ResizeGesture
from station.ui.viewmodels.designer_words import length_text
from station.ui.views.designer import chrome
from station.ui.views.designer.stage import Stage

_BEGINS_PX = 3.0
_SNAP_PX = 6.0
_SLACK_PX = 4.0
_CURSORS = {
    (-1, -1): Qt.CursorShape.SizeFDiagCursor,
    (1, 1): Qt.CursorShape.SizeFDiagCursor,
    (1, -1): Qt.CursorShape.SizeBDiagCursor,
    (-1, 1): Qt.CursorShape.SizeBDiagCursor,
    (-1, 0): Qt.CursorShape.SizeHorCursor,
    (1, 0): Qt.CursorShape.SizeHorCursor,
    (0, -1): Qt.CursorShape.SizeVerCursor,
    (0, 1): Qt.CursorShape.SizeVerCursor,
}


class Hands:
    """Follows the mouse over a canvas. Alt drags without magnets, Shift keeps the ratio or goes straight."""

    def __init__(self, canvas: Stage) -> None:
        self._canvas = canvas
        self._pressed: QPointF | None = None
        self._panning: QPointF | None = None
        self._grabs = False
        self._at = QPointF()
        self._under: Key | None = None
        self.hovered: Key | None = None

    # --- the mouse -----------------------------------------------------------------------------------------------

    def press(self, event: QMouseEvent) -> None:
        """Begin what a press at this place means."""
        at = self._at = event.position()
        middle = event.button() == Qt.MouseButton.MiddleButton
        if middle or (self._grabs and event.button() == Qt.MouseButton.LeftButton):
            self._panning = at
            self._canvas.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)
            return
        model = self._canvas.model
        if model.gesture is not None:
            return
        key = self.key_at(at)
        if event.button() == Qt.MouseButton.RightButton:
            if key is not None and key not in model.selected:
                model.select(frozenset({key}))
            return
        if event.button() != Qt.MouseButton.LeftButton:
            return
        self._pressed = at
        self._under = None
        model.use_side(self._side(at))
        handle = self.handle_at(at)
        guide = self.guide_at(at)
        adds = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if handle is not None:
            (selected,) = model.selected
            start = self._pointer(at, event, selected[0])
            model.begin(ResizeGesture(model.design, selected, handle, start, self._reach_mm))
        elif guide is not None:
            model.begin(GuideGesture(model.design, guide.side, guide.axis, self._reach_mm, guide))
        elif key is not None:
            self._take(key, at, event, adds=adds)
        else:
            before = model.selected if adds else frozenset()
            model.select(before)
            side = self._side(at)
            model.begin(FrameGesture(model.design, side, self._pointer(at, event, side), before))

    def move(self, event: QMouseEvent) -> None:
        """Go on with the gesture, or show what a press would take."""
        canvas, at = self._canvas, event.position()
        self._at = at
        if self._panning is not None:
            self._pan(at)
            return
        gesture = canvas.model.gesture
        if gesture is None:
            self._hover(at)
        # A hand trembles at a click, which must move nothing. What was pulled out of a ruler was pressed there, and
        # moves at once.
        elif self._pressed is None or gesture.moved or _far(at, self._pressed):
            self._scroll_along(at)
            gesture.update(self._pointer(at, event, gesture.side))
            canvas.model.gesture_changed.emit()
        self.point(at)

    def release(self, event: QMouseEvent) -> None:
        """Finish the gesture."""
        canvas = self._canvas
        if self._panning is not None:
            self._panning = None
            self._show_cursor(event.position())
            return
        gesture = canvas.model.gesture
        if gesture is None or event.button() != Qt.MouseButton.LeftButton:
            return
        at = event.position()
        if gesture.moved or self._pressed is None or _far(at, self._pressed):
            gesture.update(self._pointer(at, event, gesture.side))  # where it is let go, the last move may be older
        # A press that went nowhere on one of several that are selected means this one.
        if not gesture.moved and self._under is not None and len(canvas.model.selected) > 1:
            canvas.model.give_up()
            canvas.model.select(frozenset({self._under}))
        else:
            canvas.model.finish()
        self._pressed = self._under = None
        self._hover(event.position())

    def leave(self) -> None:
        """Forget where the mouse was."""
        if self.hovered is not None:
            self.hovered = None
            self._canvas.viewport().update()
        self._canvas.pointed.emit(None)

    def grab(self, grabs: bool) -> None:
        """Drag the whole view while the space bar is held."""
        if grabs != self._grabs:
            self._grabs = grabs
            self._show_cursor(self._at)

    def pull_guide(self, axis: Axis, at: QPointF) -> None:
        """Pull a new guide out of a ruler; ``at`` is in the canvas."""
        model = self._canvas.model
        if model.gesture is None:
            model.begin(GuideGesture(model.design, self._side(at), axis, self._reach_mm))
            self._pressed = None

    # --- what is where -------------------------------------------------------------------------------------------

    def key_at(self, at: QPointF) -> Key | None:
        """Return what a press takes: what is selected there already, else the topmost that is neither locked nor
        hidden.
        """
        model, sight = self._canvas.model, self._canvas.sight
        side = self._side(at)
        found = []
        for element in reversed(model.design.side(side)):
            key = (side, element.id)
            if key in model.design.locked | model.design.hidden or isinstance(element, MagneticTracks):
                continue
            rect = sight.box_rect(side, element.box)
            # A hair line is thinner than a mouse can point.
            slack = _SLACK_PX if min(rect.width(), rect.height()) < 2 * _SLACK_PX else 0.0
            if rect.adjusted(-slack, -slack, slack, slack).contains(at):
                found.append(key)
        held = [key for key in found if key in model.selected]
        return held[0] if held else found[0] if found else None

    def handle_at(self, at: QPointF) -> Handle | None:
        """Return the handle under the mouse."""
        model = self._canvas.model
        one = model.one
        if one is None or one[0] in model.design.locked:
            return None
        frame = chrome.frame_of(self._canvas.sight, one[0][0], one[1].box)
        reach = (chrome.REACH_PX - chrome.HANDLE_PX) / 2 + 1.5
        for handle, rect in chrome.handles_of(frame):
            if rect.adjusted(-reach, -reach, reach, reach).contains(at):
                return handle
        return None

    def guide_at(self, at: QPointF) -> Guide | None:
        """Return the guide under the mouse, where no element is in the way."""
        sight = self._canvas.sight
        for guide in self._canvas.model.design.guides:
            line = chrome.guide_line(sight, guide)
            box = QRectF(line.p1(), line.p2()).normalized()
            reach = chrome.GUIDE_REACH_PX
            if box.adjusted(-reach, -reach, reach, reach).contains(at) and self.key_at(at) is None:
                return guide
        return None

    def measure(self) -> tuple[QPointF, str] | None:
        """Return the numbers to show beside what is dragged, and where."""
        canvas, gesture = self._canvas, self._canvas.model.gesture
        if gesture is None or not gesture.moved:
            return None
        if gesture.guide is not None:
            return self._at, length_text(gesture.guide.place_mm, canvas.ui.text)
        if not gesture.boxes:
            return None
        rects = [canvas.sight.box_rect(key[0], box) for key, box in gesture.boxes.items()]
        box = next(iter(gesture.boxes.values()))
        bottom = max(rect.bottom() for rect in rects)
        middle = sum(rect.center().x() for rect in rects) / len(rects)
        text = canvas.ui.text
        if isinstance(gesture, ResizeGesture):
            words = f"{length_text(box.width_mm, text, unit=False)} × {length_text(box.height_mm, text)}"
        else:
            left = min(box.x_mm for box in gesture.boxes.values())
            top = min(box.y_mm for box in gesture.boxes.values())
            words = f"{length_text(left, text, unit=False)} ; {length_text(top, text)}"
        return QPointF(middle, bottom), words

    def tell(self, event: QHelpEvent) -> None:
        """Show in a tool tip what was found about the element under the mouse."""
        canvas = self._canvas
        words = ""
        for key in canvas.checks.worst:
            box = canvas.model.box_of(key)
            if box is None:
                continue
            frame = chrome.frame_of(canvas.sight, key[0], box)
            if chrome.sign_rect(frame).adjusted(-2, -2, 2, 2).contains(QPointF(event.pos())):
                words = canvas.checks.words_about(key, canvas.ui.tr_)
        QToolTip.showText(event.globalPos(), words, canvas.viewport())

    def point(self, at: QPointF) -> None:
        """Tell where the mouse is on the card."""
        sight, side = self._canvas.sight, self._side(at)
        x, y = self._canvas.placement.point_mm(side, at.x() - sight.left, at.y() - sight.top)
        self._canvas.pointed.emit((side, x, y))

    # --- inside --------------------------------------------------------------------------------------------------

    @property
    def _reach_mm(self) -> float:
        # Magnets reach as far on the screen at any zoom: closer to the card they let it be placed more finely.
        return _SNAP_PX / self._canvas.placement.zoom if self._canvas.model.snaps else 0.0

    def _side(self, at: QPointF) -> int:
        sight = self._canvas.sight
        return self._canvas.placement.side_at(at.x() - sight.left, at.y() - sight.top)

    def _pointer(self, at: QPointF, event: QMouseEvent, side: int) -> Pointer:
        sight = self._canvas.sight
        x, y = self._canvas.placement.point_mm(side, at.x() - sight.left, at.y() - sight.top)
        held = event.modifiers()
        return Pointer(
            x,
            y,
            free=bool(held & Qt.KeyboardModifier.AltModifier) or not self._canvas.model.snaps,
            even=bool(held & Qt.KeyboardModifier.ShiftModifier),
        )

    def _take(self, key: Key, at: QPointF, event: QMouseEvent, *, adds: bool) -> None:
        model = self._canvas.model
        if adds:
            model.toggle(key)
        elif key in model.selected:
            self._under = key
        else:
            model.select(frozenset({key}))
        if key in model.selected:
            keys = frozenset(each for each in model.selected if each[0] == key[0])
            model.begin(MoveGesture(model.design, keys, self._pointer(at, event, key[0]), self._reach_mm))

    def _hover(self, at: QPointF) -> None:
        key = self.key_at(at)
        if key != self.hovered:
            self.hovered = key
            self._canvas.viewport().update()
        self._show_cursor(at)

    def _show_cursor(self, at: QPointF) -> None:
        view = self._canvas.viewport()
        if self._grabs:
            view.setCursor(Qt.CursorShape.OpenHandCursor)
            return
        handle, guide = self.handle_at(at), self.guide_at(at)
        if handle is not None:
            view.setCursor(_CURSORS[handle.x, handle.y])
        elif guide is not None:
            across = guide.axis is Axis.X
            view.setCursor(Qt.CursorShape.SplitHCursor if across else Qt.CursorShape.SplitVCursor)
        elif self.key_at(at) is not None:
            view.setCursor(Qt.CursorShape.SizeAllCursor)
        else:
            view.setCursor(Qt.CursorShape.ArrowCursor)

    def _pan(self, at: QPointF) -> None:
        if self._panning is None:
            return
        across, down = self._canvas.horizontalScrollBar(), self._canvas.verticalScrollBar()
        across.setValue(round(across.value() - (at.x() - self._panning.x())))
        down.setValue(round(down.value() - (at.y() - self._panning.y())))
        self._panning = at

    def _scroll_along(self, at: QPointF) -> None:
        """Bring more of the card into sight when something is dragged beyond the edge of the view."""
        view = self._canvas.viewport().rect()
        for bar, place, end in (
            (self._canvas.horizontalScrollBar(), at.x(), view.width()),
            (self._canvas.verticalScrollBar(), at.y(), view.height()),
        ):
            beyond = place if place < 0 else place - end if place > end else 0.0
            if beyond:
                bar.setValue(bar.value() + round(max(-20.0, min(20.0, beyond / 2))))


def _far(at: QPointF, start: QPointF) -> bool:
    return abs(at.x() - start.x()) + abs(at.y() - start.y()) >= _BEGINS_PX
