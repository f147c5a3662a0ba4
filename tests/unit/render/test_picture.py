"""Pictures on the card: portrait, artwork, masks."""

from __future__ import annotations

import io
import math

import pytest
from PIL import Image

from station.domain.errors import PortraitError
from station.render import picture
from station.render.colour import RESIN_CEILING
from station.render.picture import Form
from tests.helpers.layouts import as_jpeg, as_png, face

SIZE = (312, 401)


def halves(size: tuple[int, int]) -> Image.Image:
    """Return a picture that is red on the left and blue on the right, with a green band in the middle third's rows."""
    made = Image.new("RGB", size, (220, 30, 30))
    made.paste((30, 30, 220), (size[0] // 2, 0, *size))
    return made


class TestPortrait:
    def test_has_the_size_and_its_middle(self) -> None:
        cut = picture.portrait(as_jpeg(halves((1200, 600))), SIZE)
        assert cut.size == SIZE
        left, right = cut.getpixel((2, 200)), cut.getpixel((309, 200))
        assert left[0] > 180 > left[2]
        assert right[2] > 180 > right[0]
        assert abs(cut.getpixel((150, 200))[0] - 220) < 30, "the middle stays in the middle"

    def test_no_dot_may_become_resin(self) -> None:
        dark = picture.portrait(as_jpeg(Image.new("RGB", (413, 531), (3, 5, 2))), SIZE)
        for kept in (dark, picture.portrait(face(), SIZE)):
            darkest = min(max(dot) for _, dot in kept.getcolors(SIZE[0] * SIZE[1]) or [])
            assert darkest > RESIN_CEILING

    @pytest.mark.parametrize("mode", ["L", "CMYK", "RGB"])
    def test_any_kind_of_jpeg_will_do(self, mode: str) -> None:
        assert picture.portrait(as_jpeg(Image.new(mode, (90, 120))), SIZE).mode == "RGB"

    def test_any_other_picture_will_do_too(self) -> None:
        assert picture.portrait(as_png(Image.new("RGBA", (90, 120))), SIZE).size == SIZE

    def test_a_picture_that_was_taken_lying_is_put_up(self) -> None:
        turned = io.BytesIO()
        exif = Image.Exif()
        exif[0x0112] = 6  # EXIF 2.3, Orientation: to be turned by 90 degrees clockwise
        halves((400, 300)).save(turned, "JPEG", exif=exif)
        upright = picture.portrait(turned.getvalue(), SIZE)
        top, bottom = upright.getpixel((150, 5)), upright.getpixel((150, 395))
        assert top[0] > top[2]
        assert bottom[2] > bottom[0]

    def test_dots_that_are_not_square_do_not_change_the_face(self) -> None:
        square, wide = picture.portrait(face(), SIZE), picture.portrait(face(), (624, 401), 2.0)
        back = wide.resize(SIZE, Image.Resampling.BOX)
        differing = [abs(a - b) for a, b in zip(square.tobytes(), back.tobytes(), strict=True)]
        assert sum(differing) / len(differing) < 4

    @pytest.mark.parametrize("data", [b"", b"no picture", b"\xff\xd8\xff\xe0broken"])
    def test_what_is_no_picture_is_refused(self, data: bytes) -> None:
        with pytest.raises(PortraitError, match="damaged"):
            picture.portrait(data, SIZE)

    def test_a_cut_off_file_is_refused(self) -> None:
        with pytest.raises(PortraitError, match="damaged"):
            picture.portrait(face()[:20_000], SIZE)

    def test_a_bomb_is_refused_before_it_is_unpacked(self) -> None:
        bomb = as_png(Image.new("1", (7000, 7000)))
        assert len(bomb) < 20_000
        with pytest.raises(PortraitError, match="7000 × 7000"):
            picture.portrait(bomb, SIZE)


class TestGhost:
    def test_is_grey_or_in_colours(self) -> None:
        grey, coloured = (picture.ghost(face(), (90, 120), grey=grey) for grey in (True, False))
        assert all(r == g == b for _, (r, g, b) in grey.getcolors(90 * 120) or [])
        assert coloured.tobytes() == picture.portrait(face(), (90, 120)).tobytes()

    def test_no_dot_may_become_resin(self) -> None:
        dark = picture.ghost(as_jpeg(Image.new("RGB", (413, 531), (3, 5, 2))), (90, 120))
        assert min(max(dot) for _, dot in dark.getcolors(90 * 120) or []) > RESIN_CEILING


class TestOverlaid:
    def test_covers_as_far_as_the_picture_does(self) -> None:
        plane = Image.new("RGB", (30, 10), (255, 255, 255))
        half = Image.new("RGBA", (10, 10), (200, 0, 0, 255))
        picture.overlaid(plane, half, (0, 0))
        picture.overlaid(plane, half, (10, 0), 0.5)
        half.putalpha(0)
        picture.overlaid(plane, half, (20, 0))
        seen = [plane.getpixel((x, 5)) for x in (5, 15, 25)]
        assert seen[0] == (200, 0, 0)
        assert 120 < seen[1][1] < 135
        assert seen[2] == (255, 255, 255)


class TestStrokes:
    @pytest.mark.parametrize("size", [(60, 30), (30, 60), (60, -30), (5, 90)])
    def test_is_as_wide_as_it_is_said_to_be(self, size: tuple[int, int]) -> None:
        made = picture.stroke(size, 6)
        assert made.size == (size[0] + 12, abs(size[1]) + 12)
        length = math.hypot(*size)
        assert abs(sum(made.tobytes()) / 255 / length - 6) < 0.3

    def test_is_as_wide_on_dots_that_are_not_square(self) -> None:
        assert abs(sum(picture.stroke((120, 30), 6, 2.0).tobytes()) / 255 / 2 / math.hypot(60, 30) - 6) < 0.3

    def test_rises_or_falls(self) -> None:
        falling, rising = picture.stroke((60, 30), 4), picture.stroke((60, -30), 4)
        assert falling.getpixel((4, 4)) > 100 > falling.getpixel((4, 33))
        assert rising.getpixel((4, 33)) > 100 > rising.getpixel((4, 4))


class TestMasks:
    def test_a_plain_area_needs_none(self) -> None:
        assert picture.mask((10, 10), Form()) is None
        assert picture.mask((10, 10), Form(corner=0.2)) is None

    def test_a_tint_is_even(self) -> None:
        tint = picture.mask((10, 10), Form(level=128))
        assert tint is not None
        assert tint.getcolors() == [(100, 128)]

    def test_round_corners_are_round_and_soft(self) -> None:
        made = picture.mask((40, 40), Form(corner=10))
        assert made is not None
        assert (made.getpixel((0, 0)), made.getpixel((20, 0)), made.getpixel((20, 20))) == (0, 255, 255)
        assert any(0 < made.getpixel((x, 0)) < 255 for x in range(20))

    def test_an_ellipse_fills_its_box(self) -> None:
        made = picture.mask((40, 20), Form(ellipse=True))
        assert made is not None
        assert made.getbbox() == (0, 0, 40, 20)
        assert made.getpixel((0, 0)) == 0

    def test_a_stroke_is_hollow_and_even_on_dots_of_any_shape(self) -> None:
        for size, stretch in (((40, 40), 1.0), ((80, 40), 2.0)):
            made = picture.mask(size, Form(stroke=3), stretch)
            assert made is not None
            row = [made.getpixel((x, 20)) for x in range(size[0])]
            column = [made.getpixel((size[0] // 2, y)) for y in range(40)]
            assert sum(v > 127 for v in row) == round(6 * stretch)
            assert sum(v > 127 for v in column) == 6

    def test_a_gradient_goes_from_one_colour_to_the_other(self) -> None:
        made = picture.gradient((11, 3), (0, 0, 100), (100, 0, 0))
        assert [made.getpixel((x, 2)) for x in (0, 5, 10)] == [(0, 0, 100), (50, 0, 50), (100, 0, 0)]
        assert picture.gradient((1, 1), (1, 2, 3), (4, 5, 6)).getpixel((0, 0)) == (1, 2, 3)
