"""The painted widgets: they paint in both schemes without a complaint, and say their names to screen readers."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QKeyEvent, QPainter, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QSizePolicy, QWidget
from pytestqt.qtbot import QtBot

from station.domain.portrait import Crop
from station.photo.crop import CropArea
from station.ui.context import Ui
from station.ui.theme.tokens import BODY, PERSON
from station.ui.tone import Tone
from station.ui.widgets.banner import Banner, bold
from station.ui.widgets.base import View, arrange
from station.ui.widgets.buttons import ActionButton, QuietButton
from station.ui.widgets.camera_view import CameraCaptions, CameraView
from station.ui.widgets.card_view import CardView
from station.ui.widgets.crop_view import CropView
from station.ui.widgets.flow import FlowBox
from station.ui.widgets.icon import Pictogram, app_icon
from station.ui.widgets.labels import OneLine, Text
from station.ui.widgets.painting import rounded_image, sign, status_shape
from station.ui.widgets.panel import Panel
from station.ui.widgets.pill import Badge, PillRow, PillText
from station.ui.widgets.progress import ProgressBar
from station.ui.widgets.signs import BigSign
from station.ui.widgets.stack import CurrentStack, TallScroll
from station.ui.widgets.steps import StepList, StepText


def picture_of(widget: QWidget, width: int = 320, height: int = 240) -> QImage:
    widget.resize(width, height)
    return widget.grab().toImage()


def colours(image: QImage) -> set[str]:
    return {QColor(image.pixel(x, y)).name() for x in range(0, image.width(), 3) for y in range(0, image.height(), 3)}


def test_a_stack_asks_only_the_page_that_is_shown_and_for_the_least_it_needs(ui: Ui) -> None:
    stack = CurrentStack()
    low, tall = QWidget(stack), QWidget(stack)
    low.setMinimumHeight(40)
    column = arrange(QHBoxLayout(tall))
    words = Text(ui, PERSON, parent=tall)
    words.setText("many words " * 20)
    column.addWidget(words)
    for page in (low, tall):
        stack.addWidget(page)
    stack.resize(200, 60)
    assert stack.currentWidget() is low
    assert not stack.hasHeightForWidth()
    stack.setCurrentWidget(tall)
    assert tall.geometry() == stack.rect()
    assert low.isHidden()
    assert stack.heightForWidth(200) > stack.heightForWidth(2000) > 0
    stack.deleteLater()


def test_buttons_stand_closer_before_they_need_a_second_row(ui: Ui) -> None:
    row = FlowBox(gap=10, grow=True)
    buttons = [ActionButton(ui, primary=number == 0) for number in range(3)]
    row.show()  # a hidden one is not told its size
    for button in buttons:
        button.set_label("Continue", "Enter")
        row.add(button)
    one = buttons[0].sizeHint().height()
    full = sum(b.sizeHint().width() for b in buttons) + 20
    least = sum(b.minimumSizeHint().width() for b in buttons) + 20
    assert least < full
    for width, fits in ((full, True), (least, True), (least - 1, False)):
        row.resize(width, row.heightForWidth(width))
        assert (row.heightForWidth(width) == one) is fits
        assert all(row.rect().contains(button.geometry()) for button in buttons)
    row.deleteLater()


def grey(width: int = 640, height: int = 480) -> QImage:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor("#808080"))
    return image


MAKERS: dict[str, Callable[[Ui], QWidget]] = {
    "ActionButton": lambda ui: ActionButton(ui, primary=True),
    "QuietButton": QuietButton,
    "Pictogram": Pictogram,
    "ProgressBar": ProgressBar,
    "Panel": lambda ui: Panel(ui, edge="bad"),
    "BigSign": BigSign,
    "CameraView": CameraView,
    "CropView": CropView,
    "CardView": CardView,
    "Badge": Badge,
    "Banner": Banner,
    "StepList": StepList,
}


@pytest.mark.parametrize("name", list(MAKERS))
def test_both_schemes_paint_differently(ui: Ui, qtbot: QtBot, name: str) -> None:
    widget = MAKERS[name](ui)
    qtbot.addWidget(widget)
    if isinstance(widget, ActionButton | QuietButton):
        widget.setText("Go on")
    if isinstance(widget, Badge):
        widget.set_text("DEMO")
    if isinstance(widget, Pictogram):
        widget.show_drawing("reader")
    if isinstance(widget, StepList):
        widget.show_steps([StepText("Data", "checked", Tone.OK)])
    if isinstance(widget, CropView):
        widget.show_still(grey(), CropArea(640, 480), Crop(0.5, 0.5, 0.8))
    light = picture_of(widget)
    ui.theme.set_mode("dark")
    dark = picture_of(widget)
    assert light != dark or name == "CropView"
    assert len(colours(light)) > 1


def test_a_button_shows_its_key_and_answers_to_enter(ui: Ui, qtbot: QtBot) -> None:
    button = ActionButton(ui, primary=True)
    qtbot.addWidget(button)
    plain = button.sizeHint().width()
    button.set_label("Make the card", "Enter")
    assert button.sizeHint().width() > plain
    assert button.accessibleName() == "Make the card"
    assert button.accessibleDescription() == "Enter"
    with qtbot.waitSignal(button.clicked):
        QTest.keyClick(button, Qt.Key.Key_Return)
    with qtbot.waitSignal(button.clicked):
        QTest.keyClick(button, Qt.Key.Key_Space)


def test_a_button_fills_with_progress(ui: Ui, qtbot: QtBot) -> None:
    button = ActionButton(ui, primary=True)
    qtbot.addWidget(button)
    button.setEnabled(False)
    empty = picture_of(button, 200, 44)
    button.set_progress(0.5)
    assert picture_of(button, 200, 44) != empty
    button.set_primary(False)
    assert button.sizePolicy().horizontalPolicy() is QSizePolicy.Policy.Preferred


def test_one_line_is_cut_and_told_in_full(ui: Ui, qtbot: QtBot) -> None:
    line = OneLine(ui, PERSON)
    qtbot.addWidget(line)
    line.set_text("Anna Elizabete Kristiāna Vītoliņa-Šķēle", "muted")
    picture_of(line, 100, 40)
    line.resizeEvent(None)
    assert line.toolTip() == line.text()
    line.resize(2000, 40)
    line.resizeEvent(None)
    assert line.toolTip() == ""


def test_a_label_follows_the_theme(ui: Ui, qtbot: QtBot) -> None:
    label = Text(ui, BODY, "muted")
    qtbot.addWidget(label)
    label.setText("<b>not markup</b>")
    assert label.textFormat() is Qt.TextFormat.PlainText
    before = label.styleSheet()
    ui.theme.set_mode("dark")
    assert label.styleSheet() != before
    label.set_colour("bad")
    assert ui.theme.colour("bad").name() in label.styleSheet()


def test_what_must_be_told_apart_has_a_sign_of_its_own(ui: Ui, qtbot: QtBot) -> None:
    inks = []
    for tone in (Tone.OK, Tone.BAD, Tone.BUSY, Tone.LATER):
        image = QImage(24, 24, QImage.Format.Format_RGB32)
        painter = QPainter(image)
        sign(painter, QRectF(0, 0, 24, 24), tone, ui.theme, "1")
        painter.end()
        ground = image.pixel(12, 2)
        inks.append(tuple(image.pixel(x, y) != ground for x in range(5, 19) for y in range(5, 19)))
    assert len(set(inks)) == 4, "in one colour they would still differ"


def test_a_light_is_told_by_its_shape_not_its_colour(ui: Ui, qtbot: QtBot) -> None:
    shapes = []
    for tone in (Tone.OK, Tone.WARN, Tone.BAD, Tone.PLAIN):
        image = QImage(20, 20, QImage.Format.Format_ARGB32)
        image.fill(0)
        painter = QPainter(image)
        status_shape(painter, QRectF(4, 4, 12, 12), tone, ui.theme)
        painter.end()
        shapes.append(tuple(QColor.fromRgba(image.pixel(x, y)).alpha() > 128 for x in range(20) for y in range(20)))
    assert len(set(shapes)) == 4


def test_a_card_keeps_its_ratio_and_can_be_shown_in_true_size(ui: Ui, qtbot: QtBot) -> None:
    card = CardView(ui)
    qtbot.addWidget(card)
    for size in ((400, 260), (400, 600), (900, 200)):
        card.resize(*size)
        rect = card.card_rect()
        assert rect.width() / rect.height() == pytest.approx(85.6 / 53.98)
        assert QRectF(card.rect()).contains(rect)
    card.show_side(grey(1011, 637))
    card.resize(900, 600)
    large = card.card_rect().width()
    card.set_true_size(True)
    assert card.card_rect().width() < large
    assert card.heightForWidth(900) < 600
    picture_of(card, 900, 600)


def test_a_shrinking_card_gives_way(ui: Ui, qtbot: QtBot) -> None:
    card = CardView(ui)
    qtbot.addWidget(card)
    card.set_shrinking()
    assert not card.hasHeightForWidth()
    assert card.minimumHeight() < card.heightForWidth(400)
    card.set_empty_text("Nobody yet")
    picture_of(card, 400, 90)


def test_the_camera_view_tells_what_is_on_the_picture(ui: Ui, qtbot: QtBot) -> None:
    view = CameraView(ui)
    qtbot.addWidget(view)
    view.show_captions(CameraCaptions("C920", "Mirrored", "Face in the oval", Tone.OK))
    assert view.accessibleName() == "C920, Face in the oval"
    view.show_frame(grey())
    whole = picture_of(view)
    view.show_captions(CameraCaptions("C920", "Mirrored", "Come closer", Tone.WARN))
    assert picture_of(view) != whole
    assert not view.picture_px().isEmpty()
    view.show_frame(None)
    picture_of(view)


def cropping(ui: Ui, qtbot: QtBot) -> tuple[CropView, list[Crop]]:
    view, asked = CropView(ui), list[Crop]()
    qtbot.addWidget(view)
    view.moved.connect(asked.append)
    view.resize(656, 496)
    view.show_still(grey(), CropArea(640, 480), Crop(0.5, 0.5, 0.5))
    return view, asked


@pytest.mark.parametrize(
    ("key", "changed"),
    [
        (Qt.Key.Key_Left, "centre_x"),
        (Qt.Key.Key_Right, "centre_x"),
        (Qt.Key.Key_Up, "centre_y"),
        (Qt.Key.Key_Down, "centre_y"),
        (Qt.Key.Key_Plus, "height"),
        (Qt.Key.Key_Minus, "height"),
    ],
)
def test_the_crop_moves_by_keys(ui: Ui, qtbot: QtBot, key: Qt.Key, changed: str) -> None:
    view, asked = cropping(ui, qtbot)
    QTest.keyClick(view, key)
    names = ("centre_x", "centre_y", "height")
    assert [name for name in names if getattr(asked[0], name) != 0.5] == [changed]


def test_the_crop_is_dragged_and_never_leaves_the_picture(ui: Ui, qtbot: QtBot) -> None:
    view, asked = cropping(ui, qtbot)
    centre = view.rect().center()
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=centre)
    QTest.mouseMove(view, centre.__class__(centre.x() + 5000, centre.y()))
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=centre)
    assert asked[-1] == CropArea(640, 480).clamp(asked[-1])
    assert asked[-1].centre_x > 0.7


def test_the_wheel_zooms_and_other_keys_pass_on(ui: Ui, qtbot: QtBot) -> None:
    view, asked = cropping(ui, qtbot)
    place = QPointF(view.rect().center())
    buttons, no_keys = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
    phase = Qt.ScrollPhase.NoScrollPhase
    delta = QPointF(0, 120).toPoint()
    QApplication.sendEvent(view, QWheelEvent(place, place, delta, delta, buttons, no_keys, phase, False))
    assert asked[0].height < 0.5
    event = QKeyEvent(QKeyEvent.Type.KeyPress, Qt.Key.Key_N, no_keys, "n")
    view.keyPressEvent(event)
    assert not event.isAccepted()


def test_a_flow_wraps_and_grows(ui: Ui, qtbot: QtBot) -> None:
    flow = FlowBox(gap=10, grow=True)
    qtbot.addWidget(flow)
    labels = [QLabel(f"label {n}") for n in range(3)]
    for label in labels:
        label.setFixedHeight(20)
        flow.add(label)
    labels[0].setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    flow.show()
    flow.resize(600, 100)
    assert len({label.y() for label in labels}) == 1
    assert labels[2].geometry().right() == pytest.approx(599, abs=1)
    flow.resize(80, 100)
    assert len({label.y() for label in labels}) == 3
    assert flow.heightForWidth(80) == 80
    assert flow.minimumSizeHint().width() <= 80
    flow.clear()
    assert flow.sizeHint() == QSize(0, 0)
    assert flow.heightForWidth(80) == 0


def test_arranging_takes_nothing_from_the_interpreter(ui: Ui, qtbot: QtBot) -> None:
    flow = FlowBox()
    qtbot.addWidget(flow)
    for n in range(3):
        flow.add(QLabel(str(n)))
    flow.show()
    before = sys.getrefcount(None)
    for n in range(300):
        flow.resize(40 + n % 200, 100)
    assert abs(sys.getrefcount(None) - before) < 100, "a reference to None is lost each time"


def test_pills_are_rebuilt_only_when_they_differ(ui: Ui, qtbot: QtBot) -> None:
    row = PillRow(ui)
    qtbot.addWidget(row)
    said = [PillText("Data complete", Tone.OK), PillText("ESI x", hint="urn:x")]
    row.show_pills(said)
    first = row.findChildren(QWidget)
    row.show_pills(list(said))
    assert row.findChildren(QWidget) == first
    assert [w.accessibleName() for w in first] == ["Data complete", "ESI x"]
    picture_of(row)


def test_steps_say_their_state(ui: Ui, qtbot: QtBot) -> None:
    for wide in (False, True):
        steps = StepList(ui, wide=wide)
        qtbot.addWidget(steps)
        steps.show_steps([StepText("Data", "checked", Tone.OK), StepText("Photo", "waits", Tone.NOW)])
        assert steps.accessibleName() == "Data: checked; Photo: waits"
        assert steps.sizeHint().height() > 60
        picture_of(steps)


def test_progress_is_told_to_screen_readers(ui: Ui, qtbot: QtBot) -> None:
    bar = ProgressBar(ui)
    qtbot.addWidget(bar)
    bar.set_share(0.4)
    assert bar.accessibleDescription() == "40%"
    bar.set_share(7)
    assert bar.accessibleDescription() == "100%"


def test_a_banner_escapes_names(ui: Ui, qtbot: QtBot) -> None:
    assert bold("<b>&") == "<b>&lt;b&gt;&amp;</b>"
    banner = Banner(ui)
    qtbot.addWidget(banner)
    banner.show_text("Next: " + bold("Līga"), "N")
    assert banner.accessibleName() == "Next: Līga"
    picture_of(banner)


def test_a_stack_asks_only_the_page_that_is_seen(qtbot: QtBot) -> None:
    stack, small, tall = CurrentStack(), QWidget(), QWidget()
    qtbot.addWidget(stack)
    tall.setMinimumHeight(2000)
    arrange(QHBoxLayout(tall)).addWidget(QLabel("x"))
    assert stack.sizeHint() == QSize()
    stack.addWidget(small)
    stack.addWidget(tall)
    assert stack.minimumSizeHint().height() < 100
    stack.setCurrentWidget(tall)
    assert stack.sizeHint().height() >= tall.sizeHint().height()


def test_a_tall_scroll_gives_its_content_the_whole_height(qtbot: QtBot) -> None:
    scroll = TallScroll()
    qtbot.addWidget(scroll)
    row = arrange(QHBoxLayout(scroll.content))
    label = QLabel("x")
    row.addWidget(label)
    scroll.resize(300, 400)
    scroll.show()
    qtbot.waitUntil(lambda: scroll.content.height() == scroll.viewport().height())
    label.setMinimumHeight(1000)
    qtbot.waitUntil(lambda: scroll.content.height() >= 1000)
    scroll.to_top()
    assert scroll.verticalScrollBar().value() == 0


def test_a_view_refreshes_with_language_and_theme(ui: Ui, qtbot: QtBot) -> None:
    seen = []

    class Example(View):
        def refresh(self) -> None:
            seen.append(self.ui.tr_.language)

    view = Example(ui)
    qtbot.addWidget(view)
    ui.tr_.set_language("lv")
    ui.theme.set_mode("dark")
    assert seen == ["lv", "lv"]


def test_an_empty_picture_is_not_painted(ui: Ui, qtbot: QtBot) -> None:
    image = grey(10, 10)
    before = QImage(image)
    painter = QPainter(image)
    rounded_image(painter, QRectF(0, 0, 10, 10), QImage(), 2)
    painter.end()
    assert image == before
    assert not app_icon().isNull()


class LayoutCount(QWidget):
    """Counts how often its layout was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.requests = 0
        self.column = arrange(QHBoxLayout(self))

    def event(self, event: QEvent) -> bool:
        self.requests += event.type() == QEvent.Type.LayoutRequest
        return super().event(event)


