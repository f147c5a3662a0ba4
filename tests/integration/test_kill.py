"""kill -9 at any moment: no number is lost, none is used twice, nothing is printed again without a person.

And of the cards that were handed over: none is called erased that is not, and none is somebody else's too early.
"""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import sys
import time
from collections import Counter
from contextlib import closing, suppress
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest

from station.chip.encoder import inspect
from station.chip.glance import glance
from station.domain.card import BlankState, CardState
from station.domain.workflow import JournalEntry, PrintBegun, Printed, State, replay
from station.services.upkeep import verify_known
from tests.helpers.desks import ONE_PASS, TestDesk, open_test_desk
from tests.helpers.killable import NEWER, child, forks, open_caring_desk, settle_all
from tests.helpers.killable_printer import MOMENTS, Death, finish_all, printer_child

KILLS = int(os.environ.get("STATION_KILLS") or (5000 if os.environ.get("STATION_SOAK") else 220))
CARING_KILLS = int(os.environ.get("STATION_KILLS") or (1500 if os.environ.get("STATION_SOAK") else 60))
LIVES_S = (-0.05, 0.4)
DESKS = 2
EACH = KILLS // DESKS
"""So often each desk of the first test is killed; they can be at the same time."""
SOAK = bool(os.environ.get("STATION_SOAK"))
BAD_CHIPS = (-1, 0, 30) if SOAK else (-1,)
"""The chip of the first blank works, is dead, or dies with the number on it."""
DEATHS = [Death(moment, bad) for bad in BAD_CHIPS for moment in range(0, MOMENTS, 1 if SOAK else 3)]


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9 and fork are POSIX; Windows has neither")
@pytest.mark.timeout(EACH * 2 + 120)
@pytest.mark.parametrize("number", range(DESKS))
def test_a_station_killed_at_random_points_loses_nothing_and_doubles_nothing(tmp_path: Path, number: int) -> None:
    folder, acknowledged, complaint = tmp_path / "desk", tmp_path / "acknowledged", tmp_path / "complaint"
    acknowledged.touch()
    seed = int(os.environ.get("STATION_KILL_SEED") or 20260901) + number
    chance = random.Random(seed)
    with open_test_desk(folder) as bench:
        # Everything is imported and drawn once here, so that the children spend their lives at work.
        assert bench.liga
    found_in: Counter[str] = Counter()
    context = forks()
    for _ in range(EACH):
        live_and_die((folder, acknowledged, complaint), chance.uniform(*LIVES_S), context)
        found_in.update(stands(folder))
    with open_test_desk(folder) as bench:
        settle_all(bench)
        check_the_books(bench, acknowledged.read_text(encoding="ascii").split("\n")[:-1])
        cards = len(bench.desk.store.cards.of_holder(bench.liga.id))
    print(f"\n{EACH} kills, seed {seed}: {cards} cards for the first holder; open issuances were found in {found_in}")
    assert len(found_in) >= 3, f"the kills did not reach enough different moments: {found_in}"


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9 and fork are POSIX; Windows has neither")
@pytest.mark.timeout(CARING_KILLS * 3 + 120)
def test_a_station_killed_while_it_renews_and_erases_leaves_books_that_add_up(tmp_path: Path) -> None:
    folder, acknowledged, complaint = tmp_path / "desk", tmp_path / "acknowledged", tmp_path / "complaint"
    acknowledged.touch()
    seed = int(os.environ.get("STATION_KILL_SEED") or 20260902)
    chance = random.Random(seed)
    with open_caring_desk(folder) as bench:
        assert bench.liga
    found_in: Counter[str] = Counter()
    context = forks()
    for _ in range(CARING_KILLS):
        live_and_die((folder, acknowledged, complaint), chance.uniform(0.0, LIVES_S[1]), context, caring=True)
        found_in.update(stands(folder))
    with open_caring_desk(folder) as bench:
        settle_all(bench)
        check_the_journal(bench)
        check_the_cards(bench, acknowledged.read_text(encoding="ascii").split("\n")[:-1])
    print(f"\n{CARING_KILLS} kills, seed {seed}: open acts were found in {found_in}")
    assert {"handed_over+renew", "handed_over+erase"} & set(found_in), f"the kills missed what is tested: {found_in}"


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9 and fork are POSIX; Windows has neither")
@pytest.mark.timeout(len(DEATHS) * 10 + 120)
def test_a_printer_with_an_encoder_killed_at_each_moment_doubles_nothing(tmp_path: Path) -> None:
    folder, acknowledged, complaint = tmp_path / "desk", tmp_path / "acknowledged", tmp_path / "complaint"
    acknowledged.touch()
    with open_test_desk(folder, **ONE_PASS) as bench:
        assert bench.liga
    found_in: Counter[str] = Counter()
    context = forks()
    for death in DEATHS:
        at_work, tell = context.Pipe(duplex=False)
        station = context.Process(target=printer_child, args=(folder, acknowledged, complaint, tell, death))
        station.start()
        station.join(60)
        assert station.exitcode == -signal.SIGKILL, (death, complaint.exists() and complaint.read_text("utf-8"))
        station.close()
        at_work.close()
        tell.close()
        found_in.update(stands(folder))
    with open_test_desk(folder, **ONE_PASS) as bench:
        finish_all(bench, acknowledged)
        check_the_journal(bench)
        check_the_blanks(bench)
        told = dict(line.split() for line in acknowledged.read_text(encoding="ascii").split("\n")[:-1])
        assert {card.escn for card in bench.desk.store.cards.each()} >= set(told)
        for escn, uid in list(told.items())[:20]:
            check_the_plastic(bench, uid, escn)
    print(f"\n{len(DEATHS)} deaths: {len(told)} cards; open issuances were found in {found_in}")
    assert {"captured+encode", "encoded+print"} <= set(found_in), f"the deaths missed moments: {found_in}"


