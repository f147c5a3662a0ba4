"""A card's last day."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.domain.card import ExpiryRule, expiry_date

ISSUED = date(2026, 9, 1)


@pytest.mark.parametrize(
    ("rule", "years", "study_end", "expected"),
    [
        (ExpiryRule.STUDY_END, 4, date(2028, 6, 30), date(2028, 6, 30)),
        (ExpiryRule.STUDY_END, 4, date(2033, 6, 30), date(2030, 9, 1)),
        (ExpiryRule.STUDY_END, 4, None, date(2030, 9, 1)),
        (ExpiryRule.STUDY_END, 4, date(2026, 8, 31), date(2030, 9, 1)),
        (ExpiryRule.YEARS, 1, date(2028, 6, 30), date(2027, 9, 1)),
        (ExpiryRule.END_OF_YEAR, 1, None, date(2027, 12, 31)),
    ],
)
def test_the_rule_gives_the_day(rule: ExpiryRule, years: int, study_end: date | None, expected: date) -> None:
    assert expiry_date(rule, years, ISSUED, study_end) == expected


def test_the_twenty_ninth_of_february_is_no_trap() -> None:
    assert expiry_date(ExpiryRule.YEARS, 1, date(2028, 2, 29), None) == date(2029, 2, 28)


@given(
    st.sampled_from(list(ExpiryRule)),
    st.integers(1, 10),
    st.dates(date(2020, 1, 1), date(2090, 1, 1)),
    st.none() | st.dates(date(2000, 1, 1), date(2100, 1, 1)),
)
def test_a_card_never_ends_before_it_begins(rule: ExpiryRule, years: int, issued: date, end: date | None) -> None:
    last = expiry_date(rule, years, issued, end)
    assert issued < last <= date(issued.year + years, 12, 31)
