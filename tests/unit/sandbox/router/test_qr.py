"""The router's QR: read back by a decoder that is not the encoder's own."""

from __future__ import annotations

import re

import pytest
import zxingcpp
from PIL import Image

from station.sandbox.router.errors import ApiError
from station.sandbox.router.qr import qr_svg

ESCN = "14625400-9326-103f-8001-001999465982"


def modules(svg: str) -> set[tuple[int, int]]:
    return {(int(x), int(y)) for x, y in re.findall(r"M(\d+) (\d+)h1v1h-1z", svg)}


def test_says_where_anyone_can_ask_about_the_card() -> None:
    svg = qr_svg(ESCN, orientation="horizontal", colours="normal", size="S")
    picture = Image.new("L", (41 * 6, 41 * 6), 255)
    for x, y in modules(svg):
        picture.paste(0, (x * 6, y * 6, x * 6 + 6, y * 6 + 6))
    (code,) = zxingcpp.read_barcodes(picture)
    assert code.text == f"https://s.esc-r.eu/{ESCN}"
    assert "M" in str(code.ec_level)


def test_is_version_4_with_a_quiet_zone_of_4() -> None:
    places = modules(qr_svg(ESCN, orientation="vertical", colours="normal", size="M"))
    assert {min(x for x, _y in places), min(y for _x, y in places)} == {4}
    assert {max(x for x, _y in places), max(y for _x, y in places)} == {36}


@pytest.mark.parametrize(
    ("orientation", "size", "width", "height"),
    [
        ("horizontal", "XS", 65, 41),
        ("horizontal", "S", 97.5, 61.5),
        ("vertical", "S", 61.5, 76.5),
        ("vertical", "m", 164, 204),
    ],
)
def test_has_the_sizes_of_the_router(orientation: str, size: str, width: float, height: float) -> None:
    svg = qr_svg(ESCN, orientation=orientation, colours="normal", size=size)
    assert f'width="{width:g}" height="{height:g}"' in svg


@pytest.mark.parametrize(("colours", "dark"), [("normal", "#000000"), ("inverted", "#ffffff")])
def test_has_both_colours(colours: str, dark: str) -> None:
    assert f'fill="{dark}"' in qr_svg(ESCN, orientation="horizontal", colours=colours, size="S")


@pytest.mark.parametrize("wrong", ["orientation", "colours", "size"])
def test_names_what_there_is(wrong: str) -> None:
    choices = {"orientation": "vertical", "colours": "normal", "size": "S", wrong: "none such"}
    with pytest.raises(ApiError, match=f"{wrong}: must be one of"):
        qr_svg(ESCN, **choices)
