"""Codes are read back from what the ribbon prints, straight and a little askew."""

from __future__ import annotations

from dataclasses import replace

import pytest

from station.domain.elements import AnyElement, Box, Code128, DataMatrix, Ean13, Layer, Pdf417, Shape
from station.domain.lint import Level
from station.render.linting import readback
from tests.helpers.layouts import COLOUR_ONLY, CR80_300, PRINTERS, card_fields
from tests.helpers.linting import QR, checked, names

EVERY_CODE: tuple[AnyElement, ...] = (
    QR,
    Code128(id="bars", text="{student_number}", box=Box(30, 5, 45, 8)),
    Code128(id="up", text="{student_number}", turn=90, box=Box(74, 15, 8, 36)),
    Ean13(id="ean", text="123456789012", box=Box(30, 15, 40, 8)),
    Pdf417(id="stack", text="{esi_short}", box=Box(26, 26, 45, 10)),
    DataMatrix(id="dm", text="{student_number}", box=Box(30, 40, 8, 8)),
)


@pytest.mark.parametrize("printer", PRINTERS, ids=lambda each: each.name)
def test_every_kind_of_code_is_read_from_every_printer(printer: object) -> None:
    assert checked(readback.codes, *EVERY_CODE, printer=printer) == []


def test_a_code_that_something_covers_can_not_be_read() -> None:
    lid = Shape(id="lid", fill="#000000", layer=Layer.RESIN, box=Box(10, 24, 8, 8))
    (found,) = checked(readback.codes, QR, lid)
    assert (found.rule, found.level, found.element) == ("code/unreadable", Level.ERROR, "qr")
    assert CR80_300.model in str(found.message)


def test_the_same_lid_in_colours_is_found_where_dyes_make_the_black() -> None:
    lid = Shape(id="lid", fill="#101010", box=Box(9, 23, 9, 9))
    assert names(checked(readback.codes, QR, lid, printer=COLOUR_ONLY)) == ["code/unreadable qr"]


def test_long_and_low_bars_are_only_read_when_held_straight() -> None:
    fine = Code128(id="bars", text="{escn}", min_dots=1, box=Box(10, 5, 44, 0.9))
    (found,) = checked(readback.codes, fine)
    assert (found.rule, found.level) == ("code/unreadable", Level.WARNING)


def test_a_card_that_can_not_be_drawn_says_which_element_is_at_fault() -> None:
    found = checked(readback.codes, replace(QR, box=Box(4, 19, 6, 6)))
    assert names(found) == ["card/undrawn qr"]


def test_a_code_with_nothing_to_say_or_that_is_not_shown_is_not_looked_for() -> None:
    empty = replace(card_fields(), qr="", escn="")
    assert checked(readback.codes, QR, samples=[empty]) == []
    assert checked(readback.codes, replace(QR, needs=("contact",))) == []
