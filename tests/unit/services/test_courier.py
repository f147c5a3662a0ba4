"""Tests for ``station.services.courier``: a queue that travels past a real sandbox and comes home as told once."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from station.adapters.router.crew import ThreadCrew
from station.adapters.secrets.virtual import VirtualSecrets
from station.domain.card import Card, CardAct, Registration
from station.domain.errors import RouterKeyError, RouterNotFoundError, StationError
from station.domain.outbox import OutboxKind, OutboxState, failed
from station.domain.queue_export import ExportWay
from station.domain.station_errors import QueueFileError
from station.render.layout_signing import fingerprint
from station.services.courier import GOOD_FOR, Applied, Bag, Courier, Taken, Trust
from station.services.journal import Journal, Who
from station.services.queue_file import AnswerBody, Kind, QueueBody, Seal, read_file, write_file
from station.services.registration import removal_for, update_for
from tests.helpers.finished_cards import NOW, POLICY, a_portrait, a_student
from tests.helpers.http_server import Trick, scripted_server
from tests.helpers.lives import life_of
from tests.helpers.router_bench import GONE, NO_KEY, REFUSED, UNWELL, RouterBench
from tests.helpers.sandbox import OTHER_PIC, PIC, RunningSandbox

ROUTER = "https://router.example/esc-rest"
_numbers = itertools.count(5000)
_salts = itertools.count(1)


def seal(signing_key: str) -> Seal:
    chance = lambda size: next(_salts).to_bytes(size, "big")  # noqa: E731 - one line says it
    return Seal(VirtualSecrets(demo=True), chance, signing_key=signing_key)


class Station:
    """A station with a store of its own, on the road to one sandbox."""

    def __init__(self, bench: RouterBench, name: str) -> None:
        self.bench, self.name = bench, name

    def courier(self, **changes: Any) -> Courier:
        """Return its courier as after a start of the program."""
        given: dict[str, Any] = {
            "seal": seal(self.name),
            "trust": Trust(pics={PIC}),
            "crew": lambda: ThreadCrew(4),
            "router_url": ROUTER,
        }
        journal = Journal(self.bench.desk.store, self.bench.clock, Who("Ilze", self.name))
        return Courier(journal, self.bench.router, lambda _: POLICY, Bag(**{**given, **changes}))

    def card(self, **changes: object) -> Card:
        """Finish a card for a new student."""
        return self.bench.finish(next(_numbers), **changes)

    def carry(self, **options: bool) -> bytes:
        """Write the queue to a file."""
        courier = self.courier()
        carried = courier.carry(**options)
        courier.mark(carried)
        return carried.data

    def take(self, data: bytes, **options: Any) -> Taken:
        """Send another's queue."""
        how = {"cancel": threading.Event(), "progress": lambda _s, _p: None, **options}
        return self.courier().take(data, "stick", **how)

    def home(self, data: bytes) -> Applied:
        """Bring an answer home."""
        return self.courier().answer(data, "stick.answer")

    def states(self, card: Card) -> set[OutboxState]:
        """Return how the entries of a card stand."""
        return {e.state for e in self.bench.desk.store.outbox.entries(unfinished=False) if e.escn == card.escn}


@pytest.fixture
def pair(tmp_path: Path, sandbox: RunningSandbox) -> Iterator[tuple[Station, Station]]:
    """Give a station without a network, and one that has it."""
    made = []
    with scripted_server() as nothing, scripted_server(sandbox.address) as road:
        for name, server in (("campus", nothing), ("town", road)):
            (tmp_path / name).mkdir()
            made.append(RouterBench(tmp_path / name, server))
        yield Station(made[0], "campus"), Station(made[1], "town")
        for bench in made:
            bench.close()


def test_a_queue_is_carried_told_and_brought_home(pair: tuple[Station, Station]) -> None:
    campus, town = pair
    cards = [campus.card() for _ in range(5)]
    taken = town.take(campus.carry())
    assert (taken.station, taken.told, taken.refused, taken.entries, taken.trouble) == ("campus", 10, 0, 10, None)
    # Until its answer is home everything still waits.
    assert campus.bench.registration(cards[0]) is Registration.QUEUED
    assert campus.home(taken.answer) == Applied("town", done=10, refused=0, changed=0, left=0)
    for card in cards:
        assert campus.bench.registration(card) is Registration.REGISTERED
        assert campus.states(card) == {OutboxState.DONE}
        assert town.bench.router.card_status(card.escn).status == "ACTIVE"
    assert campus.bench.told() == []
    assert town.bench.desk.store.outbox.entries(unfinished=False) == ()


