"""The portrait in the making and the card that shows it: the newest wish wins, the crop stays inside."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from station.adapters.camera.virtual import demo_portraits
from station.domain.errors import StationError
from station.domain.portrait import Crop, OverrideReason, PortraitSource
from station.photo.checks import CheckName, Verdict
from station.photo.portraits import PortraitShape
from station.ports.camera import Frame
from station.ports.tasks import Lane
from station.render.layout_file import bundled_layout
from station.ui.viewmodels.portrait import PortraitModel
from station.ui.viewmodels.preview import CardPreview
from station.ui.viewmodels.stages import Stage, Todo
from tests.helpers.desks import a_portrait
from tests.helpers.sitters import IN_UNIFORM
from tests.helpers.window import Bench, a_bench

GREY = Frame(bytes((90,)) * (640 * 480 * 3), 640, 480)


def a_model(bench: Bench) -> PortraitModel:
    return PortraitModel(bench.hands.liga.id, bench.tasks, bench.hands.desk.clock, PortraitShape())


def test_a_still_has_a_crop_inside_the_picture(bench: Bench) -> None:
    model = a_model(bench)
    assert not model.has_still
    model.take(GREY)
    assert model.area is not None
    assert model.crop == model.area.clamp(model.crop)
    assert model.crop.height < 1.0, "as close as the oval of the preview"


def test_a_portrait_is_cut_as_the_crop_says(bench: Bench) -> None:
    model = a_model(bench)
    model.take(GREY)
    model.set_crop(Crop(0.5, 0.5, 0.5))
    portrait = model.cutter()()
    assert portrait.crop.height == pytest.approx(0.5)
    assert portrait.height_px == 240
    assert portrait.source is PortraitSource.CAMERA
    model.drop()
    with pytest.raises(StationError):
        model.cutter()


def test_an_earlier_portrait_comes_back_as_a_still(bench: Bench) -> None:
    model = a_model(bench)
    bench.hands.desk.store.portraits.add(a_portrait(bench.hands.liga.id))
    sources = bench.hands.desk.sources
    (last,) = sources.of(bench.hands.liga)
    model.take_from(lambda: sources.open(last))
    bench.until(lambda: model.has_still)
    assert model.cutter()().source is PortraitSource.LAST


def test_a_draft_has_no_number_and_the_final_card_is_read_back(bench: Bench) -> None:
    preview = CardPreview(bench.hands.desk, bench.tasks, bench.hands.liga)
    preview.draft()
    bench.until(lambda: preview.picture is not None)
    assert preview.final(None) is None
    assert not preview.qr_read
    issuance = bench.hands.portrayed()
    preview.finish(issuance)
    bench.until(lambda: preview.final(issuance) is not None)
    assert preview.final(bench.hands.desk.begin(bench.hands.martins)) is None, "it carries another number"
    assert preview.qr_read
    assert preview.picture is not None
    assert preview.picture.front.width() / preview.picture.front.height() == pytest.approx(85.6 / 53.98, abs=0.01)


def test_a_begun_card_is_seen_on_its_own_layout(bench: Bench) -> None:
    desk, issuance = bench.hands.desk, bench.hands.portrayed()
    preview = CardPreview(desk, bench.tasks, bench.hands.liga)
    preview.finish(issuance)
    bench.until(lambda: preview.final(issuance) is not None)
    before = preview.picture
    vars(desk)["making"] = replace(desk.making, layout=bundled_layout("college"))  # as after a newer approval
    preview.draft()
    preview.finish(issuance)
    bench.until(lambda: preview.picture is not before and preview.final(issuance) is not None)
    assert before is not None
    assert preview.picture is not None
    assert (preview.picture.front, preview.picture.back) == (before.front, before.back)


def test_a_guests_card_is_ready_without_a_qr(qtbot: QtBot, tmp_path: Path) -> None:
    with a_bench(qtbot, tmp_path, layout={"name": "guest"}) as bench:
        session = bench.reach(Stage.DONE)
        assert session.trouble is None
        assert not session.preview.qr_read


def test_only_the_newest_wish_is_drawn(bench: Bench) -> None:
    drawn: list[bytes] = []
    preview = CardPreview(bench.hands.desk, bench.tasks, bench.hands.liga)
    portrait = a_portrait(bench.hands.liga.id)

    def wish(name: bytes) -> None:
        def make() -> object:
            drawn.append(name)
            return portrait

        preview.draft("", make)  # type: ignore[arg-type]  # it gives a Portrait

    for name in (b"1", b"2", b"3", b"4"):
        wish(name)
    bench.until(lambda: drawn[-1:] == [b"4"])
    assert b"2" not in drawn
    assert b"3" not in drawn


def test_a_card_that_cannot_be_drawn_says_so(bench: Bench) -> None:
    preview = CardPreview(bench.hands.desk, bench.tasks, bench.hands.liga)
    with bench.qtbot.waitSignal(preview.failed):
        preview.draft("", b"not a picture")


def test_the_same_final_card_is_drawn_once(bench: Bench) -> None:
    preview = CardPreview(bench.hands.desk, bench.tasks, bench.hands.liga)
    issuance = bench.hands.portrayed()
    drawn, after = [], []
    preview.changed.connect(lambda: drawn.append(preview.picture))
    preview.finish(issuance)
    preview.finish(issuance)  # as who presses Enter before it is there
    bench.until(lambda: drawn)
    bench.tasks.run(Lane.WORK, lambda _c: None, done=after.append)
    bench.until(lambda: after)
    assert len(drawn) == 1
    preview.draft()
    preview.finish(issuance)
    bench.until(lambda: preview.picture is not drawn[0] and preview.final(issuance) is not None)


def test_a_reason_is_kept_only_where_there_was_something_to_go_over(bench: Bench) -> None:
    session = bench.reach(Stage.PHOTO)
    bench.hands.seat(IN_UNIFORM)
    bench.models.camera.start()
    bench.until(lambda: bench.models.camera.newest is not None)
    session.do(Todo.SHUTTER)
    bench.until(lambda: session.portrait.findings)
    wrong = next(finding.name for finding in session.portrait.findings if finding.verdict is not Verdict.OK)
    well = next(finding.name for finding in session.portrait.findings if finding.verdict is Verdict.OK)
    for check in (wrong, well):
        session.portrait.go_over(check, OverrideReason.MEDICAL)
    kept = {finding.check: finding.override_reason for finding in session.portrait.cutter()().findings}
    assert (kept[wrong.value], kept[well.value]) == ("medical", "")


def test_enter_right_after_space_keeps_what_was_found(bench: Bench) -> None:
    session = bench.reach(Stage.PHOTO)
    bench.models.camera.start()
    bench.until(lambda: bench.models.camera.newest is not None)
    session.do(Todo.SHUTTER)
    assert session.portrait.awaited
    session.do(Todo.ACCEPT_PORTRAIT)
    session.do(Todo.ACCEPT_PORTRAIT)
    bench.until(lambda: session.stage is Stage.REVIEW)
    portrait = bench.hands.desk.store.portraits.last_of(bench.hands.liga.id)
    assert portrait is not None
    assert [finding.check for finding in portrait.findings] == [check.value for check in CheckName]
    assert len(list(bench.hands.desk.store.portraits.all_findings())) == 1
    assert not session.portrait.has_still, "the rest of the picture is forgotten once the portrait is kept"


def test_esc_after_a_hasty_enter_takes_it_back(bench: Bench) -> None:
    session = bench.reach(Stage.PHOTO)
    bench.models.camera.start()
    bench.until(lambda: bench.models.camera.newest is not None)
    session.do(Todo.SHUTTER)
    session.do(Todo.ACCEPT_PORTRAIT)
    session.do(Todo.RETAKE)
    bench.until(lambda: bench.models.camera.newest is not None)
    session.do(Todo.SHUTTER)
    bench.until(lambda: not session.portrait.awaited)
    assert session.stage is Stage.CROP
    assert bench.hands.desk.store.portraits.last_of(bench.hands.liga.id) is None


def test_a_file_that_opens_too_late_does_not_replace_what_was_accepted(bench: Bench) -> None:
    session = bench.reach(Stage.CROP)
    bench.until(lambda: not session.portrait.awaited)
    before = session.portrait.still
    session.take_file(demo_portraits()[0])
    session.do(Todo.ACCEPT_PORTRAIT)
    assert session.busy
    bench.until(lambda: session.stage is Stage.REVIEW)
    portrait = bench.hands.desk.store.portraits.last_of(bench.hands.liga.id)
    assert portrait is not None
    assert portrait.source is PortraitSource.CAMERA
    assert not session.portrait.has_still
    assert before is not None


def test_a_portrait_was_taken_when_the_still_was_taken(bench: Bench) -> None:
    model = a_model(bench)
    before = bench.hands.desk.clock.now()
    model.take(GREY)
    after = bench.hands.desk.clock.now()
    first, again = model.cutter()(), model.cutter()()
    assert before <= first.taken_at <= after
    assert again.taken_at == first.taken_at, "however long somebody thinks about the crop"
