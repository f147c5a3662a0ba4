"""Keywords of printers as reasons, and each reason in words for a person."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printers.api import PrinterReason
from printers.trouble import (
    STOPPING,
    TEXTS,
    WORST_FIRST,
    not_taken_back,
    reason_of,
    reasons_of,
    stopping,
    trouble_error,
)


@pytest.mark.parametrize("severity", ["", "-error", "-warning", "-report"])
@pytest.mark.parametrize(
    ("keyword", "reason"),
    [
        ("media-empty", PrinterReason.MEDIA_EMPTY),
        ("media-low", PrinterReason.MEDIA_LOW),
        ("input-media-supply-low", PrinterReason.MEDIA_LOW),
        ("media-path-input-jam", PrinterReason.MEDIA_JAM),
        ("media-path-output-full", PrinterReason.OUTPUT_FULL),
        ("marker-print-ribbon-empty", PrinterReason.RIBBON_EMPTY),
        ("marker-ribbon-almost-empty", PrinterReason.RIBBON_LOW),
        ("cleaner-life-almost-over", PrinterReason.CLEANING_DUE),
        ("spool-area-full", PrinterReason.SPOOL_FULL),
        ("cups-missing-filter", PrinterReason.DRIVER_MISSING),
        ("power-down", PrinterReason.OFFLINE),
        ("com.example.media-jam", PrinterReason.MEDIA_JAM),
        ("com.example-media-jam", PrinterReason.MEDIA_JAM),
        ("media-needed", PrinterReason.MEDIA_EMPTY),
        ("input-tray-missing", PrinterReason.MEDIA_EMPTY),
        ("media-jam", PrinterReason.MEDIA_JAM),
        ("cover-open", PrinterReason.COVER_OPEN),
        ("door-open", PrinterReason.COVER_OPEN),
        ("interlock-open", PrinterReason.COVER_OPEN),
        ("marker-supply-empty", PrinterReason.RIBBON_EMPTY),
        ("toner-empty", PrinterReason.RIBBON_EMPTY),
        ("marker-supply-low", PrinterReason.RIBBON_LOW),
        ("output-area-full", PrinterReason.OUTPUT_FULL),
        ("paused", PrinterReason.PAUSED),
        ("offline", PrinterReason.OFFLINE),
        ("timed-out", PrinterReason.OFFLINE),
        ("other", PrinterReason.OTHER),
    ],
)
def test_a_keyword_means_the_same_in_every_severity(keyword: str, severity: str, reason: PrinterReason) -> None:
    assert reason_of(keyword + severity) is reason


@pytest.mark.parametrize(
    "keyword",
    [
        "none",
        "output-area-almost-full-warning",
        "cups-waiting-for-job-completed",
        "cups-ipp-conformance-failure-report",
        "pausedish",
    ],
)
def test_what_needs_nobody_is_no_reason(keyword: str) -> None:
    assert reason_of(keyword) is None


def test_an_unknown_error_is_told_all_the_same() -> None:
    assert reason_of("org.example-head-hot-error") is PrinterReason.OTHER
    assert reason_of("org.example-head-warm-warning") is None


@given(st.lists(st.text(max_size=30)))
def test_whatever_a_printer_says_has_an_answer(keywords: list[str]) -> None:
    assert set(reasons_of(keywords)) <= set(PrinterReason)


def test_the_worst_comes_first_and_each_only_once() -> None:
    said = ["marker-supply-low-warning", "media-empty-error", "media-empty-warning", "media-jam-error"]
    expected = (PrinterReason.MEDIA_JAM, PrinterReason.MEDIA_EMPTY, PrinterReason.RIBBON_LOW)
    assert reasons_of(said) == expected
    assert stopping(expected) == expected[:2]


def test_every_reason_has_its_place_and_every_one_that_stops_its_words() -> None:
    assert set(WORST_FIRST) == set(PrinterReason)
    assert set(TEXTS) == STOPPING


@pytest.mark.parametrize("reason", sorted(STOPPING))
def test_a_person_reads_which_printer_and_what_to_do(reason: PrinterReason) -> None:
    error = trouble_error("Desk printer", (reason, PrinterReason.RIBBON_LOW))
    assert error.reason == reason.value
    assert "Desk printer" in str(error)
    assert error.todo
    assert "{" not in str(error)


def test_without_a_reason_the_printers_own_words_are_told() -> None:
    assert "Head too hot" in str(trouble_error("Desk printer", (), "Head too hot"))


def test_a_job_that_stays_at_the_printer_is_a_warning_to_the_person() -> None:
    error = not_taken_back("Desk printer", "no answer")
    assert "no answer" in str(error)
    assert "Switch the printer off" in error.todo
