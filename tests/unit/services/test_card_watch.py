"""The card on the reader: whose it is, when it is looked at, and that it gives way to whoever works with a card."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from station.chip.glance import glance
from station.chip.virtual_card.desfire import VirtualDesfire
from station.chip.virtual_card.kinds import new_card
from station.domain.aftercare import EraseBegun, Erased, RenewBegun
from station.domain.card import CardState
from station.domain.errors import Cancelled, CardRemovedError
from station.domain.workflow import Cause
from station.ports.chip import ReaderEvent, ReaderRole
from station.services.card_watch import CardWatch, Presence, SeenCard, Standing, Stoppable
from tests.helpers.chip import OTHER_ESCN, Direct, demo_profile, run_encode
from tests.helpers.chip_profiles import hiding
from tests.helpers.desks import TestDesk, never, open_test_desk, quiet

DEADLINE_S = 20.0


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[TestDesk]:
    with open_test_desk(tmp_path / "desk") as desk:
        yield desk


class News:
    """What was reported, and a way to wait for it."""

    def __init__(self, watch: CardWatch) -> None:
        self.all: list[Presence] = []
        self._changed = threading.Condition()
        self.stop = watch.start(self._heard)

    def _heard(self, presence: Presence) -> None:
        with self._changed:
            self.all.append(presence)
            self._changed.notify_all()

    def until(self, **wanted: object) -> Presence:
        """Return the first report with these values."""

        def found() -> Presence | None:
            fits = (p for p in self.all if all(getattr(p, name) == value for name, value in wanted.items()))
            return next(fits, None)

        with self._changed:
            assert self._changed.wait_for(found, DEADLINE_S), (wanted, self.all)
            presence = found()
            assert presence is not None
            return presence


@pytest.fixture
def news(bench: TestDesk) -> Iterator[News]:
    made = News(bench.desk.card_watch)
    yield made
    made.stop()


def look(bench: TestDesk) -> SeenCard:
    (reader,) = [each.name for each in bench.desk.devices.readers.list_readers() if each.card_present]
    return bench.desk.card_watch.look(reader, cancel=never())


def put(bench: TestDesk, card: object) -> None:
    bench.tray.readers.insert(card)  # type: ignore[arg-type]


# --- whose it is --------------------------------------------------------------------------------------------------


def test_a_card_that_was_made_here_names_its_holder(bench: TestDesk) -> None:
    issuance = bench.encoded()
    seen = look(bench)
    assert (seen.standing, seen.holder, seen.issuance) == (Standing.IN_WORK, bench.liga, issuance)
    bench.desk.issuances.hand_over(bench.verified(bench.martins).id)
    seen = look(bench)
    assert (seen.standing, seen.card and seen.card.state) == (Standing.OURS, CardState.ACTIVE)
    assert [str(each) for each in seen.contents] == ["European Student Card (data zone)"]


def test_blanks_and_strange_cards_are_told_apart(bench: TestDesk) -> None:
    bench.tray.put_blank()
    assert look(bench).standing is Standing.BLANK
    elsewhere = VirtualDesfire.new()
    run_encode(Direct(elsewhere), profile=demo_profile("deuinfo"))
    put(bench, elsewhere)
    assert look(bench).standing is Standing.ELSEWHERE
    put(bench, VirtualDesfire.new(random_id=True))
    assert look(bench).standing is Standing.RANDOM
    put(bench, new_card("unknown"))
    assert look(bench).standing is Standing.UNKNOWN
    door = VirtualDesfire.new()
    run_encode(Direct(door), profile=demo_profile("access-control"))
    put(bench, door)
    seen = look(bench)
    assert (seen.standing, [str(each) for each in seen.contents]) == (Standing.OTHER, ["access control"])


def test_the_number_on_another_chip_may_be_a_copy(bench: TestDesk) -> None:
    issuance = bench.encoded()
    copy = VirtualDesfire.new()
    run_encode(Direct(copy), issuance.escn, profile=demo_profile("deuinfo"))
    put(bench, copy)
    seen = look(bench)
    assert (seen.standing, seen.holder) == (Standing.COPY, bench.liga)


def test_a_card_that_hides_its_uid_is_known_by_its_number(bench: TestDesk) -> None:
    issuance = bench.desk.issuances.hand_over(bench.verified().id)
    hidden = VirtualDesfire.new()
    run_encode(Direct(hidden), issuance.escn, profile=hiding("deuinfo"))
    put(bench, hidden)
    assert look(bench).standing is Standing.OURS


def test_a_chip_with_another_number_than_its_record(bench: TestDesk) -> None:
    issuance = bench.encoded()
    other = VirtualDesfire.new(uid=bytes.fromhex(issuance.uid))
    run_encode(Direct(other), OTHER_ESCN, profile=demo_profile("deuinfo"))
    put(bench, other)
    assert look(bench).standing is Standing.DIFFERS


@pytest.mark.parametrize("event", [EraseBegun, RenewBegun])
def test_a_card_whose_chip_is_half_changed_is_in_work(bench: TestDesk, event: type[EraseBegun | RenewBegun]) -> None:
    card = bench.desk.issuances.hand_over(bench.verified().id)
    issuance = bench.desk.journal.issuance(card.issuance_id)
    begun = bench.desk.journal.step(issuance, event(card.uid or "", "deuinfo"))
    seen = look(bench)
    assert (seen.standing, seen.issuance) == (Standing.IN_WORK, begun)


def test_a_returned_card_that_carries_a_number_all_the_same_differs(bench: TestDesk) -> None:
    card = bench.desk.issuances.hand_over(bench.verified().id)
    uid, issuance = card.uid or "", bench.desk.journal.issuance(card.issuance_id)
    begun = bench.desk.journal.step(issuance, EraseBegun(uid, "deuinfo"))
    bench.desk.journal.step(begun, Erased(uid, "returned"))
    assert look(bench).standing is Standing.DIFFERS
    put(bench, VirtualDesfire.new(uid=bytes.fromhex(uid)))
    seen = look(bench)
    assert (seen.standing, seen.holder) == (Standing.RETURNED, bench.liga)
    copy = VirtualDesfire.new()
    run_encode(Direct(copy), card.escn, profile=demo_profile("deuinfo"))
    put(bench, copy)
    assert look(bench).standing is Standing.COPY


def test_a_spoiled_card_is_said_to_be_one(bench: TestDesk) -> None:
    issuance = bench.encoded()
    bench.desk.issuances.spoil(issuance.id, Cause.CHIP_FAILED)
    assert look(bench).standing is Standing.SPOILED


# --- when it is there ---------------------------------------------------------------------------------------------


def test_a_card_comes_and_goes(bench: TestDesk, news: News) -> None:
    assert news.until(readers=1, reader="").turn == 0
    bench.tray.put_blank()
    there = news.until(turn=1)
    assert (there.reader != "", there.tapped, there.busy) == (True, True, False)
    bench.tray.take_off()
    news.until(reader="", turn=1)
    bench.tray.put_blank()
    assert news.until(turn=2).tapped


def test_a_card_that_lay_there_before_was_not_tapped(bench: TestDesk) -> None:
    bench.tray.put_blank()
    news = News(bench.desk.card_watch)
    assert not news.until(turn=1).tapped
    bench.tray.put_blank()
    assert news.until(turn=2).tapped
    news.stop()


def test_only_the_desks_reader_counts(bench: TestDesk) -> None:
    watch = CardWatch(bench.tray.readers, bench.desk.store, pattern="demo")
    watch._happened(ReaderEvent("card_in", "Another reader"))
    watch._happened(ReaderEvent("card_in", "Demo printer", role=ReaderRole.ENCODER))
    assert watch.presence == Presence()
    watch._happened(ReaderEvent("card_in", "Demo reader 0"))
    assert watch.presence.reader == "Demo reader 0"
    watch._happened(ReaderEvent("reader_out", "Demo reader 0"))
    assert (watch.presence.readers, watch.presence.reader) == (0, "")


def test_a_service_that_goes_down_takes_every_card_along(bench: TestDesk, news: News) -> None:
    bench.tray.put_blank()
    news.until(turn=1)
    bench.tray.readers.stop_service()
    news.until(readers=0, reader="", turn=1)
    bench.tray.readers.start_service()
    news.until(readers=1, turn=2)


# --- who has it ---------------------------------------------------------------------------------------------------


def test_while_somebody_works_with_the_card_nobody_looks(bench: TestDesk, news: News) -> None:
    bench.tray.put_blank()
    news.until(turn=1)
    with bench.desk.card_watch.hold():
        assert news.until(busy=True).worked == 0
        with pytest.raises(Cancelled):
            look(bench)
        bench.tray.put_blank()
        assert not news.until(turn=2).tapped, "it was laid there for the work"
    assert news.until(worked=1, busy=False).turn == 2
    assert look(bench).standing is Standing.BLANK


def test_a_look_from_another_thread_is_refused_while_the_card_is_held(bench: TestDesk) -> None:
    bench.tray.put_blank()
    refused = []

    def other() -> None:
        try:
            look(bench)
        except Cancelled:
            refused.append(True)

    with bench.desk.card_watch.hold():
        thread = threading.Thread(target=other)
        thread.start()
        thread.join(DEADLINE_S)
    assert refused


def test_a_look_gives_way_before_its_next_command(bench: TestDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.tray.put_blank()
    watch, cancel, sent, held = bench.desk.card_watch, never(), [], threading.Event()
    exchange = bench.tray.readers.exchange

    def slowly(connection: object, apdu: bytes) -> bytes:
        sent.append(apdu)
        if len(sent) == 2:
            holder.start()
            assert cancel.wait(DEADLINE_S), "whoever holds the card says so at once"
            assert not held.is_set(), "and waits until the look has ended"
        return exchange(connection, apdu)  # type: ignore[arg-type]

    def take() -> None:
        with watch.hold():
            held.set()

    holder = threading.Thread(target=take)
    monkeypatch.setattr(bench.tray.readers, "exchange", slowly)
    (reader,) = [each.name for each in bench.tray.readers.list_readers()]
    with pytest.raises(Cancelled):
        watch.look(reader, cancel=cancel)
    holder.join(DEADLINE_S)
    assert held.is_set()
    assert len(sent) == 2


def test_make_way_stops_a_look_only_while_there_is_one(bench: TestDesk) -> None:
    bench.desk.card_watch.make_way()
    bench.tray.put_blank()
    assert look(bench).standing is Standing.BLANK


def test_encoding_holds_the_card(bench: TestDesk, news: News) -> None:
    issuance = bench.portrayed()
    bench.desk.encode(issuance, cancel=never(), progress=quiet)
    assert news.until(busy=True, worked=0)
    assert news.until(busy=False, worked=1)


def test_nothing_is_written_by_looking(bench: TestDesk) -> None:
    issuance = bench.encoded()
    file = bench.folder / "cards-in-hand" / f"{issuance.uid}.card"
    before = file.read_bytes()
    look(bench)
    (reader,) = [each.name for each in bench.tray.readers.list_readers()]
    bench.desk.card_watch.explore(reader, cancel=never())
    assert file.read_bytes() == before


# --- all of it ----------------------------------------------------------------------------------------------------


def test_a_tree_is_read_and_its_commands_are_counted(bench: TestDesk) -> None:
    bench.encoded()
    counted: list[int] = []
    (reader,) = [each.name for each in bench.tray.readers.list_readers()]
    tree = bench.desk.card_watch.explore(reader, cancel=never(), told=counted.append)
    assert "DESFire" in str(tree.value)
    assert counted == list(range(1, len(counted) + 1))
    stopped = never()
    stopped.set()
    with pytest.raises(Cancelled):
        bench.desk.card_watch.explore(reader, cancel=stopped)


def test_a_card_that_is_taken_away_is_said_to_be(bench: TestDesk) -> None:
    bench.tray.put_blank()
    bench.tray.readers.pull_after(3)
    with pytest.raises(CardRemovedError):
        look(bench)


def test_a_stoppable_connection_counts_and_obeys() -> None:
    card, cancel = VirtualDesfire.new(), never()
    way = Stoppable(Direct(card), cancel)
    assert glance(way).blank
    assert (way.commands > 3, way.atr) == (True, card.atr)
    cancel.set()
    with pytest.raises(Cancelled):
        way.transmit(b"\x90\x60\x00\x00\x00")
