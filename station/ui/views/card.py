"""The right column: the card exactly as it will be printed, the steps, and the button that makes it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from station.domain.errors import N_
from station.ui.context import Ui
from station.ui.theme.tokens import CARD_COLUMN_WIDTH, SECONDARY, SECONDARY_STRONG
from station.ui.viewmodels.desk import DeskModel
from station.ui.viewmodels.session import Session
from station.ui.viewmodels.stages import Stage, Todo
from station.ui.views.steps import progress_words, short_steps
from station.ui.widgets.base import View, arrange
from station.ui.widgets.buttons import ActionButton
from station.ui.widgets.card_view import CardView
from station.ui.widgets.labels import OneLine, Text
from station.ui.widgets.steps import StepList


class CardColumn(View):
    """Front, back, steps, and the one button. ``wanted`` carries ``Todo.MAKE``."""

    wanted = Signal(object)

    def __init__(self, ui: Ui, desk: DeskModel, parent: QWidget | None = None) -> None:
        super().__init__(ui, parent)
        self.desk = desk
        self._has_button = True
        self.front = CardView(ui, self)
        self.front.setObjectName("cardFront")
        self._caption = OneLine(ui, SECONDARY, "muted", self)
        self._qr = Text(ui, SECONDARY_STRONG, "ok", wrap=False, parent=self)
        self._qr.setObjectName("qrRead")
        self.back = CardView(ui, self)
        self.back.setObjectName("cardBack")
        self.back.set_shrinking()
        self.steps = StepList(ui, parent=self)
        self.make = ActionButton(ui, primary=True, parent=self)
        self.make.setObjectName("make")
        self.make.clicked.connect(lambda: self.wanted.emit(Todo.MAKE))
        self.setMaximumWidth(ui.theme.scaled(CARD_COLUMN_WIDTH))
        column = arrange(QVBoxLayout(self))
        caption = arrange(QHBoxLayout(), (10, 2, 10, 2), gap=8)
        caption.addWidget(self._caption, 1)
        caption.addWidget(self._qr)
        column.addWidget(self.front)
        column.addLayout(caption)
        column.addWidget(self.back, 1)
        below = arrange(QVBoxLayout(), (10, 6, 10, 0), gap=12)
        below.addWidget(self.steps)
        below.addWidget(self.make)
        column.addLayout(below)
        column.addStretch(0)
        desk.people_changed.connect(self.refresh)
        self.refresh()

    def set_button(self, shown: bool) -> None:
        """Have the button here, or leave it to the row under the person."""
        self._has_button = shown
        self.refresh()

    def focus_make(self) -> None:
        """Put the keyboard onto the button, or near it while the card is still being drawn."""
        (self.make if self.make.isEnabled() else self).setFocus(Qt.FocusReason.OtherFocusReason)

    def refresh(self) -> None:
        session, text = self.desk.current, self.ui.text
        picture = session.preview.picture if session else None
        waiting = text(N_("The card appears here as soon as somebody is served."))
        self.front.set_empty_text(waiting if session is None else text(N_("The card is being drawn…")))
        self.front.setAccessibleName(text(N_("The front of the card")))
        self.back.setAccessibleName(text(N_("The back of the card")))
        self.front.show_side(picture.front if picture else None)
        self.back.show_side(picture.back if picture else None)
        self.back.setVisible(session is not None and (picture is None or picture.back is not None))
        dpi = self.desk.desk.making.printer.dpi_x
        self._caption.set_text(text(N_("Front · {dpi} dpi, as printed"), dpi=dpi) if session else "")
        read = session is not None and session.preview.qr_read
        self._qr.setText("✓ " + text(N_("QR readable")) if read else "")
        self.steps.setVisible(session is not None)
        self.make.setVisible(session is not None and self._has_button)
        if session is not None:
            self.steps.show_steps(short_steps(session, self.ui.tr_, self.desk.desk.making.printer.seconds_a_card))
            self._show_button(session)

    def _show_button(self, session: Session) -> None:
        step, share = session.progress
        making = session.busy and session.stage in (Stage.ENCODE, Stage.PRINT, Stage.ASK, Stage.VERIFY)
        ready = session.stage is Stage.REVIEW and session.trouble is None
        self.make.setEnabled(ready and session.preview.final(session.issuance) is not None)
        label = self.ui.text(N_("Make the card"))
        if making and step:
            label = progress_words(self.ui.tr_, step)
        elif session.stage is Stage.DONE:
            label = self.ui.text(N_("Card made"))
        self.make.set_label(label, "Enter" if not making and session.stage is not Stage.DONE else "")
        self.make.set_progress(share if making else None)
        self.make.setFocusPolicy(Qt.FocusPolicy.StrongFocus if ready else Qt.FocusPolicy.NoFocus)
