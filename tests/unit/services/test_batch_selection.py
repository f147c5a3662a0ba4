"""Who gets a card in a batch, and why others don't."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from station.domain.holder import Enrolment, EnrolmentStatus
from station.ports.register import RegisterRow
from station.services.batch_selection import LeftOut, Wish, groups, numbers_in, select
from tests.helpers.desks import NOW, TestDesk, a_holder, a_portrait, open_test_desk

NO_CHIP = {"profile": "none"}


def test_each_reason_is_told_and_who_is_ready_is_chosen(tmp_path: Path) -> None:
    with open_test_desk(tmp_path, chip=NO_CHIP) as hands:
        store = hands.desk.store
        ready, no_portrait, no_mail = (a_holder(number, "Ā", "Ž") for number in ("1", "2", "3"))
        people = [ready, no_portrait, replace(no_mail, email=None)]
        store.holders.apply_import(store.holders.plan_import([RegisterRow(p) for p in people], "t"), "t", NOW)
        for holder in (ready, no_mail):
            store.portraits.add(a_portrait(holder.id))
        hands.desk.issuances.hand_over(hands.verified(hands.liga).id)
        hands.printed(hands.martins)
        found = select(hands.desk, Wish(("1", "2", "3", "051REB123", "041REB390", "nobody", "1")))
        assert [holder.student_number for holder in found.chosen] == ["1"]
        assert {each.number: each.why for each in found.left_out} == {
            "2": LeftOut.NO_PORTRAIT,
            "3": LeftOut.INCOMPLETE,
            "051REB123": LeftOut.HAS_CARD,
            "041REB390": LeftOut.IN_THE_MAKING,
            "nobody": LeftOut.UNKNOWN,
        }
        everyone = select(hands.desk, Wish())
        assert [holder.student_number for holder in everyone.chosen] == ["1"]


def test_somebody_whose_card_was_only_begun_is_chosen(tmp_path: Path) -> None:
    with open_test_desk(tmp_path, chip=NO_CHIP) as hands:
        hands.desk.begin(hands.liga)
        hands.desk.store.portraits.add(a_portrait(hands.liga.id))
        assert select(hands.desk, Wish(("051reb123",))).chosen == (hands.liga,)


@pytest.mark.parametrize(
    ("wish", "count"),
    [
        (Wish(faculty="DITF"), 2),
        (Wish(faculty="ditf", programme="DATORZINATNE"), 2),
        (Wish(programme="Filozofija"), 0),
        (Wish(("051REB123",), faculty="DITF"), 1),
        (Wish(("051REB123",), faculty="EEF"), 0),
        (Wish(()), 0),
    ],
)
def test_a_faculty_and_a_programme_are_found_in_any_spelling(two: TestDesk, wish: Wish, count: int) -> None:
    found = select(two.desk, wish)
    assert (len(found.chosen), found.left_out) == (count, ())


@pytest.fixture
def two(tmp_path: Path) -> Iterator[TestDesk]:
    with open_test_desk(tmp_path, chip=NO_CHIP) as hands:
        for holder in (hands.liga, hands.martins):
            hands.desk.store.portraits.add(a_portrait(holder.id))
        yield hands


def test_the_groups_are_those_that_somebody_studies(two: TestDesk) -> None:
    store = two.desk.store
    graduated = Enrolment(EnrolmentStatus.GRADUATED, programme="Ķīmija", faculty="MLĶF")
    gone = replace(a_holder("9", "Ā", "Ž"), enrolments=(graduated,))
    store.holders.apply_import(store.holders.plan_import([RegisterRow(gone)], "t"), "t", NOW)
    assert groups(two.desk) == (("DITF", "Datorzinātne"),)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("", ()),
        ("1\n2\r\n\n 3 \n1", ("1", "2", "3")),
        ("051REB123;Līga;x\n041REB390,Mārtiņš\n# a remark\n7 # late", ("051REB123", "041REB390", "7")),
    ],
)
def test_a_list_is_the_first_word_of_each_line(text: str, numbers: tuple[str, ...]) -> None:
    assert numbers_in(text) == numbers
