"""Tests for ``station.app.enrolling``, and for what a desk becomes by it when it is opened."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from station.adapters.store import open_store
from station.app.build import open_desk
from station.app.enrolling import open_enrolment
from station.domain.enrolment import Right
from station.domain.holder import Enrolment, Holder
from station.domain.station_errors import NotEnrolledError
from station.ports.register import RegisterRow
from station.services.enrolment import token_name
from station.settings import Settings, settings_from
from tests.helpers.keyrings import FakeKeyring, in_use
from tests.helpers.scribe import NOON, PIC


@pytest.fixture
def keyring() -> Iterator[FakeKeyring]:
    with in_use(FakeKeyring()) as made:
        assert isinstance(made, FakeKeyring)
        yield made


@pytest.fixture
def profile(tmp_path: Path) -> Settings:
    rtu = {"key": "rtu", "name": "RTU", "pic": PIC, "sho": "rtu.lv", "escn_prefix": 5}
    return settings_from(
        {
            "institutions": [rtu],
            "station": {"name": "my laptop"},
            "store": {"path": tmp_path / "station.db"},
            "printer": {"driver": "pdf"},
            "router": {"enabled": False},
        },
        tmp_path / "station.toml",
    )


def renamed(profile: Settings) -> str:
    """Enrol this computer, as an admin at the same store would have it called; return its id."""
    with open_enrolment(profile) as enrolment:
        enrolment.begin()
        code, _kept = enrolment.invite("Desk 2", frozenset({Right.ISSUE}))
    other = replace(profile, station=replace(profile.station, name="other laptop"))
    with open_enrolment(other) as enrolment:
        return enrolment.enrol(code).id


def test_only_store_and_keyring_are_opened(profile: Settings, keyring: FakeKeyring) -> None:
    with open_enrolment(profile) as enrolment:
        assert enrolment.here() is None
        assert enrolment.begin().prefixes == ((PIC, 5),)
    assert [name for _service, name in keyring.kept] == [token_name(profile)]


def test_a_desk_is_what_it_was_enrolled_as(profile: Settings, keyring: FakeKeyring) -> None:
    renamed(profile)
    other = replace(profile, station=replace(profile.station, name="other laptop"))
    with open_desk(other) as desk:
        assert desk.journal.who.station == "Desk 2"
        assert desk.settings.institution.escn_prefix == 1
        assert desk.journal.rights.held() == {Right.ISSUE}
    assert token_name(other) in {name for _service, name in keyring.kept}


def test_a_computer_without_the_token_is_no_station(profile: Settings, keyring: FakeKeyring) -> None:
    renamed(profile)
    keyring.kept.clear()
    for withdrawn_too in (False, True):
        with pytest.raises(NotEnrolledError, match="not enrolled"), open_desk(profile, withdrawn_too=withdrawn_too):
            pass


@pytest.mark.usefixtures("keyring")
def test_a_withdrawn_station_is_opened_for_its_queue_only(profile: Settings) -> None:
    station = renamed(profile)
    other = replace(profile, station=replace(profile.station, name="other laptop"))
    student = Holder("h1", "rtu", "Anna", "Ozola", "1", enrolments=(Enrolment(),))
    with open_desk(other) as desk:
        holders = desk.store.holders
        holders.apply_import(holders.plan_import([RegisterRow(student)], "test"), "test", NOON)
    file = profile.store.path
    assert file is not None
    with closing(open_store(file)) as store:
        store.enrolment.withdraw(station, NOON, "Ilze", "stolen")
    with pytest.raises(NotEnrolledError, match="was withdrawn"), open_desk(other):
        pass
    with open_desk(other, withdrawn_too=True) as desk:
        assert desk.store.outbox.entries() == ()
        with pytest.raises(NotEnrolledError, match="was withdrawn"):
            desk.issuances.begin(student, desk.issuances.plan("university"))
        assert desk.store.issuances.open_issuances() == ()


def test_where_nobody_was_enrolled_the_keyring_is_not_asked(profile: Settings, keyring: FakeKeyring) -> None:
    keyring.locked = True
    with open_desk(profile) as desk:
        assert desk.journal.who.station == "my laptop"
        assert desk.settings.institution.escn_prefix == 5
