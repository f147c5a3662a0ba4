"""The demo bench in its real window, on a screen, by real keys: a card, trouble on the way, another language."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.helpers.xvfb import Screen, screen, wait_for

pytestmark = pytest.mark.bench_x
ROOT = Path(__file__).resolve().parents[2]
MOST_TRIES = 15


@contextmanager
def demo(folder: Path, on: Screen) -> Iterator[None]:
    """Run ``station --demo``; whatever it wrote to standard error is a failure."""
    log = folder.parent / "window.log"
    command = [sys.executable, "-m", "station", "gui", "--demo", "--data", str(folder)]
    with log.open("ab") as errors:
        process = subprocess.Popen(command, env=on.environment, cwd=ROOT, stderr=errors)
    try:
        on.activate(on.window("Karšu stacija"))
        yield
    finally:
        process.terminate()
        process.wait(20)
    assert log.read_text(encoding="utf-8") == ""


def asked(folder: Path, query: str) -> list[str]:
    """Return the first column of a query, as another program sees the store."""
    file = folder / "demo.db"
    if not file.exists():
        return []
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        try:
            return [str(row[0]) for row in database.execute(query)]
        except sqlite3.OperationalError:
            return []  # the tables are being made


def events(folder: Path) -> list[str]:
    return asked(folder, "select event from journal order by id")


def press_until(on: Screen, happened: Callable[[], bool], *keys: str) -> None:
    """Press keys as somebody does who looks at the screen in between."""
    for _ in range(MOST_TRIES):
        on.keys(*keys)
        try:
            wait_for("the next step", happened, 2)
        except AssertionError:
            continue
        return
    pytest.fail(f"{keys} led nowhere")


def seen(folder: Path, event: str, times: int = 1) -> Callable[[], bool]:
    return lambda: events(folder).count(event) >= times


@pytest.mark.timeout(240)
def test_a_card_by_keyboard_with_an_empty_ribbon_on_the_way(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    folder.mkdir()
    dial = folder / "faults.json"
    dial.write_text(json.dumps({"printer": {"kind": "ribbon-out", "value": 0}}), encoding="utf-8")
    with screen() as on, demo(folder, on):
        wait_for("the desk is open", lambda: asked(folder, "select count(*) from holders") not in ([], ["0"]), 60)
        press_until(on, seen(folder, "Began"), "Return")  # the first one is for who is next
        press_until(on, seen(folder, "PortraitTaken"), "space", "Return")
        press_until(on, seen(folder, "Encoded"), "Return")
        press_until(on, seen(folder, "PrintBegun"), "Return")
        dial.write_text("{}", encoding="utf-8")
        press_until(on, seen(folder, "Verified"), "Return")
        press_until(on, seen(folder, "HandedOver"), "Return")
        assert events(folder).count("PrintBegun") == 1, "the same card went on"
        wait_for("ESC-Router knows the card", lambda: asked(folder, "select registration from cards") == ["registered"])
