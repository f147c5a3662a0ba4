"""The middle of the window: the person and what is done now, or a page that takes its place for a while."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from station.ui.context import Ui
from station.ui.viewmodels.models import Models
from station.ui.viewmodels.pages import Page
from station.ui.viewmodels.stages import Stage, Todo
from station.ui.views.actions import ActionBar
from station.ui.views.batch import BatchView
from station.ui.views.calibration import CalibrationView
from station.ui.views.card_check import CardCheckView
from station.ui.views.card_page import CardPageView
from station.ui.views.check import CheckView
from station.ui.views.doubts import DoubtsView
from station.ui.views.faults import FaultsView
from station.ui.views.help import HelpView
from station.ui.views.holder_cards import HolderCardsView
from station.ui.views.home import HomeView
from station.ui.views.making import MakingView
from station.ui.views.mirror_strip import MirrorStrip
from station.ui.views.offline_queue import OfflineQueueView
from station.ui.views.page import PageView
from station.ui.views.person import PersonHeader
from station.ui.views.photo import PhotoView
from station.ui.views.portrait_review import PortraitReviewView
from station.ui.views.printers import PrintersView
from station.ui.views.queue import QueueView
from station.ui.views.reconcile import ReconcileView
from station.ui.views.review import ReviewView
from station.ui.views.sources import SourcesMenu
from station.ui.views.stations import StationsView
from station.ui.views.stock import StockView
from station.ui.widgets.base import View, arrange
from station.ui.widgets.stack import CurrentStack, TallScroll

# Left, top, right, bottom.
_MARGINS, _LOW_MARGINS = (16, 16, 16, 8), (16, 6, 16, 4)
_FOOT, _LOW_FOOT = (24, 0, 24, 20), (20, 4, 20, 8)
_LEAST = 130
# Below this height a trouble's buttons lie in the row at the bottom, so that its text scrolls and they don't.
_TROUBLE_BELOW = 480
_NEARLY = 6


class Middle(View):
    """Chooses what is seen; ``wanted`` carries a ``Todo`` for the current person."""

    wanted = Signal(object)
    search_wanted = Signal()

    def __init__(self, ui: Ui, models: Models, parent: QWidget | None = None) -> None:
        super().__init__(ui, parent)
        self.models, self.desk = models, models.desk
        self.setObjectName("page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.make_elsewhere = True
        self._card: QWidget | None = None
        self._low = False
        self._shown: tuple[object, ...] = ()
        self.person = PersonHeader(ui, self.desk, self)
        self.check = CheckView(ui, self.desk, self)
        self.photo = PhotoView(ui, self.desk, self)
        self.review = ReviewView(ui, self.desk, self)
        self.making = MakingView(ui, self.desk, models.devices, self)
        self.home = HomeView(ui, self.desk, models.doubts, self)
        self.pages: dict[Page, PageView] = {
            Page.CARD: CardPageView(ui, models.reader, models.explorer, self),
            Page.CHECK: CardCheckView(ui, models.card_check, models.camera, self),
            Page.HOLDER_CARDS: HolderCardsView(
                ui, models.holder_cards, online=self.desk.desk.settings.router.enabled, parent=self
            ),
            Page.RECONCILE: ReconcileView(ui, models.reconcile, self),
            Page.QUEUE: QueueView(ui, models.outbox, self),
            Page.OFFLINE_QUEUE: OfflineQueueView(ui, models.offline_queue, self),
            Page.STATIONS: StationsView(ui, models.stations, self),
            Page.PRINTERS: PrintersView(ui, models.printers, self),
            Page.STOCK: StockView(ui, models.stock, self),
            Page.BATCH: BatchView(ui, models.batch, self),
            Page.CALIBRATION: CalibrationView(ui, models.calibration, self),
            Page.DOUBTS: DoubtsView(ui, models.doubts, self),
            Page.PORTRAITS: PortraitReviewView(ui, models.review, self),
            Page.HELP: HelpView(ui, self),
        }
        if models.faults is not None:
            self.pages[Page.FAULTS] = FaultsView(ui, models.faults, self)
        self.stack = CurrentStack(self)
        for view in (self.home, self.check, self.photo, self.review, self.making, *self.pages.values()):
            self.stack.addWidget(view)
        self.bar = ActionBar(ui, parent=self)
        self.sources = SourcesMenu(ui, self.desk, self)
        self.sources.file_wanted.connect(self.photo.choose_file)
        self._scroll = TallScroll(self)
        self.content = arrange(QVBoxLayout(self._scroll.content), _MARGINS, gap=8)
        self.strip = MirrorStrip(ui, models.mirror, self)
        self.content.addWidget(self.person)
        self.content.addWidget(self.strip)
        self.content.addWidget(self.stack, 1)
        # A row of its own, not an alignment: the card's height follows from the width that it really gets.
        self._card_row = arrange(QHBoxLayout())
        self._card_row.addStretch(1)
        self._card_row.addStretch(1)
        self.content.addLayout(self._card_row)
        column = arrange(QVBoxLayout(self))
        column.addWidget(self._scroll, 1)
        self._foot = arrange(QVBoxLayout(), _FOOT)
        self._foot.addWidget(self.bar)
        column.addLayout(self._foot)
        self._wire()
        self.refresh()

    def _wire(self) -> None:
        self.bar.wanted.connect(self.wanted)
        self.making.wanted.connect(self.wanted)
        self.home.search_wanted.connect(self.search_wanted)
        self._scroll.resized.connect(self._fit_stage)
        self._scroll.verticalScrollBar().valueChanged.connect(lambda _value: self._look_soon())
        cards = self.models.holder_cards
        self.pages[Page.CHECK].cards_wanted.connect(cards.open)  # type: ignore[attr-defined]  # it is the CardCheckView
        self.pages[Page.CARD].cards_wanted.connect(cards.open)  # type: ignore[attr-defined]  # it is the CardPageView
        for page in self.pages.values():
            page.left.connect(self.desk.back)
        printers = self.pages[Page.PRINTERS]
        printers.calibrate_wanted.connect(self._calibrate)  # type: ignore[attr-defined]  # it is the PrintersView
        printers.stock_wanted.connect(lambda: self.desk.show_page(Page.STOCK))  # type: ignore[attr-defined]
        for signal in (self.desk.people_changed, self.desk.page_changed):
            signal.connect(self.refresh)
        self.models.devices.changed.connect(self._devices_changed)

    def _devices_changed(self) -> None:
        """Show what follows from ESC-Router's coming or going: whether there is anything to promise."""
        if self.desk.current is not None and self.desk.current.stage is Stage.DONE:
            self.refresh()

    def _calibrate(self, printer: str) -> None:
        self.models.calibration.open(printer)
        self.desk.show_page(Page.CALIBRATION)

    def take_card(self, card: QWidget | None) -> None:
        """Have the card under the person, where the window is too narrow for a column of its own; or give it back."""
        self._card = card
        self.make_elsewhere = card is None
        if card is not None:
            self._card_row.insertWidget(1, card, 100)
        self._fit_stage()
        self.refresh()
        self._scroll.to_top()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        self.refresh()

    def set_low(self, low: bool) -> None:
        """Spare what can be spared, where there is little height."""
        if low == self._low:
            return
        self._low = low
        self.person.set_brief(low)
        self.strip.set_low(low)
        self.content.setContentsMargins(*(_LOW_MARGINS if low else _MARGINS))
        self.content.setSpacing(4 if low else 8)
        self._foot.setContentsMargins(*(_LOW_FOOT if low else _FOOT))
        for view in (self.home, self.review, self.making, *self.pages.values()):
            view.set_low(low)
        self.refresh()

    def look(self) -> None:
        """Tell the person's session how much of the data check is in sight."""
        session = self.desk.current
        if session is None or self.stack.currentWidget() is not self.check or not self.isVisible():
            return
        self._scroll.settle()
        end = self.check.mapTo(self._scroll.content, QPoint(0, self.check.layout_end()))
        session.show_check(whole=self._scroll.bottom_seen() >= end.y() - _NEARLY)

    def open_sources(self) -> None:
        """Show where else the portrait can come from, at the button for it."""
        bars = [bar for bar in (self.making.trouble.bar, self.bar) if bar.isVisibleTo(self)]
        buttons = [button for bar in bars if (button := bar.button_for(Todo.OTHER_SOURCES))]
        self.sources.open(next(iter(buttons), self.bar))

    def read_on(self) -> None:
        """Show what comes next of a page that is not whole in sight."""
        self._scroll.on()

    def read_back(self) -> None:
        """Show again what came before of a page that is not whole in sight."""
        self._scroll.back()

    def _fit_stage(self) -> None:
        """Give what is done now the whole height, even when the card lies below it."""
        if self._card is None:
            self.stack.setMinimumHeight(0)
            return
        person = self.person
        head = person.heightForWidth(person.width()) if person.hasHeightForWidth() else person.sizeHint().height()
        head = head if person.isVisibleTo(self) else 0
        if self.strip.isVisibleTo(self):
            head += self.strip.heightForWidth(person.width()) + self.content.spacing()
        margins = self.content.contentsMargins()
        spared = margins.top() + margins.bottom() + self.content.spacing() * (1 if head else 0)
        self.stack.setMinimumHeight(max(_LEAST, self._scroll.viewport().height() - head - spared))

    def refresh(self) -> None:
        session = self.desk.current
        on_person = self.desk.page is Page.PERSON and session is not None
        self.person.setVisible(on_person)
        self.bar.setVisible(on_person)
        view: QWidget = self.pages.get(self.desk.page, self.home)
        if on_person and session is not None:
            view = self._view_for(session.stage, troubled=session.trouble is not None)
            hidden = [Todo.MAKE] if self.make_elsewhere else []
            if not self.making.promises(session):
                hidden.append(Todo.SLIP)
            here = session.trouble is not None and self.height() >= _TROUBLE_BELOW
            self.making.trouble.set_buttons(here)
            self.bar.show_offers(() if here else session.offers, hidden)
        self._show(view, (view, session.stage, session.trouble) if on_person and session is not None else (view,))
        self._fit_stage()
        self._look_soon()

    def _show(self, view: QWidget, what: tuple[object, ...]) -> None:
        """Show a view, from its beginning when it tells something else than before."""
        if view is not self.stack.currentWidget():
            self.stack.setCurrentWidget(view)
            if isinstance(view, View):
                view.refresh()
        if what != self._shown:
            self._shown = what
            self._scroll.to_top()
            QTimer.singleShot(0, self._scroll, self._scroll.to_top)  # where a button that is gone had the keyboard

    def _look_soon(self) -> None:
        if self.stack.currentWidget() is self.check:
            QTimer.singleShot(0, self, self.look)

    def place_focus(self) -> None:
        """Put the keyboard where the next thing is done."""
        session = self.desk.current
        view = self.stack.currentWidget()
        if self.desk.page in self.pages:
            self.pages[self.desk.page].take_focus()
        elif view is self.home:
            button = self.home.next_button if self.home.next_button.isVisibleTo(self.home) else self.home.find_button
            button.setFocus(Qt.FocusReason.OtherFocusReason)
        elif session is not None and session.trouble is not None:
            bars = (self.making.trouble.bar, self.bar)
            if not next(bar for bar in bars if bar.isVisibleTo(self)).focus_primary():
                self.setFocus(Qt.FocusReason.OtherFocusReason)  # a question without an answer that Enter may give
        elif session is not None and session.stage is Stage.CROP and self.photo.crop.isVisibleTo(self.photo):
            self.photo.crop.setFocus(Qt.FocusReason.OtherFocusReason)
        elif not self.bar.focus_primary():
            self.setFocus(Qt.FocusReason.OtherFocusReason)  # nothing to press: keys still reach the window from here

    def _view_for(self, stage: Stage, *, troubled: bool) -> QWidget:
        if troubled:
            return self.making
        views = {
            Stage.CHECK: self.check,
            Stage.PHOTO: self.photo,
            Stage.CROP: self.photo,
            Stage.REVIEW: self.review,
        }
        return views.get(stage, self.making)
