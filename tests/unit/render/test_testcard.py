"""The test card: whole on every printer, rulers where they say they are."""

from __future__ import annotations

import pytest

from printers.profile_files import list_profiles, load_profile
from station.domain.elements import Code, Line, Shape
from station.domain.layout import CardFields
from station.domain.layout_rules import check_layout
from station.ports.printer import PrinterProfile
from station.render.card import prove_codes
from station.render.colour import RESIN_CEILING, rgb
from station.render.raster import MM_PER_INCH, Raster, image_of
from station.render.testcard import GREYS, PATCHES, layout_for, render_test_card
from tests.helpers.layouts import COLOUR_ONLY, CR80_300, CR80_600, FARGO, PRINTERS, WIDEST_DOTS

ALL = [*PRINTERS, FARGO, WIDEST_DOTS, *(load_profile(name) for name in list_profiles())]


@pytest.mark.parametrize("profile", ALL, ids=lambda p: p.name)
def test_every_printer_gets_one_whose_codes_can_be_read(profile: PrinterProfile) -> None:
    layout = layout_for(profile)
    check_layout(layout)
    card = render_test_card(profile)
    assert (card.front.composite.width_px, card.front.composite.height_px) == (profile.width_px, profile.height_px)
    assert (card.back is not None) is profile.duplex
    codes = [each for side in layout.sides for each in side if isinstance(each, Code)]
    assert len(codes) > 3
    assert prove_codes(layout, CardFields(institution=profile.model), card) == "", "each was read, none is a card's"


def test_the_rulers_count_millimetres() -> None:
    raster = Raster.of_printer(layout_for(CR80_600), CR80_600)
    resin = image_of(render_test_card(CR80_600).front.resin)
    y = round(raster.y_px(0.7))
    found = [x for x in range(resin.width) if resin.getpixel((x, y)) and not resin.getpixel((x - 1, y))]
    inner = [x for x in found if raster.x_px(3.5) < x < raster.x_px(82.5)]
    wanted = [raster.x_px(mm) for mm in range(4, 83)]
    assert len(inner) == len(wanted)
    assert max(abs(a - b) for a, b in zip(inner, wanted, strict=True)) <= 2


def test_hairlines_are_as_many_dots_as_they_say() -> None:
    raster = Raster.of_printer(layout_for(CR80_300), CR80_300)
    resin = image_of(render_test_card(CR80_300).front.resin)
    x = round(raster.x_px(50))
    upper, lower = round(raster.y_px(21.5)), round(raster.y_px(27))
    column = "".join("#" if resin.getpixel((x, y)) else " " for y in range(upper, lower))
    assert [len(run) for run in column.split()] == [1, 2, 3, 4]


def test_the_patches_are_the_colours_they_say_and_no_resin() -> None:
    front = layout_for(CR80_300).front
    raster, colour = (
        Raster.of_printer(layout_for(CR80_300), CR80_300),
        image_of(render_test_card(CR80_300).front.colour),
    )
    for element in front:
        if isinstance(element, Shape) and element.id.startswith(("colour", "grey")):
            box = element.box
            at = (raster.x_px(box.x_mm + box.width_mm / 2), raster.y_px(box.y_mm + box.height_mm / 2))
            assert colour.getpixel((round(at[0]), round(at[1]))) == rgb(element.fill)
    assert min(max(rgb(each)) for each in (*PATCHES, *GREYS)) > RESIN_CEILING


def test_nothing_lies_outside_of_the_card() -> None:
    for side in layout_for(CR80_300).sides:
        for element in side:
            slack = 0.0 if not isinstance(element, Line) else MM_PER_INCH
            assert element.box.x_mm >= 0
            assert element.box.y_mm >= 0
            assert element.box.right_mm <= 85.6 + slack
            assert element.box.bottom_mm <= 53.98 + slack


def test_codes_do_not_lie_on_anything() -> None:
    for profile in (CR80_300, COLOUR_ONLY):
        front = layout_for(profile).front
        for code in (e for e in front if isinstance(e, Code)):
            assert [e.id for e in front if e is not code and e.id != "edge" and e.box.meets(code.box)] == []
