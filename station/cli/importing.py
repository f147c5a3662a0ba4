"""``station holders import``: say what would change, and with ``--yes`` change it."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from station.cli.output import Output
from station.domain.errors import N_, RegisterFileError, sentence
from station.services.desk import Desk

if TYPE_CHECKING:
    from station.adapters.register.csv import CsvRegister


def import_holders(args: argparse.Namespace, out: Output, desk: Desk) -> int:
    """Compare a CSV file with the register here; write it with ``--yes``."""
    from station.app.build import open_register

    register = open_register(desk.settings, args.file, args.institution, args.source)
    # Read twice, once for mistakes: a register with a bad line is not imported in part.
    _need_good_lines(register, out)
    plan = desk.store.holders.plan_import(register.rows(), register.name)
    written = desk.import_register(plan, register.name) if args.yes else 0
    out.value(
        {
            "source": register.name,
            "new": len(plan.new),
            "changed": len(plan.changed),
            "same": plan.same,
            "vanished": [h.student_number for h in plan.vanished],
            "duplicates": plan.duplicates,
            "written": written,
        }
    )
    out.say(
        N_("{new} new, {changed} changed, {same} as before, {vanished} no longer in the register “{source}”."),
        new=len(plan.new),
        changed=len(plan.changed),
        same=plan.same,
        vanished=len(plan.vanished),
        source=register.name,
    )
    for duplicate in plan.duplicates:
        out.say(N_("Twice in the file: {duplicate}"), duplicate=duplicate)
    if args.yes:
        out.say(N_("{count} written."), count=written)
    else:
        out.say(N_("Nothing was written. To write it, add --yes."))
    return 0


def _need_good_lines(register: CsvRegister, out: Output) -> None:
    """Name every bad line at once, so that a file is corrected once and not line by line."""
    problems = register.problems()
    if not problems:
        return
    if len(problems) == 1:
        raise problems[0]
    told = [out.tr.error(problem) for problem in problems]
    out.value({"problems": [{"what": what, "todo": todo} for what, todo in told]})
    for what, todo in told:
        out.say("{what} {todo}", what=sentence(what), todo=todo)
    # The list is what was asked for, the line after it is why it ends with 1: each mistake is said once.
    raise RegisterFileError(
        N_("{count} lines of {file} can't be imported."),
        N_("Correct them and import the file again. Nothing was imported."),
        count=len(problems),
        file=register.file_name,
    )
