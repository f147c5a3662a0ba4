"""Cards that were made before: verified, brought up to new keys with the number they have, erased when returned."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from station.adapters.secrets.demo_signer import demo_root
from station.chip.profiles import ChipProfile, parse_profile
from station.chip.virtual_card import VirtualDesfire
from station.domain.card import Card
from station.domain.errors import (
    CardRemovedError,
    ChipMismatchError,
    ChipUnsuitableError,
    InputError,
)
from station.domain.workflow import Cause, State
from station.ports.chip import ChipConnection
from station.services.card_watch import Standing
from station.services.upkeep import (
    begin_with,
    erase_card,
    need_erasable,
    owner_of,
    plan_erase,
    renew,
    verify_known,
)
from tests.helpers.chip import Direct, demo_profile, run_encode
from tests.helpers.chip_profiles import hiding, shipped_text
from tests.helpers.desks import TestDesk, never, open_test_desk, quiet


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[TestDesk]:
    with open_test_desk(tmp_path / "desk") as desk:
        yield desk


def newer(name: str = "deuinfo") -> ChipProfile:
    """Return the profile with every key one version later."""
    text = shipped_text(name)
    assert tomllib.loads(text)["name"] == name
    return parse_profile(text.replace("version = 1", "version = 2")).trusting(demo_root())


@contextmanager
def on_reader(bench: TestDesk, uid: str | None = None) -> Iterator[ChipConnection]:
    if uid:
        bench.tray.put(uid)
    (name,) = [each.name for each in bench.tray.readers.list_readers()]
    with bench.tray.readers.open_card(name) as connection:
        yield connection


def handed_over(bench: TestDesk) -> Card:
    return bench.desk.issuances.hand_over(bench.verified().id)


def renewed(bench: TestDesk, card: Card, profile: ChipProfile) -> None:
    with on_reader(bench, card.uid) as connection:
        renew(bench.desk, connection, card, profile, cancel=never(), progress=quiet)


# --- verify -------------------------------------------------------------------------------------------------------


def test_a_card_agrees_with_its_record(bench: TestDesk) -> None:
    card = handed_over(bench)
    with on_reader(bench, card.uid) as connection:
        issuance, proved = verify_known(bench.desk, connection, bench.desk.chip_profile)
    assert (issuance.escn, proved.uid) == (card.escn, card.uid)


def test_a_blank_and_a_copy_do_not(bench: TestDesk) -> None:
    card = handed_over(bench)
    bench.tray.put_blank()
    with on_reader(bench) as connection, pytest.raises(ChipMismatchError, match="not made here"):
        verify_known(bench.desk, connection, bench.desk.chip_profile)
    copy = VirtualDesfire.new()
    run_encode(Direct(copy), card.escn, profile=demo_profile("deuinfo-unsigned"))
    bench.tray.readers.insert(copy)
    with on_reader(bench) as connection, pytest.raises(ChipMismatchError):
        verify_known(bench.desk, connection, demo_profile("deuinfo-unsigned"))


# --- renew --------------------------------------------------------------------------------------------------------


def test_new_keys_come_onto_the_card_and_into_its_record(bench: TestDesk) -> None:
    card = handed_over(bench)
    assert card.key_versions == "deuinfo-application/v1 deuinfo-base/v1"
    renewed(bench, card, newer())
    after = bench.desk.store.cards.get(card.escn)
    assert after is not None
    assert (after.escn, after.uid) == (card.escn, card.uid)
    assert after.key_versions == "deuinfo-application/v2 deuinfo-base/v2"
    with on_reader(bench, card.uid) as connection:
        verify_known(bench.desk, connection, newer())


@pytest.mark.parametrize("after", range(8, 40, 4))
def test_a_card_pulled_while_it_gets_new_keys_is_finished_by_the_same_call(bench: TestDesk, after: int) -> None:
    card = handed_over(bench)
    bench.tray.readers.pull_after(after)
    with pytest.raises(CardRemovedError):
        renewed(bench, card, newer())
    kept = bench.desk.store.cards.get(card.escn)
    assert kept is not None
    assert kept.key_versions.endswith("v1"), "what was not finished is not recorded"
    renewed(bench, card, newer())
    kept = bench.desk.store.cards.get(card.escn)
    assert kept is not None
    assert kept.key_versions.endswith("v2")


def test_only_the_right_card_gets_them(bench: TestDesk) -> None:
    card = handed_over(bench)
    blank = bench.tray.put_blank()
    with on_reader(bench, blank) as connection, pytest.raises(ChipUnsuitableError, match="another card"):
        renew(bench.desk, connection, card, newer(), cancel=never(), progress=quiet)
    with on_reader(bench, card.uid) as connection, pytest.raises(InputError, match="deuinfo-unsigned"):
        renew(
            bench.desk, connection, card, demo_profile("deuinfo-unsigned"), cancel=never(), progress=quiet
        )  # fmt: skip
    with on_reader(bench, blank) as connection:
        assert connection.atr
    assert bench.desk.card_watch.look("Demo reader 0", cancel=never()).standing is Standing.BLANK


# --- erase --------------------------------------------------------------------------------------------------------


def test_a_card_that_somebody_has_is_refused_unless_that_is_known(bench: TestDesk) -> None:
    card = handed_over(bench)
    profile = bench.desk.chip_profile
    with on_reader(bench, card.uid) as connection:
        plan = plan_erase(bench.desk, connection, profile)
        assert (plan.uid, plan.ours, plan.others, plan.holder) == (card.uid, ("F58840",), (), bench.liga.full_name)
        with pytest.raises(InputError, match="belongs to"):
            need_erasable(plan, in_use=False)
        need_erasable(plan, in_use=True)
        report = erase_card(bench.desk, connection, plan, profile)
    assert (report.deleted, report.left) == (("F58840",), ())
    with on_reader(bench) as connection:
        assert plan_erase(bench.desk, connection, profile).ours == ()


def test_a_card_that_is_being_made_is_refused(bench: TestDesk) -> None:
    issuance = bench.encoded()
    with on_reader(bench, issuance.uid) as connection:
        plan = plan_erase(bench.desk, connection, bench.desk.chip_profile)
        with pytest.raises(InputError, match="being made"):
            need_erasable(plan, in_use=True)
    bench.desk.issuances.spoil(issuance.id, Cause.CHIP_FAILED)
    with on_reader(bench, issuance.uid) as connection:
        plan = plan_erase(bench.desk, connection, bench.desk.chip_profile)
        need_erasable(plan, in_use=False)
        erase_card(bench.desk, connection, plan, bench.desk.chip_profile)


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
        erase_card(bench.desk, connection, plan, bench.desk.chip_profile)
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
            erase_card(bench.desk, connection, plan, profile)


def test_whose_card_it_is_when_its_uid_is_hidden(bench: TestDesk) -> None:
    card = handed_over(bench)
    hidden = VirtualDesfire.new()
    run_encode(Direct(hidden), card.escn, profile=hiding("deuinfo"))
    bench.tray.readers.insert(hidden)
    seen = bench.desk.card_watch.look("Demo reader 0", cancel=never()).seen
    owner = owner_of(bench.desk, seen)
    assert owner is not None
    assert owner.escn == card.escn


# --- begin --------------------------------------------------------------------------------------------------------


def test_a_card_is_begun_to_the_profile_that_was_named(bench: TestDesk) -> None:
    profile = bench.desk.making.chip_profile_named("access-control")
    issuance = begin_with(bench.desk, bench.liga.id, profile)
    assert (issuance.chip_profile, issuance.state) == ("access-control", State.DRAFT)
    assert begin_with(bench.desk, bench.liga.id, profile) == issuance
    with pytest.raises(InputError, match="access-control"):
        begin_with(bench.desk, bench.liga.id, bench.desk.chip_profile)
    with pytest.raises(InputError, match="no longer"):
        begin_with(bench.desk, "nobody", profile)


def test_a_card_whose_chip_is_written_goes_on_elsewhere(bench: TestDesk) -> None:
    issuance = bench.encoded()
    with pytest.raises(InputError, match="written already"):
        begin_with(bench.desk, issuance.holder_id, bench.desk.chip_profile)
