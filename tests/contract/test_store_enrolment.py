"""What every store does with enrolled stations: codes that are good once, number ranges that are given once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from station.adapters.store import SqlStore
from station.domain.enrolment import EVERYTHING, USUAL, EnrolledStation, Invitation, Right
from station.domain.station_errors import EnrolmentError
from tests.helpers.scribe import NOON, PIC
from tests.helpers.stores import in_threads

OTHER_PIC = "999900002"
FIRST = EnrolledStation("s1", "Desk 1", EVERYTHING, NOON, "Ilze", "token-1", prefixes=((PIC, 7),))


def invited(store: SqlStore, code: str = "c" * 64, name: str = "Desk 2", *, hours: float = 24) -> Invitation:
    made = Invitation(code, name, USUAL, NOON, NOON + timedelta(hours=hours), "Ilze", "Desk 1")
    return store.enrolment.invite(made)


def coming(number: int) -> EnrolledStation:
    return EnrolledStation(f"s{number}", "", frozenset(), NOON, token=f"token-{number}")


def enrol(store: SqlStore, code: str = "c" * 64, number: int = 2, at: datetime = NOON) -> EnrolledStation:
    return store.enrolment.enrol(code, coming(number), [PIC], at)


def is_server(store: SqlStore) -> bool:
    return store.where.startswith("postgresql")


def test_nobody_is_enrolled_at_first(store: SqlStore) -> None:
    assert not store.enrolment.begun()
    assert store.enrolment.stations() == ()
    assert store.enrolment.invitations() == ()
    assert store.enrolment.by_token("token-1") is None
    assert store.enrolment.by_token("") is None


def test_the_first_station_is_the_admins(store: SqlStore, reopen: Callable[[], SqlStore]) -> None:
    first = store.enrolment.add(FIRST, NOON)
    again = reopen()
    assert again.enrolment.begun()
    assert again.enrolment.stations() == (first,)
    assert again.enrolment.by_token("token-1") == first
    assert (first.name, first.rights, first.prefixes) == ("Desk 1", EVERYTHING, ((PIC, 7),))


def test_ranges_that_were_used_before_are_never_given_out(store: SqlStore) -> None:
    for prefix in (1, 2, 7):
        store.escns.advance(prefix, PIC, 100)
    store.enrolment.add(FIRST, NOON)
    invited(store)
    assert enrol(store).prefixes == ((PIC, 3),)


def test_a_code_enrols_one_station_with_its_name_its_rights_and_a_range_of_its_own(store: SqlStore) -> None:
    store.enrolment.add(FIRST, NOON)
    invitation = invited(store)
    assert store.enrolment.invitations() == (invitation,)
    found = store.enrolment.enrol("c" * 64, coming(2), [PIC, OTHER_PIC], NOON)
    assert (found.name, found.rights, found.operator) == ("Desk 2", USUAL, "Ilze")
    assert found.prefixes == ((PIC, 1), (OTHER_PIC, 1))
    assert store.enrolment.by_token("token-2") == found
    assert store.enrolment.invitations()[0].used_at == found.enrolled_at


def test_a_code_is_good_once(store: SqlStore) -> None:
    invited(store)
    enrol(store)
    with pytest.raises(EnrolmentError, match="used already"):
        enrol(store, number=3)
    assert [each.id for each in store.enrolment.stations()] == ["s2"]


def test_a_code_that_nobody_gave_out_enrols_nobody(store: SqlStore) -> None:
    invited(store)
    with pytest.raises(EnrolmentError, match="Nobody gave out this code"):
        enrol(store, code="d" * 64)
    assert store.enrolment.stations() == ()


def test_a_code_ends(store: SqlStore) -> None:
    invited(store, hours=-1)
    with pytest.raises(EnrolmentError, match="was good until"):
        enrol(store)
    assert store.enrolment.invitations()[0].used_at is None


@pytest.mark.parametrize("days", [-400, 400])
def test_a_wrong_clock_at_the_desk_makes_no_code_good_or_bad_where_there_is_a_server(
    store: SqlStore, days: int
) -> None:
    invited(store)
    wrong = NOON + timedelta(days=days)
    if is_server(store):
        assert enrol(store, at=wrong).name == "Desk 2"
        return
    with pytest.raises(EnrolmentError, match="made in the future" if days < 0 else "was good until"):
        enrol(store, at=wrong)
    # It was not used up: with the clock set right it is as good as before.
    assert enrol(store).name == "Desk 2"


def test_two_that_enrol_at_once_with_codes_of_their_own_get_ranges_of_their_own(store: SqlStore) -> None:
    store.enrolment.add(FIRST, NOON)
    for number in range(2, 10):
        invited(store, code=f"{number}" * 64, name=f"Desk {number}")

    def one(number: int) -> Callable[[], None]:
        return lambda: void(enrol(store, code=f"{number}" * 64, number=number))

    assert in_threads(*(one(number) for number in range(2, 10))) == []
    given = [each.prefixes for each in store.enrolment.stations()]
    assert sorted(given) == sorted([((PIC, 7),), *(((PIC, n),) for n in (1, 2, 3, 4, 5, 6, 8, 9))])


def test_of_two_that_use_one_code_at_once_one_is_enrolled(store: SqlStore) -> None:
    invited(store)
    errors = in_threads(*(lambda n=n: void(enrol(store, number=n)) for n in (2, 3, 4)))
    assert [type(error) for error in errors] == [EnrolmentError, EnrolmentError]
    assert len(store.enrolment.stations()) == 1


def void(_value: object) -> None:
    """Forget what was returned."""


@pytest.mark.parametrize("name", ["desk 1", "DESK 1", "Galds Ņ", "galds N\u0327"])
def test_no_two_stations_have_names_that_people_take_for_one(store: SqlStore, name: str) -> None:
    store.enrolment.add(replace(FIRST, name="Desk 1" if "1" in name else "Galds Ņ"), NOON)
    invited(store, name=name)
    with pytest.raises(EnrolmentError, match="enrolled already"):
        enrol(store)


def test_a_name_is_borne_once_and_free_again_after_a_withdrawal(store: SqlStore) -> None:
    store.enrolment.add(FIRST, NOON)
    invited(store, name="Desk 1")
    with pytest.raises(EnrolmentError, match="Desk 1 is enrolled already"):
        enrol(store)
    store.enrolment.withdraw("s1", NOON, "Ilze", "stolen")
    found = enrol(store)
    assert found.name == "Desk 1"
    assert found.prefixes == ((PIC, 1),)  # 7 was the other's, for ever


def test_a_computer_is_enrolled_once_at_a_time(store: SqlStore) -> None:
    store.enrolment.add(FIRST, NOON)
    invited(store)
    with pytest.raises(EnrolmentError, match="This computer is enrolled already"):
        enrol(store, number=1)
    assert store.enrolment.invitations()[0].used_at is None


def test_a_withdrawn_station_keeps_its_ranges_and_stays_withdrawn(store: SqlStore) -> None:
    store.enrolment.add(FIRST, NOON)
    gone = store.enrolment.withdraw("s1", NOON, "Anna", "The laptop was stolen.")
    assert (gone.withdrawn_by, gone.reason, gone.prefixes) == ("Anna", "The laptop was stolen.", ((PIC, 7),))
    assert gone.withdrawn_at is not None
    assert store.enrolment.withdraw("s1", NOON, "Ilze", "again") == gone
    assert store.enrolment.by_token("token-1") == gone
    with pytest.raises(EnrolmentError, match="no such station"):
        store.enrolment.withdraw("s9", NOON, "Ilze", "")


def test_a_station_gets_a_range_of_an_institution_that_came_later(store: SqlStore) -> None:
    first = store.enrolment.add(FIRST, NOON)
    assert store.enrolment.ranges("s1", [PIC], NOON) == first
    more = store.enrolment.ranges("s1", [PIC, OTHER_PIC], NOON)
    assert more.prefixes == ((PIC, 7), (OTHER_PIC, 1))
    assert store.enrolment.ranges("s1", [OTHER_PIC, PIC], NOON) == more


def test_a_station_of_a_file_has_the_ranges_of_its_file_and_no_others(store: SqlStore) -> None:
    store.enrolment.add(replace(FIRST, from_file=True), NOON)
    with pytest.raises(EnrolmentError, match="no range of card numbers"):
        store.enrolment.ranges("s1", [PIC, OTHER_PIC], NOON)


def test_a_file_takes_a_range_out_of_the_ledger(store: SqlStore) -> None:
    store.enrolment.add(FIRST, NOON)
    away = EnrolledStation("s2", "Campus", USUAL, NOON, from_file=True, ends_at=NOON + timedelta(days=365))
    assert store.enrolment.add_with_new_ranges(away, [PIC], NOON).prefixes == ((PIC, 1),)
    assert store.enrolment.stations()[-1].ends_at == NOON + timedelta(days=365)
    assert store.enrolment.add_with_new_ranges(replace(away, id="s3", name="Branch"), [PIC], NOON).prefixes == (
        (PIC, 2),
    )
    invited(store)
    assert enrol(store, number=4).prefixes == ((PIC, 3),)


def test_of_two_that_begin_at_once_one_is_the_first(store: SqlStore) -> None:
    second = replace(FIRST, id="s2", name="Desk 2", token="token-2", prefixes=((PIC, 8),))
    assert not store.enrolment.begun()
    (error,) = in_threads(*(lambda new=new: void(store.enrolment.add(new, NOON)) for new in (FIRST, second)))
    assert isinstance(error, EnrolmentError)
    assert "enrolled here already" in str(error)
    assert len(store.enrolment.stations()) == 1


def test_a_range_of_another_station_is_refused(store: SqlStore) -> None:
    store.enrolment.add(FIRST, NOON)
    with pytest.raises(EnrolmentError, match="007 of card numbers is another station's"):
        store.enrolment.add(replace(FIRST, id="s2", name="Desk 2", token="token-2", from_file=True), NOON)
    assert len(store.enrolment.stations()) == 1


def test_when_all_ranges_are_given_out_it_says_so(store: SqlStore) -> None:
    every = tuple((PIC, prefix) for prefix in range(999))
    store.enrolment.add(replace(FIRST, prefixes=every), NOON)
    invited(store)
    invited(store, code="d" * 64, name="Desk 3")
    assert enrol(store).prefixes == ((PIC, 999),)
    with pytest.raises(EnrolmentError, match="were given out"):
        enrol(store, code="d" * 64, number=3)
    assert [each.used_at for each in store.enrolment.invitations() if each.name == "Desk 3"] == [None]


def test_when_a_station_was_started_last(store: SqlStore) -> None:
    store.enrolment.add(FIRST, NOON)
    store.enrolment.seen("s1", NOON + timedelta(hours=1))
    seen = store.enrolment.stations()[0].last_seen_at
    assert seen is not None
    assert is_server(store) or seen == NOON + timedelta(hours=1)


def test_a_right_of_a_newer_program_is_none_here(store: SqlStore) -> None:
    from sqlalchemy import text

    store.enrolment.add(FIRST, NOON)
    with store._db.write() as connection:
        connection.execute(text("""UPDATE enrolled_stations SET rights = '["fly", "issue"]'"""))
    assert store.enrolment.stations()[0].rights == {Right.ISSUE}
