"""A portrait's background made plain: step by step, cancelled between two, doubtful where nobody is."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from station.adapters.camera.virtual import demo_portraits
from station.domain.errors import Cancelled, ModelError
from station.domain.portrait import Portrait
from station.photo.background import BackgroundMaker
from station.photo.pictures import load_picture, to_jpeg
from station.photo.portraits import Sitting, make_portrait
from station.services.backgrounds import PlainBackgrounds

NOW = datetime(2026, 9, 1, tzinfo=UTC)


def a_cut(picture: bytes) -> Portrait:
    return make_portrait(Sitting("p-1", "id-1", NOW), picture)


def test_the_pair_is_the_same_picture_before_and_after() -> None:
    steps: list[float] = []
    portrait = a_cut(demo_portraits()[0].read_bytes())
    pair = PlainBackgrounds().make(
        lambda: portrait, cancel=threading.Event(), progress=lambda _step, share: steps.append(share)
    )
    assert pair.before == portrait.image
    before, after = load_picture(pair.before), load_picture(pair.after)
    assert before.shape == after.shape
    corner = after[: after.shape[0] // 12, : after.shape[1] // 12].reshape(-1, 3)
    assert corner.std(axis=0).max() < 3, "the background is plain"
    middle = (
        slice(before.shape[0] * 2 // 5, before.shape[0] * 3 // 5),
        slice(before.shape[1] // 3, -before.shape[1] // 3),
    )
    assert np.abs(before[middle].astype(int) - after[middle]).mean() < 4, "the face is not"
    assert steps == sorted(steps)
    assert (steps[0], steps[-1]) == (0.0, 1.0)
    assert not pair.doubtful


def test_a_picture_without_anybody_is_doubtful() -> None:
    wall = to_jpeg(np.full((600, 480, 3), 120, np.uint8))
    pair = PlainBackgrounds().make(lambda: a_cut(wall), cancel=threading.Event(), progress=lambda _s, _p: None)
    assert pair.doubtful


def test_it_stops_at_the_next_step() -> None:
    cancel = threading.Event()
    seen: list[str] = []

    def progress(step: str, _share: float) -> None:
        seen.append(step)
        cancel.set()

    with pytest.raises(Cancelled):
        PlainBackgrounds().make(lambda: a_cut(demo_portraits()[0].read_bytes()), cancel=cancel, progress=progress)
    assert seen == ["cut"]


def test_a_missing_model_is_one_clear_message(tmp_path: Path) -> None:
    maker = PlainBackgrounds(lambda: BackgroundMaker(folder=tmp_path))
    with pytest.raises(ModelError):
        maker.make(
            lambda: a_cut(demo_portraits()[0].read_bytes()), cancel=threading.Event(), progress=lambda _s, _p: None
        )
