"""The dialogs that ask for files; the window stays awake meanwhile."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from station.domain.errors import N_
from station.services.designing import PICTURE_ENDINGS
from station.ui.context import Ui
from station.ui.widgets.base import View

_PICTURES = " ".join(f"*{ending}" for ending in PICTURE_ENDINGS)


def ask_file(parent: QWidget, caption: str, kinds: str, chosen: Callable[[str], object]) -> None:
    """Ask for a file to open."""
    dialog = QFileDialog(parent, caption, "", kinds)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.fileSelected.connect(chosen)
    dialog.open()


def ask_target(parent: View, caption: str, suggestion: str, chosen: Callable[[str], object]) -> None:
    """Ask where to save a layout."""
    kind = parent.ui.text(N_("Layout"))
    dialog = QFileDialog(parent, caption, suggestion, f"{kind} (*.zip)")
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix("zip")
    dialog.fileSelected.connect(chosen)
    dialog.open()


def picture_kinds(ui: Ui) -> str:
    """Return the filter of pictures."""
    name = ui.text(N_("Pictures"))
    return f"{name} ({_PICTURES})"


def font_kinds(ui: Ui) -> str:
    """Return the filter of fonts."""
    name = ui.text(N_("Fonts"))
    return f"{name} (*.ttf *.otf)"
