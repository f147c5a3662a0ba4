"""A crop never leaves its picture, follows the hand, and is cut out sharp, in the right place and at the right size."""

from __future__ import annotations

import io
import math

import cv2
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from PIL import Image

from station.adapters.camera.virtual import demo_portraits
from station.domain.portrait import Crop
from station.photo.crop import (
    EYES_DOWN,
    EYES_DOWN_LEAST,
    PORTRAIT_RATIO,
    ROOM,
    ROOM_ABOVE,
    ROOM_LOOSE,
    ROOM_TIGHT,
    ROUTER_SIZE_PX,
    SMALLEST_SHARE,
    Box,
    CropArea,
    CropProposal,
    cut,
    cut_out,
    propose_crop,
    router_picture,
)
from station.photo.faces import FaceEngine
from station.photo.landmarks import CHIN, POINT_COUNT, Landmarks
from station.photo.pictures import as_frame, load_picture
from tests.helpers.pictures import COLOURS, colour_of, corners, plain, quarters, saved

edges = st.integers(96, 6000)
ratios = st.sampled_from([PORTRAIT_RATIO, 3 / 4, 2 / 3, 1.0, 4 / 3])
shares = st.floats(-3, 4)
crops = st.builds(Crop, shares, shares, st.floats(0.001, 5), st.floats(-45, 45))
areas = st.builds(CropArea, edges, edges, ratios)


def corner_points(area: CropArea, crop: Crop) -> list[tuple[float, float]]:
    """Return the four corners of a turned crop in pixels, computed another way than CropArea does."""
    box = area.box(crop)
    middle_x, middle_y = box.left_px + box.width_px / 2, box.top_px + box.height_px / 2
    turn = complex(math.cos(math.radians(crop.turn_deg)), math.sin(math.radians(crop.turn_deg)))
    half = [complex(x * box.width_px / 2, y * box.height_px / 2) * turn for x in (-1, 1) for y in (-1, 1)]
    return [(middle_x + point.real, middle_y + point.imag) for point in half]


def is_inside(area: CropArea, crop: Crop) -> bool:
    slack = 1e-6 * max(area.width_px, area.height_px)
    return all(
        -slack <= x <= area.width_px + slack and -slack <= y <= area.height_px + slack
        for x, y in corner_points(area, crop)
    )


def test_the_middle_of_a_wide_frame_is_as_high_as_the_frame() -> None:
    area = CropArea(1280, 720)
    assert area.centred() == Crop(0.5, 0.5, 1.0)
    assert area.box(area.centred()) == Box(360, 0, 560, 720)


def test_the_middle_of_a_tall_picture_is_as_wide_as_the_picture() -> None:
    area = CropArea(350, 900)
    box = area.box(area.centred())
    assert (box.left_px, box.top_px, box.width_px, box.height_px) == pytest.approx((0, 225, 350, 450))


@given(areas, crops)
def test_a_clamped_crop_is_inside_whatever_was_asked(area: CropArea, crop: Crop) -> None:
    clamped = area.clamp(crop)
    assert is_inside(area, clamped)
    assert clamped.turn_deg == crop.turn_deg
    assert area.box(clamped).width_px == pytest.approx(area.box(clamped).height_px * area.ratio)


@given(areas, crops)
def test_what_is_inside_already_stays_as_it_is(area: CropArea, crop: Crop) -> None:
    once = area.clamp(crop)
    twice = area.clamp(once)
    for name in ("centre_x", "centre_y", "height"):
        assert getattr(twice, name) == pytest.approx(getattr(once, name))


@given(areas, st.floats(0.15, 0.3), st.floats(-0.05, 0.05), st.floats(-0.05, 0.05))
def test_a_drag_moves_by_what_the_hand_moved(area: CropArea, height: float, dx: float, dy: float) -> None:
    assume(height * area.ratio * area.height_px / area.width_px < 0.8)
    before = area.clamp(Crop(0.5, 0.5, height))
    after = area.move(before, dx, dy)
    assert (after.centre_x, after.centre_y) == pytest.approx((0.5 + dx, 0.5 + dy))
    assert after.height == pytest.approx(before.height)


