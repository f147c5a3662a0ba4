"""One question before something is done to a card: what will happen and to whom, why, and until when.

What nothing takes back is never done by a key that was meant for the page before: the keyboard begins where no key does
it, and in the first moments no button does.
"""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import QDate, QLocale, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDateEdit, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from station.domain.errors import N_
from station.ui.context import Ui
from station.ui.first_moments import FirstMoments
from station.ui.theme.tokens import BODY, CONTROL_HEIGHT, INSTRUCTION, STRONG, TROUBLE
from station.ui.viewmodels.holder_cards_words import Question, Step
from station.ui.widgets.base import View, arrange
from station.ui.widgets.buttons import ActionButton
from station.ui.widgets.labels import Text
from station.ui.widgets.panel import Panel

_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_LONGEST = 200


class QuestionPanel(View):
    """Asks; ``answered`` carries the reason and the day, ``given_up`` says that nothing is to be done.

    The buttons are the page's to place.
    """

    answered = Signal(str, object)
    given_up = Signal()

    def __init__(self, ui: Ui, parent: QWidget | None = None) -> None:
        super().__init__(ui, parent)
        self.question: Question | None = None
        self.busy = False
        self.moments = FirstMoments()
        panel = Panel(ui, parent=self)
        self._title = Text(ui, TROUBLE, parent=panel)
        self._title.setObjectName("questionTitle")
        self._lines = Text(ui, INSTRUCTION, parent=panel)
        self._lines.setObjectName("questionLines")
        self._until_row, self._until_label = self._row(panel), Text(ui, BODY, wrap=False, parent=panel)
        self.until = QDateEdit(panel)
        self.until.setObjectName("until")
        self._until_row.layout().addWidget(self._until_label)  # type: ignore[union-attr]  # it was given one
        self._until_row.layout().addWidget(self.until)  # type: ignore[union-attr]
        self.reason = QLineEdit(panel)
        self.reason.setObjectName("stepReason")
        self.reason.setMaxLength(_LONGEST)
        self.reason.textChanged.connect(lambda _text: self._show_buttons())
        inside = self._inside = arrange(QVBoxLayout(panel), (20, 14, 20, 16), gap=10)
        for widget in (self._title, self._lines, self._until_row, self.reason):
            inside.addWidget(widget)
        column = arrange(QVBoxLayout(self))
        column.addWidget(panel)
        column.addStretch(1)
        self.yes, self.no = ActionButton(ui, primary=True, parent=self), ActionButton(ui, parent=self)
        self.yes.setObjectName("questionYes")
        self.no.setObjectName("questionNo")
        self.yes.clicked.connect(self._answer)
        self.no.clicked.connect(self.given_up)

    def set_low(self, low: bool) -> None:
        """Have all of the question in sight, where there is little height."""
        arrange(self._inside, (16, 8, 16, 10) if low else (20, 14, 20, 16), 4 if low else 10)
        self._title.set_style(STRONG if low else TROUBLE)
        self._lines.set_style(BODY if low else INSTRUCTION)

    def ask(self, question: Question | None, *, busy: bool) -> None:
        """Show a question; from the beginning when it is another one."""
        new, self.busy = question is not self.question, busy
        self.question = question
        self.setVisible(question is not None)
        self.moments.look(question)
        if question is not None and new:
            self.reason.clear()
            self._begin_day(question)
        self.refresh()
        if question is not None and new and self.isVisible():
            self.take_focus()

    def take_focus(self) -> None:
        """Put the keyboard where the answer begins: at the day, the reason, else at the button that does nothing."""
        question = self.question
        if question is None:
            return
        start = self.until if question.until else self.reason if question.asks_reason else self._first_button(question)
        start.setFocus(Qt.FocusReason.OtherFocusReason)

    def refresh(self) -> None:
        question, tr = self.question, self.ui.tr_
        self.yes.setVisible(question is not None)
        self.no.setVisible(question is not None)
        if question is None:
            return
        self._title.setText(tr.message(question.title))
        self._lines.setText("\n".join(tr.message(line) for line in question.lines))
        self._until_row.setVisible(question.until is not None)
        self._until_label.setText(tr.text(N_("New last day")))
        self.until.setAccessibleName(tr.text(N_("New last day")))
        self.until.setDisplayFormat("d MMM yyyy" if tr.language == "en" else "dd.MM.yyyy")
        self.until.setLocale(QLocale(tr.language))
        height = max(CONTROL_HEIGHT, self.ui.theme.scaled(CONTROL_HEIGHT))
        for field in (self.until, self.reason):
            field.setFont(self.ui.theme.font(BODY))
            field.setMinimumHeight(height)
        reason = N_("Why (needed)") if question.step is Step.REVOKE else N_("Why, for the record")
        self.reason.setPlaceholderText(tr.text(reason))
        self.reason.setAccessibleName(tr.text(reason))
        self.reason.setVisible(question.asks_reason)
        self.yes.set_label(tr.message(question.yes), "" if question.final else "Enter")
        self.no.set_label(tr.text(N_("No, leave it")), "Esc")
        self._show_buttons()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        if event.key() not in _ENTER:
            super().keyPressEvent(event)
        elif not event.isAutoRepeat():
            self._enter()

    def _enter(self) -> None:
        """Answer by Enter in a field; where nothing takes it back, go to the button first."""
        question = self.question
        if question is None or not self.moments.over:
            return
        if question.final:
            if self.yes.isEnabled():
                # The button begins first moments of its own: the Enter that leads to it, pressed twice, must not press
                # it.
                self.moments.look((question, self.yes))
                self.yes.setFocus(Qt.FocusReason.TabFocusReason)
        else:
            self._answer()

    def _answer(self) -> None:
        question = self.question
        if question is None or self.busy or not self.yes.isEnabled() or not self.moments.over:
            return
        day = self.until.date()
        until = date(day.year(), day.month(), day.day()) if question.until else None
        self.answered.emit(self.reason.text(), until)

    def _show_buttons(self) -> None:
        question = self.question
        lacks = question is not None and question.step is Step.REVOKE and not self.reason.text().strip()
        self.yes.setEnabled(not self.busy and not lacks)
        self.no.setEnabled(not self.busy)

    def _begin_day(self, question: Question) -> None:
        if question.until is not None and question.least is not None:
            self.until.setMinimumDate(QDate(question.least.year, question.least.month, question.least.day))
            self.until.setDate(QDate(question.until.year, question.until.month, question.until.day))

    def _first_button(self, question: Question) -> ActionButton:
        return self.no if question.final else self.yes

    @staticmethod
    def _row(parent: QWidget) -> QWidget:
        row = QWidget(parent)
        arrange(QHBoxLayout(row), gap=12)
        return row
