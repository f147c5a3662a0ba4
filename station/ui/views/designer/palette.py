"""What can be put on the card: the usual things at once, the rest behind “more”."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QMenu, QWidget

from station.domain.errors import N_
from station.services.design_palette import GROUP_NAMES, PALETTE, PaletteItem
from station.ui.context import Ui
from station.ui.views.designer.tools import ToolButton
from station.ui.widgets.base import View, arrange
from station.ui.widgets.menu_title import title


class Palette(View):
    """Buttons that add. ``wanted`` carries a ``PaletteItem``; ``picture_wanted`` asks for a picture's file."""

    wanted = Signal(object)
    picture_wanted = Signal()

    def __init__(self, ui: Ui, parent: QWidget) -> None:
        super().__init__(ui, parent)
        grid = arrange(QGridLayout(self), gap=2)
        self.buttons: dict[str, ToolButton] = {}
        for item in PALETTE:
            if item.often:
                button = self.buttons[item.key] = ToolButton(ui, item.icon, item.name, words=True, parent=self)
                button.setObjectName(f"add-{item.key}")
                button.clicked.connect(lambda _checked=False, each=item: self.wanted.emit(each))
        self.picture = ToolButton(ui, "element-image", N_("Picture…"), words=True, parent=self)
        self.picture.setObjectName("add-picture")
        self.picture.clicked.connect(self.picture_wanted)
        self.more = ToolButton(ui, "more", N_("More…"), words=True, parent=self)
        self.more.setObjectName("add-more")
        self.more.clicked.connect(self.open_more)
        for place, widget in enumerate((*self.buttons.values(), self.picture, self.more)):
            grid.addWidget(widget, place // 2, place % 2)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        self.refresh()

    def refresh(self) -> None:
        self.setAccessibleName(self.ui.text(N_("Add")))

    def build_menu(self) -> QMenu:
        """Return the menu with everything that there is; it deletes itself when it closes."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        group = None
        for item in PALETTE:
            if item.often:
                continue
            if item.group is not group:
                group = item.group
                title(menu, self.ui.text(GROUP_NAMES[group]))
            self._add(menu, item)
        return menu

    def open_more(self) -> None:
        """Open that menu beside its button."""
        self.build_menu().popup(self.more.mapToGlobal(QPoint(self.more.width() + 4, 0)))

    def _add(self, menu: QMenu, item: PaletteItem) -> None:
        action = menu.addAction(self.ui.text(item.name))
        action.setObjectName(f"add-{item.key}")
        action.triggered.connect(lambda _checked=False: self.wanted.emit(item))
