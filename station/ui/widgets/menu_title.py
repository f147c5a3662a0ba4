"""A title within a menu: Qt's own sections lose their words in most styles and leave a bare line."""

from __future__ import annotations

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu


def title(menu: QMenu, text: str) -> QAction:
    """Write what the next lines of a menu are about; it can't be chosen, and keys pass over it."""
    if menu.actions():
        menu.addSeparator()
    # A single & is Qt's mark for the key of a line.
    action = menu.addAction(text.replace("&", "&&"))
    action.setEnabled(False)
    return action
