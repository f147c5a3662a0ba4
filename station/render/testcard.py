"""The test card: rulers, colours, greys, fine lines and codes, to see what one printer does with a card.

It is a layout like any other, made for one printer's raster, and printed without any correction: offset, scale and
colours are the printer's to correct, never the layout's. How to read it is in the help.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from station.domain.elements import (
    BLACK,
    CARD_HEIGHT_MM,
    CARD_WIDTH_MM,
    Align,
    AnyElement,
    Box,
    Code128,
    DataMatrix,
    Layer,
    Line,
    Qr,
    Shape,
    ShapeKind,
    Text,
    VerticalAlign,
    Weight,
)
from station.domain.layout import CardFields, Layout
from station.ports.printer import PrinterProfile, RenderedCard
from station.render.card import render_card
from station.render.raster import MM_PER_INCH

NAME = "test-card"
_VERSION = 1
# A number that reads as one and can be nobody's.
QR_TEXT = "https://s.esc-r.eu/00000000-0000-1000-8000-000000000000"
_WIDTH, _HEIGHT = CARD_WIDTH_MM, CARD_HEIGHT_MM
# The dyes alone, in twos, and the colours whose drift people see first: skin, sky, leaves, the ESC's blue.
PATCHES = (
    "#00ffff", "#ff00ff", "#ffff00", "#ff0000", "#00ff00", "#0000ff",
    "#f0c8ac", "#c68863", "#7d4e34", "#87b5dd", "#5a8f3c", "#2c4390",
)  # fmt: skip
GREYS = tuple(f"#{level:02x}{level:02x}{level:02x}" for level in (28, 51, 77, 102, 128, 153, 179, 204, 230, 242, 250))
_STEP_MM = 6.2
_LETTERS_PT = (4.0, 5.0, 6.0, 8.0)
_HAIRS = (1, 2, 3, 4)


def layout_for(profile: PrinterProfile) -> Layout:
    """Return the test card as a layout for one printer; the back is there when the printer has one."""
    front = (*_frame("front"), *_colours(), *_greys(), *_letters(profile), *_hairs(profile), *_codes(profile))
    back = (*_frame("back"), *_registration(), *_black_ground(profile)) if profile.duplex else ()
    title = f"Test card · {profile.name}"
    return Layout(NAME, _VERSION, front=front, back=back, title=title, digest=f"{NAME}/{_VERSION}/{profile.name}")


def render_test_card(profile: PrinterProfile) -> RenderedCard:
    """Return the test card for a printer, uncorrected.

    Raises:
        LayoutError: the printer's dots are too coarse for any code (fewer than about 150 to the inch).
    """
    return render_card(layout_for(profile), CardFields(institution=profile.model), None, profile)


def _frame(side: str) -> Iterator[AnyElement]:
    """Yield rulers in millimetres along all four edges, the card's own outline and what the side is."""
    for mm in range(int(_WIDTH) + 1):
        length = 3.0 if mm % 10 == 0 else 2.2 if mm % 5 == 0 else 1.4
        yield _line(f"top{mm}", (mm, 0, 0, length))
        yield _line(f"bottom{mm}", (mm, _HEIGHT - length, 0, length))
    for mm in range(int(_HEIGHT) + 1):
        length = 3.0 if mm % 10 == 0 else 2.2 if mm % 5 == 0 else 1.4
        yield _line(f"left{mm}", (0, mm, length, 0))
        yield _line(f"right{mm}", (_WIDTH - length, mm, length, 0))
    for mm in range(10, int(_WIDTH), 10):
        yield _text(f"across{mm}", str(mm), Box(mm - 3, 3.1, 6, 2.2), 4.5, Align.CENTRE)
    for mm in range(10, int(_HEIGHT), 10):
        yield _text(f"down{mm}", str(mm), Box(3.2, mm - 1.1, 4, 2.2), 4.5)
    yield _text("side", f"{side} · {{institution}}", Box(8, 5.6, 37, 3), 6)
    yield Shape(id="edge", box=Box(0.2, 0.2, _WIDTH - 0.4, _HEIGHT - 0.4), fill="#ff0000", stroke_mm=0.1)


