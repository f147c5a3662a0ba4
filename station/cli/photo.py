"""``station photo``: check and crop portraits in files, and say what that costs; no desk, no profile, no network."""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from station.cli.output import Output
from station.domain.errors import N_, InputError, PortraitError
from station.domain.message import Message
from station.photo.checks import LABELS, CheckName, Finding, PrintTarget, Verdict, check
from station.photo.crop import CropArea, CropProposal, cut_out
from station.photo.decoding import decode, load_picture
from station.photo.faces import Analysis, FaceEngine
from station.photo.inspection import QUICK_EDGE_PX
from station.photo.measures import EYE_DISTANCE_PX, Measure
from station.photo.pictures import to_jpeg
from station.services.overrides import override_report

if TYPE_CHECKING:
    from station.photo.pictures import Pixels
    from station.services.desk import Desk

KINDS = {".jpg": ".jpg", ".jpeg": ".jpg", ".png": ".png"}


@dataclass(frozen=True, slots=True)
class _Seen:
    """What was seen in a file, ``scale`` times as large as the picture that was looked at."""

    analysis: Analysis
    size_px: tuple[int, int]
    scale: float

    def findings(self, target: PrintTarget) -> tuple[Finding, ...]:
        found = check(self.analysis, replace(target, dpi=target.dpi / self.scale))
        return tuple(self._as_in_the_file(each) if each.name is CheckName.RESOLUTION else each for each in found)

    def _as_in_the_file(self, finding: Finding) -> Finding:
        return replace(finding, measure=finding.measure * self.scale, limit=finding.limit * self.scale)


def run(args: argparse.Namespace, out: Output) -> int:
    """Check, crop or measure."""
    return {"check": _check, "crop": _crop, "bench": _bench}[args.action](args, out)


def overrides(args: argparse.Namespace, out: Output, desk: Desk) -> int:
    """Print how often each check was gone over, of how many portraits; counts alone, never whose."""
    counts = override_report(desk.store.portraits)
    out.value(
        [
            {"check": each.check, "judged": each.judged, "flagged": each.flagged, "overridden": each.overridden}
            for each in counts
        ]
    )
    heads = [Message(head) for head in (N_("Check"), N_("looked at"), N_("advised against"), N_("gone over"))]
    out.table([(Message(each.label), each.judged, each.flagged, each.overridden) for each in counts], heads)
    return 0


def _check(args: argparse.Namespace, out: Output) -> int:
    """Say what is seen in each file; 1 when one of them could not be looked at, the others are done all the same."""
    (width_mm, height_mm), engine, failed = args.size_mm, FaceEngine(), 0
    target = PrintTarget(width_mm, height_mm, args.dpi)
    for path in args.file:
        name = _shown(path)
        try:
            seen = _look(engine, path, name)
        except PortraitError as error:
            failed += 1
            what, todo = out.tr.error(error)
            problem = {"error": error.code, "what": what, "todo": todo}
            out.value({"file": name, "faces": 0, "crop": None, "checks": [], "problem": problem})
            out.error(error)
            continue
        findings = seen.findings(target)
        proposal = seen.analysis.crop(target.ratio)
        out.value(
            {
                "file": name,
                "faces": len(seen.analysis.faces),
                "crop": _crop_value(proposal, seen.size_px) if proposal else None,
                "checks": [_finding_value(finding) for finding in findings],
            }
        )
        _tell(out, name, findings)
    return 1 if failed else 0


def _crop(args: argparse.Namespace, out: Output) -> int:
    """Cut the portrait out; where the picture ends too soon, what there is of it."""
    # Before anything is loaded: the models take longer than it takes to see that the name won't do.
    kind = KINDS.get(args.out.suffix.lower())
    if kind is None:
        raise InputError(
            N_("A portrait can't be written to {file}."), N_("Give it a name that ends in .jpg or .png."), file=args.out
        )
    name, ratio = _shown(args.file), args.ratio[0] / args.ratio[1]
    picture = load_picture(args.file, name=name)
    # By the file and not by the name: links and other spellings lead to the same picture.
    if args.out.exists() and args.out.samefile(args.file):
        raise InputError(N_("The portrait would be written over the picture {file}."), _ANOTHER_NAME, file=name)
    analysis = _analysed(FaceEngine(), picture, name)
    proposal = analysis.crop(ratio)
    if proposal is None:
        raise PortraitError(N_("No face is seen in the picture {file}."), file=name)
    portrait = cut_out(picture, proposal.crop, ratio, args.height)
    _write(args.out, _encoded(portrait, kind))
    height_px, width_px = portrait.shape[:2]
    crop = _crop_value(proposal, analysis.size_px)
    out.value({"file": name, "out": args.out, "width_px": width_px, "height_px": height_px, "crop": crop})
    out.say(N_("{file}: {width} × {height} pixels"), file=args.out, width=width_px, height=height_px)
    if proposal.leaves_frame:
        out.say(N_("The picture ends too soon for the whole portrait: there should be more room around the head."))
    return 0


