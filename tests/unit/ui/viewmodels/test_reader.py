"""The card on the reader, without a window: seen when it comes, opened by a tap, offered, never in the way."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from station.chip.glance import Glance
from station.chip.virtual_card.desfire import VirtualDesfire
from station.chip.virtual_card.kinds import new_card
from station.domain.errors import CardRemovedError, ChipError
from station.ports.tasks import Lane
from station.services.card_watch import SeenCard, Standing
from station.ui.viewmodels.pages import Page
from station.ui.viewmodels.reader import ReaderModel
from station.ui.viewmodels.stages import Stage
from tests.helpers.chip import Direct, demo_profile, run_encode
from tests.helpers.patience import PATIENCE_S
from tests.helpers.window import Bench


@pytest.fixture
def reader(bench: Bench) -> Iterator[ReaderModel]:
    """Give the model of a reader that is watched, with nothing on it."""
    model = bench.models.reader
    model.start()
    bench.until(lambda: model.presence.readers)
    yield model
    model.stop()


def lift(bench: Bench) -> None:
    bench.hands.tray.take_off()
    bench.until(lambda: not bench.models.reader.presence.reader)


def made(bench: Bench) -> str:
    """Hand a card over to Līga, take it off the reader, and turn to nobody."""
    desk = bench.hands.desk
    card = desk.issuances.hand_over(bench.hands.verified().id)
    bench.until(lambda: bench.models.reader.seen is not None and not bench.models.reader.looking)
    lift(bench)
    assert card.uid
    return card.uid


def test_a_blank_is_seen_when_it_comes_and_gone_when_it_goes(bench: Bench, reader: ReaderModel) -> None:
    assert reader.seen is None
    bench.hands.tray.put_blank()
    bench.until(lambda: reader.seen is not None)
    assert reader.seen is not None
    assert (reader.seen.standing, reader.offer) == (Standing.BLANK, None)
    lift(bench)
    assert reader.seen is None


def test_a_tap_opens_its_holder_when_nobody_is_served(bench: Bench, reader: ReaderModel) -> None:
    uid = made(bench)
    bench.hands.tray.put(uid)
    bench.until(lambda: bench.models.desk.current)
    assert bench.session.holder == bench.hands.liga
    assert bench.models.desk.page is Page.PERSON
    assert reader.offer is None
    bench.models.desk.leave()
    bench.until(lambda: reader.seen is not None)
    assert bench.models.desk.current is None, "a card that goes on lying there opens nothing"
    assert reader.offer == bench.hands.liga


def test_while_somebody_is_served_it_is_only_offered(bench: Bench, reader: ReaderModel) -> None:
    uid = made(bench)
    bench.models.desk.serve(bench.hands.martins)
    bench.hands.tray.put(uid)
    bench.until(lambda: reader.seen is not None)
    assert bench.session.holder == bench.hands.martins
    assert reader.offer == bench.hands.liga
    reader.open_holder()
    assert bench.session.holder == bench.hands.liga
    assert reader.offer is None
    reader.open_holder()
    assert bench.session.holder == bench.hands.liga


def test_of_two_steps_at_once_the_later_record_is_shown(
    bench: Bench, reader: ReaderModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    uid = made(bench)
    bench.hands.tray.put(uid)
    bench.until(lambda: reader.seen is not None and bench.models.desk.current)
    seen = reader.seen
    assert seen is not None
    answers: list[Callable[[SeenCard], None]] = []
    with monkeypatch.context() as slow_store:
        slow_store.setattr(reader._tasks, "run", lambda _lane, _work, *, done: answers.append(done))
        for stage in (Stage.PRINT, Stage.DONE):
            bench.session.stage = stage
            reader._card_moved()
    earlier, later = replace(seen, contents=("earlier",)), replace(seen, contents=("later",))
    answers[0](earlier)
    answers[1](later)
    assert reader.seen == later
    answers[0](earlier)
    assert reader.seen == later, "an answer that comes late is not shown any more"


def test_nor_does_it_turn_a_page_that_somebody_reads(bench: Bench, reader: ReaderModel) -> None:
    uid = made(bench)
    bench.models.desk.show_page(Page.HELP)
    bench.hands.tray.put(uid)
    bench.until(lambda: reader.offer)
    assert (bench.models.desk.page, bench.models.desk.current) == (Page.HELP, None)


def test_a_card_that_lay_there_before_opens_nothing(bench: Bench) -> None:
    card = bench.hands.desk.issuances.hand_over(bench.hands.verified().id)
    bench.models.reader.start()
    bench.until(lambda: bench.models.reader.offer)
    assert bench.models.desk.current is None
    assert bench.models.reader.seen is not None
    assert bench.models.reader.seen.card == bench.hands.desk.store.cards.get(card.escn)
    bench.models.reader.stop()


@pytest.mark.parametrize(
    ("kind", "standing"), [("unknown", Standing.UNKNOWN), ("random-id", Standing.RANDOM), ("ntag213", Standing.OTHER)]
)
def test_strange_cards_are_named_and_open_nobody(
    bench: Bench, reader: ReaderModel, kind: str, standing: Standing
) -> None:
    bench.hands.tray.readers.insert(new_card(kind))
    bench.until(lambda: reader.seen is not None)
    assert reader.seen is not None
    assert (reader.seen.standing, reader.offer, bench.models.desk.current) == (standing, None, None)


def test_a_copy_opens_nobody_by_itself(bench: Bench, reader: ReaderModel) -> None:
    made(bench)
    (card,) = bench.hands.desk.store.cards.of_holder(bench.hands.liga.id)
    copy = VirtualDesfire.new()
    run_encode(Direct(copy), card.escn, profile=demo_profile("deuinfo"))
    bench.hands.tray.readers.insert(copy)
    bench.until(lambda: reader.seen is not None)
    assert reader.seen is not None
    assert reader.seen.standing is Standing.COPY
    assert bench.models.desk.current is None


def test_a_card_that_can_not_be_read_says_so_and_is_asked_again(bench: Bench, reader: ReaderModel) -> None:
    bench.hands.tray.readers.pull_after(2)
    bench.hands.tray.put_blank()
    bench.until(lambda: reader.presence.turn and not reader.presence.reader)
    assert reader.seen is None
    with bench.hands.tray.readers.held("another program"):
        bench.hands.tray.put_blank()
        bench.until(lambda: reader.error is not None)
    assert not isinstance(reader.error, CardRemovedError | ChipError)
    reader.look_again()
    bench.until(lambda: reader.seen is not None)
    assert reader.error is None


def test_during_an_encode_nothing_else_reads(
    bench: Bench, reader: ReaderModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    readers, open_at_once, most = bench.hands.tray.readers, [0], [0]
    busy_at_open: list[tuple[str, bool]] = []
    original = readers.open_card

    def watched(name: str, **more: object) -> object:
        busy_at_open.append((threading.current_thread().name, bench.hands.desk.card_watch.presence.busy))
        open_at_once[0] += 1
        most[0] = max(most[0], open_at_once[0])
        open_at_once[0] -= 1
        return original(name, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(readers, "open_card", watched)
    session = bench.reach(Stage.PRINT)
    bench.until(lambda: reader.seen is not None and not reader.looking)
    assert session.issuance is not None
    assert [busy for _, busy in busy_at_open].count(True) == 1, "the encoding itself"
    assert {thread for thread, _ in busy_at_open} == {f"lane-{Lane.CHIP.value}"}
    assert reader.seen is not None
    assert (reader.seen.standing, reader.seen.holder) == (Standing.IN_WORK, bench.hands.liga)


def test_whoever_works_with_a_card_does_not_wait_for_a_look(
    bench: Bench, reader: ReaderModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    readers, reached, goes_on = bench.hands.tray.readers, threading.Event(), threading.Event()
    exchange, looks = readers.exchange, []

    def held_up(connection: object, apdu: bytes) -> bytes:
        if not looks:
            looks.append(apdu)
            reached.set()
            assert goes_on.wait(PATIENCE_S)
        return exchange(connection, apdu)  # type: ignore[arg-type]

    session = bench.reach(Stage.REVIEW)
    bench.until(lambda: session.preview.final(session.issuance) is not None)
    monkeypatch.setattr(readers, "exchange", held_up)
    bench.hands.tray.put_blank()
    bench.until(reached.is_set)
    watch, known, worked = bench.hands.desk.card_watch, bench.hands.desk.card_watch.known, []

    def noted(seen: Glance) -> SeenCard:
        worked.append(watch.presence.worked)
        return known(seen)

    monkeypatch.setattr(watch, "known", noted)
    assert session.issuance is not None
    bench.session.production.encode(session.issuance, bench.hands.desk.render(session.issuance))
    goes_on.set()
    bench.until(lambda: session.stage is Stage.PRINT and reader.seen is not None)
    assert worked[0] == 1, "the look was broken off, and done anew when the encoding had ended"


def test_an_encode_shows_that_it_works_with_the_card(bench: Bench, reader: ReaderModel) -> None:
    busy: list[bool] = []
    reader.changed.connect(lambda: busy.append(reader.presence.busy))
    bench.reach(Stage.PRINT)
    bench.until(lambda: reader.seen is not None)
    assert not reader.presence.busy
    assert reader.presence.worked >= 1
    assert bench.models.desk.current is not None


def test_a_reader_that_is_unplugged_takes_its_card_along(bench: Bench, reader: ReaderModel) -> None:
    bench.hands.tray.put_blank()
    bench.until(lambda: reader.seen is not None)
    bench.hands.tray.readers.stop_service()
    bench.until(lambda: reader.presence.readers == 0)
    assert reader.seen is None
    bench.hands.tray.readers.start_service()
    bench.until(lambda: reader.seen is not None)


def test_stopped_before_it_began_it_watches_nothing(bench: Bench) -> None:
    before = threading.active_count()
    model = ReaderModel(bench.models.desk, bench.tasks)
    model.start()
    model.stop()
    done: list[int] = []
    bench.tasks.run(Lane.CHIP, lambda _c: 1, done=done.append)
    bench.until(lambda: done)
    assert not [t for t in threading.enumerate() if t.name == "virtual-readers"]
    assert threading.active_count() <= before + 1
