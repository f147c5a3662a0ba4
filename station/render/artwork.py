"""Artwork of layouts and institutions: PNG, JPEG, SVG, or a page of a PDF, drawn at the size at which it is printed.

Drawings (SVG, PDF) are drawn in the printer's own dots; pictures are scaled to them. The libraries for drawings are
loaded when the first one is met.
"""

from __future__ import annotations

import threading
from functools import lru_cache
from io import BytesIO

from PIL import ExifTags, Image, ImageChops, ImageOps

from station.domain.elements import Fit
from station.domain.errors import N_, LayoutError
from station.domain.message import Message
from station.render import svg
from station.render.colour import Rgb
from station.render.raster import Dots, hardened

# Larger than any portrait or card artwork has a reason to be, and small enough to be harmless.
MOST_PIXELS = 40_000_000
UNREADABLE = (OSError, ValueError, SyntaxError, Image.DecompressionBombError)
_MOST_PAGES = 1000
# Pages from a postage stamp to a poster, in points.
_PAGE_EDGES_PT = (5.0, 10_000.0)
# Only pictures of these kinds, so that a layout looks the same wherever it is opened.
_PICTURES = ("PNG", "JPEG")
# Orientations in which a camera was held upright, and the picture lies (Exif 2.32, 4.6.4).
_LYING = (5, 6, 7, 8)
_DEEPEST_FORM = 15
# The threshold with a slope of a few shades, so that edges stay soft.
_STEEP = [min(255, max(0, 128 + (level - 128) * 4)) for level in range(256)]
# PDFium is not made for several threads at once.
_pdf_lock = threading.Lock()


def check(data: bytes, page: int = 1) -> None:
    """Refuse what is none of the four kinds, or could do anything but be drawn.

    Raises:
        LayoutError: with what is wrong as ``detail``.
    """
    ratio(data, page)
    if _is_picture(data):
        _picture(data)


@lru_cache(maxsize=64)
def ratio(data: bytes, page: int = 1) -> float:
    """Return the width of artwork by its height.

    Raises:
        LayoutError: as ``check``.
    """
    if _is_pdf(data):
        width, height = _pdf_size(data, page)
        return width / height
    if _is_picture(data):
        picture = _opened_size(data)
        return picture[0] / picture[1]
    return svg.ratio(data)


def pixels(data: bytes) -> tuple[int, int] | None:
    """Return how many pixels a picture has across and down; ``None`` for drawings, and for what can't be read."""
    try:
        return _opened_size(data) if _is_picture(data) else None
    except LayoutError:
        return None


@lru_cache(maxsize=24)
def drawn(
    data: bytes, size: tuple[int, int], page: int = 1, box: tuple[float, float, float, float] | None = None
) -> Image.Image:
    """Return artwork at ``size`` dots with its transparency; of a picture only ``box``, as shares of its sides.

    Don't draw on the result: it is remembered.

    Raises:
        LayoutError: as ``check``.
    """
    left, upper, right, lower = box or (0.0, 0.0, 1.0, 1.0)
    if _is_picture(data):
        picture = _picture(data)
        part = (left * picture.width, upper * picture.height, right * picture.width, lower * picture.height)
        # Premultiplied while it is scaled, so that the colour of what can't be seen doesn't bleed into the edges.
        return picture.convert("RGBa").resize(size, Image.Resampling.LANCZOS, box=part).convert("RGBA")
    whole = (max(1, round(size[0] / (right - left))), max(1, round(size[1] / (lower - upper))))
    if whole[0] * whole[1] > MOST_PIXELS:
        raise _wrong(N_("the artwork is much longer than its box; choose another fit"))
    made = _pdf_page(data, page, whole) if _is_pdf(data) else svg.drawn(data, whole)
    if box is None:
        return made
    start = (round(left * whole[0]), round(upper * whole[1]))
    return made.crop((*start, start[0] + size[0], start[1] + size[1]))


def placed(data: bytes, dots: Dots, fit: Fit, stretch: float = 1.0, page: int = 1) -> tuple[Image.Image, Dots]:
    """Return artwork fitted into a place, and the dots that it takes of it, centred.

    ``stretch`` is how many dots across make the length of one dot down.

    Raises:
        LayoutError: as ``check``.
    """
    own = ratio(data, page)
    across, down = (dots[2] - dots[0]) / stretch, dots[3] - dots[1]
    if fit is Fit.COVER:
        share_x, share_y = min(1.0, across / down / own), min(1.0, own / (across / down))
        part = ((1 - share_x) / 2, (1 - share_y) / 2, (1 + share_x) / 2, (1 + share_y) / 2)
        return drawn(data, (dots[2] - dots[0], down), page, part), dots
    height = min(float(down), across / own)
    size = (max(1, round(height * own * stretch)), max(1, round(height)))
    left, upper = dots[0] + (dots[2] - dots[0] - size[0]) // 2, dots[1] + (down - size[1]) // 2
    return drawn(data, size, page), (left, upper, left + size[0], upper + size[1])


