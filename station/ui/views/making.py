"""The making: what to do with the card in hand, how far each device is, and what can be done meanwhile."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from station.domain.card import Registration
from station.domain.errors import N_
from station.services.notice import PROMISE
from station.ui.context import Ui
from station.ui.theme.tokens import INSTRUCTION, TROUBLE
from station.ui.viewmodels.desk import DeskModel
from station.ui.viewmodels.devices import DevicesModel
from station.ui.viewmodels.session import Session
from station.ui.viewmodels.stages import Stage
from station.ui.views.steps import has_begun, making_steps
from station.ui.views.trouble import TroublePanel
from station.ui.widgets.banner import Banner, bold
from station.ui.widgets.base import View, arrange
from station.ui.widgets.camera_view import CameraCaptions, CameraView
from station.ui.widgets.icon import Pictogram
from station.ui.widgets.labels import Text
from station.ui.widgets.panel import Panel
from station.ui.widgets.progress import ProgressBar
from station.ui.widgets.steps import StepList


@dataclass(frozen=True, slots=True)
class _Now:
    drawing: str
    title: str
    words: str
    ok: bool = False


_NOW = {
    (Stage.ENCODE, True): _Now(
        "reader", N_("Put a blank card on the reader"), N_("Leave it there: the chip is written, then read back.")
    ),
    (Stage.ENCODE, False): _Now("reader", N_("The chip is not written yet"), N_("Press Enter to go on.")),
    (Stage.PRINT, True): _Now("printer", N_("The card is being printed"), N_("Nothing to do here until it comes out.")),
    (Stage.PRINT, False): _Now(
        "printer",
        N_("Put this card into the printer"),
        N_("The chip is written. Take the card off the reader, lay it into the feeder and press Enter."),
    ),
    (Stage.ASK, True): _Now("printer", N_("The card is being printed"), N_("Nothing to do here until it comes out.")),
    (Stage.ASK, False): _Now(
        "question", N_("Did the card come out?"), N_("This printer can't tell. Look at the card: is it printed well?")
    ),
    (Stage.VERIFY, True): _Now(
        "reader",
        N_("Put the finished card on the reader"),
        N_("The station checks that chip, QR and record agree, so that nobody gets another's card."),
    ),
    (Stage.VERIFY, False): _Now("reader", N_("The card is not checked yet"), N_("Press Enter to check it.")),
    (Stage.HAND_OVER, False): _Now("check", N_("The card is right"), N_("Hand it to {name} and press Enter."), ok=True),
    (Stage.HAND_OVER, True): _Now("check", N_("The card is right"), N_("It is being recorded."), ok=True),
    (Stage.DONE, False): _Now("hand", N_("{name} has the card"), N_("It is valid until {date}."), ok=True),
    (Stage.SPOILED, False): _Now(
        "spoiled",
        N_("This card is spoiled"),
        N_("Put it aside for destruction. The new card gets a new number; data and photo are kept."),
    ),
}

_SAME_CARD = _Now(
    "reader",
    N_("Put the same card back on the reader"),
    N_("The number may be on its chip already, so only this card can go on. It is read and finished."),
)


_ONE_PASS = {
    (Stage.ENCODE, True): _Now(
        "printer",
        N_("The printer makes the card"),
        N_("It takes a blank, writes the chip and prints. Nothing to do here until the card comes out."),
    ),
    (Stage.PRINT, True): _Now("printer", N_("The card is being printed"), N_("Nothing to do here until it comes out.")),
    (Stage.ENCODE, False): _Now(
        "printer",
        N_("The card is not finished"),
        N_("Press Enter: the printer looks what is on the card, and goes on."),
    ),
    (Stage.PRINT, False): _Now(
        "printer",
        N_("This card is not printed yet"),
        N_("Its chip is written. Press Enter if it is in the printer; else lay it into the feeder first, on its own."),
    ),
}
"""What is said where the printer writes the chip, too."""

_AT = {
    (Stage.PRINT, False): N_("It goes to {printer}."),
    (Stage.PRINT, True): N_("It is in {printer}."),
    (Stage.ASK, False): N_("It was given to {printer}."),
    (Stage.ASK, True): N_("It is in {printer}."),
    (Stage.VERIFY, False): N_("It came out of {printer}."),
    (Stage.VERIFY, True): N_("It came out of {printer}."),
}
_MOVED = N_("{other} can't go on. The card of {name} is in {printer} now.")
"""Which of several printers it is: said wherever somebody would look for a card, or bring one."""


class MakingView(View):
    """Everything after “Make the card”. ``wanted`` comes from the trouble panel."""

    wanted = Signal(object)

    def __init__(self, ui: Ui, desk: DeskModel, devices: DevicesModel, parent: QWidget | None = None) -> None:
        super().__init__(ui, parent)
        self.desk, self.devices = desk, devices
        self.trouble = TroublePanel(ui, self)
        self.trouble.wanted.connect(self.wanted)
        self._now = Panel(ui, parent=self)
        self._drawing = Pictogram(ui, 72, self._now)
        self._title = Text(ui, TROUBLE, parent=self._now)
        self._title.setObjectName("nowTitle")
        self._words = Text(ui, INSTRUCTION, "muted", parent=self._now)
        self._where = Text(ui, INSTRUCTION, parent=self._now)
        self._where.setObjectName("atPrinter")
        self._bar = ProgressBar(ui, self._now)
        self._camera = CameraView(ui, self._now)
        self._camera.setFixedSize(236, 150)
        self._camera.hide()
        row = self._row = arrange(QHBoxLayout(self._now), (24, 22, 24, 22), gap=20)
        row.addWidget(self._drawing)
        words = arrange(QVBoxLayout(), gap=6)
        words.addWidget(self._title)
        words.addWidget(self._where)
        words.addWidget(self._words)
        words.addWidget(self._bar)
        row.addLayout(words, 1)
        row.addWidget(self._camera)
        desk.camera.frame_came.connect(self._frame_came)
        self._steps = StepList(ui, wide=True, parent=self)
        self.meanwhile = Banner(ui, self)
        above = arrange(QVBoxLayout(), (8, 4, 8, 0))
        above.addWidget(self._now)
        below = arrange(QVBoxLayout(), (8, 6, 8, 0), gap=12)
        below.addWidget(self._steps)
        below.addStretch(1)
        below.addWidget(self.meanwhile)
        column = arrange(QVBoxLayout(self))
        column.addLayout(above)
        column.addWidget(self.trouble)
        column.addLayout(below, 1)
        for signal in (desk.people_changed, devices.changed):
            signal.connect(self._maybe_refresh)

    def set_low(self, low: bool) -> None:
        """Spare room around what is said, where there is little height."""
        self._row.setContentsMargins(*((16, 10, 16, 10) if low else (24, 22, 24, 22)))
        self.trouble.set_low(low)

    def refresh(self) -> None:
        session = self.desk.current
        if session is None:
            return
        self.trouble.show_trouble(session.trouble)
        self._now.setVisible(session.trouble is None)
        self._show_now(session)
        printer, at = self.devices.of("printer"), session.at_printer
        name = at.name if at is not None else printer.name if printer is not None else ""
        self._steps.show_steps(
            making_steps(
                session,
                self.ui.tr_,
                offline=self.devices.offline,
                printer=name,
                at_router=self.desk.at_router(session.card) if session.card else None,
            )
        )
        self._show_meanwhile(session)

    def _maybe_refresh(self) -> None:
        # Hidden, it is shown anew when it is turned to: a card in work tells of each command.
        if self.isVisible():
            self.refresh()

    def _show_now(self, session: Session) -> None:
        where = (session.stage, session.busy)
        now = _ONE_PASS.get(where) if session.one_pass and session.uses_chip else None
        now = now or _NOW.get(where) or _NOW.get((session.stage, False))
        if now is None:
            return
        # The words for a blank would have somebody lay another card on the reader.
        if session.stage is Stage.ENCODE and has_begun(session) and not session.one_pass:
            now = _SAME_CARD
        name = session.holder.full_name
        day = session.card.expires_on if session.card else None
        self._title.setText(self.ui.text(now.title, name=name))
        words = self.ui.text(now.words, name=name, date=self.ui.tr_.date(day))
        self._words.setText(f"{words} {self._promise(session)}".strip())
        self._show_printer(session)
        spoiled = session.stage is Stage.SPOILED
        ink = "ok" if now.ok else "bad" if spoiled else "accent"
        self._drawing.show_drawing(now.drawing, ink, f"{ink}_weak")
        self._camera.setVisible(session.shows_qr)
        self._camera.show_captions(CameraCaptions(saying=self.ui.text(N_("Show the QR here"))))
        _, share = session.progress
        self._bar.setVisible(session.busy and share > 0)
        self._bar.set_share(share)
        self._bar.setAccessibleName(self.ui.text(N_("Progress")))

    def _show_printer(self, session: Session) -> None:
        """Say which of several printers has the card, and when another one has it than before."""
        at, said = session.at_printer, _AT.get((session.stage, session.busy))
        self._where.setVisible(at is not None and said is not None)
        if at is None or said is None:
            return
        moved = bool(at.instead_of) and session.stage is Stage.PRINT and session.busy
        text = _MOVED if moved else said
        self._where.set_colour("warn" if moved else "text")
        name = session.holder.full_name
        self._where.setText(self.ui.text(text, printer=at.name, other=at.instead_of, name=name))

    def _promise(self, session: Session) -> str:
        """Return what the student is to be told whose card waits for its registration, else nothing."""
        if not self.promises(session):
            return ""
        return self.ui.text(N_("Tell the student: {promise}"), promise=self.ui.text(PROMISE))

    def promises(self, session: Session) -> bool:
        """Say whether the student is promised that the registration follows by itself."""
        at_router = self.desk.at_router(session.card) if session.card is not None else None
        if session.stage is not Stage.DONE or not self.devices.offline or at_router is None:
            return False
        return at_router.registration is Registration.QUEUED

    def _frame_came(self) -> None:
        if self._camera.isVisible():
            self._camera.show_frame(self.desk.camera.image)

    def _show_meanwhile(self, session: Session) -> None:
        name = self.desk.next_name
        waits = session.busy or session.trouble is not None
        self.meanwhile.setVisible(bool(name) and waits)
        if name:
            said = N_("While you wait: {name} is next and can be photographed already")
            self.meanwhile.show_text(self.ui.text(said, name=bold(name)), "N")
