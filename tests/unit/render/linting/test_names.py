"""A whole register against a layout: quick where it is sure, and never surer than the card itself."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from station.domain.elements import Align, Box, Text, Weight
from station.domain.layout import filled
from station.domain.lint import Level
from station.render.layout_file import bundled_layout
from station.render.linting.names import NameCheck
from station.render.linting.task import Task
from station.render.paint import setting_of
from tests.helpers.layouts import CR80_300, card_fields
from tests.helpers.linting import NAME, QR, RULES, layout, names, task, text
from tests.helpers.names import EVERY_NAME

UNIVERSITY = NameCheck(Task(bundled_layout("university"), CR80_300, RULES, ()))
NARROW = text("{full_name}", Box(4, 10, 30, 9), id="name", min_size_pt=6, max_lines=2)


def found(element: Text, given_names: str, family_name: str) -> list[str]:
    return names(NameCheck(task(layout(element))).findings(card_fields(given_names, family_name)))


class TestFindings:
    def test_a_name_that_fits_is_nothing_to_look_at(self) -> None:
        assert UNIVERSITY.findings(card_fields("Līga", "Bērziņa")) == ()
        assert found(NARROW, "Līga", "Bērziņa") == []

    def test_shrunk_to_the_floor_wrapped_too_small_and_missing_letters_are_told_apart(self) -> None:
        one_line = replace(NARROW, max_lines=1)
        assert found(replace(one_line, min_size_pt=7), "Kristiāna", "Bērziņa-Kalniņa") == ["text/at-the-floor name"]
        assert found(NARROW, "Kristiāna Magdalēna", "Bērziņa-Kalna") == ["text/wrapped name"]
        assert found(one_line, "Kristiāna Magdalēna", "Bērziņa-Kalna-Ozola") == ["text/too-small name"]
        assert found(NARROW, "一", "Li") == ["text/no-letter name"]

    def test_a_personal_code_in_the_register_is_found_although_the_name_fits(self) -> None:
        check = NameCheck(task(layout(NAME, text("{student_number}"))))
        someone = replace(card_fields(), student_number="32503511782")
        (seen,) = check.findings(someone)
        assert (seen.rule, seen.level) == ("esc-2026/no-personal-code", Level.ERROR)

    def test_a_text_that_can_not_be_made_for_somebody_is_an_error(self) -> None:
        assert found(text("{first(family_name, 4)}"), "Li", "O") == ["text/expression text"]
        assert found(text("{first(family_name, 4)}"), "Anna", "Ozola") == []

    def test_what_is_the_same_for_all_and_what_is_not_shown_is_not_asked_again(self) -> None:
        assert found(text("{institution} " * 9, Box(4, 10, 10, 4)), "Anna", "Ozola") == []
        assert found(text("{full_name}", Box(4, 10, 2, 4), needs=("contact",)), "Anna", "Ozola") == []

    def test_the_same_programme_is_judged_once_and_said_of_everyone(self) -> None:
        check = NameCheck(task(layout(text("{programme}", Box(4, 10, 6, 4)), QR)))
        assert names(check.findings(card_fields("A", "B"))) == names(check.findings(card_fields("C", "D"))) != []


def sure_and_wrong(element: Text, words: str) -> bool:
    """Tell whether a text was passed as fitting that the card would set at its floor, smaller, or wrapped."""
    given = task(layout(element))
    check = NameCheck(given)
    fields = replace(card_fields(), full_name=words)
    content = given.content(fields.values())
    if check.findings(fields):
        return False
    setting = setting_of(element, content)
    asked = len([line for line in filled(element.text, content.values).split("\n") if line.strip()])
    at_floor = setting.size_pt <= element.floor_pt < element.size_pt
    return setting.too_small or bool(setting.replaced) or at_floor or len(setting.lines) > max(1, asked)


@settings(max_examples=120, deadline=None)
@given(
    st.sampled_from(EVERY_NAME) | st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=30),
    st.floats(10, 60),
    st.sampled_from([1, 2]),
    st.sampled_from(list(Weight)),
    st.sampled_from([0.0, 0.08]),
)
def test_what_is_passed_quickly_fits_on_the_card(
    words: str, width: float, lines: int, weight: Weight, tracking: float
) -> None:
    element = text(
        "{full_name}", Box(4, 10, width, 4.2 * lines), size_pt=9.0, min_size_pt=7.0, max_lines=lines, weight=weight,
        tracking_em=tracking, align=Align.CENTRE,
    )  # fmt: skip
    assert not sure_and_wrong(element, words)
