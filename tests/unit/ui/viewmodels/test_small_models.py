"""Search, devices, queue, doubts, faults, camera: each with its part of the desk."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from pytestqt.qtbot import QtBot

from station.domain.aftercare import EraseBegun
from station.domain.card import CardState
from station.domain.errors import (
    RouterBusyError,
    RouterError,
    RouterKeyError,
    RouterRefusedError,
    RouterUnreachableError,
)
from station.domain.outbox import OutboxKind, failed
from station.domain.workflow import Act, Doubted, EncodeBegun
from station.i18n import Translator
from station.ports.faults import KINDS
from station.ports.tasks import Lane
from station.services.capture import CameraState
from station.services.health import HealthState
from station.ui.viewmodels.camera import CameraModel
from station.ui.viewmodels.devices import DevicesModel
from station.ui.viewmodels.doubts import DoubtsModel
from station.ui.viewmodels.faults import FaultsModel
from station.ui.viewmodels.outbox import OutboxModel
from station.ui.viewmodels.search import SearchModel
from station.ui.viewmodels.stages import Stage
from tests.helpers.window import Bench, a_bench


def test_search_finds_without_accents_and_the_newest_text_wins(bench: Bench) -> None:
    search: SearchModel = bench.models.search
    for text in ("b", "be", "berz"):
        search.search(text)
    bench.until(lambda: search.answered == "berz")
    assert [h.student_number for h in search.found] == ["051REB123"]
    search.search("germanis mart")
    bench.until(lambda: search.answered == "germanis mart")
    assert [h.student_number for h in search.found] == ["041REB390"]


def test_search_says_when_there_is_nobody_and_empties(bench: Bench) -> None:
    search = bench.models.search
    search.search("zzz")
    bench.until(lambda: search.nothing_found)
    search.search("")
    assert not search.nothing_found
    assert search.found == ()


def test_devices_tell_how_they_are(bench: Bench) -> None:
    devices: DevicesModel = bench.models.devices
    devices.start()
    bench.until(lambda: devices.of("printer") is not None)
    printer, queue = devices.of("printer"), devices.of("queue")
    assert printer is not None
    assert printer.state is HealthState.OK
    assert queue is not None
    bench.hands.dial.set("printer", "jam")
    devices.ask()
    bench.until(lambda: (h := devices.of("printer")) is not None and h.state is HealthState.BAD)
    assert devices.of("toaster") is None
    devices.stop()


def test_a_card_that_is_handed_over_is_counted_in_the_queue_at_once(bench: Bench) -> None:
    devices = bench.models.devices
    devices.ask()
    bench.until(lambda: devices.of("queue") is not None)
    bench.reach(Stage.DONE)  # nothing asks again and again here: it was not started
    bench.until(lambda: (h := devices.of("queue")) is not None and h.state is HealthState.WARN)


def test_what_is_asked_while_an_answer_is_to_come_is_asked_after_it(bench: Bench) -> None:
    devices = bench.models.devices
    devices.ask()
    assert devices.asking
    bench.hands.dial.set("printer", "jam")
    devices.ask()
    bench.until(lambda: (h := devices.of("printer")) is not None and h.state is HealthState.BAD)


def test_a_wrong_clock_has_a_short_and_a_long_text(bench: Bench) -> None:
    # Nobody answers who could tell the time, so that the journal has to: a card was begun before the clock went back.
    bench.hands.encoded()
    devices = bench.models.devices
    devices.ask()
    bench.until(lambda: devices.of("clock") is not None)
    bench.hands.dial.set("clock", "wrong", -7200.0)
    devices.ask()
    bench.until(lambda: (h := devices.of("clock")) is not None and h.state is HealthState.WARN)
    clock = devices.of("clock")
    assert clock is not None
    assert clock.short is not None
    assert re.fullmatch(r"1[012]\d min behind", clock.short.english())
    assert clock.todo is not None


def test_the_queue_names_the_person_and_can_be_sent_again(bench: Bench) -> None:
    bench.reach(Stage.DONE)
    outbox: OutboxModel = bench.models.outbox
    outbox.refresh()
    bench.until(lambda: bool(outbox.lines))
    (line,) = outbox.lines
    assert (line.entry.kind, line.behind) == (OutboxKind.PERSON, (OutboxKind.CARD, OutboxKind.PICTURE))
    assert not outbox.more
    assert outbox.lines[0].holder == bench.hands.liga
    assert outbox.lines[0].answer is None
    outbox.retry(outbox.lines[0].entry.key)
    outbox.retry_all()


@pytest.mark.parametrize(
    ("error", "words", "calm"),
    [
        (RouterKeyError(status=401), "key", False),
        (RouterBusyError(status=429), "429", True),
        (RouterUnreachableError(), "reached", True),
    ],
)
def test_the_queue_says_what_holds_it_up(bench: Bench, error: RouterError, words: str, calm: bool) -> None:
    outbox, link = bench.models.outbox, bench.hands.desk.link
    link.answered(error, bench.hands.desk.clock.now())
    outbox.refresh()
    bench.until(lambda: outbox.hold is not None)
    assert outbox.hold is not None
    assert words in Translator("en").message(outbox.hold.what)
    assert Translator("lv").message(outbox.hold.todo)
    assert outbox.hold.calm is calm
    link.answered(None, bench.hands.desk.clock.now())
    outbox.refresh()
    bench.until(lambda: outbox.hold is None)


def test_an_entry_says_what_to_do_about_its_answer(bench: Bench) -> None:
    bench.reach(Stage.DONE)
    store = bench.hands.desk.store
    entry = next(iter(store.outbox.entries(unfinished=True)))
    refused = RouterRefusedError(status=400, detail="email")
    params: dict[str, object] = {"detail": "email", "todo": refused.todo}
    store.outbox.update(failed(entry, refused.what, params, None))
    outbox = bench.models.outbox
    outbox.refresh()
    bench.until(lambda: outbox.lines and outbox.lines[0].todo is not None)
    todo = outbox.lines[0].todo
    assert todo is not None
    assert "Correct the student" in Translator("en").message(todo)


def test_esc_router_is_being_asked_until_it_answers_and_then_told_at_once(bench: Bench) -> None:
    devices, link = bench.models.devices, bench.hands.desk.link
    devices.start()
    bench.until(lambda: devices.of("router") is not None)
    first = devices.of("router")
    assert first is not None
    assert (first.state, first.message.msgid) == (HealthState.OFF, "checking…")
    assert not devices.offline
    devices.stop()
    devices.start()
    bench.until(lambda: not devices.asking)
    bench.tasks.run(Lane.NETWORK, lambda _c: link.answered(None, bench.hands.desk.clock.now()))
    bench.until(lambda: (h := devices.of("router")) is not None and h.state is HealthState.OK)
    devices.stop()


def test_a_card_in_doubt_tells_whose_it_is(qtbot: QtBot, tmp_path: Path) -> None:
    with a_bench(qtbot, tmp_path / "desk") as bench:
        journal = bench.hands.desk.journal
        issuance = bench.hands.portrayed()
        uid = bench.hands.tray.put_blank()
        begun = journal.step(issuance, EncodeBegun(uid, "R"))
        journal.step(begun, Doubted(Act.ENCODE))
        doubts: DoubtsModel = bench.models.doubts
        doubts.refresh()
        bench.until(lambda: len(doubts.lines) == 1)
        assert doubts.lines[0].holder == bench.hands.liga
        with qtbot.waitSignal(doubts.recognised) as recognised:
            doubts.read_card()
            assert doubts.reading
        assert recognised.args == [bench.hands.liga]
        assert not doubts.reading
        session = bench.models.desk.serve(bench.hands.liga)
        bench.until(lambda: session.stage is Stage.ENCODE)


@pytest.mark.parametrize("put_there", [True, False])
def test_a_card_that_was_being_erased_is_finished_there(qtbot: QtBot, tmp_path: Path, *, put_there: bool) -> None:
    with a_bench(qtbot, tmp_path / "desk") as bench:
        desk = bench.hands.desk
        card = desk.issuances.hand_over(bench.hands.verified().id)
        begun = desk.journal.step(desk.journal.issuance(card.issuance_id), EraseBegun(card.uid or "", "deuinfo"))
        desk.journal.step(begun, Doubted(Act.ERASE))
        doubts: DoubtsModel = bench.models.doubts
        doubts.refresh()
        bench.until(lambda: len(doubts.lines) == 1)
        assert doubts.lines[0].ends_here
        with qtbot.waitSignal(doubts.finished), qtbot.assertNotEmitted(doubts.recognised):
            doubts.read_card(doubts.lines[0] if put_there else None)
        bench.until(lambda: doubts.lines == ())
        after = desk.store.cards.get(card.escn)
        assert after is not None
        assert after.state is CardState.RETURNED


def test_a_strange_card_is_none_of_those_in_doubt(qtbot: QtBot, tmp_path: Path) -> None:
    with a_bench(qtbot, tmp_path / "desk") as bench:
        journal = bench.hands.desk.journal
        begun = journal.step(bench.hands.portrayed(), EncodeBegun("04AABBCCDDEE80", "R"))
        journal.step(begun, Doubted(Act.ENCODE))
        bench.hands.tray.put_blank()
        doubts = bench.models.doubts
        doubts.refresh()
        bench.until(lambda: bool(doubts.lines))
        with qtbot.waitSignal(doubts.failed):
            doubts.read_card()


def test_without_doubts_no_card_is_asked_for(bench: Bench) -> None:
    bench.models.doubts.read_card()
    assert not bench.models.doubts.reading
    bench.models.doubts.stop()


def test_the_fault_dial_turns_and_repairs(bench: Bench) -> None:
    faults = bench.models.faults
    assert isinstance(faults, FaultsModel)
    assert set(faults.devices) == set(KINDS) - {"printer-2"}, "this bench has one printer"
    assert set(FaultsModel(bench.hands.dial, printers=2).devices) == set(KINDS)
    faults.turn("printer", "jam")
    assert faults.set_on("printer") == "jam"
    faults.turn("printer", "")
    assert faults.set_on("printer") == ""
    faults.turn("router", "down")
    faults.repair_all()
    assert faults.set_on("router") == ""
    assert "slow" in faults.kinds("router")


def test_the_camera_gives_mirrored_pictures_no_larger_than_shown(bench: Bench) -> None:
    camera: CameraModel = bench.models.camera
    camera.set_view(QSize(320, 240))
    camera.start()
    camera.start()
    bench.until(lambda: camera.image is not None)
    image, frame = camera.image, camera.newest
    assert image is not None
    assert frame is not None
    assert min(image.width() / 320, image.height() / 240) == 1.0
    assert frame.width_px > image.width()
    camera.stop()
    assert camera.newest is None


def test_a_camera_that_is_switched_off_and_on_at_once_stays_on(bench: Bench) -> None:
    camera: CameraModel = bench.models.camera
    camera.start()
    camera.stop()
    camera.start()
    with bench.qtbot.waitSignal(camera.frame_came):
        pass
    camera.stop()
    assert camera.image is None


def test_a_camera_that_is_unplugged_comes_back_by_itself(bench: Bench) -> None:
    camera = bench.models.camera
    camera.start()
    bench.until(lambda: camera.live)
    bench.hands.dial.set("camera", "unplugged")
    bench.until(lambda: camera.report is not None and camera.report.state is CameraState.AWAY)
    assert camera.newest is None
    bench.hands.dial.clear("camera")
    bench.until(lambda: camera.live)
    camera.stop()
