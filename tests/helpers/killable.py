"""A desk at work in a process that is killed at any moment, and the person who starts it again.

``work`` is what the child does until it is killed: settle what the last life left in doubt, finish what was begun, and
go on to the next holder. It only uses what a person at the desk has: the cards, the printer's tray, the screen.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
import traceback
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from pathlib import Path

import numpy as np
from PIL import Image

from station.domain.holder import Holder
from station.domain.workflow import Issuance, ReprintReason, State
from station.photo.qr import read_qr
from station.services.recovery import Doubt, Need
from tests.helpers.desks import TestDesk, a_portrait, open_test_desk, quiet


def work(folder: Path, acknowledged: Path, at_work: Connection) -> None:
    """Work until killed; every number whose hand-over was acknowledged is appended to ``acknowledged``, durably."""
    with open_test_desk(folder) as bench:
        at_work.send(True)
        settle_all(bench)
        while True:
            for holder in (bench.liga, bench.martins):
                make_card(bench, holder, acknowledged)


def settle_all(bench: TestDesk) -> None:
    """Settle every doubt, as the screen asks."""
    for doubt in bench.desk.recovery.doubts():
        settle(bench, doubt)
    assert bench.desk.recovery.doubts() == ()


def settle(bench: TestDesk, doubt: Doubt) -> None:
    """Put the card on the reader, or look into the printer's tray."""
    desk, issuance = bench.desk, doubt.issuance
    if doubt.need is Need.CARD_ON_READER:
        desk.settle_chip(issuance, cancel=threading.Event(), progress=quiet)
        return
    seen = qr_of_what_came_out(bench, issuance)
    if seen is None:
        desk.printing.confirm(issuance.id, came_out=False)
    else:
        desk.settle_print(issuance, seen, cancel=threading.Event())


def qr_of_what_came_out(bench: TestDesk, issuance: Issuance) -> str | None:
    """Scan the card that lies in the printer's tray for this job; ``None`` when there is none."""
    tray = bench.folder / "printer"
    for front in tray.rglob("front.png"):
        if issuance.job in str(front):
            text = read_qr(np.asarray(Image.open(front).convert("RGB")))
            assert text is not None, "what came out of the printer carries a QR that can be read"
            return text
    return None


def make_card(bench: TestDesk, holder: Holder, acknowledged: Path) -> None:
    """Take one card from where it stands to the hand-over."""
    desk, never = bench.desk, threading.Event()
    issuance = desk.begin(holder)
    if issuance.state is State.DRAFT:
        issuance = desk.accept_portrait(issuance, a_portrait(holder.id))
    if issuance.state is State.CAPTURED:
        issuance = desk.encode(issuance, cancel=never, progress=quiet)
    if issuance.state is State.ENCODED and issuance.pending is None:
        reason = ReprintReason.NOTHING_CAME_OUT if issuance.prints else None
        card = desk.render(issuance)
        issuance = desk.printing.print_card(issuance.id, card, reason=reason, cancel=never, progress=quiet)
    if issuance.state is State.PRINTED:
        issuance = desk.verify(issuance, cancel=never)
    if issuance.state is State.VERIFIED:
        card_record = desk.issuances.hand_over(issuance.id)
        with acknowledged.open("a", encoding="ascii") as file:
            file.write(f"{card_record.escn} {card_record.uid}\n")
            file.flush()
            os.fsync(file.fileno())


def child(folder: Path, acknowledged: Path, complaint: Path, at_work: Connection) -> None:
    """Run ``work`` in a forked child; whatever goes wrong there is written down for the parent."""
    try:
        work(folder, acknowledged, at_work)
    except BaseException:
        complaint.write_text(traceback.format_exc(), encoding="utf-8")
    finally:
        os._exit(1)


def forks() -> ForkServerContext:
    """Return a way to fork children from a clean process that has everything imported and no threads."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.helpers.killable_warm"])
    return context
