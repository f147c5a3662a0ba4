"""The elements of a card as values."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import pytest

from station.domain import elements as el

BOX = el.Box(10, 20, 30, 5)


def test_a_box_knows_its_far_edges() -> None:
    assert (BOX.right_mm, BOX.bottom_mm) == (40, 25)


@pytest.mark.parametrize(
    ("other", "meets"),
    [
        (el.Box(39, 24, 5, 5), True),
        (el.Box(40, 20, 5, 5), False),
        (el.Box(10, 25, 5, 5), False),
        (el.Box(0, 0, 100, 100), True),
        (el.Box(5, 21, 5, 1), False),
        (el.Box(0, 22, 100, 0), True),
    ],
)
def test_boxes_meet_only_where_they_share_area_or_a_line(other: el.Box, meets: bool) -> None:
    assert BOX.meets(other) is meets
    assert other.meets(BOX) is meets


def test_a_text_without_a_floor_keeps_its_size() -> None:
    text = el.Text(id="t", box=BOX, text="", size_pt=8)
    assert (text.floor_pt, replace(text, min_size_pt=5).floor_pt) == (8, 5)


@pytest.mark.parametrize(
    ("element", "templates"),
    [
        (el.Text(id="t", box=BOX, text="{full_name}", size_pt=8), ("{full_name}",)),
        (el.Qr(id="q", box=BOX), ("{qr}",)),
        (el.Pdf417(id="p", box=BOX, text="{esi}"), ("{esi}",)),
        (el.MagneticTracks(id="m", track1="{family_name}", track3="1"), ("{family_name}", "", "1")),
        (el.Photo(id="p", box=BOX), ()),
        (el.ChipZone(id="c", box=BOX), ()),
    ],
)
def test_the_texts_that_may_name_fields_are_known(element: el.AnyElement, templates: tuple[str, ...]) -> None:
    assert el.templates_of(element) == templates


def test_every_kind_can_be_told_from_every_other() -> None:
    kinds = get_args(el.AnyElement)
    assert len(kinds) == len(set(kinds)) == 18
    assert all(issubclass(kind, el.Element) for kind in kinds)
    assert {kind for kind in kinds if issubclass(kind, el.Code)} == set(get_args(el.AnyCode))
    assert {kind for kind in kinds if issubclass(kind, el.Zone)} == set(get_args(el.AnyZone))
