"""What the ribbon leaves on the plastic, and how a scanner sees it."""

from __future__ import annotations

from dataclasses import replace

from PIL import Image

from station.ports.printer import RenderedSide
from station.render.linting import ribbon
from station.render.raster import bitmap
from tests.helpers.layouts import CR80_300, WIDE_DOTS


def side(level: int = 255, size: tuple[int, int] = (40, 20)) -> RenderedSide:
    """Return a side of one level whose left half has resin."""
    colour, resin = Image.new("RGB", size, (level, level, level)), Image.new("1", size)
    resin.paste(1, (0, 0, size[0] // 2, size[1]))
    return RenderedSide(bitmap(colour), bitmap(resin), bitmap(colour))


def test_resin_is_darker_than_any_dye() -> None:
    seen = ribbon.printed(side(0), CR80_300, (0, 0, 40, 20))
    resin, dye = seen.getpixel((5, 5)), seen.getpixel((30, 5))
    assert isinstance(resin, int)
    assert isinstance(dye, int)
    assert resin < dye < 60
    assert ribbon.printed(side(255), CR80_300, (0, 0, 40, 20)).getpixel((30, 5)) == 255


def test_a_known_gamma_bends_the_dyes_and_leaves_white_white() -> None:
    flat = ribbon.printed(side(128), CR80_300, (0, 0, 40, 20)).getpixel((30, 5))
    bent = ribbon.printed(side(128), replace(CR80_300, dye_gamma=2.0), (0, 0, 40, 20)).getpixel((30, 5))
    assert isinstance(flat, int)
    assert isinstance(bent, int)
    assert bent < flat - 20
    assert ribbon.printed(side(255), replace(CR80_300, dye_gamma=2.0), (0, 0, 40, 20)).getpixel((30, 5)) == 255


def test_a_part_is_cut_at_the_edge_and_dots_are_made_square() -> None:
    assert ribbon.printed(side(), CR80_300, (-5, -5, 100, 10)).size == (40, 10)
    assert ribbon.printed(side(), CR80_300, (90, 90, 95, 95)).size == (1, 1)
    assert ribbon.printed(side(), WIDE_DOTS, (0, 0, 40, 20)).size == (40, 40)


def test_askew_is_turned_and_blurred_on_white() -> None:
    picture = Image.new("L", (80, 80), 255)
    picture.paste(0, (30, 30, 50, 50))
    seen = ribbon.askew(picture, 4)
    assert seen.size == (100, 100)
    assert seen.getpixel((0, 0)) == 255
    levels = {seen.getpixel((x, 40)) for x in range(30, 50)}
    assert len(levels) > 4
    assert sorted(seen.getcolors(10_000) or []) != sorted(ribbon.askew(picture, 10).getcolors(10_000) or [])
