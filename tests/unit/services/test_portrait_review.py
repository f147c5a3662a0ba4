"""Many portraits are looked at, approved in groups or sent back with a reason; nothing is overwritten."""

from __future__ import annotations

import csv
import io
import threading
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest

from station.adapters.workers import InlineWorkers, ProcessWorkers
from station.domain.errors import InputError, PortraitError
from station.domain.portrait import PortraitSource
from station.domain.portrait_review import ReviewDecision
from station.ports.register import RegisterRow
from station.ports.workers import Workers
from station.resources import asset
from station.services.portrait_review import (
    PortraitReviewer,
    Returned,
    ReviewGroup,
    ReviewItem,
    ReviewOrder,
    list_to_send,
)
from tests.helpers.desks import NOW, TestDesk, a_holder, a_portrait, never, quiet
from tests.helpers.pictures import corners, saved

PERSON = asset("demo", "portraits", "person-2.jpg").read_bytes()
WALL = saved(corners(600, 800), "JPEG", quality=90)


@dataclass
class Review:
    """A reviewer, what it showed last of each file, and its progress."""

    bench: TestDesk
    folder: Path
    workers: Workers = field(default_factory=InlineWorkers)
    shown: dict[str, ReviewItem] = field(default_factory=dict)
    shares: list[float] = field(default_factory=list)

    @property
    def service(self) -> PortraitReviewer:
        desk = self.bench.desk
        return PortraitReviewer(desk.store, desk.clock, desk.journal.who, self.workers)

    @property
    def order(self) -> ReviewOrder:
        making = self.bench.desk.making
        return ReviewOrder(making.portrait_shape, making.print_target, self.folder)

    def show(self, item: ReviewItem) -> None:
        self.shown[item.candidate.path.name] = item

    def look(self) -> dict[str, ReviewGroup]:
        self.shown.clear()
        self.service.look(
            self.order, cancel=never(), progress=lambda _step, share: self.shares.append(share), show=self.show
        )
        return {name: item.group for name, item in self.shown.items()}

    def approve(self, *names: str) -> int:
        items = [self.shown[name] for name in names]
        return self.service.approve(items, self.order, cancel=never(), progress=quiet, show=self.show)

    def send_back(self, reason: str, *names: str) -> int:
        return self.service.send_back([self.shown[name] for name in names], reason, show=self.show)


@pytest.fixture
def review(bench: TestDesk, tmp_path: Path) -> Review:
    """Give a review of Līga's good picture, Mārtiņš's wall, a broken file and a picture of nobody."""
    folder = tmp_path / "photos"
    folder.mkdir()
    (folder / "051REB123.jpg").write_bytes(PERSON)
    (folder / "041REB390.jpg").write_bytes(WALL)
    (folder / "041REB390.png").write_bytes(b"\x89PNG\r\n\x1a\n broken")
    (folder / "nobody.jpg").write_bytes(PERSON)
    (folder / "notes.txt").write_text("not a picture")
    (folder / "older").mkdir()
    return Review(bench, folder)


def test_each_picture_finds_its_person_and_its_group(review: Review) -> None:
    found = review.look()
    assert found.pop("051REB123.jpg") in (ReviewGroup.OK, ReviewGroup.WARN)
    assert found == {
        "041REB390.jpg": ReviewGroup.BAD, "041REB390.png": ReviewGroup.UNREADABLE, "nobody.jpg": ReviewGroup.NOBODY,
    }  # fmt: skip
    assert review.shares == [0.25, 0.5, 0.75, 1.0]
    order = sorted(review.shown.values(), key=lambda item: item.order)
    assert [item.candidate.path.name for item in order] == [
        "041REB390.png", "nobody.jpg", "041REB390.jpg", "051REB123.jpg",
    ]  # fmt: skip


def test_processes_see_the_same(review: Review) -> None:
    here = review.look()
    review.workers = ProcessWorkers(2)
    assert review.look() == here
    assert review.approve("051REB123.jpg") == 1


def test_what_is_approved_becomes_a_portrait_beside_the_earlier_ones(review: Review) -> None:
    desk, liga = review.bench.desk, review.bench.liga
    earlier = replace(a_portrait(liga.id), taken_at=NOW.replace(year=2020))
    desk.store.portraits.add(earlier)
    review.look()
    assert review.approve("051REB123.jpg") == 1
    assert review.shown["051REB123.jpg"].group is ReviewGroup.APPROVED
    last = desk.store.portraits.last_of(liga.id)
    assert last is not None
    assert (last.source, len(last.findings) > 10) == (PortraitSource.FOLDER, True)
    assert desk.store.portraits.get(earlier.id) == earlier
    assert (review.folder / "051REB123.jpg").read_bytes() == PERSON
    (decision,) = desk.store.reviews.all()
    assert (decision.decision, decision.portrait_id) == (ReviewDecision.APPROVED, last.id)