def test_what_one_file_does_not_hold_is_counted_and_goes_with_the_next(
    pair: tuple[Station, Station], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("station.services.courier.ENTRIES_MAX", 4)
    campus, town = pair
    cards = [campus.card() for _ in range(3)]
    carried = campus.courier().carry()
    assert (len(carried.marks), carried.behind) == (4, 2)
    campus.courier().mark(carried)
    campus.home(town.take(carried.data).answer)
    rest = campus.courier().carry()
    assert (len(rest.marks), rest.behind) == (2, 0)
    campus.courier().mark(rest)
    campus.home(town.take(rest.data).answer)
    assert {campus.bench.registration(card) for card in cards} == {Registration.REGISTERED}


def test_pictures_travel_along_or_stay_in_the_queue(pair: tuple[Station, Station]) -> None:
    campus, town = pair
    student = a_student(next(_numbers))
    campus.bench.desk.know(student)
    card = campus.bench.desk.finish(student, replace(POLICY, send_picture=True), portrait=a_portrait(student))
    small, large = campus.carry(pictures=False), campus.carry()
    assert len(small) + 1000 < len(large)
    campus.home(town.take(small).answer)
    assert campus.states(card) == {OutboxState.DONE, OutboxState.WAITING}
    campus.home(town.take(campus.carry()).answer)
    assert campus.states(card) == {OutboxState.DONE}
    assert student.esi is not None
    assert town.bench.router.picture(student.esi, pic=PIC).startswith(b"\xff\xd8")


def test_what_is_taken_or_answered_twice_is_told_once(pair: tuple[Station, Station]) -> None:
    campus, town = pair
    card = campus.card()
    data = campus.carry()
    first = town.take(data)
    with pytest.raises(QueueFileError, match="was sent from here on 2026-09-01"):
        town.take(data)
    again = town.take(data, again=True)
    assert (again.told, again.refused) == (2, 0)
    campus.home(first.answer)
    for answer in (first.answer, again.answer):
        assert campus.home(answer).done == 0
    assert campus.bench.registration(card) is Registration.REGISTERED
    page = town.bench.router.cards(search=f"cardNumber:{card.escn}")
    assert [each.escn for each in page.rows] == [card.escn]


def test_two_queue_files_of_one_queue_do_no_harm(pair: tuple[Station, Station]) -> None:
    campus, town = pair
    card = campus.card()
    one, other = campus.carry(), campus.carry()
    answers = [town.take(one).answer, town.take(other).answer]
    assert [campus.home(answer).done for answer in reversed(answers)] == [2, 0]
    assert campus.bench.registration(card) is Registration.REGISTERED


def test_what_was_corrected_meanwhile_is_still_to_be_told(pair: tuple[Station, Station]) -> None:
    campus, town = pair
    number = next(_numbers)
    card = campus.bench.finish(number)
    taken = town.take(campus.carry())
    campus.bench.desk.know(a_student(number, email="new@example.lv"))
    applied = campus.home(taken.answer)
    assert (applied.done, applied.changed) == (1, 1)
    person = campus.bench.entry(f"person:{a_student(number).esi}:{card.escn}".casefold())
    assert person.state is OutboxState.WAITING


def test_what_is_refused_waits_for_a_person_with_the_reason(pair: tuple[Station, Station]) -> None:
    campus, town = pair
    card = campus.card()
    town.bench.server.script.extend([REFUSED])
    taken = town.take(campus.carry())
    assert (taken.told, taken.refused, taken.entries) == (0, 1, 2)
    applied = campus.home(taken.answer)
    assert (applied.done, applied.refused, applied.left) == (0, 1, 1)
    parked = next(e for e in campus.bench.desk.store.outbox.entries() if e.kind is OutboxKind.PERSON)
    assert parked.state is OutboxState.PARKED
    assert "refuses" in parked.last_answer or "email" in str(parked.last_params)
    assert campus.bench.registration(card) is Registration.PARKED


def test_an_answer_that_is_final_stays_final(pair: tuple[Station, Station]) -> None:
    campus, town = pair
    campus.card()
    town.bench.server.script.extend([GONE])
    campus.home(town.take(campus.carry()).answer)
    person = next(e for e in campus.bench.desk.store.outbox.entries() if e.kind is OutboxKind.PERSON)
    assert person.final
    assert person.key not in {e.key for e in body_of(campus.carry()).entries}


@pytest.mark.parametrize("trouble", [UNWELL, NO_KEY, Trick.CUT_BEFORE])
def test_in_trouble_of_the_router_or_the_network_the_rest_is_sent_later(
    pair: tuple[Station, Station], trouble: Any
) -> None:
    campus, town = pair
    cards = [campus.card() for _ in range(3)]
    data = campus.carry()
    town.bench.server.script.extend([trouble] * 30)
    taken = town.take(data)
    assert taken.trouble is not None
    assert taken.told == 0
    assert campus.home(taken.answer).left == 6
    town.bench.server.script.clear()
    assert campus.home(town.take(data).answer).done == 6
    assert {campus.bench.registration(card) for card in cards} == {Registration.REGISTERED}


def test_a_key_of_that_station_that_may_not_tell_this_is_no_fault_of_the_cards(pair: tuple[Station, Station]) -> None:
    campus, town = pair
    card = campus.card()
    data = campus.carry()
    town.bench.server.script.append(NO_KEY)  # and right after it the same key is taken for something harmless
    taken = town.take(data)
    assert isinstance(taken.trouble, RouterKeyError)
    assert campus.home(taken.answer) == Applied("town", done=0, refused=0, changed=0, left=2)
    assert campus.bench.registration(card) is Registration.QUEUED


def test_who_cancels_can_go_on_later(pair: tuple[Station, Station]) -> None:
    campus, town = pair
    campus.card()
    data, stop = campus.carry(), threading.Event()
    stop.set()
    assert town.take(data, cancel=stop).told == 0
    assert town.take(data).told == 2


def test_changes_and_deletions_travel_too(pair: tuple[Station, Station]) -> None:
    campus, town = pair
    blocked, gone = campus.card(), campus.card()
    campus.home(town.take(campus.carry()).answer)
    store = campus.bench.desk.store
    for card, told in ((blocked, update_for), (gone, removal_for)):
        holder = store.holders.get(card.holder_id)
        assert holder is not None
        store.outbox.add(told(card, holder, POLICY, NOW, *([2] if told is update_for else [])))
    assert campus.home(town.take(campus.carry()).answer).done == 2
    with pytest.raises(StationError):
        town.bench.router.card_status(gone.escn)


def test_who_has_no_identifier_stays_in_the_queue(pair: tuple[Station, Station]) -> None:
    campus, _town = pair
    campus.card(esi=False)
    with pytest.raises(QueueFileError, match="Nothing waits that could be carried"):
        campus.carry()
    campus.card()
    assert campus.courier().carry().left_out == 2


def test_what_left_is_marked(pair: tuple[Station, Station]) -> None:
    campus, _town = pair
    card = campus.card()
    carried = campus.courier().carry()
    campus.courier().mark(carried)
    found = campus.bench.desk.store.queue_exports.of_file(carried.file_id)
    assert [(mark.escn, mark.way, mark.station) for mark in found] == [(card.escn, ExportWay.STICK, "campus")] * 2
    assert campus.bench.desk.store.queue_exports.open_numbers() == ()


def test_nothing_of_a_person_leaves_but_what_the_router_may_know(pair: tuple[Station, Station]) -> None:
    campus, _town = pair
    card = campus.card()
    said = body_of(campus.carry()).model_dump_json()
    assert card.escn in said
    assert card.uid is not None
    assert card.uid not in said
    assert card.holder_id not in said


# --- hostile, or by mistake


def body_of(data: bytes) -> QueueBody:
    return read_file(seal("any"), Kind.QUEUE, QueueBody, data, "stick")[1]


def rewritten(data: bytes, **changes: Any) -> bytes:
    """Return a queue file with something else in it, sealed and signed as well as any."""
    body = body_of(data).model_copy(update=changes)
    return write_file(seal("campus"), Kind.QUEUE, body, key_version=1)[1]


def test_only_a_station_that_the_profile_names_is_believed(pair: tuple[Station, Station]) -> None:
    campus, town = pair
    campus.card()
    data = campus.carry()
    keys = VirtualSecrets(demo=True)
    known = Trust({fingerprint(keys.certificate("campus"))}, {PIC})
    how: dict[str, Any] = {"cancel": threading.Event(), "progress": lambda _s, _p: None}
    with pytest.raises(QueueFileError, match=r"signed by .*campus.* whom this station's profile does not name"):
        town.courier(trust=Trust({"0" * 64}, {PIC})).take(data, "stick", **how)
    taken = town.courier(trust=known).take(data, "stick", **how)
    with pytest.raises(QueueFileError, match=r"signed by .*town"):
        campus.courier(trust=known).answer(taken.answer, "stick.answer")
    assert town.bench.told() != []


def test_a_queue_for_another_router_is_not_sent_to_this_one(pair: tuple[Station, Station]) -> None:
    campus, town = pair
    campus.card()
    courier = town.courier(router_url="https://sandbox.example/esc-rest")
    with pytest.raises(QueueFileError, match="belongs to another ESC-Router"):
        courier.take(campus.carry(), "s", cancel=threading.Event(), progress=lambda _s, _p: None)
    taken = town.take(campus.carry())
    with pytest.raises(QueueFileError, match="belongs to another ESC-Router"):
        campus.courier(router_url="https://sandbox.example/esc-rest").answer(taken.answer, "a")


def test_a_queue_of_an_institution_without_a_key_here_is_not_sent(pair: tuple[Station, Station]) -> None:
    campus, town = pair
    campus.card()
    data = campus.carry()
    entries = tuple(e.model_copy(update={"payload": {**e.payload, "pic": OTHER_PIC}}) for e in body_of(data).entries)
    with pytest.raises(QueueFileError, match=f"PIC {OTHER_PIC}"):
        town.take(rewritten(data, entries=entries))
    assert town.bench.told() == []


@pytest.mark.parametrize("age", [GOOD_FOR + timedelta(hours=1), timedelta(days=-2)])
def test_an_old_file_and_one_from_the_future_are_not_sent(pair: tuple[Station, Station], age: timedelta) -> None:
    campus, town = pair
    campus.card()
    with pytest.raises(QueueFileError, match="by now most of it will have changed"):
        town.take(rewritten(campus.carry(), made_at=NOW - age))


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": OutboxKind.STATUS},
        {"payload": {"pic": PIC}},
        {"kind": OutboxKind.CARD, "escn": "another"},
        {"kind": OutboxKind.CARD, "payload": {"pic": PIC, "escn": 7, "card_type": "X"}},
    ],
)
def test_of_a_file_with_an_entry_that_nobody_could_tell_nothing_is_sent(
    pair: tuple[Station, Station], changes: dict[str, Any]
) -> None:
    campus, town = pair
    campus.card()
    data = campus.carry()
    first, *rest = body_of(data).entries
    with pytest.raises(QueueFileError, match="can't be told to any router"):
        town.take(rewritten(data, entries=(*rest, first.model_copy(update=changes))))
    assert town.bench.told() == []


