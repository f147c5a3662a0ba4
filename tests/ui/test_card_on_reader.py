"""A card is laid on the reader: the window says whose it is, opens its holder, names what it doesn't know."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QTreeWidget
from pytestqt.qtbot import QtBot

from station.chip.virtual_card.desfire import VirtualDesfire
from station.chip.virtual_card.kinds import new_card
from station.ui.viewmodels.pages import Page
from station.ui.viewmodels.stages import Stage
from tests.helpers.chip import Direct, demo_profile, run_encode
from tests.helpers.window import Opening, a_window


def shown(opening: Opening) -> str:
    """Return what the strip says."""
    return opening.widget("cardOnReader").accessibleName()


def in_the_status_bar(opening: Opening) -> str:
    return opening.widget("light-reader").accessibleName()


def test_a_card_laid_on_the_reader_shows(opening: Opening) -> None:
    opening.until(lambda: shown(opening) == "No card on the reader")
    opening.hands.tray.put_blank()
    opening.until(lambda: shown(opening).startswith("Blank card: nothing is on it · DESFire EV1 8K · 7936 bytes free"))
    opening.models.devices.ask()
    opening.until(lambda: in_the_status_bar(opening) == "Reader: Blank card")
    opening.hands.tray.take_off()
    opening.until(lambda: shown(opening) == "No card on the reader")


def test_a_known_card_opens_its_holder(opening: Opening) -> None:
    card = opening.hands.desk.issuances.hand_over(opening.hands.verified().id)
    opening.hands.tray.take_off()
    opening.until(lambda: not opening.models.reader.presence.reader)
    assert card.uid
    opening.hands.tray.put(card.uid)
    opening.until(lambda: opening.models.desk.current)
    assert opening.session.holder == opening.hands.liga
    opening.until(lambda: shown(opening).startswith("Līga Bērziņa-Šķēle: in use · DESFire EV1 8K · European Student"))
    assert not opening.widget("openHolder").isVisible()


def test_another_persons_card_is_offered_beside(opening: Opening) -> None:
    card = opening.hands.desk.issuances.hand_over(opening.hands.verified().id)
    opening.models.desk.serve(opening.hands.martins)
    opening.hands.tray.put(card.uid or "")
    button = opening.widget("openHolder")
    opening.until(button.isVisible)
    assert button.accessibleName() == "Open Līga Bērziņa-Šķēle"
    assert opening.session.holder == opening.hands.martins
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert opening.session.holder == opening.hands.liga
    opening.until(lambda: not button.isVisible())


def test_foreign_and_unknown_cards_are_named(opening: Opening) -> None:
    foreign = VirtualDesfire.new()
    run_encode(Direct(foreign), profile=demo_profile("deuinfo"))
    opening.hands.tray.readers.insert(foreign)
    opening.until(lambda: shown(opening).startswith("European Student Card made elsewhere: not known here"))
    opening.hands.tray.readers.insert(new_card("unknown"))
    opening.until(lambda: shown(opening).startswith("Unknown card: its chip is not known"))
    opening.hands.tray.readers.insert(new_card("random-id"))
    opening.until(lambda: shown(opening).startswith("A card that hides its number"))
    assert opening.models.desk.current is None


def test_a_whole_card_is_made_while_the_reader_is_watched(opening: Opening) -> None:
    opening.reach(Stage.DONE)
    opening.until(lambda: shown(opening).startswith("Līga Bērziņa-Šķēle: in use"))
    assert opening.session.stage is Stage.DONE


def test_it_opens_the_explorer_reads_copies_and_forgets(opening: Opening) -> None:
    issuance = opening.hands.encoded()
    opening.until(lambda: opening.models.reader.seen is not None)
    opening.press(Qt.Key.Key_F7)
    assert opening.models.desk.page is Page.CARD
    opening.until(lambda: opening.widget("readCard").isEnabled())
    QTest.mouseClick(opening.widget("readCard"), Qt.MouseButton.LeftButton)
    tree = opening.widget("cardTree")
    assert isinstance(tree, QTreeWidget)
    opening.until(lambda: tree.topLevelItemCount() == 1)
    opening.until(lambda: opening.focus_name() == "cardTree")
    top = tree.topLevelItem(0)
    assert top is not None
    assert (top.text(0), top.text(1)) == ("Card", "DESFire EV1 8K")
    opening.press(Qt.Key.Key_Down, Qt.Key.Key_Down)
    assert tree.currentItem() is not top
    opening.ui.tr_.set_language("lv")
    assert tree.topLevelItem(0).text(0) == "Karte"  # type: ignore[union-attr]
    opening.ui.tr_.set_language("en")
    QTest.mouseClick(opening.widget("copyCard"), Qt.MouseButton.LeftButton)
    assert f"card number {issuance.escn}" in QGuiApplication.clipboard().text()
    QGuiApplication.clipboard().clear()
    tree.setFocus()
    opening.press(Qt.Key.Key_Escape)
    assert opening.models.desk.page is not Page.CARD
    opening.until(lambda: opening.models.explorer.tree is None)
    assert tree.topLevelItemCount() == 0


@pytest.mark.parametrize("size", [(640, 360), (1280, 720)], ids=str)
def test_in_every_size_a_click_on_what_shows_the_card_tells_more(
    qtbot: QtBot, tmp_path: Path, size: tuple[int, int]
) -> None:
    with a_window(qtbot, tmp_path / "desk", size=size) as opening:
        opening.hands.encoded()
        opening.until(lambda: opening.models.reader.seen is not None)
        opening.until(lambda: in_the_status_bar(opening) == "Reader: Līga Bērziņa-Šķēle")
        places = ["light-reader"] if size[0] < 980 else ["light-reader", "cardOnReader"]
        for place in places:
            opening.models.desk.show_page(Page.HOME)
            assert opening.widget(place).isVisible()
            QTest.mouseClick(opening.widget(place), Qt.MouseButton.LeftButton)
            assert opening.models.desk.page is Page.CARD
