"""Trouble with a printer: what happened, what is safe, the steps with a picture, and how the same card goes on."""

from __future__ import annotations

from dataclasses import dataclass, replace

from station.domain.errors import (
    N_,
    ChipError,
    PrinterBusyError,
    PrinterChangedError,
    PrinterError,
    PrinterTroubleError,
    PrinterUnfitError,
    StationError,
)
from station.domain.message import Message
from station.ui.viewmodels.stages import ENTER, ESC, Offer, Todo

SAFE = N_("The card is encoded and not spoiled. The same card goes on with the same number.")
SAFE_WITHOUT_CHIP = N_("The card is not spoiled. The same card goes on with the same number.")
SAFE_BLANK = N_("Nothing was written yet. The student's data and photo are kept.")
# Nobody knows how a card looks that is stuck.
_SAFE_ONCE_SEEN = N_("The student's data and photo are kept. How to go on depends on what the card looks like.")
SAFE_BLANKS = N_("The student's data and photo are kept. The blanks in the bin are counted as spoiled.")


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
    picture: str = ""
    """What to do, as a drawing of assets/icons/trouble."""


@dataclass(frozen=True, slots=True)
class _Words:
    title: str
    steps: tuple[str, ...]
    short: str
    picture: str


def printer_trouble(error: PrinterTroubleError, offers: tuple[Offer, ...] | None, *, chip: bool = True) -> Trouble:
    """Return what to say of a printer that needs a person; ``offers`` where no job waits in it.

    A card without a ``chip`` is made of any blank: none is this student's before it is printed.
    """
    words = _PRINTER.get(error.reason, _PRINTER["other"])
    steps = words.steps if chip else _WITHOUT_CHIP.get(error.reason, words.steps)
    device = {"device": error.params.get("device", "")}
    stuck = error.reason == "media-jam"
    trouble = Trouble(
        title=Message(words.title, device),
        safe=Message(_SAFE_ONCE_SEEN if stuck else SAFE if chip else SAFE_WITHOUT_CHIP),
        steps=tuple(Message(step, device) for step in steps),
        offers=_WAITING,
        short=Message(words.short),
        picture=words.picture,
    )
    if words is _PRINTER["other"] and error.what != PrinterTroubleError.what:
        # The driver knows better than the table what it is: a folder that is full, a job that can't be taken back.
        trouble = replace(trouble, title=Message(error.what, error.params), steps=(Message(error.todo, error.params),))
    return trouble if offers is None else _without_job(trouble, error.reason, offers)


def _without_job(trouble: Trouble, reason: str, offers: tuple[Offer, ...]) -> Trouble:
    """Return the trouble of a printer that waits with nobody's job; without an offer to spoil it is about a blank."""
    if any(offer.todo is Todo.SPOIL for offer in offers):
        return replace(trouble, offers=offers)
    if reason == "media-jam":
        offers = (*offers[:-1], Offer(Todo.BLANK_SPOILED, Message(N_("The blank is spoiled"))), *offers[-1:])
    steps = tuple(Message(step) for step in _FOR_BLANKS.get(reason, ())) or trouble.steps
    return replace(trouble, offers=offers, safe=Message(SAFE_BLANK), steps=steps)


def lost_job() -> Trouble:
    """Return what to ask when nobody but a person knows whether the card came out."""
    return Trouble(
        title=Message(N_("Did the card come out?")),
        safe=Message(N_("The printer lost the job. Nothing is printed again by itself.")),
        steps=(
            Message(N_("Look into the output tray, and into the printer.")),
            Message(N_("Say here what you see.")),
        ),
        offers=(
            # No answer has the Enter key: who presses it through everything would issue a card that nobody has seen.
            Offer(Todo.CAME_OUT, Message(N_("Yes, it is good"))),
            Offer(Todo.NOTHING_CAME_OUT, Message(N_("Nothing came out"))),
            Offer(Todo.CAME_OUT_BLANK, Message(N_("It came out blank"))),
            Offer(Todo.SPOIL, Message(N_("The card is spoiled"))),
        ),
        short=Message(N_("did it come out?")),
        picture="look",
    )


def picture_of(error: StationError) -> str:
    """Return the drawing for any other trouble that has to do with the printer, empty for the rest."""
    if isinstance(error, PrinterBusyError):
        return "busy"
    if isinstance(error, PrinterUnfitError | PrinterChangedError):
        return "other-printer"
    if isinstance(error, PrinterError):
        return "driver" if error.params.get("reason") == "driver-missing" else "power"
    return "bin" if isinstance(error, ChipError) and "n" in error.params else ""


