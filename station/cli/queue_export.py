"""``station queue export`` and ``settle``: the queue in ESC-Router's own import form, and what became of it."""

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
    from station.services.import_form import FormFile, RowTrouble


def add_arguments(actions: Any, common: Callable[[argparse.ArgumentParser], None]) -> None:
    """Add the two actions; ``actions`` is what ``add_subparsers`` returned."""
    text = "write what waits in ESC-Router's own import form, for importing it there by hand"
    export = actions.add_parser("export", help=text, description=f"{text[0].upper()}{text[1:]}.")
    export.add_argument(
        "--csv", type=Path, required=True, metavar="FILE", help="where to: a .csv that is not there yet"
    )
    export.add_argument("--columns", default="", metavar="A,B,C", help="the form's columns, where it can't be asked")
    export.add_argument("--again", action="store_true", help="also what was written to such a file before")
    text = "ask ESC-Router which of the cards that left in a file it has by now; needs no key"
    settle = actions.add_parser("settle", help=text, description=f"{text[0].upper()}{text[1:]}.")
    for action in (export, settle):
        common(action)


def export(args: argparse.Namespace, out: Output, desk: Desk) -> int:
    """Write the files and mark what is in them; 1 when a card is in none of them."""
    from station.services.files import write_new
    from station.services.import_form import path_of

    columns = [name.strip() for name in args.columns.split(",") if name.strip()]
    found = desk.import_form.export(columns, again=args.again)
    # One name was asked for and several files may come of it, one an institution and operation.
    files = [(file, path_of(args.csv, file, found)) for file in found.files]
    for file, path in files:
        write_new(path, file.data)
    # All or nothing is marked: of two files of which one could not be written, neither should count as brought there.
    desk.import_form.mark(file for file, _path in files)
    out.value(
        {
            "files": [
                {
                    "file": path,
                    "operation": file.part.operation,
                    "cards": len(file.part.rows),
                    "checked": file.checked,
                    "empty_columns": file.empty_columns,
                }
                for file, path in files
            ],
            "left_out": [
                {"escn": each.escn, "name": each.name, "column": each.column, "why": each.why}
                for each in found.left_out
            ],
        }
    )
    for file, path in files:
        _tell(out, file, path)
    tell_left_out(out, found.left_out)
    if files:
        out.say(N_("Import them at ESC-Router, then run: station queue settle"))
    # Cards in no file are left to a person, so a script must not go on as if all had been carried over.
    return 1 if found.left_out else 0


def settle(_args: argparse.Namespace, out: Output, desk: Desk) -> int:
    """Ask for each card; 1 when one is not there, or not as it was written."""
    found = desk.import_form.settle(threading.Event())
    out.value({"registered": found.registered, "open": found.open})
    out.say(
        N_("ESC-Router has {registered} of the cards that left in a file; {open} it has not, or otherwise."),
        registered=len(found.registered),
        open=len(found.open),
    )
    for escn in found.open:
        out.say("{escn}", 2, escn=escn)
    return 1 if found.open else 0


def _tell(out: Output, file: FormFile, path: Path) -> None:
    words = {
        "CREATE": N_("{file}: cards to be created: {count}."),
        "UPDATE": N_("{file}: cards to be updated: {count}."),
        "DELETE": N_("{file}: cards to be deleted: {count}."),
    }[file.part.operation.value]
    out.say(words, file=path, count=len(file.part.rows))
    if file.checked:
        out.say(N_("ESC-Router has looked at it and would take every row."), 2)
    elif file.unchecked is not None:
        out.say(N_("ESC-Router could not look at it: {why}"), 2, why=file.unchecked)
    for column in file.empty_columns:
        out.say(N_("The column {column} is not known here and stays empty."), 2, column=column)


def tell_left_out(out: Output, left_out: tuple[RowTrouble, ...]) -> None:
    """Print beside each holder why their card is in no file."""
    if left_out:
        out.say(N_("In no file, and still in the queue:"))
    out.table([(each.name, each.escn, each.column or "-", each.why) for each in left_out])
