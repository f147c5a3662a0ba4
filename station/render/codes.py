"""Codes for machines: encoded, fitted into whole printer dots, drawn on resin.

The encoder is Zint's. What reads the codes back from the finished card (``station.render.reading``) is another program.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import lru_cache

from PIL import Image
from zint import DataMatrixOptions, InputMode, Symbology
from zint import Symbol as Encoder

from station.domain.elements import AnyCode, Code, Code128, DataMatrix, Ean13, Pdf417, Qr, Turn
from station.domain.errors import N_, LayoutError
from station.domain.message import Message
from station.render.raster import Dots, Raster

# What it changes by itself, as the columns of a PDF417 that are too few, is seen in the code and belongs in no log.
logging.getLogger("zint").setLevel(logging.ERROR)
# What the European Student Card's own generator makes: version 4 (33 modules), error correction M.
QR_VERSION = 4
QR_LEVEL_M = 2
# A row of PDF417 is at least three modules high (ISO/IEC 15438, 5.8.2).
_PDF417_ROW = 3
_PDF417_COLUMNS = range(1, 13)
# ISO/IEC 15420: the quiet zone of an EAN-13 is 11 modules on the left and 7 on the right.
_EAN_LESS_ON_THE_RIGHT = 4
# The number of UTF-8 among the extended channel interpretations (ECI 000026).
_UTF_8 = 26
_AGAINST_THE_CLOCK = {
    90: Image.Transpose.ROTATE_270,
    180: Image.Transpose.ROTATE_180,
    270: Image.Transpose.ROTATE_90,
}

# Clear modules to the left, above, to the right, below.
Quiet = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Symbol:
    """A code before it has a size: a picture of mode ``1`` with one dot a module, set where it is black.

    ``bars`` is true for a code of one row, which is drawn as high as its box.
    """

    modules: Image.Image
    quiet: Quiet
    bars: bool = False

    @property
    def across(self) -> int:
        """Return how many modules a row has, with its quiet zone."""
        return self.modules.width + self.quiet[0] + self.quiet[2]

    @property
    def down(self) -> int:
        """Return how many rows there are, with the quiet zone."""
        return self.modules.height + self.quiet[1] + self.quiet[3]


@dataclass(frozen=True, slots=True)
class Fitted:
    """Where the white field and the code itself lie, and how many dots across and down one module has."""

    field: Dots
    code: Dots
    dots: tuple[int, int]


def symbol_of(element: AnyCode, text: str) -> Symbol:
    """Return the code of a text, not turned.

    Raises:
        LayoutError: this kind of code can't hold the text; ``detail`` says why.
    """
    quiet = element.quiet_modules
    match element:
        case Qr():
            return Symbol(_qr(text), (quiet,) * 4)
        case Code128():
            return Symbol(_code128(text), (quiet, 0, quiet, 0), bars=True)
        case Ean13():
            return Symbol(_ean13(text), (quiet, 0, max(0, quiet - _EAN_LESS_ON_THE_RIGHT), 0), bars=True)
        case Pdf417():
            return Symbol(_pdf417(text, _columns(element, text)), (quiet,) * 4)
        case DataMatrix():
            return Symbol(_data_matrix(text), (quiet,) * 4)


def qr_rows(text: str) -> list[list[bool]]:
    """Return the QR code of a text row by row, true where it is black, without its quiet zone.

    Raises:
        LayoutError: the text is too long for version 4 with level M (62 bytes).
    """
    picture = _qr(text)
    dots = picture.convert("L").tobytes()
    return [[dot > 0 for dot in dots[start : start + picture.width]] for start in range(0, len(dots), picture.width)]


def read_as(element: AnyCode, text: str) -> str:
    """Return what a reader says for a text: the same, but for the check digit that an EAN-13 may be given without."""
    return text + _check_digit(text) if isinstance(element, Ean13) and len(text) == 12 else text


def fitted(symbol: Symbol, element: AnyCode, raster: Raster, least_dots: int | None = None) -> Fitted:
    """Return where a code goes: centred in its box, each module whole dots; as large as the box allows.

    On dots that are not square a module has as many dots more across as makes it square again. ``least_dots`` takes
    the place of the element's ``min_dots``.

    Raises:
        LayoutError: the box is too small for that many dots a module on this printer.
    """
    left, upper, right, lower = raster.dots(element.box)
    turn = turn_of(element)
    sideways = turn in (90, 270)
    room = (lower - upper, right - left) if sideways else (right - left, lower - upper)
    dots = _module_dots(symbol, room, 1 / raster.stretch if sideways else raster.stretch)
    least = element.min_dots if least_dots is None else least_dots
    narrowest = dots[0] if symbol.bars else min(dots)
    if narrowest < least:
        params: dict[str, object] = {"dots": narrowest, "least": least}
        detail = Message(N_("the code would have {dots} dots a module on this printer, fewer than {least}"), params)
        raise LayoutError(file="", place=element.id, detail=detail)
    size = (symbol.across * dots[0], symbol.down * dots[1])
    clear = _turned(symbol.quiet, turn)
    if sideways:
        size, dots = size[::-1], dots[::-1]
    field = _centred((left, upper, right, lower), size)
    code = (
        field[0] + clear[0] * dots[0], field[1] + clear[1] * dots[1],
        field[2] - clear[2] * dots[0], field[3] - clear[3] * dots[1],
    )  # fmt: skip
    return Fitted(field, code, dots)


def draw_code(colour: Image.Image, resin: Image.Image, symbol: Symbol, place: Fitted, turn: Turn = 0) -> None:
    """Draw the white field on the colours, and nothing but the modules in resin."""
    colour.paste((255, 255, 255), place.field)
    # Black that lies below would else stand in the clear zone.
    resin.paste(0, place.field)
    modules = symbol.modules if turn == 0 else symbol.modules.transpose(_AGAINST_THE_CLOCK[turn])
    size = (place.code[2] - place.code[0], place.code[3] - place.code[1])
    resin.paste(modules.resize(size, Image.Resampling.NEAREST), place.code[:2])


def turn_of(element: Code) -> Turn:
    """Return how far a code is turned; those that can be read from every side never are."""
    return element.turn if isinstance(element, Code128 | Ean13 | Pdf417) else 0


def _module_dots(symbol: Symbol, room: tuple[int, int], stretch: float) -> tuple[int, int]:
    across, down = room[0] // symbol.across, room[1] // symbol.down
    if symbol.bars:
        return across, down
    # Counted in the direction that has fewer dots, so that the other is a multiple of it wherever it can be.
    if stretch >= 1:
        down = min(down, int(room[0] / symbol.across / stretch))
        return min(across, round(down * stretch)), down
    across = min(across, int(room[1] / symbol.down * stretch))
    return across, min(down, round(across / stretch))


def _turned(quiet: Quiet, turn: Turn) -> Quiet:
    left, upper, right, lower = quiet
    turned = {0: quiet, 90: (lower, left, upper, right), 180: (right, lower, left, upper)}
    return turned.get(turn, (upper, right, lower, left))


def _centred(dots: Dots, size: tuple[int, int]) -> Dots:
    left, upper = dots[0] + (dots[2] - dots[0] - size[0]) // 2, dots[1] + (dots[3] - dots[1] - size[1]) // 2
    return left, upper, left + size[0], upper + size[1]


# --- encoding ---------------------------------------------------------------------------------------------------


@lru_cache(maxsize=64)
def _qr(text: str) -> Image.Image:
    encoder = Encoder()
    encoder.symbology = Symbology.QRCODE
    encoder.option_1, encoder.option_2 = QR_LEVEL_M, QR_VERSION
    return _encoded(encoder, text)


@lru_cache(maxsize=64)
def _code128(text: str) -> Image.Image:
    strange = sorted({letter for letter in text if not " " <= letter <= "~"})
    if strange:
        raise _refused(N_("a Code 128 can't hold {letters}"), letters=" ".join(strange))
    encoder = Encoder()
    encoder.symbology = Symbology.CODE128
    return _encoded(encoder, text)


@lru_cache(maxsize=64)
def _ean13(text: str) -> Image.Image:
    if len(text) not in (12, 13) or not (text.isascii() and text.isdigit()):
        raise _refused(N_("an EAN-13 has 12 digits, or 13 with its check digit, and “{text}” has not"), text=text)
    if len(text) == 13 and text[-1] != (digit := _check_digit(text[:-1])):
        raise _refused(N_("the check digit of {text} should be {digit}"), text=text, digit=digit)
    encoder = Encoder()
    encoder.symbology = Symbology.EANX
    return _encoded(encoder, text)


def _check_digit(digits: str) -> str:
    """Return the check digit of twelve digits (GS1 General Specifications, 7.9.1)."""
    return str(-sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits)) % 10)


@lru_cache(maxsize=256)
def _pdf417(text: str, columns: int) -> Image.Image:
    encoder = Encoder()
    encoder.symbology = Symbology.PDF417
    encoder.option_2 = columns
    rows = _encoded(encoder, text)
    return rows.resize((rows.width, rows.height * _PDF417_ROW), Image.Resampling.NEAREST)


def _columns(element: Pdf417, text: str) -> int:
    """Return how many columns of words let the modules be largest in this box; measured in mm, for every printer."""
    if element.columns:
        return element.columns
    width_mm, height_mm = element.box.width_mm, element.box.height_mm
    if element.turn in (90, 270):
        width_mm, height_mm = height_mm, width_mm
    clear = 2 * element.quiet_modules

    def module_mm(columns: int) -> float:
        try:
            picture = _pdf417(text, columns)
        except LayoutError:
            return 0.0
        return min(width_mm / (picture.width + clear), height_mm / (picture.height + clear))

    return max(_PDF417_COLUMNS, key=module_mm)


@lru_cache(maxsize=64)
def _data_matrix(text: str) -> Image.Image:
    encoder = Encoder()
    encoder.symbology = Symbology.DATAMATRIX
    encoder.option_3 = DataMatrixOptions.SQUARE
    return _encoded(encoder, text)


def _encoded(encoder: Encoder, text: str) -> Image.Image:
    encoder.input_mode = InputMode.UNICODE
    if not text.isascii():
        encoder.eci = _UTF_8
    try:
        encoder.encode(text)
    except RuntimeError as error:
        # What Zint may still refuse is the length: letters were looked at before, options are ours.
        raise _refused(N_("“{text}” is too long for this kind of code"), text=text) from error
    rows = encoder.encoded_data
    stride = rows.strides[0] if rows.strides else 0
    return Image.frombytes("1", (encoder.width, encoder.rows), rows.tobytes(), "raw", "1;R", stride, 1)


def _refused(detail: str, **params: object) -> LayoutError:
    return LayoutError(file="", place="", detail=Message(detail, params))
