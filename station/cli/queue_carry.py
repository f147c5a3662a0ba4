"""``station queue carry``, ``take`` and ``answer``: the queue on a stick, to a station that has a network and back."""

from __future__ import annotations

import argparse
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from station.domain.errors import N_

# The parser needs this module for its words alone: what only works at a desk is imported there.
if TYPE_CHECKING:
    from station.cli.output import Output
    from station.services.desk import Desk


def add_arguments(actions: Any, common: Callable[[argparse.ArgumentParser], None]) -> None:
    """Add the three actions; ``actions`` is what ``add_subparsers`` returned."""

    def action(name: str, text: str) -> argparse.ArgumentParser:
        made: argparse.ArgumentParser = actions.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")
        common(made)
        return made

    carry = action("carry", "write the queue to a sealed file, for a station that has a network")
    carry.add_argument("file", type=Path, help="where to, as on a USB stick")
    carry.add_argument("--no-pictures", action="store_true", help="leave the pictures out; they stay in the queue")
    take = action("take", "send what is in another station's queue file, and write the answer beside it")
    take.add_argument("file", type=Path, help="the queue file")
    take.add_argument("--answer", type=Path, metavar="FILE", help="where the answer goes (beside it, as FILE.answer)")
    take.add_argument("--again", action="store_true", help="although it was sent from here before")
    answer = action("answer", "bring the answer home: what was told is done")
    answer.add_argument("file", type=Path, help="the answer file")


def carry(args: argparse.Namespace, out: Output, desk: Desk) -> int:
    """Write the queue file and mark what is in it."""
    from station.services.files import write_new

    carried = desk.courier.carry(pictures=not args.no_pictures)
    write_new(args.file, carried.data)
    # Marked once it is on the stick: for a file that could not be written no answer will ever come.
    desk.courier.mark(carried)
    people = len({mark.escn for mark in carried.marks})
    out.value(
        {
            "file": args.file,
            "id": carried.file_id,
            "entries": len(carried.marks),
            "cards": people,
            "left_out": carried.left_out,
            "behind": carried.behind,
        }
    )
    out.say(N_("{file}: cards that it tells of: {cards}. Nobody without the key can read it."), file=args.file,
            cards=people)  # fmt: skip
    if carried.left_out:
        out.say(N_("Entries left out, because their people have no European Student Identifier: {count}."), 2,
                count=carried.left_out)  # fmt: skip
    if carried.behind:
        out.say(
            N_("One file holds no more; entries that stay for the next: {count}. Bring this one's answer home first."),
            2,
            count=carried.behind,
        )
    out.say(N_("At the station with a network run: station queue take {name}"), 2, name=args.file.name)
    return 0


def take(args: argparse.Namespace, out: Output, desk: Desk) -> int:
    """Send it; 1 when something was refused or not sent. The answer is written in any case."""
    from station.services.files import write_new

    data, place = _read(args.file), _place_of(args.answer, args.file)
    taken = desk.courier.take(
        data, args.file.name, cancel=threading.Event(), progress=lambda _s, _p: None, again=args.again
    )
    # Before anything is said: what was told is known from this file alone, whatever becomes of the terminal.
    write_new(place, taken.answer)
    out.value(
        {
            "station": taken.station,
            "entries": taken.entries,
            "told": taken.told,
            "refused": taken.refused,
            "blocked": taken.blocked,
            "answer": place,
            "trouble": None if taken.trouble is None else taken.trouble.code,
        }
    )
    out.say(N_("From “{station}”: {told} of {entries} told, {refused} refused."), station=taken.station,
            told=taken.told, entries=taken.entries, refused=taken.refused)  # fmt: skip
    if taken.trouble is not None:
        what, todo = out.tr.error(taken.trouble)
        out.say("{what} {todo}", 2, what=what, todo=todo)
        out.say(N_("Take the same file again later: what was told is not told twice."), 2)
    if taken.blocked:
        out.say(
            N_("Cards that are blocked at ESC-Router and stay so: {count}. Their own station decides."),
            2,
            count=taken.blocked,
        )
    out.say(N_("Carry the answer back: {file}"), 2, file=place)
    return 0 if taken.told == taken.entries else 1


def answer(args: argparse.Namespace, out: Output, desk: Desk) -> int:
    """Write down what became of it; 1 when something is still to be told."""
    applied = desk.courier.answer(_read(args.file), args.file.name)
    desk.outbox.queue_changed()
    out.value(
        {
            "station": applied.station,
            "done": applied.done,
            "refused": applied.refused,
            "changed": applied.changed,
            "left": applied.left,
            "withdrawn": applied.withdrawn,
        }
    )
    out.say(N_("“{station}” told ESC-Router: {done} done, {refused} refused."), station=applied.station,
            done=applied.done, refused=applied.refused)  # fmt: skip
    if applied.changed:
        out.say(N_("{count} were corrected here meanwhile and are still to be told."), 2, count=applied.changed)
    if applied.left:
        out.say(N_("{count} were not sent there and still wait."), 2, count=applied.left)
    if applied.withdrawn:
        out.say(
            N_("People withdrew meanwhile; ESC-Router will be asked to forget what it was told of them: {count}."),
            2,
            count=applied.withdrawn,
        )
    return 1 if applied.refused or applied.changed or applied.left else 0


def _read(file: Path) -> bytes:
    """Return a file's bytes, but not many more of them than any such file has."""
    from station.services.files import read_file
    from station.services.queue_file import LARGEST

    return read_file(file, LARGEST + 1)


def _place_of(wanted: Path | None, file: Path) -> Path:
    """Return where the answer goes, which must be new: known before anything is sent."""
    from station.services.files import free_name, write_new

    place = wanted or free_name(file, ".answer")
    # Tried with an empty file: a stick that is full, or must not be written to, is known before the first card is told.
    write_new(place, b"")
    place.unlink()
    return place
