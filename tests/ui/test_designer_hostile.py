"""The designer in the hands of somebody who wants to break it, or whose computer does."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image as Pictures
from PySide6.QtCore import QCoreApplication, QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from station.domain.elements import Box, Image, Text
from station.services.design_samples import SampleKind
from station.services.designing import FRONT
from station.ui.tasks import QtTasks
from station.ui.viewmodels.designer_state import started
from tests.helpers.designer import CTRL, LEFT, NONE, Hand, a_designer, a_designer_on
from tests.helpers.designs import crowded, one_of_each
from tests.helpers.desks import open_test_desk
from tests.helpers.window import a_ui

K = Qt.Key
PHOTO, NAME = (FRONT, "photo"), (FRONT, "name")


@pytest.fixture
def hand(qtbot: QtBot, tmp_path: Path) -> Iterator[Hand]:
    """Give a designer's window with one of each kind of thing on its card."""
    with a_designer(qtbot, tmp_path / "desk") as opened:
        opened.model.load(started(one_of_each().layout), saved=True)
        yield opened


def view_of(hand: Hand) -> tuple[int, int]:
    size = hand.window.canvas.viewport().size()
    return size.width(), size.height()


def test_a_thing_dragged_out_of_the_window_can_be_taken_hold_of_again(hand: Hand) -> None:
    start = hand.point(FRONT, *hand.middle(PHOTO))
    for end in (QPoint(-4000, -4000), QPoint(9000, 50), QPoint(50, 9000)):
        hand.drag_px(start, end)
        box = hand.element(PHOTO).box
        inside = Box(0, 0, 85.6, 53.98)
        assert box.meets(inside), end
        hand.key(K.Key_Z, CTRL)
        assert hand.element(PHOTO).box == one_of_each().get(PHOTO).box  # type: ignore[union-attr]  # it is there


