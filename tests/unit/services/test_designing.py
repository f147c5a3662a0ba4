"""Edits give a new design, share what did not change, and keep a layout that can be drawn."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.domain.elements import BLACK, AnyElement, Box, EscLogo, EscLogoColour, Image, Layer, Shape, Text
from station.domain.errors import LayoutError
from station.domain.layout_rules import check_layout
from station.domain.snapping import Axis, Guide
from station.resources import asset
from station.services.design_history import History
from station.services.design_palette import ITEMS, PALETTE, fresh, fresh_picture, icon_name, kind_name
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
    layers_of,
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


# --- history ----------------------------------------------------------------------------------------------------


def test_undo_and_redo_go_the_whole_way() -> None:
    history = History(a_design())
    first = history.design
    for step in range(2000):
        history.do(moved(history.design, frozenset({NAME}), 0.1, 0), frozenset({NAME}), f"Move {step}")
    last = history.design
    assert history.steps == 2000
    while history.undo():
        pass
    assert history.design is first
    assert not history.unsaved
    while history.redo():
        pass
    assert history.design is last
    assert history.unsaved


def test_what_is_typed_in_one_go_is_one_step() -> None:
    history = History(a_design())
    for size in (8.5, 9.0, 9.5):
        history.do(changed(history.design, frozenset({NAME}), size_pt=size), frozenset({NAME}), "Size", merge="size")
    assert history.steps == 1
    history.settle()
    history.do(changed(history.design, frozenset({NAME}), size_pt=10.0), frozenset({NAME}), "Size", merge="size")
    assert history.steps == 2
    history.undo()
    element = history.design.get(NAME)
    assert isinstance(element, Text)
    assert element.size_pt == 9.5


def test_a_new_edit_after_undo_ends_the_other_future() -> None:
    history = History(a_design())
    history.do(moved(history.design, frozenset({NAME}), 1, 0), frozenset({NAME}), "Move")
    history.undo()
    assert (history.undoes, history.redoes) == ("", "Move")
    history.do(removed(history.design, frozenset({NAME})), frozenset(), "Delete")
    assert not history.redo()
    assert history.undoes == "Delete"


def test_guides_and_locks_are_no_change_of_the_layout() -> None:
    history = History(a_design())
    history.do(replace(history.design, guides=(Guide(0, Axis.X, 5),)), frozenset(), "Guide")
    assert not history.unsaved
    assert history.steps == 1


def test_an_edit_that_changes_nothing_is_no_step() -> None:
    history = History(a_design())
    assert not history.do(moved(history.design, frozenset(), 1, 1), frozenset(), "Move")
    assert history.steps == 0


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
