"""A desk with two printers, of which the first dies with each card, in a process that kills itself at a chosen moment.

The moments are before and after each entry of the journal, each word with a printer, and while the second one prints.
Whoever starts it again looks into both trays, says what lies there, and goes on with what the station has open.
"""

from __future__ import annotations

import os
import traceback
from collections import Counter
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from station.domain.workflow import Event, Issuance, PrintBegun, State
from station.services.printing import reprint_reason
from station.settings import PrinterPart
from tests.helpers.desks import TestDesk, a_portrait, never, open_test_desk, quiet
from tests.helpers.killable import acknowledge
from tests.helpers.killable_printer import Fate

SECOND = PrinterPart(driver="virtual", queue="second", seconds_a_card=0.0)
NO_CHIP = {"profile": "none"}
MOMENTS = 20
"""So many moments a card has between the portrait and its hand-over, when it is begun on one printer and moves on."""


def work_at_two(folder: Path, acknowledged: Path, moment: int) -> None:
    """Settle what the last life left, finish what it began, then die at a moment of the next card."""
    with open_test_desk(folder, chip=NO_CHIP, more_printers=(SECOND,)) as bench:
        finish_at_two(bench, acknowledged)
        issuance = bench.portrayed(bench.liga)
        issuance = bench.desk.encode(issuance, cancel=never(), progress=quiet)
        fate = Fate(moment)
        _dies_with_each_card(bench)
        fate.around(bench.desk.journal, "step")
        fate.around(bench.desk.store.printer_care, "add")
        for printer in bench.desk.printers:
            for name in ("print_card", "cancel_job"):
                fate.around(printer, name)
        _on(bench, issuance, acknowledged, fate)
        os._exit(2)  # it outlived all its moments: the test counts too many


def finish_at_two(bench: TestDesk, acknowledged: Path) -> None:
    """Say of each card in doubt whether it lies in a tray, then finish every card that was begun."""
    desk = bench.desk
    bench.dial.clear()
    for doubt in desk.recovery.doubts():
        lies_there = doubt.issuance.job in _jobs_out(bench.folder)
        desk.printing.confirm(doubt.issuance.id, came_out=lies_there)
    for issuance in desk.store.issuances.open_issuances():
        _on(bench, issuance, acknowledged, Fate(10_000))


def plastic(folder: Path) -> Counter[str]:
    """Return how many finished cards each issuance has, by the first signs of its name."""
    return Counter(job.split("-")[1] for job in _jobs_out(folder))


def printer_of_two(folder: Path, acknowledged: Path, complaint: Path, moment: int, at_work: Connection) -> None:
    """Run ``work_at_two`` in a forked child; whatever goes wrong there is written down for the parent."""
    at_work.send(True)
    try:
        work_at_two(folder, acknowledged, moment)
    except BaseException:
        complaint.write_text(traceback.format_exc(), encoding="utf-8")
    finally:
        os._exit(1)


def _dies_with_each_card(bench: TestDesk) -> None:
    """Open the first printer's cover as soon as it was given a card."""
    first, step = bench.desk.printers[0].name, bench.desk.journal.step

    def stepped(issuance: Issuance, event: Event, **more: Any) -> Issuance:
        after = step(issuance, event, **more)
        if isinstance(event, PrintBegun) and event.printer == first:
            bench.dial.set("printer", "cover-open")
        return after

    bench.desk.journal.step = stepped  # type: ignore[method-assign]  # what a person does to the printer, not the journal


def _on(bench: TestDesk, issuance: Issuance, acknowledged: Path, fate: Fate) -> None:
    """Take one card from where it stands to the hand-over."""
    desk = bench.desk
    if issuance.state is State.DRAFT:
        issuance = desk.accept_portrait(issuance, a_portrait(issuance.holder_id))
    if issuance.state is State.CAPTURED:
        issuance = desk.encode(issuance, cancel=never(), progress=quiet)
    if issuance.state is State.ENCODED:
        card, reason = desk.render(issuance), reprint_reason(issuance)
        issuance = desk.printing.print_card(issuance.id, card, reason=reason, cancel=never(), progress=fate.printing)
    if issuance.state is State.PRINTED:
        issuance = desk.verify(issuance, cancel=never())
    acknowledge(acknowledged, desk.issuances.hand_over(issuance.id).escn)


def _jobs_out(folder: Path) -> list[str]:
    trays = (folder / "printer", folder / "printer-2")
    jobs = [front.parent.name for tray in trays for front in tray.rglob("front.png")]
    return [job for job in jobs if job != "spool"]