def test_the_hugest_and_the_least_zoom(hand: Hand) -> None:
    canvas = hand.window.canvas
    for steps in (400, -400, 30, -7):
        canvas.zoom_by(steps)
        hand.until(lambda: canvas.composition.complete)
        canvas.grab()
    at = QPointF(200, 150)
    for _ in range(60):
        event = QWheelEvent(
            at, canvas.viewport().mapToGlobal(at), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton, CTRL,
            Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(canvas.viewport(), event)
    hand.until(lambda: canvas.composition.complete)
    assert canvas.placement.zoom <= 120.1
    kept = canvas.composition.book
    assert kept._bytes <= 2 * 96 * 1024 * 1024
    canvas.fit()


def test_a_wheel_leaves_what_is_under_the_mouse_there(hand: Hand) -> None:
    canvas = hand.window.canvas
    canvas.zoom_to(20.0)
    before = hand.point(FRONT, 40, 30)
    canvas.zoom_by(1, QPointF(before))
    assert (hand.point(FRONT, 40, 30) - before).manhattanLength() <= 3


def test_five_hundred_things(hand: Hand) -> None:
    hand.model.load(started(crowded(500).layout), saved=True)
    hand.until(lambda: hand.window.canvas.composition.complete)
    hand.window.canvas.setFocus()
    hand.key(K.Key_A, CTRL)
    assert len(hand.model.selected) == 499
    hand.drag_px(hand.point(FRONT, *hand.middle(PHOTO)), hand.point(FRONT, 30, 30), steps=3)
    hand.key(K.Key_D, CTRL)
    assert len(hand.model.design.side(FRONT)) == 999
    for _ in range(2):
        hand.key(K.Key_Z, CTRL)
    assert hand.model.design.layout.front == crowded(500).layout.front


def test_undo_right_after_opening_changes_nothing(hand: Hand) -> None:
    for key in (K.Key_Z, K.Key_Y, K.Key_Z):
        hand.key(key, CTRL)
    assert hand.model.design.layout.front == one_of_each().layout.front
    assert not hand.studio.document.unsaved


def test_keys_in_mid_drag_do_no_harm(hand: Hand) -> None:
    start = hand.point(FRONT, *hand.middle(PHOTO))
    for key, held in ((K.Key_Delete, NONE), (K.Key_Z, CTRL), (K.Key_D, CTRL), (K.Key_Escape, NONE), (K.Key_N, CTRL)):
        hand.model.load(started(one_of_each().layout), saved=True)
        hand.drag_px(start, start + QPoint(60, 20), let_go=False)
        hand.window.canvas.setFocus()
        hand.key(key, held)
        QTest.mouseMove(hand.window.canvas.viewport(), start + QPoint(80, 40))
        QTest.mouseRelease(hand.window.canvas.viewport(), LEFT, NONE, start + QPoint(80, 40))
        assert hand.model.gesture is None


def test_a_window_closed_in_mid_drag_keeps_what_was_done_before(qtbot: QtBot, tmp_path: Path) -> None:
    with a_ui() as ui, open_test_desk(tmp_path) as hands:
        tasks = QtTasks()
        try:
            with a_designer_on(qtbot, hands, tasks, ui) as hand:
                hand.press("add-photo")
                added = hand.model.design.layout.front
                start = hand.point(FRONT, *hand.middle((FRONT, hand.model.design.side(FRONT)[-1].id)))
                hand.drag_px(start, start + QPoint(50, 50), let_go=False)
                hand.window.close()
            with a_designer_on(qtbot, hands, tasks, ui) as hand:
                assert hand.model.design.layout.front == added, "as it was before the drag that was never finished"
                assert hand.studio.document.unsaved
                hand.model.undo()
                assert hand.studio.document.unsaved, "a draft is not saved by undoing nothing"
        finally:
            tasks.close()


def test_a_crash_loses_nothing_but_the_last_moment(qtbot: QtBot, tmp_path: Path) -> None:
    """The window goes away without any goodbye; what was kept meanwhile is back the next time."""
    with a_ui() as ui, open_test_desk(tmp_path) as hands:
        tasks = QtTasks()
        try:
            with a_designer_on(qtbot, hands, tasks, ui) as hand:
                hand.press("add-text")
                field = hand.widget("set-text")
                field.setFocus()
                hand.key(K.Key_A, CTRL)
                QTest.keyClicks(field, "{not a fie")  # cannot be saved as a layout, and is kept all the same
                document = hand.studio.document
                hand.until(lambda: document.drafts is not None and document.drafts.all())
                hand.until(lambda: document._kept is hand.model.design)
                document.leave = lambda: True  # type: ignore[method-assign]  # the power goes
                text = hand.model.one
            with a_designer_on(qtbot, hands, tasks, ui) as hand:
                assert text is not None
                found = hand.element(text[0])
                assert isinstance(found, Text)
                assert found.text == "{not a fie"
                assert hand.studio.document.unsaved
        finally:
            tasks.close()


def test_saving_ends_the_draft(hand: Hand, tmp_path: Path) -> None:
    hand.press("add-photo")
    document = hand.studio.document
    hand.until(lambda: document.drafts is not None and document.drafts.all())
    assert document.save(tmp_path / "card.zip")
    assert document.drafts is not None
    assert document.drafts.all() == ()
    (tmp_path / "file").write_text("no folder")
    hand.window.foot.tell("")
    assert not document.save(tmp_path / "file" / "card.zip")
    assert hand.window.foot._told.text()


def test_nonsense_files_are_refused_in_words(hand: Hand, tmp_path: Path) -> None:
    (tmp_path / "huge.png").write_bytes(b"\x89PNG" + b"0" * 20_000_001)
    (tmp_path / "page.html").write_text("<b>no</b>")
    (tmp_path / "broken.zip").write_bytes(b"PK\x03\x04 nothing")
    before = hand.model.design
    for name in ("huge.png", "page.html", "gone.png"):
        hand.window.foot.tell("")
        hand.window.bring(tmp_path / name)
        assert hand.window.foot._told.text(), name
    assert not hand.studio.document.open_file(tmp_path / "broken.zip")
    assert hand.model.design is before


def test_a_picture_that_is_none_is_shown_as_missing(hand: Hand, tmp_path: Path) -> None:
    (tmp_path / "fake.png").write_bytes(b"not a picture")
    hand.window.bring(tmp_path / "fake.png")
    hand.until(lambda: ((FRONT, "fake"), True) in hand.window.canvas.composition.invisible)
    hand.window.canvas.grab()


def test_a_picture_is_dropped_onto_the_card(hand: Hand, tmp_path: Path) -> None:
    data = io.BytesIO()
    Pictures.new("RGB", (60, 20), (10, 120, 60)).save(data, "PNG")
    (tmp_path / "Skolas ģerbonis.png").write_bytes(data.getvalue())
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(tmp_path / "Skolas ģerbonis.png"))])
    event = QDropEvent(QPointF(300, 300), Qt.DropAction.CopyAction, mime, LEFT, NONE)
    hand.window.dropEvent(event)
    one = hand.model.one
    assert one is not None
    assert isinstance(one[1], Image)
    assert one[1].source == "skolas-gerbonis.png"
    assert one[1].box.width_mm == pytest.approx(3 * one[1].box.height_mm, abs=0.2)


