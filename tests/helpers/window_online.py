"""The window of a desk that talks to a real sandbox over a socket."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from station.app.demo_profile import DEMO_KEY
from station.domain.card import Card
from station.sandbox.process import SandboxProcess
from station.sandbox.router.config import SandboxConfig
from tests.helpers.desk_online import OnlineDesk
from tests.helpers.desks import desk_settings
from tests.helpers.sandbox import OTHER_KEY, OTHER_PIC
from tests.helpers.window import Opening, a_window


@dataclass(frozen=True)
class OnlineOpening:
    """The window, the address of the router behind it, and hands for keys with Ctrl and for what is read."""

    opening: Opening
    address: str

    def ctrl(self, key: Qt.Key) -> None:
        """Press a key together with Ctrl."""
        self.opening.until(self.opening.window.isActiveWindow)
        QTest.keyClick(QApplication.focusWidget() or self.opening.window, key, Qt.KeyboardModifier.ControlModifier)

    def tab_to(self, name: str) -> None:
        """Press Tab until the widget with this name has the keyboard."""
        passed = []
        for _ in range(60):
            if self.opening.focus_name() == name:
                return
            passed.append(self.opening.focus_name())
            self.opening.press(Qt.Key.Key_Tab)
        raise AssertionError(f"Tab never comes to {name}, only to {passed}")

    def words(self, page: QWidget) -> str:
        """Return what can be read on a page."""
        return " | ".join(label.text() for label in page.findChildren(QLabel) if label.isVisible())

    def handed_over(self, *, martins: bool = False) -> Card:
        """Hand over a card that ESC-Router has been told of; it is taken off the reader."""
        hands = self.opening.hands
        card = hands.desk.issuances.hand_over(hands.verified(hands.martins if martins else hands.liga).id)
        hands.tray.take_off()
        self.send()
        found = hands.desk.store.cards.get(card.escn)
        assert found is not None
        return found

    def send(self) -> None:
        """Send what waits in the queue."""
        self.opening.hands.desk.outbox.run_once(threading.Event())

    def card_elsewhere(self) -> str:
        """Have another institution register a card; return its number."""
        return OnlineDesk(self.opening.hands, self.address).card_elsewhere()


@contextmanager
def a_sandbox(folder: Path) -> Iterator[str]:
    """Run a sandbox that knows the demo's institution and another one; give its address."""
    folder.mkdir(parents=True, exist_ok=True)
    institution = desk_settings(folder).institution
    names = {institution.pic: institution.name, OTHER_PIC: "Another University"}
    keys = {DEMO_KEY: institution.pic, OTHER_KEY: OTHER_PIC}
    config = SandboxConfig(database=folder / "router.sqlite", keys=keys, names=names, port=0)
    with SandboxProcess(config, folder / "router-faults.json") as process:
        yield process.address


@contextmanager
def a_window_online(qtbot: QtBot, folder: Path, address: str, **changes: Any) -> Iterator[OnlineOpening]:
    """Open the window on a desk whose router is the sandbox at ``address``."""
    with a_window(qtbot, folder, router={"url": address + "/api/v2"}, **changes) as opening:
        yield OnlineOpening(opening, address)
