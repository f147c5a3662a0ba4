"""The middle of the window: the person and what is done now, or a page that takes its place for a while."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from station.ui.context import Ui
from station.ui.viewmodels.models import Models
from station.ui.viewmodels.pages import Page
from station.ui.viewmodels.stages import Stage, Todo
from station.ui.views.actions import ActionBar
from station.ui.views.check import CheckView
from station.ui.views.doubts import DoubtsView
from station.ui.views.faults import FaultsView
from station.ui.views.help import HelpView
from station.ui.views.home import HomeView
from station.ui.views.making import MakingView
from station.ui.views.page import PageView
from station.ui.views.person import PersonHeader
from station.ui.views.photo import PhotoView
from station.ui.views.queue import QueueView
from station.ui.views.review import ReviewView
from station.ui.widgets.base import View, arrange
from station.ui.widgets.stack import CurrentStack, TallScroll

_LOW = 360


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
        self.person = PersonHeader(ui, self.desk, self)
        self.check = CheckView(ui, self.desk, self)
        self.photo = PhotoView(ui, self.desk, self)
        self.review = ReviewView(ui, self.desk, self)
        self.making = MakingView(ui, self.desk, models.devices, self)
        self.home = HomeView(ui, self.desk, models.doubts, self)
        self.pages: dict[Page, PageView] = {
            Page.QUEUE: QueueView(ui, models.outbox, self),
            Page.DOUBTS: DoubtsView(ui, models.doubts, self),
            Page.HELP: HelpView(ui, self),
        }
        if models.faults is not None:
            self.pages[Page.FAULTS] = FaultsView(ui, models.faults, self)
        self.stack = CurrentStack(self)
        for view in (self.home, self.check, self.photo, self.review, self.making, *self.pages.values()):
            self.stack.addWidget(view)
        self.bar = ActionBar(ui, parent=self)
        self._scroll = TallScroll(self)
        self.content = arrange(QVBoxLayout(self._scroll.content), (16, 16, 16, 8), gap=8)
        self.content.addWidget(self.person)
        self.content.addWidget(self.stack, 1)
        column = arrange(QVBoxLayout(self))
        column.addWidget(self._scroll, 1)
        foot = arrange(QVBoxLayout(), (24, 0, 24, 20))
        foot.addWidget(self.bar)
        column.addLayout(foot)
        self._wire()
        self.refresh()

    def _wire(self) -> None:
        self.bar.wanted.connect(self.wanted)
        self.making.wanted.connect(self.wanted)
        self.home.search_wanted.connect(self.search_wanted)
        for page in self.pages.values():
            page.left.connect(self.desk.back)
        for signal in (self.desk.people_changed, self.desk.page_changed):
            signal.connect(self.refresh)

    def take_card(self, card: QWidget | None) -> None:
        """Have the card under the person, where the window is too narrow for a column of its own; or give it back."""
        self._card = card
        self.make_elsewhere = card is None
        if card is not None:
            self.content.addWidget(card, 0, Qt.AlignmentFlag.AlignHCenter)
        self._fit_stage()
        self.refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        self._fit_stage()

    def _fit_stage(self) -> None:
        """Give what is done now the whole height, even when the card lies below it."""
        self.person.set_brief(self.height() < _LOW)
        head = self.person.heightForWidth(self.person.width()) if self.person.isVisibleTo(self) else 0
        room = self._scroll.viewport().height() - head - 40
        self.stack.setMinimumHeight(max(130, room) if self._card is not None else 0)

    def refresh(self) -> None:
        session = self.desk.current
        on_person = self.desk.page is Page.PERSON and session is not None
        self.person.setVisible(on_person)
        self.bar.setVisible(on_person)
        view: QWidget = self.pages.get(self.desk.page, self.home)
        if on_person and session is not None:
            view = self._view_for(session.stage, troubled=session.trouble is not None)
            hidden = (Todo.MAKE,) if self.make_elsewhere else ()
            self.bar.show_offers(() if session.trouble is not None else session.offers, hidden)
        if view is not self.stack.currentWidget():
            self.stack.setCurrentWidget(view)
            if isinstance(view, View):
                view.refresh()
            self._scroll.to_top()
        self._fit_stage()

    def place_focus(self) -> None:
        """Put the keyboard where the next thing is done."""
        session = self.desk.current
        view = self.stack.currentWidget()
        if self.desk.page in self.pages:
            self.pages[self.desk.page].back.setFocus(Qt.FocusReason.OtherFocusReason)
        elif view is self.home:
            button = self.home.next_button if self.home.next_button.isVisibleTo(self.home) else self.home.find_button
            button.setFocus(Qt.FocusReason.OtherFocusReason)
        elif session is not None and session.trouble is not None:
            self.making.trouble.bar.focus_primary()
        elif session is not None and session.stage is Stage.CROP:
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
