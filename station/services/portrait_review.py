"""Review of many portraits at once: look at each, sort by verdict, approve in groups, send back with a reason in words.

The files themselves are never touched. What is approved becomes a new portrait of its holder beside the earlier ones;
what is sent back stays out, with the reason on a list for the students.
"""

from __future__ import annotations

import csv
import io
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from station.domain.errors import N_, InputError, StationError
from station.domain.holder import Holder
from station.domain.portrait import PortraitSource
from station.domain.portrait_review import PortraitReview, ReviewDecision
from station.photo.checks import CheckName, PrintTarget, Verdict
from station.photo.inspection import Inspection, InspectionJob, PortraitJob, inspect, portrait_of
from station.photo.portraits import PortraitShape, Sitting
from station.ports.clock import Clock
from station.ports.store import Store
from station.ports.tasks import Cancel
from station.ports.workers import Workers
from station.services.journal import Who
from station.services.portrait_sources import day_of, written_at


class ReviewGroup(StrEnum):
    """Where a picture stands, in the order in which people look at them."""

    UNREADABLE = "unreadable"
    NOBODY = "nobody"
    BAD = "bad"
    WARN = "warn"
    OK = "ok"
    SENT_BACK = "sent_back"
    APPROVED = "approved"


OPEN_GROUPS = (ReviewGroup.UNREADABLE, ReviewGroup.BAD, ReviewGroup.WARN, ReviewGroup.OK)
"""Those whose holder is known and about which nothing was decided yet."""

REASONS: Mapping[str, str] = {
    CheckName.ONE_FACE: N_("Exactly one face must be seen: yours, looking into the camera."),
    CheckName.FRAMING: N_("The whole head must be in the picture, with room around it."),
    CheckName.RESOLUTION: N_("The picture is too small to be printed. Send a larger one, or one taken from nearer."),
    CheckName.YAW: N_("Look straight into the camera."),
    CheckName.ROLL: N_("Hold your head upright."),
    CheckName.PITCH: N_("Hold your head straight, looking neither up nor down."),
    CheckName.EYES: N_("Your eyes must be open and seen well."),
    CheckName.SHARPNESS: N_("The picture is not sharp."),
    CheckName.GLARE: N_("Your glasses reflect light, so that the eyes are not seen."),
    CheckName.LIGHT: N_("The face is too dark or too bright."),
    CheckName.SIDE_LIGHT: N_("The light comes from one side only."),
    CheckName.MOUTH: N_("Close your mouth; a smile is fine."),
    CheckName.BACKGROUND: N_("The background must be plain and light."),
}
"""What to tell a student by each check; also what the staff may choose from."""
UNREADABLE_REASON = N_("The file can't be opened. Send the picture as a JPEG.")

_STEP = N_("looking at the pictures")
_APPROVING = N_("keeping the portraits")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A picture file that may be the portrait of somebody; ``holder`` is ``None`` when nobody has this number."""

    path: Path
    source: PortraitSource
    holder: Holder | None


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """A picture that was looked at: what was seen, or why it can't be used, and what was decided before."""

    candidate: Candidate
    inspection: Inspection | None = None
    problem: StationError | None = None
    decision: PortraitReview | None = None

    @property
    def group(self) -> ReviewGroup:
        """Return where it stands."""
        if self.decision is not None:
            approved = self.decision.decision is ReviewDecision.APPROVED
            return ReviewGroup.APPROVED if approved else ReviewGroup.SENT_BACK
        if self.candidate.holder is None:
            return ReviewGroup.NOBODY
        if self.inspection is None:
            return ReviewGroup.UNREADABLE
        by_verdict = {Verdict.BAD: ReviewGroup.BAD, Verdict.WARN: ReviewGroup.WARN, Verdict.OK: ReviewGroup.OK}
        return by_verdict[self.inspection.verdict]

    @property
    def may_approve(self) -> bool:
        """Say whether it can become a portrait now; what was sent back can, after a second look."""
        known = self.candidate.holder is not None and self.inspection is not None
        return known and self.group is not ReviewGroup.APPROVED

    @property
    def may_send_back(self) -> bool:
        """Say whether it can go back: to somebody who is known, and not after it was approved."""
        return self.candidate.holder is not None and self.group is not ReviewGroup.APPROVED

    @property
    def order(self) -> tuple[int, int, str]:
        """Return what pictures are sorted by: the group, the most serious findings, the file's name."""
        found = self.inspection.findings if self.inspection else ()
        wrong = sum(100 if f.verdict == Verdict.BAD else 1 for f in found if f.verdict != Verdict.OK)
        return list(ReviewGroup).index(self.group), -wrong, self.candidate.path.name

    @property
    def reasons(self) -> tuple[str, ...]:
        """Return what to tell the student, as message ids, the most serious first."""
        if self.inspection is None:
            return (UNREADABLE_REASON,)
        wrong = [f for f in self.inspection.findings if f.verdict != Verdict.OK and f.check in REASONS]
        return tuple(REASONS[f.check] for f in sorted(wrong, key=lambda f: f.verdict != Verdict.BAD))


