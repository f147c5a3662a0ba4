"""Artwork of every kind, fitted into its box."""

from __future__ import annotations

import io
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ExifTags, Image

from station.domain.elements import Fit
from station.domain.errors import LayoutError
from station.render import artwork
from tests.helpers.layouts import as_jpeg, as_png

WIDE = as_png(Image.new("RGBA", (40, 20), (200, 0, 0, 255)))
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20"><rect width="40" height="20" fill="#c80000"/></svg>'


def pdf(*pages: str, size: tuple[float, float] = (80, 40), font: bool = False) -> bytes:
    """Return a PDF with a page for each colour; ``font`` writes a word in one that is not in the file."""
    from reportlab.pdfgen.canvas import Canvas

    target = io.BytesIO()
    sheet = Canvas(target, pagesize=size, invariant=1)
    for colour in pages:
        sheet.setFillColor(colour)
        sheet.rect(0, 0, *size, fill=1, stroke=0)
        if font:
            sheet.drawString(5, 5, "Word")
        sheet.showPage()
    sheet.save()
    return target.getvalue()


KINDS = {"png": WIDE, "jpeg": as_jpeg(Image.new("RGB", (40, 20), (200, 0, 0))), "svg": SVG, "pdf": pdf("#c80000")}


@pytest.mark.parametrize("data", KINDS.values(), ids=KINDS)
class TestEveryKind:
    def test_knows_its_form(self, data: bytes) -> None:
        artwork.check(data)
        assert artwork.ratio(data) == pytest.approx(2)

    def test_is_placed_whole_and_centred(self, data: bytes) -> None:
        seen, place = artwork.placed(data, (10, 10, 110, 210), Fit.WHOLE)
        assert (seen.mode, seen.size, place) == ("RGBA", (100, 50), (10, 85, 110, 135))
        red = seen.getpixel((50, 25))
        assert abs(red[0] - 200) <= 2
        assert max(red[1:3]) <= 2
        assert red[3] == 255

    def test_covers_its_box_when_it_should(self, data: bytes) -> None:
        seen, place = artwork.placed(data, (0, 0, 50, 50), Fit.COVER)
        assert (seen.size, place) == ((50, 50), (0, 0, 50, 50))
        assert min(alpha for _, (*_, alpha) in seen.getcolors(2500) or []) == 255

    def test_keeps_its_form_on_dots_that_are_not_square(self, data: bytes) -> None:
        seen, place = artwork.placed(data, (0, 0, 200, 200), Fit.WHOLE, 2.0)
        assert (seen.size, place) == ((200, 50), (0, 75, 200, 125))

    def test_is_drawn_once(self, data: bytes) -> None:
        assert artwork.drawn(data, (30, 15)) is artwork.drawn(data, (30, 15))


def test_a_picture_stands_as_its_camera_was_held() -> None:
    lying, exif, data = Image.new("RGB", (40, 20), "red"), Image.Exif(), io.BytesIO()
    lying.paste("blue", (0, 0, 20, 20))
    exif[ExifTags.Base.Orientation] = 6  # turned clockwise to be seen: what is left comes up
    lying.save(data, "JPEG", exif=exif, quality=95)
    assert artwork.ratio(data.getvalue()) == 0.5
    seen = artwork.drawn(data.getvalue(), (20, 40)).convert("RGB")
    assert [max(range(3), key=seen.getpixel((10, y)).__getitem__) for y in (5, 35)] == [2, 0]  # type: ignore[union-attr]


@pytest.mark.parametrize(("level", "grey"), [(0, 0), (300, 1), (0x8080, 128), (65535, 255)])
def test_sixteen_bits_of_grey_keep_their_shades(level: int, grey: int) -> None:
    data = io.BytesIO()
    Image.new("I;16", (4, 4), level).save(data, "PNG")
    assert artwork.drawn(data.getvalue(), (4, 4)).getpixel((1, 1)) == (grey, grey, grey, 255)


def test_covering_shows_the_middle() -> None:
    thirds = Image.new("RGB", (90, 30), (200, 0, 0))
    thirds.paste((0, 0, 200), (30, 0, 60, 30))
    seen, _ = artwork.placed(as_png(thirds), (0, 0, 30, 30), Fit.COVER)
    assert seen.getpixel((15, 15))[:3] == (0, 0, 200)
    assert seen.getpixel((3, 15))[2] > 150


