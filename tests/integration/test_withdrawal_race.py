"""Somebody withdraws at one desk while another one hands them a card: in either order ESC-Router forgets them."""

from __future__ import annotations

from pathlib import Path

import pytest

from station.domain.card import Registration
from station.domain.outbox import OutboxKind
from station.domain.workflow import Issuance
from station.services.issuance import IssuanceService
from station.services.journal import Journal, Who
from station.services.lifecycle import Lifecycle
from station.services.registration import RegistrationPolicy
from tests.helpers.desks import TestDesk, open_test_desk


class Interrupted(IssuanceService):
    """The hand-over of one desk, in the middle of which the holder withdraws at another."""

    withdraw: Lifecycle | None = None
    bench: TestDesk

    def policy(self, institution: str) -> RegistrationPolicy:
        """Be asked when it is decided what is told; that is when the other desk is faster."""
        life, self.withdraw = self.withdraw, None
        if life is not None:
            life.withdraw_consent(self.bench.liga)
        return super().policy(institution)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "desk"


def other_desk(bench: TestDesk) -> Journal:
    return Journal(bench.desk.store, bench.desk.clock, Who("Ilze", "Desk 2"))


def test_a_card_that_is_handed_over_at_that_moment_is_not_told(folder: Path) -> None:
    with open_test_desk(folder) as bench:
        desk, issuance = bench.desk, bench.verified()
        life = Lifecycle(other_desk(bench), desk.settings, desk.issuances.policy, changed=desk.outbox.queue_changed)
        service = Interrupted(desk.journal, desk.settings, {}, lambda: None)
        service.bench, service.withdraw = bench, life
        card = service.hand_over(issuance.id)
        assert card.registration is Registration.NOT_NEEDED
        assert desk.store.cards.get(card.escn) == card
        assert desk.store.outbox.entries() == ()


def test_a_card_that_was_handed_over_at_that_moment_is_forgotten_with_the_others(folder: Path) -> None:
    with open_test_desk(folder) as bench:
        desk = bench.desk
        waiting: list[Issuance] = [bench.verified()]

        def policy(institution: str) -> RegistrationPolicy:
            if waiting:
                desk.issuances.hand_over(waiting.pop().id)
            return desk.issuances.policy(institution)

        done = Lifecycle(other_desk(bench), desk.settings, policy, changed=desk.outbox.queue_changed)
        withdrawn = done.withdraw_consent(bench.liga)
        (card,) = desk.store.cards.of_holder(bench.liga.id)
        assert card.registration is Registration.NOT_NEEDED
        assert (withdrawn.ended, withdrawn.deletions) == (3, 3)
        kinds = [entry.kind for entry in desk.store.outbox.entries()]
        assert kinds == [OutboxKind.DELETE_CARD, OutboxKind.DELETE_PICTURE, OutboxKind.DELETE_PERSON]
        assert {entry.escn for entry in desk.store.outbox.entries()} == {card.escn}
        assert len(desk.store.consents.of_holder(bench.liga.id)) == 1