@dataclass(frozen=True, slots=True)
class Returned:
    """One line of the list for the students: whose picture, and why it can't be used."""

    holder: Holder
    review: PortraitReview


Show = Callable[[ReviewItem], None]
Share = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class ReviewOrder:
    """What pictures are looked at for: the layout's shape, the print, and where they lie."""

    shape: PortraitShape
    target: PrintTarget
    folder: Path | None = None


class PortraitReviewer:
    """The review of one station. Methods block; ``show`` and ``progress`` are called on the caller's thread."""

    def __init__(self, store: Store, clock: Clock, who: Who, workers: Workers) -> None:
        self._store, self._clock, self._who, self._workers = store, clock, who, workers

    def candidates(self, folder: Path | None) -> tuple[Candidate, ...]:
        """Return every picture in a folder, by its name, and every one that came with the register.

        Raises:
            InputError: the folder can't be read.
        """
        found = {path: Candidate(path, PortraitSource.FOLDER, self._whose(path)) for path in pictures_in(folder)}
        for holder in self._store.holders.with_photo():
            path = Path(holder.photo)
            # After the folder's: the register says whose picture it is, a file's name only lets it be guessed.
            found[path] = Candidate(path, PortraitSource.REGISTER, holder)
        return tuple(found.values())

    def look(self, order: ReviewOrder, *, cancel: Cancel, progress: Share, show: Show) -> int:
        """Look at every picture and show each as it is done; return how many.

        Raises:
            InputError: the folder can't be read.
        """
        candidates = {each.path: each for each in self.candidates(order.folder)}
        decided = self._decided()
        jobs = (InspectionJob(path, order.target) for path in candidates)
        done = 0
        for done, (job, result) in enumerate(self._workers.each(inspect, jobs, cancel=cancel), start=1):
            show(_item(candidates[job.path], result, decided))
            progress(_STEP, done / len(candidates))
        return done

    def approve(
        self, items: Sequence[ReviewItem], order: ReviewOrder, *, cancel: Cancel, progress: Share, show: Show
    ) -> int:
        """Make these pictures portraits of their holders, with their findings; return how many.

        Each is kept as soon as it is made; one that can't be used any more is shown with its problem instead.
        """
        chosen = {item.candidate.path: item for item in items if item.may_approve}
        kept = 0
        made = self._workers.each(portrait_of, self._jobs(chosen, order.shape), cancel=cancel)
        for done, (job, result) in enumerate(made, start=1):
            item = chosen[job.path]
            if isinstance(result, StationError):
                # It was good when it was looked at: the file may have been replaced, or taken away, since.
                show(replace(item, inspection=None, problem=result, decision=None))
            else:
                review = self._decision(item, job.digest, ReviewDecision.APPROVED, portrait_id=result.id)
                # Portrait and decision in one transaction, picture by picture: what was approved before a power cut
                # stays so.
                self._store.reviews.record(review, result)
                show(replace(item, decision=review))
                kept += 1
            progress(_APPROVING, done / len(chosen))
        return kept

    def send_back(self, items: Iterable[ReviewItem], reason: str, *, show: Show) -> int:
        """Note that these pictures can't be used, and why; return how many.

        Raises:
            InputError: no reason was given.
        """
        if not reason.strip():
            raise InputError(
                N_("A picture can't go back without a reason."), N_("Say in words what the student has to do better.")
            )
        count = 0
        for item in items:
            if item.may_send_back:
                digest = item.inspection.digest if item.inspection else ""
                review = self._decision(item, digest, ReviewDecision.SENT_BACK, reason=reason.strip())
                self._store.reviews.record(review)
                show(replace(item, decision=review))
                count += 1
        return count

    def returned(self) -> tuple[Returned, ...]:
        """Return what went back and was not made good since, by another picture or by a photo taken at the desk."""
        # The newest of each person only: who sent a better picture, and had that approved, is no longer asked.
        newest = {review.holder_id: review for review in self._store.reviews.all()}
        found = []
        for review in newest.values():
            holder = self._store.holders.get(review.holder_id)
            if review.decision is ReviewDecision.SENT_BACK and holder is not None and not self._has_since(review):
                found.append(Returned(holder, review))
        return tuple(sorted(found, key=lambda each: (each.holder.family_name, each.holder.given_names)))

    def _has_since(self, review: PortraitReview) -> bool:
        last = self._store.portraits.last_of(review.holder_id)
        return last is not None and last.taken_at >= review.at

    def _whose(self, path: Path) -> Holder | None:
        return self._store.holders.by_student_number(path.stem)

    def _decided(self) -> dict[tuple[str, str, str], PortraitReview]:
        """Return the newest decision about each picture, by holder, contents and file."""
        return {_key(review.holder_id, review.digest, review.file): review for review in self._store.reviews.all()}

    def _jobs(self, chosen: Mapping[Path, ReviewItem], shape: PortraitShape) -> Iterator[PortraitJob]:
        now = self._clock.now()
        for path, item in chosen.items():
            holder, seen = item.candidate.holder, item.inspection
            if holder is not None and seen is not None:
                taken_at = day_of(seen.taken_at or written_at(path), now) or now
                sitting = Sitting(uuid.uuid4().hex, holder.id, taken_at, item.candidate.source, path.name)
                yield PortraitJob(path, seen.digest, sitting, shape, seen.crop, seen.findings)

    def _decision(self, item: ReviewItem, digest: str, decision: ReviewDecision, **more: str) -> PortraitReview:
        holder = item.candidate.holder
        return PortraitReview(
            digest=digest,
            holder_id=holder.id if holder else "",
            file=item.candidate.path.name,
            decision=decision,
            at=self._clock.now(),
            operator=self._who.operator,
            station=self._who.station,
            **more,
        )