def test_an_answer_to_somebody_elses_file_changes_nothing(pair: tuple[Station, Station]) -> None:
    campus, town = pair
    card = campus.card()
    taken = town.take(campus.carry())
    body = read_file(seal("x"), Kind.ANSWER, AnswerBody, taken.answer, "a")[1]
    forged = write_file(seal("town"), Kind.ANSWER, body.model_copy(update={"answers_to": "f" * 32}), key_version=1)[1]
    with pytest.raises(QueueFileError, match="was not written at this station"):
        campus.home(forged)
    assert campus.bench.registration(card) is Registration.QUEUED


def test_an_answer_undoes_nothing(pair: tuple[Station, Station]) -> None:
    campus, town = pair
    card = campus.card()
    town.bench.server.script.extend([REFUSED])
    refused = town.take(campus.carry())
    later = town.take(campus.carry())
    campus.home(later.answer)
    campus.home(refused.answer)
    assert campus.bench.registration(card) is Registration.REGISTERED
    assert campus.states(card) == {OutboxState.DONE}


def test_a_parked_entry_is_carried_too(pair: tuple[Station, Station]) -> None:
    campus, town = pair
    card = campus.card()
    for entry in campus.bench.desk.store.outbox.entries():
        campus.bench.desk.store.outbox.update(failed(entry, "address", {}, None), Registration.PARKED)
    assert campus.home(town.take(campus.carry()).answer).done == 2
    assert campus.bench.registration(card) is Registration.REGISTERED


