"""Everyone's name against the layout of their own card."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from station.domain.card import CardScheme
from station.domain.elements import Box
from station.domain.holder import AcademicLevel, Enrolment
from station.domain.lint import Level
from station.services.cardmaking import CardKind
from station.services.layout_checks import names_to_look_at
from tests.helpers.desks import TestDesk, a_holder
from tests.helpers.linting import NAME, layout, text

TODAY = date(2026, 11, 22)
TIGHT = layout(replace(NAME, box=Box(4, 4, 12, 4), max_lines=1))


def test_most_have_nothing_and_come_in_their_order(bench: TestDesk) -> None:
    people = [bench.liga, a_holder("2", "Li", "O")]
    found = list(names_to_look_at(bench.desk.making, people, TODAY))
    assert found == [(bench.liga, ()), (people[1], ())]


def test_another_layout_can_be_tried(bench: TestDesk) -> None:
    found = dict(names_to_look_at(bench.desk.making, [bench.liga, a_holder("2", "Li", "O")], TODAY, TIGHT))
    assert [each.rule for each in found[bench.liga]] == ["text/too-small"]
    assert found[a_holder("2", "Li", "O")] == ()


def test_each_kind_of_card_has_its_own_layout(bench: TestDesk) -> None:
    doctor = replace(bench.liga, id="d", enrolments=(Enrolment(level=AcademicLevel.DOCTORATE),))
    kind = CardKind(CardScheme.ESC, TIGHT, when="level_code == 'DOCTORATE'")
    making = replace(bench.desk.making, kinds=(kind,))
    found = dict(names_to_look_at(making, [bench.liga, doctor], TODAY))
    assert (len(found[bench.liga]), len(found[doctor])) == (0, 1)


def test_who_can_not_be_told_a_card_is_said_and_the_rest_go_on(bench: TestDesk) -> None:
    strange = replace(bench.liga, id="x", institution="unknown")
    (first, second) = names_to_look_at(bench.desk.making, [strange, bench.liga], TODAY)
    assert [(each.rule, each.level) for each in first[1]] == [("card/unchosen", Level.ERROR)]
    assert "unknown" in str(first[1][0].message)
    assert second == (bench.liga, ())


def test_the_pic_is_looked_for_although_nobody_has_a_number_yet(bench: TestDesk) -> None:
    pic = bench.desk.settings.institution.pic
    tried = layout(text(f"{{full_name}} {pic}"))
    ((_, found),) = names_to_look_at(bench.desk.making, [bench.liga], TODAY, tried)
    assert [each.rule for each in found] == ["esc-2026/no-pic"]
