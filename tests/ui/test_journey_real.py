"""A card by keyboard in the window, on a screen, on the real interfaces: pcscd, cupsd, an MJPEG camera, HTTP."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from station.chip.virtual_card.kinds import open_card
from tests.helpers.cupsd import CupsBench, cups_bench
from tests.helpers.file_keyring import VARIABLE
from tests.helpers.real_desk import RealDesk, real_desk
from tests.helpers.xvfb import Screen, screen, wait_for

__all__ = ["cups_bench"]

pytestmark = [pytest.mark.bench_cups, pytest.mark.bench_pcsc, pytest.mark.bench_x]
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def desk(cups_bench: CupsBench, tmp_path: Path) -> Iterator[RealDesk]:
    """Give a desk whose register was imported."""
    cups_bench.reset()
    with real_desk(tmp_path, cups_bench) as running:
        command = ["holders", "import", str(running.folder / "students.csv"), "--yes"]
        done = subprocess.run(station(running, *command), env=running.environment, cwd=ROOT, check=False)
        assert done.returncode == 0
        yield running


def station(desk: RealDesk, *words: str) -> list[str]:
    return [sys.executable, "-m", "station", *words, "--profile", str(desk.profile)]


@contextmanager
def window(desk: RealDesk, on: Screen) -> Iterator[subprocess.Popen[bytes]]:
    """Run the station's window; whatever it wrote to standard error is a failure."""
    with (desk.folder / "window.log").open("ab") as log:
        keyring = {name: desk.environment[name] for name in ("PYTHON_KEYRING_BACKEND", VARIABLE)}
        process = subprocess.Popen(station(desk), env={**on.environment, **keyring}, cwd=ROOT, stderr=log)
    try:
        on.activate(on.window("Card station"))
        yield process
    finally:
        process.terminate()
        process.wait(20)
    assert (desk.folder / "window.log").read_text(encoding="utf-8") == ""


def events(desk: RealDesk) -> list[str]:
    """Return the journal, as another program sees it on the disk."""
    with closing(sqlite3.connect(f"file:{desk.folder}/data/station.db?mode=ro", uri=True)) as database:
        return [row[0] for row in database.execute("select event from journal order by id")]


def informed(desk: RealDesk) -> int:
    with closing(sqlite3.connect(f"file:{desk.folder}/data/station.db?mode=ro", uri=True)) as database:
        return int(database.execute("select count(*) from consents").fetchone()[0])


def press(on: Screen, happened: Callable[[], bool], *keys: str, times: int = 12) -> bool:
    """Press the keys, as somebody does who waits for the screen, until it happened; say whether it did."""
    for _ in range(times):
        on.keys(*keys)
        with suppress(AssertionError):
            wait_for("the next step", happened, 2)
            return True
    return False


def press_until(on: Screen, what: str, happened: Callable[[], bool], *keys: str) -> None:
    if not press(on, happened, *keys):
        picture = on.picture(Path(tempfile.gettempdir()) / "journey-stopped.png")
        pytest.fail(f"{what}: did not happen; the screen is in {picture}")


def make_card(desk: RealDesk, on: Screen, name: str) -> None:
    """Go the whole way by keyboard, from the search to the hand-over."""
    before = events(desk)

    def since(event: str) -> Callable[[], bool]:
        return lambda: event in events(desk)[len(before) :]

    told = informed(desk)
    for _ in range(4):
        on.keys("slash", "ctrl+a")
        on.type(name)
        if press(on, lambda: informed(desk) > told, "Return", times=4):
            break
    press_until(on, "the portrait was accepted", since("PortraitTaken"), "space", "Return")
    for event in ("Encoded", "PrintBegun", "Printed", "Verified", "HandedOver"):
        press_until(on, event, since(event), "Return")


def registration(desk: RealDesk) -> list[str]:
    with closing(sqlite3.connect(f"file:{desk.folder}/data/station.db?mode=ro", uri=True)) as database:
        return [row[0] for row in database.execute("select registration from cards order by pk")]


def escn_of_newest(desk: RealDesk) -> str:
    with closing(sqlite3.connect(f"file:{desk.folder}/data/station.db?mode=ro", uri=True)) as database:
        return str(database.execute("select escn from cards order by pk desc limit 1").fetchone()[0])


@pytest.mark.timeout(240)
def test_a_card_made_by_keyboard_is_active_and_one_made_offline_is_told_later(desk: RealDesk) -> None:
    desk.card.insert()
    with screen() as on, window(desk, on):
        make_card(desk, on, "berzina")
        wait_for("the card is registered", lambda: registration(desk) == ["registered"])
        with desk.sandbox.client() as client:
            assert client.card_status(escn_of_newest(desk)).status == "ACTIVE"
        assert escn_of_newest(desk) == _on_chip(desk)

        desk.sandbox.dial.set("router", "down")
        desk.card.remove()
        second = desk.another_card()
        second.insert()
        make_card(desk, on, "germanis")
        assert registration(desk)[1] == "queued"
        on.picture(desk.folder / "offline.png")
        desk.sandbox.dial.clear()
        wait_for("what was queued went out by itself", lambda: registration(desk) == ["registered"] * 2, 90)
        with desk.sandbox.client() as client:
            assert client.card_status(escn_of_newest(desk)).status == "ACTIVE"
        second.remove()
    assert len(desk.printer.cards_out()) == 2


def _on_chip(desk: RealDesk) -> str:
    from station.chip.encoder import inspect

    card = open_card(desk.card.file)

    class Directly:
        reader, atr = "", card.atr

        def transmit(self, apdu: bytes) -> bytes:
            return card.transmit(apdu)

    return inspect(Directly()).escn or ""
