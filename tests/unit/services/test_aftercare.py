"""What was begun on a finished card's chip and never ended: killed in between, the card itself is asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from station.domain.aftercare import AftercareStopped, EraseBegun, Erased, RenewBegun, Renewed
from station.domain.card import Card, CardState
from station.domain.errors import CardRemovedError, ChipMismatchError, WorkflowError
from station.domain.workflow import Act, Doubted, Event, State
from station.services.aftercare import settle
from station.services.erasure import erase_card
from station.services.recovery import Doubt, Need
from station.services.upkeep import renew, verify_known
from tests.helpers.chip_profiles import shipped_text
from tests.helpers.desks import TestDesk, never, open_test_desk, quiet


class Died(BaseException):
    """The program ends here, and nobody is told."""


def handed_over(bench: TestDesk) -> Card:
    return bench.desk.issuances.hand_over(bench.verified().id)


def die_at(bench: TestDesk, kind: type[Event]) -> None:
    """End the program in the place of the journal's entry of this kind."""
    store = bench.desk.journal.store
    record = store.issuances.record

    def dying(change: object) -> None:
        if isinstance(change.entry.event, kind):  # type: ignore[attr-defined]  # it is a Change
            raise Died
        record(change)  # type: ignore[arg-type]

    store.issuances.record = dying  # type: ignore[method-assign]


def erase(bench: TestDesk, card: Card) -> None:
    assert card.uid
    bench.tray.put(card.uid)
    with bench.tray.readers.open_card("Demo reader 0") as connection:
        erase_card(bench.desk, connection, bench.desk.journal.issuance(card.issuance_id), bench.desk.chip_profile)


def bring_up(bench: TestDesk, card: Card) -> None:
    assert card.uid
    bench.tray.put(card.uid)
    with bench.tray.readers.open_card("Demo reader 0") as connection:
        renew(bench.desk, connection, card, bench.desk.chip_profile, cancel=never(), progress=quiet)


def told(bench: TestDesk, card: Card) -> list[type[Event]]:
    return [type(entry.event) for entry in bench.desk.store.issuances.journal(card.issuance_id)]


@pytest.mark.parametrize(
    ("act", "last", "need", "pending"),
    [(erase, Erased, Need.CARD_TO_ERASE, Act.ERASE), (bring_up, Renewed, Need.CARD_TO_RENEW, Act.RENEW)],
)
def test_killed_before_the_end_was_recorded_the_card_is_asked(
    tmp_path: Path, act: Callable[[TestDesk, Card], None], last: type[Event], need: Need, pending: Act
) -> None:
    with open_test_desk(tmp_path / "desk") as bench:
        card = handed_over(bench)
        die_at(bench, last)
        with pytest.raises(Died):
            act(bench, card)
    with open_test_desk(tmp_path / "desk") as bench:
        (doubt,) = bench.desk.recovery.doubts()
        assert (doubt.need, doubt.issuance.pending, doubt.issuance.escn) == (need, pending, card.escn)
        assert bench.desk.recovery.which(card.uid or "") == doubt.issuance
        assert bench.desk.begin(bench.liga).id != card.issuance_id, "nothing of it is being made"
        settled = settle(bench.desk, doubt.issuance, cancel=never(), progress=quiet)
        assert settled.settled
        assert settled.state is (State.ERASED if pending is Act.ERASE else State.HANDED_OVER)
        begun = EraseBegun if pending is Act.ERASE else RenewBegun
        assert told(bench, card)[-4:] == [begun, Doubted, begun, last]
        assert bench.desk.recovery.doubts() == ()


def test_killed_before_anything_was_deleted_it_is_deleted_then(tmp_path: Path) -> None:
    with open_test_desk(tmp_path / "desk") as bench:
        card = handed_over(bench)
        issuance = bench.desk.journal.issuance(card.issuance_id)
        bench.desk.journal.step(issuance, EraseBegun(card.uid or "", "deuinfo", "left", whole_card=True))
    with open_test_desk(tmp_path / "desk") as bench:
        (doubt,) = bench.desk.recovery.doubts()
        settle(bench.desk, doubt.issuance, cancel=never(), progress=quiet)
        after = bench.desk.store.cards.get(card.escn)
        assert after is not None
        assert (after.state, after.reason) == (CardState.RETURNED, "left")
        (reader,) = bench.tray.readers.list_readers()
        assert bench.desk.card_watch.look(reader.name, cancel=never()).seen.blank


def test_a_card_that_was_pulled_is_in_doubt_at_once_and_can_be_made_whole_again(tmp_path: Path) -> None:
    with open_test_desk(tmp_path / "desk") as bench:
        card = handed_over(bench)
        bench.tray.readers.pull_after(9)
        with pytest.raises(CardRemovedError):
            erase(bench, card)
        assert told(bench, card)[-2:] == [EraseBegun, AftercareStopped]
        assert bench.desk.recovery.doubts() == (
            Doubt(bench.desk.journal.issuance(card.issuance_id), Need.CARD_TO_ERASE),
        )
        bring_up(bench, card)
        assert bench.desk.recovery.doubts() == ()
        assert bench.desk.store.cards.get(card.escn) == card
        with bench.tray.readers.open_card("Demo reader 0") as connection:
            verify_known(bench.desk, connection, bench.desk.chip_profile)


def test_another_card_settles_nothing(tmp_path: Path) -> None:
    with open_test_desk(tmp_path / "desk") as bench:
        card = handed_over(bench)
        other = bench.desk.issuances.hand_over(bench.verified(bench.martins).id)
        issuance = bench.desk.journal.issuance(card.issuance_id)
        begun = bench.desk.journal.step(issuance, EraseBegun(card.uid or "", "deuinfo"))
        object.__setattr__(bench.desk, "hands", lambda _: bench.tray.put(other.uid or ""))
        with pytest.raises(ChipMismatchError, match="another card number"):
            settle(bench.desk, begun, cancel=never(), progress=quiet)
        assert bench.desk.journal.issuance(issuance.id) == begun
        with pytest.raises(WorkflowError, match="nothing was begun"):
            settle(
                bench.desk, replace(issuance, pending=Act.ERASE, id=other.issuance_id), cancel=never(), progress=quiet
            )


def test_the_profile_that_was_begun_is_the_one_that_is_finished(tmp_path: Path) -> None:
    folder = tmp_path / "profiles"
    folder.mkdir()
    text = shipped_text("deuinfo-unsigned").replace('name = "deuinfo-unsigned"', 'name = "ours"')
    (folder / "ours.toml").write_text(text.replace("version = 1", "version = 2"), encoding="utf-8")
    chip = {"profile": "deuinfo-unsigned", "folder": folder}
    with open_test_desk(tmp_path / "desk", chip=chip) as bench:
        card = handed_over(bench)
        ours = bench.desk.making.chip_profile_named("ours")
        assert card.uid
        bench.tray.readers.pull_after(25)
        with bench.tray.readers.open_card("Demo reader 0") as connection, pytest.raises(CardRemovedError):
            renew(bench.desk, connection, card, ours, cancel=never(), progress=quiet)
        (doubt,) = bench.desk.recovery.doubts()
        settle(bench.desk, doubt.issuance, cancel=never(), progress=quiet)
        after = bench.desk.store.cards.get(card.escn)
        assert after is not None
        assert (after.chip_profile, after.key_versions) == ("ours", "deuinfo-application/v2 deuinfo-base/v2")
