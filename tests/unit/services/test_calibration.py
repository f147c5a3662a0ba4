"""What a person read and typed becomes a correction, or is refused with the field; the preview shows its effect."""

from __future__ import annotations

import pytest
from PIL import ImageChops

from printers.profile_files import load_profile
from station.domain.errors import InputError
from station.domain.print_care import Correction
from station.ports.printer import Bitmap
from station.render.raster import image_of
from station.render.testcard import render_test_card
from station.services.calibration import CalibrationWish, preview


def test_rulers_and_dyes_become_a_correction_and_the_rest_stays() -> None:
    before = Correction(y_mm=0.7, magenta=1.1)
    wish = CalibrationWish(left="0,4", right=" 86.0 mm", back_left="-0.2", cyan="1.3")
    after = wish.correction(before)
    assert (after.x_mm, after.scale_x, after.back_x_mm) == (0.4, 1.0, -0.2)
    assert (after.y_mm, after.cyan, after.magenta) == (0.7, 1.3, 1.1)
    assert CalibrationWish().empty
    assert CalibrationWish().correction(before) == before


@pytest.mark.parametrize(
    ("wish", "field", "words"),
    [
        (CalibrationWish(right="1.2.3"), "right", "is not a number"),
        (CalibrationWish(yellow="nan"), "yellow", "is not a number"),
        (CalibrationWish(left="40", right="50"), "left", "The rulers can't read"),
        (CalibrationWish(lower="70"), "upper", "at most 5.0 mm"),
        (CalibrationWish(back_upper="-8"), "back_upper", "at most 5.0 mm"),
        (CalibrationWish(upper="0", lower="60"), "upper", "at most 3 %"),
        (CalibrationWish(gamma="3"), "gamma", "between 0.5 and 2"),
    ],
)
def test_what_is_refused_names_where_it_stands(wish: CalibrationWish, field: str, words: str) -> None:
    with pytest.raises(InputError, match=words) as error:
        wish.correction(Correction())
    assert error.value.params["field"] == field


def apart(one: Bitmap, other: Bitmap) -> float:
    """Return how different two pictures are, from 0 to 1."""
    # Their edges are filled up when they are moved: what lies inside tells where the print is.
    frame = (60, 60, one.width_px - 60, one.height_px - 60)
    grey = ImageChops.difference(image_of(one).crop(frame), image_of(other).crop(frame)).convert("L")
    return sum(grey.point([1 if level > 60 else 0 for level in range(256)]).tobytes()) / (grey.width * grey.height)


def test_the_preview_comes_out_askew_without_it_and_straight_with_it() -> None:
    profile = load_profile("generic-cr80-300")
    wanted = render_test_card(profile).front.composite
    shown = preview(profile, Correction(x_mm=1.0, y_mm=-0.8, cyan=1.0))
    assert apart(shown.now.front.composite, wanted) > 0.02
    assert apart(shown.after.front.composite, wanted) == 0.0
    tinted = preview(profile, Correction(cyan=1.4)).after.front.composite
    assert tinted != wanted
