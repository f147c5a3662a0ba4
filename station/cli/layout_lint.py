"""``station layout lint``: say what is wrong with a layout before cards depend on it."""

from __future__ import annotations

import argparse
from datetime import datetime

from station.cli.layout_new import layout_named
from station.cli.output import Output
from station.domain.errors import N_
from station.domain.lint import Level, LintFinding, worst_level

LEVELS = {Level.ERROR: N_("Error"), Level.WARNING: N_("Warning"), Level.NOTE: N_("Note")}
SIDES = {0: N_("front side"), 1: N_("back side")}


def lint_layout(args: argparse.Namespace, out: Output) -> int:
    """Check a layout for one printer; 1 when there is an error among the findings."""
    from printers.profile_files import load_profile
    from station.render.linting.lint import full_lint
    from station.render.rules import load_rules, rules_for

    layout = layout_named(args.layout)
    printer = load_profile(args.printer)
    # The day of this place: rules begin on a day of the calendar, and in UTC it is still the day before after midnight.
    day = args.day or datetime.now().astimezone().date()
    rules = load_rules(args.rules) if args.rules is not None else rules_for(day)
    found = full_lint(layout, printer, today=day, rules=rules)
    out.value(
        {
            "layout": layout.reference,
            "printer": printer.name,
            "rules": rules.name,
            "findings": [finding_value(each) for each in found],
        }
    )
    for each in found:
        say_finding(out, each)
    _say_sum(out, found, layout.reference, printer.model)
    # Warnings pass: a script that stops at each of them would soon be told to stop at none.
    return 1 if worst_level(found) is Level.ERROR else 0


def finding_value(finding: LintFinding) -> dict[str, object]:
    """Return a finding for programs."""
    box = finding.box
    return {
        "rule": finding.rule,
        "level": finding.level,
        "side": None if finding.side is None else ("front", "back")[finding.side],
        "element": finding.element or None,
        "box_mm": None if box is None else [box.x_mm, box.y_mm, box.width_mm, box.height_mm],
        "message": finding.message,
        "remedy": finding.remedy,
        "source": finding.source,
    }


def say_finding(out: Output, finding: LintFinding, indent: int = 0) -> None:
    """Print a finding for people: how bad and where, what to do, and which rule says so."""
    text = out.tr.text
    side = "" if finding.side is None else text(SIDES[finding.side])
    place = "/".join(part for part in (side, finding.element) if part)
    head = " ".join(part for part in (f"{text(LEVELS[finding.level])}:", place) if part)
    out.say("{head}  {message}", indent, head=head, message=out.tr.message(finding.message))
    out.say("{remedy}", indent + 4, remedy=out.tr.message(finding.remedy))
    out.say("[{rule}] {source}", indent + 4, rule=finding.rule, source=finding.source)


def _say_sum(out: Output, found: tuple[LintFinding, ...], layout: str, printer: str) -> None:
    counts = {level: sum(each.level is level for each in found) for level in Level}
    out.say(
        N_("{layout} on {printer}. Errors: {errors}, warnings: {warnings}, notes: {notes}."),
        layout=layout,
        printer=printer,
        errors=counts[Level.ERROR],
        warnings=counts[Level.WARNING],
        notes=counts[Level.NOTE],
    )
