"""Trouble as data: what happened, what is safe, the steps, one button that goes on, and the ways around."""

from __future__ import annotations

from dataclasses import dataclass

from station.domain.errors import (
    N_,
    CardAbsentError,
    CardRemovedError,
    ChipError,
    ChipMismatchError,
    InputError,
    PortraitError,
    PrinterError,
    PrinterMissingError,
    PrinterTroubleError,
    PrintJobLostError,
    ReaderError,
    StationError,
)
from station.domain.message import Message
from station.ui.viewmodels.stages import ENTER, ESC, OPEN, Offer, Stage, Todo

_SAFE = N_("The card is encoded and not spoiled. The same card goes on with the same number.")
# Nobody knows how a card looks that is stuck.
_SAFE_ONCE_SEEN = N_("The student's data and photo are kept. How to go on depends on what the card looks like.")


@dataclass(frozen=True, slots=True)
class Trouble:
    """What takes the middle of the screen when something does not go on by itself."""

    title: Message
    safe: Message
    steps: tuple[Message, ...]
    offers: tuple[Offer, ...]
    short: Message
    """The same in a few words, for the list and the steps."""
    calm: bool = False
    """Nothing is wrong: something is only waited for."""


def trouble_for(error: Exception, stage: Stage) -> Trouble:
    """Return what to say about ``error``, which came up at ``stage``."""
    said = error if isinstance(error, StationError) else StationError(detail=type(error).__name__)
    if isinstance(said, PrinterTroubleError):
        return _printer_trouble(said)
    if isinstance(said, PrintJobLostError):
        return _lost_job(said)
    return Trouble(
        title=Message(said.what, said.params),
        safe=_safe(said, stage),
        steps=(Message(said.todo, said.params),) if said.todo else (),
        offers=_offers(said, stage),
        short=_short(said, stage),
        calm=isinstance(said, CardAbsentError),
    )


def _printer_trouble(error: PrinterTroubleError) -> Trouble:
    title, steps, short = _PRINTER.get(error.reason, _PRINTER["other"])
    device = {"device": error.params.get("device", "")}
    return Trouble(
        title=Message(title, device),
        safe=Message(_SAFE_ONCE_SEEN if error.reason == "media-jam" else _SAFE),
        steps=tuple(Message(step, device) for step in steps),
        offers=(
            Offer(Todo.RETRY, Message(N_("Continue printing")), ENTER, primary=True),
            Offer(Todo.NOTHING_CAME_OUT, Message(N_("Take the job back"))),
            Offer(Todo.SPOIL, Message(N_("The card is spoiled"))),
            Offer(Todo.LATER, Message(N_("Later")), ESC),
        ),
        short=Message(short),
    )


def _lost_job(error: PrintJobLostError) -> Trouble:
    return Trouble(
        title=Message(N_("Did the card come out?")),
        safe=Message(N_("The printer lost the job. Nothing is printed again by itself.")),
        steps=(
            Message(N_("Look into the output tray, and into the printer.")),
            Message(N_("Say here what you see.")),
        ),
        offers=(
            Offer(Todo.CAME_OUT, Message(N_("Yes, it is good")), ENTER, primary=True),
            Offer(Todo.NOTHING_CAME_OUT, Message(N_("Nothing came out"))),
            Offer(Todo.SPOIL, Message(N_("The card is spoiled"))),
        ),
        short=Message(N_("did it come out?")),
    )


def _safe(error: StationError, stage: Stage) -> Message:
    if error.written:
        return Message(N_("The number is on this chip already: only this card can go on. Nothing is lost."))
    if isinstance(error, PrinterError):
        return Message(_SAFE)
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
    leave = Todo.STOP if stage is Stage.ENCODE and not error.written else Todo.LATER
    offers.append(Offer(leave, Message(N_("Back") if leave is Todo.STOP else N_("Later")), ESC))
    return tuple(offers)


def _is_of_picture(error: StationError, stage: Stage) -> bool:
    return isinstance(error, PortraitError) and stage in (Stage.PHOTO, Stage.CROP)


def _retry_label(error: StationError, stage: Stage) -> str:
    if _is_of_picture(error, stage):
        return N_("Back to the photo")
    if isinstance(error, CardRemovedError):
        return N_("The card is back on the reader")
    if isinstance(error, CardAbsentError):
        return N_("Wait for the card again")
    if isinstance(error, PrinterMissingError):
        return N_("Print again")
    return N_("Check again") if stage is Stage.VERIFY else N_("Try again")


def _short(error: StationError, stage: Stage) -> Message:
    if isinstance(error, CardAbsentError):
        return Message(N_("waits for the card"))
    if isinstance(error, CardRemovedError):
        return Message(N_("card taken away"))
    if isinstance(error, ReaderError):
        return Message(N_("reader trouble"))
    if isinstance(error, PrinterError):
        return Message(N_("printer trouble"))
    if isinstance(error, ChipError):
        return Message(N_("not the right card") if stage is Stage.VERIFY else N_("chip trouble"))
    return Message(N_("needs you"))


_PRINTER: dict[str, tuple[str, tuple[str, ...], str]] = {
    "marker-supply-empty": (
        N_("The printer's ribbon has run out"),
        (
            N_("Open the cover and take the empty ribbon out."),
            N_("Put a new ribbon in until it clicks."),
            N_("Close the cover. The printer checks the ribbon by itself."),
        ),
        N_("needs a ribbon"),
    ),
    "media-empty": (
        N_("The printer has no cards"),
        (
            N_("Put this student's card into the feeder: it goes first."),
            N_("Put blank cards only behind it, all the same way round, and close the feeder."),
        ),
        N_("needs cards"),
    ),
    "media-jam": (
        N_("A card is stuck in the printer"),
        (
            N_("Open the cover and take the card out. Don't pull by force."),
            N_("If it is clean, put it back into the feeder, close the cover and press “Continue printing”."),
            N_("If it is scratched or half printed, press “The card is spoiled” and take a new one."),
        ),
        N_("card stuck"),
    ),
    "cover-open": (
        N_("The printer's cover is open"),
        (N_("Close the cover until it clicks."),),
        N_("cover is open"),
    ),
    "output-area-full": (
        N_("The printer's output tray is full"),
        (N_("Take the finished cards out of the tray."),),
        N_("tray is full"),
    ),
    "paused": (
        N_("The printer is paused"),
        (N_("Press the button on the printer, or resume its queue on this computer."),),
        N_("paused"),
    ),
    "offline": (
        N_("The printer is switched off or not connected"),
        (N_("Switch the printer on."), N_("Check its cable on both ends.")),
        N_("not connected"),
    ),
    "other": (
        N_("The printer {device} needs help"),
        (N_("Read the printer's own display and do what it says."),),
        N_("printer trouble"),
    ),
}
