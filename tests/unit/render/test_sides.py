"""Sides: what is the same on many cards is drawn once, and nobody can tell."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PIL import Image

from station.domain import elements as el
from station.domain import layout as lay
from station.render import sides
from station.render.paint import Brand, Content, Planes, book_of, paint
from station.render.raster import Raster
from station.render.sides import drawn_side, panels_of
from tests.helpers.layouts import CR80_300, as_png, card_fields, face
from tests.helpers.renders import everything

EVERYTHING = everything()
BOX = el.Box(10, 10, 30, 10)


def content_of(layout: lay.Layout, fields: lay.CardFields, brand: Brand | None = None) -> Content:
    return Content(layout.name, fields.values(), face(), brand or Brand(), book_of(layout.files), layout.files)


def panels(planes: Planes) -> list[bytes]:
    return [plane.tobytes() for plane in (planes.colour, planes.resin, planes.overlay, planes.uv)]


@pytest.mark.parametrize("side", [0, 1])
@pytest.mark.parametrize("soft", [False, True])
def test_it_is_as_if_every_element_were_drawn_in_turn(side: int, soft: bool) -> None:
    raster = Raster.of_printer(EVERYTHING, CR80_300)
    for fields in (card_fields(), card_fields("Олена", "Ґрищук"), replace(card_fields(), status="lost", qr="")):
        content = content_of(EVERYTHING, fields)
        plain = Planes.blank(raster, soft=soft)
        for element in EVERYTHING.sides[side]:
            if lay.applies(element, content.values):
                paint(plain, element, content, raster)
        assert panels(drawn_side(EVERYTHING, side, content, raster, soft=soft).planes) == panels(plain)


def test_panels_that_do_not_change_are_ready_as_bytes() -> None:
    seen = (el.Shape(id="g", box=BOX, fill="accent"), el.Photo(id="p", box=BOX))
    black = (el.StripeZone(id="s", box=BOX), el.Text(id="t", box=BOX, text="{escn}", size_pt=6))
    layout = lay.Layout("x", 1, front=seen, back=black)
    raster = Raster.of_printer(layout, CR80_300)
    front, back = (drawn_side(layout, side, content_of(layout, card_fields()), raster, soft=False) for side in (0, 1))
    assert el.Layer.COLOUR not in front.ready
    assert back.ready.keys() >= {el.Layer.COLOUR, el.Layer.OVERLAY}
    for side in (front, back):
        for layer in el.Layer:
            plane = side.planes.colour if layer is el.Layer.COLOUR else side.planes.ink(layer)
            assert side.bitmap(layer).data == plane.tobytes()


def test_another_picture_under_the_same_name_is_another_card() -> None:
    image = el.Image(id="i", box=BOX, source="x.png")
    raster = Raster.of_printer(lay.Layout("x", 1, front=()), CR80_300)
    seen = set()
    for colour in ((200, 0, 0), (0, 200, 0)):
        layout = lay.Layout("x", 1, front=(image,), files={"x.png": as_png(Image.new("RGB", (3, 1), colour))})
        planes = drawn_side(layout, 0, content_of(layout, card_fields()), raster, soft=False).planes
        seen.add(planes.colour.getpixel((round(raster.x_px(25)), round(raster.y_px(15)))))
    assert seen == {(200, 0, 0), (0, 200, 0)}


def test_each_institution_has_its_own_ground() -> None:
    raster = Raster.of_printer(EVERYTHING, CR80_300)
    tops = {
        drawn_side(EVERYTHING, 1, content_of(EVERYTHING, card_fields(), Brand(accent)), raster, soft=False)
        .planes.colour.getpixel((500, 10))
        for accent in ("#7a0019", "#00567a")
    }  # fmt: skip
    assert tops == {(0x7A, 0, 0x19), (0, 0x56, 0x7A)}


def test_the_ground_is_drawn_once_for_many_cards() -> None:
    raster = Raster.of_printer(EVERYTHING, CR80_300)
    sides._ground.cache_clear()
    for number in range(5):
        drawn_side(EVERYTHING, 0, content_of(EVERYTHING, card_fields(f"N{number}")), raster, soft=False)
    assert sides._ground.cache_info().misses == 1


@pytest.mark.parametrize(
    ("element", "layers"),
    [
        (el.Text(id="t", box=BOX, text="", size_pt=6), {"resin"}),
        (el.GhostImage(id="g", box=BOX, layer=el.Layer.UV), {"uv"}),
        (el.Qr(id="q", box=BOX), {"colour", "resin"}),
        (el.ChipZone(id="c", box=BOX), {"colour", "resin", "overlay", "uv"}),
        (el.MagneticTracks(id="m"), set()),
    ],
)
def test_what_an_element_changes_is_known(element: el.AnyElement, layers: set[str]) -> None:
    assert panels_of(element) == layers
