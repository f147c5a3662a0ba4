"""A station is killed while it records: what it had been told is written is there, and the rest is whole or absent."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from station.adapters.store import SqlStore, open_store
from station.domain.card import BlankState
from station.domain.workflow import replay

ROOT = Path(__file__).resolve().parents[2]
STEPS = 1000
# Records card after card, and says each step that was written, after it was written.
RECORD = """
import sys
from contextlib import closing
from station.adapters.store import open_store
from tests.helpers import scribe as helper
with closing(open_store(sys.argv[1], station="doomed")) as store:
    run, told = sys.argv[2], 0
    print("ready", flush=True)
    while told < int(sys.argv[3]):
        value = store.escns.last_value(1, helper.PIC) + 1
        store.escns.advance(1, helper.PIC, value)
        helper._LAST_VALUE = 2**58 + value
        made = helper.Scribe(store, uid=f"04{run}{told:06X}", holder_id=f"h{run}-{told}")
        for event in made.events():
            made.tell(event)
            told += 1
            print(made.issuance.id, made.sequence, flush=True)
        made.hand_over()
        told += 1
        print(made.issuance.id, made.sequence, flush=True)
"""


def record_until_killed(path: Path, run: int, after: int) -> dict[str, int]:
    """Kill a recording station once it has said ``after`` steps; return the last one it said of each issuance."""
    station = subprocess.Popen(
        [sys.executable, "-c", RECORD, str(path), f"{run:02X}", str(STEPS)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    said: dict[str, int] = {}
    with station:
        assert station.stdout is not None
        assert station.stdout.readline() == "ready\n"
        for line in station.stdout:
            if line.endswith("\n"):  # a half line was not said
                issuance, sequence = line.split()
                said[issuance] = int(sequence)
            if sum(said.values()) >= after:
                station.send_signal(signal.SIGKILL)
                after = 2 * STEPS * STEPS  # what it had said before it died still comes
    assert station.returncode == -signal.SIGKILL
    return said


def check(store: SqlStore, said: dict[str, int]) -> None:
    """Fail unless all that was said is there, and everything that is there agrees with itself."""
    for issuance_id, sequence in said.items():
        assert len(store.issuances.journal(issuance_id)) in (sequence, sequence + 1)
    journals: dict[str, int] = {}
    for entry in store.entries_for_export():
        journals[entry.issuance_id] = journals.get(entry.issuance_id, 0) + 1
        assert entry.sequence == journals[entry.issuance_id]
    blanks = {blank.issuance_id: blank.state for blank in store.cards.blanks()}
    queued = {entry.escn for entry in store.outbox.entries(limit=10 * STEPS)}
    escns = set()
    for issuance_id in journals:
        issuance = store.issuances.get(issuance_id)
        assert issuance is not None
        assert issuance == replay(issuance_id, [e.event for e in store.issuances.journal(issuance_id)])
        escns.add(issuance.escn)
        assert (store.cards.get(issuance.escn) is not None) == (not issuance.open)
        assert (issuance.escn in queued) == (not issuance.open)
        if issuance.uid:
            assert blanks[issuance_id] is (BlankState.IN_WORK if issuance.open else BlankState.USED)
    assert len(escns) == len(journals)


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")
def test_what_was_acknowledged_survives_any_kill(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    chance = random.Random(3)
    said: dict[str, int] = {}
    for run in range(8):
        said |= record_until_killed(path, run, chance.randint(1, STEPS // 3))
        with closing(open_store(path, station="next")) as store:  # not locked, not damaged
            check(store, said)
    assert sum(said.values()) > STEPS // 3
