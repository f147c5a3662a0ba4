"""Tests for ``station.services.enrolment``: from the first station to one that is withdrawn."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from station.adapters.secrets.virtual import VirtualSecrets
from station.adapters.store import SqlStore, open_store
from station.domain.enrolment import EVERYTHING, USUAL, Right
from station.domain.errors import InputError, SecretError
from station.domain.station_errors import EnrolmentError, NotAllowedError, NotEnrolledError
from station.services.enrolment import LONGEST_NAME, Enrolment, place_of, settings_of, token_name
from tests.helpers.desks import desk_settings
from tests.helpers.enrolments import TOKEN, enrolment
from tests.helpers.finished_cards import NOW, FakeClock
from tests.helpers.scribe import PIC

OTHER_PIC = "999900002"
DAY = timedelta(days=1)


class Bench:
    """A store that an admin's station and others share."""

    def __init__(self, folder: Path) -> None:
        self.store: SqlStore = open_store(folder / "shared.db")
        self.clock = FakeClock()
        self.admin = self.computer("Desk 1", ((PIC, 7),))

    def computer(self, name: str, prefixes: tuple[tuple[str, int], ...] = ((PIC, 0),)) -> Enrolment:
        """Return a computer that has never been enrolled."""
        return enrolment(self.store.enrolment, name, self.clock, prefixes=prefixes)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    with closing(made.store):
        yield made


@pytest.fixture
def begun(bench: Bench) -> Bench:
    bench.admin.begin()
    return bench


# --- before anybody is enrolled


def test_at_first_everybody_may_do_everything(bench: Bench) -> None:
    station, rights = bench.computer("Desk 2").admitted()
    assert station is None
    rights.need(Right.ADMIN)
    assert rights.held() == EVERYTHING


def test_who_was_started_before_anybody_began_is_asked_again_from_then_on(bench: Bench) -> None:
    second = bench.computer("Desk 2", ((PIC, 1),))
    (_none, admins), (_nobody, rights) = bench.admin.admitted(), second.admitted()
    rights.need(Right.ISSUE)
    bench.admin.begin()
    admins.need(Right.ADMIN)
    with pytest.raises(NotEnrolledError, match="not enrolled"):
        rights.need(Right.ISSUE)
    assert rights.held() == frozenset()
    # Enrolled meanwhile: under another name, or with other numbers, it has to be started again.
    second.enrol(bench.admin.invite("Desk 3", USUAL)[0])
    with pytest.raises(NotEnrolledError, match="enrolled as Desk 3 after it was started"):
        rights.need(Right.ISSUE)
    _station, rights = second.admitted()
    rights.need(Right.ISSUE)


def without_database(bench: Bench) -> None:
    with bench.store._db.write() as connection:
        connection.exec_driver_sql("ALTER TABLE enrolled_stations RENAME TO gone")


def test_who_was_refused_is_refused_without_the_database_too(bench: Bench) -> None:
    at_start, at_work = bench.computer("Desk 2"), bench.computer("Desk 3")
    _none, rights = at_work.admitted()
    bench.admin.begin()
    with pytest.raises(NotEnrolledError):
        at_start.admitted()
    with pytest.raises(NotEnrolledError):
        rights.need(Right.ISSUE)
    without_database(bench)
    for refused in (at_start, at_work):
        with pytest.raises(NotEnrolledError, match="not enrolled"):
            refused.admitted()


def test_who_was_withdrawn_at_work_is_so_without_the_database_too(begun: Bench) -> None:
    second = begun.computer("second")
    second.enrol(begun.admin.invite("Desk 2", USUAL)[0])
    _station, rights = second.admitted()
    begun.admin.withdraw("Desk 2", "stolen")
    with pytest.raises(NotEnrolledError, match="was withdrawn"):
        rights.need(Right.ISSUE)
    without_database(begun)
    with pytest.raises(NotEnrolledError, match="was withdrawn"):
        second.admitted()


def test_codes_are_for_who_has_begun(bench: Bench) -> None:
    for act in (lambda: bench.admin.invite("Desk 2", USUAL), lambda: bench.admin.withdraw("Desk 2")):
        with pytest.raises(EnrolmentError, match="No station was ever enrolled"):
            act()


# --- an admin and a new station


def test_the_first_station_may_everything_and_keeps_its_range(begun: Bench) -> None:
    station, rights = begun.admin.admitted()
    assert station is not None
    assert (station.name, station.prefixes) == ("Desk 1", ((PIC, 7),))
    assert rights.held() == EVERYTHING
    with pytest.raises(EnrolmentError, match="enrolled here already"):
        begun.admin.begin()


