"""The main window: puts the four regions together and passes keys on; it decides nothing itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QVBoxLayout, QWidget

from station.domain.errors import N_
from station.settings import Settings
from station.ui.context import Ui
from station.ui.first_moments import FirstMoments
from station.ui.theme.tokens import CARD_COLUMN_WIDTH, FLAT_BELOW, FOLD_BELOW, LOW_BELOW, STACK_BELOW
from station.ui.viewmodels.pages import Page
from station.ui.views.header import Header
from station.ui.views.opening import OpeningView
from station.ui.widgets.base import arrange

# What an open desk shows is imported behind the first paint; see bring_to_life and load_views.
if TYPE_CHECKING:
    from station.domain.holder import Holder
    from station.ui.keys import Keys
    from station.ui.viewmodels.models import Models
    from station.ui.viewmodels.stages import Todo


class MainWindow(QMainWindow):
    """Shows the header at once, people as soon as the store is open, and the desk as soon as it can make cards.

    ``people_shown`` and ``came_to_life`` say so.
    """

    people_shown = Signal()
    came_to_life = Signal()

    def __init__(self, ui: Ui, settings: Settings) -> None:
        super().__init__()
        self.ui = ui
        self.models: Models | None = None
        self._keys: Keys | None = None
        self._finds = False
        self._wish: Callable[[], object] | None = None
        self._stacked = False
        self.first_moments = FirstMoments()
        self.setObjectName("station")
        self.setMinimumSize(600, 340)
        self.header = Header(ui, settings, self)
        self.header.page_wanted.connect(self._show_page)
        # Until the desk is open only "/" or a click leads to the search: an early N must not be typed into it.
        self.header.search.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.opening = OpeningView(ui, self)
        page = QWidget(self)
        page.setObjectName("page")
        column = arrange(QVBoxLayout(page))
        column.addWidget(self.header)
        self._body = arrange(QHBoxLayout())
        self._body.addWidget(self.opening, 1)
        column.addLayout(self._body, 1)
        self._column = column
        self.setCentralWidget(page)
        self._institution, self._station = settings.institution.name, settings.station.name
        ui.changed.connect(self._retitle)
        self._retitle()

    def show_people(self, models: Models) -> None:
        """Show who waits, and search: the store is open. Who is chosen now is served when the desk comes to life."""
        from station.ui.views.people import PeopleColumn
        from station.ui.views.search import SearchPopup

        desk = models.desk
        self.people = PeopleColumn(self.ui, desk, self)
        self.popup = SearchPopup(self.ui, models.search, self.header.search, self)
        self.people.picked.connect(lambda key: self._wait_for_life(lambda: desk.pick(key)))
        self.popup.picked.connect(lambda holder: self._wait_for_life(lambda: desk.serve(holder)))
        self.popup.put_in_queue.connect(desk.wait)
        self._body.insertWidget(0, self.people)
        self._finds = True
        self._fit()
        for holder in models.opened.waiting:
            desk.wait(holder)
        desk.load()
        typed = self.header.search.text()
        if typed:  # before the store was open
            models.search.search(typed)
        self.people_shown.emit()

    def bring_to_life(self, models: Models) -> None:
        """Show the whole desk, which can make cards now."""
        from station.ui.designer_host import DesignerHost
        from station.ui.keys import Keys
        from station.ui.mirror_host import MirrorHost
        from station.ui.views.card import CardColumn
        from station.ui.views.card_strip import CardStrip
        from station.ui.views.middle import Middle
        from station.ui.views.status import StatusBar
        from station.ui.widgets.icon import app_icon

        if not self._finds:
            self.show_people(models)
        self.models = models
        ui = self.ui
        self._call_station(models.desk.desk.settings.station.name)
        self.middle = Middle(ui, models, self)
        self.card = CardColumn(ui, models.desk)
        self.card_holder = QWidget(self)
        self.strip = CardStrip(ui, models.reader, models.desk, self.card_holder)
        self._arrange_card()
        self.status = StatusBar(ui, models.devices, models.reader, self)
        self._keys = Keys(self, models, self.header, self.middle)
        self.mirror = MirrorHost(self, ui, models.mirror)
        self.designer = DesignerHost(self, ui, models, models.tasks)
        self._body.removeWidget(self.opening)
        self.opening.hide()
        self._body.addWidget(self.middle, 1)
        self._body.addWidget(self.card_holder)
        self._column.addWidget(self.status)
        self._wire(models)
        self.header.search.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._fit()
        self._language_changed()
        # At the start only: later the list changes while people are served, and no page opens by itself then.
        models.doubts.changed.connect(self._doubts_found, Qt.ConnectionType.SingleShotConnection)
        models.doubts.refresh()
        models.devices.start()
        models.reader.start()
        models.printers.start()
        self.setWindowIcon(app_icon())
        if self._wish is not None:
            self._wish()
        elif not self.header.search.text():
            self._place_focus()
        self.mirror.begin()
        self.came_to_life.emit()

    def _arrange_card(self) -> None:
        """Put the card, and what lies on the reader, into the column at the right."""
        self.card_holder.setObjectName("cardColumn")
        self.card_holder.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._card_place = arrange(QVBoxLayout(self.card_holder), (11, 10, 10, 20))
        self._card_place.addWidget(self.card, 1)
        strip_place = arrange(QVBoxLayout(), (10, 12, 10, 0))
        strip_place.addWidget(self.strip)
        self._card_place.addLayout(strip_place)
        self.card_holder.setFixedWidth(CARD_COLUMN_WIDTH)

    def _call_station(self, name: str) -> None:
        """Say the station's name: an enrolled one is called what the admin called it, whatever its profile says."""
        self._station = name
        self.header.call_station(name)
        self._retitle()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Take the keys that nothing inside wanted."""
        if self._keys is None and event.text() == "/":
            self._search()
        elif self._keys is None or not self._keys.press(event):
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        self._fit()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        if self.models is not None:
            self.mirror.shut()
            self.designer.shut()
            self.models.devices.stop()
            self.models.printers.stop()
            self.models.reader.stop()
            self.models.explorer.cancel()
            self.models.camera.stop()
        super().closeEvent(event)

    def _wire(self, models: Models) -> None:
        desk = models.desk
        self.middle.wanted.connect(self._do)
        self.header.mirror_wanted.connect(self.mirror.toggle)
        self.header.designer_wanted.connect(self.designer.open)
        self.designer.help_wanted.connect(self._designers_help)
        models.mirror.turned.connect(self._mirror_turned)
        self.card.wanted.connect(self._do)
        self.middle.search_wanted.connect(self._search)
        self.status.queue_wanted.connect(lambda: desk.show_page(Page.QUEUE))
        for region in (self.strip, self.status):
            region.card_wanted.connect(lambda: desk.show_page(Page.CARD))
        doubts = self.middle.pages[Page.DOUBTS]
        doubts.serve.connect(self._serve)  # type: ignore[attr-defined]  # this page is the DoubtsView
        desk.people_changed.connect(self._look)
        desk.page_changed.connect(self._focus_now)
        desk.current_changed.connect(self._current_changed)
        self.ui.changed.connect(self._language_changed)

    def _mirror_turned(self, is_open: bool) -> None:
        self.header.mirror_open = is_open

    def _designers_help(self) -> None:
        """Show the page about designing, in front."""
        if self.models is not None:
            self.activateWindow()
            self.raise_()
            self.models.desk.show_page(Page.HELP)
            self.middle.pages[Page.HELP].open_page("designer.md")  # type: ignore[attr-defined]  # it is the HelpView

    def _doubts_found(self) -> None:
        """Begin with the cards in doubt, if a crash or a pulled plug has left any."""
        models = self.models
        if models is not None and models.doubts.lines and models.desk.current is None:
            models.desk.show_page(Page.DOUBTS)

    def _current_changed(self) -> None:
        session = self.models.desk.current if self.models else None
        if session is not None:
            # Whoever is turned to again would be connected twice, and each step move the keyboard twice.
            session.stage_changed.connect(self._stage_changed, Qt.ConnectionType.UniqueConnection)
        self._focus_now()

    def _stage_changed(self) -> None:
        self._look()
        self._focus_soon()

    def _look(self) -> None:
        """Note what is on the screen: what can't be taken back is not done in its first moments."""
        desk = self.models.desk if self.models else None
        session = desk.current if desk else None
        if desk is not None and session is not None:
            self.first_moments.look((desk.page, session.holder.id, session.stage, session.primary()))

    def _focus_now(self) -> None:
        """Move the keyboard before the next key is read, and once more when everything is laid out."""
        self._look()
        self._place_focus()
        self._focus_soon()

    def _focus_soon(self) -> None:
        QTimer.singleShot(0, self, self._place_focus)

    def _place_focus(self) -> None:
        if self.models is not None and not (self.header.search.hasFocus() and self.header.search.asked_for):
            from station.ui.viewmodels.stages import Stage

            session = self.models.desk.current
            reviewing = session is not None and session.stage is Stage.REVIEW and session.trouble is None
            if reviewing and self.models.desk.page is Page.PERSON and not self._stacked:
                self.card.focus_make()
            else:
                self.middle.place_focus()

    def _do(self, todo: Todo) -> None:
        session = self.models.desk.current if self.models else None
        if session is None:
            return
        from station.ui.viewmodels.stages import IRREVERSIBLE, Todo

        self.middle.look()
        self._look()
        if todo is Todo.FROM_FILE:
            self.middle.photo.choose_file()
        elif todo is Todo.OTHER_SOURCES:
            self.middle.open_sources()
        elif todo is Todo.SLIP and session.card is not None and self.models is not None:
            self.models.outbox.write_slip(session.card)
        elif session.more_below and todo in (Todo.READ_ON, Todo.CONFIRM_DATA):
            self.middle.read_on()
        elif todo not in IRREVERSIBLE or self.first_moments.over:
            session.do(todo)

    def _search(self) -> None:
        self.header.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.header.search.selectAll()

    def _wait_for_life(self, wish: Callable[[], object]) -> None:
        """Do it, or the last such thing that was asked for as soon as the desk can."""
        if self.models is not None:
            wish()
        else:
            self._wish = wish

    def _serve(self, holder: Holder) -> None:
        if self.models is not None:
            self.models.desk.serve(holder)

    def _show_page(self, page: Page) -> None:
        if self.models is not None:
            self.models.desk.show_page(page)

    def _language_changed(self) -> None:
        if self.models is not None:
            self.models.desk.set_language(self.ui.tr_.language)

    def _retitle(self) -> None:
        program = self.ui.text(N_("Card station"))
        self.setWindowTitle(f"{self._institution} · {self._station} — {program}")

    def _fit(self) -> None:
        """Arrange the regions for the room there is."""
        width = self.width()
        if self._finds:
            self.people.set_folded(width < FOLD_BELOW)
        if self.models is None:
            return
        self.header.set_brief(width < STACK_BELOW)
        self.status.set_brief(width < FOLD_BELOW)
        low = self.height() < LOW_BELOW
        self.header.set_low(low)
        self.status.set_low(low)
        self.middle.set_low(low)
        self.strip.lines.set_flat(self.height() < FLAT_BELOW)
        stacked = width < STACK_BELOW
        if stacked != self._stacked:
            self._stacked = stacked
            self._move_card(stacked)
            if self.models.desk.page is Page.PERSON:
                self._focus_soon()  # a button that had the keyboard may have gone; on a page none has

    def _move_card(self, stacked: bool) -> None:
        self.card_holder.setVisible(not stacked)
        self.middle.take_card(self.card if stacked else None)
        if not stacked:
            self._card_place.insertWidget(0, self.card, 1)
        self.card.show()
        self.card.set_button(not stacked)