def _colours() -> Iterator[AnyElement]:
    for number, colour in enumerate(PATCHES):
        yield Shape(id=f"colour{number}", box=Box(8 + number % 6 * _STEP_MM, 9 + number // 6 * 6, 6, 5.6), fill=colour)


def _greys() -> Iterator[AnyElement]:
    """Yield a wedge of greys made of dyes, which must come out without a cast, and a smooth one that must not band."""
    for number, colour in enumerate(GREYS):
        yield Shape(id=f"grey{number}", box=Box(8 + number * 3.36, 21.4, 3.36, 4), fill=colour)
    yield Shape(id="smooth", box=Box(8, 25.8, 36.96, 3), fill=GREYS[0], fill_to="#ffffff")


def _letters(profile: PrinterProfile) -> Iterator[AnyElement]:
    """Yield the same words in resin and in dyes, in sizes from hardly to easily read."""
    y = 29.6
    for size in _LETTERS_PT:
        height = size * MM_PER_INCH / 72 * 1.3 + 0.2
        words = f"{size:g} pt Ģērmanis Ļūķis"
        if profile.resin_front:
            yield _text(f"resin{size:g}", words, Box(8, y, 24, height), size)
        yield replace(_text(f"dye{size:g}", words, Box(33, y, 24, height), size), layer=Layer.COLOUR)
        y += height


def _hairs(profile: PrinterProfile) -> Iterator[AnyElement]:
    """Yield lines of one to four dots, along and across, in resin: a line that is missing is a dead dot's."""
    for number, dots in enumerate(_HAIRS):
        across, down = dots * MM_PER_INCH / profile.dpi_x, dots * MM_PER_INCH / profile.dpi_y
        yield _line(f"hair_across{dots}", (46.5, 22 + number * 1.4, 9, 0), down)
        yield _line(f"hair_down{dots}", (57 + number * 1.2, 21.6, 0, 6), across)


def _codes(profile: PrinterProfile) -> Iterator[AnyElement]:
    """Yield codes in the sizes that cards have: which of them a scanner reads is the printer's answer."""
    dot_mm = MM_PER_INCH / min(profile.dpi_x, profile.dpi_y)
    x = 46.5
    for dots in (3, 4):
        # The 33 modules of this address as a QR code (version 4), and four clear ones on each side.
        edge = 41 * dots * max(1, round(MM_PER_INCH / 300 / dot_mm)) * dot_mm + 0.1
        if x + edge < _WIDTH - 4:
            yield Qr(id=f"qr{dots}", box=Box(x, 6.4, edge, edge), text=QR_TEXT)
            x += edge + 1.0
    yield DataMatrix(id="matrix", box=Box(67, 23.2, 12, 12), text="TEST CARD")
    yield Code128(id="bars", box=Box(8, 43.6, 36.9, 6), text="TEST 1234")


def _registration() -> Iterator[AnyElement]:
    """Yield crosses in resin over rings in each dye: how far the panels lie apart."""
    for number, (x, y) in enumerate(((14, 14), (_WIDTH - 14, 14), (14, _HEIGHT - 14), (_WIDTH - 14, _HEIGHT - 14))):
        for ring, colour in enumerate(("#00ffff", "#ff00ff", "#ffff00")):
            r = 4.0 - ring
            yield Shape(
                id=f"ring{number}_{ring}", box=Box(x - r, y - r, 2 * r, 2 * r), kind=ShapeKind.ELLIPSE, fill=colour,
                stroke_mm=0.3,
            )  # fmt: skip
        yield _line(f"cross_across{number}", (x - 5, y, 10, 0))
        yield _line(f"cross_down{number}", (x, y - 5, 0, 10))


def _black_ground(profile: PrinterProfile) -> Iterator[AnyElement]:
    """Yield the deepest black of the resin beside that of the dyes, and each with a hole in the overlay."""
    if profile.resin_back:
        yield Shape(id="resin_black", box=Box(26, 18, 14, 14), fill=BLACK, layer=Layer.RESIN)
        yield _text("resin_word", "K", Box(26, 33, 14, 4), 8, Align.CENTRE)
    yield Shape(id="dye_black", box=Box(45, 18, 14, 14), fill=GREYS[0])
    yield _text("dye_word", "YMC", Box(45, 33, 14, 4), 8, Align.CENTRE)
    yield Shape(id="hole", box=Box(30, 22, 26, 6), fill=BLACK, layer=Layer.OVERLAY)


def _line(name: str, box: tuple[float, float, float, float], stroke_mm: float = 0.085) -> Line:
    return Line(id=name, box=Box(*box), layer=Layer.RESIN, stroke_mm=stroke_mm)


def _text(name: str, words: str, box: Box, size_pt: float, align: Align = Align.LEFT) -> Text:
    return Text(
        id=name, box=box, text=words, size_pt=size_pt, min_size_pt=3.0, align=align, valign=VerticalAlign.MIDDLE,
        weight=Weight.MEDIUM,
    )  # fmt: skip
