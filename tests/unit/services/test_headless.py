"""One card without a window."""

from __future__ import annotations

from pathlib import Path

import pytest

from station.domain.errors import CardRemovedError, WorkflowError
from station.domain.workflow import PrintBegun, State
from station.resources import asset
from station.services.headless import HeadlessRun
from tests.helpers.desks import TestDesk


def a_run(bench: TestDesk, tmp_path: Path, *, came_out: bool = True) -> HeadlessRun:
    return HeadlessRun(bench.desk, tmp_path / "out", came_out=lambda _: came_out, offline=True)


def test_a_card_goes_the_whole_way_and_says_how_long_it_took(bench: TestDesk, tmp_path: Path) -> None:
    report = a_run(bench, tmp_path).issue(bench.liga)
    assert report.card is not None
    assert report.issuance is not None
    assert report.issuance.state is State.HANDED_OVER
    assert Path(report.front).read_bytes().startswith(b"\x89PNG")
    assert Path(report.back).exists()
    assert report.qr.endswith(report.card.escn)
    assert report.job is not None
    assert Path(report.job.proof).exists()
    assert {"total", "capture", "encode", "render", "print"} <= set(report.seconds)


def test_the_portrait_may_come_from_a_file(bench: TestDesk, tmp_path: Path) -> None:
    portrait = bench.desk.store.portraits
    picture = next(iter(sorted(asset("demo", "portraits").glob("*.jpg")))).read_bytes()
    a_run(bench, tmp_path).issue(bench.liga, picture)
    last = portrait.last_of(bench.liga.id)
    assert last is not None
    assert last.source.value == "file"


def test_a_card_that_stopped_half_way_is_gone_on_with(bench: TestDesk, tmp_path: Path) -> None:
    run = a_run(bench, tmp_path)
    bench.dial.set("card", "pulled", 18)
    with pytest.raises(CardRemovedError):
        run.issue(bench.liga)
    (begun,) = bench.desk.store.issuances.open_issuances()
    bench.dial.clear()
    report = run.issue(bench.liga)
    assert report.card is not None
    assert report.card.escn == begun.escn


def test_a_card_that_did_not_come_out_is_said_and_not_handed_over(bench: TestDesk, tmp_path: Path) -> None:
    issuance = bench.encoded()
    bench.desk.journal.step(issuance, PrintBegun("elsewhere-1", "printer"))
    with pytest.raises(WorkflowError, match="did not come out"):
        a_run(bench, tmp_path, came_out=False).issue(bench.liga)
    assert bench.desk.journal.issuance(issuance.id).state is State.ENCODED
