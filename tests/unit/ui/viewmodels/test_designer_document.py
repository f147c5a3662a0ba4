"""What is open is saved, kept and left in every order of events without anything getting lost."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pytest

from station.domain.errors import InputError, LayoutError, StationError
from station.domain.layout import Preprinted
from station.domain.message import Message
from station.domain.snapping import Axis
from station.ports.tasks import Cancel, Lane
from station.render.layout_file import load_layout
from station.resources import asset
from station.services.design_palette import ITEMS
from station.services.designing import FRONT
from station.ui.viewmodels.designer import DesignerModel
from station.ui.viewmodels.designer_document import DocumentModel
from tests.helpers.designs import PNG, one_of_each
from tests.helpers.desks import TestDesk, open_test_desk

T = TypeVar("T")


@dataclass
class HeldTasks:
    """Keeps work back until it is let go, as a slow disk does."""

    waiting: list[Callable[[], None]] = field(default_factory=list)

    def run(
        self,
        lane: Lane,
        work: Callable[[Cancel], T],
        *,
        done: Callable[[T], None] | None = None,
        failed: Callable[[Exception], None] | None = None,
    ) -> Any:
        def carry_out() -> None:
            try:
                result = work(threading.Event())
            except StationError as error:
                assert failed is not None
                failed(error)
            else:
                assert done is not None
                done(result)

        self.waiting.append(carry_out)
        return None

    def post(self, call: Callable[[], None]) -> None:
        call()

    def close(self, timeout_s: float = 5.0) -> None:
        self.waiting.clear()

    def let_go(self) -> None:
        """Do what waits."""
        waiting, self.waiting = self.waiting, []
        for work in waiting:
            work()


@dataclass
class Table:
    """A document, its design, and what was said."""

    hands: TestDesk
    tasks: HeldTasks
    model: DesignerModel
    document: DocumentModel
    told: list[object]

    def draw(self) -> None:
        """Add something."""
        self.model.add(ITEMS["photo"], (40, 20))


@pytest.fixture
def table(qapp: object, tmp_path: Path) -> Iterator[Table]:
    """Give a document on a desk whose disk is slow."""
    with open_test_desk(tmp_path / "desk") as hands:
        tasks, model = HeldTasks(), DesignerModel(hands.desk.making.layout)
        document = DocumentModel(hands.desk, tasks, model)
        told: list[object] = []
        document.told.connect(told.append)
        document.begin()
        yield Table(hands, tasks, model, document, told)
        document._timer.stop()


def test_the_stations_own_layout_is_open_and_saved(table: Table) -> None:
    assert table.model.design.layout == table.hands.desk.making.layout
    assert not table.document.unsaved
    assert table.document.target is None, "what ships is never written over"
    assert not table.document.save()


def test_blank_cards_that_bear_the_logo_are_said_and_undone(table: Table) -> None:
    def borne() -> list[Preprinted]:
        return list(table.model.design.layout.preprinted)

    table.document.set_preprinted(True)
    assert borne() == [Preprinted.ESC_LOGO]
    assert table.document.unsaved
    table.model.undo()
    assert borne() == []
    table.document.set_preprinted(False)
    assert not table.document.unsaved


def test_a_draft_written_late_belongs_to_its_own_layout(table: Table) -> None:
    """Another layout is opened while the draft of the one before is still being written."""
    table.draw()
    first = table.model.design.layout
    table.document.keep()
    table.document.new()
    table.draw()
    table.document.keep()
    table.tasks.let_go()
    table.document.keep()
    table.tasks.let_go()
    assert table.document.drafts is not None
    drafts = table.document.drafts.all()
    assert len(drafts) == 2
    kept = {draft.title: table.document.drafts.load(draft).layout for draft in drafts}
    assert kept["card"].front == table.model.design.layout.front
    assert kept[first.title].front == first.front


def test_a_draft_that_comes_after_the_saving_is_dropped(table: Table, tmp_path: Path) -> None:
    table.draw()
    table.document.keep()
    assert table.document.save(tmp_path / "card.zip")
    table.tasks.let_go()
    assert table.document.drafts is not None
    assert table.document.drafts.all() == ()


def test_what_is_undone_to_what_was_saved_needs_no_draft(table: Table) -> None:
    table.draw()
    table.document.keep()
    table.tasks.let_go()
    assert table.document.drafts is not None
    assert len(table.document.drafts.all()) == 1
    table.model.undo()
    assert table.document.drafts.all() == ()


def test_nothing_is_left_that_cannot_be_kept(table: Table, tmp_path: Path) -> None:
    """The disk is full, or somebody made the folder a file: the layout stays open."""
    (table.hands.folder / "drafts").write_text("no folder", encoding="utf-8")
    table.draw()
    before = table.model.design
    table.document.new()
    assert table.model.design is before
    assert not table.document.open_file(asset("layouts", "plain"))
    table.document.open_ready(table.document.ready_layouts()[0])
    assert table.model.design is before
    assert all(isinstance(each, StationError) for each in table.told)
    assert table.told
    assert table.document.save(tmp_path / "elsewhere.zip"), "but it can be saved in another place"
    table.document.new()
    assert table.model.design is not before


def test_drafts_are_offered_and_gone_on_with(table: Table) -> None:
    table.draw()
    front = table.model.design.layout.front
    table.document.new()
    (draft,) = table.document.waiting_drafts()
    assert table.document.open_draft(draft)
    assert table.model.design.layout.front == front
    assert table.document.unsaved
    assert table.document.waiting_drafts() == ()
    other = DocumentModel(table.hands.desk, table.tasks, DesignerModel(one_of_each().layout))
    assert other.begin(), "the next time it is there"
    other._timer.stop()


def test_saved_under_another_name(table: Table, tmp_path: Path) -> None:
    table.model.load(one_of_each(), saved=False)
    assert table.document.save(tmp_path / "Mūsu karte.zip")
    layout = load_layout(tmp_path / "Mūsu karte.zip")
    assert layout.name == "musu-karte"
    assert set(layout.files) == {"sign.png"}
    assert isinstance(table.told[-1], Message)
    table.model.select(frozenset({(FRONT, "sign")}))
    table.model.delete()
    assert table.document.save()
    assert load_layout(tmp_path / "Mūsu karte.zip").files == {}, "what nothing shows is not carried along"
    table.model.undo()
    assert table.document.unsaved
    table.document.retitle(" Mūsu karte ")
    assert table.document.title == "Mūsu karte"


def test_guides_come_back_with_the_file(table: Table, tmp_path: Path) -> None:
    table.model.add_guide(Axis.X)
    guides = table.model.design.guides
    assert table.document.save(tmp_path / "mine.zip")
    table.document.new()
    assert table.model.design.guides == ()
    assert table.document.open_file(tmp_path / "mine.zip")
    assert table.model.design.guides == guides
    assert not table.document.unsaved


def test_a_layout_that_is_wrong_is_not_saved(table: Table, tmp_path: Path) -> None:
    table.model.load(one_of_each(), saved=False)
    table.model.select(frozenset({(FRONT, "name")}))
    table.model.set(text="{nobody}")
    assert not table.document.save(tmp_path / "card.zip")
    assert isinstance(table.told[-1], LayoutError)
    assert not (tmp_path / "card.zip").exists()


def test_without_a_key_nobody_approves(table: Table, tmp_path: Path) -> None:
    assert table.document.save(tmp_path / "card.zip")
    table.document.approve()
    table.tasks.let_go()
    assert isinstance(table.told[-1], StationError | Message)


def test_files_are_read_or_refused(table: Table, tmp_path: Path) -> None:
    (tmp_path / "sign.png").write_bytes(PNG)
    assert table.document.read_file(tmp_path / "sign.png") == ("sign.png", PNG)
    assert table.document.read_file(tmp_path / "gone.png") is None
    (tmp_path / "page.html").write_text("no")
    assert table.document.read_file(tmp_path / "page.html") is None
    assert all(isinstance(each, InputError) for each in table.told)


def test_a_layout_json_opens_its_folder(table: Table) -> None:
    assert table.document.open_file(asset("layouts", "plain", "layout.json"))
    assert table.document.path == asset("layouts", "plain")
    assert table.document.target is None
    assert not table.document.open_file(Path("nowhere.zip"))
