"""``station admin``: which stations may work with this database; codes for new ones; withdrawing one."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from station.cli.enrol import station_value, tell_rights
from station.domain.enrolment import QR_BEGINS, RIGHTS_IN_WORDS, USUAL, EnrolledStation, Right
from station.domain.errors import N_, StationError
from station.domain.message import Message

# The parser needs this module for its words alone: what only works at a desk is imported there.
if TYPE_CHECKING:
    from station.cli.output import Output
    from station.services.desk import Desk
    from station.services.enrolment import Enrolment

SIGNING_KEY = "station-signing"
"""Under which name the key that signs enrolment files and queue files is looked for."""
_QR_SCALE = 8
# ISO/IEC 18004 asks for a margin of four modules; without it many telephones see no code.
_QR_QUIET = 4


def add_arguments(parser: argparse.ArgumentParser, common: Callable[[argparse.ArgumentParser], None]) -> None:
    """Add the actions of ``station admin``."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    begin = actions.add_parser("begin", help="make this station the first: from then on only enrolled ones work here")
    begin.add_argument("--yes", action="store_true", help="do it; without this only say what it means")
    enrol = actions.add_parser("enrol", help="make a code, good once, with which a new station is enrolled")
    enrol.add_argument("--name", required=True, help="what the station is called, as “Desk 2”")
    enrol.add_argument(
        "--right", action="append", choices=[right.value for right in Right], metavar="RIGHT", dest="rights",
        help="what it may do: issue, cards, register, layouts, admin (may be repeated; issue and cards without this)",
    )  # fmt: skip
    enrol.add_argument("--hours", type=_hours, default=24.0, help="how long the code is good (24)")
    enrol.add_argument("--qr", type=Path, metavar="FILE", help="write the code as a QR picture (PNG), too")
    enrol.add_argument(
        "--file", type=Path, help="write an enrolment file, for a station that has a database of its own"
    )
    enrol.add_argument("--days", type=_days, default=366, help="with --file: how long that station may work (366)")
    enrol.add_argument("--key", default=SIGNING_KEY, metavar="NAME", help=f"with --file: what signs it ({SIGNING_KEY})")
    stations = actions.add_parser("stations", help="which stations are enrolled, and which codes wait to be used")
    withdraw = actions.add_parser("withdraw", help="take a station out of use; its card numbers are never given again")
    withdraw.add_argument("--name", required=True, help="which station")
    withdraw.add_argument("--reason", default="", metavar="TEXT", help="why, for the record")
    for action in (begin, enrol, stations, withdraw):
        common(action)


def run(args: argparse.Namespace, out: Output, desk: Desk) -> int:
    """Do one of the actions."""
    assert desk.enrolment is not None  # noqa: S101 - for the type checker; whoever opens a desk brings it
    actions = {"begin": _begin, "enrol": _enrol, "stations": _stations, "withdraw": _withdraw}
    return actions[args.action](args, out, desk.enrolment)


def _begin(args: argparse.Namespace, out: Output, enrolment: Enrolment) -> int:
    # From then on no other station can begin a card: that must not happen because somebody tried what the verb does.
    if not args.yes:
        out.say(N_("From then on only stations that you enrol can work with this database. This one gets every right."))
        out.say(N_("Nothing was changed. To do it, add --yes."))
        return 0
    station = enrolment.begin()
    out.value(station_value(station))
    out.say(N_("“{name}” is enrolled, and may enrol others."), name=station.name)
    return 0


