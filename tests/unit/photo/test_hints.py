"""A hint is steady before it is shown, and stays long enough to be read."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from station.photo.hints import READ_S, STEADY_S, Calm

FRAME_S = 1 / 30
steps = st.lists(st.tuples(st.sampled_from([None, "a", "b", "c"]), st.floats(0.001, 0.5)), max_size=120)


def shown(told: list[tuple[str | None, float]]) -> list[tuple[float, str | None]]:
    """Return what is shown at each time."""
    calm, now, seen = Calm[str](), 0.0, list[tuple[float, str | None]]()
    for value, step in told:
        now += step
        seen.append((now, calm.feed(value, now)))
        assert calm.shown == seen[-1][1]
    return seen


def test_a_hint_that_lasts_is_shown_and_goes_when_it_is_mended() -> None:
    seen = shown([("turn", FRAME_S)] * 60 + [(None, FRAME_S)] * 60)
    assert seen[5][1] is None, "it may still be a flicker"
    assert seen[20][1] == "turn"
    assert seen[-1][1] is None


def test_a_flicker_is_never_shown() -> None:
    seen = shown([("turn", FRAME_S), (None, FRAME_S)] * 200)
    assert {value for _, value in seen} == {None}


@given(steps)
def test_it_never_changes_faster_than_one_can_read(told: list[tuple[str | None, float]]) -> None:
    changes = [
        (at, value) for (_, before), (at, value) in itertools.pairwise([(0.0, None), *shown(told)]) if value != before
    ]
    for (one, value), (other, _) in itertools.pairwise(changes):
        if value is not None:
            assert other - one >= READ_S


@given(steps)
def test_what_is_shown_was_said_for_a_while(told: list[tuple[str | None, float]]) -> None:
    since, last, now, calm = 0.0, None, 0.0, Calm[str]()
    for value, step in told:
        now += step
        if value != last:
            last, since = value, now
        before = calm.shown
        if calm.feed(value, now) != before:
            assert calm.shown == value
            assert now - since >= STEADY_S
