"""The designer without a window: what is selected, what each command does, what a drag comes to."""

from __future__ import annotations

from dataclasses import replace

import pytest

from station.domain.arranging import Alignment, Spread
from station.domain.elements import Box, Layer, Logo, MagneticTracks, Qr, Text
from station.domain.layout import Layout
from station.domain.snapping import Axis, Guide, Handle
from station.services.design_palette import ITEMS
from station.services.designing import BACK, FRONT, Order
from station.ui.viewmodels.designer import DesignerModel
from station.ui.viewmodels.designer_fields import FIELD_LABELS
from station.ui.viewmodels.designer_gestures import FrameGesture, GuideGesture, MoveGesture, Pointer, ResizeGesture
from station.ui.viewmodels.designer_placement import LEAST_ZOOM, MOST_ZOOM, fitting
from station.ui.viewmodels.designer_properties import MIXED, Kind, Property, sections_of
from station.ui.viewmodels.designer_state import started
from station.ui.viewmodels.designer_words import element_title, length_text, spoken_element
from tests.helpers.designs import PNG, a_design, one_of_each, text

NAME, PHOTO, GROUND, QR = (FRONT, "name"), (FRONT, "photo"), (FRONT, "ground"), (FRONT, "qr")


def english(msgid: str, **params: object) -> str:
    return msgid.format(**params)


@pytest.fixture
def model(qapp: object) -> DesignerModel:
    """Give a designer with one of each kind of thing on its card."""
    made = DesignerModel(one_of_each().layout)
    made.select(frozenset({NAME}))
    return made


def box(model: DesignerModel, key: tuple[int, str] = NAME) -> Box:
    found = model.box_of(key)
    assert found is not None
    return found


# --- selecting --------------------------------------------------------------------------------------------------


def test_what_covers_the_whole_card_is_locked_from_the_start() -> None:
    assert started(a_design().layout).locked == {GROUND}


def test_tab_walks_over_both_sides_and_then_lets_go(model: DesignerModel) -> None:
    model.select(frozenset())
    seen = []
    while model.walk(1):
        seen.extend(model.selected)
    assert seen == list(model.design.keys)
    assert not model.walk(1)
    while model.walk(-1):
        seen.pop()
    assert len(seen) == 1
    model.set_hidden(frozenset({GROUND}), True)
    model.select(frozenset())
    model.walk(1)
    assert model.selected == {PHOTO}


def test_an_empty_card_has_nothing_to_walk_through(qapp: object) -> None:
    empty = DesignerModel(Layout("empty", 1, ()))
    assert not empty.walk(1)
    empty.delete()
    empty.copy()
    empty.paste()
    empty.duplicate()
    empty.align(Alignment.LEFT)
    empty.nudge(1, 1)
    empty.undo()
    assert empty.history.steps == 0


def test_all_is_what_the_mouse_can_take_of_the_side_in_use(model: DesignerModel) -> None:
    model.select_all()
    assert GROUND not in model.selected
    assert (BACK, "address") not in model.selected
    model.use_side(BACK)
    model.select_all()
    assert model.selected == {(BACK, "address")}


def test_selecting_what_is_gone_selects_nothing(model: DesignerModel) -> None:
    model.select(frozenset({(FRONT, "nobody")}))
    assert model.selected == frozenset()


# --- commands ---------------------------------------------------------------------------------------------------


def test_what_is_added_is_selected_and_can_be_taken_back(model: DesignerModel) -> None:
    model.use_side(BACK)
    model.add(ITEMS["photo"], (42, 27))
    assert model.selected == {(BACK, "photo")}
    model.undo()
    assert model.design.get((BACK, "photo")) is None
    assert model.selected == {NAME}, "what was selected before is selected again"
    model.redo()
    assert model.selected == {(BACK, "photo")}


