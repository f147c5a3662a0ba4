"""Look at a portrait that came as a file: its crop, its findings, a small picture of it; and make it the holder's.

Both can be done in a process of its own: what goes in and comes out is plain data.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from station.domain.errors import N_, ModelError, PortraitError
from station.domain.message import Message
from station.domain.portrait import Crop, Portrait, PortraitFinding
from station.photo.checks import CheckName, PrintTarget, Verdict, check, first_hint
from station.photo.crop import CropArea, cut_out
from station.photo.decoding import Decoded, decode, read_file
from station.photo.faces import FaceEngine
from station.photo.pictures import to_jpeg
from station.photo.portraits import PortraitShape, Sitting, make_portrait

if TYPE_CHECKING:
    from station.photo.pictures import Pixels

QUICK_EDGE_PX = 1600
"""To how much a large JPEG is decoded at first; in full only where that turns out too small to be judged by."""
THUMBNAIL_PX = 168
"""How high the small picture is."""


@dataclass(frozen=True, slots=True)
class InspectionJob:
    """A picture to be looked at, and how large it is to be printed."""

    path: Path
    target: PrintTarget


@dataclass(frozen=True, slots=True)
class Inspection:
    """What was seen in a picture file; ``digest`` is the SHA-256 of its contents, ``thumbnail`` a JPEG of its crop.

    ``findings`` are empty, and ``unchecked`` says why, where the models of the photo check can't be used; ``hint`` is
    what is wrong first, ``None`` when nothing is.
    """

    digest: str
    size_px: tuple[int, int]
    crop: Crop
    thumbnail: bytes
    findings: tuple[PortraitFinding, ...] = ()
    hint: Message | None = None
    taken_at: datetime | None = None
    notes: tuple[Message, ...] = ()
    unchecked: Message | None = None

    @property
    def verdict(self) -> Verdict:
        """Return the worst of the findings; a warning when nothing was checked."""
        order = list(Verdict)
        worst = max((Verdict(each.verdict) for each in self.findings), key=order.index, default=Verdict.OK)
        return Verdict.WARN if self.unchecked is not None else worst


@dataclass(frozen=True, slots=True)
class PortraitJob:
    """A picture that becomes a portrait; only if its contents still are those that were looked at."""

    path: Path
    digest: str
    sitting: Sitting
    shape: PortraitShape
    crop: Crop
    findings: tuple[PortraitFinding, ...] = ()


def inspect(job: InspectionJob) -> Inspection:
    """Look at a picture file.

    Raises:
        PortraitError: it is no usable picture; the message says why.
    """
    import cv2

    data = read_file(job.path, job.path.name)
    try:
        return _inspected(data, job)
    except cv2.error as error:
        raise PortraitError(_NOT_LOOKED_AT, file=job.path.name) from error


def portrait_of(job: PortraitJob) -> Portrait:
    """Return the portrait cut from a picture file, with its findings.

    Raises:
        PortraitError: it is no usable picture, or another one than was looked at.
    """
    data = read_file(job.path, job.path.name)
    if digest_of(data) != job.digest:
        raise PortraitError(_ANOTHER, _LOOK_AGAIN, file=job.path.name)
    portrait = make_portrait(job.sitting, data, job.crop, job.shape)
    return replace(portrait, findings=job.findings)


def digest_of(data: bytes) -> str:
    """Return what a picture file is known by."""
    return hashlib.sha256(data).hexdigest()


def thumbnail_of(picture: Pixels, crop: Crop, ratio: float, height_px: int = THUMBNAIL_PX) -> bytes:
    """Return a small JPEG of the cropped part."""
    return to_jpeg(cut_out(picture, crop, ratio, height_px), quality=85)


def _inspected(data: bytes, job: InspectionJob) -> Inspection:
    name, target = job.path.name, job.target
    picture = decode(data, name=name, edge_px=QUICK_EDGE_PX)
    try:
        inspection = _seen(_engine(), data, picture, target)
        reduced = picture.pixels.shape[1::-1] != picture.size_px
        if reduced and _too_few_pixels(inspection):
            inspection = _seen(_engine(), data, decode(data, name=name), target)
    except ModelError as error:
        unchecked = Message(error.what, error.params)
        centred = CropArea(*picture.size_px, target.ratio).centred()
        return replace(_bare(data, picture, centred, target.ratio), unchecked=unchecked)
    return inspection


def _seen(engine: FaceEngine, data: bytes, picture: Decoded, target: PrintTarget) -> Inspection:
    analysis = engine.analyse(picture.pixels)
    findings = check(analysis, target)
    proposal = analysis.crop(target.ratio)
    area = CropArea(*picture.size_px, target.ratio)
    crop = area.clamp(proposal.crop) if proposal else area.centred()
    first = first_hint(findings)
    return replace(
        _bare(data, picture, crop, target.ratio),
        findings=tuple(finding.record() for finding in findings),
        hint=first.hint if first else None,
    )


def _bare(data: bytes, picture: Decoded, crop: Crop, ratio: float) -> Inspection:
    small = thumbnail_of(picture.pixels, crop, ratio)
    return Inspection(digest_of(data), picture.size_px, crop, small, taken_at=picture.taken_at, notes=picture.notes)


def _too_few_pixels(inspection: Inspection) -> bool:
    return any(f.check == CheckName.RESOLUTION and f.verdict != Verdict.OK for f in inspection.findings)


@cache
def _engine() -> FaceEngine:
    """Return this process's engine; made when the first picture is looked at. Only one thread of a process may."""
    return FaceEngine()


_NOT_LOOKED_AT = N_("The picture {file} could not be looked at.")
_ANOTHER = N_("The file {file} is another picture than the one that was looked at.")
_LOOK_AGAIN = N_("Look at the pictures again. Nothing was kept of this one.")
