"""The order of a review: the worst first, whatever comes when, and each group alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtTest import QAbstractItemModelTester

from station.domain.portrait import Crop, PortraitFinding, PortraitSource
from station.domain.portrait_review import PortraitReview, ReviewDecision
from station.photo.inspection import Inspection
from station.services.portrait_review import Candidate, ReviewGroup, ReviewItem
from station.ui.viewmodels.review_list import ITEM, ReviewList
from tests.helpers.desks import NOW, a_holder

ANNA = a_holder("077", "Anna", "Ozola")


def item(name: str, *verdicts: str, decision: ReviewDecision | None = None, readable: bool = True) -> ReviewItem:
    found = tuple(PortraitFinding(f"check{n}", 1.0, 0.5, verdict) for n, verdict in enumerate(verdicts))
    seen = Inspection(name, (400, 300), Crop(), b"", found) if readable else None
    review = PortraitReview(name, ANNA.id, name, decision, NOW) if decision else None
    return ReviewItem(Candidate(Path(name), PortraitSource.FOLDER, ANNA), seen, None, review)


def names(portraits: ReviewList) -> list[str]:
    return [portraits.item(portraits.index(row)).candidate.path.name for row in range(portraits.rowCount())]


def test_the_worst_comes_first_whatever_came_first() -> None:
    portraits = ReviewList()
    QAbstractItemModelTester(portraits, QAbstractItemModelTester.FailureReportingMode.Fatal)
    good, warned, bad = item("c", "ok"), item("b", "warn"), item("a", "bad")
    worse = item("d", "bad", "bad", "warn")
    portraits.put([good, warned])
    portraits.put([bad, worse, item("e", readable=False)])
    assert names(portraits) == ["e", "d", "a", "b", "c"]


def test_what_is_decided_leaves_and_is_found_in_its_group() -> None:
    portraits = ReviewList()
    portraits.put([item("a", "bad"), item("b", "ok"), item("c", "ok")])
    portraits.put([item("b", "ok", decision=ReviewDecision.APPROVED)])
    assert names(portraits) == ["a", "c"]
    portraits.show_group(ReviewGroup.APPROVED)
    assert names(portraits) == ["b"]
    portraits.put([item("c", "ok", decision=ReviewDecision.APPROVED)])
    assert names(portraits) == ["b", "c"]
    portraits.clear()
    assert names(portraits) == []


def test_a_picture_that_stands_as_before_stays_in_its_place() -> None:
    portraits = ReviewList()
    first = item("a", "bad")
    portraits.put([first, item("b", "ok")])
    again = replace(first)
    portraits.put([again])
    assert names(portraits) == ["a", "b"]
    assert portraits.index(0).data(ITEM) is again


def test_a_person_is_found_by_the_first_letters_of_the_family_name() -> None:
    portraits = ReviewList()
    nobody = ReviewItem(Candidate(Path("x.jpg"), PortraitSource.FOLDER, None))
    portraits.put([item("a", "ok"), nobody])
    assert [portraits.index(row).data() for row in range(2)] == ["x.jpg", "Ozola Anna"]


@pytest.mark.parametrize("group", ["", *ReviewGroup])
@given(
    steps=st.lists(
        st.tuples(st.integers(0, 9), st.sampled_from(["ok", "warn", "bad", "approved", "sent_back", "unreadable"])),
        max_size=40,
    )
)
def test_after_any_changes_it_is_as_if_sorted_anew(group: str, steps: list[tuple[int, str]]) -> None:
    portraits, newest = ReviewList(), {}
    portraits.show_group(group)
    for number, kind in steps:
        decision = ReviewDecision(kind) if kind in ("approved", "sent_back") else None
        made = item(f"{number}", kind if decision is None else "ok", decision=decision, readable=kind != "unreadable")
        newest[number] = made
        portraits.put([made])
    decided = (ReviewGroup.APPROVED, ReviewGroup.SENT_BACK)
    fits = [i for i in newest.values() if (i.group == group if group else i.group not in decided)]
    assert names(portraits) == [i.candidate.path.name for i in sorted(fits, key=lambda i: i.order)]
