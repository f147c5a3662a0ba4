"""Cards that were given back: planned, refused, erased, journaled on both sides, and another card made on the chip."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from station.chip.profiles import ChipProfile
from station.domain.aftercare import AftercareStopped, EraseBegun, Erased
from station.domain.card import BlankState, Card, CardState
from station.domain.errors import CardRemovedError, ChipUnsuitableError, InputError
from station.domain.workflow import Act, Cause, PrintBegun, Spoiled, State
from station.ports.chip import ChipConnection
from station.services.card_watch import Standing
from station.services.encoding import EncodingService
from station.services.erasure import erase_card, need_erasable, plan_erase
from station.services.upkeep import renew, verify_known
from tests.helpers.desks import TestDesk, never, open_test_desk, quiet


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[TestDesk]:
    with open_test_desk(tmp_path / "desk") as desk:
        yield desk


@contextmanager
def on_reader(bench: TestDesk, uid: str | None = None) -> Iterator[ChipConnection]:
    if uid:
        bench.tray.put(uid)
    (name,) = [each.name for each in bench.tray.readers.list_readers()]
    with bench.tray.readers.open_card(name) as connection:
        yield connection


def handed_over(bench: TestDesk) -> Card:
    return bench.desk.issuances.hand_over(bench.verified().id)


def erased(bench: TestDesk, card: Card, profile: ChipProfile | None = None, *, cause: str = "returned") -> Card:
    """Erase a card, and return its record."""
    with on_reader(bench, card.uid) as connection:
        wanted = profile or bench.desk.chip_profile
        plan = plan_erase(bench.desk, connection, wanted)
        erase_card(bench.desk, connection, plan.issuance, wanted, cause=cause)
    after = bench.desk.store.cards.get(card.escn)
    assert after is not None
    return after


def test_a_card_that_somebody_has_is_refused_unless_that_is_known(bench: TestDesk) -> None:
    card = handed_over(bench)
    profile = bench.desk.chip_profile
    with on_reader(bench, card.uid) as connection:
        plan = plan_erase(bench.desk, connection, profile)
        assert (plan.uid, plan.ours, plan.others, plan.holder) == (card.uid, ("F58840",), (), bench.liga.full_name)
        with pytest.raises(InputError, match="belongs to"):
            need_erasable(plan, in_use=False)
        need_erasable(plan, in_use=True)
        report = erase_card(bench.desk, connection, plan.issuance, profile)
    assert (report.deleted, report.left) == (("F58840",), ())
    with on_reader(bench) as connection:
        assert plan_erase(bench.desk, connection, profile).ours == ()


def test_a_card_that_came_out_of_the_printer_is_refused_until_it_is_spoiled(bench: TestDesk) -> None:
    issuance = bench.printed()
    with on_reader(bench, issuance.uid) as connection:
        plan = plan_erase(bench.desk, connection, bench.desk.chip_profile)
        with pytest.raises(InputError, match="being made"):
            need_erasable(plan, in_use=True)
    bench.desk.issuances.spoil(issuance.id, Cause.CHIP_FAILED)
    with on_reader(bench, issuance.uid) as connection:
        plan = plan_erase(bench.desk, connection, bench.desk.chip_profile)
        need_erasable(plan, in_use=False)
        erase_card(bench.desk, connection, plan.issuance, bench.desk.chip_profile)


def test_a_card_spoiled_before_its_number_was_on_it_is_known_by_the_stock(bench: TestDesk) -> None:
    issuance = bench.portrayed()
    bench.tray.readers.pull_after(20)
    with pytest.raises(CardRemovedError):
        bench.desk.encode(issuance, cancel=never(), progress=quiet)
    begun = bench.desk.journal.issuance(issuance.id)
    bench.desk.issuances.spoil(issuance.id, Cause.CHIP_FAILED)
    with on_reader(bench, begun.uid) as connection:
        plan = plan_erase(bench.desk, connection, bench.desk.chip_profile)
        assert plan.issuance.id == issuance.id
        erase_card(bench.desk, connection, plan.issuance, bench.desk.chip_profile)
    assert bench.desk.card_watch.look("Demo reader 0", cancel=never()).seen.blank


def test_a_strange_card_is_refused_and_so_is_one_that_was_changed_for_another(bench: TestDesk) -> None:
    card = handed_over(bench)
    profile = bench.desk.chip_profile
    with on_reader(bench, card.uid) as connection:
        plan = plan_erase(bench.desk, connection, profile)
    blank = bench.tray.put_blank()
    with on_reader(bench, blank) as connection:
        with pytest.raises(ChipUnsuitableError, match="not made here"):
            plan_erase(bench.desk, connection, profile)
        with pytest.raises(ChipUnsuitableError, match="another card"):
            erase_card(bench.desk, connection, plan.issuance, profile)


def test_an_erased_card_is_returned_in_journal_and_record(bench: TestDesk) -> None:
    card = handed_over(bench)
    after = erased(bench, card, cause="left the university")
    assert (after.state, after.reason, after.escn) == (CardState.RETURNED, "left the university", card.escn)
    *_, begun, ended = bench.desk.store.issuances.journal(card.issuance_id)
    assert begun.event == EraseBegun(card.uid or "", "deuinfo", "left the university")
    assert isinstance(ended.event, Erased)
    assert (ended.event.uid, ended.event.cause) == (card.uid, "left the university")
    assert ended.station == bench.desk.settings.station.name
    (blank,) = bench.desk.store.cards.blanks(BlankState.IN_STOCK)
    assert (blank.uid, blank.cause) == (card.uid, "erased")
    told = bench.desk.store.outbox.entries()[3:]
    assert [(entry.escn, entry.payload["status"]) for entry in told] == [(card.escn, "INACTIVE")]
    seen = bench.desk.card_watch.look("Demo reader 0", cancel=never())
    assert (seen.standing, seen.holder, seen.card) == (Standing.RETURNED, bench.liga, after)
    with on_reader(bench) as connection, pytest.raises(Exception, match="given back and erased"):
        verify_known(bench.desk, connection, bench.desk.chip_profile)


def test_somebody_else_s_card_can_be_made_on_it_with_another_number(bench: TestDesk) -> None:
    card = handed_over(bench)
    issuance = bench.portrayed(bench.martins)
    service = EncodingService(
        bench.desk.journal, bench.desk.devices.readers, bench.desk.devices.secrets, pattern="", wait_s=1
    )
    assert card.uid
    bench.tray.put(card.uid)
    with pytest.raises(ChipUnsuitableError, match="already made for"):
        service.encode(issuance.id, bench.desk.chip_profile, cancel=never(), progress=quiet)
    erased(bench, card)
    made = service.encode(issuance.id, bench.desk.chip_profile, cancel=never(), progress=quiet)
    assert (made.state, made.uid) == (State.ENCODED, card.uid)
    assert made.escn != card.escn
    seen = bench.desk.card_watch.look("Demo reader 0", cancel=never())
    assert (seen.standing, seen.holder) == (Standing.IN_WORK, bench.martins)


def test_a_card_that_is_only_written_is_given_up_and_erased(bench: TestDesk) -> None:
    written = bench.encoded()
    with on_reader(bench, written.uid) as connection:
        plan = plan_erase(bench.desk, connection, bench.desk.chip_profile)
        need_erasable(plan, in_use=False)
        assert plan.gives_up
        erase_card(bench.desk, connection, plan.issuance, bench.desk.chip_profile)
    events = [type(entry.event) for entry in bench.desk.store.issuances.journal(written.id)]
    assert events[-3:] == [Spoiled, EraseBegun, Erased], "given up before the first command that deletes"
    assert bench.desk.store.issuances.by_uid(written.uid) is None, "the chip is free"
    assert bench.desk.store.cards.get(written.escn) is None, "nobody ever had this card"


def test_a_card_that_goes_through_the_printer_is_not_erased(bench: TestDesk) -> None:
    written = bench.encoded()
    bench.desk.journal.step(bench.desk.journal.issuance(written.id), PrintBegun("job", "Demo printer"))
    with on_reader(bench, written.uid) as connection, pytest.raises(InputError, match="being made for"):
        need_erasable(plan_erase(bench.desk, connection, bench.desk.chip_profile), in_use=True)


@pytest.mark.parametrize("after", range(4, 24, 3))
def test_a_card_pulled_while_it_is_erased_is_finished_by_the_same_call(bench: TestDesk, after: int) -> None:
    card = handed_over(bench)
    with on_reader(bench, card.uid) as connection:
        issuance = plan_erase(bench.desk, connection, bench.desk.chip_profile).issuance
    bench.tray.readers.pull_after(after)
    try:
        with on_reader(bench, card.uid) as connection:
            erase_card(bench.desk, connection, issuance, bench.desk.chip_profile)
    except CardRemovedError:
        now = bench.desk.journal.issuance(card.issuance_id)
        last = bench.desk.store.issuances.journal(card.issuance_id)[-1].event
        if isinstance(last, AftercareStopped):
            assert (now.pending, now.doubt) == ((Act.ERASE, True) if last.written else (None, False))
        else:
            assert now.settled, "it was pulled before anything was begun"
        kept = bench.desk.store.cards.get(card.escn)
        assert kept == card, "what was not finished is not recorded"
        assert erased(bench, card).state is CardState.RETURNED
    assert bench.desk.journal.issuance(card.issuance_id).state is State.ERASED


def test_a_profile_that_would_leave_something_is_refused(bench: TestDesk) -> None:
    card = handed_over(bench)
    other = bench.desk.making.chip_profile_named("access-control")
    with pytest.raises(InputError, match="would leave some"):
        erased(bench, card, other)
    erased(bench, card)
    # What another profile may have put on it goes when nobody has it any more.
    assert erased(bench, card, other).state is CardState.RETURNED


def test_what_a_torn_renewal_may_have_written_has_to_go_too(tmp_path: Path) -> None:
    with open_test_desk(tmp_path / "desk", chip={"profile": "uid"}) as bench:
        card = handed_over(bench)
        larger = bench.desk.making.chip_profile_named("deuinfo")
        bench.tray.readers.pull_after(20)
        with on_reader(bench, card.uid) as connection, pytest.raises(CardRemovedError):
            renew(bench.desk, connection, card, larger, cancel=never(), progress=quiet)
        with pytest.raises(InputError, match="deuinfo, and uid would leave some"):
            erased(bench, card)
        with on_reader(bench, card.uid) as connection:
            issuance = plan_erase(bench.desk, connection, larger).issuance
            bench.tray.readers.pull_after(8)
            with pytest.raises(CardRemovedError):
                erase_card(bench.desk, connection, issuance, larger)
        assert bench.desk.journal.issuance(card.issuance_id).pending is Act.ERASE
        with pytest.raises(InputError, match="deuinfo, and uid would leave some"):
            erased(bench, card)
        assert erased(bench, card, larger).state is CardState.RETURNED
        assert bench.desk.card_watch.look("Demo reader 0", cancel=never()).seen.blank


def test_a_card_known_by_its_uid_alone_comes_back_too(tmp_path: Path) -> None:
    with open_test_desk(tmp_path / "desk", chip={"profile": "uid"}) as bench:
        card = handed_over(bench)
        assert erased(bench, card).state is CardState.RETURNED
        assert bench.desk.store.issuances.by_uid(card.uid or "") is None
