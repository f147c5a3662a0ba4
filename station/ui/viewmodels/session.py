"""One person at the desk: from the check of the data to the card in hand."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from station.domain.card import Card
from station.domain.errors import Cancelled
from station.domain.holder import Holder
from station.domain.portrait import Portrait
from station.domain.workflow import Act, Cause, Issuance, State
from station.photo.portraits import PortraitShape
from station.ports.tasks import Lane, Tasks
from station.services.desk import Desk
from station.ui.viewmodels.camera import CameraModel
from station.ui.viewmodels.person import Record, informed, read_record
from station.ui.viewmodels.pictures import thumbnail
from station.ui.viewmodels.portrait import PortraitModel
from station.ui.viewmodels.preview import CardPreview
from station.ui.viewmodels.production import Production
from station.ui.viewmodels.stages import Offer, Stage, Todo, offers_at, stage_of
from station.ui.viewmodels.trouble import Trouble, trouble_for

_MOVING = (Stage.ENCODE, Stage.PRINT, Stage.ASK, Stage.VERIFY, Stage.HAND_OVER)


class Session(QObject):
    """Hold where one person's card stands and carry out what the operator says.

    ``changed`` says that anything shown may differ; ``left`` that the operator turns to somebody else (the ``Todo``
    says how); ``closed`` that the person can leave the list.
    """

    changed = Signal()
    stage_changed = Signal()
    closed = Signal()
    left = Signal(object)
    card_made = Signal(object)

    def __init__(self, desk: Desk, tasks: Tasks, camera: CameraModel, holder: Holder, mark: int) -> None:
        super().__init__()
        self._desk, self._tasks, self._camera = desk, tasks, camera
        self.holder, self.mark = holder, mark
        self._shown: tuple[Stage, bool, bool] = (Stage.CHECK, False, False)
        self.stage = Stage.CHECK
        self.issuance: Issuance | None = None
        self.card: Card | None = None
        self.record: Record | None = None
        self.trouble: Trouble | None = None
        self.progress: tuple[str, float] = ("", 0.0)
        self.attended = False
        self.language = "lv"
        self.face: QImage | None = None
        self.portrait = PortraitModel(holder.id, tasks, desk.clock, _shape(desk))
        self.preview = CardPreview(desk, tasks, holder)
        self.production = Production(desk, tasks)
        for signal in (self.portrait.failed, self.preview.failed):
            signal.connect(self._troubled)
        self.portrait.changed.connect(self._portrait_changed)
        self.preview.changed.connect(self.changed)
        self.production.progressed.connect(self._progressed)
        self.production.stepped.connect(self._stepped)
        self.production.failed.connect(self._failed)
        self.production.handed_over.connect(self._handed_over)
        self.changed.connect(self._tell_stage)
        self._load()

    # --- what is shown -------------------------------------------------------------------------------------------

    @property
    def busy(self) -> bool:
        """Say whether the station works for this person right now."""
        return self.production.busy

    @property
    def offers(self) -> tuple[Offer, ...]:
        """Return what can be done now, the main thing first."""
        if self.trouble is not None:
            return self.trouble.offers
        has_last = self.record is not None and self.record.last_portrait is not None
        return offers_at(self.stage, busy=self.busy, has_last_portrait=has_last)

    @property
    def needs_person(self) -> bool:
        """Say whether this card goes no further until somebody does something at the desk."""
        return self.trouble is not None or (self.stage in (*_MOVING, Stage.SPOILED) and not self.busy)

    @property
    def uses_chip(self) -> bool:
        """Say whether cards of this station carry a chip that is written."""
        return self._desk.chip_profile.needs_reader

    # --- what the operator says ----------------------------------------------------------------------------------

    def attend(self, attended: bool) -> None:
        """Say whether this person is the one on the screen; checking a card waits for that."""
        self.attended = attended
        if attended and self.stage is Stage.VERIFY and not self.busy and self.trouble is None:
            self._verify()
        elif not attended and self.stage is Stage.VERIFY and self.busy:
            self.production.cancel()

    def primary(self) -> Todo | None:
        """Return the main thing to do now, ``None`` when the station is at work."""
        return next((offer.todo for offer in self.offers if offer.primary), None)

    def by_key(self, key: str) -> Todo | None:
        """Return what a key does now."""
        return next((offer.todo for offer in self.offers if offer.key == key), None)

    def do(self, todo: Todo) -> None:
        """Carry out one of the ``offers``; anything else is ignored."""
        if todo not in [offer.todo for offer in self.offers]:
            return
        if todo in (Todo.LATER, Todo.NEXT):
            self.left.emit(todo)
            return
        self.trouble = None
        actions = {
            Todo.CONFIRM_DATA: self._confirm_data,
            Todo.SHUTTER: self._shutter,
            Todo.LAST_PORTRAIT: self._take_last,
            Todo.ACCEPT_PORTRAIT: self._accept,
            Todo.RETAKE: self._retake,
            Todo.MAKE: self._encode,
            Todo.STOP: self._stop,
            Todo.RETRY: self._retry,
            Todo.CAME_OUT: lambda: self._confirm(came_out=True),
            Todo.NOTHING_CAME_OUT: lambda: self._confirm(came_out=False),
            Todo.SPOIL: self._spoil,
            Todo.HAND_OVER: self._hand_over,
            Todo.CARD_AGAIN: self._again,
            Todo.GIVE_UP: self._give_up,
        }
        action = actions.get(todo)
        if action is not None:
            action()
        self.changed.emit()

    def take_file(self, path: Path) -> None:
        """Take the portrait from a picture file."""
        if self.stage in (Stage.PHOTO, Stage.CROP):
            self.trouble = None
            self.portrait.take_file(path)

    # --- the path ------------------------------------------------------------------------------------------------

    def _load(self) -> None:
        self._tasks.run(
            Lane.LOOKUP, lambda _c: read_record(self._desk, self.holder), done=self._loaded, failed=self._troubled
        )
        self.preview.draft()

    def _loaded(self, record: Record) -> None:
        self.record = record
        if record.open_issuance is not None and self.issuance is None:
            self.face = thumbnail(record.portrait.image) if record.portrait else None
            self._go_to(record.open_issuance)
        self.changed.emit()

    def _confirm_data(self) -> None:
        desk, holder, language = self._desk, self.holder, self.language
        self.production.run(lambda: _begun(desk, holder, language))

    def _shutter(self) -> None:
        frame = self._camera.newest
        if frame is not None:
            self.portrait.take(frame)

    def _take_last(self) -> None:
        if self.record is not None and self.record.last_portrait is not None:
            self.portrait.take_last(self.record.last_portrait)

    def _portrait_changed(self) -> None:
        if self.portrait.has_still and self.stage in (Stage.PHOTO, Stage.CROP):
            self.stage = Stage.CROP
            self.preview.draft(self.issuance.escn if self.issuance else "", self.portrait.cutter())
        self.changed.emit()

    def _accept(self) -> None:
        issuance = self.issuance
        if issuance is None or not self.portrait.has_still:
            return
        cut = self.portrait.cutter()
        self.production.run(lambda: self._kept(issuance, cut()), issuance)

    def _kept(self, issuance: Issuance, portrait: Portrait) -> Issuance:
        """Keep the portrait; on the work lane."""
        after = self._desk.accept_portrait(issuance, portrait)
        self.face = thumbnail(portrait.image)
        return after

    def _retake(self) -> None:
        self.portrait.drop()
        self.stage = Stage.PHOTO
        self.preview.draft(self.issuance.escn if self.issuance else "")

    def _encode(self) -> None:
        if self.issuance is not None:
            self.stage = Stage.ENCODE
            self.production.encode(self.issuance)

    def _stop(self) -> None:
        if self.production.busy:
            self.production.cancel()
        elif self.issuance is not None:
            self._go_to(self.issuance)
            if self.stage is Stage.ENCODE:
                self.stage = Stage.REVIEW

    def _retry(self) -> None:
        """Go on from where it stopped, whatever that was."""
        issuance = self.issuance
        if issuance is None:
            self._confirm_data()
        elif self.stage is Stage.CROP:
            self._accept()
        elif self.stage is Stage.ENCODE:
            self._encode()
        elif self.stage in (Stage.PRINT, Stage.ASK):
            self._print()
        elif self.stage is Stage.VERIFY:
            self._verify()
        elif self.stage is Stage.HAND_OVER:
            self._hand_over()
        else:
            self._go_to(issuance)

    def _print(self) -> None:
        issuance, card = self.issuance, self.preview.final
        if issuance is None:
            return
        if issuance.pending is Act.PRINT:
            self.stage = Stage.PRINT
            self.production.print_on(issuance)
        elif card is not None:
            self.stage = Stage.PRINT
            self.production.print_card(issuance, card)

    def _confirm(self, *, came_out: bool) -> None:
        if self.issuance is not None:
            self.production.confirm(self.issuance, came_out=came_out)

    def _verify(self) -> None:
        if self.issuance is not None:
            self.production.verify(self.issuance)
            self.changed.emit()

    def _spoil(self) -> None:
        if self.issuance is None:
            return
        if self.production.busy:
            self.production.cancel()
        self.production.spoil(self.issuance, Cause.MISPRINT if self.issuance.prints else Cause.CHIP_FAILED)

    def _hand_over(self) -> None:
        if self.issuance is not None:
            self.production.hand_over(self.issuance)

    def _again(self) -> None:
        if self.issuance is not None:
            self.production.begin_again(self.issuance)

    def _give_up(self) -> None:
        if self.issuance is not None:
            self.production.give_up(self.issuance)

    def _tell_stage(self) -> None:
        shown = (self.stage, self.busy, self.trouble is not None)
        if shown != self._shown:
            self._shown = shown
            self.stage_changed.emit()

    # --- what the services say -----------------------------------------------------------------------------------

    def _progressed(self, step: str, share: float) -> None:
        self.progress = (step, share)
        self.changed.emit()

    def _stepped(self, issuance: Issuance) -> None:
        self.progress = ("", 0.0)
        self._go_to(issuance)
        if issuance.state is State.ABANDONED:
            self.closed.emit()
            return
        if self.stage is Stage.PRINT and not self.uses_chip and issuance.prints == 0:
            self._print()  # nobody has to carry the card from the reader to the printer
        elif self.stage is Stage.VERIFY and self.attended:
            self._verify()
        self.changed.emit()

    def _go_to(self, issuance: Issuance) -> None:
        self.issuance = issuance
        self.stage = stage_of(issuance)
        if self.stage in (Stage.REVIEW, Stage.ENCODE, *_MOVING):
            if self.preview.final is None:
                self.preview.finish(issuance)
        elif self.stage is Stage.PHOTO and not self.portrait.has_still:
            self.preview.draft(issuance.escn)

    def _failed(self, error: Exception, issuance: Issuance | None) -> None:
        self.progress = ("", 0.0)
        if issuance is not None:
            self.issuance = issuance
        if not isinstance(error, Cancelled):
            self._troubled(error)
        elif self.stage is Stage.ENCODE:
            self.stage = Stage.REVIEW
        self.changed.emit()

    def _troubled(self, error: Exception) -> None:
        self.trouble = trouble_for(error, self.stage)
        self.changed.emit()

    def _handed_over(self, card: Card) -> None:
        self.card = card
        self.stage = Stage.DONE
        self.card_made.emit(card)
        self.changed.emit()


def _begun(desk: Desk, holder: Holder, language: str) -> Issuance:
    """Begin the card and note that the holder was told what is done with their data; on the work lane."""
    issuance = desk.begin(holder)
    informed(desk, holder, language)
    return issuance


def _shape(desk: Desk) -> PortraitShape:
    from station.domain.layout import Photo

    photo = next((e for side in desk.making.layout.sides for e in side if isinstance(e, Photo)), None)
    return PortraitShape(photo.box.width_mm / photo.box.height_mm) if photo else PortraitShape()

