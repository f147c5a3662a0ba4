"""Make the background of a portrait plain, away from the window, and show it beside the one it had."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from station.domain.errors import Cancelled
from station.domain.portrait import Portrait
from station.ports.tasks import Cancel, Progress

if TYPE_CHECKING:
    from station.photo.background import BackgroundMaker

LEAST_PERSON, MOST_PERSON = 0.08, 0.97
"""A person who takes less or more of a portrait than this was surely not told from the background."""


@dataclass(frozen=True, slots=True)
class BackgroundPair:
    """A portrait's picture before and after, both JPEG; ``doubtful`` where no person was told from the background."""

    before: bytes
    after: bytes
    doubtful: bool = False


class PlainBackgrounds:
    """Makes backgrounds plain. All of it on one thread, which its model belongs to."""

    def __init__(self, load: Callable[[], BackgroundMaker] | None = None) -> None:
        """Prepare; the model is loaded when it is first needed, by ``load``."""
        self._load = load or _load_maker
        self._maker: BackgroundMaker | None = None

    def make(self, cut: Callable[[], Portrait], *, cancel: Cancel, progress: Progress) -> BackgroundPair:
        """Cut the portrait and make its background plain.

        Raises:
            ModelError: the model is missing or altered.
            PortraitError: the still is no usable picture.
            Cancelled: ``cancel`` was set.
        """
        from station.photo.background import LIGHT_GREY, composed
        from station.photo.decoding import load_picture
        from station.photo.pictures import to_jpeg

        def go_on(step: str, share: float) -> None:
            if cancel.is_set():
                raise Cancelled
            progress(step, share)

        go_on("cut", 0.0)
        before = cut().image
        go_on("load", 0.2)
        maker = self._maker = self._maker or self._load()
        picture = load_picture(before)
        go_on("outline", 0.4)
        person = maker.outline(picture)
        go_on("compose", 0.8)
        after = to_jpeg(composed(picture, person, LIGHT_GREY))
        go_on("compose", 1.0)
        return BackgroundPair(before, after, not LEAST_PERSON < float(person.mean()) < MOST_PERSON)


def _load_maker() -> BackgroundMaker:
    from station.photo.background import BackgroundMaker

    return BackgroundMaker()
