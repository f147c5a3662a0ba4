"""Whole cards on the real interfaces, by the command line: camera stream, pcscd, cupsd, HTTP, keyring, SQLite."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from station.chip.virtual_card.kinds import open_card
from station.domain.escn import parse_escn
from tests.helpers.cupsd import QUEUE, CupsBench, cups_bench, wait_until
from tests.helpers.real_desk import RealDesk, real_desk

__all__ = ["cups_bench"]

pytestmark = [pytest.mark.bench_cups, pytest.mark.bench_pcsc]
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def desk(cups_bench: CupsBench, tmp_path: Path) -> Iterator[RealDesk]:
    """Give a desk whose register was imported, with a blank on the reader."""
    cups_bench.reset()
    with real_desk(tmp_path, cups_bench) as running:
        running.card.insert()
        imported = said(running, "holders", "import", running.folder / "students.csv", "--yes")
        assert imported["written"] == 2
        yield running


def run(desk: RealDesk, *words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "station", *map(str, words), "--profile", str(desk.profile), "--json"],
        capture_output=True,
        text=True,
        timeout=100,
        cwd=ROOT,
        env={**desk.environment, "LC_ALL": "C.UTF-8"},
        check=False,
    )


def said(desk: RealDesk, *words: str | Path) -> dict:
    done = run(desk, *words)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def issue(desk: RealDesk, number: str = "051REB123") -> dict:
    return said(desk, "issue", "--holder", number, "--came-out", "yes")


def test_a_card_is_made_and_active_at_the_router(desk: RealDesk) -> None:
    card = issue(desk)
    assert card["registration"] == {"state": "registered", "router_status": "ACTIVE"}
    assert parse_escn(card["escn"]).prefix == 3
    assert card["print"]["state"] == "done"
    assert len(desk.printer.cards_out()) == 1
    assert card["uid"] == open_card(desk.card.file).uid.hex().upper()
    read = said(desk, "card", "read")
    assert read["escn"] == card["escn"]
    assert said(desk, "card", "verify")["chip"]["verified"]
    doctor = said(desk, "doctor")
    assert doctor["ok"], doctor


def test_without_the_router_the_card_is_made_and_told_once_later(desk: RealDesk) -> None:
    desk.sandbox.dial.set("router", "down")
    card = issue(desk)
    assert card["registration"]["state"] == "queued"
    assert said(desk, "queue")["waiting"] == 3
    desk.sandbox.dial.clear()
    synced = said(desk, "sync")
    assert (synced["sent"], synced["waiting"], synced["parked"]) == (3, 0, 0)
    with desk.sandbox.client() as client:
        assert client.card_status(card["escn"]).status == "ACTIVE"
    assert said(desk, "sync")["sent"] == 0


def test_a_card_that_was_issued_is_refused_for_the_next_student(desk: RealDesk) -> None:
    issue(desk)
    again = run(desk, "issue", "--holder", "041REB390", "--came-out", "yes")
    assert again.returncode == 1
    assert "Bērziņa" in json.loads(again.stderr)["what"]
    desk.card.remove()
    fresh = desk.another_card()
    fresh.insert()
    try:
        assert issue(desk, "041REB390")["registration"]["state"] == "registered"
    finally:
        fresh.remove()


def test_a_card_that_is_pulled_in_mid_write_is_finished_with_its_number(desk: RealDesk) -> None:
    desk.card.remove()
    desk.card.insert(pull_after=20)
    pulled = run(desk, "issue", "--holder", "051REB123", "--came-out", "yes")
    assert pulled.returncode == 1
    assert json.loads(pulled.stderr)["error"] == "CardRemoved"
    begun = said_list(desk, "journal", "--limit", "20")
    escn = next(e["escn"] for e in begun if e["event"] == "Began")
    desk.card.remove()
    desk.card.insert()
    assert issue(desk)["escn"] == escn


def test_a_printer_without_ribbon_costs_neither_card_nor_number(desk: RealDesk) -> None:
    desk.printer.fault("marker-supply-empty-error")
    stopped = run(desk, "issue", "--holder", "051REB123", "--came-out", "yes")
    assert stopped.returncode == 1
    assert "ribbon" in json.loads(stopped.stderr)["what"].lower()
    desk.printer.repair()
    # The print service asks the printer now and then only; until it has, the ribbon is empty for everybody.
    wait_until("the queue to see the ribbon", lambda: "empty" not in desk.printer.admin("lpstat", "-l", "-p", QUEUE))
    card = issue(desk)
    events = [e["event"] for e in card["journal"]]
    assert events.count("PrintBegun") == 1
    assert card["registration"]["state"] == "registered"


def said_list(desk: RealDesk, *words: str) -> list[dict]:
    done = run(desk, *words)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