_WAITING = (
    Offer(Todo.RETRY, Message(N_("Continue printing")), ENTER, primary=True),
    Offer(Todo.NOTHING_CAME_OUT, Message(N_("Take the job back"))),
    Offer(Todo.SPOIL, Message(N_("The card is spoiled"))),
    Offer(Todo.LATER, Message(N_("Later")), ESC),
)
_FOR_BLANKS = {
    "media-jam": (
        N_("Open the cover and take the blank card out. Don't pull by force."),
        N_("Put it back into the feeder if it is clean, and close the cover."),
        N_("If it is bent, press “The blank is spoiled”: the card is made on the next one."),
    ),
    "media-empty": (N_("Put blank cards into the feeder, all the same way round, and close it."),),
}
"""What to do where it is only a blank that the printer wants, or has."""
_WITHOUT_CHIP = {"media-empty": _FOR_BLANKS["media-empty"]}
_PRINTER: dict[str, _Words] = {
    "marker-supply-empty": _Words(
        N_("The printer's ribbon has run out"),
        (
            N_("Open the cover and take the empty ribbon out."),
            N_("Put a new ribbon in until it clicks."),
            N_("Close the cover. The printer checks the ribbon by itself."),
        ),
        N_("needs a ribbon"),
        "ribbon",
    ),
    "ribbon-wrong": _Words(
        N_("The printer has the wrong ribbon"),
        (
            N_("Open the cover and take the ribbon out."),
            N_("Put in the ribbon that is made for this printer and these cards, until it clicks."),
            N_("Close the cover. The printer checks the ribbon by itself."),
        ),
        N_("wrong ribbon"),
        "ribbon-wrong",
    ),
    "media-empty": _Words(
        N_("The printer has no cards"),
        (
            N_("Put this student's card into the feeder: it goes first."),
            N_("Put blank cards only behind it, all the same way round, and close the feeder."),
        ),
        N_("needs cards"),
        "feeder",
    ),
    "media-jam": _Words(
        N_("A card is stuck in the printer"),
        (
            N_("Open the cover and take the card out. Don't pull by force."),
            N_("If it is clean, put it back into the feeder, close the cover and press “Continue printing”."),
            N_("If it is scratched or half printed, press “The card is spoiled” and take a new one."),
        ),
        N_("card stuck"),
        "jam",
    ),
    "cover-open": _Words(
        N_("The printer's cover is open"),
        (N_("Close the cover until it clicks."),),
        N_("cover is open"),
        "cover",
    ),
    "card-inside": _Words(
        N_("A card is still in the printer"),
        (
            N_("If it is somebody else's card, finish that one first: choose the person in the list."),
            N_("Else let the printer put it out, by its own button, or open the cover and take it out."),
        ),
        N_("card inside"),
        "inside",
    ),
    "output-area-full": _Words(
        N_("The printer's output tray is full"),
        (N_("Take the finished cards out of the tray."),),
        N_("tray is full"),
        "tray",
    ),
    "paused": _Words(
        N_("The printer is paused"),
        (N_("Press the button on the printer, or resume its queue on this computer."),),
        N_("paused"),
        "paused",
    ),
    "offline": _Words(
        N_("The printer is switched off or not connected"),
        (
            N_("Switch the printer on."),
            N_("Check its cable on both ends."),
        ),
        N_("not connected"),
        "power",
    ),
    "service-away": _Words(
        N_("The print service of this computer doesn't answer"),
        (
            N_("Ask IT to start it. Nothing is wrong with the printer or its cable."),
            N_("If a card comes out meanwhile, lay it aside: the station asks about it."),
        ),
        N_("print service is off"),
        "driver",
    ),
    "driver-missing": _Words(
        N_("A part of the printer's driver is missing"),
        (
            N_("Ask IT to install the driver of {device} on this computer again."),
            N_("Until then use another printer. The card can wait."),
        ),
        N_("driver missing"),
        "driver",
    ),
    "spool-area-full": _Words(
        N_("The computer has no room for the print"),
        (N_("Ask IT to free some space on the disk."),),
        N_("disk is full"),
        "disk",
    ),
    "other": _Words(
        N_("The printer {device} needs help"),
        (N_("Read the printer's own display and do what it says."),),
        N_("printer trouble"),
        "display",
    ),
}
