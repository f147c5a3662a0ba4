"""What is parked goes out by itself when its cause is corrected, and nobody's correction is lost on the way."""

from __future__ import annotations

import itertools
import queue
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from station.adapters.router.crew import ThreadCrew
from station.domain.card import CardState, Registration
from station.domain.outbox import OutboxState, failed
from station.services.outbox_corrections import Corrections
from station.services.outbox_worker import LOOK_AGAIN_S
from tests.helpers.finished_cards import NOW, POLICY, Desk, a_card, a_portrait, a_student
from tests.helpers.http_server import scripted_server
from tests.helpers.router_bench import REFUSED, RouterBench
from tests.helpers.sandbox import RunningSandbox

_hundreds = itertools.count(100, 100)


@pytest.fixture
def bench(router_bench: RouterBench) -> RouterBench:
    return router_bench


@pytest.fixture
def number() -> int:
    return next(_hundreds)


def test_a_corrected_address_sends_the_card_out_without_anybody_s_doing(bench: RouterBench, number: int) -> None:
    card = bench.finish(number, email="wrong")
    assert bench.work().parked == 1
    bench.desk.know(a_student(number, email="right@example.lv"))
    bench.clock.pass_time(LOOK_AGAIN_S)
    assert bench.work().sent == 2
    assert bench.registration(card) is Registration.REGISTERED


def test_an_import_says_so_and_it_goes_at_once(bench: RouterBench, number: int) -> None:
    card = bench.finish(number, esi=False)
    bench.work()
    bench.desk.know(a_student(number))
    bench.worker.records_changed()
    assert bench.work().sent == 2
    assert bench.registration(card) is Registration.REGISTERED


def test_an_old_portrait_that_goes_late_does_not_replace_a_newer_one(bench: RouterBench, number: int) -> None:
    student, told = a_student(number), replace(POLICY, send_picture=True)
    bench.desk.know(student)
    old = bench.desk.finish(student, told, portrait=a_portrait(student))
    entry = bench.entry(f"picture:{old.escn}")
    bench.desk.store.outbox.update(failed(entry, "too dark", {}, None))
    newer = a_portrait(student)
    bench.desk.store.portraits.add(newer)
    card = replace(a_card(student, portrait_id=newer.id), issued_at=NOW + timedelta(days=1), state=CardState.BLOCKED)
    bench.desk.record(card, student, told)
    bench.work()
    bench.worker.retry(entry.key)
    bench.work()
    late = bench.entry(entry.key)
    assert late.state is OutboxState.DONE
    assert late.payload["portrait"] == newer.id


def test_what_was_not_corrected_is_not_asked_again(bench: RouterBench, number: int) -> None:
    bench.finish(number, email="wrong")
    bench.work()
    heard = len(bench.server.heard)
    for _each in range(3):
        bench.clock.pass_time(LOOK_AGAIN_S)
        bench.work()
    assert len(bench.server.heard) == heard


def test_many_parked_ones_are_looked_at_in_portions(
    bench: RouterBench, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("station.services.outbox_corrections.AT_ONCE_MAX", 2)
    monkeypatch.setattr("station.services.outbox_corrections._PAGE", 2)
    cards = [bench.finish(number + each, email="wrong") for each in range(5)]
    assert bench.work().parked == 5
    for each in range(5):
        bench.desk.know(a_student(number + each, email="right@example.lv"))
    for _turn in range(3):
        bench.clock.pass_time(LOOK_AGAIN_S)
        bench.work()
    assert {bench.registration(card) for card in cards} == {Registration.REGISTERED}


def test_a_correction_while_the_entry_is_on_its_way_is_not_lost(
    tmp_path: Path, sandbox: RunningSandbox, number: int
) -> None:
    with scripted_server(sandbox.address) as server:
        bench = RouterBench(tmp_path, server, crew=lambda: ThreadCrew(2))
        card = bench.finish(number)
        key = f"person:{a_student(number).esi}".lower() + f":{card.escn}"
        told = threading.Event()

        def correct(_method: str, path: str) -> dict[str, str]:
            if path.endswith("/persons") and not told.is_set():
                told.set()
                bench.desk.know(a_student(number, email="new@example.lv"))
                bench.worker.retry(key)
            return {}

        server.added = correct
        bench.work()
        assert bench.router.person(str(a_student(number).esi)).email == "new@example.lv"
        assert bench.entry(key).state is OutboxState.DONE
        assert bench.registration(card) is Registration.REGISTERED
        bench.close()


def test_a_refusal_parks_with_what_to_do(bench: RouterBench, number: int) -> None:
    bench.finish(number)
    bench.server.script.append(REFUSED)
    bench.work()
    (parked, _behind) = bench.desk.store.outbox.entries()
    assert "email" in str(parked.last_params["detail"])
    assert "by itself" in str(parked.last_params["todo"])


def test_who_sends_need_not_wait_for_the_disk(tmp_path: Path) -> None:
    desk, seen = Desk(tmp_path / "station.db"), queue.SimpleQueue[int]()
    corrections = Corrections(desk.store, None)
    with corrections.standing_still():
        reader = threading.Thread(target=lambda: seen.put(corrections.changes))
        reader.start()
        assert seen.get(timeout=60) == 0
    reader.join()
    desk.store.close()


def test_a_change_counts_when_it_is_in_the_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(tmp_path / "station.db")
    desk.know(a_student(1))
    card = desk.finish(a_student(1))
    corrections, before = Corrections(desk.store, None), []
    entry = desk.store.outbox.entries()[0]
    write = desk.store.outbox.update

    def update(*given: Any) -> None:
        before.append(corrections.changes)
        write(*given)

    monkeypatch.setattr(desk.store.outbox, "update", update)
    corrections.send_again(entry)
    assert entry.escn == card.escn
    assert before[0] == 0
    assert corrections.changes == len(before)
    assert corrections.is_stale(entry.key, 0)
    assert not corrections.is_stale(entry.key, corrections.changes)
    desk.store.close()
