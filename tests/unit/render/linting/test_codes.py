"""Codes by their figures: content, clear modules, size, panel."""

from __future__ import annotations

from dataclasses import replace

import pytest

from station.domain.elements import Box, Code128, DataMatrix, Ean13
from station.domain.lint import Level
from station.render.linting import codes
from tests.helpers.layouts import CR80_300, CR80_600, WIDE_DOTS, card_fields
from tests.helpers.linting import LOGO, QR, checked, layout, names, task

QR_OF_OLD = replace(card_fields(), qr=f"http://esc.gg/{card_fields().escn}")


class TestContent:
    def test_the_official_address_and_the_one_of_before_are_right(self) -> None:
        assert checked(codes.content, QR) == []
        assert checked(codes.content, QR, samples=[QR_OF_OLD]) == []

    @pytest.mark.parametrize(
        "words", ["{escn}", "https://s.esc-r.eu/{upper(escn)}", "{qr}?a=1", "http://s.esc-r.eu/{escn}"]
    )
    def test_anything_else_is_an_error(self, words: str) -> None:
        (found,) = checked(codes.content, replace(QR, text=words))
        assert (found.rule, found.level) == ("esc-2026/qr-content", Level.ERROR)

    def test_where_there_is_no_number_yet_there_is_nothing_to_say(self) -> None:
        assert checked(codes.content, QR, samples=[replace(card_fields(), escn="", qr="")]) == []

    def test_a_qr_code_of_the_institutions_own_may_say_what_it_wants(self) -> None:
        own = replace(QR, id="own", text="https://library.example/{student_number}")
        assert checked(codes.content, own, LOGO) == []


class TestQuietZone:
    def test_less_than_four_modules_are_an_error(self) -> None:
        assert checked(codes.quiet_zone, QR) == []
        (found,) = checked(codes.quiet_zone, replace(QR, quiet_modules=1))
        assert (found.rule, found.level) == ("esc-2026/qr-quiet-zone", Level.ERROR)
        assert "4" in str(found.remedy)


class TestSize:
    def test_large_enough_is_nothing_to_say(self) -> None:
        assert checked(codes.size, QR) == []

    def test_three_dots_at_300_dpi_are_a_warning_with_the_size_that_would_do(self) -> None:
        (found,) = checked(codes.size, replace(QR, box=Box(4, 19, 10.6, 10.6)))
        assert (found.rule, found.level) == ("esc-2026/qr-size", Level.WARNING)
        assert "0.25 mm" in str(found.message)
        assert "13.8" in str(found.remedy)

    def test_finer_than_that_is_an_error_where_the_printer_can_do_it(self) -> None:
        (found,) = checked(codes.size, replace(QR, box=Box(4, 19, 8.8, 8.8)), printer=CR80_600)
        assert found.level is Level.ERROR

    def test_what_the_printer_can_not_draw_is_an_error(self) -> None:
        found = checked(codes.size, replace(QR, box=Box(4, 19, 8, 8)))
        assert [(each.rule, each.level) for each in found] == [("code/undrawn", Level.ERROR)]
        found = checked(codes.size, Ean13(id="ean", text="{student_number}", box=Box(4, 4, 30, 10)))
        assert names(found) == ["code/undrawn ean"]

    def test_a_data_matrix_is_measured_too_and_bars_are_not(self) -> None:
        small = DataMatrix(id="dm", text="{student_number}", box=Box(4, 4, 4.3, 4.3))
        assert names(checked(codes.size, small)) == ["esc-2026/qr-size dm"]
        assert checked(codes.size, Code128(id="bars", text="{student_number}", box=Box(4, 4, 40, 8))) == []

    def test_where_dots_are_not_square_the_smaller_way_counts(self) -> None:
        given = task(layout(QR), WIDE_DOTS)
        assert codes.module_mm(given, given.elements[0]) == pytest.approx(5 * 25.4 / 300, abs=0.01)


def test_a_code_that_colours_print_is_a_warning() -> None:
    assert checked(codes.panel, QR) == []
    (found,) = checked(codes.panel, QR, printer=replace(CR80_300, resin_front=False))
    assert (found.rule, found.level) == ("esc-2026/qr-resin", Level.WARNING)
