"""The test of a reader: what it counts, what it survives, when it ends."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from station.adapters.clock import SystemClock
from station.adapters.reader.virtual import VirtualReaders
from station.chip.encoder import ChipContents
from station.chip.virtual_card.kinds import blank_card, new_card
from station.domain.errors import Cancelled, CardAbsentError, ReaderMissingError
from station.services.reader_test import (
    ANOTHER_ANSWER,
    Limits,
    ReaderTest,
    ReaderTestReport,
    Round,
    bars,
)
from tests.helpers.chip import UID

NAME = "ACS ACR1252 Dual Reader PICC 0"


@pytest.fixture
def readers() -> VirtualReaders:
    made = VirtualReaders(NAME)
    made.insert(blank_card(UID))
    return made


def quiet(_step: str, _share: float) -> None:
    """Report to nobody."""


def run(
    readers: VirtualReaders,
    limits: Limits,
    *,
    cancel: threading.Event | None = None,
    each_round: Callable[[int], None] = lambda _: None,
) -> ReaderTestReport:
    """Test, calling ``each_round`` with the round's number before each."""
    seen = 0

    def progress(_step: str, share: float) -> None:
        nonlocal seen
        assert 0 <= share <= 1
        if share < 1:
            each_round(seen)
            seen += 1

    test = ReaderTest(readers, SystemClock())
    return test.run("acr1252", limits, wait_s=1.0, cancel=cancel or threading.Event(), progress=progress)


def report_of(*rounds: Round, seconds: float = 10.0) -> ReaderTestReport:
    return ReaderTestReport(NAME, ChipContents("", ""), rounds, 0, seconds)


def test_a_good_reader_is_good_in_each_round(readers: VirtualReaders) -> None:
    report = run(readers, Limits(600, 25))
    assert (len(report.rounds), report.good, report.bad, report.errors) == (25, 25, 0, {})
    assert (report.reader, report.card.uid, report.cancelled) == (NAME, UID.hex().upper(), False)
    assert report.card.kind.startswith("DESFire EV1")
    assert report.traits.model == "ACS ACR1252U"
    assert report.apdus % 25 == 0
    assert report.apdus >= 25 * 4
    assert 0 < report.percentile_ms(50) <= report.percentile_ms(95) <= report.percentile_ms(100)


def test_it_ends_by_the_clock(readers: VirtualReaders) -> None:
    report = run(readers, Limits(0.05))
    assert report.good == len(report.rounds) > 0
    assert report.seconds >= 0.05
    assert sum(span.good for span in report.spans(7)) == report.good


def test_a_card_that_flickers_or_is_lifted_is_counted_and_the_test_goes_on(readers: VirtualReaders) -> None:
    def disturb(number: int) -> None:
        if number == 3:
            readers.pull_after(2)
        elif number == 6:
            readers.flicker()  # between two rounds: nobody was connected, nothing is lost

    back = threading.Timer(0, lambda: None)

    def put_back(number: int) -> None:
        nonlocal back
        disturb(number)
        if number == 3:
            card = readers.card()
            assert card is not None
            stop = readers.watch(lambda event: event.kind == "card_out" and readers.insert(card))
            back.function = stop

    report = run(readers, Limits(600, 10), each_round=put_back)
    back.function()
    assert (report.good, report.bad) == (9, 1)
    assert report.errors == {"CardRemoved": 1}
    assert report.last_error is not None
    assert not report.rounds[3].good


def test_a_reader_that_another_program_holds_is_counted_as_busy(readers: VirtualReaders) -> None:
    with readers.held("signing-program (4711)"):
        report = run(readers, Limits(600, 2))
    assert report.errors == {"ReaderBusy": 2}
    assert "signing-program" in str(report.last_error)
    assert report.percentile_ms(50) == 0


def test_a_service_that_dies_and_comes_back_is_survived(readers: VirtualReaders) -> None:
    def stop_and_start(number: int) -> None:
        if number == 1:
            readers.stop_service()
        elif number == 3:
            readers.start_service()

    report = run(readers, Limits(600, 5), each_round=stop_and_start)
    assert report.errors == {"ReaderServiceDown": 2}
    assert [each.good for each in report.rounds] == [True, False, False, True, True]


def test_another_card_in_the_middle_is_another_answer(readers: VirtualReaders) -> None:
    def swap(number: int) -> None:
        if number == 2:
            readers.insert(blank_card())

    report = run(readers, Limits(600, 4), each_round=swap)
    assert report.errors == {ANOTHER_ANSWER: 2}


@pytest.mark.parametrize("kind", ["random-id", "classic-1k", "ntag213", "unknown", "desfire-ev3", "desfire-random-id"])
def test_any_card_will_do(kind: str) -> None:
    readers = VirtualReaders(NAME)
    readers.insert(new_card(kind))
    report = run(readers, Limits(600, 3))
    assert (report.good, report.errors) == (3, {})


def test_stopping_it_gives_what_was_found_so_far(readers: VirtualReaders) -> None:
    cancel = threading.Event()
    report = run(readers, Limits(600), cancel=cancel, each_round=lambda number: cancel.set() if number == 4 else None)
    assert report.cancelled
    assert report.good == len(report.rounds) == 4


def test_without_a_card_or_a_reader_there_is_nothing_to_test(readers: VirtualReaders) -> None:
    readers.remove()
    with pytest.raises(CardAbsentError):
        ReaderTest(readers, SystemClock()).run("", wait_s=0.01, cancel=threading.Event(), progress=quiet)
    with pytest.raises(ReaderMissingError):
        ReaderTest(readers, SystemClock()).run("omnikey", cancel=threading.Event(), progress=quiet)
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(Cancelled):
        ReaderTest(readers, SystemClock()).run("", cancel=cancel, progress=quiet)


def test_percentiles_are_of_the_good_rounds() -> None:
    rounds = [Round(0, number / 1000) for number in range(1, 101)]
    report = report_of(*rounds, Round(1, 9.0, "CardRemoved"))
    assert [round(report.percentile_ms(each)) for each in (0, 1, 50, 95, 99, 100)] == [1, 1, 50, 95, 99, 100]


def test_the_chart_shows_a_single_bad_round_beside_thousands() -> None:
    report = report_of(*(Round(0.5, 0.001) for _ in range(5000)), Round(0.6, 0.1, "CardRemoved"), Round(10.0, 0.1))
    spans = report.spans(10)
    assert [(span.good, span.bad) for span in spans] == [(5000, 1), *[(0, 0)] * 8, (1, 0)]
    assert (spans[0].from_s, spans[-1].to_s) == (0, 10)
    assert bars(spans, 50) == [(49, 1), *[(0, 0)] * 8, (1, 0)]
    assert bars([], 50) == []
