"""The marks of the European Student Card: there, in time, large enough, with room around them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from station.domain.elements import Box, EscLogoForm, HologramZone, Image, Line, Shape
from station.domain.layout import CardFields, Preprinted, fields_of
from station.domain.lint import Level
from station.render.linting import marks
from tests.helpers.layouts import ESCN, ISSUER, holder
from tests.helpers.linting import ESC, ESI, EXPIRES, LOGO, NAME, PHOTO, QR, checked, layout, names, task, text

HOLOGRAM = HologramZone(id="hologram", box=Box(70, 38, 12, 12))


def ends(day: date) -> tuple[CardFields]:
    return (fields_of(holder(), ESCN, day, ISSUER),)


class TestRequired:
    def test_all_there_is_nothing_to_say(self) -> None:
        assert checked(marks.required, *ESC) == []

    @pytest.mark.parametrize(
        ("missing", "rule", "level"),
        [
            (LOGO, "logo", Level.ERROR), (QR, "qr", Level.ERROR), (NAME, "name", Level.ERROR),
            (PHOTO, "photo", Level.WARNING), (EXPIRES, "expiry", Level.WARNING), (ESI, "esi", Level.NOTE),
        ],
    )  # fmt: skip
    def test_each_that_is_missing_is_said(self, missing: object, rule: str, level: Level) -> None:
        (found,) = checked(marks.required, *(each for each in ESC if each is not missing))
        assert (found.rule, found.level, found.side) == (f"esc-2026/{rule}", level, None)

    def test_the_artwork_as_a_picture_is_the_logo(self) -> None:
        artwork = Image(id="esc_logo", source="x.svg", box=LOGO.box)
        assert checked(marks.required, *(artwork if each is LOGO else each for each in ESC)) == []

    def test_a_hologram_stands_for_the_logo_here_and_the_old_marks_say_how_long(self) -> None:
        assert checked(marks.required, HOLOGRAM, *(each for each in ESC if each is not LOGO)) == []

    def test_blank_cards_may_bear_the_logo_already(self) -> None:
        stock = replace(layout(*(each for each in ESC if each is not LOGO)), preprinted=(Preprinted.ESC_LOGO,))
        assert names(list(marks.required(task(stock)))) == []
        bare = task(replace(stock, front=(NAME,)))
        assert "esc-2026/qr" in names(list(marks.required(bare))), "what bears the logo has to be such a card"
        old = replace(stock, front=(*stock.front, HOLOGRAM))
        late = list(marks.old_marks(task(old, samples=ends(date(2030, 6, 30)))))
        assert names(late) == ["esc-2026/hologram hologram"]

    def test_an_own_qr_code_is_none_of_the_card(self) -> None:
        own = replace(QR, text="https://library.example/{student_number}")
        found = checked(marks.required, *(own if each is QR else each for each in ESC))
        assert names(found) == ["esc-2026/qr"]


class TestOldMarks:
    def test_a_card_with_old_marks_may_end_with_2027(self) -> None:
        found = checked(marks.old_marks, HOLOGRAM, QR, samples=ends(date(2027, 12, 31)))
        assert [(each.rule, each.level) for each in found] == [("esc-2026/hologram", Level.NOTE)]

    def test_one_that_would_outlive_them_is_an_error(self) -> None:
        found = checked(marks.old_marks, HOLOGRAM, QR, samples=ends(date(2028, 1, 1)))
        assert names(found) == ["esc-2026/old-marks hologram", "esc-2026/hologram hologram"]
        assert found[0].level is Level.ERROR
        assert "01.01.2028" in str(found[0].message)
        assert "31.12.2027" in str(found[0].message)

    def test_with_the_new_logo_it_may_live_on(self) -> None:
        found = checked(marks.old_marks, HOLOGRAM, LOGO, QR, samples=ends(date(2030, 6, 30)))
        assert names(found) == ["esc-2026/hologram hologram"]

    def test_without_a_hologram_nothing_is_old(self) -> None:
        assert checked(marks.old_marks, QR, samples=ends(date(2030, 6, 30))) == []


class TestLogoSize:
    @pytest.mark.parametrize(
        ("form", "width", "height", "fits"),
        [
            (EscLogoForm.VERTICAL, 10.4, 1.9, True), (EscLogoForm.VERTICAL, 10.0, 1.9, False),
            (EscLogoForm.VERTICAL, 10.4, 1.5, False), (EscLogoForm.HORIZONTAL, 5.0, 8.3, True),
            (EscLogoForm.HORIZONTAL, 5.0, 8.0, False),
        ],
    )  # fmt: skip
    def test_each_form_has_its_least_size(self, form: EscLogoForm, width: float, height: float, fits: bool) -> None:
        logo = replace(LOGO, form=form, box=Box(10, 10, width, height))
        assert names(checked(marks.logo_size, logo)) == ([] if fits else ["esc-2026/logo-size logo"])

    def test_a_picture_of_it_is_measured_by_the_way_it_stands(self) -> None:
        tall = Image(id="esc_logo", source="x.svg", box=Box(10, 10, 5, 8.3))
        assert checked(marks.logo_size, tall) == []
        assert names(checked(marks.logo_size, replace(tall, box=Box(10, 10, 8.3, 5)))) == [
            "esc-2026/logo-size esc_logo"
        ]


class TestClearZone:
    def test_what_is_near_is_named_and_what_is_far_is_not(self) -> None:
        near, far = Line(id="near", box=Box(22, 19, 0, 17)), Line(id="far", box=Box(23.5, 19, 0, 17))
        assert names(checked(marks.clear_zone, near, far, QR)) == ["esc-2026/clear-zone near"]

    def test_of_a_text_its_letters_count_and_not_its_box(self) -> None:
        beside = text("{given_names}", Box(22, 25, 30, 4))
        assert names(checked(marks.clear_zone, QR, beside)) == ["esc-2026/clear-zone text"]
        assert checked(marks.clear_zone, QR, replace(beside, box=Box(23, 25, 30, 4))) == []
        empty = text("{address}", Box(5, 25, 30, 4))
        assert checked(marks.clear_zone, QR, empty) == []

    def test_the_logo_may_stand_close_to_the_code(self) -> None:
        assert checked(marks.clear_zone, replace(LOGO, box=Box(4, 15.6, 18, 3.3)), QR) == []

    def test_a_ground_below_all_of_it_is_no_neighbour_but_one_above_is(self) -> None:
        ground = Shape(id="ground", fill="#eeeeee", box=Box(0, 0, 85.6, 53.98))
        assert checked(marks.clear_zone, ground, QR) == []
        assert names(checked(marks.clear_zone, QR, ground)) == ["esc-2026/clear-zone ground"]
        edge = Shape(id="edge", fill="#eeeeee", box=Box(0, 0, 10, 53.98))
        assert names(checked(marks.clear_zone, edge, QR)) == ["esc-2026/clear-zone edge"]
        assert checked(marks.clear_zone, replace(edge, opacity=0.05), QR) == []

    def test_the_other_side_does_not_matter(self) -> None:
        from tests.helpers.linting import layout, task

        given = task(layout(QR, back=[Line(id="near", box=Box(22, 19, 0, 17))]))
        assert list(marks.clear_zone(given)) == []