def test_a_card_that_was_blocked_since_is_not_put_into_use_by_an_old_stick(
    pair: tuple[Station, Station], tmp_path: Path
) -> None:
    campus, town = pair
    card, other = campus.card(), campus.card()
    data = campus.carry()
    # The network comes back at home before the stick is anywhere: all is told, and then the card is lost.
    campus.bench.server.upstream = town.bench.server.upstream
    campus.bench.work()
    life_of(campus.bench, tmp_path).block(card.escn, act=CardAct.REPORT_LOST)
    campus.bench.work()
    taken = town.take(data)
    assert (taken.told, taken.refused, taken.blocked, taken.entries) == (3, 0, 1, 4)
    assert town.bench.router.card_status(card.escn).status == "INACTIVE"
    assert town.bench.router.card_status(other.escn).status == "ACTIVE"
    assert campus.home(taken.answer) == Applied("town", done=0, refused=0, changed=0, left=1)


def test_a_card_that_the_file_blocks_itself_is_told_whole_although_it_was_told_before(
    pair: tuple[Station, Station], tmp_path: Path
) -> None:
    campus, town = pair
    card = campus.card()
    life_of(campus.bench, tmp_path).block(card.escn)
    data = campus.carry()
    assert town.take(data).told == 3
    taken = town.take(data, again=True)
    assert (taken.told, taken.blocked) == (3, 0)
    assert town.bench.router.card_status(card.escn).status == "INACTIVE"


