"""A printer's correction: within reason, read off the rulers of the test card."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.domain.errors import InputError
from station.domain.print_care import Correction, Rulers, from_rulers

WIDTH, HEIGHT = 85.6, 53.98


def test_a_correction_is_kept_whole_and_older_and_newer_ones_are_read() -> None:
    whole = Correction(0.1, -0.2, 0.3, -0.4, 1.002, 0.998, 1.1, 0.9, 1.05, 1.2)
    assert Correction.of_data(whole.as_data()) == whole
    assert Correction.of_data({"x_mm": 1, "humidity": 3}) == Correction(x_mm=1.0)
    assert Correction.of_data({}) == Correction()
    assert whole.checked() == whole


@pytest.mark.parametrize(
    "wrong",
    [{"x_mm": 5.1}, {"back_y_mm": -9.0}, {"scale_x": 1.04}, {"scale_y": 0.9}, {"gamma": 0.0}, {"cyan": 3.0},
     {"y_mm": float("nan")}, {"gamma": float("nan")}, {"scale_x": float("inf")}],
)  # fmt: skip
def test_no_sound_printer_needs_that(wrong: dict[str, float]) -> None:
    with pytest.raises(InputError):
        replace(Correction(), **wrong).checked()


@given(
    shift=st.floats(-3, 3), stretch=st.floats(0.98, 1.02), length=st.sampled_from([WIDTH, HEIGHT])
)  # fmt: skip
def test_what_the_rulers_show_brings_every_place_back(shift: float, stretch: float, length: float) -> None:
    middle = length / 2

    def printed_at(x: float) -> float:
        return middle + (x - middle) * stretch + shift

    def shown_at(place: float) -> float:
        return middle + (place - middle - shift) / stretch

    (offset, scale), _ = from_rulers(Rulers(shown_at(0), shown_at(length)), length, HEIGHT)
    for x in (0.0, 10.0, middle, length):
        given_to_it = middle + (x - middle) * scale + offset
        assert printed_at(given_to_it) == pytest.approx(x, abs=0.005)


def test_one_edge_tells_the_offset_alone() -> None:
    assert from_rulers(Rulers(left_mm=0.5, lower_mm=HEIGHT + 0.3), WIDTH, HEIGHT) == ((0.5, 1.0), (0.3, 1.0))
    assert from_rulers(Rulers(), WIDTH, HEIGHT) == ((0.0, 1.0), (0.0, 1.0))


def test_rulers_that_were_mixed_up() -> None:
    with pytest.raises(InputError, match="can't read 85"):
        from_rulers(Rulers(85, 0.3), WIDTH, HEIGHT)
