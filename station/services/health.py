"""How each device stands, in words and one of four states; for the status bar, the doctor and the command line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from station.domain.errors import (
    N_,
    CameraError,
    CameraMissingError,
    CameraUnpluggedError,
    ReaderBusyError,
    ReaderError,
    ReaderMissingError,
    RouterBusyError,
    RouterError,
    RouterForbiddenError,
    RouterKeyError,
    RouterUnwellError,
    StationError,
)
from station.domain.message import Message
from station.ports.camera import Cameras
from station.ports.chip import ReaderRole, Readers
from station.ports.printer import PrinterReason, PrinterState, PrinterStatus
from station.ports.standby import StandbyState
from station.ports.store import QueueSummary


class HealthState(StrEnum):
    """``ok`` works, ``warn`` can wait, ``bad`` needs a person, ``off`` is not known or not wanted."""

    OK = "ok"
    WARN = "warn"
    BAD = "bad"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Health:
    """How one device stands; ``todo`` is empty when there is nothing to do.

    ``short`` says it beside the device's name, where ``message`` would name the device once more.
    """

    device: str
    state: HealthState
    name: str
    message: Message
    todo: Message | None = None
    short: Message | None = None


def from_error(device: str, name: str, error: StationError, state: HealthState = HealthState.BAD) -> Health:
    """Return how a device stands that answered with an error."""
    # From the error's own class upwards: the nearest word that there is fits best.
    short = next((SHORT[kind] for kind in type(error).__mro__ if kind in SHORT), N_("needs help"))
    message, todo = Message(error.what, error.params), Message(error.todo, error.params)
    return Health(device, state, name, message, todo, Message(short))


def camera_health(cameras: Cameras, source: str, error: CameraError | None = None) -> Health:
    """Return how the camera stands, without opening it; ``error`` is the last one it gave."""
    if error is not None:
        return from_error("camera", source, error)
    found = [c for c in cameras.list_cameras() if source in (c.source, c.name) or source.lower() in c.name.lower()]
    if found:
        return Health("camera", HealthState.OK, found[0].name, Message(N_("ready")))
    # An address or a device file is in no list; opening it only to ask would take the camera from whoever uses it.
    if "://" in source or "/" in source:
        return Health("camera", HealthState.OFF, source, Message(N_("not asked yet")))
    return from_error("camera", source, CameraMissingError(device=source))


def reader_health(readers: Readers, pattern: str) -> Health:
    """Return how the card reader stands."""
    try:
        # Those in the printer and of the operator, and slots for SAMs, say nothing about the desk's.
        found = [r for r in readers.list_readers() if r.role is ReaderRole.DESK and pattern.lower() in r.name.lower()]
    except ReaderError as error:
        return from_error("reader", pattern, error)
    if not found:
        return from_error("reader", pattern, ReaderMissingError(device=pattern or "PC/SC"))
    # Of several the one with a card on it is meant: that is where somebody works.
    with_card = next((r for r in found if r.card_present), None)
    reader = with_card or found[0]
    message = Message(N_("card on the reader")) if with_card else Message(N_("ready"))
    return Health("reader", HealthState.OK, reader.name, message)


def encoder_health(readers: Readers, pattern: str) -> Health:
    """Return how the reader in the printer stands, at which cards are written in one pass."""
    try:
        found = readers.list_readers()
    except ReaderError as error:
        return from_error("encoder", pattern, error)
    named = [each for each in found if each.role is ReaderRole.ENCODER and pattern.lower() in each.name.lower()]
    if not named:
        others = ", ".join(each.name for each in found) or "–"
        what = N_("No reader in the printer is named {pattern}. Readers there are: {names}")
        todo = N_(
            "Switch the printer on; connect its encoder's own USB cable, and install its driver. If it is there under "
            "another name, write that under [reader] as encoder."
        )
        params: dict[str, object] = {"pattern": pattern, "names": others}
        return Health(
            "encoder", HealthState.BAD, pattern, Message(what, params), Message(todo), Message(N_("is missing"))
        )
    return Health("encoder", HealthState.OK, named[0].name, Message(N_("ready")))


def printer_health(status: PrinterStatus) -> Health:
    """Return how the printer stands."""
    name = status.model or status.name
    params: dict[str, object] = {"percent": status.ribbon_percent}
    if status.state in (PrinterState.TROUBLE, PrinterState.PAUSED):
        worst = status.reasons[0] if status.reasons else PrinterReason.OTHER
        return Health("printer", HealthState.BAD, name, Message(REASONS[worst], params), Message(REMEDIES[worst]))
    if status.state in (PrinterState.OFFLINE, PrinterState.MISSING):
        away = next((each for each in status.reasons if each in WHY_AWAY), PrinterReason.OFFLINE)
        return Health("printer", HealthState.BAD, name, Message(REASONS[away]), Message(REMEDIES[away]))
    reason = next((each for each in status.reasons if each in WARNINGS), None)
    if reason is not None:
        return Health("printer", HealthState.WARN, name, Message(REASONS[reason], params), Message(REMEDIES[reason]))
    if status.state is PrinterState.PRINTING:
        return Health("printer", HealthState.OK, name, Message(N_("printing")))
    if status.ribbon_percent is not None:
        return Health("printer", HealthState.OK, name, Message(N_("ribbon {percent} %"), params))
    return Health("printer", HealthState.OK, name, Message(N_("ready")))


def router_health(error: RouterError | None, *, enabled: bool, name: str, since: datetime | None = None) -> Health:
    """Return how ESC-Router stands; ``error`` is the last answer when it was one, ``since`` when it began."""
    if not enabled:
        return Health("router", HealthState.OFF, name, Message(N_("switched off")))
    if error is None:
        return Health("router", HealthState.OK, name, Message(N_("connected")))
    if error.retryable:
        params: dict[str, object] = {"time": since.astimezone().strftime("%H:%M") if since else "?"}
        said = Message(next(text for kind, text in _SINCE if isinstance(error, kind)), params)
        return Health("router", HealthState.WARN, name, said, Message(error.todo, error.params))
    return from_error("router", name, error)


def queue_health(summary: QueueSummary, now: datetime, *, limit: timedelta = timedelta(hours=24)) -> Health:
    """Return how the queue stands: how many wait, how old the oldest is; late after ``limit``."""
    age = now - summary.oldest_at if summary.oldest_at else timedelta()
    minutes = max(0, int(age.total_seconds() // 60))
    params: dict[str, object] = {"waiting": summary.waiting, "parked": summary.parked, "minutes": minutes}
    # What waits for a person first: the rest goes out by itself, however much it is.
    if summary.parked:
        text = Message(N_("{parked} need a decision, {waiting} wait"), params)
        return Health("queue", HealthState.BAD, "", text, Message(N_("Open the queue and read why.")))
    if summary.waiting:
        state = HealthState.BAD if age > limit else HealthState.WARN
        return Health("queue", state, "", Message(N_("{waiting} wait, the oldest for {minutes} min"), params))
    return Health("queue", HealthState.OK, "", Message(N_("nothing waits")))


def standby_health(state: StandbyState) -> Health:
    """Return how the shared database stands, for a desk that can go on without it."""
    since = state.alone_since.astimezone().strftime("%H:%M") if state.alone_since else ""
    params: dict[str, object] = {"time": since, "cards": state.cards, "doubts": state.doubts}
    # Before all else: the others pass by themselves, this waits for a person.
    if state.doubts:
        decide = Message(N_("Open the cards in doubt with F9 and read what each is about."))
        text = Message(N_("after merging, to be decided by a person: {doubts}"), params)
        return Health("store", HealthState.BAD, "", text, decide, Message(N_("to be decided: {doubts}"), params))
    if state.trouble is not None:
        return from_error("store", "", state.trouble)
    if state.alone_since is not None:
        text = Message(_ALONE if state.cards else _ALONE_YET, params)
        short = Message(N_("away since {time}"), params)
        return Health("store", HealthState.WARN, "", text, Message(_ALONE_TODO), short)
    if not state.ready:
        return Health("store", HealthState.OFF, "", Message(N_("being copied, so that this desk can go on alone")))
    return Health("store", HealthState.OK, "", Message(N_("connected")))


SHORT: dict[type[StationError], str] = {
    CameraMissingError: N_("not there"),
    CameraUnpluggedError: N_("unplugged"),
    CameraError: N_("no picture"),
    ReaderMissingError: N_("not found"),
    ReaderBusyError: N_("in use by another program"),
    ReaderError: N_("needs help"),
    RouterKeyError: N_("the key is not accepted"),
    RouterForbiddenError: N_("access is refused"),
    RouterError: N_("unexpected answer"),
}
"""What is wrong with a device in a few words, to stand beside its name."""

_ALONE = N_("The database is away since {time}; this desk goes on alone. Cards that wait to be merged: {cards}.")
_ALONE_YET = N_("The database is away since {time}; this desk goes on alone. Nothing waits to be merged yet.")
_ALONE_TODO = N_("Go on as usual: everything is kept here, and merged when the database is back. IT may look at it.")

_SINCE: tuple[tuple[type[RouterError], str], ...] = (
    (RouterBusyError, N_("asks to wait, since {time}")),
    (RouterUnwellError, N_("has trouble of its own since {time}")),
    (RouterError, N_("no connection since {time}")),
)

WARNINGS = (PrinterReason.RIBBON_LOW, PrinterReason.MEDIA_LOW, PrinterReason.CLEANING_DUE)
"""Reasons that stop nothing yet."""

REASONS: dict[PrinterReason, str] = {
    PrinterReason.MEDIA_EMPTY: N_("no blank cards left"),
    PrinterReason.MEDIA_JAM: N_("a card is stuck"),
    PrinterReason.COVER_OPEN: N_("the cover is open"),
    PrinterReason.RIBBON_EMPTY: N_("the ribbon has run out"),
    PrinterReason.RIBBON_LOW: N_("the ribbon is nearly used up"),
    PrinterReason.RIBBON_WRONG: N_("the ribbon is not the right one"),
    PrinterReason.MEDIA_LOW: N_("few blank cards left"),
    PrinterReason.OUTPUT_FULL: N_("the output tray is full"),
    PrinterReason.CARD_INSIDE: N_("a card is still inside"),
    PrinterReason.CLEANING_DUE: N_("it asks to be cleaned"),
    PrinterReason.SPOOL_FULL: N_("no room for print jobs"),
    PrinterReason.SERVICE_AWAY: N_("the print service doesn't answer"),
    PrinterReason.UNTRUSTED: N_("its certificate is not known"),
    PrinterReason.DRIVER_MISSING: N_("its driver is missing"),
    PrinterReason.PAUSED: N_("paused"),
    PrinterReason.OFFLINE: N_("switched off or unplugged"),
    PrinterReason.OTHER: N_("needs help"),
}
"""What a printer needs, in a few words for the status bar."""

WHY_AWAY = (PrinterReason.DRIVER_MISSING, PrinterReason.SERVICE_AWAY, PrinterReason.UNTRUSTED)
"""Why a printer can't be asked that is switched on and connected."""

