"""What checks are given: which cards are ESC cards, and where an element is shown."""

from __future__ import annotations

from dataclasses import replace

import pytest

from station.domain.elements import AnyElement, Box, HologramZone, Image, Qr
from station.domain.lint import Level
from station.domain.message import Message
from station.render.linting.task import finding, grown, is_esc_qr, is_logo, text_of
from station.render.rules import OldMarks
from tests.helpers.layouts import CR80_300, card_fields
from tests.helpers.linting import ESI, LOGO, NAME, QR, RULES, layout, task, text

ARTWORK = Image(id="esc_logo_front", source="logo.png", box=Box(4, 4, 20, 4))


@pytest.mark.parametrize(
    ("element", "is_one"),
    [
        (NAME, False), (QR, True), (LOGO, True), (ESI, True), (ARTWORK, True), (text("{escn}"), True),
        (replace(QR, text="https://library.example/{student_number}"), False),
        (HologramZone(id="h", box=Box(4, 4, 10, 10)), True),
    ],
)  # fmt: skip
def test_any_mark_makes_a_card_an_esc_card(element: AnyElement, is_one: bool) -> None:
    assert task(layout(element)).is_esc is is_one


def test_the_logo_may_be_our_element_or_the_artwork_itself() -> None:
    assert is_logo(LOGO)
    assert is_logo(ARTWORK)
    assert not is_logo(Image(id="other", source="logo.png", box=Box(4, 4, 20, 4)))
    assert is_esc_qr(QR)
    assert not is_esc_qr(Qr(id="q", text="{student_number}", box=QR.box))


def test_elements_come_in_their_order_with_their_side() -> None:
    placed = task(layout(NAME, QR, back=[ESI])).elements
    assert [(p.side, p.order, p.element.id) for p in placed] == [(0, 0, "name"), (0, 1, "qr"), (1, 0, "esi")]


def test_an_element_is_shown_for_those_that_its_conditions_let_through() -> None:
    given = task(
        layout(text("x", when="family_name == 'Ozola'"), text("y", id="bad", when="first(student_number, 40) == 'x'")),
        samples=[card_fields("A", "Ozola"), card_fields("B", "Kalna")],
    )  # fmt: skip
    shown = [[text_of(values, "family_name") for values in given.shown(placed)] for placed in given.elements]
    assert shown == [["Ozola"], []]


def test_fields_that_are_no_text_are_empty_as_text() -> None:
    values = card_fields().values()
    assert text_of(values, "family_name") == "Bērziņa-Šķēle"
    assert text_of(values, "expires") == text_of(values, "nothing") == ""


def test_a_rule_for_esc_cards_is_not_for_others() -> None:
    (old,) = RULES.of(OldMarks)
    assert task(layout(QR)).applies(old)
    assert not task(layout(NAME)).applies(old)
    breach = task(layout(QR)).breach(old, Message("a"), Message("b"), task(layout(QR)).elements[0], level=Level.NOTE)
    assert (breach.rule, breach.level, breach.box) == ("esc-2026/old-marks", Level.NOTE, QR.box)


def test_a_finding_of_the_whole_card_has_no_place() -> None:
    found = finding("x/y", Level.NOTE, (Message("a"), Message("b")), "c")
    assert (found.side, found.element, found.box) == (None, "", None)


def test_resin_is_told_side_by_side() -> None:
    given = task(layout(NAME), replace(CR80_300, resin_front=False))
    assert [given.resin_on(side) for side in (0, 1)] == [False, True]
    assert grown(Box(1, 2, 3, 4), 0.5) == Box(0.5, 1.5, 4, 5)
