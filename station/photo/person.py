"""Which pixels are the person: a soft mask from the segmentation model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from station.photo.models import Model

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from station.photo.pictures import Pixels

INPUT_PX = 256


@dataclass(frozen=True, slots=True)
class Part:
    """An upright part of a picture in whole pixels."""

    left: int
    top: int
    width: int
    height: int

    def of(self, picture: Pixels) -> Pixels:
        """Return that part of a picture, without a copy."""
        return picture[self.top : self.top + self.height, self.left : self.left + self.width]

    def within(self, width: int, height: int) -> Part:
        """Return what of it lies in a picture."""
        left, top = max(0, self.left), max(0, self.top)
        right, bottom = min(width, self.left + self.width), min(height, self.top + self.height)
        return Part(left, top, max(0, right - left), max(0, bottom - top))


class PersonFinder:
    """The segmentation model on one thread."""

    def __init__(self, model: Model) -> None:
        self._model = model

    def look(self, picture: Pixels) -> tuple[Pixels, npt.NDArray[np.float32]]:
        """Return ``picture`` squeezed to 256 × 256 pixels, and there how sure each pixel is the person's (0..1).

        A picture that is not square is filled up with its own edge before, and only its own part comes back.
        """
        import cv2
        import numpy as np

        height, width = picture.shape[:2]
        scale = INPUT_PX / max(height, width)
        size = max(1, round(width * scale)), max(1, round(height * scale))
        way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        small = np.asarray(cv2.resize(picture, size, interpolation=way), np.uint8)
        right, below = INPUT_PX - size[0], INPUT_PX - size[1]
        square = cv2.copyMakeBorder(small, below, 0, right // 2, right - right // 2, cv2.BORDER_REPLICATE)
        blob = cv2.dnn.blobFromImage(square, 1 / 255, swapRB=True)
        mask = self._model.run(np.asarray(blob, np.float32))[0].reshape(INPUT_PX, INPUT_PX)
        left = right // 2
        return small, mask[below:, left : left + size[0]].copy()
