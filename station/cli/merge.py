"""``station merge``: how this desk stands to the shared database, and what of its work could not be merged."""

from __future__ import annotations

import argparse
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from station.domain.errors import N_, InputError
from station.domain.message import Message

# The parser needs this module for its words alone: what only works at a desk is imported there.
if TYPE_CHECKING:
    from station.cli.output import Output
    from station.ports.standby import MergeDoubt, Standby
    from station.services.desk import Desk

_PATIENCE_S = 60.0
# Only to see whether the database has just come back: while it is away nothing is merged, however long one waits.
_AWAY_S = 5.0

Action = Callable[[argparse.Namespace, "Output", "Desk", "Standby"], int]


def add_arguments(parser: argparse.ArgumentParser, common: Callable[[argparse.ArgumentParser], None]) -> None:
    """Add the actions of ``station merge``; without one it lists."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION")

    def action(name: str, text: str) -> argparse.ArgumentParser:
        made = actions.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")
        common(made)
        return made

    action("list", "since when this desk is alone, what waits, and what a person has to decide")
    settle = action("settle", "decide about something that could not be merged")
    settle.add_argument("number", type=int, help="its number, as list gives it")
    how = settle.add_mutually_exclusive_group(required=True)
    how.add_argument("--again", action="store_true", help="merge it once more: its cause was put right")
    how.add_argument("--aside", action="store_true", help="let what the others recorded count; it is kept here")
    export = action("export", "write what waits here to a sealed file, for another desk to merge")
    export.add_argument("file", type=Path, help="where to, as on a USB stick")
    take = action("take", "merge what another desk wrote out")
    take.add_argument("file", type=Path, help="its file")
    take.add_argument("--phrase", help="what that desk showed (else it is asked for)")
    parser.set_defaults(action="list")


def merge(args: argparse.Namespace, out: Output, desk: Desk) -> int:
    """Show how the desk stands, or do something about it."""
    actions: dict[str, Action] = {"list": _list, "settle": _settle, "export": _export, "take": _take}
    if desk.standby is None:
        raise InputError(_NO_COPY, _NO_COPY_TODO)
    return actions[args.action](args, out, desk, desk.standby)


def _list(_args: argparse.Namespace, out: Output, desk: Desk, standby: Standby) -> int:
    from station.services.health import standby_health

    state, doubts = standby.state(), standby.doubts()
    out.value(
        {
            "alone_since": state.alone_since,
            "cards": state.cards,
            "ready": state.ready,
            "doubts": [_value(doubt) for doubt in doubts],
        }
    )
    health = standby_health(state)
    out.say("{text}", text=out.tr.message(health.message))
    for doubt in doubts:
        _say(out, desk, doubt)
    return 1 if doubts else 0


def _settle(args: argparse.Namespace, out: Output, _desk: Desk, standby: Standby) -> int:
    (standby.try_again if args.again else standby.set_aside)(args.number)
    _wait(standby)
    out.value({"number": args.number, "settled": "again" if args.again else "aside"})
    out.say(_AGAIN if args.again else _ASIDE)
    return 0


def _export(args: argparse.Namespace, out: Output, _desk: Desk, standby: Standby) -> int:
    from station.services.files import write_new

    cards = standby.state().cards
    phrase, data = standby.written_out()
    # Written before the phrase is shown: a phrase for a file that is not there would be kept for nothing.
    write_new(args.file, data)
    # In groups of five, as people read letters to each other; spaces and hyphens don't matter when it is typed.
    shown = "-".join(phrase[start : start + 5] for start in range(0, len(phrase), 5))
    out.value({"file": args.file, "cards": cards, "phrase": shown})
    out.say(
        N_("{file}: what this desk recorded while it was alone. Cards in it: {cards}."), file=args.file, cards=cards
    )
    out.say(N_("Only this phrase opens it, and it is shown once: {phrase}"), 2, phrase=shown)
    out.say(N_("At a desk that has the database run: station merge take {name}"), 2, name=args.file.name)
    return 0


def _take(args: argparse.Namespace, out: Output, _desk: Desk, standby: Standby) -> int:
    try:
        data = args.file.read_bytes()
    except OSError as error:
        raise InputError(
            N_("The file {file} can't be read: {detail}"), N_("Check its name."), file=args.file, detail=error.strerror
        ) from error
    phrase = args.phrase
    if phrase is None:
        out.say(N_("The phrase that the other desk showed:"))
        # Not as an argument, if it can be helped: what opens the file would stand in the shell's history.
        phrase = sys.stdin.readline()
    # Asked before it is taken in: what comes makes the desk alone for a moment, also beside a server that answers.
    away = standby.state().alone_since is not None
    steps = standby.take_in(phrase, data)
    _wait(standby, _AWAY_S if away else _PATIENCE_S)
    waiting = standby.state().cards > 0
    out.value({"steps": steps, "merged": not waiting})
    out.say(_TAKEN if waiting else _MERGED, steps=steps)
    out.say(N_("See whether something has to be decided with: station merge list"), 2)
    return 0


def _wait(standby: Standby, patience_s: float = _PATIENCE_S) -> None:
    """Wait until it is merged, as long as that takes where the database answers."""
    # Looked at again and again: the desk's own thread merges, and knows nothing of a command that waits.
    moment, until = threading.Event(), time.monotonic() + patience_s
    while standby.state().cards and time.monotonic() < until:
        moment.wait(0.1)


def _say(out: Output, desk: Desk, doubt: MergeDoubt) -> None:
    holder = desk.store.holders.get(doubt.holder_id) if doubt.holder_id else None
    name = holder.full_name if holder is not None else "-"
    out.say(N_("Number {number}: {name}, card {escn}"), number=doubt.number, name=name, escn=doubt.escn or "-")
    out.say("{text}", 4, text=out.tr.message(doubt.reason))
    out.say(_HANDED_OVER if doubt.handed_over else _NOT_HANDED_OVER, 4)
    out.say(N_("Put it right, then: station merge settle {number} --again"), 4, number=doubt.number)
    out.say(N_("Or let the others' record count: station merge settle {number} --aside"), 4, number=doubt.number)


def _value(doubt: MergeDoubt) -> dict[str, object]:
    return {
        "number": doubt.number,
        "at": doubt.at,
        "escn": doubt.escn,
        "holder": doubt.holder_id,
        "handed_over": doubt.handed_over,
        "steps": list(doubt.steps),
        "reason": Message(doubt.reason.msgid, doubt.reason.params).english(),
    }


_NO_COPY = N_("This station keeps no copy of a shared database.")
_NO_COPY_TODO = N_("It may be a station by itself; or its window is open: then close that first.")
_AGAIN = N_("It is merged once more. See what became of it with: station merge list")
_ASIDE = N_("What the others recorded counts. What this desk recorded is kept here and not merged.")
_MERGED = N_("Steps that are merged now: {steps}. What was merged before stays as it is.")
_TAKEN = N_("The database is away. Steps that wait here and are merged when it is back: {steps}.")
_HANDED_OVER = N_("The holder has a card of this number.")
_NOT_HANDED_OVER = N_("The card was not handed over.")
