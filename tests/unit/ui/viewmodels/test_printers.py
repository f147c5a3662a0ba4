"""The printers' state on the screen as soon as it changes, and what became of their cards when somebody looks."""

from __future__ import annotations

from station.domain.print_care import CareAct
from station.domain.workflow import State
from station.services.health import HealthState
from station.ui.viewmodels.printers import ASK_EVERY_MS, PrintersModel
from tests.helpers.window import Bench


def test_a_state_is_asked_for_more_than_once_a_second(bench: Bench) -> None:
    assert ASK_EVERY_MS <= 500


def test_a_changed_state_is_shown_without_waiting_for_the_other_devices(bench: Bench) -> None:
    devices, printers = bench.models.devices, bench.models.printers
    devices.ask()
    bench.until(lambda: devices.of("printer") is not None)
    bench.until(lambda: not devices.asking)
    printers.start()
    bench.hands.dial.set("printer", "jam")  # nobody asks all the devices from here on
    bench.until(lambda: (h := devices.of("printer")) is not None and h.state is HealthState.BAD)
    bench.hands.dial.clear("printer")
    bench.until(lambda: (h := devices.of("printer")) is not None and h.state is HealthState.OK)
    printers.stop()


def test_the_store_is_read_only_while_somebody_looks(bench: Bench) -> None:
    printers: PrintersModel = bench.models.printers
    bench.models.devices.changed.emit()
    assert printers.lines == ()
    issuance = bench.hands.printed()
    printers.watch(True)
    bench.until(lambda: printers.lines)
    (line,) = printers.lines
    assert line.name == bench.hands.desk.devices.printer.name
    (job,) = line.jobs
    assert (job.job.issuance.id, job.job.issuance.state) == (issuance.id, State.PRINTED)
    assert job.holder == bench.hands.liga


def test_a_new_ribbon_is_noted(bench: Bench) -> None:
    printers = bench.models.printers
    bench.hands.printed()
    printers.watch(True)
    bench.until(lambda: printers.lines)
    assert printers.lines[0].report.cards_since_ribbon is None
    printers.note(printers.lines[0].name, CareAct.RIBBON_CHANGED)
    bench.until(lambda: printers.lines[0].report.cards_since_ribbon == 0)
    printers.watch(False)
