"""Take a job back at the very moment at which its card comes out."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from printers.api import Cancel, JobReport, JobState, Printer, PrintJob
from printers.records import JobBook, JobRecord
from tests.helpers.cards import sample_rendered_card
from tests.helpers.xvfb import wait_for

JOB = "card-1"


def cancelled_while_it_comes_out(printer: Printer, book: JobBook, monkeypatch: pytest.MonkeyPatch) -> JobReport:
    """Return how the job ended for who prints it; whoever takes it back is held up until then."""
    read = JobBook.read
    card = PrintJob(JOB, sample_rendered_card(two_sided=False))
    with ThreadPoolExecutor(1) as pool:
        printing: Future[JobReport] = pool.submit(
            printer.print_card, card, cancel=Cancel(), progress=lambda _step, _share: None
        )

        def held_up(self: JobBook, job: str) -> JobRecord | None:
            found = read(self, job)
            printing.result(20)
            return found

        wait_for("the card is printed", lambda: (found := read(book, JOB)) and found.state is JobState.PRINTING)
        with monkeypatch.context() as patched:
            patched.setattr(JobBook, "read", held_up)
            printer.cancel_job(JOB)
        return printing.result(20)
