"""Ten minutes of somebody who has never seen the designer: a two-sided card with photo, name, QR code and logo.

Every step presses something that is on the screen under a name, drags what is seen, or writes into a field that says
what it is for; the helper refuses what is not visible. What comes out is saved, loaded again, and printed by the real
renderer, with its QR code read back.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPlainTextEdit
from pytestqt.qtbot import QtBot

from station.domain.elements import EscLogo, Layer, Logo, Photo, Qr, Shape, Text
from station.domain.lint import Level
from station.domain.snapping import SAFE_MM
from station.render.card import render_checked
from station.render.layout_file import load_layout
from station.services.design_samples import SampleKind
from station.services.designing import BACK, FRONT
from tests.helpers.designer import CTRL, LEFT, NONE, SHIFT, Hand, a_designer

K = Qt.Key


@pytest.fixture
def card(tmp_path: Path) -> Path:
    """Give a place for the layout."""
    return tmp_path / "my-card.zip"


def test_a_newcomer_makes_a_card(qtbot: QtBot, tmp_path: Path, card: Path) -> None:
    with a_designer(qtbot, tmp_path / "desk", checks=True) as hand:
        begin_an_empty_card(hand)
        draw_the_header(hand)
        put_the_photo_on(hand)
        put_the_name_on(hand)
        put_the_marks_on(hand)
        line_things_up(hand)
        try_other_names(hand)
        design_the_back(hand)
        think_again(hand)
        see_what_was_found(hand)
        save(hand, card)
        printed(hand, card)


def begin_an_empty_card(hand: Hand) -> None:
    hand.press("file")
    hand.choose("New, empty")
    hand.until(lambda: hand.model.design.keys == ())
    hand.type_into("set-title", "Card of our school")
    assert "Card of our school" in hand.window.windowTitle()


def draw_the_header(hand: Hand) -> None:
    hand.press("add-rectangle")
    for name, value in (("x_mm", "0"), ("y_mm", "0"), ("width_mm", "85.6"), ("height_mm", "12")):
        hand.type_into(f"set-{name}", value)
    hand.press("set-fill")
    hand.choose("Institution’s colour")
    header = hand.element((FRONT, "rectangle"))
    assert isinstance(header, Shape)
    assert (header.box.width_mm, header.box.height_mm, header.fill) == (85.6, 12, "accent")


def put_the_photo_on(hand: Hand) -> None:
    hand.press("add-photo")
    key = (FRONT, "photo")
    x, y = hand.middle(key)
    box = hand.element(key).box
    # Roughly to the left, below the header: it comes to rest on the safe margin by itself.
    hand.drag(FRONT, (x, y), (x - box.x_mm + SAFE_MM + 0.4, y - box.y_mm + 15.2))
    photo = hand.element(key)
    assert isinstance(photo, Photo)
    assert photo.box.x_mm == SAFE_MM
    assert 15 <= photo.box.y_mm <= 16


def put_the_name_on(hand: Hand) -> None:
    hand.press("add-name")
    key = (FRONT, "name")
    hand.drag(FRONT, hand.middle(key), (56, 22))
    box = hand.element(key).box
    before = box.height_mm
    # The lower right corner, pulled a little larger.
    hand.drag(FRONT, (box.right_mm, box.bottom_mm), (box.right_mm - 4, box.bottom_mm + 2))
    name = hand.element(key)
    assert isinstance(name, Text)
    assert name.box.height_mm > before
    assert name.text == "{given_names}\n{family_name}"
    hand.press("add-more")
    hand.choose("Student number")
    hand.drag(FRONT, hand.middle((FRONT, "number")), (48.5, 33))


def put_the_marks_on(hand: Hand) -> None:
    hand.press("add-qr")
    hand.drag(FRONT, hand.middle((FRONT, "qr")), (73, 41.5))
    hand.press("add-esc_logo")
    hand.drag(FRONT, hand.middle((FRONT, "esc_logo")), (44, 48.5))
    hand.press("add-logo")
    hand.drag(FRONT, hand.middle((FRONT, "logo")), (8.5, 6))
    logo = hand.element((FRONT, "logo"))
    assert isinstance(logo, Logo)
    assert logo.box.y_mm < 2
    assert isinstance(hand.element((FRONT, "qr")), Qr)
    assert isinstance(hand.element((FRONT, "esc_logo")), EscLogo)


def line_things_up(hand: Hand) -> None:
    hand.click(FRONT, *hand.middle((FRONT, "name")))
    hand.click(FRONT, *hand.middle((FRONT, "number")), SHIFT)
    assert hand.model.selected == {(FRONT, "name"), (FRONT, "number")}
    hand.press("align-left")
    assert hand.element((FRONT, "name")).box.x_mm == hand.element((FRONT, "number")).box.x_mm


def try_other_names(hand: Hand) -> None:
    seen = set()
    for label, kind in (
        ("The longest name", SampleKind.LONGEST),
        ("The strangest name", SampleKind.STRANGEST),
        ("The next person", SampleKind.NEXT),
    ):
        hand.press("people")
        hand.choose(label)
        hand.until(lambda k=kind: hand.studio.people.sample and hand.studio.people.sample.kind is k)
        assert hand.studio.people.sample is not None
        seen.add(hand.studio.people.sample.fields.full_name)
    assert "Līga Bērziņa-Šķēle" in seen


def design_the_back(hand: Hand) -> None:
    hand.click(BACK, 40, 30)
    hand.press("add-text")
    text = hand.widget("set-text")
    assert isinstance(text, QPlainTextEdit)
    QTest.mouseClick(text.viewport(), LEFT, NONE, text.viewport().rect().center())
    hand.key(K.Key_A, CTRL)
    QTest.keyClicks(text, "If found, please return to ")
    hand.press("insertField")
    hand.choose("Institution")
    key = (BACK, "text")
    found = hand.element(key)
    assert isinstance(found, Text)
    assert found.text == "If found, please return to {institution}"
    hand.type_into("set-width_mm", "70")
    hand.press("align-centre")
    assert hand.element(key).box.x_mm == pytest.approx(7.8)
    # The logo of the front goes onto the back, too.
    hand.click(FRONT, *hand.middle((FRONT, "logo")))
    hand.press("layerOther")
    assert hand.element((BACK, "logo")).box == hand.element((FRONT, "logo")).box


def think_again(hand: Hand) -> None:
    hand.window.canvas.setFocus()
    hand.key(K.Key_Delete)
    assert hand.model.design.get((BACK, "logo")) is None
    hand.press("undo")
    assert hand.model.design.get((BACK, "logo")) is not None
    steps = hand.model.history.steps
    for _ in range(3):
        hand.window.canvas.setFocus()
        hand.key(K.Key_Z, CTRL)
    for _ in range(3):
        hand.press("redo")
    assert hand.model.history.steps == steps


def see_what_was_found(hand: Hand) -> None:
    hand.until(lambda: hand.studio.checks.settled)
    hand.press("findings")
    lines = hand.window.findings.lines()
    assert len(lines) == len(hand.studio.checks.findings)
    placed = [line for line in lines if line.finding.element]
    if placed:
        QTest.mouseClick(placed[0], LEFT, NONE, placed[0].rect().center())
        found = placed[0].finding
        assert hand.model.selected == {(found.side, found.element)}
    hand.press("tabProperties")


def save(hand: Hand, card: Path) -> None:
    hand.press("save")
    hand.save_as(card)
    hand.until(card.is_file)
    assert not hand.studio.document.unsaved
    assert hand.studio.document.waiting_drafts() == ()


def printed(hand: Hand, card: Path) -> None:
    layout = load_layout(card)
    assert (layout.title, layout.name) == ("Card of our school", "my-card")
    kinds = {type(element) for element in layout.front}
    assert {Photo, Text, Qr, Logo, EscLogo, Shape} <= kinds
    assert {element.id for element in layout.back} == {"text", "logo"}
    sample = hand.studio.people.sample
    assert sample is not None
    making = hand.studio.desk.making
    checked = render_checked(layout, sample.fields, sample.portrait, making.printer)
    assert checked.qr == sample.fields.qr
    assert checked.card.back is not None
    name = next(element for element in layout.front if element.id == "name")
    assert name.layer is Layer.RESIN
    assert not [f for f in hand.studio.checks.findings if f.level is Level.ERROR and f.element in ("qr", "name")]
