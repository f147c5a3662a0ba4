"""Tests for ``station.services.rights``: what a station may do is asked each time, and told in plain words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from station.adapters.store import SqlStore, open_store
from station.domain.enrolment import EVERYTHING, EnrolledStation, Right
from station.domain.station_errors import NotAllowedError, NotEnrolledError
from station.ports.store import ImportPlan
from station.services.reconcile import Finding, Group, settle
from station.services.rights import AllRights, StationRights, out_of_use
from tests.helpers.desks import open_test_desk
from tests.helpers.finished_cards import NOW, POLICY, FakeClock, a_card, a_student

DESK = EnrolledStation("s1", "Desk 2", frozenset({Right.ISSUE}), NOW, token="t")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    with closing(open_store(tmp_path / "station.db")) as opened:
        yield opened


def test_where_nobody_was_enrolled_everybody_may() -> None:
    for right in Right:
        AllRights().need(right)
    assert AllRights().held() == EVERYTHING


def test_a_station_may_what_it_was_given(store: SqlStore) -> None:
    rights = StationRights(store.enrolment, FakeClock(), store.enrolment.add(DESK, NOW))
    rights.need(Right.ISSUE)
    assert rights.held() == {Right.ISSUE}
    with pytest.raises(NotAllowedError, match="lacks is the right to approve and retire card layouts") as caught:
        rights.need(Right.LAYOUTS)
    assert not isinstance(caught.value, NotEnrolledError)


def test_who_is_withdrawn_begins_nothing_any_more_at_once(store: SqlStore) -> None:
    rights = StationRights(store.enrolment, FakeClock(), store.enrolment.add(DESK, NOW))
    rights.need(Right.ISSUE)
    store.enrolment.withdraw("s1", NOW, "Ilze", "stolen")
    with pytest.raises(NotEnrolledError, match=r"Desk 2 was withdrawn on 2026-09-01 \(stolen\).*queue still goes"):
        rights.need(Right.ISSUE)
    assert rights.held() == frozenset()


def test_an_enrolment_that_ended_is_over_by_this_computers_clock(store: SqlStore) -> None:
    clock = FakeClock()
    away = replace(DESK, from_file=True, ends_at=NOW + timedelta(days=1))
    rights = StationRights(store.enrolment, clock, store.enrolment.add(away, NOW))
    rights.need(Right.ISSUE)
    clock.pass_time(24 * 3600)
    with pytest.raises(NotEnrolledError, match="enrolled until 2026-09-02"):
        rights.need(Right.ISSUE)


def test_without_the_database_a_desk_goes_on_as_what_it_was_told_last(store: SqlStore, tmp_path: Path) -> None:
    rights = StationRights(store.enrolment, FakeClock(), store.enrolment.add(DESK, NOW))
    with store._db.write() as connection:
        connection.exec_driver_sql("ALTER TABLE enrolled_stations RENAME TO gone")
    rights.need(Right.ISSUE)
    with pytest.raises(NotAllowedError):
        rights.need(Right.ADMIN)


class Switched(AllRights):
    """A station whose rights are taken away all at once."""

    gone = False

    def need(self, right: Right) -> None:
        """Refuse it when they are gone."""
        if self.gone:
            raise NotAllowedError(right=right.value)


def test_the_services_refuse_what_a_station_may_not_and_finish_what_was_begun(tmp_path: Path) -> None:
    with open_test_desk(tmp_path) as bench:
        desk, rights = bench.desk, Switched()
        desk.journal.rights = rights
        begun = bench.verified()
        rights.gone = True
        layout = desk.layouts.of_card(begun.layout, begun.layout_digest)

        def refused(act: Callable[[], object]) -> object:
            with pytest.raises(NotAllowedError) as caught:
                act()
            return caught.value.params["right"]

        assert refused(lambda: desk.begin(bench.martins)) == "issue"
        assert refused(lambda: desk.layouts.approve(layout)) == "layouts"
        assert refused(lambda: desk.layouts.retire(begun.layout)) == "layouts"
        assert refused(lambda: desk.import_register(ImportPlan(), "spring")) == "register"
        card = desk.issuances.hand_over(begun.id)
        only_there = Finding(Group.MISSING_HERE, a_card(a_student(1)).escn, esi=a_student(1).esi or "", pic=POLICY.pic)
        assert refused(lambda: desk.lifecycle.block(card.escn)) == "cards"
        assert desk.store.cards.get(card.escn) == card
        assert refused(lambda: settle(only_there, desk.lifecycle, desk.store)) == "cards"
        assert desk.store.outbox.get(f"delete-card:{only_there.escn}") is None


def test_nothing_is_wrong_with_a_station_in_use() -> None:
    assert out_of_use(DESK, FakeClock()) is None