def test_the_unseen_colour_of_its_edges_stays_unseen() -> None:
    disc = Image.new("RGBA", (200, 200), (255, 0, 0, 0))
    disc.paste((255, 255, 255, 255), (50, 50, 150, 150))
    seen, _ = artwork.placed(as_png(disc), (0, 0, 50, 50), Fit.WHOLE)
    on_white = Image.alpha_composite(Image.new("RGBA", (50, 50), (255, 255, 255, 255)), seen)
    assert on_white.convert("RGB").getcolors(1) is not None, "white on white, and no red seam"


class TestInk:
    PICTURE = Image.new("RGBA", (30, 10), (0, 0, 0, 255))
    PICTURE.paste((255, 255, 255, 255), (10, 0, 20, 10))
    PICTURE.paste((0, 0, 0, 0), (20, 0, 30, 10))

    def test_is_what_is_dark_and_opaque(self) -> None:
        assert artwork.ink(self.PICTURE, hard=True).getbbox() == (0, 0, 10, 10)
        assert artwork.ink(self.PICTURE, hard=True).mode == "1"

    def test_has_shades_only_where_they_are_dithered(self) -> None:
        grey = Image.new("RGBA", (64, 64), (155, 155, 155, 255))
        share = sum(artwork.ink(grey, hard=True, dithered=True).convert("L").tobytes()) / 255 / 64 / 64
        assert 0.35 < share < 0.43
        assert artwork.ink(grey, hard=True).getbbox() is None
        assert artwork.ink(grey, hard=False, dithered=True).getcolors() == [(4096, 100)]

    def test_tinting_keeps_the_form(self) -> None:
        tinted = artwork.tinted(self.PICTURE, (1, 2, 3))
        assert (tinted.getpixel((15, 5)), tinted.getpixel((25, 5))[3]) == ((1, 2, 3, 255), 0)


class TestPdf:
    def test_a_page_can_be_chosen(self) -> None:
        two = pdf("#c80000", "#0000c8")
        assert artwork.drawn(two, (20, 10), 2).getpixel((5, 5)) == (0, 0, 200, 255)
        for page in (0, 3):
            with pytest.raises(LayoutError, match=f"no page {page}"):
                artwork.check(two, page)

    def test_letters_without_their_font_are_refused(self) -> None:
        with pytest.raises(LayoutError, match="contain its fonts"):
            artwork.check(pdf("#ffffff", font=True))

    @pytest.mark.parametrize("data", [b"%PDF-1.4", b"%PDF-1.7\n%%EOF", pdf("#fff")[:300]])
    def test_what_is_damaged_is_refused(self, data: bytes) -> None:
        with pytest.raises(LayoutError):
            artwork.check(data)

    def test_an_endless_page_is_refused(self) -> None:
        with pytest.raises(LayoutError, match="can't be printed"):
            artwork.check(pdf("#fff", size=(14000, 14000)))


class TestRefused:
    @pytest.mark.parametrize("data", [b"", b"BM6", b"GIF89a" + b"\0" * 20, WIDE[:30], b"\xff\xd8\xff\xe0broken"])
    def test_what_is_no_artwork(self, data: bytes) -> None:
        with pytest.raises(LayoutError):
            artwork.check(data)

    def test_a_bomb_before_it_is_unpacked(self) -> None:
        with pytest.raises(LayoutError, match="9000 × 9000"):
            artwork.check(as_png(Image.new("1", (9000, 9000))))

    @given(st.sampled_from([WIDE, SVG, KINDS["pdf"]]), st.data())
    def test_any_damage_is_refused_or_harmless(self, data: bytes, draw: st.DataObject) -> None:
        broken = bytearray(data)
        for _ in range(draw.draw(st.integers(1, 3))):
            broken[draw.draw(st.integers(0, len(broken) - 1))] = draw.draw(st.integers(0, 255))
        with suppress(LayoutError):
            artwork.check(bytes(broken))
            assert artwork.placed(bytes(broken), (0, 0, 20, 10), Fit.WHOLE)[0].mode == "RGBA"
