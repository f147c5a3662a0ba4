"""One person at the desk: from the check of the data to the card in hand."""

from __future__ import annotations

from collections.abc import Callable

from station.domain.card import Card
from station.domain.errors import Cancelled
from station.domain.holder import Holder
from station.domain.workflow import Act, Cause, Issuance, State
from station.ports.tasks import Lane, Tasks
from station.services.desk import Desk
from station.ui.viewmodels.camera import CameraModel
from station.ui.viewmodels.person import Record, informed
from station.ui.viewmodels.pictures import thumbnail
from station.ui.viewmodels.session_photo import PhotoSession
from station.ui.viewmodels.session_state import MOVING
from station.ui.viewmodels.stages import PRINTER_STEPS, Stage, Todo, stage_of


class Session(PhotoSession):
    """Carry out what the operator says for one person, and follow what the services answer."""

    def __init__(self, desk: Desk, tasks: Tasks, camera: CameraModel, holder: Holder, mark: int) -> None:
        super().__init__(desk, tasks, camera, holder, mark)
        self._qr_text: str | None = None
        self._spoil_next = False
        self._goes_on_when_drawn = False
        self.preview.failed.connect(self._troubled)
        self.preview.changed.connect(self._drawn)
        self.printers.changed.connect(self.changed)
        self.production.progressed.connect(self._progressed)
        self.production.stepped.connect(self._stepped)
        self.production.failed.connect(self._failed)
        self.production.handed_over.connect(self._handed_over)
        self._load()

    # --- what the operator says ----------------------------------------------------------------------------------

    def attend(self, attended: bool) -> None:
        """Say whether this person is the one on the screen; checking a card waits for that."""
        self.attended = attended
        if attended and self.stage is Stage.VERIFY and not self.busy and self.trouble is None:
            self._verify()
        # Whoever is served now may lay their own card on the reader, and it would be compared with this record.
        elif not attended and self.stage is Stage.VERIFY and self.busy:
            self.production.cancel()

    def do(self, todo: Todo) -> None:
        """Carry out one of the ``offers``; anything else is ignored."""
        # A key may be late: the screen it was meant for is gone, and what it would do is not offered any more.
        if todo not in [offer.todo for offer in self.offers]:
            return
        if todo in (Todo.LATER, Todo.NEXT):
            self.left.emit(todo)
            return
        # Whoever does anything else has thought better of the photo that was about to be accepted.
        self.trouble, self._accepts_when_found = None, False
        actions = {
            Todo.CONFIRM_DATA: self._confirm_data,
            Todo.SHUTTER: self._shutter,
            Todo.ACCEPT_PORTRAIT: self._accept,
            Todo.RETAKE: self._retake,
            Todo.PLAIN_BACKGROUND: self.portrait.make_plain,
            Todo.TAKE_BACKGROUND: self.portrait.background.take,
            Todo.OWN_BACKGROUND: self._own_background,
            Todo.MAKE: self._encode,
            Todo.STOP: self._stop,
            Todo.RETRY: self._retry,
            Todo.CAME_OUT: lambda: self._confirm(came_out=True),
            Todo.NOTHING_CAME_OUT: lambda: self._confirm(came_out=False),
            Todo.CAME_OUT_BLANK: lambda: self._confirm(came_out=False, unprinted=True),
            Todo.SPOIL: self._spoil,
            Todo.BLANK_SPOILED: self._with(self.production.blank_spoiled),
            Todo.HAND_OVER: self._with(self.production.hand_over),
            Todo.CARD_AGAIN: self._with(self.production.begin_again),
            Todo.GIVE_UP: self._with(self.production.give_up),
            Todo.SHOW_QR: self._show_qr,
        }
        action = actions.get(todo)
        if action is not None:
            action()
        self.changed.emit()

    def qr_seen(self, text: str) -> None:
        """Go on with what the camera read from the card: it says that it was printed, and whose it is."""
        if not self.shows_qr or self.issuance is None:
            return
        self.shows_qr = False
        if self.stage is Stage.ASK:
            self.production.settle_print(self.issuance, text)
        elif self.stage is Stage.VERIFY:
            self._qr_text = text
            if self.busy:
                self.production.cancel()  # the check begins anew, with this text
            else:
                self._verify()
        self.changed.emit()

    def printers_heard(self) -> None:
        """Go on at a printer that is well, if the card waits untouched at one that is not."""
        if self.trouble is not None and not self.busy and self.printers.goes_on_elsewhere(self.issuance):
            self.do(Todo.RETRY)

    # --- the path ------------------------------------------------------------------------------------------------

    def _load(self) -> None:
        self._read()
        self.preview.draft()
        self.sources.refresh()

    def _read(self) -> None:
        self._tasks.run(Lane.LOOKUP, lambda _c: self.claim.read(), done=self._loaded, failed=self._troubled)

    def look_again(self) -> None:
        """Read the record anew, because another desk has written something of this person."""
        if self.stage is Stage.CHECK and not self.busy and (self.trouble is None or not self.claim.held):
            self.trouble = None
            self._read()

    def _loaded(self, record: Record) -> None:
        self.record = record
        if record.open_issuance is not None and self.issuance is None:
            self.face = thumbnail(record.portrait.image) if record.portrait else None
            self._plain_kept = record.portrait is not None and record.portrait.natural is not None
            self._go_to(record.open_issuance)
        self.changed.emit()

    def _confirm_data(self) -> None:
        desk, holder = self._desk, self.holder
        told_in = self.language if self.notice_shown else None
        self.production.run(lambda: _begun(desk, holder, told_in))

    def _retake(self) -> None:
        self._goes_on_when_drawn = False
        self.portrait.drop()
        self.stage = Stage.PHOTO
        self.preview.draft(self.issuance.escn if self.issuance else "")

    def _encode(self) -> None:
        if self.issuance is None:
            return
        card = self.preview.final(self.issuance)
        if card is None:
            self._draw_first(self.issuance)  # no chip is written for a card that can't be drawn
            return
        self.stage = Stage.ENCODE
        if self.one_pass:
            self.production.make_in_printer(self.issuance, card)
        else:
            self.production.encode(self.issuance, card)

    def _draw_first(self, issuance: Issuance) -> None:
        """Draw the card and go on by itself: the key was pressed before the picture was ready."""
        self._goes_on_when_drawn = True
        self.preview.finish(issuance)

    def _drawn(self) -> None:
        if self._goes_on_when_drawn and self.preview.final(self.issuance) is not None:
            self._goes_on_when_drawn = False
            if self.stage in (Stage.REVIEW, Stage.ENCODE):
                self._encode()
            elif self.stage is Stage.PRINT:
                self._print()
        self._choose_printer()
        self.changed.emit()

    def _stop(self) -> None:
        self._goes_on_when_drawn = False
        if self.production.busy:
            self.production.cancel()
        elif self.issuance is not None:
            self._go_to(self.issuance)
            if self.stage is Stage.ENCODE:
                self.stage = Stage.REVIEW

    def _retry(self) -> None:
        """Go on from where it stopped, whatever that was."""
        issuance = self.issuance
        refused, self._picture_refused = self._picture_refused, False
        if not self.claim.held:
            self._read()
        elif issuance is None:
            self._confirm_data()
        elif self.stage is Stage.CROP:
            if not refused:  # else the still that was there before is only shown again
                self._accept()
        elif self.stage is Stage.ENCODE:
            self._encode()
        elif self.stage in (Stage.PRINT, Stage.ASK):
            self._print()
        elif self.stage is Stage.VERIFY:
            self._verify()
        elif self.stage is Stage.HAND_OVER:
            self.production.hand_over(issuance)
        else:
            self._go_to(issuance)

    def _print(self) -> None:
        issuance, card = self.issuance, self.preview.final(self.issuance)
        if issuance is None:
            return
        if issuance.pending is Act.PRINT:
            self.stage = Stage.PRINT
            self.production.print_on(issuance)
        elif card is not None:
            self.stage = Stage.PRINT
            if self.one_pass:
                self.production.make_in_printer(issuance, card)
            else:
                self.production.print_card(issuance, card)
        else:
            self._draw_first(issuance)

    def _confirm(self, *, came_out: bool, unprinted: bool = False) -> None:
        if self.issuance is not None:
            self.production.confirm(self.issuance, came_out=came_out, unprinted=unprinted)

    def _verify(self) -> None:
        if self.issuance is not None:
            # Read once, used once: the next check reads the card anew.
            text, self._qr_text = self._qr_text, None
            printed = self.preview.final(self.issuance)
            self.production.verify(self.issuance, text or (printed.qr if printed else None))
            self.changed.emit()

    def _show_qr(self) -> None:
        self.shows_qr = not self.shows_qr

    def _spoil(self) -> None:
        if self.issuance is None:
            return
        self._qr_text = None
        if self.production.busy:
            self._spoil_next = True  # when the step under way has ended
            self.production.cancel()
            return
        self.production.spoil(self.issuance, Cause.MISPRINT if self.issuance.prints else Cause.CHIP_FAILED)

    def _with(self, act: Callable[[Issuance], None]) -> Callable[[], None]:
        return lambda: act(self.issuance) if self.issuance is not None else None

    # --- what the services say -----------------------------------------------------------------------------------

    def _progressed(self, step: str, share: float) -> None:
        self.progress = (step, share)
        if self.one_pass and self.stage in (Stage.ENCODE, Stage.PRINT):
            self.stage = Stage.PRINT if step in PRINTER_STEPS else Stage.ENCODE
        self.changed.emit()

    def _stepped(self, issuance: Issuance) -> None:
        self.progress = ("", 0.0)
        if self._takes_spoiling(issuance):
            return
        self._go_to(issuance)
        if issuance.state is State.ABANDONED:
            self.closed.emit()
            return
        if self.stage is Stage.PRINT and not self.uses_chip and issuance.prints == 0:
            self._print()  # nobody has to carry the card from the reader to the printer
        elif self.stage is Stage.VERIFY and self.attended:
            self._verify()
        self.changed.emit()

    def _takes_spoiling(self, issuance: Issuance | None) -> bool:
        """Spoil the card now, if that was asked while another step was under way; say so."""
        asked, self._spoil_next = self._spoil_next, False
        if asked and issuance is not None and issuance.physical:
            self.issuance = issuance
            self._spoil()
            return True
        return False

    def _go_to(self, issuance: Issuance) -> None:
        # Another card: what the camera read from the one before says nothing of it.
        if self.issuance is not None and self.issuance.id != issuance.id:
            self._qr_text = None
        if self.issuance is not None and self.issuance.portrait_id != issuance.portrait_id:
            self.preview.forget()
        self.issuance = issuance
        self.stage = stage_of(issuance)
        if self.stage not in (Stage.PHOTO, Stage.CROP) and self.portrait.has_still:
            self.portrait.drop()  # what was not cut out of it is nobody's business any more
        if self.stage in (Stage.REVIEW, Stage.ENCODE, *MOVING):
            if self.preview.final(issuance) is None:
                self.preview.finish(issuance)
        elif self.stage is Stage.PHOTO and not self.portrait.has_still:
            self.preview.draft(issuance.escn)
        self._choose_printer()

    def _failed(self, error: Exception, issuance: Issuance | None) -> None:
        self.progress = ("", 0.0)
        if issuance is not None:
            self._stands(issuance)
        if self._takes_spoiling(self.issuance):
            return
        if not isinstance(error, Cancelled):
            self._troubled(error)
        elif self.stage is Stage.ENCODE:
            self.stage = Stage.REVIEW
        # It was cancelled to begin anew with what the camera has read.
        elif self.stage is Stage.VERIFY and self._qr_text is not None and self.attended:
            self._verify()
        self.changed.emit()

    def _stands(self, issuance: Issuance) -> None:
        """Note how the card stands after a failure; in one pass it may have got further, or be another one."""
        if self.issuance is not None and self.issuance.id != issuance.id:
            self._go_to(issuance)
        self.issuance = issuance
        if self.one_pass and self.stage in (Stage.ENCODE, Stage.PRINT, Stage.REVIEW):
            self.stage = Stage.ENCODE if issuance.state is State.CAPTURED else Stage.PRINT

    def _handed_over(self, card: Card) -> None:
        self.card = card
        self.stage = Stage.DONE
        self.card_made.emit(card)
        self.changed.emit()


def _begun(desk: Desk, holder: Holder, told_in: str | None) -> Issuance:
    """Begin the card; note that the holder was told, if the words for it were on the screen. On the work lane."""
    issuance = desk.begin(holder)
    if told_in is not None:
        informed(desk, holder, told_in)
    return issuance
