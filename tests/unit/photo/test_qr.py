"""The QR code on a card is read from a camera's frame: askew, small, dim, and never where there is none."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from station.photo.pictures import as_frame
from station.photo.qr import read_qr
from tests.helpers.codes import qr_picture
from tests.helpers.pictures import COLOURS, Pixels, plain

TEXT = "https://s.esc-r.eu/f0a1b2c3-7dd1-11f1-8001-001999000001"


def scene(text: str = TEXT, *, edge_px: int = 200, turn_deg: float = 0.0, light: float = 1.0) -> Pixels:
    """Return a frame with a white card on grey, and the code on the card."""
    code = np.asarray(qr_picture(text).resize((edge_px, edge_px)))
    card = plain((255, 255, 255), 856, 540)
    card[300 : 300 + edge_px, 600 : 600 + edge_px] = code[: card.shape[0] - 300, : card.shape[1] - 600]
    frame = plain((90, 110, 120), 1280, 720)
    frame[90:630, 212:1068] = card
    matrix = cv2.getRotationMatrix2D((640, 360), turn_deg, 1.0)
    turned = cv2.warpAffine(frame, matrix, (1280, 720), borderValue=(90, 110, 120))
    return np.asarray(turned * light, dtype=np.uint8)


@pytest.mark.parametrize(
    "options", [{}, {"turn_deg": 7}, {"turn_deg": 90}, {"turn_deg": 180}, {"edge_px": 110}, {"light": 0.35}]
)
def test_a_card_before_the_camera_is_read(options: dict[str, float]) -> None:
    assert read_qr(as_frame(scene(**options))) == TEXT  # type: ignore[arg-type]


def test_a_picture_is_read_like_a_frame() -> None:
    assert read_qr(scene("Āboliņš")) == "Āboliņš"


@pytest.mark.parametrize(
    "picture", [plain(COLOURS[0]), np.random.default_rng(3).integers(0, 255, (240, 320, 3), np.uint8)]
)
def test_where_there_is_no_code_nothing_is_read(picture: Pixels) -> None:
    assert read_qr(picture) is None


def test_half_a_code_is_none() -> None:
    frame = scene(edge_px=220)
    frame[90:630, 920:] = 120
    assert read_qr(frame) is None


def test_of_two_codes_the_nearer_one_counts() -> None:
    frame = plain((255, 255, 255), 1280, 720)
    for text, edge_px, left in (("near", 320, 100), ("far", 140, 800), ("farther", 100, 1050)):
        code = np.asarray(qr_picture(text).resize((edge_px, edge_px)))
        frame[200 : 200 + edge_px, left : left + edge_px] = code
    assert read_qr(frame) == "near"