SAYERS: dict[str, tuple[Callable[[Ui], QWidget], Callable[[Any, str], None]]] = {
    "OneLine": (OneLine, lambda widget, text: widget.set_text(text)),
    "ActionButton": (ActionButton, lambda widget, text: widget.set_label(text, "Enter")),
    "QuietButton": (QuietButton, lambda widget, text: widget.set_label(text)),
}


@pytest.mark.parametrize("name", SAYERS)
def test_the_same_words_again_ask_for_no_layout(qtbot: QtBot, ui: Ui, name: str) -> None:
    make, say = SAYERS[name]
    widget, around = make(ui), LayoutCount()
    qtbot.addWidget(around)
    around.column.addWidget(widget)
    say(widget, "one")
    with qtbot.waitExposed(around):
        around.show()
    QCoreApplication.sendPostedEvents()
    around.requests = 0
    say(widget, "one")
    QCoreApplication.sendPostedEvents()
    assert around.requests == 0
    say(widget, "another that is longer")
    QCoreApplication.sendPostedEvents()
    assert around.requests > 0


def test_a_row_knows_when_its_pills_are_others(qtbot: QtBot, ui: Ui) -> None:
    row = PillRow(ui)
    qtbot.addWidget(row)
    row.show_pills([PillText("one")])
    low = row.heightForWidth(160)
    row.show_pills([PillText("a pill with many words"), PillText("and one more of them")])
    assert row.heightForWidth(160) > low
    row.show_pills([PillText("one")])
    assert row.heightForWidth(160) == low


def test_what_is_hidden_takes_no_room_in_a_row(ui: Ui, qtbot: QtBot) -> None:
    box = FlowBox(gap=4)
    qtbot.addWidget(box)
    buttons = [QuietButton(ui, box) for _ in range(4)]
    for button in buttons:
        button.set_label("A button with a label")
        box.add(button)
    box.resize(2 * buttons[0].sizeHint().width() + 10, 200)
    box.show()
    qtbot.waitExposed(box)
    assert [button.y() > 0 for button in buttons] == [False, False, True, True]
    tall, wide = box.heightForWidth(box.width()), box.sizeHint().width()
    for button in buttons[1:3]:
        button.hide()
    qtbot.waitUntil(lambda: buttons[3].y() == 0)
    assert buttons[3].x() == buttons[0].geometry().right() + 1 + 4
    assert box.heightForWidth(box.width()) < tall
    assert box.sizeHint().width() < wide
    buttons[1].show()
    qtbot.waitUntil(lambda: buttons[3].y() > 0)
