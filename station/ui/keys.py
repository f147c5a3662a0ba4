"""The keys of the window: one table, used where nothing inside the window wanted the key first."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QWidget

from station.ui.viewmodels.models import Models
from station.ui.viewmodels.pages import Page
from station.ui.viewmodels.stages import ENTER, ESC, OPEN, SPACE, B, Stage, Todo
from station.ui.views.header import Header
from station.ui.views.middle import Middle

_PAGES = {
    Qt.Key.Key_F1: Page.HELP,
    Qt.Key.Key_F3: Page.PORTRAITS,
    Qt.Key.Key_F7: Page.CARD,
    Qt.Key.Key_F8: Page.QUEUE,
    Qt.Key.Key_F9: Page.DOUBTS,
    Qt.Key.Key_F12: Page.FAULTS,
}
_CTRL_PAGES = {
    Qt.Key.Key_K: Page.CHECK,
    Qt.Key.Key_H: Page.HOLDER_CARDS,
    Qt.Key.Key_R: Page.RECONCILE,
    Qt.Key.Key_T: Page.STOCK,
    Qt.Key.Key_B: Page.BATCH,
    Qt.Key.Key_U: Page.OFFLINE_QUEUE,
    Qt.Key.Key_E: Page.STATIONS,
}
_OFFER_KEYS = {
    Qt.Key.Key_Return: ENTER,
    Qt.Key.Key_Enter: ENTER,
    Qt.Key.Key_Space: SPACE,
    Qt.Key.Key_Escape: ESC,
}


class Keys(QObject):
    """Turns a key into what it means on this screen."""

    def __init__(self, window: QWidget, models: Models, header: Header, middle: Middle) -> None:
        super().__init__(window)
        self._desk, self._devices, self._reader = models.desk, models.devices, models.reader
        self._header, self._middle, self._window = header, middle, window
        self._plain: dict[int, Callable[[], None]] = {
            Qt.Key.Key_F4: middle.review.turn,
            Qt.Key.Key_F5: self._ask,
            Qt.Key.Key_F6: self._next_region,
            Qt.Key.Key_F10: header.open_menu,
            Qt.Key.Key_F11: self._mirror,
            Qt.Key.Key_PageDown: middle.read_on,
            Qt.Key.Key_PageUp: middle.read_back,
            Qt.Key.Key_N: self._next_person,
            Qt.Key.Key_A: self._auto,
            Qt.Key.Key_R: self._go_over,
            Qt.Key.Key_B: self._background,
        }

    def press(self, event: QKeyEvent) -> bool:
        """Do what the key means; say whether it means anything here."""
        key = Qt.Key(event.key())
        if event.modifiers() == Qt.KeyboardModifier.ControlModifier and key in _CTRL_PAGES:
            # Held down, the key would open and close the page by turns.
            if not event.isAutoRepeat():
                self._toggle(_CTRL_PAGES[key])
            return True
        if self._is_pedal(event):
            return self._shutter(again=event.isAutoRepeat())
        if event.isAutoRepeat() and (key in _OFFER_KEYS or key in self._plain):
            return True  # a key that is held down was pressed once
        wants_search = event.text() == "/" or (
            key == Qt.Key.Key_F and event.modifiers() == Qt.KeyboardModifier.ControlModifier
        )
        if wants_search:
            self._header.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
            self._header.search.selectAll()
        elif key in _PAGES:
            self._toggle(_PAGES[key])
        elif key in _OFFER_KEYS:
            return self._offer(_OFFER_KEYS[key])
        elif key in self._plain:
            self._plain[key]()
        else:
            return self._picture(event)
        return True

    def _picture(self, event: QKeyEvent) -> bool:
        """Open a page that has a letter, other sources of a portrait, or paste a picture; say whether it did."""
        if event.key() == Qt.Key.Key_L and event.modifiers() == Qt.KeyboardModifier.ControlModifier:
            self._header.designer_wanted.emit()
            return True
        if event.matches(QKeySequence.StandardKey.Print):
            self._toggle(Page.PRINTERS)
            return True
        if event.matches(QKeySequence.StandardKey.Open):
            return self._offer(OPEN)
        pastes = event.matches(QKeySequence.StandardKey.Paste) and self._desk.page is Page.PERSON
        return pastes and self._middle.sources.paste()

    def _offer(self, key: str) -> bool:
        if self._desk.page not in (Page.PERSON, Page.HOME):
            if key == ESC:
                self._desk.back()
            return key == ESC
        # The count first: who presses Esc during it wants no photo yet, and stays with the person.
        if key == ESC and self._desk.takes_photo and self._desk.live.stop_count():
            return True
        session = self._desk.current
        todo = session.by_key(key) if session else None
        if session is None:
            return False
        if todo is not None:
            self._middle.wanted.emit(todo)
        elif key == ESC:
            self._desk.leave()
        return todo is not None or key == ESC

    def _is_pedal(self, event: QKeyEvent) -> bool:
        pedal = self._desk.pedal
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            return False  # a pedal holds no other key: this is a page's
        return bool(pedal) and QKeySequence(event.key()).toString(QKeySequence.SequenceFormat.PortableText) == pedal

    def _shutter(self, *, again: bool) -> bool:
        """Take the photo as Space does, wherever the keyboard is; say whether a photo is being taken."""
        session = self._desk.current
        takes = self._desk.takes_photo and session is not None and session.by_key(SPACE) is Todo.SHUTTER
        if takes and not again:
            self._middle.wanted.emit(Todo.SHUTTER)
        return takes

    def _auto(self) -> None:
        if self._desk.takes_photo:
            self._desk.live.set_auto(not self._desk.live.takes_itself)

    def _mirror(self) -> None:
        """Open the student's mirror, or close it."""
        self._header.mirror_wanted.emit()

    def _background(self) -> None:
        """Make the portrait's background plain, or give it its own again."""
        self._offer(B)

    def _go_over(self) -> None:
        session = self._desk.current
        if self._desk.page is Page.PERSON and session is not None and session.stage in (Stage.PHOTO, Stage.CROP):
            self._middle.photo.open_reasons()

    def _toggle(self, page: Page) -> None:
        if page in self._middle.pages:
            self._header.search.given_up.emit()  # who was found would cover the page, and the keyboard stay there
            self._desk.show_page(Page.PERSON if self._desk.page is page else page)

    def _ask(self) -> None:
        """Ask the devices anew, and the card whose it is."""
        self._devices.ask()
        self._reader.look_again()

    def _next_person(self) -> None:
        if not self._desk.next_person():
            self._header.search.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _next_region(self) -> None:
        """Go round the regions: the list, the middle, the search."""
        regions = [self._header.search, self._window.findChild(QWidget, "people"), self._middle]
        focus = QApplication.focusWidget()
        inside = [r is not None and focus is not None and (r is focus or r.isAncestorOf(focus)) for r in regions]
        place = (inside.index(True) + 1) % len(regions) if True in inside else 0
        region = regions[place]
        if region is self._middle:
            self._middle.place_focus()
        elif region is not None:
            region.setFocus(Qt.FocusReason.ShortcutFocusReason)
