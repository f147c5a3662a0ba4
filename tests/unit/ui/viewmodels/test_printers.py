"""The printers' state on the screen as soon as it changes, and what became of their cards when somebody looks."""

from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from station.domain.print_care import CareAct
from station.domain.workflow import State
from station.services.health import HealthState
from station.settings import PrinterPart
from station.ui.viewmodels.printers import ASK_EVERY_MS, PrintersModel
from tests.helpers.window import Bench, a_bench


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


def test_of_several_the_one_where_somebody_has_to_go_is_shown(qtbot: QtBot, tmp_path: Path) -> None:
    with a_bench(qtbot, tmp_path / "desk", more_printers=(PrinterPart(driver="virtual", queue="Second"),)) as bench:
        devices, printers, dial = bench.models.devices, bench.models.printers, bench.hands.dial
        devices.ask()
        bench.until(lambda: devices.of("printer") is not None and not devices.asking)
        shown: list[str] = []
        devices.changed.connect(lambda: shown.append(str(h.message.msgid) if (h := devices.of("printer")) else ""))
        printers.start()
        dial.set("printer-2", "jam")  # nobody asks all the devices from here on
        bench.until(lambda: shown)
        dial.set("printer", "cover-open")
        bench.until(lambda: len(shown) == 2)
        dial.clear("printer")
        bench.until(lambda: len(shown) == 3)
        dial.clear("printer-2")
        bench.until(lambda: len(shown) == 4)
        printers.stop()
        assert shown == ["a card is stuck", "the cover is open", "a card is stuck", "ribbon {percent} %"]


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
