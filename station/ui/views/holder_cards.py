"""The cards of one person: each with how it stands, its history and what can be done; one question before anything."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from station.domain.errors import N_
from station.ui.context import Ui
from station.ui.theme.tokens import BODY, INSTRUCTION
from station.ui.viewmodels.holder_cards import NOBODY, HolderCardsModel
from station.ui.viewmodels.holder_cards_words import STEP_NAMES, Step
from station.ui.views.holder_cards_question import QuestionPanel
from station.ui.views.holder_cards_section import CardSection
from station.ui.views.page import PageView
from station.ui.widgets.base import arrange
from station.ui.widgets.buttons import QuietButton
from station.ui.widgets.labels import Text


class HolderCardsView(PageView):
    """The page. Up and Down go from card to card, Enter opens one, Tab leads to what can be done to it."""

    title = N_("Cards of a person")

    def __init__(self, ui: Ui, model: HolderCardsModel, *, online: bool, parent: QWidget | None = None) -> None:
        super().__init__(ui, parent)
        self.model, self._online, self._low = model, online, False
        self._said = Text(ui, INSTRUCTION, parent=self)
        self._said.setObjectName("cardsSaid")
        self.panel = QuestionPanel(ui, self)
        self.panel.answered.connect(model.confirm)
        self.panel.given_up.connect(model.give_up)
        self._list = QWidget(self)
        self._column = arrange(QVBoxLayout(self._list), gap=10)
        self.sections: list[CardSection] = []
        self._consent_row = QWidget(self)
        row = arrange(QHBoxLayout(self._consent_row), gap=8)
        self._consent_words = Text(ui, BODY, parent=self._consent_row)
        self.consent = QuietButton(ui, self._consent_row)
        self.consent.setObjectName("consent")
        self.consent.clicked.connect(lambda: model.ask(Step.WITHDRAW if model.agrees else Step.AGREE))
        self.consent.installEventFilter(self)
        row.addWidget(self._consent_words, 1)
        row.addWidget(self.consent)
        for widget in (self._said, self.panel, self._list, self._consent_row):
            self.body.addWidget(widget)
        self.body.addStretch(1)
        self.buttons.insertWidget(0, self.panel.yes)
        self.buttons.insertWidget(1, self.panel.no)
        self._asked: object = None
        model.changed.connect(self.refresh)
        self.refresh()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        super().showEvent(event)
        if not event.spontaneous():  # else the window was minimised, and everything is as it was
            self.model.watch(True)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 - Qt's name
        """Forget whose cards were shown."""
        super().hideEvent(event)
        if not event.spontaneous():
            self.model.watch(False)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        key = event.key()
        if key == Qt.Key.Key_Escape and self.model.question is not None:
            self.model.give_up()
        elif self.model.question is not None and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.accept()  # a field of the question had it
        else:
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Go from card to card by arrows, and press with Enter, too: buttons have other plans for these keys."""
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.KeyPress:
            return super().eventFilter(watched, event)
        key = event.key()
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._step(1 if key == Qt.Key.Key_Down else -1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and isinstance(watched, QPushButton):
            if not event.isAutoRepeat():
                watched.click()
        else:
            return super().eventFilter(watched, event)
        return True

    def set_low(self, low: bool) -> None:
        super().set_low(low)
        self._low = low
        self.panel.set_low(low)
        self.refresh()

    def take_focus(self) -> None:
        if self.model.question is not None:
            self.panel.take_focus()
            return
        shown = [section for section in self.sections if section.escn == self.model.chosen] or self.sections[:1]
        widget = shown[0].line if shown and self._list.isVisibleTo(self) else self.back
        widget.setFocus(Qt.FocusReason.OtherFocusReason)

    def refresh(self) -> None:
        super().refresh()
        model, text = self.model, self.ui.text
        holder, question = model.holder, model.question
        if holder is not None:
            self._title.set_text(text(N_("Cards of {name}"), name=holder.full_name))
        self._title.setVisible(question is None or not self._low)
        self.panel.ask(question, busy=model.busy)
        self.back.setVisible(question is None)
        focus = QApplication.focusWidget()
        if not model.cards and question is None and focus is not None and self._list.isAncestorOf(focus):
            self.back.setFocus(Qt.FocusReason.OtherFocusReason)  # else Qt would take the keyboard out of the page
        self._list.setVisible(question is None and bool(model.cards))
        self._consent_row.setVisible(question is None and holder is not None and bool(model.cards))
        self._show_sections()
        agrees = N_("ESC-Router may be told of this person.")
        self._consent_words.setText(
            text(agrees if model.agrees else N_("This person doesn't agree: ESC-Router is told nothing."))
        )
        self.consent.set_label(text(STEP_NAMES[Step.WITHDRAW if model.agrees else Step.AGREE]))
        self.consent.setEnabled(not model.busy)
        self._show_words()
        if question is not self._asked:
            self._asked = question
            if question is None and self.isVisible():
                # Once the list has its place again.
                QTimer.singleShot(0, self, self.take_focus)

    def _show_words(self) -> None:
        model, tr = self.model, self.ui.tr_
        words, colour = "", "text"
        if model.error is not None:
            words, colour = " ".join(tr.error(model.error)), "bad"
        elif model.holder is None:
            words = tr.text(NOBODY)
        elif model.said is not None:
            words = tr.message(model.said)
        elif not model.cards:
            words = tr.text(N_("No card was handed over here to this person."))
        self._said.set_colour(colour)
        self._said.setText(words)
        self._said.setVisible(bool(words) and model.question is None)

    def _show_sections(self) -> None:
        model, first = self.model, not self.sections
        while len(self.sections) < len(model.cards):
            section = CardSection(self.ui, self._list)
            section.opened.connect(model.choose)
            section.wanted.connect(model.ask)
            for button in (section.line, *section.buttons.values()):
                button.installEventFilter(self)
            self.sections.append(section)
            self._column.addWidget(section)
            section.show()  # now, not when the layout comes to it: the keyboard goes there next
        while len(self.sections) > len(model.cards):
            gone = self.sections.pop()
            gone.hide()
            gone.deleteLater()
        for section, held in zip(self.sections, model.cards, strict=True):
            chosen = held.card.escn == model.chosen
            section.show_card(held, model.today, chosen=chosen, busy=model.busy, online=self._online)
        buttons = (button for section in self.sections for button in (section.line, *section.buttons.values()))
        self.in_order(*buttons, self.consent, self.back)
        if first and self.sections and self.isVisible() and self.back.hasFocus():
            self.take_focus()

    def _step(self, by: int) -> None:
        """Move the keyboard to the card above or below."""
        if not self.sections:
            return
        focus = QApplication.focusWidget()
        inside = (focus is not None and each.isAncestorOf(focus) for each in self.sections)
        places = [number for number, here in enumerate(inside) if here]
        place = min(max(0, places[0] + by), len(self.sections) - 1) if places else 0
        self.sections[place].line.setFocus(Qt.FocusReason.TabFocusReason)
        self.bring_into_sight(self.sections[place].line)
