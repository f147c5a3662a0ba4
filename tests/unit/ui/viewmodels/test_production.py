"""The steps on their lanes: what is reported, and that a failure comes with where the card stands."""

from __future__ import annotations

from station.domain.errors import StationError, WorkflowError
from station.domain.workflow import Cause, Issuance, State
from station.ui.viewmodels.production import Production
from tests.helpers.window import Bench


def test_a_step_reports_its_progress_and_its_end(bench: Bench) -> None:
    production = Production(bench.hands.desk, bench.tasks)
    told: list[tuple[str, float]] = []
    production.progressed.connect(lambda step, share: told.append((step, share)))
    with bench.qtbot.waitSignal(production.stepped) as stepped:
        begun = bench.hands.portrayed()
        production.encode(begun, bench.hands.desk.render(begun))
        assert production.busy
    assert stepped.args is not None
    assert stepped.args[0].state is State.ENCODED
    assert not production.busy
    assert told[0][1] == 0.0
    assert len({step for step, _ in told}) > 2


def test_a_failure_comes_with_the_journals_word(bench: Bench) -> None:
    production = Production(bench.hands.desk, bench.tasks)
    issuance = bench.hands.portrayed()
    with bench.qtbot.waitSignal(production.failed) as failed:
        production.confirm(issuance, came_out=True)
    error, now = failed.args or (None, None)
    assert isinstance(error, WorkflowError)
    assert now == issuance


def test_work_without_an_issuance_can_fail_too(bench: Bench) -> None:
    production = Production(bench.hands.desk, bench.tasks)

    def begin() -> Issuance:
        raise StationError(detail="no")

    with bench.qtbot.waitSignal(production.failed) as failed:
        production.run(begin)
    assert failed.args is not None
    assert failed.args[1] is None


def test_an_issuance_that_is_gone_keeps_what_was_known(bench: Bench) -> None:
    production = Production(bench.hands.desk, bench.tasks)
    unknown = Issuance("nobody")
    with bench.qtbot.waitSignal(production.failed) as failed:
        production.give_up(unknown)
    assert failed.args is not None
    assert failed.args[1] is unknown


def test_spoiling_and_beginning_again(bench: Bench) -> None:
    production = Production(bench.hands.desk, bench.tasks)
    encoded = bench.hands.encoded()
    with bench.qtbot.waitSignal(production.stepped) as spoiled:
        production.spoil(encoded, Cause.CHIP_FAILED)
    with bench.qtbot.waitSignal(production.stepped) as begun:
        production.begin_again((spoiled.args or [encoded])[0])
    assert begun.args is not None
    assert begun.args[0].escn != encoded.escn
    production.cancel()