def pictures_in(folder: Path | None) -> tuple[Path, ...]:
    """Return the picture files in a folder, not those in folders within it, by name.

    Raises:
        InputError: it can't be read.
    """
    from station.photo.decoding import SUFFIXES

    if folder is None:
        return ()
    try:
        return tuple(sorted(p for p in folder.iterdir() if p.suffix.lower() in SUFFIXES and p.is_file()))
    except OSError as error:
        raise InputError(
            N_("The folder {folder} can't be read: {detail}"),
            N_("Choose another folder, or ask IT for the right to read this one."),
            folder=folder,
            detail=error.strerror or str(error),
        ) from error


def list_to_send(returned: Iterable[Returned], header: Sequence[str], day: Callable[[datetime], str]) -> bytes:
    """Return the list of what went back as CSV for any spreadsheet, one line a person.

    Args:
        returned: what went back.
        header: the columns' names: number, name, e-mail, picture, reason, day.
        day: how a day is written.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";")
    writer.writerow(header)
    for each in returned:
        holder, review = each.holder, each.review
        cells = (holder.student_number, holder.full_name, holder.email or "", review.file, review.reason)
        writer.writerow([*(_harmless(cell) for cell in cells), day(review.at)])
    return text.getvalue().encode("utf-8-sig")  # with its mark, or Excel takes it for another encoding


def _item(
    candidate: Candidate, result: Inspection | StationError, decided: Mapping[tuple[str, str, str], PortraitReview]
) -> ReviewItem:
    seen = result if isinstance(result, Inspection) else None
    problem = result if isinstance(result, StationError) else None
    holder_id = candidate.holder.id if candidate.holder else ""
    decision = decided.get(_key(holder_id, seen.digest if seen else "", candidate.path.name))
    return ReviewItem(candidate, seen, problem, decision)


def _key(holder_id: str, digest: str, file: str) -> tuple[str, str, str]:
    # A picture is known by its contents, whatever it is called; one that can't be read has only its name.
    return holder_id, digest, "" if digest else file


def _harmless(cell: str) -> str:
    # A spreadsheet would take these for a formula, and names come from files that others made.
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
