"""A desk is killed while it merges, at one write after the other: the next start goes on where it was."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

from station.domain.card import CardState
from tests.helpers.standby import Desks, DeskScribe, ready_desks, settle

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 60

# Merges, and dies at a call of one of the two databases: which one, it is told.
MERGE = """
import os, signal, sys
from contextlib import contextmanager
from pathlib import Path
from station.adapters.standby import DeskStore
from station.adapters.store.database import Database
from tests.helpers import standby
folder, left = Path(sys.argv[1]), int(sys.argv[2])
desks = standby.Desks(folder)
desks.lines["Desk 1"] = standby.Line(cut=True)
store = desks.desk("Desk 1", copied=False)
store.tend()
desks.lines["Desk 1"].cut = False
write = Database.write
@contextmanager
def counted(self, *news):
    global left
    with write(self, *news) as connection:
        yield connection
    left -= 1
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)
Database.write = counted
standby.settle(store)
print("done", flush=True)
"""


def test_a_merge_that_is_killed_at_any_write_is_gone_on_with(tmp_path: Path) -> None:
    desks = ready_desks(tmp_path, ("id-1", "id-2"))
    rival = DeskScribe(desks, "Desk 2", holder_id="id-1", uid="04CC")
    desks.cut("Desk 1")
    mine = [DeskScribe(desks, "Desk 1", holder_id=f"id-{n}", uid=f"04A{n}") for n in (1, 2)]
    cards = [scribe.hand_over() for scribe in mine]
    rival.hand_over()
    desks.close()
    died = 0
    for at in (0, 1, 2, 5, 9, 14, 15, 20, 30):
        command = [sys.executable, "-c", MERGE, str(tmp_path), str(at)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
        died += done.returncode == -signal.SIGKILL
        assert done.returncode in (0, -signal.SIGKILL), done.stderr
        if done.returncode == 0:
            break
    assert died >= 3
    again = Desks(tmp_path)
    settle(again.desk("Desk 1", copied=False))
    found = {card.escn: card for card in again.shared.cards.each()}
    assert set(found) == {card.escn for card in (*cards, rival.card())}
    assert [card.state for card in found.values() if card.holder_id == "id-1"].count(CardState.ACTIVE) == 1
    assert len(list(again.shared.entries_for_export())) == 24
    keys = [entry.key for entry in again.shared.outbox.entries()]
    assert len(keys) == len(set(keys))
    assert again.open["Desk 1"].doubts() == ()
    again.close()