def test_a_drag_stops_at_the_edge() -> None:
    area = CropArea(1280, 720)
    far = area.move(area.zoom(area.centred(), 2), 9, -9)
    assert area.box(far) == Box(1280 - 280, 0, 280, 360)


def test_a_zoom_goes_nearer_about_the_same_point_and_back() -> None:
    area = CropArea(1280, 720)
    near = area.zoom(area.move(area.zoom(area.centred(), 2), 0.1, 0.05), 1.25)
    assert (near.centre_x, near.centre_y, near.height) == pytest.approx((0.6, 0.55, 0.4))
    assert area.zoom(near, 0.01) == Crop(near.centre_x, 0.5, 1.0)
    assert area.zoom(near, 1e6).height == pytest.approx(SMALLEST_SHARE)


def test_a_turned_crop_is_smaller_so_that_its_corners_stay_in() -> None:
    area = CropArea(1000, 1000, 1.0)
    turned = area.clamp(Crop(turn_deg=45))
    assert turned.height == pytest.approx(1 / math.sqrt(2))


def test_the_cut_shows_what_the_crop_says() -> None:
    area = CropArea(400, 300, 1.0)
    for place, (x, y) in enumerate([(0.2, 0.2), (0.8, 0.2), (0.8, 0.8), (0.2, 0.8)]):
        jpeg = cut(corners(), area.clamp(Crop(x, y, 0.3)), 1.0, 90)
        loaded = np.asarray(cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR))
        assert loaded.shape == (90, 90, 3)
        assert colour_of(loaded.astype(np.uint8)) == place


def test_a_frame_and_a_picture_are_cut_alike() -> None:
    crop = Crop(0.45, 0.5, 0.8)
    assert cut(as_frame(corners()), crop, PORTRAIT_RATIO, 200) == cut(corners(), crop, PORTRAIT_RATIO, 200)


def test_no_pixels_are_invented() -> None:
    with Image.open(io.BytesIO(cut(corners(), Crop(height=0.5), PORTRAIT_RATIO, 900))) as opened:
        assert opened.size == (117, 150)


def test_a_crop_that_leaves_the_picture_is_clamped_before_it_is_cut() -> None:
    assert cut(corners(), Crop(9, 9, 9), 1.0, 100) == cut(
        corners(), CropArea(400, 300, 1.0).clamp(Crop(9, 9, 9)), 1, 100
    )


def test_turning_levels_what_was_askew() -> None:
    """A line from eye to eye that falls by 10 degrees to the right is level after a turn of 10 degrees."""
    face = plain((128, 128, 128), 600, 600)
    down = math.radians(10)
    eyes = [(300 + side * 80 * math.cos(down), 300 + side * 80 * math.sin(down)) for side in (-1, 1)]
    for x, y in eyes:
        cv2.circle(face, (round(x), round(y)), 12, (0, 0, 0), -1)
    jpeg = cut(face, Crop(turn_deg=10, height=0.6), 1.0, 360)
    level = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_GRAYSCALE)
    dark_y, dark_x = np.nonzero(level < 60)
    left, right = dark_y[dark_x < 180].mean(), dark_y[dark_x >= 180].mean()
    assert abs(left - right) < 1
    assert abs(left - 180) < 1
    assert dark_x.mean() == pytest.approx(180, abs=1)


def test_shrinking_averages_and_does_not_alias() -> None:
    stripes = np.zeros((900, 700, 3), np.uint8)
    stripes[::2] = 255
    for turn in (0.0, 5.0):
        jpeg = cut(stripes, Crop(turn_deg=turn, height=0.8), PORTRAIT_RATIO, 90)
        small = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_GRAYSCALE)
        assert small.std() < 8
        assert 120 < small.mean() < 135


@given(st.integers(96, 400), st.integers(96, 400), ratios, crops, st.integers(20, 700))
def test_every_cut_has_the_ratio_and_at_most_the_height(
    width: int, height: int, ratio: float, crop: Crop, height_px: int
) -> None:
    with Image.open(io.BytesIO(cut(plain(COLOURS[1], width, height), crop, ratio, height_px))) as opened:
        got_width, got_height = opened.size
    assert got_height <= height_px
    assert abs(got_width - got_height * ratio) <= 0.5 + 1e-9


