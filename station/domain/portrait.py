"""The portrait: the cropped photo that goes on the card, its origin and what was found about it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum


class LayerKind(StrEnum):
    """What a stored picture of a portrait is; layers can be taken off again."""

    ORIGINAL = "original"
    PORTRAIT = "portrait"
    BACKGROUND = "background"


class PortraitSource(StrEnum):
    """Where a portrait came from."""

    CAMERA = "camera"
    FILE = "file"
    CLIPBOARD = "clipboard"
    FOLDER = "folder"
    REGISTER = "register"
    LAST = "last"


class OverrideReason(StrEnum):
    """Why a person at the desk went over a check; kept with the portrait, reported as counts per check only."""

    MEDICAL = "medical"
    RELIGIOUS_HEAD_COVERING = "religious_head_covering"
    DISABILITY = "disability"
    EQUIPMENT = "equipment"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Crop:
    """Which part of the original became the portrait: centre and height as shares of it (0..1), turned by degrees."""

    centre_x: float = 0.5
    centre_y: float = 0.5
    height: float = 1.0
    turn_deg: float = 0.0


@dataclass(frozen=True, slots=True)
class PortraitFinding:
    """One check's result: what was measured, against which limit, and how it came out.

    ``thresholds`` is the version of all limits that were in force.
    """

    check: str
    measure: float
    limit: float
    verdict: str
    override_reason: str = ""
    thresholds: str = ""


@dataclass(frozen=True, slots=True)
class Portrait:
    """A portrait of a holder; ``image`` is a JPEG without metadata, ``width_px`` × ``height_px``.

    ``natural`` is the same picture with its own background, where ``image`` has a plain one: a layer to be taken off.
    """

    id: str
    holder_id: str
    image: bytes
    width_px: int
    height_px: int
    taken_at: datetime
    source: PortraitSource = PortraitSource.CAMERA
    crop: Crop = Crop()
    findings: tuple[PortraitFinding, ...] = ()
    original: bytes | None = None
    natural: bytes | None = None

    def with_plain_background(self, image: bytes) -> Portrait:
        """Return this portrait with ``image`` over it, the same picture on a plain background."""
        # Made plain a second time, what is below stays the picture that was taken.
        return replace(self, image=image, natural=self.natural or self.image)

    def with_own_background(self, portrait_id: str) -> Portrait:
        """Return this portrait as another one, called ``portrait_id``, without the layer of the plain background."""
        return replace(self, id=portrait_id, image=self.natural or self.image, natural=None)