def test_a_held_arrow_is_one_step(model: DesignerModel) -> None:
    for _ in range(30):
        model.nudge(0.1, 0)
    assert box(model).x_mm == pytest.approx(33.0)
    model.undo()
    assert box(model).x_mm == 30


def test_nothing_is_nudged_off_the_card(model: DesignerModel) -> None:
    for _ in range(200):
        model.nudge(1, 1)
    assert box(model).x_mm < 85.6
    assert box(model).y_mm < 53.98
    for _ in range(300):
        model.nudge(-1, -1)
    assert box(model).right_mm > 0


def test_copies_go_beside_and_onto_the_other_side(model: DesignerModel) -> None:
    model.copy()
    model.paste()
    assert (box(model, (FRONT, "name_2")).x_mm, box(model, (FRONT, "name_2")).y_mm) == (32, 12)
    model.paste()
    assert box(model, (FRONT, "name_3")).x_mm == 34
    model.use_side(BACK)
    model.copy_to_other_side()
    assert box(model, (BACK, "name_3")) == box(model, (FRONT, "name_3"))
    assert model.side == BACK
    model.select(frozenset({PHOTO}))
    model.cut()
    assert model.design.get(PHOTO) is None
    model.use_side(BACK)
    model.paste()
    assert box(model, (BACK, "photo")) == Box(4, 16, 26, 33.6), "the same place on another side"


def test_a_thousand_pastes_stay_on_the_card(model: DesignerModel) -> None:
    model.copy()
    for _ in range(60):
        model.paste()
    assert all(e.box.x_mm < 85.6 and e.box.y_mm < 53.98 for e in model.design.side(FRONT))


def test_numbers_set_the_place_and_what_is_locked_stays(model: DesignerModel) -> None:
    model.place(x_mm=12.5)
    model.place(width_mm=0.0)
    assert (box(model).x_mm, box(model).width_mm) == (12.5, 0.5)
    model.place(x_mm=-500.0)
    assert box(model).right_mm > 0
    model.set_locked(frozenset({NAME}), True)
    before = box(model)
    model.place(x_mm=40.0)
    model.set(size_pt=40.0)
    model.delete()
    assert box(model) == before


def test_one_thing_is_aligned_with_the_card_and_several_with_each_other(model: DesignerModel) -> None:
    model.align(Alignment.RIGHT)
    assert box(model).right_mm == pytest.approx(85.6)
    model.select(frozenset({NAME, QR}))
    model.align(Alignment.TOP)
    assert box(model).y_mm == box(model, QR).y_mm == 10
    model.select(frozenset({NAME, QR, PHOTO}))
    model.spread(Spread.ACROSS)
    assert model.history.undoes == "Align"


def test_order_rename_and_switches(model: DesignerModel) -> None:
    model.reorder(Order.BACK)
    assert model.design.side(FRONT)[0].id == "name"
    model.rename(NAME, "Given name")
    assert model.selected == {(FRONT, "given_name")}
    model.set_hidden(model.selected, True)
    assert model.selected == frozenset()
    model.set_hidden(frozenset({(FRONT, "given_name")}), False)
    assert model.design.hidden == frozenset()


def test_guides(model: DesignerModel) -> None:
    model.add_guide(Axis.X)
    assert model.design.guides == (Guide(FRONT, Axis.X, 40.0),)
    model.add_guide(Axis.X)
    assert len(model.design.guides) == 1
    model.clear_guides()
    assert model.design.guides == ()
    assert not model.history.unsaved


def test_a_logo_becomes_a_picture_of_ones_own(qapp: object) -> None:
    model = DesignerModel(a_design(Logo(id="logo", box=Box(4, 3, 7, 7))).layout)
    model.select(frozenset({(FRONT, "logo")}))
    model.put_picture("Crest.PNG", PNG + b"x")
    one = model.one
    assert one is not None
    assert getattr(one[1], "source", "") == "crest.png"
    assert model.design.layout.files["crest.png"] == PNG + b"x"
    model.undo()
    assert "crest.png" not in model.design.layout.files


