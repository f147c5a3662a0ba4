"""What is laid for the window on a lane of its own arrives whole, and what it decides is looked at ahead."""

from __future__ import annotations

import threading
from dataclasses import replace

from station.ports.tasks import Lane
from station.services.reconcile import Finding, Group
from station.ui.viewmodels.reconcile import ReconcileModel
from station.ui.viewmodels.reconcile_list import FindingList, Mark
from tests.helpers.window import Bench

COUNT = 20_000


def finding(number: int, group: Group = Group.MISSING_THERE) -> Finding:
    return Finding(group, f"8c1b1d10-a311-103f-8001-{number:012d}", f"Name {number}")


def test_nothing_gets_lost_between_the_lane_and_the_list(bench: Bench) -> None:
    model, ended = bench.models.reconcile, threading.Event()

    def lay(_cancel: threading.Event) -> None:
        for number in range(COUNT):
            model._lay(finding(number))

    bench.tasks.run(Lane.COMPARE, lay, done=lambda _none: ended.set())
    while not ended.is_set():
        bench.qtbot.wait(1)
        model._take()  # far more often than the window does
    model._take()
    assert model.findings.rowCount() == COUNT
    assert [model.findings.line(row).finding.name for row in (0, COUNT - 1)] == ["Name 0", f"Name {COUNT - 1}"]


def test_what_can_t_be_queued_is_told_apart_and_nothing_is_written(bench: Bench) -> None:
    model, desk = bench.models.reconcile, bench.hands.desk
    card = desk.issuances.hand_over(bench.hands.verified().id)
    waiting = desk.store.outbox.summary().waiting
    ours = Finding(Group.DIFFERS, card.escn)  # waits already, as the router is away
    strange = Finding(Group.MISSING_HERE, finding(1).escn, esi="urn:schac:personalUniqueCode:int:esi:x:1", pic="1")
    model.findings.put([ours, strange])
    model.look_ahead([model.findings.line(0), model.findings.line(1)])
    bench.until(lambda: model.dry_run is not None and not model.busy)
    assert model.dry_run is not None
    assert [line.finding for line in model.dry_run.left] == [ours]
    assert [line.finding for line in model.dry_run.lines] == [strange]
    assert model.dry_run.deletes
    assert desk.store.outbox.summary().waiting == waiting
    model.queue()
    bench.until(lambda: not model.busy)
    assert desk.store.outbox.summary().waiting == waiting + 1
    assert [model.findings.line(row).mark for row in (0, 1)] == [None, Mark.QUEUED]
    model.look_ahead([model.findings.line(1)])
    assert not model.busy, "what was decided is decided"


def test_there_is_nothing_to_compare_where_nothing_is_registered(bench: Bench) -> None:
    off = replace(bench.hands.desk.settings.router, enabled=False)
    settings = replace(bench.hands.desk.settings, router=off)
    object.__setattr__(bench.hands.desk, "settings", settings)
    model = ReconcileModel(bench.hands.desk, bench.tasks)
    model.compare()
    bench.until(lambda: model.error is not None)
    assert model.error is not None
    assert "not registered" in model.error.what
    assert not model.whole


def test_a_list_of_one_group_grows_by_its_own() -> None:
    findings = FindingList()
    findings.put([finding(1), finding(2, Group.DIFFERS)])
    findings.show_group(Group.DIFFERS)
    findings.put([finding(3), finding(4, Group.DIFFERS), finding(5, Group.ELSEWHERE)])
    assert [line.finding.name for line in findings.lines(0, 9)] == ["Name 2", "Name 4"]
    assert findings.count(None) == 5
    assert (findings.rowCount(findings.index(0, 0)), findings.columnCount(findings.index(0, 0))) == (0, 0)
    findings.show_group(None)
    assert findings.rowCount() == 5
    findings.clear()
    assert findings.rowCount() == findings.count(Group.DIFFERS) == 0
