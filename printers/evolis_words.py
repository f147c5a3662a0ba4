"""What the Evolis SDK says and is told, as plain values: its states as reasons, its codes as ends of a job, its keys.

Names of states, codes, keys and values are those of Evolis SDK 9.4.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from printers.api import PrinterProfile, PrinterReason, PrinterState, RenderedCard, RenderedSide
from printers.trouble import STOPPING

# By what follows INF_, DEF_ or ERR_ in a state's name; the first that its name contains counts.
_REASONS: tuple[tuple[str, PrinterReason], ...] = (
    ("FEEDER_NEAR_EMPTY", PrinterReason.MEDIA_LOW),
    ("FEEDER_EMPTY", PrinterReason.MEDIA_EMPTY),
    ("NO_CARD_INSERTED", PrinterReason.MEDIA_EMPTY),
    ("WAIT_CARD", PrinterReason.MEDIA_EMPTY),
    ("MANUAL_REQUIRED", PrinterReason.MEDIA_EMPTY),
    ("FEEDER_ERROR", PrinterReason.MEDIA_JAM),
    ("MECHANICAL", PrinterReason.MEDIA_JAM),
    ("CARD_JAM", PrinterReason.MEDIA_JAM),
    ("COVER_OPEN", PrinterReason.COVER_OPEN),
    ("RECEPTACLE_OPEN", PrinterReason.COVER_OPEN),
    ("FEEDER_OPEN", PrinterReason.COVER_OPEN),
    ("CARD_ON_EJECT", PrinterReason.CARD_INSIDE),
    ("HOPPER_FULL", PrinterReason.OUTPUT_FULL),
    ("REJECT_BOX_FULL", PrinterReason.OUTPUT_FULL),
    ("CLEANING_REQUIRED", PrinterReason.CLEANING_DUE),
    ("RIBBON_LOW", PrinterReason.RIBBON_LOW),
    ("CLEAR_LOW", PrinterReason.RIBBON_LOW),
    ("LAMINATE_LOW", PrinterReason.RIBBON_LOW),
    ("NO_RIBBON", PrinterReason.RIBBON_EMPTY),
    ("NO_CLEAR", PrinterReason.RIBBON_EMPTY),
    ("NO_LAMINATE", PrinterReason.RIBBON_EMPTY),
    ("RIBBON_ENDED", PrinterReason.RIBBON_EMPTY),
    ("CLEAR_ENDED", PrinterReason.RIBBON_EMPTY),
    ("FILM_ENDED", PrinterReason.RIBBON_EMPTY),
    ("LAMINATE_END", PrinterReason.RIBBON_EMPTY),
    ("RIBBON", PrinterReason.RIBBON_WRONG),
    ("CLEAR", PrinterReason.RIBBON_WRONG),
    ("FILM", PrinterReason.RIBBON_WRONG),
    ("LAMINATE", PrinterReason.RIBBON_WRONG),
    ("PRINTER_LOCKED", PrinterReason.PAUSED),
)
_AWAY = ("PRINTER_OFFLINE", "PRINTER_UNKNOWN", "PRINTER_NOT_SUPERVISED")


@dataclass(frozen=True, slots=True)
class SdkState:
    """The printer's state: ``major`` OFF, READY, WARNING or ERROR, ``minor`` what of."""

    major: str = "OFF"
    minor: str = "PRINTER_UNKNOWN"

    @property
    def reason(self) -> PrinterReason | None:
        """Return what it needs, ``None`` when nothing."""
        if self.major == "OFF" or self.minor in _AWAY:
            return PrinterReason.OFFLINE
        # INF goes on by itself, DEF waits for a person, ERR has broken a job off.
        kind, _, rest = self.minor.removeprefix("AVANSIA_").partition("_")
        if kind not in ("INF", "DEF", "ERR"):
            return PrinterReason.OTHER if self.major == "ERROR" else None
        found = next((reason for part, reason in _REASONS if part in rest), None)
        if kind == "INF":  # goes on all the same: only what a person may prepare for is told
            return found if found is not None and found not in STOPPING else None
        return found or PrinterReason.OTHER

    @property
    def interrupted(self) -> bool:
        """Say whether a job was broken off: the card in it may be half printed."""
        return self.minor.removeprefix("AVANSIA_").startswith("ERR_")

    @property
    def state(self) -> PrinterState:
        """Return it as the port's."""
        reason = self.reason
        if reason is PrinterReason.OFFLINE:
            return PrinterState.OFFLINE
        if reason in STOPPING:
            return PrinterState.PAUSED if reason is PrinterReason.PAUSED else PrinterState.TROUBLE
        busy = self.minor == "BUSY" or self.minor.endswith("_RUNNING")
        return PrinterState.PRINTING if busy else PrinterState.READY