def test_a_new_station_gets_its_name_its_rights_and_its_range_from_the_code(begun: Bench) -> None:
    code, kept = begun.admin.invite(" Desk 2 ", frozenset({Right.ISSUE}))
    assert begun.admin.open_invitations() == (kept,)
    new = begun.computer("my laptop", ((PIC, 0), (OTHER_PIC, 0)))
    station = new.enrol(code.lower().replace("-", " "))
    assert (station.name, station.rights) == ("Desk 2", frozenset({Right.ISSUE}))
    assert station.prefixes == ((PIC, 1), (OTHER_PIC, 1))
    admitted, rights = new.admitted()
    assert admitted is not None
    assert (admitted.id, rights.held()) == (station.id, frozenset({Right.ISSUE}))
    assert begun.admin.open_invitations() == ()


def test_who_was_not_enrolled_does_not_get_in(begun: Bench) -> None:
    with pytest.raises(NotEnrolledError, match="not enrolled"):
        begun.computer("Desk 2").admitted()
    with pytest.raises(NotEnrolledError):
        begun.computer("Desk 2").admitted(withdrawn_too=True)


def test_a_code_is_good_once_and_a_mistyped_one_is_not_used_up(begun: Bench) -> None:
    code, _kept = begun.admin.invite("Desk 2", USUAL)
    new = begun.computer("new")
    with pytest.raises(EnrolmentError, match="a sign of it is wrong"):
        new.enrol(code[:-1] + ("0" if code[-1] != "0" else "1"))
    new.enrol(code)
    with pytest.raises(EnrolmentError, match="used already"):
        begun.computer("another").enrol(code)


def test_a_code_ends(begun: Bench) -> None:
    code, _kept = begun.admin.invite("Desk 2", USUAL, timedelta(hours=1))
    begun.clock.pass_time(3600)
    assert begun.admin.open_invitations() == ()
    with pytest.raises(EnrolmentError, match="was good until"):
        begun.computer("new").enrol(code)


def test_a_keyring_that_keeps_nothing_costs_no_code(begun: Bench) -> None:
    class Forgetful(VirtualSecrets):
        def set(self, name: str, value: bytes) -> None:
            raise SecretError(name=name)

    code, kept = begun.admin.invite("Desk 2", USUAL)
    with pytest.raises(SecretError):
        enrolment(begun.store.enrolment, "new", begun.clock, keys=Forgetful(demo=True)).enrol(code)
    assert begun.admin.open_invitations() == (kept,)


def test_the_token_is_in_the_keyring_and_only_its_digest_in_the_store(begun: Bench, tmp_path: Path) -> None:
    keys = VirtualSecrets(demo=True)
    code, _kept = begun.admin.invite("Desk 2", USUAL)
    enrolment(begun.store.enrolment, "new", begun.clock, keys=keys).enrol(code)
    begun.store.backup(str(tmp_path / "copy.db"))
    kept = (tmp_path / "copy.db").read_bytes()
    assert keys.get(TOKEN) not in kept
    assert code.encode() not in kept


@pytest.mark.parametrize("right", sorted(Right))
def test_only_who_may_enrols_others(begun: Bench, right: Right) -> None:
    code, _kept = begun.admin.invite("Desk 2", frozenset({right}))
    second = begun.computer("second")
    second.enrol(code)
    if right is Right.ADMIN:
        second.invite("Desk 3", USUAL)
        return
    for act in (
        lambda: second.invite("Desk 3", USUAL),
        lambda: second.write_file("Desk 3", USUAL, DAY, "key"),
        lambda: second.withdraw("Desk 1"),
    ):
        with pytest.raises(NotAllowedError, match="the right to enrol and withdraw stations"):
            act()


@pytest.mark.parametrize("name", ["", "  ", "x" * (LONGEST_NAME + 1), "a\nb"])
def test_a_name_is_one_short_line(begun: Bench, name: str) -> None:
    with pytest.raises(InputError, match="A station's name"):
        begun.admin.invite(name, USUAL)


def test_a_station_without_rights_and_a_code_without_an_end_are_refused(begun: Bench) -> None:
    with pytest.raises(InputError, match="without any right"):
        begun.admin.invite("Desk 2", frozenset())
    for lifetime in (timedelta(0), timedelta(days=31)):
        with pytest.raises(InputError, match="good for one minute to thirty days"):
            begun.admin.invite("Desk 2", USUAL, lifetime)


# --- withdrawn


def test_a_withdrawn_station_is_refused_at_its_next_start_but_for_its_queue(begun: Bench) -> None:
    code, _kept = begun.admin.invite("Desk 2", USUAL)
    second = begun.computer("second")
    second.enrol(code)
    _station, rights = second.admitted()
    begun.admin.withdraw("desk 2", "stolen")
    with pytest.raises(NotEnrolledError, match="was withdrawn"):
        rights.need(Right.ISSUE)
    with pytest.raises(NotEnrolledError, match="was withdrawn"):
        second.admitted()
    station, rights = second.admitted(withdrawn_too=True)
    assert station is not None
    assert rights.held() == frozenset()


