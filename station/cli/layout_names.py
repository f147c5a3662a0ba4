"""``station layout check-names``: whose names will look wrong, the day before the rush."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from station.cli.layout_lint import finding_value, say_finding
from station.cli.layout_new import layout_named
from station.cli.output import Output
from station.domain.errors import N_
from station.services.layout_checks import names_to_look_at

if TYPE_CHECKING:
    from station.services.desk import Desk


def check_names(args: argparse.Namespace, out: Output, desk: Desk) -> int:
    """Set everyone's card and list those that should be looked at; 0 whatever is found, for it is advice."""
    layout = layout_named(args.layout) if args.layout is not None else None
    looked_at = found = 0
    for holder, findings in names_to_look_at(
        desk.making, desk.store.holders.everyone(), desk.clock.now().date(), layout
    ):
        looked_at += 1
        found += bool(findings)
        # The limit is for the list only: how many there are in all is what decides whether the layout is changed.
        if not findings or (args.limit and found > args.limit):
            continue
        out.value(
            {
                "student_number": holder.student_number,
                "name": holder.full_name,
                "findings": [finding_value(each) for each in findings],
            }
        )
        out.say("{number}  {name}", number=holder.student_number, name=holder.full_name)
        for each in findings:
            say_finding(out, each, 2)
    said = N_("People looked at: {count}. Cards to look at before they are printed: {found}.")
    out.say(said, count=looked_at, found=found)
    return 0
