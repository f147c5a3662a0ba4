"""kill -9 at each step of a card that moves from a dying printer to the next: one card, one number, one plastic."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

from station.domain.workflow import PrintBegun, Printed, PrintStopped, State, replay
from tests.helpers.desks import open_test_desk
from tests.helpers.killable import forks
from tests.helpers.killable_pool import MOMENTS, NO_CHIP, SECOND, finish_at_two, plastic, printer_of_two

SOAK = bool(os.environ.get("STATION_SOAK"))
DEATHS = [*range(MOMENTS)] * 3 if SOAK else [*range(0, MOMENTS, 2)]
"""What comes after one act is what comes before the next: every other moment has each state once."""


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9 and fork are POSIX; Windows has neither")
@pytest.mark.timeout(MOMENTS * 10 + 120)
def test_a_failover_killed_at_each_step_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    folder, acknowledged, complaint = tmp_path / "desk", tmp_path / "acknowledged", tmp_path / "complaint"
    acknowledged.touch()
    with open_test_desk(folder, chip=NO_CHIP, more_printers=(SECOND,)) as bench:
        assert bench.liga
    context = forks()
    for moment in DEATHS:
        at_work, tell = context.Pipe(duplex=False)
        station = context.Process(target=printer_of_two, args=(folder, acknowledged, complaint, moment, tell))
        station.start()
        station.join(60)
        assert station.exitcode == -signal.SIGKILL, (moment, complaint.exists() and complaint.read_text("utf-8"))
        station.close()
        at_work.close()
        tell.close()
    with open_test_desk(folder, chip=NO_CHIP, more_printers=(SECOND,)) as bench:
        finish_at_two(bench, acknowledged)
        store = bench.desk.store
        numbers = [card.escn for card in store.cards.each()]
        told = acknowledged.read_text(encoding="ascii").split()
        assert set(told) <= set(numbers)
        assert len(set(numbers)) == len(numbers) == len(DEATHS)
        events: dict[str, list[object]] = {}
        came_out = plastic(folder)
        for entry in store.entries_for_export():
            events.setdefault(entry.issuance_id, []).append(entry.event)
        for issuance_id, journal in events.items():
            assert replay(issuance_id, journal).state is State.HANDED_OVER  # type: ignore[arg-type]  # they are events
            assert came_out[issuance_id[:12]] == 1, "each card came out once"
            prints = [event for event in journal if isinstance(event, PrintBegun)]
            assert all(event.reason is not None for event in prints[1:])
            assert sum(isinstance(event, Printed) for event in journal) == 1
            assert sum(isinstance(event, PrintStopped) for event in journal) == len(prints) - 1
        moved = [j for j in events.values() if len({e.printer for e in j if isinstance(e, PrintBegun)}) == 2]
        assert len(moved) >= len(DEATHS) // 2, "cards were begun on one printer and came out of the other"