def test_it_comes_back_with_a_new_code_and_a_new_range(begun: Bench) -> None:
    second = begun.computer("second")
    second.enrol(begun.admin.invite("Desk 2", USUAL)[0])
    begun.admin.withdraw("Desk 2")
    again = second.enrol(begun.admin.invite("Desk 2", USUAL)[0])
    assert again.prefixes == ((PIC, 2),)
    station, rights = second.admitted()
    assert station is not None
    assert (station.id, rights.held()) == (again.id, USUAL)


def test_nobody_withdraws_themselves_or_whom_there_is_not(begun: Bench) -> None:
    with pytest.raises(InputError, match="can't withdraw itself"):
        begun.admin.withdraw("Desk 1")
    with pytest.raises(InputError, match="No station called Desk 9"):
        begun.admin.withdraw("Desk 9")


# --- without the database


def test_a_desk_whose_database_is_away_starts_as_what_it_was_told_last(begun: Bench) -> None:
    second = begun.computer("second")
    second.enrol(begun.admin.invite("Desk 2", frozenset({Right.ISSUE}))[0])
    known, _rights = second.admitted()
    without_database(begun)
    station, rights = second.admitted()
    assert station is not None
    assert known is not None
    assert (station.name, station.prefixes, station.token) == (known.name, known.prefixes, known.token)
    assert rights.held() == {Right.ISSUE}


# --- by file


@pytest.fixture
def away(begun: Bench, tmp_path: Path) -> Iterator[Bench]:
    """Give another bench, of a station with a store of its own."""
    (tmp_path / "away").mkdir()
    made = Bench(tmp_path / "away")
    with closing(made.store):
        yield made


def test_a_station_with_a_store_of_its_own_is_enrolled_by_a_file(begun: Bench, away: Bench) -> None:
    code, data, ledger = begun.admin.write_file("Campus", USUAL, 30 * DAY, "station-signing")
    station = away.admin.enrol_from_file(data, code)
    assert (station.name, station.rights, station.prefixes) == ("Campus", USUAL, ((PIC, 1),))
    assert (station.id, station.ends_at) == (ledger.id, NOW + 30 * DAY)
    admitted, rights = away.admin.admitted()
    assert admitted is not None
    rights.need(Right.ISSUE)
    away.clock.pass_time(30 * 24 * 3600)
    with pytest.raises(NotEnrolledError, match="enrolled until"):
        away.admin.admitted()


def test_its_range_is_given_to_nobody_else(begun: Bench) -> None:
    begun.admin.write_file("Campus", USUAL, DAY, "station-signing")
    new = begun.computer("new")
    assert new.enrol(begun.admin.invite("Desk 2", USUAL)[0]).prefixes == ((PIC, 2),)


def test_a_file_is_used_once_in_one_store(begun: Bench, away: Bench) -> None:
    code, data, _station = begun.admin.write_file("Campus", USUAL, DAY, "station-signing")
    away.admin.enrol_from_file(data, code)
    with pytest.raises(EnrolmentError, match="used here already"):
        away.admin.enrol_from_file(data, code)


def test_a_file_for_another_institution_is_refused(begun: Bench, away: Bench) -> None:
    code, data, _station = begun.admin.write_file("Campus", USUAL, DAY, "station-signing")
    with pytest.raises(EnrolmentError, match=f"no range of card numbers for the institution with the PIC {OTHER_PIC}"):
        away.computer("other", ((OTHER_PIC, 0),)).enrol_from_file(data, code)


def test_without_the_key_for_signing_no_range_is_given_away(begun: Bench) -> None:
    class NoKey(VirtualSecrets):
        def certificate(self, name: str) -> bytes:
            raise SecretError(name=name)

    keys = NoKey(demo=True)
    admin = enrolment(begun.store.enrolment, "admin", begun.clock, keys=keys)
    admin.enrol(begun.admin.invite("Desk 2", EVERYTHING)[0])
    before = begun.admin.stations()
    with pytest.raises(SecretError):
        admin.write_file("Campus", USUAL, DAY, "station-signing")
    assert [each.name for each in begun.admin.stations()] == [each.name for each in before]


# --- the settings of an enrolled station


def test_name_and_range_of_an_enrolled_station_come_from_the_store(begun: Bench, tmp_path: Path) -> None:
    settings = desk_settings(tmp_path)
    assert settings_of(settings, None) is settings
    place = place_of(settings)
    new = begun.computer("new", place.prefixes)
    enrolled = settings_of(settings, new.enrol(begun.admin.invite("Desk 2", USUAL)[0]))
    assert enrolled.station.name == "Desk 2"
    assert enrolled.institution.escn_prefix == 1
    assert enrolled.institution.pic == settings.institution.pic


def test_a_token_is_kept_by_database_and_name(tmp_path: Path) -> None:
    one = desk_settings(tmp_path)
    two = replace(one, station=replace(one.station, name="Other"))
    shared = replace(one, store=replace(one.store, path=None, url="postgresql+psycopg://u:secret@db/esc"))
    assert len({token_name(each) for each in (one, two, shared)}) == 3
    assert "secret" not in token_name(shared)
