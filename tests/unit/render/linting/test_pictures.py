"""Pictures have enough pixels for their printed size."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import pytest
from PIL import ExifTags
from PIL import Image as Pictures

from station.domain.elements import Box, Fit, Image, Logo
from station.domain.lint import Level
from station.render.linting import pictures
from station.render.linting.task import Task
from station.render.paint import Brand
from tests.helpers.layouts import CR80_300, as_jpeg, as_png, card_fields
from tests.helpers.linting import RULES, layout, task

SQUARE = Image(id="picture", source="a.png", box=Box(10, 10, 25.4, 25.4))


def picture(width: int, height: int) -> bytes:
    return as_png(Pictures.new("RGB", (width, height), (10, 80, 160)))


@pytest.mark.parametrize(
    ("pixels", "level"), [(200, None), (199, Level.WARNING), (100, Level.WARNING), (99, Level.ERROR)]
)
def test_pixels_an_inch_decide(pixels: int, level: Level | None) -> None:
    found = list(pictures.resolution(task(layout(SQUARE, files={"a.png": picture(pixels, pixels)}))))
    assert [each.level for each in found] == ([] if level is None else [level])


def test_a_wide_picture_is_measured_as_large_as_it_comes_out() -> None:
    whole = layout(SQUARE, files={"a.png": picture(400, 100)})
    assert list(pictures.resolution(task(whole))) == []
    cover = layout(Image(id="p", source="a.png", fit=Fit.COVER, box=SQUARE.box), files={"a.png": picture(400, 100)})
    (found,) = pictures.resolution(task(cover))
    assert "800 × 200" in str(found.remedy)


def test_a_picture_that_was_taken_upright_is_measured_upright() -> None:
    exif, data = Pictures.Exif(), BytesIO()
    exif[ExifTags.Base.Orientation] = 8
    Pictures.new("RGB", (400, 100)).save(data, "JPEG", exif=exif)
    upright = replace(SQUARE, box=Box(10, 10, 10, 40))
    assert list(pictures.resolution(task(layout(upright, files={"a.png": data.getvalue()})))) == []


def test_drawings_have_no_pixels_and_what_is_no_picture_is_another_finding() -> None:
    svg = layout(SQUARE, files={"a.png": b"<svg xmlns='http://www.w3.org/2000/svg' width='4' height='4'/>"})
    assert list(pictures.resolution(task(svg))) == []
    assert list(pictures.resolution(task(layout(SQUARE)))) == []


def test_the_institutions_logo_is_looked_at_too() -> None:
    given = layout(Logo(id="logo", box=Box(4, 4, 10, 10)))
    brand = Brand(logo=as_jpeg(Pictures.new("RGB", (30, 30))))
    (found,) = pictures.resolution(Task(given, CR80_300, RULES, (card_fields(),), brand))
    assert (found.rule, found.element, found.level) == ("picture/coarse", "logo", Level.ERROR)
    assert list(pictures.resolution(task(given))) == []
