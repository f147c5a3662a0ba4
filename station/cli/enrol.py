"""``station enrol``: make this computer a station, with the code that an admin gave."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from station.domain.enrolment import RIGHTS_IN_WORDS, EnrolledStation, Right
from station.domain.errors import N_, InputError
from station.domain.message import Message

# The parser needs this module for its words alone: what only works at a desk is imported there.
if TYPE_CHECKING:
    from station.cli.output import Output
    from station.services.enrolment import Enrolment
    from station.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``station enrol``."""
    parser.add_argument("code", nargs="?", help="the code, as XXXX-XXXX-XXXX; asked for without this")
    parser.add_argument("--file", type=Path, help="the enrolment file, where this station has a database of its own")


def run(args: argparse.Namespace, out: Output, settings: Settings | None, demo: Path) -> int:
    """Use the code up; ``settings`` are the profile's, ``None`` for the demo bench in the folder ``demo``."""
    if settings is None:
        from station.app.demo import open_demo

        # Without its router: enrolling asks the store alone, and a process need not be started for that.
        with open_demo(demo, offline=True) as bench:
            if bench.desk.enrolment is None:
                return 1
            return _enrol(args, out, bench.desk.enrolment)
    from station.app.enrolling import open_enrolment

    with open_enrolment(settings) as enrolment:
        return _enrol(args, out, enrolment)


def _enrol(args: argparse.Namespace, out: Output, enrolment: Enrolment) -> int:
    from station.cli.finding import read_file

    # Asked for rather than given: what stands on a command line is in its history, and in the list of processes.
    code = args.code or _asked(out)
    station = enrolment.enrol(code) if args.file is None else enrolment.enrol_from_file(read_file(args.file), code)
    out.value(station_value(station))
    out.say(N_("This station is “{name}” from now on."), name=station.name)
    for pic, prefix in station.prefixes:
        out.say(N_("Its card numbers are those of the range {prefix} of PIC {pic}."), 2, prefix=f"{prefix:03}", pic=pic)
    tell_rights(out, station.rights)
    if station.ends_at is not None:
        out.say(N_("Its enrolment ends on {day}."), 2, day=station.ends_at.date())
    return 0


def _asked(out: Output) -> str:
    if not sys.stdin.isatty():
        given = sys.stdin.readline()
        if given.strip():
            return given
        raise InputError(N_("No enrolment code was given."), N_("Run: station enrol CODE. Nothing was changed."))
    out.say(N_("The code that you were given (three groups of four signs):"))
    return sys.stdin.readline()


def tell_rights(out: Output, rights: frozenset[Right]) -> None:
    """Print what a station may do, and what it may not, in words."""
    for right in Right:
        said = N_("It may {right}.") if right in rights else N_("It may not {right}.")
        out.say(said, 2, right=Message(RIGHTS_IN_WORDS[right]))


def station_value(station: EnrolledStation) -> dict[str, object]:
    """Return an enrolled station as plain values; never its token."""
    return {
        "name": station.name,
        "rights": sorted(station.rights),
        "prefixes": {pic: f"{prefix:03}" for pic, prefix in station.prefixes},
        "enrolled_at": station.enrolled_at,
        "enrolled_by": station.operator,
        "from_file": station.from_file,
        "ends_at": station.ends_at,
        "last_seen_at": station.last_seen_at,
        "withdrawn_at": station.withdrawn_at,
        "withdrawn_by": station.withdrawn_by,
        "reason": station.reason,
    }
