"""Make the background of a portrait plain: the person's soft outline, hair kept, over one colour."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from station.photo.models import ModelName, load_model
from station.photo.person import PersonFinder

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from station.photo.pictures import Pixels

    Shares = npt.NDArray[np.float32]

LIGHT_GREY = (225, 225, 225)
"""Blue, green and red; light enough for white hair and dark enough for none of it to vanish."""
WORKING_EDGE_PX = 768
SMOOTH_SHARE, SMOOTH_EPS = 1 / 64, 4e-4
"""How far around a pixel its outline is fitted, of the longer edge, and how little a brightness may differ to count."""
SURE_BACKGROUND, SURE_PERSON = 0.2, 0.9
NOT_PERSON, PERSON_TO_BOTH = 0.15, 0.45
"""What is below the first in one of two looks is background; above the second in both, the surer look counts. On people
before other walls these leave a fifth less of the wall than one look, and take no more of the person away."""
COLOUR_SHARE = 1 / 24
"""How far around a hair its own colour is looked for, of the longer edge."""


@dataclass(frozen=True, slots=True, eq=False)
class PlainBackground:
    """A picture before and after, both of one size, and how much of each pixel is the person's (0..1)."""

    before: Pixels
    after: Pixels
    person: Shares

    @property
    def person_share(self) -> float:
        """Return how much of the picture the person takes; near 0 or 1 nothing sensible was found."""
        return float(self.person.mean())


class BackgroundMaker:
    """Make backgrounds plain on one thread."""

    def __init__(self, finder: PersonFinder | None = None, *, folder: Path | None = None) -> None:
        """Take the finder of an engine that is there already, or load the model.

        Raises:
            ModelError: the model is missing or altered.
        """
        self._finder = finder or PersonFinder(load_model(ModelName.PERSON, folder))

    def make_plain(self, picture: Pixels, colour: tuple[int, int, int] = LIGHT_GREY) -> PlainBackground:
        """Return ``picture`` (blue first) with ``colour`` (blue, green, red) behind the person."""
        person = self.outline(picture)
        return PlainBackground(picture, composed(picture, person, colour), person)

    def outline(self, picture: Pixels) -> Shares:
        """Return how much of each pixel is the person's, fitted to the hair as the picture has it."""
        import cv2
        import numpy as np

        rough = self._rough(picture)
        height, width = picture.shape[:2]
        scale = min(1.0, WORKING_EDGE_PX / max(height, width))
        size = max(1, round(width * scale)), max(1, round(height * scale))
        small = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.float32)
        slope, offset = _fitted(small / np.float32(255), np.asarray(cv2.resize(rough, size), np.float32))
        # One channel after another: three at once would take a third of a gigabyte for a photo of 9 megapixels.
        person = np.asarray(cv2.resize(offset, (width, height)), np.float32)
        for channel in range(3):
            large = cv2.resize(slope[..., channel] / np.float32(255), (width, height))
            person += np.asarray(large, np.float32) * picture[..., channel]
        person -= SURE_BACKGROUND
        person /= SURE_PERSON - SURE_BACKGROUND
        return np.asarray(np.clip(person, 0, 1, out=person), np.float32)

    def _rough(self, picture: Pixels) -> Shares:
        """Return what the model sees of the person in the picture and in its mirror image.

        What one of the two takes for background surely is background, as a rule: a pole or a curtain beside the head.
        What both see a little of belongs to the person, as an ear or a shoulder in the shade.
        """
        import numpy as np

        _, one = self._finder.look(picture)
        _, other = self._finder.look(np.ascontiguousarray(picture[:, ::-1]))
        other = other[:, ::-1]
        agreed = (np.minimum(one, other) - NOT_PERSON) / (PERSON_TO_BOTH - NOT_PERSON)
        return np.asarray(np.maximum(one, other) * np.clip(agreed, 0, 1), np.float32)


def composed(picture: Pixels, person: Shares, colour: tuple[int, int, int]) -> Pixels:
    """Return the person over a plain colour; what shone through hair from the old background is taken out.

    Args:
        picture: rows × columns × 3, blue first.
        person: rows × columns, how much of each pixel is the person's.
        colour: blue, green and red of what is put behind.
    """
    import numpy as np

    out = np.empty_like(picture)
    out[:] = np.asarray(colour, np.uint8)
    whole = person >= 1
    out[whole] = picture[whole]
    edge = (person > 0) & ~whole
    if edge.any():
        share = person[edge][:, None]
        own = _own_colours(picture, person, edge)
        mixed = share * own + (1 - share) * np.asarray(colour, np.float32)
        out[edge] = np.clip(np.round(mixed), 0, 255).astype(np.uint8)
    return out


def _fitted(guide: Shares, mask: Shares) -> tuple[Shares, Shares]:
    """Return slope (three channels) and offset with which, around each pixel, colours say best what is person.

    The guided filter with a colour guide (He, Sun, Tang: Guided Image Filtering, 2010), solved in closed form.
    """
    import cv2
    import numpy as np

    reach = max(2, round(max(mask.shape) * SMOOTH_SHARE))
    window = (2 * reach + 1, 2 * reach + 1)

    def mean(values: Shares) -> Shares:
        return np.asarray(cv2.boxFilter(values, -1, window, borderType=cv2.BORDER_REFLECT), np.float32)

    mean_guide, mean_mask = mean(guide), mean(mask)
    together = mean(guide * mask[..., None]) - mean_guide * mean_mask[..., None]
    spread = np.empty((*mask.shape, 3, 3), np.float32)
    for row in range(3):
        for column in range(row, 3):
            product = mean(guide[..., row] * guide[..., column]) - mean_guide[..., row] * mean_guide[..., column]
            spread[..., row, column] = spread[..., column, row] = product
    spread += SMOOTH_EPS * np.eye(3, dtype=np.float32)
    slope = np.linalg.solve(spread, together[..., None])[..., 0].astype(np.float32)
    offset = mean_mask - (slope * mean_guide).sum(axis=2)
    return mean(slope), mean(offset.astype(np.float32))


def _own_colours(picture: Pixels, person: Shares, edge: npt.NDArray[np.bool_]) -> Shares:
    """Return what colour the person has at each pixel of the edge (n × 3), without the background in it.

    A pixel is a mix of both; both are guessed from what surely is one or the other nearby, and corrected by the pixel
    itself (Forte: Approximate Fast Foreground Colour Estimation, 2021).
    """
    import cv2
    import numpy as np

    height, width = person.shape
    scale = min(1.0, WORKING_EDGE_PX / 2 / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.float32)
    share = np.asarray(cv2.resize(person, size, interpolation=cv2.INTER_AREA), np.float32)[..., None]
    reach = 2 * max(1, round(max(size) * COLOUR_SHARE)) + 1
    rows, columns = np.nonzero(edge)
    there = (rows * size[1] // height, columns * size[0] // width)

    def around(weight: Shares) -> Shares:
        total = np.asarray(cv2.blur(small * weight, (reach, reach)), np.float32)[there]
        counted = np.asarray(cv2.blur(weight, (reach, reach)), np.float32)[there]
        return np.asarray(total / (counted[:, None] + 1e-4), np.float32)

    # Half and half says nothing of either; only what is more the one than the other counts.
    front, behind = around(np.clip(2 * share - 1, 1e-3, 1)), around(np.clip(1 - 2 * share, 1e-3, 1))
    mix = person[edge][:, None]
    own = front + mix * (picture[edge] - mix * front - (1 - mix) * behind)
    return np.asarray(np.clip(own, 0, 255), np.float32)
