"""What CUPS says, read: recorded answers, and every state and reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from printers.api import JobState, PrinterReason, PrinterState
from printers.ipp import Attribute, Group, GroupTag, Value, ValueTag, boolean, decode, integer, text
from printers.spooler import QueueSnapshot, SpoolJob, SpoolState

RECORDED = Path(__file__).parents[2] / "fixtures" / "ipp"


def recorded(name: str, tag: GroupTag) -> tuple[Group, ...]:
    return decode((RECORDED / f"{name}.bin").read_bytes()).group(tag)


def queue(state: int, *keywords: str, message: str = "", accepting: bool = True) -> QueueSnapshot:
    return QueueSnapshot(state, keywords or ("none",), message, accepting)


class TestQueue:
    def test_an_idle_printer_is_ready_and_tells_its_ribbon(self) -> None:
        (group,) = recorded("printer-idle", GroupTag.PRINTER)
        status = QueueSnapshot.read(group).status("Desk")
        assert (status.name, status.state, status.reasons) == ("Desk", PrinterState.READY, ())
        assert status.ribbon_percent == 63
        assert status.model == "Printer - IPP Everywhere"

    def test_an_open_cover_is_trouble_although_cups_calls_it_a_warning(self) -> None:
        (group,) = recorded("printer-cover-open", GroupTag.PRINTER)
        snapshot = QueueSnapshot.read(group)
        assert "cover-open-warning" in snapshot.keywords
        assert snapshot.status("Desk").state is PrinterState.TROUBLE
        assert snapshot.reasons == (PrinterReason.COVER_OPEN,)

    @pytest.mark.parametrize(
        ("snapshot", "state"),
        [
            (queue(3), PrinterState.READY),
            (queue(4), PrinterState.PRINTING),
            (queue(4, "cups-waiting-for-job-completed"), PrinterState.PRINTING),
            (queue(4, "marker-supply-low-warning"), PrinterState.PRINTING),
            (queue(4, "media-empty-warning"), PrinterState.TROUBLE),
            (queue(3, "media-empty-error"), PrinterState.TROUBLE),
            (queue(5, "paused"), PrinterState.PAUSED),
            (queue(5), PrinterState.PAUSED),
            (queue(3, accepting=False), PrinterState.PAUSED),
            (queue(4, "offline-report"), PrinterState.OFFLINE),
            (queue(4, "connecting-to-device"), PrinterState.OFFLINE),
            (queue(4, message="The printer is not responding."), PrinterState.OFFLINE),
            (queue(4, message="The printer may not exist or is unavailable at this time."), PrinterState.OFFLINE),
            (queue(4, "unheard-of-warning"), PrinterState.PRINTING),
            (queue(4, "unheard-of-error"), PrinterState.TROUBLE),
        ],
    )
    def test_state_and_words_make_one_state(self, snapshot: QueueSnapshot, state: PrinterState) -> None:
        assert snapshot.status("Desk").state is state

    def test_what_an_idle_queue_remembers_of_its_last_job_is_told_but_stops_nothing(self) -> None:
        status = queue(3, "cover-open-warning").status("Desk")
        assert (status.state, status.reasons) == (PrinterState.READY, (PrinterReason.COVER_OPEN,))

    def test_a_queue_that_takes_no_jobs_says_so(self) -> None:
        status = queue(3, accepting=False).status("Desk")
        assert status.reasons == (PrinterReason.PAUSED,)
        assert "no jobs" in status.detail

    def test_the_emptiest_ribbon_counts_and_unknown_levels_do_not(self) -> None:
        def level(*levels: int) -> int | None:
            values = tuple(Value(ValueTag.INTEGER, each) for each in levels)
            return QueueSnapshot.read(Group(GroupTag.PRINTER, (Attribute("marker-levels", values),))).ribbon_percent

        assert level(80, 12, -1) == 12
        assert level(-2) is None
        assert level(-3, 101) is None

    def test_an_answer_of_wrong_types_is_read_as_far_as_it_goes(self) -> None:
        group = Group(
            GroupTag.PRINTER,
            (text(ValueTag.TEXT, "printer-state", "idle"), boolean("printer-state-reasons", True)),
        )
        assert QueueSnapshot.read(group) == QueueSnapshot(3)

    def test_an_idle_queue_speaks_with_the_printers_own_voice(self) -> None:
        idle, device = queue(3), queue(4, "cover-open-error")
        assert idle.idle
        assert not queue(3, accepting=False).idle
        assert not queue(5, "paused").idle
        assert idle.seen_at(device).status("Desk").reasons == (PrinterReason.COVER_OPEN,)
        assert idle.unreachable().status("Desk").state is PrinterState.OFFLINE

    def test_its_supplies_are_its_first_markers_name_and_lowest_level(self) -> None:
        (group,) = recorded("printer-idle", GroupTag.PRINTER)
        assert QueueSnapshot.read(group).consumables().ribbon_percent == 63
        due = queue(3, "cleaner-life-almost-over-warning")
        assert due.consumables().cleaning_due
        assert queue(3).consumables().cleaning_due is None


class TestJob:
    def test_a_job_at_the_printer(self) -> None:
        (group,) = recorded("job-processing", GroupTag.JOB)
        job = SpoolJob.read(group)
        assert (job.job_id, job.title, job.job_state, job.begun, job.ended) == (
            1,
            "card-1",
            JobState.PRINTING,
            True,
            False,
        )

    def test_a_job_that_waits_behind_another_has_not_begun(self) -> None:
        jobs = {job.title: job for job in map(SpoolJob.read, recorded("jobs-two", GroupTag.JOB))}
        waiting = jobs["card-2"]
        assert (waiting.job_state, waiting.begun, waiting.printed_again) == (JobState.QUEUED, False, False)

    def test_a_completed_job_has_ended(self) -> None:
        (group,) = recorded("job-completed", GroupTag.JOB)
        job = SpoolJob.read(group)
        assert (job.job_state, job.ended, job.forgotten) == (JobState.DONE, True, False)

    @pytest.mark.parametrize(
        ("state", "expected", "ended"),
        [
            (SpoolState.PENDING, JobState.QUEUED, False),
            (SpoolState.HELD, JobState.QUEUED, False),
            (SpoolState.PROCESSING, JobState.PRINTING, False),
            (SpoolState.STOPPED, JobState.FAILED, True),
            (SpoolState.CANCELLED, JobState.CANCELLED, True),
            (SpoolState.ABORTED, JobState.FAILED, True),
            (SpoolState.COMPLETED, JobState.DONE, True),
        ],
    )
    def test_every_state_has_its_name(self, state: SpoolState, expected: JobState, ended: bool) -> None:
        job = SpoolJob.read(Group(GroupTag.JOB, (integer("job-state", state, ValueTag.ENUM),)))
        assert (job.job_state, job.ended) == (expected, ended)

    def test_a_state_that_the_standard_does_not_know_is_unknown(self) -> None:
        assert SpoolJob(1, "card-1", 2).job_state is JobState.UNKNOWN

    @pytest.mark.parametrize("state", [SpoolState.PENDING, SpoolState.HELD])
    def test_a_job_that_was_at_the_printer_and_waits_again_would_be_printed_twice(self, state: SpoolState) -> None:
        assert SpoolJob(1, "card-1", state, begun=True).printed_again
        assert not SpoolJob(1, "card-1", state).printed_again

    def test_a_printer_that_forgot_the_job_is_not_believed(self) -> None:
        reasons = text(ValueTag.KEYWORD, "job-printer-state-reasons", "cups-ipp-missing-job-history")
        job = SpoolJob.read(Group(GroupTag.JOB, (integer("job-state", 9, ValueTag.ENUM), reasons)))
        assert job.forgotten
