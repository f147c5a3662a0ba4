"""Begin, portray, hand over, spoil and abandon."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError

from station.domain.card import BlankState, CardState, Registration
from station.domain.errors import InputError, WorkflowError
from station.domain.holder import Enrolment, EnrolmentStatus
from station.domain.outbox import OutboxKind
from station.domain.workflow import Cause, State
from tests.helpers.desks import TestDesk, a_portrait


def test_a_holder_is_begun_once(bench: TestDesk) -> None:
    first = bench.desk.begin(bench.liga)
    assert bench.desk.begin(bench.liga) == first
    assert first.state is State.DRAFT
    assert first.escn.endswith("-002999000001")
    assert first.expires_on == "2028-06-30"
    assert bench.desk.begin(bench.martins).escn > first.escn


@pytest.mark.parametrize("status", [EnrolmentStatus.ON_LEAVE, EnrolmentStatus.EXMATRICULATED])
def test_without_an_active_enrolment_no_card_is_begun(bench: TestDesk, status: EnrolmentStatus) -> None:
    holder = replace(bench.liga, enrolments=(Enrolment(status),))
    with pytest.raises(InputError, match="Līga"):
        bench.desk.begin(holder)
    assert bench.desk.store.issuances.open_issuances() == ()


def test_another_students_portrait_is_refused(bench: TestDesk) -> None:
    issuance = bench.desk.begin(bench.liga)
    with pytest.raises(InputError, match="another student"):
        bench.desk.accept_portrait(issuance, a_portrait(bench.martins.id))
    assert bench.desk.journal.issuance(issuance.id).state is State.DRAFT


def test_the_hand_over_writes_card_blank_and_outbox_at_once(bench: TestDesk) -> None:
    issuance = bench.verified()
    card = bench.desk.issuances.hand_over(issuance.id)
    assert bench.desk.store.cards.get(issuance.escn) == card
    assert card.registration is Registration.QUEUED
    assert card.uid == issuance.uid
    kinds = [e.kind for e in bench.desk.store.outbox.entries()]
    assert kinds == [OutboxKind.PERSON, OutboxKind.CARD, OutboxKind.PICTURE]
    (blank,) = bench.desk.store.cards.blanks()
    assert blank.state is BlankState.USED
    with pytest.raises(WorkflowError):
        bench.desk.issuances.hand_over(issuance.id)
    assert len(bench.desk.store.outbox.entries()) == 3


def test_a_card_that_was_not_verified_is_not_handed_over(bench: TestDesk) -> None:
    issuance = bench.printed()
    with pytest.raises(WorkflowError):
        bench.desk.issuances.hand_over(issuance.id)
    assert bench.desk.store.cards.get(issuance.escn) is None
    assert bench.desk.store.outbox.entries() == ()


def test_a_new_card_replaces_the_old_one(bench: TestDesk) -> None:
    old = bench.desk.issuances.hand_over(bench.verified().id)
    new = bench.desk.issuances.hand_over(bench.verified().id)
    states = {c.escn: c.state for c in bench.desk.store.cards.of_holder(bench.liga.id)}
    assert states == {old.escn: CardState.REPLACED, new.escn: CardState.ACTIVE}


def test_after_a_spoiled_card_one_begins_again_with_a_new_number(bench: TestDesk) -> None:
    issuance = bench.printed()
    bench.desk.issuances.spoil(issuance.id, Cause.MISPRINT, "streaks")
    again = bench.desk.issuances.begin_again(issuance.id)
    assert again.escn != issuance.escn
    assert again.state is State.CAPTURED
    assert again.portrait_id == issuance.portrait_id
    assert {b.state for b in bench.desk.store.cards.blanks()} == {BlankState.SPOILED}
    with pytest.raises(WorkflowError):
        bench.desk.issuances.begin_again(again.id)


def test_giving_up_abandons_before_plastic_and_spoils_after(bench: TestDesk) -> None:
    draft = bench.desk.begin(bench.liga)
    assert bench.desk.issuances.give_up(draft.id, Cause.HOLDER_LEFT).state is State.ABANDONED
    encoded = bench.encoded(bench.martins)
    assert bench.desk.issuances.give_up(encoded.id, Cause.HOLDER_LEFT).state is State.SPOILED
    assert bench.desk.issuances.give_up(encoded.id, Cause.OTHER).cause == Cause.HOLDER_LEFT


def test_an_issuance_that_does_not_exist_is_named(bench: TestDesk) -> None:
    with pytest.raises(InputError, match="nobody"):
        bench.desk.issuances.hand_over("nobody")


def test_a_card_takes_ten_commits_at_most(bench: TestDesk) -> None:
    bench.portrayed(bench.martins)  # the first card to a layout keeps that layout, once
    commits = []

    def count(connection: object) -> None:
        commits.append(connection)

    engine = bench.desk.store._db.engine  # type: ignore[attr-defined]
    event.listen(engine, "commit", count)
    bench.desk.issuances.hand_over(bench.verified().id)
    event.remove(engine, "commit", count)
    assert 8 <= len(commits) <= 10


def test_what_was_to_be_written_is_never_quoted_in_an_error(bench: TestDesk) -> None:
    engine = bench.desk.store._db.engine  # type: ignore[attr-defined]
    with engine.connect() as connection, pytest.raises(OperationalError) as failed:
        connection.execute(text("select * from nowhere where name = :name"), {"name": "Bērziņa-Šķēle"})
    assert "Bērziņa" not in str(failed.value)
