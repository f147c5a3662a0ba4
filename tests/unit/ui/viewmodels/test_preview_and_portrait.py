"""The portrait in the making and the card that shows it: the newest wish wins, the crop stays inside."""

from __future__ import annotations

import pytest

from station.domain.errors import StationError
from station.domain.portrait import Crop, PortraitSource
from station.photo.portraits import PortraitShape
from station.ports.camera import Frame
from station.ports.tasks import Lane
from station.ui.viewmodels.portrait import PortraitModel
from station.ui.viewmodels.preview import CardPreview
from tests.helpers.desks import a_portrait
from tests.helpers.window import Bench

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
    with bench.qtbot.waitSignal(preview.failed, timeout=10_000):
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
