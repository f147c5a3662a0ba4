"""Cards that were made before: verified, brought up to new keys with the number they have, erased when returned."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from station.adapters.secrets.demo_signer import demo_root
from station.chip.profiles import ChipProfile, parse_profile
from station.chip.virtual_card.desfire import VirtualDesfire
from station.domain.aftercare import AftercareStopped, RenewBegun, Renewed
from station.domain.card import Card, CardState, Registration, RouterCardType
from station.domain.errors import (
    CardRemovedError,
    ChipMismatchError,
    ChipUnsuitableError,
    InputError,
)
from station.domain.workflow import Act, Event, HandedOver, State
from station.ports.chip import ChipConnection
from station.services.card_watch import Standing
from station.services.upkeep import (
    begin_with,
    owner_of,
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


def told_of(bench: TestDesk, card: Card) -> list[Event]:
    """Return what the journal says of a card since it was handed over."""
    events = [entry.event for entry in bench.desk.store.issuances.journal(card.issuance_id)]
    return events[events.index(HandedOver()) :][1:] or [HandedOver()]


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
    begun, ended = told_of(bench, card)
    assert begun == RenewBegun(card.uid or "", "deuinfo")
    assert isinstance(ended, Renewed)
    assert (ended.uid, ended.key_versions) == (card.uid, after.key_versions)
    assert bench.desk.journal.issuance(card.issuance_id).key_versions == after.key_versions
    assert len(bench.desk.store.outbox.entries()) == 3, "ESC-Router knows nothing of keys"
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
    (*_, stopped) = told_of(bench, card)
    begun = isinstance(stopped, AftercareStopped)
    assert begun == (bench.desk.journal.issuance(card.issuance_id).pending is Act.RENEW)
    renewed(bench, card, newer())
    kept = bench.desk.store.cards.get(card.escn)
    assert kept is not None
    assert kept.key_versions.endswith("v2")
    assert [type(each) for each in told_of(bench, card)][-2:] == [RenewBegun, Renewed]
    assert bench.desk.journal.issuance(card.issuance_id).settled


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


def test_a_card_grows_into_a_profile_that_has_more_and_the_router_is_told(tmp_path: Path) -> None:
    with open_test_desk(tmp_path / "desk", chip={"profile": "deuinfo-unsigned"}) as bench:
        card = handed_over(bench)
        assert (card.chip_profile, card.card_type) == ("deuinfo-unsigned", RouterCardType.SMART_NO_CDZ)
        signed = bench.desk.making.chip_profile_named("deuinfo")
        renewed(bench, card, signed)
        after = bench.desk.store.cards.get(card.escn)
        assert after == replace(card, chip_profile="deuinfo", card_type=RouterCardType.SMART_CDZ)
        issuance = bench.desk.journal.issuance(card.issuance_id)
        assert (issuance.chip_profile, issuance.card_type) == ("deuinfo", RouterCardType.SMART_CDZ)
        *_, first, _picture, update = bench.desk.store.outbox.entries()
        assert (first.key, update.key) == (f"card:{card.escn}", f"card:{card.escn}:11")
        assert (first.payload["card_type"], update.payload["card_type"]) == ("SMART_NO_CDZ", "SMART_CDZ")
        assert (update.order_key, update.escn) == (first.order_key, card.escn)
        assert update.sequence > first.sequence, "after what waits for this person"
        with on_reader(bench, card.uid) as connection:
            verify_known(bench.desk, connection, signed)
        renewed(bench, after, signed)
        assert len(bench.desk.store.outbox.entries()) == 4, "the same thing is not told twice"


def test_a_card_known_by_its_uid_alone_can_get_its_data_zone(tmp_path: Path) -> None:
    with open_test_desk(tmp_path / "desk", chip={"profile": "uid"}, router={"enabled": False}) as bench:
        card = handed_over(bench)
        renewed(bench, card, bench.desk.making.chip_profile_named("deuinfo"))
        after = bench.desk.store.cards.get(card.escn)
        assert after is not None
        assert (after.chip_profile, after.registration) == ("deuinfo", Registration.NOT_NEEDED)
        assert bench.desk.store.outbox.entries() == ()


@pytest.mark.parametrize("name", ["deuinfo-unsigned", "access-control", "uid", "none", "ndef-url"])
def test_a_profile_that_lacks_something_is_refused(bench: TestDesk, name: str) -> None:
    card = handed_over(bench)
    with pytest.raises(InputError, match="doesn't have all"):
        renewed(bench, card, bench.desk.making.chip_profile_named(name))
    assert told_of(bench, card) == [HandedOver()]


def test_only_a_card_in_use_is_renewed_but_what_has_begun_is_finished(bench: TestDesk) -> None:
    card = handed_over(bench)
    with pytest.raises(InputError, match="not in use"):
        renewed(bench, replace(card, state=CardState.BLOCKED), newer())
    bench.tray.readers.pull_after(30)
    with pytest.raises(CardRemovedError):
        renewed(bench, card, newer())
    assert bench.desk.journal.issuance(card.issuance_id).pending is Act.RENEW
    renewed(bench, replace(card, state=CardState.BLOCKED), newer())
    assert bench.desk.journal.issuance(card.issuance_id).settled


# --- whose ----------------------------------------------------------------------------------------------------------


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