def test_another_layout_has_no_past(model: DesignerModel) -> None:
    model.nudge(1, 1)
    model.load(a_design(), saved=True)
    model.undo()
    assert model.design.get(QR) is None
    assert not model.history.unsaved
    model.load(a_design(), saved=False)
    assert model.history.unsaved


# --- drags ------------------------------------------------------------------------------------------------------


def moving(model: DesignerModel, keys: frozenset[tuple[int, str]], reach: float = 0.6) -> MoveGesture:
    gesture = MoveGesture(model.design, keys, Pointer(0, 0), reach)
    model.begin(gesture)
    return gesture


def test_a_drag_shows_at_once_and_counts_when_it_ends(model: DesignerModel) -> None:
    gesture = moving(model, frozenset({NAME}))
    gesture.update(Pointer(7.3, 22.3))
    assert box(model).x_mm == pytest.approx(37.3)
    assert model.design.get(NAME) == one_of_each().get(NAME), "the design is untouched"
    model.finish()
    element = model.design.get(NAME)
    assert element is not None
    assert element.box.x_mm == pytest.approx(37.3)
    assert model.history.undoes == "Move"


def test_a_drag_that_is_given_up_leaves_no_trace(model: DesignerModel) -> None:
    gesture = moving(model, frozenset({NAME}))
    gesture.update(Pointer(20, 20))
    model.undo()
    assert model.gesture is None
    assert box(model) == Box(30, 10, 20, 4)
    assert model.history.steps == 0
    model.redo()
    assert box(model) == Box(30, 10, 20, 4)


@pytest.mark.parametrize("at", [(-9e9, 9e9), (1e6, -1e6), (0, 400)])
def test_a_drag_far_outside_keeps_hold_of_the_card(model: DesignerModel, at: tuple[float, float]) -> None:
    gesture = moving(model, frozenset({NAME, PHOTO}))
    gesture.update(Pointer(*at))
    model.finish()
    assert any(
        b.x_mm < 85.6 and b.right_mm > 0 and b.y_mm < 53.98 and b.bottom_mm > 0 for b in (box(model), box(model, PHOTO))
    )


def test_shift_goes_straight_and_alt_goes_free(model: DesignerModel) -> None:
    gesture = moving(model, frozenset({NAME}))
    gesture.update(Pointer(9, 2, even=True))
    assert box(model).y_mm == 10
    gesture.update(Pointer(0.13, 0.04, free=True))
    assert gesture.lines == ()


def test_what_is_locked_is_not_dragged_along(model: DesignerModel) -> None:
    model.set_locked(frozenset({PHOTO}), True)
    gesture = moving(model, frozenset({NAME, PHOTO}))
    gesture.update(Pointer(5, 5))
    model.finish()
    assert box(model, PHOTO) == Box(4, 16, 26, 33.6)
    lone = MoveGesture(model.design, frozenset({PHOTO}), Pointer(0, 0), 0.6)
    lone.update(Pointer(5, 5))
    assert lone.finish() is None


def test_a_code_stays_square(model: DesignerModel) -> None:
    gesture = ResizeGesture(model.design, QR, Handle(1, 1), Pointer(0, 0), 0.6)
    gesture.update(Pointer(-4, 9))
    after = gesture.boxes[QR]
    assert after.width_mm == pytest.approx(after.height_mm)
    assert isinstance(model.design.get(QR), Qr)


def test_an_element_is_not_pulled_larger_than_anything(model: DesignerModel) -> None:
    gesture = ResizeGesture(model.design, NAME, Handle(1, 0), Pointer(0, 0), 0.6)
    gesture.update(Pointer(1e7, 0))
    assert gesture.boxes[NAME] == box(model)


