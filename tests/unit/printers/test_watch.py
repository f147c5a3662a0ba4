"""How long things last while a job is followed: by a clock that the test moves."""

from __future__ import annotations

import time

import pytest

from printers.api import PrinterReason
from printers.spooler import SpoolJob, SpoolState
from printers.watch import Watch

CARD_S = 24.0
PRINTING = SpoolJob(1, "card-1", SpoolState.PROCESSING, begun=True)
WAITING = SpoolJob(1, "card-1", SpoolState.PENDING)
JAM, OFFLINE, OTHER = (PrinterReason.MEDIA_JAM,), (PrinterReason.OFFLINE,), (PrinterReason.OTHER,)


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        """Return the moment."""
        return self.now_s


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(time, "monotonic", made)
    return made


@pytest.fixture
def watch(clock: Clock) -> Watch:
    return Watch(CARD_S)


@pytest.mark.parametrize(("reasons", "grace_s"), [(JAM, 0.5), (OFFLINE, 3.0)], ids=str)
def test_a_trouble_that_passes_at_once_bothers_nobody(
    watch: Watch, clock: Clock, reasons: tuple[PrinterReason, ...], grace_s: float
) -> None:
    assert watch.lasting(reasons, PRINTING) == ()
    clock.now_s += grace_s - 0.1
    assert watch.lasting(reasons, PRINTING) == ()
    clock.now_s += 0.1
    assert watch.lasting(reasons, PRINTING) == reasons
    assert watch.lasting((), PRINTING) == ()
    assert watch.lasting(reasons, PRINTING) == (), "it is back, and new"


def test_the_worst_is_told_first(watch: Watch, clock: Clock) -> None:
    watch.lasting(JAM + OFFLINE, PRINTING)
    clock.now_s += 5
    assert watch.lasting(JAM + OFFLINE, PRINTING) == JAM + OFFLINE


def test_a_card_that_takes_far_too_long_is_a_trouble_of_its_own(watch: Watch, clock: Clock) -> None:
    watch.lasting((), PRINTING)
    clock.now_s += 4 * CARD_S
    assert watch.lasting((), PRINTING) == ()
    clock.now_s += 0.1
    assert watch.lasting((), PRINTING) == OTHER


def test_a_job_that_waits_for_others_never_stalls(watch: Watch, clock: Clock) -> None:
    for _ in range(3):
        assert watch.lasting((), WAITING) == ()
        clock.now_s += 10 * CARD_S


def test_the_time_in_which_somebody_was_looked_for_is_not_the_cards(watch: Watch, clock: Clock) -> None:
    watch.lasting((), PRINTING)
    watch.lasting(JAM, PRINTING)
    clock.now_s += 10 * CARD_S
    watch.lasting(JAM, PRINTING)
    assert watch.lasting((), PRINTING) == (), "it has only just been freed"
    clock.now_s += CARD_S
    assert watch.lasting((), PRINTING) == ()


def test_progress_is_a_guess_that_never_says_done(watch: Watch, clock: Clock) -> None:
    assert watch.progress(WAITING) == ("queued", 0.0)
    assert watch.progress(PRINTING) == ("printing", 0.0)
    clock.now_s += CARD_S / 2
    assert watch.progress(PRINTING) == ("printing", 0.5)
    clock.now_s += 10 * CARD_S
    assert watch.progress(PRINTING) == ("printing", 0.95)


def test_who_asks_to_stop_asks_once_and_waits_ten_seconds(watch: Watch, clock: Clock) -> None:
    assert not watch.asked_long_ago()
    assert watch.first_asked()
    assert not watch.first_asked()
    clock.now_s += 10
    assert not watch.asked_long_ago()
    clock.now_s += 0.1
    assert watch.asked_long_ago()
