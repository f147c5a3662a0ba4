"""All checks together: clean layouts are clean, hostile ones never raise, and what is cheap draws nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from string import Formatter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from station.domain.elements import (
    Box,
    ChipZone,
    Code128,
    DataMatrix,
    Ean13,
    EscLogo,
    GhostImage,
    HologramZone,
    Layer,
    Line,
    Logo,
    MagneticTracks,
    Pdf417,
    Photo,
    Qr,
    Shape,
    StripeZone,
    Text,
)
from station.domain.lint import Level, worst_level
from station.render.layout_file import bundled_layout, bundled_names
from station.render.linting.lint import full_lint, quick_lint, render_lint
from tests.helpers.layouts import CR80_300, PRINTERS, RETRANSFER
from tests.helpers.linting import ESC, NAME, QR, TODAY, layout, linted, names


@pytest.mark.parametrize("name", bundled_names())
def test_a_ready_layout_has_no_error_and_its_codes_are_read(name: str) -> None:
    found = full_lint(bundled_layout(name), CR80_300, today=TODAY)
    assert worst_level(found) in (None, Level.WARNING, Level.NOTE), [str(each.message) for each in found]
    assert not [each for each in found if each.rule == "code/unreadable"]


def test_a_small_card_with_all_the_marks_is_clean() -> None:
    assert names(linted(layout(*ESC), RETRANSFER)) == []


def test_a_card_that_bears_no_mark_is_not_held_to_the_rules_of_one() -> None:
    assert names(linted(layout(NAME), RETRANSFER)) == []


def test_quick_and_rendered_are_what_the_full_check_finds() -> None:
    pale = replace(NAME, layer=Layer.COLOUR, colour="#cccccc")
    given = layout(pale, replace(QR, box=Box(1, 20, 17.4, 17.4)))
    quick, rendered = quick_lint(given, CR80_300, today=TODAY), render_lint(given, CR80_300, today=TODAY)
    assert "esc-2026/logo" in [each.rule for each in quick]
    assert [each.rule for each in rendered] == ["esc-2026/text-contrast"]
    assert sorted(full_lint(given, CR80_300, today=TODAY), key=repr) == sorted(quick + rendered, key=repr)
    assert worst_level(quick) is Level.ERROR
    assert [each.level for each in quick] == sorted((each.level for each in quick), key=list(Level).index)


def test_every_finding_says_rule_source_place_and_remedy() -> None:
    wrong = layout(
        Text(id="t", text="PIC 999888777", size_pt=3, box=Box(-3, 50, 30, 4)), Qr(id="q", box=Box(1, 1, 8, 8)),
        back=[StripeZone(id="s", box=Box(0, 20, 85.6, 12.7)), Logo(id="l", box=Box(10, 25, 5, 5))],
    )  # fmt: skip
    found = linted(wrong, replace(CR80_300, duplex=False))
    assert {each.element for each in found} >= {"t", "q", "l", "s"}
    for each in found:
        assert "/" in each.rule
        assert each.source
        for said in (each.message, each.remedy):
            assert {name for _, name, _, _ in Formatter().parse(said.msgid) if name} <= set(said.params)
        assert (each.side is None) == (not each.element) == (each.box is None)


def test_other_rules_hold_on_other_days() -> None:
    assert quick_lint(layout(*ESC), RETRANSFER, today=date(2099, 1, 1)) == ()


BOXES = st.builds(
    Box,
    st.floats(-20, 90, width=32),
    st.floats(-20, 60, width=32),
    st.floats(0.125, 90, width=32),
    st.floats(0.125, 60, width=32),
)
WORDS = st.sampled_from(
    [
        "",
        "{full_name}",
        "{given_names}\n{family_name}",
        "{first(student_number, 40)}",
        "{escn}",
        "٣ 漢 a\u0301",
        "x" * 300,
    ]
)
KINDS: list[tuple[type, dict[str, Any]]] = [
    (Text, {"size_pt": st.floats(2, 40), "text": WORDS}),
    (Qr, {"text": st.sampled_from(["{qr}", "{student_number}", "x" * 90])}),
    (Code128, {"text": WORDS}),
    (Ean13, {"text": st.sampled_from(["123456789012", "abc"])}),
    (Pdf417, {"text": WORDS}),
    (DataMatrix, {"text": WORDS}),
    (Shape, {"fill": st.sampled_from(["accent", "#102030"]), "opacity": st.floats(0, 1)}),
    (Line, {}),
    (Photo, {}),
    (GhostImage, {}),
    (Logo, {}),
    (EscLogo, {}),
    (HologramZone, {}),
    (ChipZone, {}),
    (StripeZone, {}),
    (MagneticTracks, {"track1": WORDS}),
]
ELEMENTS = st.one_of(
    *(st.builds(kind, id=st.sampled_from("abcdef"), box=BOXES, **more) for kind, more in KINDS)  # type: ignore[arg-type]
)


@settings(max_examples=40, deadline=None)
@given(st.lists(ELEMENTS, max_size=6), st.lists(ELEMENTS, max_size=2), st.sampled_from(PRINTERS))
def test_nothing_raises_whatever_lies_on_the_card(front: list[Any], back: list[Any], printer: Any) -> None:
    for each in linted(layout(*front, back=back), printer):
        assert str(each.message)
