"""Job records: whole or not at all, and never more than was known."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printers.api import InputError, JobState, PrinterReason, StationError
from printers.records import (
    FINAL,
    KEPT_S,
    JobBook,
    JobRecord,
    check_job_name,
    not_given_away,
    replace_file,
    still_waits,
)

RECORD = JobRecord(
    "card-1", JobState.PRINTING, "17", reasons=(PrinterReason.MEDIA_JAM,), detail="ž", proof="card.pdf", untouched=True
)


@pytest.fixture
def book(tmp_path: Path) -> JobBook:
    return JobBook(tmp_path / "jobs")


def test_a_record_comes_back_as_it_was(book: JobBook) -> None:
    book.write(RECORD)
    assert book.read("card-1") == RECORD


def test_a_later_record_takes_the_place_of_the_older_one(book: JobBook) -> None:
    book.write(RECORD)
    book.write(JobRecord("card-1", JobState.DONE))
    assert book.read("card-1") == JobRecord("card-1", JobState.DONE)
    assert [path.name for path in book.place("card-1").iterdir()] == ["job.json"]


def test_of_a_job_without_a_record_nothing_is_known(book: JobBook) -> None:
    assert book.read("card-1") is None


def test_a_forgotten_job_leaves_nothing(book: JobBook) -> None:
    book.write(RECORD)
    book.forget("card-1")
    assert list(book.folder.iterdir()) == []
    book.forget("card-1")


OPEN = "card-open"


def aged(book: JobBook, job: str, state: JobState, *more: str) -> None:
    """Have a job that was last written down longer ago than records are kept."""
    book.write(JobRecord(job, state))
    for name in more:
        (book.place(job) / name).write_bytes(b"x")
    long_ago = time.time() - KEPT_S - 3600
    os.utime(book.place(job), (long_ago, long_ago))


def test_what_ended_weeks_ago_is_forgotten_unless_it_may_still_matter(tmp_path: Path) -> None:
    book = JobBook(tmp_path / "jobs", lambda: {OPEN})
    untidied = JobBook(tmp_path / "jobs")
    for state in JobState:
        aged(untidied, f"card-{state}", state)
    aged(untidied, OPEN, JobState.DONE)
    aged(untidied, "card-proof", JobState.DONE, "card.pdf")
    untidied.write(JobRecord("card-new", JobState.DONE))
    (tmp_path / "jobs" / "not a job").mkdir()
    untidied.write(JobRecord("card-now", JobState.DONE))
    assert untidied.read("card-done") is not None, "without knowing what is open nothing is forgotten"
    book.write(JobRecord("card-now", JobState.QUEUED))
    assert untidied.read("card-done") is not None, "not while a card is on its way"
    book.write(JobRecord("card-now", JobState.DONE))
    unended = {f"card-{state}" for state in JobState if state not in FINAL}
    left = {path.name for path in book.folder.iterdir()}
    assert left == {*unended, OPEN, "card-proof", "card-new", "card-now", "not a job"}


def test_it_is_looked_for_once_a_day_and_a_store_that_is_away_does_not_matter(tmp_path: Path) -> None:
    asked: list[str] = []

    def away() -> list[str]:
        asked.append("open jobs")
        raise StationError

    book = JobBook(tmp_path / "jobs", away)
    aged(JobBook(tmp_path / "jobs"), "card-1", JobState.DONE)
    for number in range(2, 5):
        assert book.write(JobRecord(f"card-{number}", JobState.DONE)).state is JobState.DONE
    assert (len(asked), book.read("card-1") is not None) == (1, True)


def test_a_report_names_the_proof_by_its_full_path(book: JobBook) -> None:
    report = book.report(RECORD)
    assert report.proof == str(book.folder / "card-1" / "card.pdf")
    assert (report.state, report.reasons, report.untouched) == (JobState.PRINTING, RECORD.reasons, True)
    assert book.report(JobRecord("card-2", JobState.DONE)).proof == ""


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"job": "card-1"}',
        b'{"job": "card-1", "state": "perhaps"}',
        b'{"job": "card-1", "state": "done", "owner": "me"}',
        b'{"job": "card-1", "state": "done", "reasons": ["fire"]}',
        b'{"job": "card-1", "state": "done", "reasons": 7}',
        b'{"job": "card-1", "state": "done", "begun_at": "soon"}',
        b'{"job": "card-1", "state": "done", "begun_at": Infinity}',
        b"\xff\xfe",
        b"[" * 100_000,
    ],
)
def test_a_record_that_makes_no_sense_is_no_record(book: JobBook, content: bytes) -> None:
    book.place("card-1").mkdir(parents=True)
    (book.place("card-1") / "job.json").write_bytes(content)
    assert book.read("card-1") is None


@given(
    st.dictionaries(st.sampled_from(["job", "state", "card_confirmed", "untouched", "detail"]), st.none() | st.text())
)
def test_no_edited_record_confirms_a_card(tmp_path_factory: pytest.TempPathFactory, document: object) -> None:
    book = JobBook(tmp_path_factory.mktemp("jobs"))
    book.place("card-1").mkdir()
    (book.place("card-1") / "job.json").write_text(json.dumps(document))
    record = book.read("card-1")
    assert record is None or not (record.card_confirmed or record.untouched)


@pytest.mark.parametrize("name", ["card-1", "a", "0f3a.7_b", "x" * 100])
def test_a_job_may_be_named_like_this(name: str) -> None:
    assert check_job_name(name) == name


@pytest.mark.parametrize("name", ["", ".hidden", "a/b", "..", "a b", "-rf", "Zoé", "a\n", "x" * 101, "a\0"])
def test_a_job_is_not_named_like_that(book: JobBook, name: str) -> None:
    with pytest.raises(InputError):
        book.place(name)


@pytest.mark.parametrize("durable", [True, False])
def test_whoever_looks_finds_the_old_file_or_the_new_one(tmp_path: Path, durable: bool) -> None:
    path = tmp_path / "file"
    replace_file(path, b"old", durable=durable)
    with path.open("rb") as reader:
        replace_file(path, b"new", durable=durable)
        assert reader.read() == b"old"
    assert path.read_bytes() == b"new"


def test_a_write_that_fails_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match=r"irectory"):
        replace_file(tmp_path / "folder", b"a file can't take the place of a folder")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_the_errors_say_where_and_whether_the_card_is_safe() -> None:
    error = OSError(28, os.strerror(28))
    folder = Path("somewhere") / "printer"
    assert "Nothing was printed" in str(not_given_away("Desk", folder, error))
    assert "The card waits" in str(still_waits("Desk", folder, error))
    for told in (not_given_away("Desk", folder, error), still_waits("Desk", folder, error)):
        assert str(folder) in str(told)
        assert "No space left" in str(told)
