"""The designer is shown the cards that a layout fails on first."""

from __future__ import annotations

from pathlib import Path

import pytest

from station.ports.register import RegisterRow
from station.services.design_samples import SPECIMEN_NUMBER, SampleKind, chosen, sample_of, shipped_sample, strangeness
from tests.helpers.desks import NOW, a_holder, open_test_desk

PEOPLE = [
    a_holder("1", "Anna", "Ozola"),
    a_holder("2", "Li", "O"),
    a_holder("3", "Marija Magdalēna", "Kalniņa-Šķēle-Ģērmane"),
    a_holder("4", "Nguyễn Thị", "Tuyết"),
]


@pytest.mark.parametrize(
    ("kind", "number"), [(SampleKind.LONGEST, "3"), (SampleKind.SHORTEST, "2"), (SampleKind.STRANGEST, "4")]
)
def test_the_extremes_of_a_register(kind: SampleKind, number: str) -> None:
    found = chosen(iter(PEOPLE), kind)
    assert found is not None
    assert found.student_number == number
    assert chosen(iter(()), kind) is None


def test_strange_is_what_a_layout_was_not_drawn_for() -> None:
    assert strangeness("Anna Ozola") == 0
    assert strangeness("Līga Bērziņa") > strangeness("Anna Ozola")
    assert strangeness("Олена Ґрищук") > strangeness("Līga Bērziņa")
    assert strangeness("Nguyễn") > strangeness("Nguyên")


def test_the_next_person_is_the_first_in_the_queue(tmp_path: Path) -> None:
    with open_test_desk(tmp_path) as hands:
        sample = sample_of(hands.desk, SampleKind.NEXT, [hands.martins])
        assert sample.fields.full_name == "Mārtiņš Ģērmanis"
        assert sample.fields.qr.endswith(SPECIMEN_NUMBER)
        assert sample.portrait
        assert not sample.invented
        assert sample_of(hands.desk, SampleKind.NEXT).fields.full_name
        rows = [RegisterRow(each) for each in PEOPLE]
        holders = hands.desk.store.holders
        holders.apply_import(holders.plan_import(rows, "more"), "more", NOW)
        assert sample_of(hands.desk, SampleKind.SHORTEST).fields.full_name == "Li O"


def test_without_a_register_somebody_who_ships_is_shown(tmp_path: Path) -> None:
    with open_test_desk(tmp_path) as hands:
        names = {kind: shipped_sample(hands.desk, kind).fields.full_name for kind in SampleKind}
        assert len(names[SampleKind.LONGEST]) > len(names[SampleKind.SHORTEST])
        assert strangeness(names[SampleKind.STRANGEST]) > strangeness(names[SampleKind.SHORTEST])
        assert shipped_sample(hands.desk, SampleKind.NEXT).invented
