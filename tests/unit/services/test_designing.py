"""Edits give a new design, share what did not change, and keep a layout that can be drawn."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.domain.elements import BLACK, Box, EscLogo, EscLogoColour, Image, Layer, Shape
from station.domain.layout_rules import check_layout
from station.resources import asset
from station.services.design_history import History
from station.services.designing import (
    BACK,
    FRONT,
    Design,
    Order,
    added,
    as_id,
    brought,
    changed,
    copied,
    family_of,
    moved,
    pasted,
    placed,
    put_at,
    removed,
    renamed,
    reordered,
    without_spare_files,
)
from tests.helpers.designs import PNG, a_design, one_of_each, text

NAME, PHOTO, GROUND = (FRONT, "name"), (FRONT, "photo"), (FRONT, "ground")


def ids(design: Design, side: int = FRONT) -> list[str]:
    return [element.id for element in design.side(side)]


def test_an_added_element_lies_on_top_under_a_free_name() -> None:
    design, key = added(a_design(), FRONT, text())
    assert ids(design) == ["ground", "photo", "name", "name_2"]
    assert key == (FRONT, "name_2")
    design, key = added(design, FRONT, text("name_2"))
    assert key == (FRONT, "name_3")
    assert added(design, BACK, text())[1] == (BACK, "name"), "each side has its own names"


def test_what_did_not_change_is_the_same_object() -> None:
    before = one_of_each()
    after = moved(before, frozenset({NAME}), 1, 0)
    assert after.get(PHOTO) is before.get(PHOTO)
    assert after.layout.back is before.layout.back
    assert placed(before, {NAME: Box(30, 10, 20, 4)}) is before
    assert changed(before, frozenset({NAME}), corner_mm=2.0) is before, "a text has no corners"


def test_an_edit_forgets_the_digest() -> None:
    loaded = replace(a_design(), layout=replace(a_design().layout, digest="abc"))
    assert moved(loaded, frozenset({NAME}), 1, 0).layout.digest == ""


def test_locked_things_are_neither_moved_nor_removed() -> None:
    design = replace(a_design(), locked=frozenset({GROUND}))
    everything = frozenset(design.keys)
    assert ids(removed(design, everything)) == ["ground"]
    assert moved(design, everything, 5, 5).get(GROUND) is design.get(GROUND)


def test_a_name_is_made_into_an_id_and_locks_follow() -> None:
    design = replace(a_design(), locked=frozenset({NAME}))
    after, key = renamed(design, NAME, "  Vārds, uzvārds! ")
    assert key == (FRONT, "vards_uzvards")
    assert key in after.locked
    assert NAME not in after.locked
    assert renamed(design, NAME, "photo")[1] == (FRONT, "photo_2")
    assert renamed(design, NAME, "///") == (design, NAME)
    assert as_id("Ā" * 100) == "a" * 64


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (Order.FRONT, ["photo", "sign", "rule", "qr", "ground", "name"]),
        (Order.BACK, ["ground", "name", "photo", "sign", "rule", "qr"]),
        (Order.FORWARD, ["photo", "ground", "sign", "name", "rule", "qr"]),
        (Order.BACKWARD, ["ground", "name", "photo", "sign", "rule", "qr"]),
    ],
)
def test_the_pile(order: Order, expected: list[str]) -> None:
    assert ids(reordered(one_of_each(), frozenset({GROUND, NAME}), order)) == expected


def test_put_at_a_place_of_the_pile() -> None:
    assert ids(put_at(a_design(), NAME, 0)) == ["name", "ground", "photo"]
    assert ids(put_at(a_design(), GROUND, 99)) == ["photo", "name", "ground"]
    design = a_design()
    assert put_at(design, NAME, 2) is design


def test_resin_is_black_and_what_is_not_black_is_not_resin() -> None:
    design = a_design(Shape(id="bar", box=Box(0, 0, 5, 5), fill="accent", fill_to="white", opacity=0.5))
    bar = (FRONT, "bar")
    black = changed(design, frozenset({bar}), layer=Layer.RESIN)
    element = black.get(bar)
    assert isinstance(element, Shape)
    assert (element.fill, element.fill_to, element.opacity) == (BLACK, None, 1.0)
    coloured = changed(black, frozenset({bar}), fill="#ff0000").get(bar)
    assert coloured is not None
    assert coloured.layer is Layer.COLOUR
    red = changed(design, frozenset({NAME}), colour="#aa0000").get(NAME)
    assert red is not None
    assert red.layer is Layer.COLOUR


def test_a_copy_brings_its_picture_to_another_layout() -> None:
    clip = copied(one_of_each(), frozenset({(FRONT, "sign")}))
    assert clip is not None
    other = a_design()
    other = replace(other, layout=replace(other.layout, files={"sign.png": b"another picture"}))
    design, keys = pasted(other, clip, BACK, 2.0)
    ((_, image),) = design.elements(keys)
    assert isinstance(image, Image)
    assert image.source == "sign-2.png"
    assert design.layout.files == {"sign.png": b"another picture", "sign-2.png": PNG}
    assert (image.box.x_mm, image.box.y_mm) == (72, 6)
    assert copied(design, frozenset()) is None


def test_a_font_goes_along_and_unused_files_are_left_out() -> None:
    font = asset("fonts", "Inter-Bold.ttf").read_bytes()
    design, name = brought(a_design(text("motto", family="Own Serif")), "Own Serif-Bold.ttf", font)
    assert name == "OwnSerif-Bold.ttf"
    assert family_of(name) == "OwnSerif"
    design = changed(design, frozenset({(FRONT, "motto")}), family="OwnSerif")
    clip = copied(design, frozenset({(FRONT, "motto")}))
    assert clip is not None
    assert set(clip.files) == {name}
    assert set(without_spare_files(design.layout).files) == {name}, "the picture is shown nowhere"
    assert brought(design, "Own Serif-Bold.ttf", font) == (design, name), "the same file once"


@given(st.lists(st.sampled_from(["move", "delete", "copy", "undo", "redo", "order", "rename"]), max_size=40))
def test_any_edits_keep_a_layout_that_can_be_drawn(steps: list[str]) -> None:
    history = History(one_of_each())
    for number, step in enumerate(steps):
        design, keys = history.design, frozenset(history.design.keys[number % 3 :: 2])
        clip = copied(design, keys)
        if step == "undo":
            history.undo()
        elif step == "redo":
            history.redo()
        elif step == "move":
            history.do(moved(design, keys, number - 20.5, 3), keys, step)
        elif step == "delete":
            history.do(removed(design, keys), frozenset(), step)
        elif step == "copy" and clip is not None:
            history.do(*pasted(design, clip, number % 2, 2.0), step)
        elif step == "order":
            history.do(reordered(design, keys, list(Order)[number % 4]), keys, step)
        elif step == "rename" and keys:
            after, key = renamed(design, sorted(keys)[0], f"other {number}")
            history.do(after, frozenset({key}), step)
        check_layout(history.design.layout)


def test_colours_of_the_logo_follow_its_panel() -> None:
    design, key = added(a_design(), FRONT, EscLogo(id="esc", box=Box(5, 5, 22, 4)))
    black = changed(design, frozenset({key}), layer=Layer.RESIN).get(key)
    assert isinstance(black, EscLogo)
    assert black.colour is EscLogoColour.BLACK
