"""One card of a person: two lines that open and close, and below them all of it with what can be done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from station.domain.errors import N_
from station.services.card_check import said_there
from station.services.card_words import card_state
from station.ui.context import Ui
from station.ui.theme.tokens import BODY, SECONDARY
from station.ui.viewmodels.holder_cards import HeldCard
from station.ui.viewmodels.holder_cards_words import REGISTRATIONS, STEP_NAMES, Step, standing
from station.ui.views.card_strip import CardLines
from station.ui.widgets.base import View, arrange
from station.ui.widgets.buttons import QuietButton
from station.ui.widgets.flow import FlowBox
from station.ui.widgets.labels import Text

_INDENT = 34


class CardSection(View):
    """Shows one card; ``opened`` carries its number, ``wanted`` a step and its number."""

    opened = Signal(str)
    wanted = Signal(object, str)

    def __init__(self, ui: Ui, parent: QWidget | None = None) -> None:
        super().__init__(ui, parent)
        self._held: HeldCard | None = None
        self.line = CardLines(ui, self)
        self.line.clicked.connect(lambda: self.opened.emit(self.escn))
        self._more = QWidget(self)
        self._facts = Text(ui, BODY, parent=self._more)
        self._facts.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._facts.setObjectName("cardFacts")
        self._history = Text(ui, SECONDARY, "muted", parent=self._more)
        self._history.setObjectName("cardHistory")
        self._steps = FlowBox(self._more, gap=2)
        self.buttons: dict[Step, QuietButton] = {}
        for step in Step:
            if step not in (Step.WITHDRAW, Step.AGREE):
                button = self.buttons[step] = QuietButton(ui, self._steps)
                button.setObjectName(f"step-{step.value}")
                button.clicked.connect(lambda _checked=False, wanted=step: self.wanted.emit(wanted, self.escn))
                self._steps.add(button)
        column = arrange(QVBoxLayout(self), gap=6)
        inside = arrange(QVBoxLayout(self._more), (_INDENT, 0, 8, 8), gap=6)
        for widget in (self._facts, self._steps, self._history):
            inside.addWidget(widget)
        column.addWidget(self.line)
        column.addWidget(self._more)

    @property
    def escn(self) -> str:
        """Return the number of the card that is shown."""
        return self._held.card.escn if self._held is not None else ""

    def show_card(self, held: HeldCard, today: date, *, chosen: bool, busy: bool, online: bool) -> None:
        """Show a card, all of it where it is ``chosen``."""
        self._held = held
        tr, card = self.ui.tr_, held.card
        words, tone = standing(card, today)
        title = tr.text(N_("{state}, until {day}"), state=words, day=card.expires_on)
        self.line.setObjectName(f"card-{card.escn}")
        self.line.show_card(tone, title[:1].upper() + title[1:], self._brief(held))
        self._more.setVisible(chosen)
        self._facts.setText("\n".join(self._facts_of(held, online=online)))
        self._history.setText("\n".join(self._history_of(held)))
        self._show_steps(held, busy=busy)

    def _brief(self, held: HeldCard) -> str:
        registration = self.ui.text(REGISTRATIONS[held.card.registration])
        return self.ui.text(N_("{escn} · ESC-Router {told}"), escn=held.card.escn, told=registration)

    def _facts_of(self, held: HeldCard, *, online: bool) -> Sequence[str]:
        tr, card = self.ui.tr_, held.card
        said = [
            tr.text(N_("Number {escn}"), escn=card.escn),
            tr.text(N_("Made {made}, last day {day}"), made=card.issued_at.astimezone().date(), day=card.expires_on),
        ]
        if online:
            there = tr.message(said_there(held.there)) if held.there is not None else tr.text(N_("asking…"))
            said.append(tr.text(N_("Anybody who asks ESC-Router is told now: {verdict}"), verdict=there))
        return said

    def _history_of(self, held: HeldCard) -> Sequence[str]:
        tr = self.ui.tr_
        lines = []
        for note in reversed(held.notes):
            at = f"{tr.date(note.at.astimezone().date())} {tr.time(note.at)}"
            parts = (at, tr.message(card_state(note.state)), note.reason, note.operator, note.station)
            lines.append(" · ".join(part for part in parts if part))
        return lines

    def _show_steps(self, held: HeldCard, *, busy: bool) -> None:
        for step, button in self.buttons.items():
            button.setVisible(step in held.steps)
            button.setEnabled(not busy)
            button.set_label(self.ui.text(STEP_NAMES[step]))
            button.setAccessibleName(f"{button.text()} {held.card.escn}")
        self._steps.setVisible(bool(held.steps))
