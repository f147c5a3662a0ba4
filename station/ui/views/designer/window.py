"""The designer's window: the palette and the pile on the left, the card in the middle, its properties on the right."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QVBoxLayout, QWidget

from station.domain.errors import N_, StationError
from station.domain.message import Message
from station.ui.context import Ui
from station.ui.theme.tokens import CONTROL_HEIGHT
from station.ui.viewmodels.designer_studio import Studio
from station.ui.views.designer.actions import DesignerActions
from station.ui.views.designer.keys import DesignerKeys
from station.ui.views.designer.menus import Menus, below
from station.ui.views.designer.style import designer_sheet
from station.ui.views.designer.tools import ToolButton
from station.ui.widgets.base import arrange
from station.ui.widgets.buttons import QuietButton
from station.ui.widgets.labels import Text

LEFT_PX, RIGHT_PX = 232, 296
NARROW_BELOW = 940
_RATIO = 1.5


class DesignerWindow(DesignerActions):
    """The window on a ``Studio``."""

    def __init__(self, ui: Ui, studio: Studio, parent: QWidget | None = None) -> None:
        super().__init__(ui, studio, parent)
        self.setWindowFlag(Qt.WindowType.Window)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setObjectName("designer")
        self.setMinimumSize(600, 340)
        self.setAcceptDrops(True)
        self.menus = Menus(self)
        self._narrow: bool | None = None
        self._warned = False
        self._arrange()
        self.keys = DesignerKeys(self)
        self._wire()
        self.refresh()

    def press(self, event: QKeyEvent) -> bool:
        """Do what a key means that nothing inside wanted; say whether it means anything."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            # What is typed counts when its field is left: Ctrl+S is to save it too.
            self.properties.commit()
        return self.keys.press(event)

    def open_file_menu(self) -> None:
        """Open the menu of files."""
        below(self.bar.file, self.menus.file_menu())

    def next_region(self) -> None:
        """Go round the parts of the window: the card, its properties, the pile, the palette."""
        first = next(iter(self.palette_.buttons.values()))
        regions: list[tuple[QWidget, QWidget]] = [
            (self.canvas, self.canvas),
            (self.tabs, next(iter(self.properties.editors.values()), self.properties)),
            (self.layers, self.layers.list),
            (self.palette_, first),
        ]
        inside = [self._holds_keyboard(region) for region, _ in regions]
        place = (inside.index(True) + 1) % len(regions) if True in inside else 0
        region, target = regions[place]
        if not region.isVisible() and self._narrow:
            self.tabs.setCurrentWidget(region)
            self._mark_tabs()
        target.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def refresh(self) -> None:
        self.setStyleSheet(designer_sheet(self.ui.theme.tokens, self.ui.theme.scaled(CONTROL_HEIGHT - 8)))
        self._retitle()
        for button, name in self._tab_buttons.values():
            button.set_label(self.ui.text(name))
        for label, name in self._headings:
            label.setText(self.ui.text(name))

    # --- events --------------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        if not self.press(event):
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and not self.isActiveWindow():
            # Who turns to another window may not come back for hours.
            self.studio.document.keep()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        self.properties.commit()
        if not self.studio.close() and not self._warned:
            # What could not be kept is told once; whoever closes the window again means it.
            self._warned = True
            event.ignore()
            return
        self.studio.checks.stop()  # a studio that could not keep its draft goes on
        super().closeEvent(event)
        self.closed.emit()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802 - Qt's name
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802 - Qt's name
        for url in event.mimeData().urls():
            path = Path(url.toLocalFile())
            if path.suffix.lower() == ".zip":
                self.studio.document.open_file(path)
            elif url.isLocalFile():
                self.bring(path)

    # --- inside --------------------------------------------------------------------------------------------------

    def _arrange(self) -> None:
        self._headings: list[tuple[Text, str]] = []
        self.left = QWidget(self)
        self.left.setObjectName("designerLeft")
        self.left.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.left.setFixedWidth(max(LEFT_PX, self.ui.theme.scaled(LEFT_PX)))
        self._left_column = arrange(QVBoxLayout(self.left), (10, 10, 10, 8), gap=6)
        self._tab_row = arrange(QHBoxLayout(), (8, 6, 8, 0), gap=2)
        self._tab_buttons: dict[QWidget, tuple[QuietButton, str]] = {}
        self._small_tabs: dict[QWidget, ToolButton] = {}
        for panel, name, key, icon in (
            (self.properties, N_("Properties"), "tabProperties", "sliders"),
            (self.findings, N_("Checks"), "tabChecks", "element-logo"),
            (self.layers, N_("Layers"), "tabLayers", "layers"),
            (self.palette_, N_("Add"), "tabAdd", "plus"),
        ):
            button = QuietButton(self.ui, self)
            button.setObjectName(key)
            small = ToolButton(self.ui, icon, name, parent=self)
            small.setObjectName(f"{key}Small")
            self._small_tabs[panel] = small
            self._tab_buttons[panel] = (button, name)
            for each in (button, small):
                each.setCheckable(True)
                each.clicked.connect(lambda _checked=False, shown=panel: self._show_tab(shown))
                self._tab_row.addWidget(each)
        self._tab_row.addStretch(1)
        self.tabs.addWidget(self.properties)
        self.tabs.addWidget(self.findings)
        self.right = QWidget(self)
        self.right.setObjectName("designerRight")
        self.right.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.right.setFixedWidth(max(RIGHT_PX, self.ui.theme.scaled(RIGHT_PX)))
        right = arrange(QVBoxLayout(self.right))
        right.addLayout(self._tab_row)
        right.addWidget(self.tabs, 1)
        middle = arrange(QHBoxLayout())
        middle.addWidget(self.left)
        middle.addWidget(self.canvas, 1)
        middle.addWidget(self.right)
        column = arrange(QVBoxLayout(self))
        column.addWidget(self.bar)
        column.addLayout(middle, 1)
        column.addWidget(self.foot)
        self._fit()

    def _wire(self) -> None:
        studio, canvas = self.studio, self.canvas
        self.palette_.wanted.connect(self._add)
        self.palette_.picture_wanted.connect(self.ask_picture)
        self.properties.font_wanted.connect(self.ask_font)
        self.properties.picture_wanted.connect(self.ask_replacement)
        self.bar.file_wanted.connect(self.open_file_menu)
        self.bar.guides_wanted.connect(lambda: below(self.bar.guides, self.menus.guides_menu()))
        self.bar.save_wanted.connect(self.save)
        self.foot.people_wanted.connect(self._open_people)
        self.tabs.currentChanged.connect(lambda _index: self._mark_tabs())
        self.foot.findings_wanted.connect(self.show_findings)
        self.findings.shown.connect(self.show_finding)
        canvas.edit_wanted.connect(self.edit)
        canvas.menu_wanted.connect(lambda at: self.menus.context_menu().popup(at))
        studio.people.changed.connect(canvas.person_changed)
        studio.document.told.connect(self._told)
        studio.document.changed.connect(self._retitle)
        studio.model.selection_changed.connect(self._selected)

    def _fit(self) -> None:
        """Have one column where there is no room for two."""
        narrow = self.width() < NARROW_BELOW
        if narrow == self._narrow:
            return
        self._narrow = narrow
        self.left.setVisible(not narrow)
        if narrow:
            self.tabs.addWidget(self.layers)
            self.tabs.addWidget(self.palette_)
        else:
            for index, panel in ((0, self.palette_), (1, self.layers)):
                self.tabs.removeWidget(panel)
                self._left_column.insertWidget(index, panel, index)
                panel.show()
        for part, small in self._small_tabs.items():
            small.setVisible(narrow)
            self._tab_buttons[part][0].setVisible(not narrow and part not in (self.layers, self.palette_))
        self.bar.set_brief(narrow)
        self.foot.set_brief(narrow)
        self.right.setFixedWidth(max(RIGHT_PX - (36 if narrow else 0), self.ui.theme.scaled(RIGHT_PX - 36)))
        self._mark_tabs()

    def _show_tab(self, panel: QWidget) -> None:
        self.tabs.setCurrentWidget(panel)
        self._mark_tabs()

    def _mark_tabs(self) -> None:
        for panel, (button, _) in self._tab_buttons.items():
            for each in (button, self._small_tabs[panel]):
                each.setChecked(self.tabs.currentWidget() is panel)

    def _retitle(self) -> None:
        document = self.studio.document
        star = "*" if document.unsaved else ""
        program = self.ui.text(N_("Card designer"))
        self.setWindowTitle(f"{document.title}{star} — {program}")

    def _add(self, item: object) -> None:
        self.studio.model.add(item, self.canvas.centre_mm())  # type: ignore[arg-type]  # a signal carries objects
        self.show_properties()
        self.canvas.setFocus(Qt.FocusReason.OtherFocusReason)

    def _open_people(self) -> None:
        menu = self.menus.people_menu()
        corner = self.foot.people.mapToGlobal(QPoint(0, 0))
        menu.popup(corner - QPoint(0, menu.sizeHint().height() + 2))

    def _told(self, what: object) -> None:
        if isinstance(what, Message):
            self.foot.tell(self.ui.tr_.message(what))
        elif isinstance(what, StationError):
            happened, todo = self.ui.tr_.error(what)
            self.foot.tell(f"{happened} {todo}", "bad")

    def _selected(self) -> None:
        if self.studio.model.selected and self.tabs.currentWidget() is self.findings and not self._from_findings():
            self.show_properties()

    def _from_findings(self) -> bool:
        return self._holds_keyboard(self.findings)

    def _holds_keyboard(self, part: QWidget) -> bool:
        focus = QApplication.focusWidget()
        return focus is not None and (part is focus or part.isAncestorOf(focus))
