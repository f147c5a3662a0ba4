"""Any layout, any name: nothing leaves its box, nothing raises, and nothing around the program changes a dot."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import hypothesis
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from station.domain import elements as el
from station.domain import layout as lay
from station.domain.layout_rules import check_layout
from station.ports.printer import PrinterProfile
from station.render.card import View, render_checked, render_preview
from station.render.fonts import bundled_book
from station.render.paint import Brand, Content, Planes, paint
from station.render.raster import Raster
from tests.helpers.layouts import CR80_300, WIDE_DOTS, as_png, card_fields, face
from tests.helpers.renders import digest

ROOT = Path(__file__).resolve().parents[3]
FILES = {
    "a.png": as_png(Image.new("RGBA", (30, 20), (180, 20, 20, 255))),
    "a.svg": b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 4"><circle cx="4" cy="2" r="2"/></svg>',
}
LONG_RUN = hypothesis.settings.default.max_examples > 1000
# Names as registers hold them, and worse.
names = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        ["", "Ģērmanis-Ķļņš", "Nguyễn Ắ Ộ", "Олена Ґрищук", "Παπαδοπούλου", "İlkay", "x" * 90, "{esi}", "\u200f"]
    ),
)
mm = st.integers(0, 400).map(lambda tenths: tenths / 5)
lengths = st.integers(1, 300).map(lambda tenths: tenths / 5)
boxes = st.builds(el.Box, mm, mm, lengths, lengths)
layers = st.sampled_from(el.Layer)
colours = st.sampled_from(["accent", "on_accent", "#000000", "#ffffff", "#c0ffee"])
templates = st.sampled_from(["{full_name}", "{family_name} {escn}", "Derīga līdz {expires_on}", "{level_en}", "Aa"])
turns = st.sampled_from([0, 90, 180, 270])


def inked(colour: str, layer: el.Layer) -> str:
    return colour if layer is el.Layer.COLOUR else el.BLACK


@st.composite
def texts(draw: st.DrawFn) -> el.Text:
    layer, size = draw(layers), draw(st.integers(4, 60)) / 2
    return el.Text(
        id="e", box=draw(boxes), layer=layer, text=draw(templates), size_pt=size, colour=inked(draw(colours), layer),
        min_size_pt=draw(st.sampled_from([None, size, size / 2, 2.0])), max_lines=draw(st.integers(1, 4)),
        align=draw(st.sampled_from(el.Align)), valign=draw(st.sampled_from(el.VerticalAlign)), turn=draw(turns),
        upper=draw(st.booleans()), tracking_em=draw(st.sampled_from([0.0, 0.3, -0.05])),
        weight=draw(st.sampled_from(el.Weight)),
    )  # fmt: skip


@st.composite
def shapes(draw: st.DrawFn) -> el.Shape | el.Line:
    layer, colour, box = draw(layers), draw(colours), draw(boxes)
    if draw(st.booleans()) and layer is not el.Layer.OVERLAY:
        flat = replace(box, height_mm=0) if draw(st.booleans()) else box
        return el.Line(
            id="e", box=flat, layer=layer, colour=inked(colour, layer), stroke_mm=0.4, rising=draw(st.booleans())
        )
    mono = layer is not el.Layer.COLOUR
    return el.Shape(
        id="e", box=box, layer=layer, fill=inked(colour, layer), kind=draw(st.sampled_from(el.ShapeKind)),
        fill_to=None if mono else draw(st.sampled_from([None, "#123456"])), corner_mm=draw(st.sampled_from([0.0, 2.0])),
        opacity=1.0 if mono else draw(st.sampled_from([1.0, 0.4, 0.0])), stroke_mm=draw(st.sampled_from([None, 0.3])),
    )  # fmt: skip


@st.composite
def pictures(draw: st.DrawFn) -> el.AnyElement:
    box, layer = draw(boxes), draw(layers)
    either = st.sampled_from([el.Layer.COLOUR, el.Layer.UV])
    black = layer is not el.Layer.COLOUR
    made: list[el.AnyElement] = [
        el.Photo(id="e", box=box, corner_mm=1.0, layer=draw(either)),
        el.GhostImage(id="e", box=box, opacity=draw(st.sampled_from([0.0, 0.3, 1.0])), layer=draw(either)),
        el.Image(
            id="e", box=box, layer=layer, source=draw(st.sampled_from(list(FILES))), fit=draw(st.sampled_from(el.Fit)),
        ),
        el.Logo(id="e", box=box, corner_mm=1.0),
        el.EscLogo(
            id="e", box=box, layer=layer, form=draw(st.sampled_from(el.EscLogoForm)),
            colour=el.EscLogoColour.BLACK if black else draw(st.sampled_from(el.EscLogoColour)),
        ),
    ]  # fmt: skip
    return draw(st.sampled_from(made))


@st.composite
def codes(draw: st.DrawFn) -> el.AnyCode:
    """A code in a box that has room for it at 300 dots to the inch."""
    left, upper = draw(st.integers(0, 20)), draw(st.integers(0, 4))
    square, wide, tall = el.Box(left, upper, 20, 20), el.Box(left, upper, 60, 22), el.Box(left, upper, 22, 49)
    number = "{student_number}"
    return draw(st.sampled_from([
        el.Qr(id="e", box=square), el.DataMatrix(id="e", box=square, text=number),
        el.Code128(id="e", box=wide, text=number), el.Code128(id="e", box=tall, text=number, turn=270),
        el.Ean13(id="e", box=wide, text="475000000001"), el.Ean13(id="e", box=tall, text="475000000001", turn=90),
        el.Pdf417(id="e", box=wide, text=number), el.Pdf417(id="e", box=tall, text=number, turn=90),
    ]))  # fmt: skip


zones = st.builds(
    lambda kind, box: kind(id="e", box=box),
    st.sampled_from([el.HologramZone, el.SignatureZone, el.StripeZone, el.ChipZone]),
    boxes,
)
tracks = st.just(el.MagneticTracks(id="e", track1="{family_name}", track2="{student_number}"))
anything = st.one_of(texts(), shapes(), pictures(), codes(), zones, tracks)


def content_for(name: str, portrait: bytes | None) -> Content:
    return Content("x", card_fields(name, name).values(), portrait, Brand(), bundled_book(), FILES)


def touched(planes: Planes) -> list[tuple[int, int, int, int]]:
    """Return where anything was drawn, of each plane on which something was."""
    blank = Image.eval(planes.colour, lambda level: 255 - level)
    found = [plane.getbbox() for plane in (blank, planes.resin, planes.overlay, planes.uv)]
    return [box for box in found if box is not None]


@given(anything, names, st.sampled_from([CR80_300, WIDE_DOTS]), st.booleans())
@settings(max_examples=5000 if LONG_RUN else 120)
def test_nothing_leaves_its_box(element: el.AnyElement, name: str, profile: PrinterProfile, soft: bool) -> None:
    raster = Raster.of_printer(lay.Layout("x", 1, front=()), profile)
    planes = Planes.blank(raster, soft=soft)
    paint(planes, element, content_for(name, face()), raster)
    left, upper, right, lower = raster.dots(element.box, bleed=True)
    stroke = element.stroke_mm * 600 / 25.4 if isinstance(element, el.Line) else 0
    for box in touched(planes):
        assert box[0] >= left - stroke
        assert box[1] >= upper - stroke
        assert box[2] <= right + stroke + (0 if stroke == 0 else 1)
        assert box[3] <= lower + stroke + (0 if stroke == 0 else 1)


@given(st.lists(anything, min_size=1, max_size=8), st.lists(anything, max_size=4), names, st.booleans())
@settings(max_examples=1000 if LONG_RUN else 25)
def test_nothing_raises(front: list[el.AnyElement], back: list[el.AnyElement], name: str, with_portrait: bool) -> None:
    # What lies on a code is what the reading back is for; here each code is alone on its side.
    sides = [tuple(replace(e, id=f"e{n}") for n, e in enumerate(_one_code(side))) for side in (front, back)]
    layout = lay.Layout("x", 1, front=sides[0], back=sides[1], files=FILES)
    check_layout(layout)
    fields, portrait = card_fields(name, name), face() if with_portrait else None
    made = render_checked(layout, fields, portrait, CR80_300)
    assert (made.card.back is not None) is bool(back)
    render_preview(layout, fields, portrait, view=View(150, frozenset(el.Layer)))


def _one_code(side: list[el.AnyElement]) -> list[el.AnyElement]:
    """Return the side without anything near its first code, and without the others."""
    code = next((e for e in side if isinstance(e, el.Code)), None)
    if code is None:
        return side
    around = el.Box(code.box.x_mm - 3, code.box.y_mm - 3, code.box.width_mm + 6, code.box.height_mm + 6)
    return [e for e in side if e is code or (not isinstance(e, el.Code) and not e.box.meets(around))]


@pytest.mark.parametrize(
    "around",
    [
        {"PYTHONHASHSEED": "1", "TZ": "Pacific/Kiritimati", "LC_ALL": "C"},
        {
            "PYTHONHASHSEED": "2",
            "TZ": "America/Adak",
            "LC_ALL": "tr_TR.UTF-8",
            "FONTCONFIG_FILE": "/nowhere",
            "HOME": "/nowhere",
        },
    ],
    ids=["one", "other"],
)
def test_the_same_card_has_the_same_bytes_whatever_is_around_it(around: dict[str, str]) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **around}
    script = "from tests.helpers.renders import digest; print(digest())"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == digest()
