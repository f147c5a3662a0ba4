"""One PDF a card, at the card's exact size: a proof for the eye, or for a print shop. No plastic, so no card."""

from __future__ import annotations

from printers.api import (
    N_,
    Cancel,
    Cancelled,
    CardFeeder,
    Consumables,
    DriverConfig,
    JobReport,
    JobState,
    PrinterProfile,
    PrinterState,
    PrinterStatus,
    PrinterUnfitError,
    PrintJob,
    PrintJobLostError,
    Progress,
    RenderedCard,
    refuse_unknown_options,
)
from printers.document import ID1_MM, pdf, sides
from printers.records import FINAL, JobBook, JobRecord, check_job_name, not_given_away, replace_file

_PROOF = "card.pdf"


class PdfPrinter:
    """Write ``<folder>/<job>/card.pdf``."""

    api_version = 1

    def __init__(self, config: DriverConfig) -> None:
        refuse_unknown_options("pdf", config)
        self._config = config
        self._book = JobBook(config.folder, config.open_jobs)

    @property
    def name(self) -> str:
        """Return the printer's name for people."""
        return self._config.name

    @property
    def profile(self) -> PrinterProfile:
        """Return the model that the proof is for."""
        return self._config.profile

    def status(self) -> PrinterStatus:
        """Return ``READY``, or ``OFFLINE`` when the folder can't be one."""
        folder = self._config.folder
        state = PrinterState.OFFLINE if folder.exists() and not folder.is_dir() else PrinterState.READY
        return PrinterStatus(self.name, state, model=self.profile.model)

    def consumables(self) -> Consumables:
        """Return nothing: a file needs no ribbon."""
        return Consumables()

    @property
    def feeder(self) -> CardFeeder | None:
        """Return ``None``: there is no card."""
        return None

    def unfit(self, card: RenderedCard) -> PrinterUnfitError | None:
        """Return ``None``: a proof shows what the eye sees, whatever the model can."""
        return None

    def print_card(self, job: PrintJob, *, cancel: Cancel, progress: Progress) -> JobReport:
        """Write the PDF; a job that was written before stays as it is."""
        record = self._book.read(check_job_name(job.job))
        if record is not None and record.state in FINAL:
            return self.wait_job(job.job, cancel=cancel, progress=progress)
        if cancel.is_set():
            raise Cancelled
        progress("printing", 0.0)
        try:
            report = self._write(job)
        except OSError as error:
            raise not_given_away(self.name, self._config.folder, error) from error
        progress("printing", 1.0)
        return report

    def wait_job(self, job: str, *, cancel: Cancel, progress: Progress) -> JobReport:
        """Return what was written; there is nothing to wait for."""
        report = self.job_report(job)
        if report.state is JobState.CANCELLED:
            raise Cancelled
        if report.state is not JobState.DONE:
            raise PrintJobLostError(detail=N_("the printer has never heard of it"))
        return report

    def job_report(self, job: str) -> JobReport:
        """Return ``DONE`` for a PDF that is there; a file is never a card."""
        record = self._book.read(job)
        return JobReport(job, JobState.UNKNOWN) if record is None else self._book.report(record)

    def cancel_job(self, job: str) -> None:
        """Do nothing: what is written is written, and a person may delete it."""

    def _write(self, job: PrintJob) -> JobReport:
        card = job.card
        # For the eye: the back is upright whatever the model wants.
        content = pdf(job.job, sides(card), (card.dpi_x, card.dpi_y), ID1_MM)
        place = self._book.place(job.job)
        place.mkdir(parents=True, exist_ok=True)
        replace_file(place / _PROOF, content)
        return self._book.report(self._book.write(JobRecord(job.job, JobState.DONE, proof=_PROOF)))