def check_the_blanks(bench: TestDesk) -> None:
    """Each blank is one card's, or was lost; no plastic is printed twice without somebody having said why."""
    store = bench.desk.store
    assert not store.issuances.open_issuances()
    fates = Counter(blank.state for blank in store.cards.blanks())
    cards = list(store.cards.each())
    assert fates[BlankState.USED] == len(cards)
    assert fates[BlankState.IN_WORK] == fates[BlankState.IN_DOUBT] == 0, "all is settled"
    assert len({card.uid for card in cards}) == len(cards), "no chip twice"


def live_and_die(
    life: tuple[Path, Path, Path], seconds: float, context: ForkServerContext, *, caring: bool = False
) -> None:
    """Fork a station, kill it after ``seconds`` at work (or, when they are negative, after as many since its birth).

    They are seconds of a processor: on a busy machine each life reaches as far as on an idle one.
    """
    at_work, tell = context.Pipe(duplex=False)
    station = context.Process(target=child, args=(*life, tell), kwargs={"caring": caring})
    station.start()
    assert station.pid is not None
    born_s = processor_s(station.pid)
    if seconds > 0:
        at_work.poll(60)
        born_s = processor_s(station.pid)
    while (left_s := abs(seconds) - processor_s(station.pid) + born_s) > 0 and station.exitcode is None:
        station.join(max(left_s, 0.001))
    station.kill()
    station.join()
    assert station.exitcode == -signal.SIGKILL, life[2].read_text(encoding="utf-8")
    station.close()
    at_work.close()
    tell.close()


def processor_s(pid: int) -> float:
    """Return how long a processor has worked for another process; where that can't be asked, the time that passes."""
    if sys.platform != "linux":
        return time.monotonic()
    with suppress(OSError):  # it has ended, which its exit code tells
        return time.clock_gettime((~pid << 3) | 2)  # what clock_getcpuclockid(3) makes of the number
    return 0.0


def stands(folder: Path) -> list[str]:
    """Return where the open issuances stand that the kill left behind."""
    # Looked at from outside, so that this look settles nothing.
    with closing(sqlite3.connect(folder / "demo.db")) as database:
        rows = database.execute("select state, pending from issuances where not closed")
        found = [f"{state}+{pending}" if pending else state for state, pending in rows]
    return found or ["between two cards"]


def check_the_journal(bench: TestDesk) -> None:
    store = bench.desk.store
    by_issuance: dict[str, list[JournalEntry]] = {}
    for entry in store.entries_for_export():
        by_issuance.setdefault(entry.issuance_id, []).append(entry)
    numbers = []
    for issuance_id, journal in by_issuance.items():
        assert [e.sequence for e in journal] == list(range(1, len(journal) + 1))
        replayed = replay(issuance_id, [e.event for e in journal])
        assert replayed == store.issuances.get(issuance_id), "the journal and the record say the same"
        numbers.append(replayed.escn)
        prints = [e.event for e in journal if isinstance(e.event, PrintBegun)]
        assert all(p.reason is not None for p in prints[1:]), "a second print had a reason"
        assert sum(isinstance(e.event, Printed) for e in journal) <= 1
    assert len(set(numbers)) == len(numbers), "no number twice"