def _bench(args: argparse.Namespace, out: Output) -> int:
    """Measure each step on one core; the median, and the fastest, which the machine's other work disturbs least."""
    import cv2

    name = _shown(args.file)
    picture = load_picture(args.file, name=name)
    threads = cv2.getNumThreads()
    # On one core: with several, the figure tells how busy the others are.
    cv2.setNumThreads(1)
    try:
        steps = _steps(args.file, picture, _analysed(FaceEngine(), picture, name))
        figures = {step: _measured(work, args.rounds) for step, work in steps.items()}
    finally:
        cv2.setNumThreads(threads)
    size = {"width_px": picture.shape[1], "height_px": picture.shape[0], "rounds": args.rounds}
    values = {step: {"median": round(median, 2), "least": round(least, 2)} for step, (median, least) in figures.items()}
    out.value({"file": name, **size, "opencv": cv2.__version__, "ms": values})
    rows = [(Message(_STEPS[step]), f"{median:.1f}", f"{least:.1f}") for step, (median, least) in figures.items()]
    out.table(rows, [Message(head) for head in (N_("Step"), N_("median ms"), N_("least ms"))])
    return 0


def _steps(file: Path, picture: Pixels, seen: Analysis) -> dict[str, Callable[[], object]]:
    engine, target = FaceEngine(), PrintTarget()
    near = [engine.analyse(picture)]

    # As in the live picture, where each frame is looked at beside the one before.
    def follow() -> None:
        near[0] = engine.analyse(picture, near=near[0])

    steps: dict[str, Callable[[], object]] = {
        "load_models": FaceEngine,
        "check_file": lambda: _look(engine, file, file.name).findings(target),
        "decode": lambda: load_picture(file),
        "analyse": lambda: engine.analyse(picture),
        "follow": follow,
        "check": lambda: check(seen, target),
    }
    proposal = seen.crop(target.ratio)
    if proposal is not None:
        steps["crop"] = lambda: to_jpeg(cut_out(picture, proposal.crop, target.ratio, 720))
    return steps


_STEPS = {
    "load_models": N_("load the models"),
    "check_file": N_("check the file, all of it"),
    "decode": N_("decode the file"),
    "analyse": N_("find and measure the face"),
    "follow": N_("follow it in the next frame"),
    "check": N_("judge what was measured"),
    "crop": N_("cut the portrait out"),
}
_ANOTHER_NAME = N_("Choose another name: the picture is still needed to crop it anew.")


def _measured(work: Callable[[], object], rounds: int) -> tuple[float, float]:
    """Return the median and the least time in milliseconds; the first run, which warms up, does not count."""
    work()
    taken = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        taken.append((time.perf_counter() - began) * 1000)
    return statistics.median(taken), min(taken)


def _look(engine: FaceEngine, path: Path, name: str) -> _Seen:
    """Look at a file; at a large JPEG in half its size or less, if the face is still large enough in that."""
    picture = decode(path, name=name, edge_px=QUICK_EDGE_PX)
    analysis = _analysed(engine, picture.pixels, name)
    scale = picture.size_px[0] / picture.pixels.shape[1]
    # In half the size small eyes are told from nothing: where they turn out small, the whole picture is looked at.
    if scale > 1 and analysis.measures.get(Measure.EYE_DISTANCE_PX, 0.0) < EYE_DISTANCE_PX:
        return _Seen(_analysed(engine, load_picture(path, name=name), name), picture.size_px, 1.0)
    return _Seen(analysis, picture.size_px, scale)


def _analysed(engine: FaceEngine, picture: Pixels, name: str) -> Analysis:
    import cv2

    try:
        return engine.analyse(picture)
    except cv2.error as error:
        raise PortraitError(N_("The picture {file} could not be looked at."), file=name) from error


def _finding_value(finding: Finding) -> dict[str, object]:
    limit = round(finding.limit, 4)
    return {"name": finding.name, "measure": round(finding.measure, 4), "limit": limit, "verdict": finding.verdict}


def _crop_value(proposal: CropProposal, size_px: tuple[int, int]) -> dict[str, object]:
    """Return the crop in pixels of the upright picture, before it is turned about its own centre."""
    box = CropArea(*size_px, proposal.ratio).box(proposal.crop)
    return {
        "left_px": round(box.left_px, 1),
        "top_px": round(box.top_px, 1),
        "width_px": round(box.width_px, 1),
        "height_px": round(box.height_px, 1),
        "turn_deg": round(proposal.crop.turn_deg, 2),
        "leaves_frame": proposal.leaves_frame,
    }


def _tell(out: Output, name: str, findings: tuple[Finding, ...]) -> None:
    out.say("{file}", file=name)
    rows = []
    for each in findings:
        hint = "" if each.verdict is Verdict.OK else each.hint
        figures = f"{each.measure:.4g}", f"{each.limit:.4g}"
        rows.append(("", _SIGNS[each.verdict], Message(LABELS[each.name]), *figures, hint))
    out.table(rows)


_SIGNS = {Verdict.OK: "ok", Verdict.WARN: "~", Verdict.BAD: "!!"}


def _encoded(picture: Pixels, kind: str) -> bytes:
    if kind == ".jpg":
        return to_jpeg(picture)
    import cv2

    return cv2.imencode(kind, picture)[1].tobytes()


def _write(path: Path, data: bytes) -> None:
    """Write the whole file or nothing."""
    # In the same folder, for a renaming goes over no border of file systems; with a dot, so that no folder's list has
    # it.
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(data)
        part.replace(path)
    except OSError as error:
        with suppress(OSError):
            part.unlink()
        raise InputError(
            N_("The portrait can't be written to {file}: {detail}"),
            N_("Name a file in a folder that may be written to."),
            file=path,
            detail=error.strerror or str(error),
        ) from error


def _shown(path: Path) -> str:
    """Return a file's name as it can be printed, whatever bytes it is made of."""
    # A name on Linux may be no text at all, and a message with half of a letter in it can't be printed.
    return os.fsencode(path).decode("utf-8", "replace")
