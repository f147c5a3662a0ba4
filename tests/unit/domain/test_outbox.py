"""What to send when: pure, so it is checked for every queue there can be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.domain.outbox import (
    CLOCKS_APART,
    FINAL,
    KIND_NAMES,
    LONGEST_WAIT,
    PUT_OFF_AT,
    Backoff,
    LookAgain,
    OutboxEntry,
    OutboxKind,
    OutboxState,
    Rewind,
    Send,
    corrected,
    failed,
    plan,
    retried,
    succeeded,
    to_send,
)

NOW = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)


def entry(sequence: int, person: str = "a", **changes: object) -> OutboxEntry:
    values: dict[str, object] = {
        "key": f"{person}:{sequence}",
        "lane": "router",
        "kind": OutboxKind.CARD,
        "order_key": person,
        "payload": {},
        "created_at": NOW,
        "sequence": sequence,
        **changes,
    }
    return OutboxEntry(**values)  # type: ignore[arg-type]  # the names and types are those of the entry


entries = st.lists(
    st.builds(
        entry,
        st.integers(0, 99),
        st.sampled_from("abc"),
        state=st.sampled_from(OutboxState),
        lane=st.sampled_from(["router", "other"]),
        next_at=st.none() | st.integers(-5, 5).map(lambda minutes: NOW + timedelta(minutes=minutes)),
    ),
    unique_by=lambda e: (e.sequence, e.order_key, e.lane),
)


@given(entries)
def test_the_plan_has_the_first_unfinished_of_each_person_and_nothing_else(queue: list[OutboxEntry]) -> None:
    chosen = to_send(plan(queue, NOW))
    assert len({(e.lane, e.order_key) for e in chosen}) == len(chosen)
    for each in chosen:
        before = [
            e for e in queue if (e.lane, e.order_key) == (each.lane, each.order_key) and e.sequence < each.sequence
        ]
        assert all(e.state is OutboxState.DONE for e in before)
        assert each.state is OutboxState.WAITING
        assert each.next_at is None or each.next_at <= NOW


@given(entries)
def test_nobody_waits_for_another_person(queue: list[OutboxEntry]) -> None:
    parts = [plan([e for e in queue if e.order_key == person], NOW) for person in "abc"]
    alone = {e.key + e.lane for part in parts for e in to_send(part)}
    assert {e.key + e.lane for e in to_send(plan(queue, NOW))} == alone


@given(entries, st.randoms())
def test_the_plan_does_not_depend_on_the_order_it_is_given_in(queue: list[OutboxEntry], random: object) -> None:
    shuffled = list(queue)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis gives a Random
    assert set(map(id, to_send(plan(shuffled, NOW)))) == set(map(id, to_send(plan(queue, NOW))))


def test_a_parked_entry_holds_back_its_own_person_only() -> None:
    queue = [entry(1, state=OutboxState.PARKED), entry(2), entry(1, "b")]
    assert to_send(plan(queue, NOW)) == (queue[2],)


def test_an_entry_goes_when_its_time_has_come() -> None:
    queue = [entry(1, next_at=NOW)]
    assert to_send(plan(queue, NOW - timedelta(seconds=1))) == ()
    assert to_send(plan(queue, NOW)) == (queue[0],)


@pytest.mark.parametrize(("attempts", "ceiling"), [(1, 2), (2, 4), (3, 8), (9, 512), (10, 600), (1000, 600)])
def test_waits_double_up_to_the_cap(attempts: int, ceiling: float) -> None:
    assert Backoff().wait(attempts, 1.0) == timedelta(seconds=ceiling)
    assert Backoff().wait(attempts, 0.0) == timedelta()


@given(st.integers(1, 100), st.floats(0, 1), st.floats(0, 5000))
def test_a_wait_is_never_shorter_than_asked_nor_longer_than_the_cap(
    attempts: int, fraction: float, at_least_s: float
) -> None:
    wait = Backoff().wait(attempts, fraction, at_least_s=at_least_s).total_seconds()
    # A timedelta counts whole microseconds.
    assert at_least_s - 1e-6 <= wait <= max(at_least_s, 600.0) + 1e-6


def test_a_success_is_final() -> None:
    done = succeeded(failed(entry(1), "busy", {"status": 503}, NOW), NOW + timedelta(minutes=1))
    assert (done.state, done.attempts, done.next_at, done.last_answer, done.last_params) == (
        OutboxState.DONE,
        2,
        None,
        "",
        {},
    )
    assert done.done_at == NOW + timedelta(minutes=1)


def test_a_failure_with_a_time_waits_and_without_one_is_parked() -> None:
    later = failed(entry(1), "busy", {"status": 503}, NOW)
    assert (later.state, later.attempts, later.next_at) == (OutboxState.WAITING, 1, NOW)
    parked = failed(later, "refused", {"detail": "email"}, None)
    assert (parked.state, parked.attempts, parked.next_at) == (OutboxState.PARKED, 2, None)
    assert (parked.last_answer, parked.last_params) == ("refused", {"detail": "email"})


def test_a_retry_goes_at_once_and_remembers_what_was_tried() -> None:
    again = retried(failed(entry(1), "refused", {"detail": "email"}, None))
    assert to_send(plan([again], NOW)) == (again,)
    assert (again.attempts, again.last_answer) == (1, "refused")


def test_the_plan_says_when_to_look_again() -> None:
    soon, later = NOW + timedelta(minutes=1), NOW + timedelta(minutes=9)
    queue = [entry(1, "a", next_at=later), entry(1, "b", next_at=soon), entry(1, "c", state=OutboxState.PARKED)]
    assert plan(queue, NOW) == (LookAgain(soon),)
    assert plan([queue[2]], NOW) == ()


def test_a_time_that_nobody_waits_for_on_purpose_is_put_right() -> None:
    wrong = entry(1, next_at=NOW + LONGEST_WAIT + timedelta(seconds=1))
    assert plan([wrong], NOW) == (Rewind(retried(wrong)), Send(retried(wrong)))
    assert plan([entry(1, next_at=NOW + LONGEST_WAIT)], NOW) == (LookAgain(NOW + LONGEST_WAIT),)


@pytest.mark.parametrize("back", [timedelta(hours=1), timedelta(days=1)])
def test_a_clock_that_was_set_back_makes_nobody_wait_longer(back: timedelta) -> None:
    put_off = entry(1, next_at=NOW + timedelta(seconds=2), last_params={PUT_OFF_AT: NOW.isoformat()})
    assert plan([put_off], NOW - CLOCKS_APART) == (LookAgain(NOW + timedelta(seconds=2)),)
    assert plan([put_off], NOW - back) == (Rewind(retried(put_off)), Send(retried(put_off)))


@given(entries, st.sets(st.sampled_from("abc")))
def test_who_is_on_the_way_is_not_sent_twice_and_holds_up_nobody_else(queue: list[OutboxEntry], busy: set[str]) -> None:
    others = [e for e in queue if e.order_key not in busy]
    assert to_send(plan(queue, NOW, busy=busy)) == to_send(plan(others, NOW))


def test_both_clocks_are_kept() -> None:
    theirs = NOW + timedelta(hours=3)
    done = succeeded(entry(1), NOW, router_at=theirs, said={"did": "created"})
    assert (done.done_at, done.router_at, done.last_params) == (NOW, theirs, {"did": "created"})
    # A failure without an answer leaves what the router's clock said last.
    assert failed(done, "away", {}, NOW).router_at == theirs


def test_what_is_parked_goes_out_when_the_records_say_something_else() -> None:
    parked = failed(entry(1, payload={"email": "wrong"}), "refused", {}, None)
    assert corrected(parked, {"email": "wrong"}) is None
    again = corrected(parked, {"email": "right@example.lv"})
    assert again is not None
    assert (again.state, again.payload) == (OutboxState.WAITING, {"email": "right@example.lv"})


def test_a_final_answer_is_never_corrected() -> None:
    gone = failed(entry(1), "anonymised", {FINAL: True}, None)
    assert gone.final
    assert not failed(entry(1), "refused", {}, None).final
    assert corrected(gone, {"anything": "else"}) is None


def test_a_parked_picture_holds_nothing_back_and_anything_else_that_is_parked_does() -> None:
    for kind in OutboxKind:
        parked, behind = failed(entry(1, kind=kind), "refused", {}, None), entry(2)
        wanted = (behind,) if kind is OutboxKind.PICTURE else ()
        assert to_send(plan([parked, behind], NOW)) == wanted
        assert to_send(plan([entry(1, kind=kind), behind], NOW)) == (entry(1, kind=kind),)


def test_every_kind_has_a_name() -> None:
    assert set(KIND_NAMES) == set(OutboxKind)
    assert len(set(KIND_NAMES.values())) == len(OutboxKind)
