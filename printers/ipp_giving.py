"""Give a card to whatever takes jobs by IPP, a queue of CUPS or a printer itself: the document and all that is said of
it travel in one request, so nobody who lists this computer's programs sees what is on a card, and a station that dies
in the middle has given away the whole card or nothing.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import replace

from printers.api import N_, DriverConfig, PrinterMissingError, PrintJob, PrintJobLostError
from printers.ipp import Attribute, IppError
from printers.ipp_client import IppClient, IppStatusError, IppUnreachableError
from printers.records import JobRecord
from printers.spooled import NO_JOBS, SpooledPrinter, words_of
from printers.spooler import SpoolJob, SpoolQueue


class IppSpooledPrinter(SpooledPrinter):
    """Print through ``queue`` of a print service; an empty one is the printer that the service itself is."""

    def __init__(self, config: DriverConfig, client: IppClient, queue: str) -> None:
        self._client, self._queue_name = client, queue
        super().__init__(config, SpoolQueue(client, queue))

    @abstractmethod
    def _order(self, job: PrintJob, document: bytes) -> list[Attribute]:
        """Return what is said of the job: its title, the document's format, then how it is to be printed."""

    def _there_already(self, job: str) -> SpoolJob | None:
        return self._queue.look(job)  # whether it takes jobs, it says itself when it gets this one

    def _give_away(self, job: PrintJob, document: bytes, record: JobRecord) -> JobRecord:
        try:
            number = self._client.print_job(self._order(job, document), document, queue=self._queue_name)
        except IppStatusError as error:
            # The service said no, so the card is still ours and may be given away anew.
            self._book.forget(job.job)
            raise self._not_taken(error) from error
        except IppError as error:
            # Before the first byte left, nothing can have arrived. After it, silence says nothing: the queue is asked.
            if isinstance(error, IppUnreachableError) and not error.sent:
                self._book.forget(job.job)
                raise self._missing(error) from error
            number = self._after_silence(job.job, error)
        return self._write(replace(record, spooler_id=str(number)))

    def _not_taken(self, error: IppStatusError) -> PrinterMissingError:
        if error.not_found:
            return self._missing(error)
        if error.busy:
            return PrinterMissingError(
                N_("The printer {device} is still busy with another card."),
                N_("Wait until that card is out, then print this one. Nothing of it was printed."),
                device=self.name,
                detail=words_of(error),
            )
        return self._refused(NO_JOBS if error.not_accepting else words_of(error))

    def _after_silence(self, job: str, error: IppError) -> int:
        """Return the number of a job that arrived although the answer didn't."""
        try:
            found = self._queue.look(job)
        except IppError:
            found = None
        if found is None:
            raise PrintJobLostError(detail=words_of(error)) from error
        return found.job_id
