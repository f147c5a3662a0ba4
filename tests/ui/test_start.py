"""The start: people are found before it is known how cards are made, and nothing else is waited for."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from station.adapters.store import open_store
from station.ui.main_window import MainWindow
from station.ui.preferences import Preferences
from station.ui.run import WindowRun
from station.ui.viewmodels.models import Opened
from station.ui.widgets.labels import Text
from tests.benchmarks.bench_store import people
from tests.benchmarks.bench_window import PROFILE
from tests.helpers.desks import desk_settings, open_test_desk
from tests.helpers.scribe import NOON
from tests.helpers.window import a_bench, a_ui

ROOT = Path(__file__).resolve().parents[2]

# All that may be loaded when the window is first seen: each thing more keeps everybody waiting at every start.
LIBRARIES_AT_SIGHT = {"PySide6", "shiboken6", "shibokensupport", "platformdirs"}
OURS_AT_SIGHT = {
    "station", "station.__main__", "station.app", "station.app.window", "station.cli", "station.cli.output",
    "station.cli.parser", "station.cli.run", "station.domain", "station.domain.card", "station.domain.errors",
    "station.domain.message", "station.domain.router_place", "station.domain.tables", "station.i18n", "station.ports",
    "station.ports.tasks", "station.profile_place", "station.resources", "station.settings",
}  # fmt: skip
VIEWS_AT_SIGHT = {"station.ui.views.header", "station.ui.views.opening", "station.ui.views.search_field"}

# Libraries, and parts of our own, that only the making of a card needs: each costs the first search its time.
NOT_FOR_FINDING = (
    "PIL", "alembic", "cryptography", "cv2", "httpx", "keyring", "numpy", "pydantic", "pypdfium2", "reportlab",
    "resvg_py", "smartcard", "sqlalchemy.orm", "uharfbuzz", "zint",
    "station.adapters.standby", "station.chip", "station.cli.verbs", "station.domain.elements", "station.domain.layout",
    "station.photo.crop", "station.photo.portraits", "station.render", "station.services.cardmaking",
    "station.services.enrolment_file", "station.ui.viewmodels.session", "station.ui.views.card",
    "station.ui.views.middle",
)  # fmt: skip


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Give what a station, whose desk has been opened before, had loaded at each moment of its start."""
    folder = tmp_path_factory.mktemp("desk")
    (folder / "data").mkdir()
    store = open_store(folder / "data" / "station.db")
    store.holders.apply_import(store.holders.plan_import(people(200), "csv"), "csv", NOON)
    store.close()
    (folder / "station.toml").write_text(PROFILE, encoding="utf-8")
    out = folder / "told.json"
    command = [sys.executable, "-m", "tests.helpers.first_search", str(out), "--profile", str(folder / "station.toml")]
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "XDG_STATE_HOME": str(folder)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    loaded: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return loaded


def test_nothing_is_loaded_before_the_window_is_seen_but_what_it_shows(told: dict[str, Any]) -> None:
    # What the interpreter itself, or the one who measures, brought along is not the station's.
    ask = [sys.executable, "-c", "import sys; print(*sys.modules)"]
    bare = subprocess.run(ask, capture_output=True, text=True, check=True, timeout=60)
    foreign = {name.split(".")[0] for name in set(told["at_sight"]) - set(bare.stdout.split())}
    foreign -= {"__main__", "__feature__", "signature_bootstrap", "station", "tests", *sys.stdlib_module_names}
    assert foreign <= LIBRARIES_AT_SIGHT
    ours = {name for name in told["at_sight"] if name.split(".")[0] in ("station", "printers")}
    assert {name for name in ours if not name.startswith("station.ui")} <= OURS_AT_SIGHT
    assert {name for name in ours if name.startswith("station.ui.views.")} <= VIEWS_AT_SIGHT
    assert "station.ui.main_window" in ours
    assert "sqlalchemy" in told["at_answer"]


def test_the_first_search_waits_for_nothing_that_it_does_not_need(told: dict[str, Any]) -> None:
    assert told["found"]
    loaded = [m for m in told["at_answer"] if m.startswith(tuple(f"{name}." for name in NOT_FOR_FINDING))]
    assert not loaded
    assert not set(told["at_answer"]) & set(NOT_FOR_FINDING)
    assert "station.services.cardmaking" in told["alive"]


def test_who_is_chosen_early_is_served_when_the_desk_can(qtbot: QtBot, tmp_path: Path) -> None:
    with a_ui() as ui, a_bench(qtbot, tmp_path / "desk") as bench:
        window = MainWindow(ui, bench.hands.desk.settings)
        window.show()
        qtbot.waitExposed(window)
        window.show_people(bench.models)
        assert len(window.people.list.people.rows) > 1
        QTest.keyClicks(window.header.search, "martins")
        bench.until(lambda: bench.models.search.answered == "martins")
        QTest.keyClick(window.header.search, Qt.Key.Key_Return)
        assert bench.models.desk.current is None
        window.bring_to_life(bench.models)
        assert bench.session.holder == bench.hands.martins
        window.close()
        window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def test_a_mistake_in_how_cards_are_made_is_told_beside_the_people(qtbot: QtBot, tmp_path: Path) -> None:
    opened = []

    @contextmanager
    def opener() -> Iterator[Opened]:
        with open_test_desk(tmp_path / "desk", chip={"profile": "none-such"}) as bench:
            opened.append(bench)
            yield Opened(bench.desk, waiting=(bench.liga,))

    app = QApplication.instance()
    assert isinstance(app, QApplication)
    with a_ui():  # puts the look of the application back
        run = WindowRun(app, desk_settings(tmp_path), opener, Preferences(tmp_path / "window.ini"))
        try:
            run.show()
            what = run.window.opening.findChild(Text, "openingTrouble")
            assert what is not None
            for _ in range(2):
                qtbot.waitUntil(what.isVisible)
                assert "none-such" in what.text()
                assert run.window.people.isVisible()
                assert run.window.models is None
                run.window.opening.again.emit()
                assert not what.isVisible()
            qtbot.waitUntil(what.isVisible)
            assert len(opened) == 1  # what could be opened stays open
        finally:
            run.close()
            run.window.ui.theme.deleteLater()
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def test_a_station_is_called_what_it_was_enrolled_as(qtbot: QtBot, tmp_path: Path) -> None:
    with a_ui() as ui, a_bench(qtbot, tmp_path / "desk") as bench:
        known = bench.hands.desk.settings
        written = replace(known, station=replace(known.station, name="my laptop"))
        window = MainWindow(ui, written)
        assert "my laptop" in window.windowTitle()
        window.bring_to_life(bench.models)
        assert known.station.name in window.windowTitle()
        assert window.header._place.text() == f"· {known.station.name}"
        window.close()
        window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
