"""The menus of the designer's window."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from station.domain.arranging import Alignment, Spread
from station.domain.errors import N_
from station.domain.snapping import Axis
from station.services.design_samples import SampleKind
from station.services.designing import Order
from station.ui.viewmodels.designer_people import KIND_NAMES
from station.ui.views.designer.actions import DesignerActions
from station.ui.widgets.menu_title import title


class Menus:
    """Makes a window's menus, each anew in the language in use."""

    def __init__(self, window: DesignerActions) -> None:
        self._window = window

    def file_menu(self) -> QMenu:
        """New, open, save, approve."""
        window, document = self._window, self._window.studio.document
        menu = self._menu()
        self._add(menu, N_("New, empty"), window.new, "Ctrl+N")
        ready = menu.addMenu(window.ui.text(N_("New from a ready layout")))
        ready.setObjectName("readyLayouts")
        for layout in document.ready_layouts():
            action = ready.addAction(layout.title or layout.name)
            action.setObjectName(f"ready-{layout.name}")
            action.triggered.connect(lambda _checked=False, each=layout: document.open_ready(each))
        self._add(menu, N_("Open…"), window.open_file, "Ctrl+O")
        drafts = document.waiting_drafts()
        if drafts:
            title(menu, window.ui.text(N_("Unsaved")))
            for draft in drafts[:8]:
                when = window.ui.tr_.date(draft.changed_at.astimezone().date())
                label = f"{draft.title} · {when} {window.ui.tr_.time(draft.changed_at)}"
                menu.addAction(label).triggered.connect(lambda _checked=False, each=draft: document.open_draft(each))
        menu.addSeparator()
        self._add(menu, N_("Save"), window.save, "Ctrl+S")
        self._add(menu, N_("Save as…"), window.save_as, "Ctrl+Shift+S")
        menu.addSeparator()
        self._add(menu, N_("Approve…"), window.approve)
        return menu

    def context_menu(self) -> QMenu:
        """What can be done with what is selected."""
        model, menu = self._window.studio.model, self._menu()
        some = bool(model.selected)
        for name, act, key in (
            (N_("Cut"), model.cut, "Ctrl+X"),
            (N_("Copy"), model.copy, "Ctrl+C"),
            (N_("Duplicate"), model.duplicate, "Ctrl+D"),
            (N_("Copy to the other side"), model.copy_to_other_side, "Ctrl+Shift+D"),
            (N_("Delete"), model.delete, "Del"),
        ):
            self._add(menu, name, act, key).setEnabled(some)
        self._add(menu, N_("Paste"), model.paste, "Ctrl+V").setEnabled(model.clip is not None)
        self._add(menu, N_("Select all"), model.select_all, "Ctrl+A")
        menu.addSeparator()
        for name, order, key in (
            (N_("To the front"), Order.FRONT, "Shift+PgUp"),
            (N_("Further to the front"), Order.FORWARD, "Ctrl+PgUp"),
            (N_("Further to the back"), Order.BACKWARD, "Ctrl+PgDown"),
            (N_("To the back"), Order.BACK, "Shift+PgDown"),
        ):
            self._add(menu, name, partial(model.reorder, order), key).setEnabled(some)
        menu.addSeparator()
        lock = model.selected <= model.design.locked
        self._add(
            menu, N_("Unlock") if lock else N_("Lock"), lambda: model.set_locked(model.selected, not lock), "L"
        ).setEnabled(some)
        if len(model.selected) > 2:
            self._add(menu, N_("Equal gaps across"), lambda: model.spread(Spread.ACROSS))
            self._add(menu, N_("Equal gaps down"), lambda: model.spread(Spread.DOWN))
        self._add(menu, N_("Centre on the card"), lambda: model.align(Alignment.CENTRE)).setEnabled(some)
        return menu

    def guides_menu(self) -> QMenu:
        """Guides of the side in use."""
        model, menu = self._window.studio.model, self._menu()
        self._add(menu, N_("Upright guide through the middle"), lambda: model.add_guide(Axis.X))
        self._add(menu, N_("Lying guide through the middle"), lambda: model.add_guide(Axis.Y))
        menu.addSeparator()
        there = any(guide.side == model.side for guide in model.design.guides)
        self._add(menu, N_("Take the guides away"), model.clear_guides).setEnabled(there)
        return menu

    def people_menu(self) -> QMenu:
        """Whose card is shown."""
        people, menu = self._window.studio.people, self._menu()
        for kind in SampleKind:
            action = self._add(menu, KIND_NAMES[kind], partial(people.choose, kind))
            action.setObjectName(f"person-{kind.value}")
            action.setCheckable(True)
            action.setChecked(kind is people.kind)
        return menu

    def _menu(self) -> QMenu:
        menu = QMenu(self._window)
        # Each is made anew; closed, the one before would stay until the window's end.
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        return menu

    def _add(self, menu: QMenu, name: str, act: Callable[[], object], key: str = "") -> QAction:
        label = self._window.ui.text(name)
        action = menu.addAction(f"{label}\t{key}" if key else label)
        action.triggered.connect(lambda _checked=False: act())
        return action


def below(widget: QWidget, menu: QMenu) -> None:
    """Open a menu below a widget."""
    menu.popup(widget.mapToGlobal(widget.rect().bottomLeft()))
