"""``station photo review``: how each portrait of a folder and of the register stands; nothing is decided by it."""

from __future__ import annotations

import argparse
import threading
from collections import Counter
from typing import TYPE_CHECKING

from station.cli.output import Output
from station.domain.errors import N_
from station.domain.message import Message
from station.domain.portrait import PortraitFinding
from station.services.portrait_review import ReviewGroup, ReviewItem
from station.services.review_words import GROUP_NAMES

if TYPE_CHECKING:
    from station.services.desk import Desk


def review(args: argparse.Namespace, out: Output, desk: Desk) -> int:
    """Print every picture, the worst first, by the same service as the window; 1 when one could not be looked at."""
    items: list[ReviewItem] = []
    folder = args.folder or desk.settings.photo.folder
    desk.reviewer.look(
        desk.review_order(folder), cancel=threading.Event(), progress=lambda _step, _share: None, show=items.append
    )
    # Kept until the end: they come as the processes get them done, and the worst are wanted first.
    items.sort(key=lambda item: item.order)
    for item in items:
        out.value(_value(item))
    heads = (N_("Picture"), N_("Student number"), N_("Verdict"), N_("What has to be better"))
    out.table([_row(item, out) for item in items], [Message(head) for head in heads])
    counts = Counter(item.group for item in items)
    for group in ReviewGroup:
        if counts[group]:
            out.say(N_("{group}: {count}"), group=out.tr.text(GROUP_NAMES[group]), count=counts[group])
    if not items:
        out.say(N_("There are no pictures here. They are called as the student's number is: 051REB123.jpg"))
    return 1 if any(item.problem is not None for item in items) else 0


def _value(item: ReviewItem) -> dict[str, object]:
    seen, holder, decision = item.inspection, item.candidate.holder, item.decision
    checks = seen.findings if seen else ()
    return {
        "file": item.candidate.path,
        "source": item.candidate.source,
        "student_number": holder.student_number if holder else None,
        "group": item.group,
        "verdict": seen.verdict if seen else None,
        "checks": [_check(finding) for finding in checks],
        "reasons": [Message(reason) for reason in item.reasons],
        "problem": Message(item.problem.what, item.problem.params) if item.problem else None,
        "decided": {"at": decision.at, "by": decision.operator, "reason": decision.reason} if decision else None,
    }


def _check(finding: PortraitFinding) -> dict[str, object]:
    measure, limit = round(finding.measure, 4), round(finding.limit, 4)
    return {"name": finding.check, "measure": measure, "limit": limit, "verdict": finding.verdict}


def _row(item: ReviewItem, out: Output) -> tuple[object, ...]:
    holder, decision = item.candidate.holder, item.decision
    why = " ".join(out.tr.text(reason) for reason in item.reasons)
    if item.problem is not None:
        why = out.tr.error(item.problem)[0]
    if decision is not None:
        why = decision.reason
    return item.candidate.path.name, holder.student_number if holder else "", Message(GROUP_NAMES[item.group]), why
