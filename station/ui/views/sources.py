"""Other sources of a portrait: a quiet menu of what there is already, a file, and the clipboard."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QMenu, QWidget

from station.domain.errors import N_
from station.domain.portrait import PortraitSource
from station.ui.context import Ui
from station.ui.viewmodels.desk import DeskModel
from station.ui.viewmodels.session import Session
from station.ui.viewmodels.sources import clipboard_picture
from station.ui.widgets.base import View

if TYPE_CHECKING:
    from station.services.portrait_sources import OfferedPortrait

_NAMES = {
    PortraitSource.LAST: N_("Last approved portrait"),
    PortraitSource.REGISTER: N_("Portrait from the register"),
    PortraitSource.FOLDER: N_("From the folder: {file}"),
}
_ICON_PX = 56


class SourcesMenu(View):
    """Opens the menu for the current person; ``file_wanted`` says that a file is to be chosen."""

    file_wanted = Signal()

    def __init__(self, ui: Ui, desk: DeskModel, parent: QWidget) -> None:
        super().__init__(ui, parent)
        self.desk = desk
        self.menu: QMenu | None = None
        self.hide()  # only the menu is ever seen

    def open(self, button: QWidget) -> None:
        """Open the menu at a button; Enter takes the first of it, which is the newest portrait there is."""
        session = self.desk.current
        if session is None:
            return
        self.close_menu()
        menu = self.menu = QMenu(self.window())
        menu.setObjectName("sources")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.destroyed.connect(self._gone)
        menu.setStyleSheet(f"QMenu {{ icon-size: {_ICON_PX}px; }}")
        fill, changed = lambda: self._fill(menu, session), session.sources.changed
        changed.connect(fill)
        # Undone when it closes: the person's portraits outlive it.
        menu.aboutToHide.connect(lambda: changed.disconnect(fill), Qt.ConnectionType.SingleShotConnection)
        self._fill(menu, session)
        above = menu.sizeHint().height() + 4
        menu.popup(button.mapToGlobal(QPoint(0, 0)) - QPoint(0, above))

    def close_menu(self) -> None:
        """Close the menu, if it is open."""
        if self.menu is not None:
            self.menu.close()

    def paste(self) -> bool:
        """Take the picture on the clipboard for the current person; say whether there was one to take."""
        session, found = self.desk.current, clipboard_picture()
        if session is None or found is None:
            return False
        if isinstance(found, str):
            from pathlib import Path

            session.take_file(Path(found))
        else:
            name = self.ui.text(N_("from the clipboard"))
            session.take_picture(lambda sources: sources.open_bytes(found, name))
        return True

    def _gone(self) -> None:
        self.menu = None

    def _fill(self, menu: QMenu, session: Session) -> None:
        menu.clear()
        if session.sources.looking:
            menu.addAction(self.ui.text(N_("Looking for portraits…"))).setEnabled(False)
        for offer in session.sources.offers:
            action = menu.addAction(_icon(offer), self._label(offer))
            action.triggered.connect(self._taker(session, offer))
        if menu.actions():
            menu.addSeparator()
        file = menu.addAction(self.ui.text(N_("Picture file…")))
        file.triggered.connect(self.file_wanted)
        pasting = self.ui.text(N_("Paste from the clipboard"))
        paste = menu.addAction(f"{pasting}\tCtrl+V")
        paste.setEnabled(clipboard_picture() is not None)
        paste.triggered.connect(self.paste)
        usable = [action for action in menu.actions() if action.isEnabled() and not action.isSeparator()]
        menu.setActiveAction(usable[0])

    def _taker(self, session: Session, offer: OfferedPortrait) -> Callable[[], None]:
        return lambda: session.take_picture(lambda sources: sources.open(offer))

    def _label(self, offer: OfferedPortrait) -> str:
        text = self.ui.text
        name = text(_NAMES[offer.source], file=offer.name)
        if offer.problem is not None:
            closed = text(N_("can’t be opened"))
            return f"{name} · {closed}"
        age = self._age(offer.months)
        old = text(N_("older than asked for"))
        return f"{name} · {age} · {old}" if offer.too_old else f"{name} · {age}"

    def _age(self, months: int | None) -> str:
        tr = self.ui.tr_
        if months is None:
            return tr.text(N_("age not known"))
        if months < 1:
            return tr.text(N_("less than a month old"))
        if months < 24:
            return tr.plural("{n} month old", "{n} months old", months)
        return tr.plural("{n} year old", "{n} years old", months // 12)


def _icon(offer: OfferedPortrait) -> QIcon:
    picture = QPixmap()
    if not offer.preview or not picture.loadFromData(offer.preview, "JPEG"):
        return QIcon()
    # Twice as high as it is shown: a screen at 200 % has the pixels for it.
    return QIcon(picture.scaledToHeight(_ICON_PX * 2, Qt.TransformationMode.SmoothTransformation))
