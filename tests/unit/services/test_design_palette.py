"""What the palette holds can be drawn as soon as it lies on the card, has a name and a drawing, and fits."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import pytest

from station.domain.elements import AnyElement, Box, Image, Layer, Shape, ShapeKind
from station.domain.errors import LayoutError
from station.domain.layout_rules import check_layout
from station.resources import asset
from station.services.design_palette import GROUP_NAMES, ITEMS, PALETTE, fresh, fresh_picture, icon_name, kind_name
from station.services.designing import FRONT, added, changed, layers_of
from tests.helpers.designs import a_design


@pytest.mark.parametrize("item", PALETTE, ids=lambda item: item.key)
def test_everything_in_the_palette_can_be_drawn_at_once(item: object) -> None:
    chosen = next(each for each in PALETTE if each is item)
    for centre in ((42.8, 27.0), (-500.0, 900.0)):
        design, key = added(a_design(), FRONT, fresh(chosen, centre, a_design().card))
        check_layout(design.layout)
        element = design.get(key)
        assert element is not None
        assert element.box.x_mm >= 0
        assert element.box.right_mm <= 85.61
        assert element.box.bottom_mm <= 53.99
        assert asset("icons", f"{icon_name(element)}.svg").is_file()
        assert kind_name(element)
    assert asset("icons", f"{chosen.icon}.svg").is_file()


@pytest.mark.parametrize("item", PALETTE, ids=lambda item: item.key)
@pytest.mark.parametrize("layer", list(Layer))
def test_the_panels_offered_are_those_that_the_rules_allow(item: object, layer: Layer) -> None:
    chosen = next(each for each in PALETTE if each is item)
    design, key = added(a_design(), FRONT, fresh(chosen, (40, 20), a_design().card))
    element = design.get(key)
    assert element is not None
    offered = layer in layers_of(element)
    after = changed(design, frozenset({key}), layer=layer)
    check_layout(after.layout)
    got = after.get(key)
    assert got is not None
    assert (got.layer is layer) is offered
    if not offered:
        forced = design.with_side(FRONT, [replace(e, layer=layer) if e.id == key[1] else e for e in design.side(FRONT)])
        with pytest.raises(LayoutError):
            check_layout(forced.layout)


def test_a_new_picture_has_its_own_ratio() -> None:
    image = fresh_picture("crest-of-arms.png", 0.5, (40, 20), a_design().card)
    assert image.box.height_mm == pytest.approx(2 * image.box.width_mm, abs=0.11)
    assert image.id == "crest_of_arms"


def test_every_kind_has_a_palette_entry() -> None:
    made = {type(fresh(item, (40, 20), a_design().card)) for item in ITEMS.values()} | {Image}
    kinds = {kind for part in get_args(AnyElement) for kind in (get_args(part) or (part,))}
    assert made == kinds


def test_on_a_smaller_card_everything_still_fits() -> None:
    small = Box(0, 0, 40, 20)
    for item in (each for each in PALETTE if each.at is None):
        box = fresh(item, (39, 19), small).box
        assert 0 <= box.x_mm <= box.right_mm <= small.width_mm, item.key
        assert 0 <= box.y_mm <= box.bottom_mm <= small.height_mm, item.key


def test_what_has_one_right_place_goes_there_wherever_it_was_asked_for() -> None:
    for centre in ((0.0, 0.0), (80.0, 50.0)):
        stripe, chip = (fresh(ITEMS[key], centre, a_design().card).box for key in ("stripe", "chip"))
        assert (stripe.x_mm, stripe.y_mm, stripe.height_mm) == (0, 4, 12.7)
        assert (chip.x_mm, chip.y_mm) == (8.6, 18)


def test_a_picture_whose_name_has_no_letter_still_gets_one() -> None:
    assert fresh_picture("---.png", 1.0, (40, 20), a_design().card).id == "picture"


def test_a_shape_is_called_what_it_is() -> None:
    shape = Shape(id="shape", box=Box(0, 0, 5, 5), fill="accent")
    round_one = replace(shape, kind=ShapeKind.ELLIPSE)
    assert [(kind_name(each), icon_name(each)) for each in (shape, round_one)] == [
        ("Rectangle", "element-rectangle"), ("Ellipse", "element-ellipse"),
    ]  # fmt: skip


def test_every_key_is_there_once_and_every_group_has_a_name_and_something_in_it() -> None:
    assert len(ITEMS) == len(PALETTE)
    assert {item.group for item in PALETTE} == set(GROUP_NAMES)
