"""The canvas: both sides of the card, taken hold of by mouse and keys."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QEvent, QRectF, Qt, QTimer
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QContextMenuEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QRegion,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from station.domain.elements import AnyElement, Box
from station.domain.errors import N_
from station.domain.snapping import Axis
from station.services.designing import Key
from station.ui.context import Ui
from station.ui.viewmodels.designer import LONG_NUDGE_MM, NUDGE_MM, DesignerModel
from station.ui.viewmodels.designer_checks import ChecksModel
from station.ui.viewmodels.designer_pictures import PictureBook
from station.ui.viewmodels.designer_words import spoken_element
from station.ui.views.designer.hands import Hands
from station.ui.views.designer.overlay import Overlay
from station.ui.views.designer.ruler import Ruler
from station.ui.views.designer.stage import RULER_PX, Stage
from station.ui.widgets.buttons import KEYBOARD_REASONS
from station.ui.widgets.painting import focus_ring

_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


class Canvas(Stage):
    """Shows a design, and lets mouse and keys take hold of it."""

    def __init__(self, ui: Ui, model: DesignerModel, book: PictureBook, checks: ChecksModel, parent: QWidget) -> None:
        super().__init__(ui, model, book, checks, parent)
        self.setObjectName("canvas")
        self._ring = False
        self._dirty = QRectF()
        self.hands = Hands(self)
        self.overlay = Overlay(self, self.hands)
        self.top_ruler, self.left_ruler = Ruler(self, self.hands, Axis.X), Ruler(self, self.hands, Axis.Y)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.timeout.connect(self.viewport().update)
        model.design_changed.connect(self._design_changed)
        model.selection_changed.connect(self._selection_changed)
        model.gesture_changed.connect(self.refresh_gesture)
        checks.changed.connect(self.viewport().update)
        self.sight_changed.connect(self._sight_changed)
        ui.changed.connect(self.refresh)
        self.refresh()

    def _sight_changed(self) -> None:
        self._dirty = QRectF()
        self._update_rulers()

    def _update_rulers(self) -> None:
        for ruler in (self.top_ruler, self.left_ruler):
            ruler.update()

    # --- what has changed ----------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Show everything anew."""
        self.setAccessibleName(self.ui.text(N_("The card, both sides")))
        self.composition.forget()
        self._say_selection()
        self.viewport().update()
        self._update_rulers()

    def person_changed(self) -> None:
        """Show somebody else's card."""
        self.composition.person += 1
        self.viewport().update()

    def refresh_gesture(self) -> None:
        """Paint again what a drag has changed, and nothing else."""
        now = self.overlay.dragged_rect(self.sight)
        # Also where it was: nobody else paints that over.
        dirty = self._dirty.united(now)
        self._dirty = now
        self.viewport().update(dirty.adjusted(-2, -2, 2, 2).toAlignedRect())
        self._update_rulers()

    def _design_changed(self) -> None:
        if self.model.design.card != self.placement.card:
            self.fit()
        self._dirty = QRectF()
        self.viewport().update()

    def _selection_changed(self) -> None:
        self._dirty = QRectF()
        self.viewport().update()
        self._update_rulers()
        self._say_selection()

    def _say_selection(self) -> None:
        """Tell screen readers what is selected and where it is."""
        one, text = self.model.one, self.ui.text
        if one is not None:
            said = spoken_element(one[0], one[1], text)
        elif self.model.selected:
            said = text(N_("{count} selected"), count=len(self.model.selected))
        else:
            said = text(N_("Nothing is selected. Tab walks through what is on the card."))
        if said != self.accessibleDescription():
            self.setAccessibleDescription(said)
            QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.DescriptionChanged))

    # --- painting ------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        sight, gesture = self.sight, self.model.gesture
        boxes = gesture.boxes if gesture is not None else {}
        self.composition.prepare(sight, self.model.design, frozenset(boxes))
        moved: dict[Key, tuple[AnyElement, Box]] = {}
        for key, box in boxes.items():
            element = self.model.design.get(key)
            if element is not None:
                moved[key] = (replace(element, box=box), box)
        painter = QPainter(self.viewport())
        region: QRegion = event.region()
        clip = QRectF(region.boundingRect())
        painter.setClipRegion(region)
        self.composition.paint(painter, sight, moved, clip)
        self.overlay.paint(painter, sight, clip)
        if self._ring and self.hasFocus() and not self.model.selected:
            focus_ring(painter, QRectF(self.viewport().rect()), 0, self.ui.theme.colour("accent"))
        painter.end()
        if not self.composition.complete:
            # Behind what waits already: mouse and keys are answered between two lots of pictures.
            self._later.start(0)

    # --- events --------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        view = self.viewport().geometry()
        self.top_ruler.setGeometry(view.left(), view.top() - RULER_PX, view.width(), RULER_PX)
        self.left_ruler.setGeometry(view.left() - RULER_PX, view.top(), RULER_PX, view.height())
        if self.fits:
            self.fit()
        else:
            self.bound()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        self.hands.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        self.hands.move(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        self.hands.release(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        self.hands.release(event)
        self.edit_wanted.emit()

    def viewportEvent(self, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if event.type() == QEvent.Type.ToolTip:
            self.hands.tell(event)  # type: ignore[arg-type]  # a tool tip comes as a QHelpEvent
            return True
        if event.type() == QEvent.Type.Leave:
            self.hands.leave()
        return super().viewportEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802 - Qt's name
        self.menu_wanted.emit(event.globalPos())

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom_by(event.angleDelta().y() / 120, event.position())
            event.accept()
        else:
            super().wheelEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        key, held = Qt.Key(event.key()), event.modifiers()
        if key in _ARROWS and self.model.selected and not held & Qt.KeyboardModifier.ControlModifier:
            step = LONG_NUDGE_MM if held & Qt.KeyboardModifier.ShiftModifier else NUDGE_MM
            x, y = (part * step for part in _ARROWS[key])
            (self.model.grow if held & Qt.KeyboardModifier.AltModifier else self.model.nudge)(x, y)
        elif key == Qt.Key.Key_Escape and self.model.gesture is not None:
            self.model.give_up()
        elif key == Qt.Key.Key_Escape and self.model.selected:
            self.model.select(frozenset())
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.model.selected:
            self.edit_wanted.emit()
        elif key == Qt.Key.Key_Space and not event.isAutoRepeat():
            self.hands.grab(True)
        else:
            event.ignore()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        # A key that is held down sends releases too, between its repeats.
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self.hands.grab(False)
        else:
            super().keyReleaseEvent(event)

    def focusNextPrevChild(self, forward: bool) -> bool:  # noqa: N802 - Qt's name
        """Walk through the elements by Tab; at the end the keyboard goes on to the next part of the window."""
        if self.model.gesture is None and self.model.walk(1 if forward else -1):
            self.reveal(next(iter(self.model.selected)))
            return True
        return super().focusNextPrevChild(forward)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        super().focusInEvent(event)
        self._ring = event.reason() in KEYBOARD_REASONS
        ends = {Qt.FocusReason.TabFocusReason: -1, Qt.FocusReason.BacktabFocusReason: 0}
        keys = self.model.design.keys
        if event.reason() in ends and keys and keys[ends[event.reason()]] in self.model.selected:
            self.model.select(frozenset())  # a new round; anywhere else Tab goes on from where it was
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        super().focusOutEvent(event)
        # The release of the space bar goes to whoever has the keyboard now.
        self.hands.grab(False)
        self.viewport().update()