def check_the_cards(bench: TestDesk, acknowledged: list[str]) -> None:
    """What was said to be done is done, on the record and on the plastic; what was not said may be one step ahead."""
    store, cards = bench.desk.store, list(bench.desk.store.cards.each())
    known = {card.escn: card for card in cards}
    for escn, what in (line.split() for line in acknowledged):
        assert what != "returned" or known[escn].state is CardState.RETURNED
        assert what != "renewed" or known[escn].chip_profile == NEWER
    for card in cards:
        issuance = store.issuances.get(card.issuance_id)
        assert issuance is not None
        assert (issuance.state is State.ERASED) == (card.state is CardState.RETURNED)
        assert (issuance.chip_profile, issuance.key_versions) == (card.chip_profile, card.key_versions)
    in_use = [card for card in cards if card.state is not CardState.RETURNED]
    being_made = {issuance.uid for issuance in store.issuances.open_issuances() if issuance.uid}
    owned = [card.uid for card in in_use]
    assert len(set(owned)) == len(owned), "no chip is two people's"
    assert not being_made & set(owned)
    for card in in_use:
        check_the_plastic(bench, card.uid or "", card.escn)
        with bench.desk.devices.readers.open_card(bench.desk.devices.readers.list_readers()[0].name) as connection:
            verify_known(bench.desk, connection, bench.desk.making.chip_profile_named(card.chip_profile))
    stock = [blank.uid for blank in store.cards.blanks(BlankState.IN_STOCK) if blank.cause == "erased"]
    for uid in stock:
        assert bench.tray.put(uid or "")
        with bench.desk.devices.readers.open_card(bench.desk.devices.readers.list_readers()[0].name) as connection:
            assert glance(connection).blank, "an erased card is empty"
    assert len({card.uid for card in cards}) < len(cards), "erased cards were used again"
    assert len(stock) + len(owned) + len(being_made) == len(store.cards.blanks()), "the plastic adds up"


def check_the_books(bench: TestDesk, acknowledged: list[str]) -> None:
    store = bench.desk.store
    check_the_journal(bench)

    told = dict(line.split() for line in acknowledged)
    for escn, uid in told.items():
        card = store.cards.get(escn)
        assert card is not None, "a hand-over that was acknowledged is there"
        assert card.uid == uid
    issued = [c for h in (bench.liga, bench.martins) for c in store.cards.of_holder(h.id)]
    assert set(told) <= {c.escn for c in issued}
    assert len(issued) - len(told) <= EACH, "only a card killed between record and acknowledgement may be ahead"
    for holder in (bench.liga, bench.martins):
        active = [c for c in store.cards.of_holder(holder.id) if c.state is CardState.ACTIVE]
        assert len(active) <= 1, "one active card a holder"

    queued = Counter(e.escn for e in store.outbox.entries(unfinished=False, limit=1_000_000))
    # Person, card and picture once each; and the card once more when another has taken its place.
    assert queued == Counter({c.escn: 3 + (c.state is CardState.REPLACED) for c in issued}), "told once, no more"

    uids = [c.uid for c in issued]
    assert len(set(uids)) == len(uids), "no chip twice"
    for card in issued[:40]:
        assert card.uid is not None
        check_the_plastic(bench, card.uid, card.escn)
    used = Counter(b.state for b in store.cards.blanks())
    assert used[BlankState.USED] == len(issued)
    open_physical = [i for i in store.issuances.open_issuances() if i.physical]
    assert used[BlankState.IN_WORK] + used[BlankState.IN_DOUBT] == len(open_physical), "the blanks add up"
    assert all(i.state is not State.SPOILED for i in open_physical)


def check_the_plastic(bench: TestDesk, uid: str, escn: str) -> None:
    """The chip says what the record says."""
    assert bench.tray.put(uid)
    readers = bench.desk.devices.readers
    with readers.open_card(readers.list_readers()[0].name) as connection:
        assert inspect(connection).escn == escn
