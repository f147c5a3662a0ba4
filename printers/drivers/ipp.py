"""A network printer that speaks IPP itself, without CUPS in between: its own word for a job is the printer's.

It gets a PDF of the card's exact size, or, where it takes none, PWG Raster dot for dot (PWG 5102.4). Where the printer
itself says that the job was completed successfully and counts what came out, the card is confirmed (RFC 8011 section
5.3.7: completed means that all sheets are in the output bin).
"""

from __future__ import annotations

from pathlib import Path

from printers.api import (
    N_,
    DriverConfig,
    JobState,
    PrinterMissingError,
    PrinterReason,
    PrinterTroubleError,
    PrinterUnfitError,
    PrintJob,
    ProfileError,
    RenderedCard,
    refuse_unknown_options,
)
from printers.capability import DEFAULT_WITHOUT, WITHOUT, abilities, check_without, unfit
from printers.document import ID1_MM, pdf, sides
from printers.ipp import Attribute, IppError, ValueTag, integer, text
from printers.ipp_client import IppClient, IppStatusError, IppUntrustedError, Server
from printers.ipp_giving import IppSpooledPrinter
from printers.pwg_raster import raster
from printers.spooled import words_of
from printers.spooler import SpoolJob
from printers.trouble import SpoolerError, trouble_error

PDF, PWG_RASTER = "application/pdf", "image/pwg-raster"
_FORMATS, _SHEET_BACK = "document-format-supported", "pwg-raster-document-sheet-back"


class IppPrinter(IppSpooledPrinter):
    """Print on the printer at ``ipp://…`` or ``ipps://…``, which ``queue`` of its settings names."""

    api_version = 1

    def __init__(self, config: DriverConfig) -> None:
        refuse_unknown_options("ipp", config, (WITHOUT, "certificate", "media"))
        self._without = check_without(config.options.get(WITHOUT, DEFAULT_WITHOUT))
        self._media = config.options.get("media") or config.profile.options.get("media", "om_card_54x86mm")
        certificate = config.options.get("certificate", "")
        server = Server.at(config.queue or config.name, certificate=certificate)
        if server is None or (certificate and not Path(certificate).is_file()):
            raise ProfileError(
                N_("The printer's option {option} can't be {value}."),
                N_("Ask IT to correct it in the station profile: it looks like {example}."),
                option="certificate" if server is not None else "queue",
                value=certificate if server is not None else config.queue or config.name,
                example="/etc/station/printer.pem" if server is not None else "ipp://printer.example.org/ipp/print",
            )
        super().__init__(config, IppClient(server), "")

    def unfit(self, card: RenderedCard) -> PrinterUnfitError | None:
        """Return what can't be handed over: IPP knows what the eye sees, and nothing of stripes and hidden panels."""
        return unfit(self.name, abilities(self.profile) - {"uv", "overlay", "magnetic"}, card, self._without)

    def _document(self, job: PrintJob) -> bytes:
        dpi = (job.card.dpi_x, job.card.dpi_y)
        images = sides(job.card, rotate_back=self.profile.rotate_back)
        try:
            asked = self._client.printer("", [_FORMATS, _SHEET_BACK])
        except IppError as error:
            raise self._missing(error) from error
        if PDF in asked.get(_FORMATS):
            return pdf(job.job, images, dpi, ID1_MM)
        if PWG_RASTER not in asked.get(_FORMATS):
            raise self._refused(N_("it takes neither PDF nor PWG Raster"))
        return raster(images, dpi, ID1_MM, back=next((str(each) for each in asked.get(_SHEET_BACK)), "normal"))

    def _order(self, job: PrintJob, document: bytes) -> list[Attribute]:
        two_sided = job.card.back is not None
        return [
            text(ValueTag.NAME, "job-name", job.job),
            text(ValueTag.MIME_TYPE, "document-format", PDF if document.startswith(b"%PDF") else PWG_RASTER),
            text(ValueTag.KEYWORD, "media", self._media),
            text(ValueTag.KEYWORD, "sides", "two-sided-long-edge" if two_sided else "one-sided"),
            text(ValueTag.KEYWORD, "print-scaling", "none"),
            integer("copies", 1),
        ]

    def _confirmed(self, found: SpoolJob) -> bool:
        # It counts a sheet that it has drawn in; one that is stuck on its way out is no card yet.
        said = found.job_state is JobState.DONE and found.successful and found.sides > 0
        return said and not self._jammed()

    def _jammed(self) -> bool:
        try:
            return PrinterReason.MEDIA_JAM in self._queue.now().reasons
        except SpoolerError:
            return False  # its word for the job is the last that it said

    def _missing(self, error: SpoolerError) -> PrinterMissingError:
        if isinstance(error, IppStatusError):
            return self._refused(words_of(error))
        if isinstance(error, IppUntrustedError):
            return PrinterMissingError(
                error.what, error.todo, device=self.name, reason=error.reason.value, detail=words_of(error)
            )
        return PrinterMissingError(
            N_("The printer {device} doesn't answer."),
            N_("Check its power and its cable. Nothing was printed, and the card is not spoiled."),
            device=self.name,
            detail=words_of(error),
        )

    def _away(self, error: SpoolerError) -> PrinterTroubleError:
        return trouble_error(self.name, (error.reason,), words_of(error))