def _enrol(args: argparse.Namespace, out: Output, enrolment: Enrolment) -> int:
    from station.services.files import write_new, write_over

    rights = frozenset(map(Right, args.rights)) if args.rights else USUAL
    if args.file is None:
        code, kept = enrolment.invite(args.name, rights, timedelta(hours=args.hours))
        value: dict[str, object] = {"code": code, "name": kept.name, "expires_at": kept.expires_at}
        until = kept.expires_at
    else:
        lasts = timedelta(days=args.days)
        # Before a range of numbers is given away for nothing.
        write_new(args.file, b"")
        try:
            code, data, station = enrolment.write_file(args.name, rights, lasts, args.key)
        except StationError:
            # An empty file under the good name would be carried to the other station.
            args.file.unlink()
            raise
        write_over(args.file, data)
        value = {"code": code, **station_value(station), "file": args.file}
        until = None
    if args.qr is not None:
        write_over(args.qr, qr_png(code))
        value["qr"] = args.qr
    out.value({**value, "rights": sorted(rights)})
    out.say(N_("The code for “{name}”: {code}"), name=args.name.strip(), code=code)
    if until is not None:
        out.say(
            N_("It is good once, until {time}. At the new station run: station enrol {code}"),
            2,
            time=_time(until),
            code=code,
        )
    else:
        out.say(
            N_("It goes with the file {file}. At that station: station enrol --file {file} {code}"),
            2,
            file=args.file,
            code=code,
        )
        out.say(N_("Send the code by another way than the file."), 2)
    tell_rights(out, rights)
    return 0


def _stations(_args: argparse.Namespace, out: Output, enrolment: Enrolment) -> int:
    stations, waiting = enrolment.stations(), enrolment.open_invitations()
    out.value(
        {
            "stations": [station_value(each) for each in stations],
            "codes": [{"name": each.name, "expires_at": each.expires_at} for each in waiting],
        }
    )
    heads = [
        Message(head) for head in (N_("Station"), N_("State"), N_("Card numbers"), N_("Rights"), N_("last started"))
    ]
    out.table([(s.name, _state(s), _ranges(s), _rights(out, s.rights), s.last_seen_at or "-") for s in stations], heads)
    for each in waiting:
        out.say(N_("A code for “{name}” waits to be used, until {time}."), name=each.name, time=_time(each.expires_at))
    if not stations:
        out.say(N_("No station is enrolled: every station that reaches this database may work."))
    return 0


def _withdraw(args: argparse.Namespace, out: Output, enrolment: Enrolment) -> int:
    station = enrolment.withdraw(args.name, args.reason)
    out.value(station_value(station))
    out.say(N_("“{name}” is withdrawn: it begins no card any more. Its cards stay valid."), name=station.name)
    # Nobody can reach it: it is told so, or whoever withdrew it would think that it stands still by now.
    if station.from_file:
        out.say(N_("It has a database of its own, so it hears of that only when its enrolment ends, on {day}."),
                2, day=station.ends_at.date() if station.ends_at else "-")  # fmt: skip
    return 0


def qr_png(code: str) -> bytes:
    """Return a code's QR as a PNG picture."""
    import io

    # Here: of all that this verb does only the picture of a code needs it.
    from PIL import Image

    from station.render.codes import qr_rows

    rows = qr_rows(QR_BEGINS + code)
    side = len(rows) + 2 * _QR_QUIET
    picture = Image.new("1", (side, side), 1)
    for y, row in enumerate(rows):
        for x, black in enumerate(row):
            if black:
                picture.putpixel((x + _QR_QUIET, y + _QR_QUIET), 0)
    data = io.BytesIO()
    picture.resize((side * _QR_SCALE, side * _QR_SCALE)).save(data, "PNG")
    return data.getvalue()


def _state(station: EnrolledStation) -> Message:
    if station.withdrawn_at is not None:
        return Message(N_("withdrawn on {day}"), {"day": station.withdrawn_at.date().isoformat()})
    if station.ends_at is not None:
        return Message(N_("by file, to {day}"), {"day": station.ends_at.date().isoformat()})
    return Message(N_("enrolled"))


def _ranges(station: EnrolledStation) -> str:
    return ", ".join(f"{pic}/{prefix:03}" for pic, prefix in station.prefixes)


def _rights(out: Output, rights: frozenset[Right]) -> str:
    return "; ".join(out.text(Message(RIGHTS_IN_WORDS[right])) for right in Right if right in rights)


def _time(at: datetime) -> str:
    return at.astimezone().strftime("%Y-%m-%d %H:%M")


def _hours(text: str) -> float:
    value = float(text)
    if not 0 < value <= 24 * 30:
        raise argparse.ArgumentTypeError("a code is good for some minutes to 720 hours")
    return value


def _days(text: str) -> int:
    value = int(text)
    if not 1 <= value <= 3660:
        raise argparse.ArgumentTypeError("1 to 3660 days")
    return value
