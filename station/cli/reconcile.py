"""``station reconcile``: which cards are not the same here and at ESC-Router, and what is done about them."""

from __future__ import annotations

import argparse
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

from station.domain.errors import N_
from station.domain.message import Message

if TYPE_CHECKING:
    from station.cli.output import Output
    from station.services.desk import Desk
    from station.services.reconcile import Finding

APPLICABLE = ("missing_there", "differs", "unwanted")
"""Those that can be settled as a whole."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``station reconcile``."""
    parser.add_argument(
        "--apply", choices=APPLICABLE, metavar="GROUP",
        help="have ESC-Router agree with the record here, for one group: missing_there, differs or unwanted; without"
        " this nothing is changed",
    )  # fmt: skip
    parser.add_argument(
        "--escn", metavar="NUMBER", action="append", default=[],
        help="settle this one card, whatever its group; one that is not known here is deleted there (may be repeated)",
    )  # fmt: skip
    parser.add_argument(
        "--leave", metavar="NUMBER", action="append", default=[],
        help="leave this one card as it is, at later comparisons, too, until something else differs (may be repeated)",
    )  # fmt: skip
    parser.add_argument(
        "--thorough", action="store_true", help="ask for each card by itself, so that status and chip are compared too"
    )


def reconcile(args: argparse.Namespace, out: Output, desk: Desk) -> int:
    """Compare, line by line as it is found; 1 when something differs that is not being settled."""
    from station.services.reconcile import Group, comparison, leave, settle

    if args.apply or args.escn or args.leave:
        # Before the comparison, which may take many minutes, and not at the first card that would be settled.
        desk.lifecycle.need_right()
    run = comparison(desk)
    wanted, settled = {number.strip().lower() for number in args.escn}, 0
    to_leave, left = {number.strip().lower() for number in args.leave}, 0
    for found in run.findings(cancel=threading.Event(), progress=lambda _s, _p: None, thorough=args.thorough):
        finding = found
        if found.escn in to_leave and not found.left:
            leave(found, desk.lifecycle, desk.store)
            finding = replace(found, left=True)
        left += finding.left
        # What was left alone before stays so in a group; named by its number it is settled all the same.
        chosen = (finding.group == args.apply and not finding.left) or finding.escn in wanted
        queued = chosen and settle(finding, desk.lifecycle, desk.store)
        settled += queued
        _tell(out, finding, queued=queued)
    tally = run.tally
    groups = {group.value: tally.groups[group] for group in Group}
    counted = {"there": tally.there, "here": tally.here, "queued": tally.queued, "left": left}
    out.value({**counted, "groups": groups, "settled": settled})
    out.say(
        N_("{there} cards at ESC-Router, {here} here, {queued} in the queue. {found} differ, {settled} are told now."),
        there=tally.there,
        here=tally.here,
        queued=tally.queued,
        found=tally.groups.total(),
        settled=settled,
    )
    if left:
        out.say(N_("Left as they are: {count}."), count=left)
    return 0 if tally.groups.total() - left <= settled else 1


def _tell(out: Output, finding: Finding, *, queued: bool) -> None:
    from station.services.reconcile import GROUP_NAMES

    out.value(
        {
            "group": finding.group,
            "escn": finding.escn,
            "name": finding.name,
            "issuer": finding.issuer,
            "differences": [{"field": d.name, "here": d.here, "there": d.there} for d in finding.differences],
            "settled": queued,
            "left": finding.left,
        }
    )
    fields = ", ".join(f"{d.name}: {d.here or '-'} ≠ {d.there or '-'}" for d in finding.differences)
    group = Message(_LEFT_AS_IT_IS if finding.left else GROUP_NAMES[finding.group])
    out.table([(finding.escn, finding.name or "-", group, fields or finding.issuer)])


_LEFT_AS_IT_IS = N_("left as it is")
