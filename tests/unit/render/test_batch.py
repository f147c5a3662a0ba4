"""Many cards at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from station.adapters.workers import InlineWorkers, ProcessWorkers
from station.domain import elements as el
from station.domain.errors import PortraitError, StationError
from station.domain.layout import Layout
from station.render.batch import BatchPlan, CardOrder, DrawnCard, draw_all, write_card
from station.render.card import render_card
from station.render.layout_file import bundled_layout
from tests.helpers.layouts import COLOUR_ONLY, CR80_300, ESCN, WIDE_DOTS, card_fields, face
from tests.helpers.renders import everything

EVERYTHING = everything()
SMALL = Layout("small", 1, front=(el.Text(id="t", box=el.Box(5, 5, 60, 8), text="{full_name}", size_pt=10),))


def orders(count: int, portrait: bytes | None = None) -> Iterator[CardOrder]:
    for number in range(count):
        yield CardOrder(f"card-{number}", card_fields(f"Name{number}"), portrait)


def done(plan: BatchPlan, given: Iterator[CardOrder], workers: object = None) -> dict[str, DrawnCard]:
    made = {}
    for each in draw_all(plan, given, workers or InlineWorkers(), cancel=threading.Event()):  # type: ignore[arg-type]
        assert not isinstance(each, StationError)
        made[each.name] = each
    return made


def test_every_card_has_its_files_and_its_number(tmp_path: Path) -> None:
    made = done(BatchPlan(bundled_layout("university"), CR80_300, tmp_path, proof=True), orders(3, face()))
    assert {path.name for path in tmp_path.iterdir()} == {
        f"card-{n}{ending}" for n in range(3) for ending in ("-front.png", "-back.png", ".pdf")
    }
    assert {card.qr for card in made.values()} == {f"https://s.esc-r.eu/{ESCN}"}


def test_processes_make_the_same_files(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    for folder, workers in ((one, InlineWorkers()), (other, ProcessWorkers(2))):
        folder.mkdir()
        made = done(BatchPlan(SMALL, CR80_300, folder, proof=True), orders(20), workers)
        assert len(made) == 20
    files = sorted(path.name for path in one.iterdir())
    assert files == sorted(path.name for path in other.iterdir())
    assert all((one / name).read_bytes() == (other / name).read_bytes() for name in files)


def test_a_card_that_can_not_be_drawn_does_not_stop_the_others(tmp_path: Path) -> None:
    mixed = [CardOrder("good", card_fields(), face()), CardOrder("bad", card_fields(), b"no picture")]
    made = done(BatchPlan(bundled_layout("university"), CR80_300, tmp_path), iter(mixed))
    assert isinstance(made["bad"].trouble, PortraitError)
    assert made["bad"].files == ()
    assert made["good"].trouble is None
    assert {path.name for path in tmp_path.iterdir()} == {"good-front.png", "good-back.png"}


def test_orders_are_taken_as_they_are_needed(tmp_path: Path) -> None:
    taken: list[str] = []

    def endless() -> Iterator[CardOrder]:
        for order in orders(10_000):
            taken.append(order.name)
            yield order

    running = draw_all(BatchPlan(SMALL, CR80_300, tmp_path), endless(), InlineWorkers(), cancel=threading.Event())
    assert isinstance(next(iter(running)), DrawnCard)
    assert len(taken) < 100


def test_it_stops_when_it_is_told(tmp_path: Path) -> None:
    cancel = threading.Event()
    cancel.set()
    assert list(draw_all(BatchPlan(SMALL, CR80_300, tmp_path), orders(3), InlineWorkers(), cancel=cancel)) == []


@pytest.mark.parametrize("profile", [CR80_300, WIDE_DOTS, COLOUR_ONLY], ids=lambda p: p.name)
def test_each_panel_can_have_a_file(tmp_path: Path, profile: object) -> None:
    card = render_card(EVERYTHING, card_fields(), face(), profile)  # type: ignore[arg-type]  # it is a profile
    plan = BatchPlan(EVERYTHING, CR80_300, tmp_path, panels=True)
    written = {path.name for path in write_card(plan, "x", card)}
    front = {f"x-front{ending}.png" for ending in ("", "-colour", "-resin", "-overlay", "-uv")}
    back = {f"x-back{ending}.png" for ending in ("", "-colour", "-resin", "-overlay")}
    assert written == front | back
    with Image.open(tmp_path / "x-front-resin.png") as resin:
        assert resin.mode == "1"
        assert resin.info["dpi"] == pytest.approx((card.dpi_x, card.dpi_y), abs=0.1)
