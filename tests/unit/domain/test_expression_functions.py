"""The functions by themselves: what they take, what they refuse, and that each is known by its name and size."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.domain.expression_functions import FUNCTIONS, LONGEST_VALUE, Misuse, Value, checked, shown_kind

VALUES = st.one_of(st.none(), st.booleans(), st.integers(), st.binary(), st.text(), st.dates())


@given(st.sampled_from(sorted(FUNCTIONS)), st.data())
def test_whatever_is_given_comes_to_a_value_or_a_misuse(name: str, data: st.DataObject) -> None:
    least, most = FUNCTIONS[name].arguments
    given_values = data.draw(st.lists(VALUES, min_size=least, max_size=most))
    found: Value
    try:
        found = FUNCTIONS[name].call(*given_values)
    except Misuse as misuse:
        # Whoever tells it puts in the function's name; everything else is there.
        found = misuse.detail.format_map({**misuse.params, "name": name})
    assert isinstance(found, (str, bytes, int))


@given(st.binary(max_size=50))
def test_hex_and_back(data: bytes) -> None:
    assert FUNCTIONS["unhex"].call(FUNCTIONS["hex"].call(data)) == data


@given(st.text("0123456789", min_size=1, max_size=30))
def test_a_luhn_digit_brings_the_sum_to_tens(digits: str) -> None:
    whole = digits + str(FUNCTIONS["luhn"].call(digits))
    doubled = [int(d) * (2 if i % 2 else 1) for i, d in enumerate(reversed(whole))]
    assert sum(n - 9 if n > 9 else n for n in doubled) % 10 == 0


@given(st.one_of(st.text(max_size=20), st.binary(max_size=20)), st.integers(0, 30))
def test_padding_keeps_what_it_pads(value: str | bytes, size: int) -> None:
    for name, keeps in (("pad", "startswith"), ("pad_left", "endswith")):
        if len(value) > size:
            with pytest.raises(Misuse):
                FUNCTIONS[name].call(value, size)
        else:
            padded = FUNCTIONS[name].call(value, size)
            assert isinstance(padded, type(value))
            assert (len(padded), getattr(padded, keeps)(value)) == (size, True)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("", "a text"),
        (b"", "bytes"),
        (True, "yes or no"),
        (1, "a number"),
        (date(2026, 1, 1), "a date"),
        (None, "nothing"),
    ],
)
def test_every_kind_has_a_word(value: Value, kind: str) -> None:
    assert shown_kind(value) == kind


def test_what_is_out_of_all_proportion_is_refused() -> None:
    assert checked("a" * LONGEST_VALUE) == "a" * LONGEST_VALUE
    for value in ("a" * (LONGEST_VALUE + 1), bytes(LONGEST_VALUE + 1), 1 << 64, -(1 << 64)):
        with pytest.raises(Misuse):
            checked(value)
