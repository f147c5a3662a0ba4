"""One design with its history, what is selected in it, and what is being dragged; no widgets."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from station.domain.elements import AnyElement, Box
from station.domain.layout import Layout
from station.services.design_history import History
from station.services.designing import BACK, FRONT, Design, Key, Keys
from station.ui.viewmodels.designer_gestures import Gesture, Outcome


class DesignState(QObject):
    """Hold a design.

    ``design_changed`` says that something of it looks or is called otherwise, ``selection_changed`` that something else
    is selected, ``gesture_changed`` that what is dragged has moved, ``loaded`` that it is another layout altogether.
    """

    design_changed = Signal()
    selection_changed = Signal()
    gesture_changed = Signal()
    loaded = Signal()

    def __init__(self, layout: Layout) -> None:
        super().__init__()
        self.history = History(started(layout))
        self.side = FRONT
        self.gesture: Gesture | None = None
        self.snaps = True
        self._boxes: dict[Key, Box] = {}
        self._boxes_of: Design | None = None

    # --- what there is -------------------------------------------------------------------------------------------

    @property
    def design(self) -> Design:
        """Return the design as it is."""
        return self.history.design

    @property
    def selected(self) -> Keys:
        """Return the keys of what is selected."""
        return self.history.now.selected

    @property
    def one(self) -> tuple[Key, AnyElement] | None:
        """Return the selected element, if it is exactly one."""
        found = self.design.elements(self.selected)
        return found[0] if len(found) == 1 else None

    def box_of(self, key: Key) -> Box | None:
        """Return where an element is at this moment, dragged or not."""
        if self.gesture is not None and key in self.gesture.boxes:
            return self.gesture.boxes[key]
        if self._boxes_of is not self.design:
            self._boxes_of = self.design
            self._boxes = {key: element.box for key, element in self.design.elements(self.design.keys)}
        return self._boxes.get(key)

    def load(self, design: Design, *, saved: bool) -> None:
        """Take another design; what was done to the one before can't be undone any more."""
        self.gesture = None
        self.history = History(design)
        if not saved:
            self.history.never_saved()
        self.side = FRONT
        self.loaded.emit()
        self.selection_changed.emit()
        self.design_changed.emit()

    # --- selecting -----------------------------------------------------------------------------------------------

    def select(self, keys: Keys) -> None:
        """Select these and nothing else."""
        there = frozenset(key for key, _ in self.design.elements(keys))
        self.history.settle()
        if there:
            self.side = min(key[0] for key in there) if self.side not in {key[0] for key in there} else self.side
        if there != self.selected:
            self.history.select(there)
            self.selection_changed.emit()

    def toggle(self, key: Key) -> None:
        """Select one more, or one less."""
        self.select(self.selected - {key} if key in self.selected else self.selected | {key})

    def select_all(self) -> None:
        """Select everything of the side in use that the mouse can take."""
        out = self.design.locked | self.design.hidden
        self.select(frozenset((self.side, e.id) for e in self.design.side(self.side)) - out)

    def walk(self, step: int) -> bool:
        """Select the next element, or the one before with -1; say whether there was one, so that Tab can go on."""
        keys = [key for key in self.design.keys if key not in self.design.hidden]
        if not keys:
            return False
        held = [index for index, key in enumerate(keys) if key in self.selected]
        at = (held[-1] if step > 0 else held[0]) + step if held else (0 if step > 0 else len(keys) - 1)
        if not 0 <= at < len(keys):
            return False
        self.select(frozenset({keys[at]}))
        return True

    def use_side(self, side: int) -> None:
        """Let what is added or pasted come onto this side."""
        if side != self.side:
            self.side = side
            self.selection_changed.emit()

    # --- the history ---------------------------------------------------------------------------------------------

    def do(self, design: Design, selected: Keys, done: str, *, merge: object = None) -> None:
        """Go on to another design, as one step that can be undone."""
        before = self.selected
        if self.history.do(design, selected, done, merge=merge):
            self.design_changed.emit()
            if selected != before:
                self.selection_changed.emit()

    def undo(self) -> None:
        """Take the last step back; while something is dragged, only the drag is given up."""
        if self.gesture is not None:
            self.give_up()
        elif self.history.undo():
            self._moved_in_time()

    def redo(self) -> None:
        """Do again what was undone."""
        if self.gesture is None and self.history.redo():
            self._moved_in_time()

    # --- the mouse -----------------------------------------------------------------------------------------------

    def begin(self, gesture: Gesture) -> None:
        """Begin to drag."""
        self.history.settle()
        self.gesture = gesture

    def give_up(self) -> None:
        """Leave everything as it was before the drag."""
        if self.gesture is not None:
            self.gesture = None
            self.gesture_changed.emit()

    def finish(self) -> None:
        """Take what came of the drag, as one step."""
        # Taken away first: whoever hears of the new design asks box_of(), which must not answer with the drag's boxes.
        gesture, self.gesture = self.gesture, None
        outcome: Outcome | None = gesture.finish() if gesture is not None else None
        if outcome is not None and outcome.done:
            self.do(outcome.design, outcome.selected or self.selected, outcome.done)
        elif outcome is not None:
            self.select(outcome.selected)
        self.gesture_changed.emit()

    # --- inside --------------------------------------------------------------------------------------------------

    def _moved_in_time(self) -> None:
        self.design_changed.emit()
        self.selection_changed.emit()


def started(layout: Layout) -> Design:
    """Return a design of a layout in which what covers the whole card is locked: it is there to be drawn on."""
    design = Design(layout)
    card = design.card
    grounds = {
        (side, e.id)
        for side in (FRONT, BACK)
        for e in design.side(side)
        if e.box.x_mm <= 0 and e.box.y_mm <= 0 and e.box.right_mm >= card.right_mm and e.box.bottom_mm >= card.bottom_mm
    }
    return replace(design, locked=frozenset(grounds))