def ink(picture: Image.Image, *, hard: bool, dithered: bool = False) -> Image.Image:
    """Return where a panel without colours prints a picture (``RGBA``): its dark and opaque parts.

    ``hard`` gives ink or no ink (mode ``1``), by a threshold or ``dithered``; else an ``L`` for the eye: with shades
    where they would be dithered, otherwise with soft edges.
    """
    dark = ImageChops.invert(picture.convert("RGB").convert("L"))
    shades = ImageChops.multiply(dark, picture.getchannel("A"))
    if not hard:
        return shades if dithered else shades.point(_STEEP)
    return shades.convert("1") if dithered else hardened(shades)


def tinted(picture: Image.Image, colour: Rgb) -> Image.Image:
    """Return a picture's opaque parts in one colour."""
    made = Image.new("RGBA", picture.size, (*colour, 255))
    made.putalpha(picture.getchannel("A"))
    return made


# --- pictures ---------------------------------------------------------------------------------------------------


def _is_picture(data: bytes) -> bool:
    return data.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"))


@lru_cache(maxsize=64)
def _opened_size(data: bytes) -> tuple[int, int]:
    try:
        with Image.open(BytesIO(data), formats=_PICTURES) as opened:
            lies = opened.getexif().get(ExifTags.Base.Orientation) in _LYING
            size = opened.size[::-1] if lies else opened.size
    except UNREADABLE as error:
        raise _wrong(N_("this is not a picture that can be read")) from error
    if size[0] * size[1] > MOST_PIXELS:
        sizes: dict[str, object] = {"width": size[0], "height": size[1]}
        raise _wrong(N_("the picture is too large: {width} × {height} dots"), **sizes)
    return size


@lru_cache(maxsize=16)
def _picture(data: bytes) -> Image.Image:
    _opened_size(data)
    try:
        with Image.open(BytesIO(data), formats=_PICTURES) as opened:
            ImageOps.exif_transpose(opened, in_place=True)
            # Pillow takes 16 bits of grey for 8, and everything but the darkest would be white.
            if opened.mode.startswith("I"):
                return opened.convert("I").point(lambda level: level * (1 / 257)).convert("L").convert("RGBA")
            return opened.convert("RGBA")
    except UNREADABLE as error:
        raise _wrong(N_("this is not a picture that can be read")) from error


# --- pages of a PDF ---------------------------------------------------------------------------------------------


def _is_pdf(data: bytes) -> bool:
    # ISO 32000-1, 7.5.2; readers look for it in the first kilobyte.
    return b"%PDF-" in data[:1024]


@lru_cache(maxsize=32)
def _pdf_size(data: bytes, page: int) -> tuple[float, float]:
    import pypdfium2 as pdfium

    with _pdf_lock:
        try:
            with pdfium.PdfDocument(data) as document:
                if not 1 <= page <= min(len(document), _MOST_PAGES):
                    raise _wrong(N_("the PDF has no page {page}"), page=page)
                leaf = document[page - 1]
                width, height = leaf.get_size()
                _check_fonts(leaf)
        except pdfium.PdfiumError as error:
            raise _wrong(N_("this is not a PDF that can be read")) from error
    if not all(_PAGE_EDGES_PT[0] <= edge <= _PAGE_EDGES_PT[1] for edge in (width, height)):
        raise _wrong(N_("the page of the PDF has a size that can't be printed"))
    return width, height


def _check_fonts(leaf: object) -> None:
    """Refuse letters whose font isn't in the file: each system would put another one in its place."""
    from pypdfium2 import raw

    for item in leaf.get_objects(filter=[raw.FPDF_PAGEOBJ_TEXT], max_depth=_DEEPEST_FORM):  # type: ignore[attr-defined]
        font = raw.FPDFTextObj_GetFont(item)
        if font and raw.FPDFFont_GetIsEmbedded(font) != 1:
            raise _wrong(
                N_("the PDF does not contain its fonts; export it with its fonts, or with letters as outlines")
            )


def _pdf_page(data: bytes, page: int, size: tuple[int, int]) -> Image.Image:
    import pypdfium2 as pdfium

    width, height = _pdf_size(data, page)
    # At least as large as is asked for, so that it is only ever made smaller afterwards.
    scale = max(size[0] / width, size[1] / height)
    with _pdf_lock:
        try:
            with pdfium.PdfDocument(data) as document:
                sheet = document[page - 1].render(scale=scale, fill_color=(255, 255, 255, 0), may_draw_forms=False)
                made: Image.Image = sheet.to_pil().convert("RGBA")
        except pdfium.PdfiumError as error:
            raise _wrong(N_("this is not a PDF that can be read")) from error
    return made if made.size == size else made.resize(size, Image.Resampling.LANCZOS)


def _wrong(detail: str, **params: object) -> LayoutError:
    return LayoutError(file="", place="", detail=Message(detail, params))
