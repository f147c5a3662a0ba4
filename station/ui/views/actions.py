"""The row of buttons under the middle: what can be done for this person now, the main thing first."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from station.ui.context import Ui
from station.ui.viewmodels.stages import KEY_NAMES, Offer, Todo
from station.ui.widgets.base import View, arrange
from station.ui.widgets.buttons import ActionButton
from station.ui.widgets.flow import FlowBox


class ActionBar(View):
    """Shows offers as buttons. ``wanted`` carries the ``Todo`` that was pressed."""

    wanted = Signal(object)

    def __init__(self, ui: Ui, *, grow: bool = True, parent: QWidget | None = None) -> None:
        super().__init__(ui, parent)
        self._offers: tuple[Offer, ...] = ()
        self._buttons: list[ActionButton] = []
        self._row = FlowBox(self, gap=10, grow=grow)
        arrange(QVBoxLayout(self)).addWidget(self._row)

    def show_offers(self, offers: Sequence[Offer], hidden: Collection[Todo] = ()) -> None:
        """Show these offers, except the hidden ones; a button that stays keeps the focus."""
        shown = tuple(offer for offer in offers if offer.todo not in hidden)
        if shown == self._offers:
            return
        focused = next((b.objectName() for b in self._buttons if b.hasFocus()), "")
        self._offers = shown
        while len(self._buttons) > len(shown):
            self._row.remove(self._buttons.pop())
        while len(self._buttons) < len(shown):
            self._buttons.append(self._new_button())
        self.refresh()
        self.setVisible(bool(shown))
        # Else Qt gives the keyboard to whatever comes next, and an Enter would mean that.
        if focused and focused not in [b.objectName() for b in self._buttons]:
            self.focus_primary()

    def primary_button(self) -> ActionButton | None:
        """Return the accent button, ``None`` when the station is at work."""
        pairs = zip(self._offers, self._buttons, strict=True)
        return next((button for offer, button in pairs if offer.primary), None)

    def button_for(self, todo: Todo) -> ActionButton | None:
        """Return the button of an offer, ``None`` when it is not shown."""
        pairs = zip(self._offers, self._buttons, strict=True)
        return next((button for offer, button in pairs if offer.todo is todo), None)

    def focus_primary(self) -> bool:
        """Put the keyboard onto the main button; say whether there is one. An Enter never means another button."""
        button = self.primary_button()
        if button is not None:
            button.setFocus(Qt.FocusReason.OtherFocusReason)
        return button is not None

    def refresh(self) -> None:
        for offer, button in zip(self._offers, self._buttons, strict=True):
            key = KEY_NAMES.get(offer.key, "")
            button.set_primary(offer.primary)
            button.set_label(self.ui.tr_.message(offer.label), self.ui.text(key))
            button.setObjectName(f"todo-{offer.todo.value}")

    def _new_button(self) -> ActionButton:
        button = ActionButton(self.ui, parent=self)
        button.clicked.connect(lambda: self._pressed(button))
        self._row.add(button)
        return button

    def _pressed(self, button: ActionButton) -> None:
        # A press that was on its way may belong to a button that is gone.
        if button in self._buttons:
            self.wanted.emit(self._offers[self._buttons.index(button)].todo)