def test_a_frame_selects_what_it_touches(model: DesignerModel) -> None:
    gesture = FrameGesture(model.design, FRONT, Pointer(0, 14))
    model.begin(gesture)
    gesture.update(Pointer(40, 9))
    model.finish()
    assert model.selected == {NAME}
    gesture = FrameGesture(model.design, FRONT, Pointer(29, 25), model.selected)
    model.begin(gesture)
    gesture.update(Pointer(50, 15))
    model.finish()
    assert {NAME, PHOTO, (FRONT, "rule")} == set(model.selected)
    assert GROUND not in model.selected


def test_a_guide_let_go_off_the_card_is_gone(model: DesignerModel) -> None:
    guide = Guide(FRONT, Axis.X, 20.0)
    model.do(replace(model.design, guides=(guide,)), model.selected, "Guide")
    gesture = GuideGesture(model.design, FRONT, Axis.X, 0.5, guide)
    gesture.update(Pointer(-30, 5))
    outcome = gesture.finish()
    assert outcome is not None
    assert outcome.design.guides == ()
    fresh = GuideGesture(model.design, FRONT, Axis.Y, 0.1)
    fresh.update(Pointer(3, 12.34))
    assert fresh.guide == Guide(FRONT, Axis.Y, 12.3)


# --- the form ---------------------------------------------------------------------------------------------------


def properties(*elements: object) -> dict[str, Property]:
    chosen = [e for e in elements if isinstance(e, Text | Qr | MagneticTracks)]
    found = sections_of(chosen, [e.box for e in chosen], a_design().layout)
    return {prop.name: prop for section in found for prop in section.properties}


def test_the_form_shows_what_all_of_them_have() -> None:
    one = properties(text())
    assert one["x_mm"].value == 30
    assert one["text"].kind is Kind.TEXT
    assert {Layer.COLOUR, Layer.RESIN, Layer.OVERLAY, Layer.UV} == {value for value, _ in one["layer"].choices}
    both = properties(text(), text("other", x=40, y=12))
    assert both["x_mm"].value is MIXED
    assert both["width_mm"].value == 20
    code = properties(text(), Qr(id="qr", box=Box(1, 1, 17, 17)))
    assert "size_pt" not in code
    assert "layer" not in code, "a code has one panel only"
    assert properties() == {}


def test_the_stripes_contents_have_no_place() -> None:
    tracks = properties(MagneticTracks(id="tracks"))
    assert "x_mm" not in tracks
    assert tracks["track2"].kind is Kind.LINE


def test_every_field_has_a_name_of_its_own() -> None:
    values = a_design().layout
    assert values.name == "try"
    from station.domain.layout import FIELD_NAMES

    assert set(FIELD_NAMES) <= set(FIELD_LABELS), "give the new field a name in designer_fields"


def test_words() -> None:
    assert length_text(12.50, english) == "12.5 mm"
    assert length_text(3.0, english, unit=False) == "3"
    assert element_title(text(text="{given_names}\n{family_name}"), english) == "Given names Family name"
    assert element_title(Qr(id="qr", box=Box(0, 0, 1, 1)), english) == "QR code"
    assert spoken_element(NAME, text(), english).startswith("Text name, front, 30 mm from the left")
    assert (
        spoken_element((BACK, "tracks"), MagneticTracks(id="tracks"), english) == "Contents of the stripe tracks, back"
    )


# --- where the sides lie ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("room", [(700, 600), (1600, 400), (10, 10), (3000, 2000)])
def test_both_sides_fit_the_room(room: tuple[float, float]) -> None:
    card = a_design().card
    placement = fitting(card, room)
    if placement.zoom > LEAST_ZOOM:
        assert placement.size[0] <= room[0] + 0.01
        assert placement.size[1] <= room[1] + 0.01
    for side in (FRONT, BACK):
        x, y = placement.point_px(side, 12.5, 40.0)
        assert placement.point_mm(side, x, y) == (pytest.approx(12.5), pytest.approx(40.0))
        assert placement.side_at(x, y) == side
    assert placement.zoomed(1e9).zoom == MOST_ZOOM
