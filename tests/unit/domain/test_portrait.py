"""A portrait's layers: a plain background is laid over the picture and taken off again, and nothing is lost."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from station.domain.portrait import Crop, Portrait, PortraitSource

OWN = Portrait("p1", "h1", b"own", 413, 531, datetime(2026, 9, 1, tzinfo=UTC), original=b"frame")


def test_a_portrait_is_the_whole_picture_of_the_camera_unless_said_otherwise() -> None:
    assert (OWN.source, OWN.crop, OWN.natural, OWN.findings) == (
        PortraitSource.CAMERA,
        Crop(0.5, 0.5, 1.0, 0.0),
        None,
        (),
    )


def test_a_plain_background_keeps_the_picture_below_it() -> None:
    plain = OWN.with_plain_background(b"plain")
    assert (plain.image, plain.natural, plain.original) == (b"plain", b"own", b"frame")
    assert plain.id == OWN.id


@given(st.lists(st.binary(min_size=1), min_size=1, max_size=5))
def test_however_often_it_is_made_plain_the_own_background_comes_back(layers: list[bytes]) -> None:
    plain = OWN
    for layer in layers:
        plain = plain.with_plain_background(layer)
    assert (plain.image, plain.natural) == (layers[-1], b"own")
    own = plain.with_own_background("p2")
    assert (own.id, own.image, own.natural, own.original) == ("p2", b"own", None, b"frame")


def test_taking_off_what_is_not_there_changes_the_name_only() -> None:
    again = OWN.with_own_background("p2")
    assert (again.id, again.image, again.natural) == ("p2", b"own", None)
