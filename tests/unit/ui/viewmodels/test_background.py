"""The plain background of one portrait: before and after first, then taken or left, and off again."""

from __future__ import annotations

from pathlib import Path

from station.adapters.camera.virtual import demo_portraits
from station.domain.errors import ModelError
from station.domain.portrait import Crop
from station.photo.background import BackgroundMaker
from station.photo.checks import CheckName
from station.photo.pictures import as_frame, load_picture
from station.photo.portraits import PortraitShape
from station.services.backgrounds import PlainBackgrounds
from station.ui.viewmodels.portrait import PortraitModel
from station.ui.viewmodels.session import Session
from station.ui.viewmodels.stages import Background, Stage, Todo
from tests.helpers.window import Bench


def a_model(bench: Bench, backgrounds: PlainBackgrounds | None = None) -> PortraitModel:
    clock = bench.hands.desk.clock
    model = PortraitModel(bench.hands.liga.id, bench.tasks, clock, PortraitShape(), backgrounds=backgrounds)
    model.take(as_frame(load_picture(demo_portraits()[0])))
    return model


def offered(bench: Bench) -> PortraitModel:
    model = a_model(bench)
    model.make_plain()
    bench.until(lambda: model.background.state is Background.OFFERED)
    return model


def test_it_is_shown_before_it_is_taken(bench: Bench) -> None:
    model = offered(bench)
    assert not model.background.before.isNull()
    assert model.background.before.size() == model.background.after.size()
    assert model.cutter()().natural is None, "nothing is taken yet"
    model.background.take()
    portrait = model.cutter()()
    assert portrait.natural is not None
    assert portrait.image != portrait.natural


def test_left_it_leaves_nothing(bench: Bench) -> None:
    model = offered(bench)
    model.background.leave()
    assert model.background.state is Background.OWN
    assert model.cutter()().natural is None


def test_another_part_of_the_still_has_its_own_background(bench: Bench) -> None:
    model = offered(bench)
    model.background.take()
    model.set_crop(Crop(0.5, 0.5, 0.5))
    assert model.background.state is Background.OWN
    assert model.cutter()().natural is None


def test_stopped_it_offers_nothing_later(bench: Bench) -> None:
    model = a_model(bench)
    model.make_plain()
    assert model.background.state is Background.WORKING
    model.background.leave()
    ended: list[str] = []
    model.make_plain()  # the lane works in order: when this one is there, the first has ended too
    model.background.changed.connect(lambda: ended.append(model.background.state))
    bench.until(lambda: model.background.state is Background.OFFERED)
    assert ended.count(Background.OFFERED) == 1


def test_a_plain_background_settles_what_was_said_of_it(bench: Bench) -> None:
    model = offered(bench)
    model.background.take()
    assert model.hint is None or model.hint.name is not CheckName.BACKGROUND


def test_without_the_model_the_portrait_stays_as_it_is(bench: Bench, tmp_path: Path) -> None:
    model = a_model(bench, PlainBackgrounds(lambda: BackgroundMaker(folder=tmp_path)))
    model.make_plain()
    bench.until(lambda: model.background.error is not None)
    assert isinstance(model.background.error, ModelError)
    assert model.background.state is Background.OWN
    assert model.cutter()().natural is None
    model.background.leave()
    assert model.background.error is None


def plain_and_kept(bench: Bench) -> Session:
    session = bench.reach(Stage.CROP)
    session.do(Todo.PLAIN_BACKGROUND)
    bench.until(lambda: session.background is Background.OFFERED)
    assert session.by_key("enter") is Todo.TAKE_BACKGROUND
    session.do(Todo.TAKE_BACKGROUND)
    session.do(Todo.ACCEPT_PORTRAIT)
    bench.until(lambda: session.stage is Stage.REVIEW and not session.busy)
    return session


def test_it_can_be_taken_off_until_the_card_is_made(bench: Bench) -> None:
    session = plain_and_kept(bench)
    portraits = bench.hands.desk.store.portraits
    assert session.issuance is not None
    first = portraits.get(session.issuance.portrait_id or "")
    assert first is not None
    assert first.natural is not None
    bench.until(lambda: session.preview.final(session.issuance) is not None)
    printed = session.preview.final(session.issuance)
    session.do(Todo.OWN_BACKGROUND)
    bench.until(lambda: not session.busy and session.background is Background.OWN)
    bench.until(lambda: session.preview.final(session.issuance) is not None)
    second = portraits.get(session.issuance.portrait_id or "")
    assert second is not None
    assert second.id != first.id
    assert (second.image, second.natural) == (first.natural, None)
    drawn = session.preview.final(session.issuance)
    assert printed is not None
    assert drawn is not None
    assert printed.card.front.composite.data != drawn.card.front.composite.data, "what is printed follows"


def test_begun_anew_it_can_still_be_taken_off(bench: Bench) -> None:
    session = plain_and_kept(bench)
    bench.models.desk._forget(session)
    again = bench.models.desk.serve(bench.hands.liga)
    bench.until(lambda: again.stage is Stage.REVIEW)
    assert again.background is Background.PLAIN
    assert Todo.OWN_BACKGROUND in [offer.todo for offer in again.offers]
