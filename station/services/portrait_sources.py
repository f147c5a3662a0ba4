"""Where a holder's portrait can come from besides the camera: what there is, how old it is, and opening it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from station.domain.errors import N_, PortraitError
from station.domain.holder import Holder
from station.domain.message import Message
from station.domain.portrait import Crop, Portrait, PortraitFinding, PortraitSource
from station.ports.clock import Clock
from station.ports.store import Store
from station.settings import PhotoPart

if TYPE_CHECKING:
    from station.photo.decoding import Decoded
    from station.photo.pictures import Pixels

AGE_CHECK = "age"
"""What the finding about a portrait's age is called among the others."""
_PREVIEW_EDGE_PX = 320
_OLD = N_("This portrait is {months} months old; here they may be {limit}. Look whether the person is still like it.")


@dataclass(frozen=True, slots=True)
class OfferedPortrait:
    """A portrait that is there to be taken; ``months`` is its age as far as it is known.

    ``too_old`` says that it is older than the station's rule asks for: it is told, and can be taken all the same.
    ``preview`` is a small JPEG; without it ``problem`` says why the picture can't be used.
    """

    source: PortraitSource
    name: str
    taken_at: datetime | None = None
    months: int | None = None
    too_old: bool = False
    preview: bytes = b""
    problem: PortraitError | None = None
    path: Path | None = None
    portrait: Portrait | None = None


@dataclass(frozen=True, slots=True, eq=False)
class OpenedPortrait:
    """A picture to be cropped: ``crop`` is the earlier one, ``findings`` what is said of its age."""

    pixels: Pixels
    source: PortraitSource
    taken_at: datetime | None = None
    crop: Crop | None = None
    findings: tuple[PortraitFinding, ...] = ()
    notes: tuple[Message, ...] = ()

    @property
    def age_remarks(self) -> tuple[Message, ...]:
        """Return in words that the picture is older than the station's rule asks for, if it is."""
        too_old = [finding for finding in self.findings if finding.check == AGE_CHECK and finding.verdict != "ok"]
        return tuple(Message(_OLD, {"months": int(f.measure), "limit": int(f.limit)}) for f in too_old)