def test_the_routers_picture_is_200_by_300_and_takes_the_middle() -> None:
    portrait = cut(plain(COLOURS[2], 900, 900), CropArea(900, 900).centred(), PORTRAIT_RATIO, 720)
    small = load_picture(router_picture(portrait))
    assert (small.shape[1], small.shape[0]) == ROUTER_SIZE_PX
    assert quarters(small) == (2, 2, 2, 2)
    wide = plain(COLOURS[0], 600, 300)
    wide[:, 200:400] = COLOURS[1]
    assert quarters(load_picture(router_picture(saved(wide, "PNG")))) == (1, 1, 1, 1)


def test_a_small_portrait_is_enlarged_for_the_router() -> None:
    assert load_picture(router_picture(saved(corners(100, 120), "PNG"))).shape == (300, 200, 3)


def a_face(eyes: tuple[float, float], size: float, roll_deg: float = 0.0) -> Landmarks:
    """Return eyes and chin: T is ``size``, the eyes are 0.7 of it apart, all is turned about the middle of the eyes."""
    points = np.zeros((POINT_COUNT, 3), np.float32)
    for index, x, y in ((33, -0.45, 0), (133, -0.25, 0), (362, 0.25, 0), (263, 0.45, 0), (CHIN, 0, 1)):
        turned = complex(x, y) * size * complex(math.cos(math.radians(roll_deg)), math.sin(math.radians(roll_deg)))
        points[index, :2] = eyes[0] + turned.real, eyes[1] + turned.imag
    return Landmarks(points, 20.0)


def in_the_crop(proposal: CropProposal, frame: tuple[int, int], point: tuple[float, float]) -> tuple[float, float]:
    """Return where a point of the frame lies in the cropped portrait, in shares of its width and height."""
    box = CropArea(*frame, proposal.ratio).box(proposal.crop)
    middle = complex(box.left_px + box.width_px / 2, box.top_px + box.height_px / 2)
    back = complex(math.cos(math.radians(proposal.crop.turn_deg)), -math.sin(math.radians(proposal.crop.turn_deg)))
    there = (complex(*point) - middle) * back
    return there.real / box.width_px + 0.5, there.imag / box.height_px + 0.5


FRAME = (1280, 720)
rolls = st.floats(-20, 20)


@given(ratios, rolls, st.floats(60, 140), st.floats(500, 780), st.floats(250, 330))
def test_eyes_and_chin_come_to_their_places_in_any_ratio(
    ratio: float, roll: float, size: float, x: float, y: float
) -> None:
    face = a_face((x, y), size, roll)
    for room in (ROOM, ROOM_ABOVE):
        proposal = propose_crop(face, FRAME, ratio, room=room)
        assume(not proposal.leaves_frame and proposal.head_share == 2 * room)
        eyes = in_the_crop(proposal, FRAME, face.eyes_middle)
        chin = in_the_crop(proposal, FRAME, face.point(CHIN))
        right, left = (in_the_crop(proposal, FRAME, eye) for eye in (face.right_eye, face.left_eye))
        assert eyes[0] == pytest.approx(0.5, abs=1e-4)
        assert EYES_DOWN_LEAST - 1e-4 <= eyes[1] <= EYES_DOWN + 1e-4
        assert chin[1] - eyes[1] == pytest.approx(room, abs=1e-3)
        assert right[1] == pytest.approx(left[1], abs=1e-3)


@given(ratios, rolls, st.floats(20, 500), st.floats(-100, 1400), st.floats(-100, 800), st.floats(0.9, 1.5))
def test_a_proposal_lies_in_the_frame_or_says_that_it_does_not(
    ratio: float, roll: float, size: float, x: float, y: float, above: float
) -> None:
    proposal = propose_crop(a_face((x, y), size, roll), FRAME, ratio, above=above)
    area = CropArea(*FRAME, ratio)
    assert proposal.leaves_frame is not is_inside(area, proposal.crop)
    assert proposal.leaves_frame is (proposal.overhang > 1e-6)
    assert 2 * ROOM_LOOSE - 1e-6 <= proposal.head_share <= 2 * ROOM_TIGHT + 1e-6
    if not proposal.leaves_frame and proposal.crop.height > 0.1:
        clamped = area.clamp(proposal.crop)
        assert clamped.centre_y == pytest.approx(proposal.crop.centre_y, abs=1e-4)
        assert clamped.height == pytest.approx(proposal.crop.height, rel=1e-4)


