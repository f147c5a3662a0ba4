"""Personal codes are recognised, and other numbers are left alone."""

from __future__ import annotations

import pytest

from station.domain.personal_code import personal_codes_in


@pytest.mark.parametrize(
    "text",
    [
        # As published in examples: three of before 2017, two of after.
        "161175-19997",
        "290758-10403",
        "111111-11410",
        "328673-00679",
        "325035-11782",
        "32503511782",  # without the hyphen, check digit right
        "37605030299",  # Estonia, the example of the national description
        "38703181745",
        "33309240064",  # Lithuania
        "161175 - 19997",  # as a template may put it together
        "161175\u201119997",  # a hyphen that doesn't break
        "161175\u221219997",
        "325035 11782",  # a space, check digit right
    ],
)
def test_a_code_is_found_as_it_is_written(text: str) -> None:
    assert personal_codes_in(f"Nr. {text}.") == (text,)
    assert personal_codes_in(f"A{text}B") == (text,)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "051REB123",
        "999465982",
        "321375-19997",  # no day 32 … of a century 1; and 3, 2 is new: see below
        "161375-19997",  # no month 13
        "32503511783",  # no hyphen, check digit wrong
        "1611751999",
        "161175-199971",
        "0161175-19997",
        "14625400-9326-103f-8001-001999465982",
        "20261122123",
        "161175 19998",  # a space, check digit wrong
    ],
)
def test_other_numbers_are_none(text: str) -> None:
    found = personal_codes_in(text)
    # A new Latvian code says nothing of its holder, so any digits after 32 … 39 and a hyphen look like one.
    assert found == (("321375-19997",) if text.startswith("321375") else ())
