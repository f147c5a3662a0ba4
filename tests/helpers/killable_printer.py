"""A desk whose printer writes the chips, in a process that kills itself at a chosen moment of a card.

The moments are before and after each entry of the journal, each movement of a card in the printer, and while it prints:
wherever power can fail. The person who starts it again presses what the screen offers, and nothing else.
"""

from __future__ import annotations

import os
import signal
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from station.app.tray import ENCODER_NAME
from station.domain.errors import ChipUnsuitableError
from station.domain.holder import Holder
from station.domain.workflow import Issuance, State
from tests.helpers.desks import ONE_PASS, TestDesk, a_portrait, open_test_desk, quiet
from tests.helpers.killable import acknowledge, settle_all

MOMENTS = 25
"""So many moments a card has, from the first entry of its journal to the hand-over."""


@dataclass(frozen=True)
class Death:
    """When the station dies, and after how many commands the chip of the first blank has failed before; -1: never."""

    moment: int
    bad_chip: int = -1


class Fate:
    """Counts moments, and kills this very process at the last."""

    def __init__(self, moments: int) -> None:
        self._left = moments

    def printing(self, step: str, _share: float) -> None:
        """Live through a moment of the print; the chip's are too many, and others try them."""
        if step == "printing":
            self.here()

    def here(self) -> None:
        """Live through one moment, or don't."""
        self._left -= 1
        if self._left < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, thing: Any, name: str) -> None:
        """Count a moment before and after each call of a method."""
        original: Callable[..., object] = getattr(thing, name)

        def counted(*args: object, **kwargs: object) -> object:
            self.here()
            result = original(*args, **kwargs)
            self.here()
            return result

        setattr(thing, name, counted)


def work_in_printer(folder: Path, acknowledged: Path, death: Death) -> None:
    """Settle what the last life left, finish what it began, then die at a moment of the next card."""
    with open_test_desk(folder, **ONE_PASS) as bench:
        finish_all(bench, acknowledged)
        fate, feeder = Fate(death.moment), bench.desk.devices.printer.feeder
        fate.around(bench.desk.journal, "step")
        for name in ("load", "eject", "reject"):
            fate.around(feeder, name)
        if death.bad_chip >= 0:
            bench.tray.readers.pull_after(death.bad_chip, reader=ENCODER_NAME)
        for holder in (bench.liga, bench.martins):
            make_card(bench, holder, acknowledged, fate.printing)
        os._exit(2)  # it outlived all its moments: the test counts too many


def finish_all(bench: TestDesk, acknowledged: Path) -> None:
    """Settle every doubt, then finish every card that was begun: first the one that is in the printer."""
    desk = bench.desk
    assert desk.one_pass is not None
    settle_all(bench)
    inside = desk.one_pass.whose(threading.Event())
    begun = [i for i in desk.store.issuances.open_issuances() if inside is None or i.id != inside.id]
    if inside is not None and inside.open:
        begun.insert(0, inside)
    for issuance in begun:
        make_card(bench, desk.issuances.holder(issuance), acknowledged, quiet)


def make_card(bench: TestDesk, holder: Holder, acknowledged: Path, told: Callable[[str, float], None]) -> None:
    """Take one card from where it stands to the hand-over."""
    desk, never = bench.desk, threading.Event()
    issuance = desk.begin(holder)
    if issuance.state is State.DRAFT:
        issuance = desk.accept_portrait(issuance, a_portrait(holder.id))
    if issuance.state in (State.CAPTURED, State.ENCODED):
        issuance = _in_printer(bench, issuance, told)
    if issuance.state is State.PRINTED:
        issuance = desk.verify(issuance, cancel=never)
    if issuance.state is State.VERIFIED:
        card = desk.issuances.hand_over(issuance.id)
        acknowledge(acknowledged, f"{card.escn} {card.uid}")


def _in_printer(bench: TestDesk, issuance: Issuance, told: Callable[[str, float], None]) -> Issuance:
    try:
        return bench.desk.make_in_printer(issuance, cancel=threading.Event(), progress=told)
    except ChipUnsuitableError:
        # A finished card that the dead station never saw leave: it has been put out now, so the same once more.
        return bench.desk.make_in_printer(issuance, cancel=threading.Event(), progress=told)


def printer_child(folder: Path, acknowledged: Path, complaint: Path, at_work: Connection, death: Death) -> None:
    """Run ``work_in_printer`` in a forked child; whatever goes wrong there is written down for the parent."""
    at_work.send(True)
    try:
        work_in_printer(folder, acknowledged, death)
    except BaseException:
        complaint.write_text(traceback.format_exc(), encoding="utf-8")
    finally:
        os._exit(1)
