"""Trouble as data: what happened, what is safe, the steps, one button that goes on, and the ways around."""

from __future__ import annotations

from station.domain.errors import (
    N_,
    CardAbsentError,
    CardRemovedError,
    ChipError,
    ChipMismatchError,
    ClaimedError,
    InputError,
    PortraitError,
    PrinterBusyError,
    PrinterChangedError,
    PrinterError,
    PrinterMissingError,
    PrinterTroubleError,
    PrintJobLostError,
    ReaderError,
    StationError,
)
from station.domain.message import Message
from station.ui.viewmodels.printer_trouble import (
    SAFE,
    SAFE_BLANK,
    SAFE_BLANKS,
    SAFE_WITHOUT_CHIP,
    Trouble,
    lost_job,
    picture_of,
    printer_trouble,
)
from station.ui.viewmodels.stages import ENTER, ESC, OPEN, Offer, Stage, Todo

__all__ = ["Trouble", "trouble_for"]


def trouble_for(error: Exception, stage: Stage, *, job_waits: bool = True, chip: bool = True) -> Trouble:
    """Return what to say about ``error``, which came up at ``stage``.

    ``job_waits`` says that a print was begun, ``chip`` that the card has one.
    """
    said = error if isinstance(error, StationError) else StationError(detail=type(error).__name__)
    if isinstance(said, PrinterTroubleError):
        waits = job_waits and stage is not Stage.ENCODE
        return printer_trouble(said, None if waits else _offers(said, stage), chip=chip)
    if isinstance(said, PrintJobLostError):
        return lost_job()
    return Trouble(
        title=Message(said.what, said.params),
        safe=_safe(said, stage, chip=chip),
        steps=(Message(said.todo, said.params),) if said.todo else (),
        offers=_offers(said, stage),
        short=_short(said, stage),
        calm=isinstance(said, CardAbsentError | PrinterBusyError | ClaimedError),
        picture=picture_of(said),
    )


def _safe(error: StationError, stage: Stage, *, chip: bool) -> Message:
    # First of all: whatever went wrong, the number is bound to this piece of plastic.
    if error.written:
        return Message(N_("The number is on this chip already: only this card can go on. Nothing is lost."))
    if isinstance(error, PrinterError):
        return Message(SAFE_BLANK if stage is Stage.ENCODE else SAFE if chip else SAFE_WITHOUT_CHIP)
    if isinstance(error, ChipError) and picture_of(error):
        return Message(SAFE_BLANKS)
    if isinstance(error, ChipMismatchError) or stage is Stage.VERIFY:
        return Message(N_("Don't hand this card over yet. Nothing was changed on it."))
    if isinstance(error, ReaderError | ChipError):
        return Message(N_("Nothing was written. The student's data and photo are kept."))
    return Message(N_("The student's data and photo are kept."))


def _offers(error: StationError, stage: Stage) -> tuple[Offer, ...]:
    offers = [Offer(Todo.RETRY, Message(_retry_label(error, stage)), ENTER, primary=True)]
    if _is_of_picture(error, stage):
        offers.append(Offer(Todo.OTHER_SOURCES, Message(N_("Other sources")), OPEN))
    if isinstance(error, InputError) and stage is Stage.CHECK:
        return (Offer(Todo.LATER, Message(N_("Leave it")), ENTER, primary=True),)
    if isinstance(error, ChipMismatchError) or stage in (Stage.PRINT, Stage.VERIFY, Stage.HAND_OVER) or error.written:
        offers.append(Offer(Todo.SPOIL, Message(N_("The card is spoiled"))))
    # Back to the picture only while the chip may still be another's.
    leave = Todo.STOP if stage is Stage.ENCODE and not error.written else Todo.LATER
    offers.append(Offer(leave, Message(N_("Back") if leave is Todo.STOP else N_("Later")), ESC))
    return tuple(offers)


def _is_of_picture(error: StationError, stage: Stage) -> bool:
    return isinstance(error, PortraitError) and stage in (Stage.PHOTO, Stage.CROP)


def _retry_label(error: StationError, stage: Stage) -> str:
    if _is_of_picture(error, stage):
        return N_("Back to the photo")
    for kind, words in _GO_ON:
        if isinstance(error, kind):
            return words
    if isinstance(error, PrinterMissingError) and stage is not Stage.ENCODE:
        return N_("Print again")
    return N_("Check again") if stage is Stage.VERIFY else N_("Try again")


def _short(error: StationError, stage: Stage) -> Message:
    if isinstance(error, ChipError) and stage is Stage.VERIFY:
        return Message(N_("not the right card"))
    return Message(next((words for kind, words in _SHORT if isinstance(error, kind)), N_("needs you")))


_GO_ON: tuple[tuple[type[StationError], str], ...] = (
    (ClaimedError, N_("Look again")),
    (CardRemovedError, N_("The card is back on the reader")),
    (CardAbsentError, N_("Wait for the card again")),
    (PrinterChangedError, N_("Continue printing")),
)
_SHORT: tuple[tuple[type[StationError], str], ...] = (
    (CardAbsentError, N_("waits for the card")),
    (CardRemovedError, N_("card taken away")),
    (ReaderError, N_("reader trouble")),
    (PrinterBusyError, N_("waits for the printer")),
    (PrinterChangedError, N_("to the other printer")),
    (PrinterError, N_("printer trouble")),
    (ClaimedError, N_("at another desk")),
    (ChipError, N_("chip trouble")),
)
"""In a few words; the first that fits, so the special ones before the general."""
