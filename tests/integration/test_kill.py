"""kill -9 at any moment: no number is lost, none is used twice, nothing is printed again without a person."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import sys
from collections import Counter
from contextlib import closing
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest

from station.chip.encoder import inspect
from station.domain.card import BlankState, CardState
from station.domain.workflow import JournalEntry, PrintBegun, Printed, State, replay
from tests.helpers.desks import TestDesk, open_test_desk
from tests.helpers.killable import child, forks, settle_all

KILLS = int(os.environ.get("STATION_KILLS") or (5000 if os.environ.get("STATION_SOAK") else 220))
LIVES_S = (-0.05, 0.4)


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9 and fork are POSIX; Windows has neither")
@pytest.mark.timeout(KILLS * 2 + 120)
def test_a_station_killed_at_random_points_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    folder, acknowledged, complaint = tmp_path / "desk", tmp_path / "acknowledged", tmp_path / "complaint"
    acknowledged.touch()
    seed = int(os.environ.get("STATION_KILL_SEED") or 20260901)
    chance = random.Random(seed)
    with open_test_desk(folder) as bench:
        # Everything is imported and drawn once here, so that the children spend their lives at work.
        assert bench.liga
    found_in: Counter[str] = Counter()
    context = forks()
    for _ in range(KILLS):
        live_and_die((folder, acknowledged, complaint), chance.uniform(*LIVES_S), context)
        found_in.update(stands(folder))
    with open_test_desk(folder) as bench:
        settle_all(bench)
        check_the_books(bench, acknowledged.read_text(encoding="ascii").split("\n")[:-1])
        cards = len(bench.desk.store.cards.of_holder(bench.liga.id))
    print(f"\n{KILLS} kills, seed {seed}: {cards} cards for the first holder; open issuances were found in {found_in}")
    assert len(found_in) >= 3, f"the kills did not reach enough different moments: {found_in}"


def live_and_die(life: tuple[Path, Path, Path], seconds: float, context: ForkServerContext) -> None:
    """Fork a station, kill it after ``seconds`` at work (or, when they are negative, after as many since its birth)."""
    at_work, tell = context.Pipe(duplex=False)
    station = context.Process(target=child, args=(*life, tell))
    station.start()
    if seconds > 0:
        at_work.poll(60)
    station.join(abs(seconds))
    station.kill()
    station.join()
    assert station.exitcode == -signal.SIGKILL, life[2].read_text(encoding="utf-8")
    station.close()
    at_work.close()
    tell.close()


def stands(folder: Path) -> list[str]:
    """Return where the open issuances stand that the kill left behind."""
    # Looked at from outside, so that this look settles nothing.
    with closing(sqlite3.connect(folder / "demo.db")) as database:
        rows = database.execute("select state, pending from issuances where state not in ('handed_over', 'spoiled')")
        found = [f"{state}+{pending}" if pending else state for state, pending in rows]
    return found or ["between two cards"]


def check_the_books(bench: TestDesk, acknowledged: list[str]) -> None:
    store = bench.desk.store
    entries = list(store.entries_for_export())
    by_issuance: dict[str, list[JournalEntry]] = {}
    for entry in entries:
        by_issuance.setdefault(entry.issuance_id, []).append(entry)

    numbers = []
    for issuance_id, journal in by_issuance.items():
        assert [e.sequence for e in journal] == list(range(1, len(journal) + 1))
        replayed = replay(issuance_id, [e.event for e in journal])
        assert replayed == store.issuances.get(issuance_id), "the journal and the record say the same"
        numbers.append(replayed.escn)
        prints = [e.event for e in journal if isinstance(e.event, PrintBegun)]
        assert all(p.reason is not None for p in prints[1:]), "a second print had a reason"
        assert sum(isinstance(e.event, Printed) for e in journal) <= 1
    assert len(set(numbers)) == len(numbers), "no number twice"

    told = dict(line.split() for line in acknowledged)
    for escn, uid in told.items():
        card = store.cards.get(escn)
        assert card is not None, "a hand-over that was acknowledged is there"
        assert card.uid == uid
    issued = [c for h in (bench.liga, bench.martins) for c in store.cards.of_holder(h.id)]
    assert set(told) <= {c.escn for c in issued}
    assert len(issued) - len(told) <= KILLS, "only a card killed between record and acknowledgement may be ahead"
    for holder in (bench.liga, bench.martins):
        active = [c for c in store.cards.of_holder(holder.id) if c.state is CardState.ACTIVE]
        assert len(active) <= 1, "one active card a holder"

    queued = Counter(e.escn for e in store.outbox.entries(unfinished=False, limit=1_000_000))
    assert queued == Counter({c.escn: 3 for c in issued}), "each card is told once: person, card, picture"

    uids = [c.uid for c in issued]
    assert len(set(uids)) == len(uids), "no chip twice"
    for card in issued[:40]:
        assert card.uid is not None
        check_the_plastic(bench, card.uid, card.escn)
    used = Counter(b.state for b in store.cards.blanks())
    assert used[BlankState.USED] == len(issued)
    open_physical = [i for i in store.issuances.open_issuances() if i.physical]
    assert used[BlankState.IN_WORK] + used[BlankState.IN_DOUBT] == len(open_physical), "the blanks add up"
    assert all(i.state is not State.SPOILED for i in open_physical)


def check_the_plastic(bench: TestDesk, uid: str, escn: str) -> None:
    """The chip says what the record says."""
    assert bench.tray.put(uid)
    readers = bench.desk.devices.readers
    with readers.open_card(readers.list_readers()[0].name) as connection:
        assert inspect(connection).escn == escn