class End(Enum):
    """How an attempt to print ended."""

    DONE = "done"
    WAITS = "waits"
    REFUSED = "refused"
    LOST = "lost"


_WAITS = {
    "ENEEDACTION",
    "PRINT_NEEDACTION",
    "PRINT_EUNKNOWNRIBBON",
    "PRINT_WAITCARDINSERT",
    "PRINT_WAITCARDEJECT",
    "SESSION_EBUSY",
    "SESSION_ETIMEOUT",
    "PRINTER_EBUSY",
    "SYSTEM_EBUSY",
    "CARD_EINSERTION",
}
_REFUSED = {"EPARAMS", "EUNSUPPORTED", "EDISABLED", "PRINT_EDATA", "PRINT_ENOIMAGE", "PRINT_WSETTING"}


def end_of(code: str, after: SdkState) -> End:
    """Return how an attempt ended, by its return code and the state after it; what isn't certain is ``LOST``."""
    # OK with a broken-off job behind it says nothing certain: then a person looks at the card.
    if code == "OK":
        return End.LOST if after.interrupted else End.DONE
    if after.interrupted:
        return End.LOST
    if code in _WAITS:
        return End.WAITS
    return End.REFUSED if code in _REFUSED else End.LOST


def settings_for(profile: PrinterProfile, card: RenderedCard) -> dict[str, str]:
    """Return the setting keys for one card, to be set after all pictures: a picture for the back changes them.

    Which side owns the resin panel decides both sides' black. With one set of panels for both sides (``DUPLEX_CM``)
    the front has none, and every pure black dot there would be left out unless it is told ``NOBLACKPOINT``.
    """
    settings = {"FBlackManagement": _black(profile.resin_front), "FOverlayManagement": _varnish(profile, card.front)}
    if card.back is not None:
        front, back = ("C" if colour else "M" for colour in (profile.colour_front, profile.colour_back))
        settings |= {
            "Duplex": "HORIZONTAL",
            "GDuplexType": f"DUPLEX_{front}{back}",
            "BBlackManagement": _black(profile.resin_back),
            "BOverlayManagement": _varnish(profile, card.back),
        }
    else:
        settings["Duplex"] = "NONE"
    named = {name: value for name, value in profile.options.items() if _settable(name, card)}
    # Black that is sent apart is printed apart: a model's file for the CUPS driver says how black is found instead.
    named = {name: value for name, value in named.items() if not name.endswith("BlackManagement")}
    return {**settings, **named}


def _black(resin: bool) -> str:
    return "BMPBLACK" if resin else "NOBLACKPOINT"


def _varnish(profile: PrinterProfile, side: RenderedSide) -> str:
    holes = profile.overlay_holes and side.overlay is not None
    return "BMPVARNISH" if holes else "FULLVARNISH"


def _settable(name: str, card: RenderedCard) -> bool:
    back_only = name.startswith("B") or name in ("Duplex", "GDuplexType")
    return "." not in name and name != "media" and (card.back is not None or not back_only)


def changed(wanted: Mapping[str, str], found: Mapping[str, object]) -> str:
    """Return the first setting that is not as it was set, in words; empty when all are."""
    for key, value in wanted.items():
        if found.get(key) != value:
            return f"{key}: {value} → {found.get(key)}"
    return ""
