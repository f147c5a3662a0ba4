"""The left column: who is being served, who waits, who got a card today."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from station.domain.card import Registration
from station.domain.errors import N_
from station.domain.holder import Holder, missing_for_card
from station.ui.context import Ui
from station.ui.theme.tokens import LIST_FOLDED_WIDTH, LIST_WIDTH
from station.ui.tone import Tone
from station.ui.viewmodels.desk import CardToday, DeskModel
from station.ui.viewmodels.stages import Stage
from station.ui.widgets.base import View, arrange
from station.ui.widgets.people import PeopleList, PersonRow

if TYPE_CHECKING:
    from station.ui.viewmodels.session import Session

_STAGE_WORDS = {
    Stage.CHECK: N_("data"),
    Stage.PHOTO: N_("photo"),
    Stage.CROP: N_("photo"),
    Stage.REVIEW: N_("ready to be made"),
    Stage.ENCODE: N_("chip…"),
    Stage.PRINT: N_("printing…"),
    Stage.ASK: N_("did it come out?"),
    Stage.VERIFY: N_("check the card"),
    Stage.HAND_OVER: N_("hand over"),
    Stage.DONE: N_("handed over"),
    Stage.SPOILED: N_("card spoiled"),
}
_AT_A_PRINTER = (Stage.PRINT, Stage.ASK, Stage.VERIFY)
_REGISTRATION_WORDS = {
    Registration.QUEUED: N_("in the queue"),
    Registration.REGISTERED: N_("registered"),
    Registration.PARKED: N_("needs a decision"),
    Registration.NOT_NEEDED: N_("done"),
}
_REGISTRATION_TONES = {Registration.QUEUED: Tone.BUSY, Registration.PARKED: Tone.WARN}


class PeopleColumn(View):
    """One list with two headings. ``picked`` carries the id of a holder."""

    picked = Signal(str)

    def __init__(self, ui: Ui, desk: DeskModel, parent: QWidget | None = None) -> None:
        super().__init__(ui, parent)
        self.desk = desk
        self.setObjectName("listColumn")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.list = PeopleList(ui, self)
        self.list.setObjectName("people")
        self.list.taken.connect(self.picked)
        column = arrange(QVBoxLayout(self), (0, 0, 1, 0))
        column.addWidget(self.list)
        desk.people_changed.connect(self.refresh)
        self.set_folded(False)
        self.refresh()

    def set_folded(self, folded: bool) -> None:
        """Show pictures only, where the window is narrow."""
        self.list.set_folded(folded)
        self.setFixedWidth(LIST_FOLDED_WIDTH if folded else self.ui.theme.scaled(LIST_WIDTH))

    def refresh(self) -> None:
        desk = self.desk
        waiting = [self._session_row(s) for s in desk.sessions] + [self._waiting_row(h) for h in desk.waiting]
        done = [self._card_row(c) for c in desk.today.cards]
        rows = [PersonRow("", self.ui.text(N_("Waiting")), str(len(waiting))), *waiting]
        if done:
            rows += [PersonRow("", self.ui.text(N_("Issued today")), str(desk.today.count)), *done]
        self.list.setAccessibleName(self.ui.text(N_("Who waits, and the cards of today")))
        self.list.show_people(rows, desk.current.holder.id if desk.current else "")

    def _session_row(self, session: Session) -> PersonRow:
        several = len(self.desk.sessions) > 1
        word = self.ui.text(_STAGE_WORDS[session.stage])
        if session.trouble is not None:
            word = self.ui.tr_.message(session.trouble.short)
        at = session.at_printer if session.stage in _AT_A_PRINTER else None
        # Which printer it is matters more than the number: that one stands on the card's page, too.
        detail = f"{word} · {at.name}" if at is not None else f"{session.holder.student_number} · {word}"
        mark = session.mark if several else None
        holder = session.holder
        return PersonRow(holder.id, holder.full_name, detail, _tone(session), mark=mark, picture=session.face)

    def _waiting_row(self, holder: Holder) -> PersonRow:
        missing = missing_for_card(holder)
        enrolment = holder.enrolment
        note = enrolment.faculty if enrolment else ""
        if missing:
            note = self.ui.text(N_("no e-mail")) if len(missing) == 1 and not holder.email else ""
            note = note or self.ui.text(N_("look at the data"))
        detail = " · ".join(part for part in (holder.student_number, note) if part)
        return PersonRow(holder.id, holder.full_name, detail, Tone.WARN if missing else None)

    def _card_row(self, done: CardToday) -> PersonRow:
        state = done.card.registration
        differs = done.at_router is not None and done.at_router.differs
        word = N_("look at the card") if differs else _REGISTRATION_WORDS[state]
        detail = f"{self.ui.tr_.time(done.card.issued_at)} · {self.ui.text(word)}"
        tone = Tone.WARN if differs else _REGISTRATION_TONES.get(state, Tone.OK)
        return PersonRow(done.holder.id, done.holder.full_name, detail, tone, picture=done.picture, faded=True)


def _tone(session: Session) -> Tone | None:
    if session.trouble is not None:
        return Tone.BUSY if session.trouble.calm else Tone.BAD
    if session.stage is Stage.DONE:
        return Tone.OK
    return Tone.BUSY if session.busy else Tone.WARN if session.needs_person else None