REMEDIES: dict[PrinterReason, str] = {
    PrinterReason.MEDIA_EMPTY: N_("Put blank cards into the feeder."),
    PrinterReason.MEDIA_JAM: N_("Open the cover, take the stuck card out, close the cover."),
    PrinterReason.COVER_OPEN: N_("Close the cover until it clicks."),
    PrinterReason.RIBBON_EMPTY: N_("Open the cover, put in a new ribbon, close the cover."),
    PrinterReason.RIBBON_LOW: N_("Have a new ribbon ready."),
    PrinterReason.RIBBON_WRONG: N_("Open the cover, put in the right ribbon, close the cover."),
    PrinterReason.MEDIA_LOW: N_("Have more blank cards ready."),
    PrinterReason.CARD_INSIDE: N_("Take the card out at the printer's exit."),
    PrinterReason.CLEANING_DUE: N_("Clean it with a cleaning card when there is time."),
    PrinterReason.SPOOL_FULL: N_("Ask IT to free some space on the disk."),
    PrinterReason.SERVICE_AWAY: N_("Ask IT to start the print service (CUPS)."),
    PrinterReason.UNTRUSTED: N_("Ask IT to name the printer's certificate in the station profile."),
    PrinterReason.DRIVER_MISSING: N_("Ask IT to install the printer's driver."),
    PrinterReason.OUTPUT_FULL: N_("Take the finished cards out of the output tray."),
    PrinterReason.PAUSED: N_("Press the printer's button, or resume its queue."),
    PrinterReason.OFFLINE: N_("Switch the printer on and check its cable."),
    PrinterReason.OTHER: N_("Look at the printer's own display."),
}
"""What to do about it."""
