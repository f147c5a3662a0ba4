"""Unsaved work is there again, whatever happened to the window."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from station.domain.elements import Text
from station.domain.errors import LayoutError
from station.domain.snapping import Axis, Guide
from station.services.designing import BACK, FRONT, changed
from station.services.drafts import Drafts
from tests.helpers.designs import PNG, one_of_each

NOW = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)
NAME = (FRONT, "name")


@pytest.fixture
def drafts(tmp_path: Path) -> Drafts:
    """Give an empty place for drafts."""
    return Drafts(tmp_path / "drafts")


def test_a_draft_comes_back_with_all_that_its_designer_saw(drafts: Drafts, tmp_path: Path) -> None:
    design = replace(
        one_of_each(),
        guides=(Guide(BACK, Axis.Y, 12.5),),
        locked=frozenset({(FRONT, "ground")}),
        hidden=frozenset({(BACK, "address")}),
    )
    kept = drafts.keep(design, NOW, path=tmp_path / "card.zip")
    (found,) = drafts.all()
    assert (found, found.path, found.title) == (kept, tmp_path / "card.zip", "try")
    back = drafts.load(found)
    assert (back.guides, back.locked, back.hidden) == (design.guides, design.locked, design.hidden)
    assert back.layout.front == design.layout.front
    assert back.layout.files["sign.png"] == PNG


def test_the_newest_is_first_and_one_is_kept_in_its_own_place(drafts: Drafts) -> None:
    one = drafts.keep(one_of_each(), NOW)
    two = drafts.keep(one_of_each(), NOW + timedelta(minutes=1))
    assert [draft.name for draft in drafts.all()] == [two.name, one.name]
    drafts.keep(one_of_each(), NOW + timedelta(minutes=2), name=one.name)
    assert [draft.name for draft in drafts.all()] == [one.name, two.name]
    drafts.drop(one.name)
    drafts.drop("../../etc/passwd")
    assert [draft.name for draft in drafts.all()] == [two.name]


def test_what_is_wrong_yet_is_kept_as_it_was_typed(drafts: Drafts) -> None:
    design = changed(one_of_each(), frozenset({NAME}), text="{given_na", when="level_code ==")
    draft = drafts.keep(design, NOW)
    element = drafts.load(draft).get(NAME)
    assert isinstance(element, Text)
    assert (element.text, element.when) == ("{given_na", "level_code ==")


def test_a_torn_or_foreign_note_hides_nothing_else(drafts: Drafts, tmp_path: Path) -> None:
    kept = drafts.keep(one_of_each(), NOW)
    folder = tmp_path / "drafts"
    (folder / f"{'0' * 32}.json").write_text("{", encoding="utf-8")
    (folder / f"{'0' * 32}.zip").write_bytes(b"")
    (folder / f"{'1' * 32}.json").write_text('{"title": 3}', encoding="utf-8")
    (folder / "notes.json").write_text("[]", encoding="utf-8")
    assert drafts.all() == (kept,)
    (folder / f"{kept.name}.json").write_text('{"title": "x", "changed_at": "2026-09-01T08:00:00+00:00", "guides": 7}')
    (found,) = drafts.all()
    assert drafts.load(found).layout.front == one_of_each().layout.front, "the guides are lost, and the layout is not"


def test_a_draft_that_was_altered_is_refused(drafts: Drafts, tmp_path: Path) -> None:
    kept = drafts.keep(one_of_each(), NOW)
    (tmp_path / "drafts" / f"{kept.name}.zip").write_bytes(b"PK no longer")
    with pytest.raises(LayoutError):
        drafts.load(kept)


def test_guides_and_locks_of_what_was_saved_are_remembered(drafts: Drafts, tmp_path: Path) -> None:
    design = one_of_each()
    first, second, *_ = sorted(design.keys)
    aided = replace(design, guides=(Guide(BACK, Axis.Y, 12.5),), locked=frozenset({first}), hidden=frozenset({second}))
    drafts.remember(tmp_path / "ours.zip", aided)
    assert drafts.recalled(tmp_path / "ours.zip", design) == replace(aided, hidden=frozenset())
    assert drafts.recalled(tmp_path / "." / "ours.zip", design).guides == aided.guides
    assert drafts.recalled(tmp_path / "other.zip", design) == design
    assert drafts.all() == ()
    for note in (tmp_path / "drafts").glob("*.json"):
        note.write_text("torn", "utf-8")
    assert drafts.recalled(tmp_path / "ours.zip", design) == design


def test_no_folder_no_drafts(drafts: Drafts) -> None:
    assert drafts.all() == ()
