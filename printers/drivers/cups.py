"""Any queue of CUPS: ``lp`` gives the card away, IPP tells what becomes of it."""

from __future__ import annotations

import re
from dataclasses import replace

from printers.api import (
    N_,
    DriverConfig,
    PrinterMissingError,
    PrinterReason,
    PrinterTroubleError,
    PrinterUnfitError,
    PrintJob,
    PrintJobLostError,
    ProfileError,
    RenderedCard,
)
from printers.bitmap import size_mm
from printers.capability import DEFAULT_WITHOUT, WITHOUT, abilities, check_without, unfit
from printers.document import ID1_MM, pdf, png, sides
from printers.ipp import IppError
from printers.ipp_client import IppClient, IppStatusError, IppUnreachableError, Server, user_name
from printers.lp import Answer, Order, submit
from printers.records import JobRecord, not_given_away
from printers.spooled import NO_JOBS, SpooledPrinter, words_of
from printers.spooler import QueueSnapshot, SpoolQueue
from printers.trouble import SpoolerError

OWN_OPTIONS = {
    "station.server": "",
    "station.document": "pdf",
    "station.page": "card",
    WITHOUT: DEFAULT_WITHOUT,
}
"""Options that are ours, and what they are when nobody says; all others go to the queue as they are."""

_DEVICE_TIMEOUT_S = 1.0
# How a model's profile says which of the queue's options carries which magnetic track.
_TRACK = re.compile(r"\{track([123])\}")


class CupsPrinter(SpooledPrinter):
    """Print on a CUPS queue."""

    api_version = 1

    def __init__(self, config: DriverConfig) -> None:
        options = {**OWN_OPTIONS, **config.profile.options, **config.options}
        _check_options(options)
        self._own = {name: options.pop(name) for name in OWN_OPTIONS}
        self._options = options
        self._without = check_without(self._own[WITHOUT])
        server = self._own["station.server"]
        self._client = IppClient(Server.parse(server) if server else Server.of_this_computer())
        self._queue_name = config.queue or config.name
        super().__init__(config, SpoolQueue(self._client, self._queue_name))

    def _now(self) -> QueueSnapshot:
        """Return how the queue stands. CUPS asks a printer only while it prints: an idle one is asked here itself."""
        queue = self._queue.now()
        device = Server.at(queue.device_uri) if queue.idle else None
        if device is None:
            return queue
        try:
            return queue.seen_at(SpoolQueue(IppClient(device, timeout_s=_DEVICE_TIMEOUT_S), "").now())
        except IppUnreachableError:
            return queue.unreachable()
        except IppError:
            return queue  # it is no printer that answers so, but CUPS may know how to talk to it

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

    def _give_away(self, job: PrintJob, document: bytes, record: JobRecord) -> JobRecord:
        options = spooler_options(self._options, job.card)
        order = Order(self._queue_name, job.job, user_name(), self._client.server.address, options)
        try:
            answer = submit(order, document, self._config.folder)
        except OSError as error:
            self._book.forget(job.job)
            if isinstance(error, FileNotFoundError) and error.filename == "lp":
                raise self._refused(N_("the program lp is not installed")) from error
            raise not_given_away(self.name, self._config.folder, error) from error
        job_id = answer.job_id if answer.job_id is not None else self._without_answer(job.job, answer)
        return self._write(replace(record, spooler_id=str(job_id)))

    def _without_answer(self, job: str, answer: Answer) -> int:
        """Return the number of a job for which ``lp`` told none, when the spooler has it all the same."""
        try:
            found = self._queue.look(job)
            queue = self._queue.now()
        except IppStatusError as error:
            self._book.forget(job)  # the queue is gone, and took nothing
            raise self._missing(error) from error
        except IppError as error:
            raise PrintJobLostError(detail=answer.words) from error
        if found is not None:
            return found.job_id
        if not answer.certain:
            raise PrintJobLostError(detail=answer.words)
        self._book.forget(job)
        raise self._refused(answer.words if queue.accepting else NO_JOBS)

    def _missing(self, error: SpoolerError) -> PrinterMissingError:
        if error.not_found:
            return PrinterMissingError(device=self.name, detail=words_of(error))
        return PrinterMissingError(error.what, error.todo, device=self.name, detail=words_of(error))

    def _away(self, error: SpoolerError) -> PrinterTroubleError:
        return PrinterTroubleError(
            IppUnreachableError.what,
            N_("Ask IT to start it (CUPS). The station finds the job again by itself; nothing is printed twice."),
            reason=PrinterReason.OFFLINE.value,
            device=self.name,
            detail=words_of(error),
        )


def spooler_options(options: dict[str, str], card: RenderedCard) -> dict[str, str]:
    """Return the options for one card: no scaling, no banner page in the feeder, both sides; the profile's win."""
    ours = {
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
    return re.fullmatch(r"[A-Za-z][A-Za-z0-9._-]*", name) is not None and value.isprintable()
