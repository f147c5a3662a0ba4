"""How many are on their way: gently at first, more while it goes well, fewer at once when the router pushes back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.services.outbox_window import MOST, START, Window


def answered(window: Window, count: int, took_s: float = 0.05) -> Window:
    for _each in range(count):
        window.answered(took_s)
    return window


def test_one_goes_first_and_then_as_many_as_it_begins_with() -> None:
    window = Window()
    assert window.size == 1
    assert answered(window, 1).size == START


def test_it_doubles_every_round_trip_up_to_the_most() -> None:
    window = answered(Window(8, 64), 1)
    sizes = []
    for _trip in range(5):
        sizes.append(window.size)
        answered(window, window.size)
    assert sizes == [8, 16, 32, 64, 64]


def test_a_429_halves_it_once_a_round_trip() -> None:
    window = answered(Window(64, 64), 65)
    for _each in range(30):  # all that were on their way together
        window.pushed_back()
    assert window.size == 32
    answered(window, 32)
    window.pushed_back()
    assert window.size == 16


def test_after_a_push_back_it_grows_by_one_a_round_trip() -> None:
    window = answered(Window(64, 64), 65)
    window.pushed_back()
    for _trip in range(4):
        answered(window, window.size)
    assert 33 <= window.size <= 37


def test_answers_that_take_several_times_as_long_make_it_smaller() -> None:
    window = answered(Window(16, 64), 60)
    before = window.size
    answered(window, 100, took_s=3.0)
    assert window.size < before


def test_answers_that_are_a_little_late_do_not() -> None:
    window = answered(Window(16, 64), 100)
    assert answered(window, 100, took_s=0.2).size == 64


def test_after_no_answer_one_goes_first_again() -> None:
    window = answered(Window(8, 64), 100)
    window.failed()
    assert window.size == 1
    assert answered(window, 1).size == 8


@pytest.mark.parametrize(("start", "most"), [(0, 0), (8, 1), (200, 64), (1, 1)])
def test_it_keeps_its_bounds_whatever_it_is_given(start: int, most: int) -> None:
    window = answered(Window(start, most), 300)
    assert window.size == max(1, most)


@given(st.lists(st.sampled_from(["good", "slow", "429", "away"]), max_size=300), st.integers(1, 64))
def test_it_is_always_between_one_and_the_most(happened: list[str], most: int) -> None:
    window = Window(START, most)
    for each in happened:
        match each:
            case "good":
                window.answered(0.05)
            case "slow":
                window.answered(9.0)
            case "429":
                window.pushed_back()
            case _:
                window.failed()
        assert 1 <= window.size <= most <= MOST