class PortraitSources:
    """Find and open portraits that were not taken just now. Methods read files: call them away from the window."""

    def __init__(self, store: Store, clock: Clock, rules: PhotoPart) -> None:
        self._store, self._clock, self.rules = store, clock, rules

    def of(self, holder: Holder) -> tuple[OfferedPortrait, ...]:
        """Return what there is for a holder: the newest first, those that are too old or can't be used last."""
        found = [*self._last(holder), *self._file(PortraitSource.REGISTER, registered(holder))]
        found += self._file(PortraitSource.FOLDER, in_folder(self.rules.folder, holder.student_number))
        oldest = datetime.min.replace(tzinfo=UTC)
        # Sorted twice, as Python's sort keeps the order of equals: by age, and then what can't be used to the end.
        found.sort(key=lambda offer: offer.taken_at or oldest, reverse=True)
        return tuple(sorted(found, key=lambda offer: (offer.problem is not None, offer.too_old)))

    def open(self, offer: OfferedPortrait) -> OpenedPortrait:
        """Open what was offered; raises PortraitError."""
        if offer.portrait is not None:
            return self._open_last(offer.portrait)
        if offer.path is None:
            raise PortraitError(file=offer.name)
        return self.open_file(offer.path, offer.source)

    def open_file(self, path: Path, source: PortraitSource = PortraitSource.FILE) -> OpenedPortrait:
        """Open a picture file; raises PortraitError."""
        from station.photo.decoding import decode

        return self._opened(decode(path), source, written_at(path))

    def open_bytes(self, data: bytes, name: str, source: PortraitSource = PortraitSource.CLIPBOARD) -> OpenedPortrait:
        """Open the contents of a picture file, called ``name`` in messages; raises PortraitError."""
        from station.photo.decoding import decode

        return self._opened(decode(data, name=name), source, None)

    def age_findings(self, taken_at: datetime | None) -> tuple[PortraitFinding, ...]:
        """Return the finding about a portrait's age, to be kept with it; none where age or rule are not known."""
        limit = self.rules.max_age_months
        if taken_at is None or not limit:
            return ()
        months = months_between(taken_at, self._clock.now())
        return (PortraitFinding(AGE_CHECK, months, limit, "ok" if months <= limit else "warn"),)

    def _last(self, holder: Holder) -> Iterator[OfferedPortrait]:
        last = self._store.portraits.last_of(holder.id)
        if last is not None:
            yield self._aged(OfferedPortrait(PortraitSource.LAST, "", portrait=last, preview=last.image), last.taken_at)

    def _file(self, source: PortraitSource, path: Path | None) -> Iterator[OfferedPortrait]:
        from station.photo.decoding import decode
        from station.photo.pictures import as_frame, as_pixels, to_jpeg

        if path is None:
            return
        offer = OfferedPortrait(source, path.name, path=path)
        try:
            decoded = decode(path, edge_px=_PREVIEW_EDGE_PX)
        except PortraitError as error:
            yield replace(offer, problem=error)
            return
        step = max(1, max(decoded.pixels.shape[:2]) // _PREVIEW_EDGE_PX)
        small = as_frame(decoded.pixels[::step, ::step])
        taken_at = day_of(decoded.taken_at or written_at(path), self._clock.now())
        yield self._aged(replace(offer, preview=to_jpeg(as_pixels(small))), taken_at)

    def _aged(self, offer: OfferedPortrait, taken_at: datetime | None) -> OfferedPortrait:
        if taken_at is None:
            return offer
        months, limit = months_between(taken_at, self._clock.now()), self.rules.max_age_months
        return replace(offer, taken_at=taken_at, months=months, too_old=bool(limit) and months > limit)

    def _open_last(self, last: Portrait) -> OpenedPortrait:
        from station.photo.decoding import decode

        picture = decode(last.original or last.natural or last.image).pixels
        # The day on which it was taken stays: a portrait that is used every year must not stay young by that.
        # The crop belongs to the frame that it was made on: without that frame it would cut the portrait once more.
        crop = last.crop if last.original else None
        return OpenedPortrait(picture, PortraitSource.LAST, last.taken_at, crop, self.age_findings(last.taken_at))

    def _opened(self, decoded: Decoded, source: PortraitSource, file_at: datetime | None) -> OpenedPortrait:
        taken_at = day_of(decoded.taken_at or file_at, self._clock.now())
        return OpenedPortrait(
            decoded.pixels, source, taken_at, findings=self.age_findings(taken_at), notes=decoded.notes
        )


def registered(holder: Holder) -> Path | None:
    """Return where the portrait lies that came with the register, ``None`` for none."""
    return Path(holder.photo) if holder.photo else None


def in_folder(folder: Path | None, number: str) -> Path | None:
    """Return the picture in ``folder`` that is called as the student's number is, ``None`` for none."""
    from station.photo.decoding import SUFFIXES

    # A number that is more than a name would lead out of the folder.
    if folder is None or not number or Path(number).name != number or ":" in number or number.startswith("."):
        return None
    # Asked by name and not looked for in a list: a folder may have a picture of everybody, on a slow share.
    for name in dict.fromkeys((number, number.upper(), number.lower())):
        for suffix in SUFFIXES:
            for path in (folder / f"{name}{suffix}", folder / f"{name}{suffix.upper()}"):
                if path.is_file():
                    return path
    return None


def written_at(path: Path) -> datetime | None:
    """Return when a file was written last, ``None`` when it can't be asked."""
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except (OSError, OverflowError, ValueError):
        return None


def day_of(taken_at: datetime | None, now: datetime) -> datetime | None:
    """Return the day of a time where it was told and no more, for a portrait's age; never one that is still to come."""
    if taken_at is None:
        return None
    day = min(taken_at.date(), now.astimezone(UTC).date())
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def months_between(earlier: datetime, later: datetime) -> int:
    """Return the whole months from one day to another, none below zero."""
    one, other = earlier.astimezone(UTC), later.astimezone(UTC)
    months = (other.year - one.year) * 12 + other.month - one.month - (other.day < one.day)
    return max(0, months)
