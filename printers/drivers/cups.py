"""Any queue of CUPS: a card is given away by IPP, with the maker's options as attributes of the job, and followed."""

from __future__ import annotations

import re

from printers.api import (
    N_,
    DriverConfig,
    PrinterMissingError,
    PrinterReason,
    PrinterTroubleError,
    PrinterUnfitError,
    PrintJob,
    ProfileError,
    RenderedCard,
)
from printers.bitmap import size_mm
from printers.capability import DEFAULT_WITHOUT, WITHOUT, abilities, check_without, unfit
from printers.document import ID1_MM, pdf, png, sides
from printers.ipp import Attribute, IppError, ValueTag, text
from printers.ipp_client import IppClient, IppUnknownHostError, IppUnreachableError, Server
from printers.ipp_giving import IppSpooledPrinter
from printers.ipp_options import attribute, attributes
from printers.spooled import words_of
from printers.spooler import QueueSnapshot, SpoolQueue
from printers.trouble import SpoolerError, trouble_error

OWN_OPTIONS = {
    "station.server": "",
    "station.document": "pdf",
    "station.page": "card",
    WITHOUT: DEFAULT_WITHOUT,
}
"""Options that are ours, and what they are when nobody says; all others go to the queue as they are."""

PDF, PNG = "application/pdf", "image/png"
# Somebody looks at the window meanwhile; a printer beside the desk answers at once, or is away.
_DEVICE_TIMEOUT_S = 1.0
# What the station says of every job itself.
_NOT_AN_OPTION = frozenset({"copies", "document-format", "job-name"})
# How a model's profile says which of the queue's options carries which magnetic track.
_TRACK = re.compile(r"\{track([123])\}")


class CupsPrinter(IppSpooledPrinter):
    """Print on a CUPS queue."""

    api_version = 1

    def __init__(self, config: DriverConfig) -> None:
        options = {**OWN_OPTIONS, **config.profile.options, **config.options}
        _check_options(options)
        self._own = {name: options.pop(name) for name in OWN_OPTIONS}
        self._options = options
        self._without = check_without(self._own[WITHOUT])
        server = self._own["station.server"]
        client = IppClient(Server.parse(server) if server else Server.of_this_computer())
        super().__init__(config, client, config.queue or config.name)

    def _now(self) -> QueueSnapshot:
        """Return how the queue stands. CUPS asks a printer only while it prints: an idle one is asked here itself."""
        queue = self._queue.now()
        device = Server.at(queue.device_uri) if queue.idle else None
        if device is None:
            return queue
        try:
            return queue.seen_at(SpoolQueue(IppClient(device, timeout_s=_DEVICE_TIMEOUT_S), "").now())
        except IppUnknownHostError:
            return queue  # CUPS finds printers by itself that the computer knows no address of
        except IppUnreachableError:
            return queue.unreachable()
        except IppError:
            return queue  # CUPS may know how to talk to what answers so, and trust whom nobody here knows

    def unfit(self, card: RenderedCard) -> PrinterUnfitError | None:
        """Return what can't be handed over: a queue takes what the eye sees, and tracks where an option names them."""
        able = abilities(self.profile) - {"uv", "overlay"}
        if not any(_TRACK.search(value) for value in self._options.values()):
            able -= {"magnetic"}
        return unfit(self.name, able, card, self._without)

    def _document(self, job: PrintJob) -> bytes:
        dpi = (job.card.dpi_x, job.card.dpi_y)
        images = sides(job.card, rotate_back=self.profile.rotate_back)
        if self._own["station.document"] == "png" and len(images) == 1:
            return png(images[0], dpi)
        page = size_mm(images[0].size, dpi) if self._own["station.page"] == "raster" else ID1_MM
        return pdf(job.job, images, dpi, page)

    def _order(self, job: PrintJob, document: bytes) -> list[Attribute]:
        return [
            text(ValueTag.NAME, "job-name", job.job),
            text(ValueTag.MIME_TYPE, "document-format", PDF if document.startswith(b"%PDF") else PNG),
            *attributes(spooler_options(self._options, job.card)),
        ]

    def _missing(self, error: SpoolerError) -> PrinterMissingError:
        if error.not_found:
            return PrinterMissingError(device=self.name, detail=words_of(error))
        return PrinterMissingError(error.what, error.todo, device=self.name, detail=words_of(error))

    def _why_away(self, error: SpoolerError) -> PrinterReason:
        return PrinterReason.SERVICE_AWAY

    def _away(self, error: SpoolerError) -> PrinterTroubleError:
        return trouble_error(self.name, (PrinterReason.SERVICE_AWAY,), words_of(error))


def spooler_options(options: dict[str, str], card: RenderedCard) -> dict[str, str]:
    """Return the options for one card: no scaling, no banner page in the feeder, both sides; the profile's win."""
    ours = {
        "copies": "1",
        "print-scaling": "none",
        "number-up": "1",
        "job-sheets": "none,none",
        "sides": "one-sided" if card.back is None else "two-sided-long-edge",
    }
    if "PageSize" not in options:
        ours["media"] = "om_card_54x86mm"  # PWG 5101.1: the name says its size
    chosen = {**ours, **_with_tracks(options, card.tracks)}
    return {**chosen, "sides": "one-sided"} if card.back is None else chosen


def _with_tracks(options: dict[str, str], tracks: tuple[str, str, str]) -> dict[str, str]:
    """Return the options with the tracks in their places; an option whose track is empty is not given at all."""

    def filled(value: str) -> str:
        return _TRACK.sub(lambda found: tracks[int(found[1]) - 1], value)

    asked = {
        name: value
        for name, value in options.items()
        if all(tracks[int(number) - 1] for number in _TRACK.findall(value))
    }
    return {name: filled(value) for name, value in asked.items()}


def _check_options(options: dict[str, str]) -> None:
    wrong = next((name for name, value in options.items() if not _good_option(name, value)), None)
    if wrong is not None:
        raise ProfileError(
            N_("The printer's option {option} can't be {value}."),
            N_("Ask IT to correct it in the station profile or the printer profile."),
            option=wrong,
            value=options[wrong],
        )


def _good_option(name: str, value: str) -> bool:
    allowed = {"station.document": ("pdf", "png"), "station.page": ("card", "raster")}
    if name in allowed:
        return value in allowed[name]
    if name.startswith("station."):
        return name in OWN_OPTIONS
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9._-]*", name) or not value.isprintable() or name in _NOT_AN_OPTION:
        return False
    try:
        attribute(name, _TRACK.sub("0", value))
    except ValueError:
        return False
    return True