@given(rolls, st.floats(60, 320), st.floats(0.95, 1.45))
def test_a_tight_frame_never_costs_hair_or_hat(roll: float, size: float, above: float) -> None:
    """However the crop was fitted to the frame, what reaches so high above the eyes is still in it."""
    face = a_face((640, 300), size, roll)
    proposal = propose_crop(face, FRAME, above=above, room=ROOM_ABOVE if above > 1.1 else ROOM)
    down = math.radians(roll)
    top = (640 + above * size * math.sin(down), 300 - above * size * math.cos(down))
    assume(not proposal.leaves_frame)
    assert in_the_crop(proposal, FRAME, top)[1] >= 0


def test_the_print_of_35_by_45_has_the_size_that_standards_ask() -> None:
    """T is 36 % of the height: a head of 32.4 mm on 45 mm (ICAO Doc 9303: 32 to 36), the eyes about 0.25 W apart."""
    face = a_face((640, 300), 180)
    proposal = propose_crop(face, FRAME, PORTRAIT_RATIO)
    assert proposal.head_share * 45 == pytest.approx(32.4)
    eyes = [in_the_crop(proposal, FRAME, eye)[0] for eye in (face.right_eye, face.left_eye)]
    assert eyes[1] - eyes[0] == pytest.approx(0.7 * 0.36 / PORTRAIT_RATIO, abs=1e-3)


def test_too_near_leaves_the_frame_on_every_side_that_lacks() -> None:
    near = propose_crop(a_face((640, 330), 400), FRAME)
    assert near.leaves_frame
    assert near.over_top > 0
    assert near.over_bottom > 0
    aside = propose_crop(a_face((60, 330), 150), FRAME)
    assert aside.over_left > 0
    assert aside.over_right == 0


def test_the_eyes_of_a_person_are_level_and_in_place_in_the_cut_picture() -> None:
    """On the demo's portrait, which is tilted by 3 degrees: found again in what was cut out."""
    engine, picture = FaceEngine(), load_picture(demo_portraits()[1])
    for ratio in (35 / 45, 3 / 4, 2 / 3):
        crop = engine.analyse(picture).crop(ratio)
        assert crop
        portrait = cut_out(picture, crop.crop, ratio, 600)
        assert abs(portrait.shape[1] / portrait.shape[0] - ratio) < 0.002
        main = engine.analyse(portrait).main
        assert main
        assert abs(main.roll_deg) < 1
        x, y = main.eyes_middle
        assert x / portrait.shape[1] == pytest.approx(0.5, abs=0.01)
        assert y / portrait.shape[0] == pytest.approx(0.45, abs=0.012)
        assert main.eyes_to_chin_px / portrait.shape[0] == pytest.approx(ROOM_ABOVE, abs=0.012)


@pytest.mark.parametrize("turn", [0.0, 4.0, -11.0])
def test_a_large_photo_is_cut_as_a_small_one_is(turn: float) -> None:
    """Made smaller first by a whole number or not: the same part comes out, and as sharp."""
    large = np.asarray(cv2.resize(load_picture(demo_portraits()[1]), (4032, 2268), interpolation=cv2.INTER_CUBIC))
    crop = Crop(0.5, 0.45, 0.7, turn)
    once = cut_out(large.astype(np.uint8), crop, PORTRAIT_RATIO, 500).astype(int)
    fully = cut_out(large.astype(np.uint8), crop, PORTRAIT_RATIO)
    slowly = np.asarray(cv2.resize(fully, once.shape[1::-1], interpolation=cv2.INTER_AREA)).astype(int)
    assert np.abs(once - slowly).mean() < 2.5
    assert (
        cv2.Laplacian(once.astype(np.uint8), cv2.CV_64F).var()
        > 0.7 * cv2.Laplacian(slowly.astype(np.uint8), cv2.CV_64F).var()
    )
