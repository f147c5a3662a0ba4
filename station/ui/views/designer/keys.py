"""The keys of the designer's window, where no field inside it wanted them first."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

from station.services.designing import Order
from station.ui.views.designer.actions import DesignerActions

_NO, _CTRL = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier
_SHIFT = Qt.KeyboardModifier.ShiftModifier
# Without the keypad's own modifier: its keys mean what the others do.
_HELD = _CTRL | _SHIFT | Qt.KeyboardModifier.AltModifier
K = Qt.Key


class DesignerKeys:
    """One table: a key with what is held, and what it does."""

    def __init__(self, window: DesignerActions) -> None:
        model, canvas = window.studio.model, window.canvas
        self._table: dict[tuple[Qt.Key, Qt.KeyboardModifier], Callable[[], object]] = {
            (K.Key_Z, _CTRL): model.undo,
            (K.Key_Y, _CTRL): model.redo,
            (K.Key_Z, _CTRL | _SHIFT): model.redo,
            (K.Key_X, _CTRL): model.cut,
            (K.Key_C, _CTRL): model.copy,
            (K.Key_V, _CTRL): model.paste,
            (K.Key_D, _CTRL): model.duplicate,
            (K.Key_D, _CTRL | _SHIFT): model.copy_to_other_side,
            (K.Key_A, _CTRL): model.select_all,
            (K.Key_Delete, _NO): model.delete,
            (K.Key_Backspace, _NO): model.delete,
            (K.Key_PageUp, _CTRL): lambda: model.reorder(Order.FORWARD),
            (K.Key_PageDown, _CTRL): lambda: model.reorder(Order.BACKWARD),
            (K.Key_PageUp, _SHIFT): lambda: model.reorder(Order.FRONT),
            (K.Key_PageDown, _SHIFT): lambda: model.reorder(Order.BACK),
            (K.Key_N, _CTRL): window.new,
            (K.Key_O, _CTRL): window.open_file,
            (K.Key_S, _CTRL): window.save,
            (K.Key_S, _CTRL | _SHIFT): window.save_as,
            (K.Key_Plus, _CTRL): lambda: canvas.zoom_by(1),
            (K.Key_Equal, _CTRL): lambda: canvas.zoom_by(1),
            (K.Key_Minus, _CTRL): lambda: canvas.zoom_by(-1),
            (K.Key_0, _CTRL): canvas.fit,
            (K.Key_1, _CTRL): canvas.show_true_size,
            (K.Key_F1, _NO): window.show_help,
            (K.Key_F2, _NO): window.rename,
            (K.Key_F6, _NO): window.next_region,
            (K.Key_F10, _NO): window.open_file_menu,
            (K.Key_N, _NO): window.studio.people.next_kind,
            (K.Key_L, _NO): lambda: model.set_locked(model.selected, not model.selected <= model.design.locked),
            (K.Key_H, _NO): lambda: model.set_hidden(model.selected, not model.selected <= model.design.hidden),
            (K.Key_W, _CTRL): window.close,
            (K.Key_Escape, _NO): canvas.setFocus,
        }

    def press(self, event: QKeyEvent) -> bool:
        """Do what the key means; say whether it means anything."""
        held = event.modifiers() & _HELD
        key = Qt.Key(event.key())
        if (key, held) not in self._table and key in (K.Key_Plus, K.Key_Equal):
            held = held & ~_SHIFT  # where the plus sign needs Shift
        act = self._table.get((key, held))
        if act is None:
            return False
        act()
        return True

    def names(self) -> tuple[str, ...]:
        """Return every key of the table as people write it."""
        return tuple(QKeySequence(int(held.value) | int(key)).toString() for key, held in self._table)