@pytest.mark.parametrize("everybody", [False, True])
def test_who_withdrew_while_the_stick_was_on_its_way_is_forgotten_again(
    pair: tuple[Station, Station], tmp_path: Path, *, everybody: bool
) -> None:
    campus, town = pair
    card = campus.card()
    others = [] if everybody else [campus.card()]
    data = campus.carry()
    holder = campus.bench.desk.store.holders.get(card.holder_id)
    assert holder is not None
    life_of(campus.bench, tmp_path).withdraw_consent(holder)
    # What was queued to have them forgotten goes out before the stick is anywhere.
    campus.bench.server.upstream = town.bench.server.upstream
    campus.bench.work()
    taken = town.take(data)
    assert town.bench.router.card_status(card.escn).status == "ACTIVE"
    applied = campus.home(taken.answer)
    assert (applied.withdrawn, applied.left, applied.changed) == (2, 0, 0)
    campus.bench.work()
    with pytest.raises(RouterNotFoundError):
        town.bench.router.card_status(card.escn)
    with pytest.raises(RouterNotFoundError):
        town.bench.router.person(holder.esi or "", pic=PIC)
    for each in others:
        assert town.bench.router.card_status(each.escn).status == "ACTIVE"


def test_who_agreed_again_meanwhile_is_not_forgotten(pair: tuple[Station, Station], tmp_path: Path) -> None:
    campus, town = pair
    card = campus.card()
    data = campus.carry()
    holder = campus.bench.desk.store.holders.get(card.holder_id)
    assert holder is not None
    life = life_of(campus.bench, tmp_path)
    life.withdraw_consent(holder)
    campus.bench.server.upstream = town.bench.server.upstream
    campus.bench.work()
    life.agree_again(holder)
    assert campus.home(town.take(data).answer).withdrawn == 0
    campus.bench.work()
    assert town.bench.router.card_status(card.escn).status == "ACTIVE"