def test_what_was_decided_is_known_the_next_time_and_not_done_twice(review: Review) -> None:
    review.look()
    review.approve("051REB123.jpg")
    review.send_back("Fona vietā jābūt sejai.", "041REB390.jpg", "041REB390.png")
    again = review.look()
    assert again["051REB123.jpg"] is ReviewGroup.APPROVED
    assert again["041REB390.jpg"] is ReviewGroup.SENT_BACK
    assert again["041REB390.png"] is ReviewGroup.SENT_BACK
    assert review.approve("051REB123.jpg") == 0
    assert review.send_back("x", "051REB123.jpg") == 0
    (review.folder / "041REB390.jpg").write_bytes(PERSON)
    assert review.look()["041REB390.jpg"] not in (ReviewGroup.SENT_BACK, ReviewGroup.BAD)


def test_a_picture_of_nobody_and_a_broken_one_are_never_approved(review: Review) -> None:
    review.look()
    assert review.approve("nobody.jpg", "041REB390.png") == 0
    assert review.send_back("Whose?", "nobody.jpg") == 0
    assert review.bench.desk.store.reviews.all() == ()


def test_what_went_back_can_be_approved_after_a_second_look(review: Review) -> None:
    review.look()
    review.send_back("Not sharp.", "041REB390.jpg")
    assert review.approve("041REB390.jpg") == 1
    assert review.service.returned() == ()


def test_a_file_that_was_replaced_while_people_looked_is_not_kept(review: Review) -> None:
    review.look()
    (review.folder / "051REB123.jpg").write_bytes(WALL)
    assert review.approve("051REB123.jpg") == 0
    problem = review.shown["051REB123.jpg"].problem
    assert isinstance(problem, PortraitError)
    assert "another picture" in str(problem)
    assert review.bench.desk.store.portraits.last_of(review.bench.liga.id) is None


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_nothing_goes_back_without_a_reason(review: Review, reason: str) -> None:
    review.look()
    with pytest.raises(InputError, match="without a reason"):
        review.send_back(reason, "041REB390.jpg")
    assert review.bench.desk.store.reviews.all() == ()


def test_reasons_are_proposed_from_what_was_found(review: Review) -> None:
    review.look()
    assert review.shown["041REB390.jpg"].reasons == ("Exactly one face must be seen: yours, looking into the camera.",)
    assert "JPEG" in review.shown["041REB390.png"].reasons[0]


def test_the_registers_own_portraits_are_reviewed_too(review: Review, tmp_path: Path) -> None:
    uploaded = tmp_path / "upload-77.jpg"
    uploaded.write_bytes(PERSON)
    holders = review.bench.desk.store.holders
    rows = [RegisterRow(replace(a_holder("077", "Anna", "Ozola"), photo=str(uploaded)))]
    holders.apply_import(holders.plan_import(rows, "uploads"), "uploads", NOW)
    review.look()
    assert review.shown["upload-77.jpg"].candidate.source is PortraitSource.REGISTER
    assert review.approve("upload-77.jpg") == 1


def test_a_cancel_stops_between_two_pictures_and_keeps_what_was_done(review: Review) -> None:
    cancel = threading.Event()

    def stop(_item: ReviewItem) -> None:
        cancel.set()

    assert review.service.look(review.order, cancel=cancel, progress=quiet, show=stop) == 1
    review.look()
    cancel.clear()
    items = [review.shown["051REB123.jpg"], review.shown["041REB390.jpg"]]
    assert review.service.approve(items, review.order, cancel=cancel, progress=quiet, show=stop) == 1
    assert len(review.bench.desk.store.reviews.all()) == 1


def test_a_folder_that_is_not_there_is_named(review: Review) -> None:
    review.folder = review.folder / "none"
    with pytest.raises(InputError, match=r"none can't be read: No such file"):
        review.look()


def test_the_list_to_send_opens_in_a_spreadsheet(review: Review) -> None:
    review.look()
    review.send_back('=HYPERLINK(1); "Par tumšu"', "041REB390.jpg")
    returned = review.service.returned()
    data = list_to_send(returned, ("nr", "name", "e-mail", "file", "reason", "day"), lambda at: at.date().isoformat())
    assert data.startswith(b"\xef\xbb\xbf")
    header, line = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=";")
    assert header[4] == "reason"
    assert line[:4] == ["041REB390", "Mārtiņš Ģērmanis", "x@rpu.example", "041REB390.jpg"]
    assert line[4] == '\'=HYPERLINK(1); "Par tumšu"'


def test_the_list_says_the_newest_reason_of_each_person(review: Review) -> None:
    review.look()
    review.send_back("Not sharp.", "041REB390.png")
    review.send_back("No face.", "041REB390.jpg")
    found: tuple[Returned, ...] = review.service.returned()
    assert [(each.holder.student_number, each.review.reason) for each in found] == [("041REB390", "No face.")]


def test_who_was_photographed_at_the_desk_meanwhile_need_not_send_anything(review: Review) -> None:
    desk, martins = review.bench.desk, review.bench.martins
    review.look()
    review.send_back("Fona vietā jābūt sejai.", "041REB390.jpg")
    earlier = desk.clock.now() - timedelta(days=400)
    desk.store.portraits.add(replace(a_portrait(martins.id), taken_at=earlier))
    assert [each.holder.id for each in review.service.returned()] == [martins.id], "an old one does not help"
    desk.store.portraits.add(replace(a_portrait(martins.id), id="new", taken_at=desk.clock.now()))
    assert review.service.returned() == ()
