"""What is known of one person at the desk, and what can be done for them now."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from station.domain.card import Card
from station.domain.holder import Holder
from station.domain.workflow import Issuance
from station.ports.tasks import Tasks
from station.services.capture import CameraReport
from station.services.desk import Desk
from station.services.printer_pool import AtPrinter
from station.ui.viewmodels.at_printer import PrinterChoice
from station.ui.viewmodels.claim import Claim
from station.ui.viewmodels.person import Record
from station.ui.viewmodels.portrait import PortraitModel
from station.ui.viewmodels.preview import CardPreview
from station.ui.viewmodels.production import Production
from station.ui.viewmodels.sources import SourcesModel
from station.ui.viewmodels.stages import Background, Offer, Stage, Todo, offers_at
from station.ui.viewmodels.trouble import Trouble

MOVING = (Stage.ENCODE, Stage.PRINT, Stage.ASK, Stage.VERIFY, Stage.HAND_OVER)
"""From the first touch of the plastic to the hand-over."""


class SessionState(QObject):
    """Hold where one person's card stands.

    ``changed`` says that anything shown may differ; ``left`` that the operator turns to somebody else (the ``Todo``
    says how); ``closed`` that the person can leave the list.
    """

    changed = Signal()
    stage_changed = Signal()
    closed = Signal()
    left = Signal(object)
    card_made = Signal(object)

    def __init__(self, desk: Desk, tasks: Tasks, holder: Holder, mark: int) -> None:
        super().__init__()
        self._desk, self._tasks = desk, tasks
        self.holder, self.mark = holder, mark
        self._shown: tuple[Stage, bool, bool, Background] = (Stage.CHECK, False, False, Background.OWN)
        self._plain_kept = False
        self.stage = Stage.CHECK
        self.issuance: Issuance | None = None
        self.card: Card | None = None
        self.record: Record | None = None
        self.trouble: Trouble | None = None
        self.progress: tuple[str, float] = ("", 0.0)
        self.attended = False
        self.shows_qr = False
        self.camera_away = False
        self.more_below = False
        self.notice_shown = False
        self.language = "lv"
        self.face: QImage | None = None
        self.portrait = PortraitModel(
            holder.id, tasks, desk.clock, desk.making.for_holder(holder).portrait_shape, backgrounds=desk.backgrounds
        )
        self.sources = SourcesModel(desk, tasks, holder)
        self.claim = Claim(desk, tasks, holder)
        self.preview = CardPreview(desk, tasks, holder)
        self.production = Production(desk, tasks)
        self.printers = PrinterChoice(desk, tasks)
        self.changed.connect(self._tell_stage)

    def note_record(self, record: Record) -> None:
        """Note what is kept of this person now; the path stays where it is."""
        self.record = record
        self.changed.emit()

    @property
    def busy(self) -> bool:
        """Say whether the station works for this person right now."""
        return self.production.busy

    @property
    def offers(self) -> tuple[Offer, ...]:
        """Return what can be done now, the main thing first."""
        if self.trouble is not None:
            return self.trouble.offers
        return offers_at(
            self.stage,
            busy=self.busy,
            camera_away=self.camera_away,
            more_below=self.more_below,
            background=self.background,
        )

    @property
    def at_printer(self) -> AtPrinter | None:
        """Return which of several printers has the card or is to get it; ``None`` where there is but one."""
        return self.printers.of(self.issuance)

    @property
    def background(self) -> Background:
        """Return where the plain background stands: of the still, or of the portrait that was kept."""
        if self.stage is Stage.CROP:
            return self.portrait.background.state
        return Background.PLAIN if self._plain_kept else Background.OWN

    @property
    def needs_person(self) -> bool:
        """Say whether this card goes no further until somebody does something at the desk."""
        return self.trouble is not None or (self.stage in (*MOVING, Stage.SPOILED) and not self.busy)

    def see_camera(self, report: CameraReport | None) -> None:
        """Note whether the camera gives pictures; a file does instead."""
        away = report is not None and report.error is not None
        if away is not self.camera_away:
            self.camera_away = away
            self.changed.emit()

    def show_check(self, *, whole: bool) -> None:
        """Note how much of the data check was in sight: ``whole`` once its end was, with what people are told."""
        self.notice_shown = self.notice_shown or whole
        if self.more_below is self.notice_shown:
            self.more_below = not self.notice_shown
            self.changed.emit()

    @property
    def uses_chip(self) -> bool:
        """Say whether cards of this station carry a chip that is written."""
        return self._desk.chip_profile.needs_reader

    @property
    def one_pass(self) -> bool:
        """Say whether the printer writes the chip and prints, without anybody carrying the card."""
        return self._desk.one_pass is not None

    def primary(self) -> Todo | None:
        """Return the main thing to do now, ``None`` when the station is at work."""
        return next((offer.todo for offer in self.offers if offer.primary), None)

    def by_key(self, key: str) -> Todo | None:
        """Return what a key does now."""
        return next((offer.todo for offer in self.offers if offer.key == key), None)

    def _choose_printer(self) -> None:
        """Find out where the card is to be carried, where there are several printers."""
        issuance, card = self.issuance, self.preview.final(self.issuance)
        to_carry = self.stage is Stage.PRINT and self.uses_chip and not self.busy
        if to_carry and issuance is not None and issuance.pending is None and card is not None:
            self.printers.ask(issuance, card)

    def _tell_stage(self) -> None:
        # Apart from changed, which comes with all progress: whoever hears this one moves the keyboard.
        shown = (self.stage, self.busy, self.trouble is not None, self.background)
        if shown != self._shown:
            self._shown = shown
            self.stage_changed.emit()
