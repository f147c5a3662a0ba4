"""``station layout render``: draw a layout into files, as one model of printer would be given it."""

from __future__ import annotations

import argparse
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from station.cli.layout_lint import finding_value, say_finding
from station.cli.layout_new import layout_named
from station.cli.output import Output
from station.domain.errors import N_, InputError, StationError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from station.domain.layout import Layout
    from station.ports.printer import PrinterProfile
    from station.render.batch import BatchPlan, CardOrder, DrawnCard

TEST_CARD = "test-card"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the verb takes."""
    what = f"a ready layout, a .zip, a folder; or {TEST_CARD}: rulers, colours and greys to try a printer with"
    parser.add_argument("layout", metavar="LAYOUT", help=what)
    parser.add_argument(
        "--printer", default="generic-cr80-300", metavar="PROFILE", help="the printer model (generic-cr80-300)"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="where to; or a .pdf, for that alone")
    parser.add_argument("--photo", type=Path, metavar="FILE", help="a portrait (else an outline)")
    parser.add_argument("--examples", action="store_true", help="a card for each of the strangest names, not for one")
    parser.add_argument("--marks", action="store_true", help="show the bleed in the PDF, and where the card is cut")


def run(args: argparse.Namespace, out: Output) -> int:
    """Draw the cards; 1 when one of them can't be drawn, or a code on it can't be read back."""
    from threading import Event

    from printers.profile_files import load_profile
    from station.adapters.workers import InlineWorkers
    from station.render.batch import draw_all

    profile = load_profile(args.printer)
    plan = _plan(args, profile)
    failed = 0
    # Here and now: a few cards are drawn sooner than a second process is started.
    for made in draw_all(plan, _orders(args, plan), InlineWorkers(), cancel=Event()):
        # An error instead of a card is about the plan itself, such as a full disk: the next card would meet it, too.
        if isinstance(made, StationError):
            raise made
        _tell(out, plan, made)
        failed += made.trouble is not None
    return 1 if failed else 0


def _plan(args: argparse.Namespace, profile: PrinterProfile) -> BatchPlan:
    from station.render.batch import BatchPlan

    proof_only = args.out.suffix.lower() == ".pdf"
    layout = _layout(args.layout, profile)
    return BatchPlan(
        layout,
        profile,
        _made(args.out.parent if proof_only else args.out),
        # A name that ends in .pdf asks for that one file: pictures beside it would lie in a folder that nobody named.
        pictures=not proof_only,
        panels=not proof_only,
        proof=True,
        marks=args.marks,
    )


def _layout(word: str, profile: PrinterProfile) -> Layout:
    from station.render.testcard import layout_for

    return layout_for(profile) if word == TEST_CARD else layout_named(word)


def _orders(args: argparse.Namespace, plan: BatchPlan) -> Iterator[CardOrder]:
    from station.domain.layout import CardFields
    from station.render.batch import CardOrder
    from station.render.linting.samples import worst_cases

    # The file is called as it was asked for: with one card, the layout's name would be a second answer.
    name = args.out.stem if args.out.suffix.lower() == ".pdf" else plan.layout.name
    photo = _photo(args.photo) if args.photo is not None else None
    if args.layout == TEST_CARD:
        yield CardOrder(name, CardFields(institution=plan.profile.model))
        return
    # Invented people with the strangest names: whoever tries a layout needs no register, and nobody's name is in a
    # file.
    people = worst_cases(datetime.now().astimezone().date())
    for number, fields in enumerate(people if args.examples else people[:1], start=1):
        yield CardOrder(f"{name}-{number}" if args.examples else name, fields, photo)


def _tell(out: Output, plan: BatchPlan, made: DrawnCard) -> None:
    out.value(
        {
            "layout": plan.layout.reference,
            "printer": plan.profile.name,
            "raster_px": [plan.profile.width_px, plan.profile.height_px],
            "dpi": [plan.profile.dpi_x, plan.profile.dpi_y],
            "name": made.name,
            "files": made.files,
            "qr": made.qr or None,
            "tracks": made.tracks,
            "findings": [finding_value(each) for each in made.findings],
            "error": made.trouble.code if made.trouble else None,
        }
    )
    if made.trouble is not None:
        out.error(made.trouble)
    for path in made.files:
        out.say("{path}", path=path)
    for each in made.findings:
        say_finding(out, each)


def _photo(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(
            N_("The picture {file} can't be read: {detail}"),
            N_("Name a picture file that is there."),
            file=path,
            detail=error.strerror,
        ) from error


def _made(folder: Path) -> Path:
    """Return a folder that can be written into, made if need be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            N_("Nothing can be written to {folder}: {detail}"),
            N_("Name a folder, one that may be written to."),
            folder=folder,
            detail=error.strerror,
        ) from error
    return folder
