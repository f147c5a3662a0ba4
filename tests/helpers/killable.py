"""A desk at work in a process that is killed at any moment, and the person who starts it again.

``work`` is what the child does until it is killed: settle what the last life left in doubt, finish what was begun, and
go on to the next holder. It only uses what a person at the desk has: the cards, the printer's tray, the screen.
``care`` does the same with cards that were handed over: new keys, then erased, then somebody else's.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from pathlib import Path

import numpy as np
from PIL import Image

from station.chip.glance import glance
from station.domain.card import BlankState, CardState
from station.domain.holder import Holder
from station.domain.workflow import Issuance, PrintBegun, Printed, ReprintReason, State, Verified
from station.photo.qr import read_qr
from station.services import aftercare
from station.services.erasure import erase_card
from station.services.recovery import Doubt, Need
from station.services.upkeep import renew
from tests.helpers.chip_profiles import shipped_text
from tests.helpers.desks import TestDesk, a_portrait, open_test_desk, quiet

FIRST, NEWER = "deuinfo-unsigned", "newer-keys"
ROOM = 1024


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
    if doubt.need is not Need.PERSON_OR_QR:
        aftercare.settle(desk, issuance, cancel=threading.Event(), progress=quiet)
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
        if front.parent.name == issuance.job:  # what is still spooled has not come out
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
        acknowledge(acknowledged, f"{card_record.escn} {card_record.uid}")


def acknowledge(file: Path, line: str) -> None:
    """Keep, durably, what the station said was done."""
    with file.open("a", encoding="ascii") as kept:
        kept.write(f"{line}\n")
        kept.flush()
        os.fsync(kept.fileno())


@contextmanager
def open_caring_desk(folder: Path) -> Iterator[TestDesk]:
    """Open a desk whose cards get newer keys after the hand-over, and whose erased cards are used again."""
    profiles = folder.parent / "profiles"
    profiles.mkdir(exist_ok=True)
    newer = shipped_text(FIRST).replace(f'name = "{FIRST}"', f'name = "{NEWER}"').replace("version = 1", "version = 2")
    (profiles / f"{NEWER}.toml").write_text(newer, encoding="utf-8")
    with open_test_desk(folder, chip={"profile": FIRST, "folder": profiles}) as bench:

        def hand(issuance: Issuance) -> None:
            erased = [b for b in bench.desk.store.cards.blanks(BlankState.IN_STOCK) if b.cause == "erased"]
            if issuance.uid or not any(has_room(bench, blank.uid or "") for blank in erased):
                bench.tray.hand(issuance)

        object.__setattr__(bench.desk, "hands", hand)
        yield bench


def has_room(bench: TestDesk, uid: str) -> bool:
    """Put an erased card on the reader, and say whether another application fits on it.

    An EV1 gives the room of what was deleted back only when it is formatted: used again and again, it is full one day.
    """
    bench.tray.put(uid)
    readers = bench.desk.devices.readers
    with readers.open_card(readers.list_readers()[0].name) as connection:
        return (glance(connection).free_memory or 0) > ROOM


def make_card_unprinted(bench: TestDesk, holder: Holder, acknowledged: Path) -> None:
    """Take a card to the hand-over as if it had been printed: drawing it would take most of a life."""
    desk = bench.desk
    issuance = desk.begin(holder)
    if issuance.state is State.DRAFT:
        issuance = desk.accept_portrait(issuance, a_portrait(holder.id))
    if issuance.state is State.CAPTURED:
        issuance = desk.encode(issuance, cancel=threading.Event(), progress=quiet)
    if issuance.state is State.ENCODED:
        reason = ReprintReason.NOTHING_CAME_OUT if issuance.prints else None
        begun = desk.journal.step(issuance, PrintBegun(f"job-{issuance.prints}", "nowhere", reason))
        issuance = desk.journal.step(begun, Printed(begun.job, "person"))
    if issuance.state is State.PRINTED:
        issuance = desk.journal.step(issuance, Verified(issuance.uid, issuance.escn, issuance.escn))
    card = desk.issuances.hand_over(issuance.id)
    acknowledge(acknowledged, f"{card.escn} {card.uid}")


def care(folder: Path, acknowledged: Path, at_work: Connection) -> None:
    """Make cards, give them newer keys and erase them, until killed; what was acknowledged is appended."""
    with open_caring_desk(folder) as bench:
        desk, newer = bench.desk, bench.desk.making.chip_profile_named(NEWER)
        at_work.send(True)
        settle_all(bench)
        while True:
            for holder in (bench.liga, bench.martins):
                cards = [c for c in desk.store.cards.of_holder(holder.id) if c.state is CardState.ACTIVE]
                if not cards:
                    make_card_unprinted(bench, holder, acknowledged)
                    continue
                bench.tray.put(cards[0].uid or "")
                with desk.devices.readers.open_card(desk.devices.readers.list_readers()[0].name) as connection:
                    renew(desk, connection, cards[0], newer, cancel=threading.Event(), progress=quiet)
                    acknowledge(acknowledged, f"{cards[0].escn} renewed")
                    erase_card(desk, connection, desk.journal.issuance(cards[0].issuance_id), newer)
                    acknowledge(acknowledged, f"{cards[0].escn} returned")


def child(folder: Path, acknowledged: Path, complaint: Path, at_work: Connection, *, caring: bool = False) -> None:
    """Run ``work`` or ``care`` in a forked child; whatever goes wrong there is written down for the parent."""
    try:
        (care if caring else work)(folder, acknowledged, at_work)
    except BaseException:
        complaint.write_text(traceback.format_exc(), encoding="utf-8")
    finally:
        os._exit(1)


def forks() -> ForkServerContext:
    """Return a way to fork children from a clean process that has everything imported and no threads."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.helpers.killable_warm"])
    return context
