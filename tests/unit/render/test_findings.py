"""What is said of one card's texts and portrait."""

from __future__ import annotations

from station.domain.elements import Box, Photo
from station.domain.lint import Level
from station.render.findings import card_findings
from tests.helpers.layouts import card_fields
from tests.helpers.linting import NAME, layout, text


def test_nothing_is_said_of_a_card_in_which_all_is_well() -> None:
    assert card_findings(layout(NAME), card_fields()) == ()


def test_a_text_that_is_set_too_small_says_where_and_what_to_do() -> None:
    (found,) = card_findings(layout(text("{full_name}", Box(4, 47, 12, 4))), card_fields())
    assert (found.rule, found.level, found.side, found.element) == ("text/too-small", Level.WARNING, 0, "text")
    assert found.box == Box(4, 47, 12, 4)
    assert "Līga" in str(found.message)
    assert found.remedy.msgid
    assert found.source


def test_a_letter_that_no_font_has_is_an_error_on_its_side() -> None:
    (found,) = card_findings(layout(NAME, back=[text("{given_names}")]), card_fields("一"))[1:]
    assert (found.rule, found.level, found.side) == ("text/no-letter", Level.ERROR, 1)
    assert "一" in str(found.message)


def test_a_place_without_a_portrait_is_said() -> None:
    given = layout(Photo(id="photo", box=Box(4, 4, 20, 26)))
    (found,) = card_findings(given, card_fields(), has_portrait=False)
    assert (found.rule, found.element) == ("photo/none", "photo")
    assert card_findings(given, card_fields()) == ()
