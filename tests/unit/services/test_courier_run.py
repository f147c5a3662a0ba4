"""Tests for ``station.services.courier_run``: order within a person, and nobody waits for ever."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from station.adapters.router.crew import ThreadCrew
from station.domain.errors import RouterGoneError, RouterRefusedError, RouterUnreachableError
from station.domain.outbox import OutboxEntry, OutboxKind
from station.domain.station_errors import QueueFileError
from station.services.courier_run import CourierRun, queues_of
from station.services.outbox_sending import Answer
from station.services.queue_file import CarriedEntry, QueueBody, Result
from tests.helpers.finished_cards import NOW


class Wire:
    """What sends: notes each key, and answers as it is told."""

    def __init__(self, answers: dict[str, Any] | None = None) -> None:
        self.sent: list[str] = []
        self._answers, self._lock = answers or {}, threading.Lock()

    def send(self, entry: OutboxEntry) -> Answer:
        """Note an entry and answer it."""
        with self._lock:
            self.sent.append(entry.key)
        error = self._answers.get(entry.key)
        if isinstance(error, ArithmeticError):
            raise error
        return Answer(entry, error, {} if error else {"did": "created"})


def deletion(person: str, number: int) -> CarriedEntry:
    """Return an entry that needs no more than an ESI."""
    return CarriedEntry(
        key=f"{person}{number}",
        kind=OutboxKind.DELETE_CARD,
        order_key=person,
        escn=f"{person}{number}",
        sequence=number,
        payload={"esi": person, "pic": "1"},
        content="c" * 64,
    )


def body(*entries: CarriedEntry) -> QueueBody:
    return QueueBody(made_at=NOW, station="x", router="r", entries=entries, pictures={})


def run(wire: Wire, *entries: CarriedEntry, stopped: bool = False) -> tuple[list[Result], Exception | None]:
    cancel, crew = threading.Event(), ThreadCrew(4)
    if stopped:
        cancel.set()
    made = CourierRun(wire, crew)  # type: ignore[arg-type]  # only send is asked for
    try:
        return made.send(queues_of(body(*entries), "stick"), cancel, lambda _step, _share: None)
    finally:
        made.close()


def test_each_persons_entries_go_in_their_order_whatever_the_order_in_the_file() -> None:
    wire = Wire()
    entries = [deletion(person, number) for number in (3, 1, 2) for person in "abcdef"]
    results, trouble = run(wire, *entries)
    assert trouble is None
    assert {result.done for result in results} == {True}
    for person in "abcdef":
        assert [key for key in wire.sent if key[0] == person] == [f"{person}{n}" for n in (1, 2, 3)]


def test_what_is_refused_holds_back_the_same_person_and_nobody_else() -> None:
    wire = Wire({"a1": RouterRefusedError(status=400)})
    results, trouble = run(wire, *(deletion(person, number) for person in "ab" for number in (1, 2)))
    assert trouble is None
    assert {(r.key, r.done) for r in results} == {("a1", False), ("b1", True), ("b2", True)}
    assert next(r for r in results if not r.done).said["code"] == "RouterRefused"


def test_what_is_final_travels_as_final() -> None:
    results, _trouble = run(Wire({"a1": RouterGoneError(status=410)}), deletion("a", 1))
    assert results[0].said["final"] is True


def test_a_network_that_is_gone_stops_everybody() -> None:
    wire = Wire({f"{person}1": RouterUnreachableError() for person in "abcdefgh"})
    results, trouble = run(wire, *(deletion(person, number) for person in "abcdefgh" for number in (1, 2)))
    assert results == []
    assert isinstance(trouble, RouterUnreachableError)
    assert not any(key.endswith("2") for key in wire.sent)


def test_nothing_is_begun_after_it_was_cancelled() -> None:
    wire = Wire()
    assert run(wire, deletion("a", 1), stopped=True) == ([], None)
    assert wire.sent == []


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_mistake_of_the_program_keeps_nobody_waiting() -> None:
    results, _trouble = run(Wire({"a2": ArithmeticError("a mistake")}), deletion("a", 1), deletion("a", 2))
    assert [result.key for result in results] == ["a1"]


@pytest.mark.parametrize(
    "change",
    [{"payload": {"pic": "1"}}, {"kind": OutboxKind.STATUS}, {"kind": OutboxKind.PERSON}, {"kind": OutboxKind.PICTURE}],
)
def test_what_nobody_could_tell_spoils_the_whole_file(change: dict[str, Any]) -> None:
    wrong: Callable[[], object] = lambda: queues_of(  # noqa: E731 - one line says it
        body(deletion("a", 1), deletion("b", 1).model_copy(update=change)), "stick"
    )
    with pytest.raises(QueueFileError, match="can't be told to any router"):
        wrong()