def test_impossible_values_can_be_typed_and_taken_back(hand: Hand) -> None:
    hand.model.select(frozenset({NAME}))
    for text in ("{", "{nobody}", "{{}}", "{join(1, 2)}", "\x00\u202e" + "ā" * 5000, "{given_names:}"):
        hand.model.set(text=text)
        hand.window.canvas.grab()
    for when in ("(", "full_name ==", "1/0", "__import__('os')", "a" * 3000):
        hand.model.set(when=when)
        hand.window.canvas.grab()
    hand.model.set(size_pt=200.0)
    hand.model.place(width_mm=0.5, height_mm=0.5)
    hand.window.canvas.grab()
    while hand.model.history.undoes:
        hand.model.undo()
    assert hand.model.design.layout.front == one_of_each().layout.front


def test_everything_at_once_changes_person_language_and_look(hand: Hand) -> None:
    ui = hand.window.ui
    for language, mode, kind in (("lv", "dark", SampleKind.LONGEST), ("en", "light", SampleKind.SHORTEST)):
        hand.studio.people.choose(kind)
        ui.tr_.set_language(language)
        ui.theme.set_mode(mode)
        hand.model.select(frozenset({PHOTO}))
        hand.until(lambda k=kind: hand.studio.people.sample and hand.studio.people.sample.kind is k)
        hand.window.grab()


def test_a_guide_is_pulled_from_a_ruler_and_thrown_away(hand: Hand) -> None:
    canvas = hand.window.canvas
    ruler = canvas.left_ruler
    QTest.mousePress(ruler, LEFT, NONE, QPoint(8, 200))
    target = ruler.mapFromGlobal(canvas.viewport().mapToGlobal(hand.point(FRONT, 60.02, 20)))
    for share in (0.4, 1.0):
        QTest.mouseMove(ruler, QPoint(8, 200) + (target - QPoint(8, 200)) * share)
    QTest.mouseRelease(ruler, LEFT, NONE, target)
    (guide,) = hand.model.design.guides
    assert guide.place_mm == pytest.approx(60, abs=0.6)
    hand.drag_px(hand.point(FRONT, guide.place_mm, 6), QPoint(-40, hand.point(FRONT, 0, 6).y()))
    assert hand.model.design.guides == ()


def test_the_file_beside_it_is_gone_when_it_is_saved(hand: Hand, tmp_path: Path) -> None:
    target = tmp_path / "card.zip"
    assert hand.studio.document.save(target)
    target.unlink()
    hand.press("add-photo")
    assert hand.studio.document.save()
    assert target.is_file()


def test_many_windows_one_after_the_other_leave_nothing_behind(qtbot: QtBot, tmp_path: Path) -> None:
    with a_ui() as ui, open_test_desk(tmp_path) as hands:
        tasks = QtTasks()
        try:
            for _ in range(3):
                with a_designer_on(qtbot, hands, tasks, ui) as hand:
                    hand.window.canvas.zoom_by(2)
                QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
            assert not [w for w in QApplication.topLevelWidgets() if w.objectName() == "designer"]
        finally:
            tasks.close()


def test_layers_are_dragged_into_another_order(hand: Hand) -> None:
    layers = hand.window.layers.layers
    rows = [row.key for row in layers.rows]
    data = layers.mimeData([layers.index(layers.row_of(NAME))])
    layers.dropMimeData(data, Qt.DropAction.MoveAction, rows.index(PHOTO) + 1, 0, layers.index(-1))
    order = [element.id for element in hand.model.design.side(FRONT)]
    assert order.index("name") == order.index("photo") - 1
    assert not layers.dropMimeData(QMimeData(), Qt.DropAction.MoveAction, 3, 0, layers.index(-1))
    replace(hand.model.design)  # still a design
