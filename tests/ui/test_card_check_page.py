"""Any card checked in the window: typed by a hand scanner, laid on the reader, with a router and without."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from station.adapters.camera.opencv import OpenCvCameras
from station.adapters.clock import SystemClock
from station.domain.card import Card, CardState
from station.ports.tasks import Lane
from station.services.card_check import CardCheck, Verdict, title_of
from station.ui.tone import Tone
from station.ui.viewmodels.pages import Page
from station.ui.views.card_check import CardCheckView, tone_of
from station.ui.widgets.verdict_sign import VerdictSign
from tests.helpers.codes import qr_picture
from tests.helpers.finished_cards import a_card, a_student
from tests.helpers.sandbox import RunningSandbox, running_sandbox
from tests.helpers.window import Opening, a_ui, a_window

K = Qt.Key
UNKNOWN = "8c1b1d10-a311-103f-8001-001999465982"


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    with running_sandbox(tmp_path_factory.mktemp("sandbox")) as running:
        yield running


@pytest.fixture
def opening(qtbot: QtBot, tmp_path: Path, sandbox: RunningSandbox) -> Iterator[Opening]:
    with a_window(qtbot, tmp_path / "desk", router={"url": sandbox.address + "/api/v2"}) as made:
        yield made


def open_page(opening: Opening) -> CardCheckView:
    opening.until(opening.window.isActiveWindow)
    QTest.keyClick(QApplication.focusWidget() or opening.window, K.Key_K, Qt.KeyboardModifier.ControlModifier)
    assert opening.models.desk.page is Page.CHECK
    opening.until(lambda: opening.focus_name() == "cardNumber")
    view = opening.window.findChild(CardCheckView)
    assert isinstance(view, CardCheckView)
    return view


def words(opening: Opening) -> str:
    view = opening.window.findChild(CardCheckView)
    assert isinstance(view, CardCheckView)
    return " | ".join(label.text() for label in view.findChildren(QLabel) if label.isVisible())


def typed(opening: Opening, text: str) -> None:
    QTest.keyClicks(opening.widget("cardNumber"), text)
    opening.press(K.Key_Return)


def test_a_scanner_types_one_card_after_the_other(opening: Opening) -> None:
    open_page(opening)
    typed(opening, f"https://s.esc-r.eu/{UNKNOWN}")
    opening.until(lambda: "Unknown number" in words(opening))
    assert UNKNOWN in words(opening)
    assert opening.focus_name() == "cardNumber"
    typed(opening, "https://menu.example/today")
    opening.until(lambda: "Not a European Student Card" in words(opening))
    assert opening.models.desk.page is Page.CHECK, "Enter is the field's own here"
    opening.press(K.Key_Escape)
    assert str(opening.models.desk.page) == "home"
    assert opening.models.card_check.check is None, "what was checked is forgotten"


def test_a_scanner_is_heard_wherever_the_keyboard_is(opening: Opening) -> None:
    open_page(opening).back.setFocus()
    for key in f"https://s.esc-r.eu/{UNKNOWN}":
        QTest.keyClicks(QApplication.focusWidget() or opening.window, key)
    assert opening.focus_name() == "cardNumber", "its slash is no search"
    opening.press(K.Key_Tab)
    opening.until(lambda: "Unknown number" in words(opening))
    opening.press(K.Key_Backtab)
    opening.widget("cardNumber").setFocus()
    asked = opening.models.card_check._asked
    QTest.keyClicks(opening.widget("cardNumber"), "8c1b1d10-a311")
    opening.press(K.Key_Tab)
    assert opening.models.card_check._asked == asked, "half a number is not checked"


def test_a_card_on_the_reader_is_checked_by_itself(opening: Opening) -> None:
    card: Card = opening.hands.desk.issuances.hand_over(opening.hands.verified().id)
    open_page(opening)
    opening.hands.tray.put(card.uid or "")
    opening.until(lambda: opening.models.card_check.check)
    opening.until(lambda: card.escn in words(opening))
    assert opening.hands.liga.full_name in words(opening)
    opening.until(lambda: opening.widget("changeCard").isVisible())
    opening.widget("changeCard").setFocus()
    opening.press(K.Key_Space)
    assert opening.models.desk.page is Page.HOLDER_CARDS
    opening.until(lambda: opening.models.holder_cards.cards)
    assert opening.models.holder_cards.chosen == card.escn
    assert opening.models.card_check.holder is None, "what was checked is forgotten"


def test_the_camera_reads_the_qr_of_a_card(qtbot: QtBot, tmp_path: Path, sandbox: RunningSandbox) -> None:
    held_up = Image.new("RGB", (640, 480), "gray")
    held_up.paste(qr_picture(f"https://s.esc-r.eu/{UNKNOWN}").convert("RGB").resize((280, 280)), (180, 100))
    held_up.save(tmp_path / "held-up.png")
    with a_window(
        qtbot,
        tmp_path / "desk",
        cameras=OpenCvCameras(SystemClock()),
        camera={"driver": "opencv", "source": str(tmp_path / "held-up.png")},
        router={"url": sandbox.address + "/api/v2"},
    ) as opening:
        open_page(opening)
        model, camera = opening.models.card_check, opening.models.camera
        assert camera.image is None, "nobody is filmed before somebody asks for it"
        opening.press(K.Key_Space)
        opening.until(lambda: "Unknown number" in words(opening))
        field = opening.widget("cardNumber")
        assert isinstance(field, QLineEdit)
        assert field.text() == f"https://s.esc-r.eu/{UNKNOWN}"
        assert model.scanning, "for the next card"
        opening.press(K.Key_Space)
        opening.until(lambda: camera.image is None)
        opening.press(K.Key_Space)
        opening.until(lambda: camera.image is not None)
        opening.press(K.Key_Escape)
        opening.until(lambda: camera.image is None)
        assert not model.scanning


def test_every_verdict_has_a_sign_of_its_own(qtbot: QtBot) -> None:
    """Told apart in grey, too: by their shape, not by their colour."""
    checks = [CardCheck(verdict, issuer="Us", ours=True) for verdict in Verdict]
    checks += [CardCheck(Verdict.ACTIVE, copy=True), CardCheck(Verdict.ACTIVE, issuer="Another University")]
    with a_ui() as ui:
        sign = VerdictSign(ui)
        qtbot.addWidget(sign)
        sign.resize(sign.sizeHint())
        pictures = []
        for check in checks:
            sign.show_check(check)
            grey = sign.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
            pictures.append(bytes(grey.constBits()))
        assert len(set(pictures)) == len(checks)
        titles = [ui.tr_.message(title_of(check)) for check in checks]
        assert len(set(titles)) == len(checks)


def test_on_a_small_screen_all_of_it_is_read_by_keyboard(qtbot: QtBot, tmp_path: Path) -> None:
    with a_window(qtbot, tmp_path / "desk", size=(640, 360)) as opening:
        open_page(opening)
        typed(opening, UNKNOWN)
        opening.until(lambda: "Can't be checked now" in words(opening))
        number = next(label for label in opening.window.findChildren(QLabel) if label.text() == UNKNOWN)
        opening.until(lambda: opening.widget("cardVerdict").visibleRegion().boundingRect().height() > 0)
        opening.press(K.Key_PageDown, K.Key_PageDown)
        opening.until(lambda: number.visibleRegion().boundingRect() == number.rect())
        opening.press(K.Key_PageUp, K.Key_PageUp)
        opening.until(lambda: not opening.widget("cardNumber").visibleRegion().isEmpty())


def test_without_a_network_nothing_is_said_of_the_card(qtbot: QtBot, tmp_path: Path) -> None:
    with a_window(qtbot, tmp_path / "desk") as opening:
        open_page(opening)
        typed(opening, UNKNOWN)
        opening.until(lambda: "Can't be checked now" in words(opening))
        assert "says nothing about the card" in words(opening)


def test_an_answer_that_comes_late_is_not_shown(opening: Opening) -> None:
    open_page(opening)
    model, behind = opening.models.card_check, threading.Event()
    model.check_text(UNKNOWN)
    opening.press(K.Key_Escape)
    opening.tasks.run(Lane.ASK, lambda _c: None, done=lambda _none: behind.set())
    opening.until(behind.is_set)
    assert model.check is None


def test_a_card_that_was_blocked_here_looks_blocked_whatever_the_router_says(qtbot: QtBot) -> None:
    blocked = replace(a_card(a_student(1)), state=CardState.STOLEN)
    with a_ui() as ui:
        sign = VerdictSign(ui)
        qtbot.addWidget(sign)
        pictures = []
        for check in (
            CardCheck(Verdict.INACTIVE),
            CardCheck(Verdict.ACTIVE, card=blocked),
            CardCheck(Verdict.UNREACHABLE, card=blocked),
        ):
            sign.show_check(check)
            pictures.append(sign.grab().toImage())
            assert tone_of(check) is Tone.BAD
        assert pictures == [pictures[0]] * 3


def test_how_verdicts_look() -> None:
    assert tone_of(CardCheck(Verdict.ACTIVE)) is Tone.OK
    assert tone_of(CardCheck(Verdict.ACTIVE, copy=True)) is Tone.BAD
    assert tone_of(CardCheck(Verdict.EXPIRED)) is Tone.BAD
    assert tone_of(CardCheck(Verdict.UNREACHABLE)) is Tone.WARN
