"""The base of every view: it knows the texts and the theme, and shows itself anew when either changes."""

from __future__ import annotations

from typing import TypeVar

from PySide6.QtWidgets import QLayout, QWidget

from station.ui.context import Ui

LayoutT = TypeVar("LayoutT", bound=QLayout)


class View(QWidget):
    """A widget that writes all its texts in ``refresh``, which is called whenever language or theme change."""

    def __init__(self, ui: Ui, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.ui = ui
        ui.changed.connect(self.refresh)

    def set_low(self, low: bool) -> None:
        """Spare room, where there is little height; a view that has none to spare stays as it is."""

    def refresh(self) -> None:
        """Show what the view-model says now; safe to call at any time."""
        self.update()

    def prepare(self) -> None:
        """Make ahead what the first person would otherwise wait for; called once, while nobody does."""


def arrange(layout: LayoutT, margins: tuple[int, int, int, int] = (0, 0, 0, 0), gap: int = 0) -> LayoutT:
    """Set a layout's margins (left, top, right, bottom) and gap at once, and return it."""
    layout.setContentsMargins(*margins)
    layout.setSpacing(gap)
    return layout
