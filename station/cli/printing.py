"""The verb ``print``: one card that waits for the printer, or all that can be printed with nobody there."""

from __future__ import annotations

import argparse
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from station.domain.errors import N_, InputError
from station.domain.workflow import Act, ReprintReason, State

# The parser needs this module at every start: what only works at a desk is imported there.
if TYPE_CHECKING:
    from station.cli.output import Output
    from station.domain.workflow import Issuance
    from station.services.batch import BatchLine
    from station.services.desk import Desk


def add_arguments(parser: argparse.ArgumentParser, came_out: Callable[[argparse.ArgumentParser], None]) -> None:
    """Add the options of ``station print``; ``came_out`` adds the one that answers for the printer."""
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--escn", metavar="NUMBER", help="one card: its chip is written, it waits for the printer")
    what.add_argument(
        "--batch", action="store_true", help="every card that needs no hand, by faculty, programme and name"
    )
    parser.add_argument(
        "--reason", choices=[ReprintReason.NOTHING_CAME_OUT.value, ReprintReason.BLANK_SIDE.value],
        help="with --escn: why it goes through the printer once more; without one it does not",
    )  # fmt: skip
    parser.add_argument("--plan", action="store_true", help="with --batch: only say what would be printed")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="with --batch: where the list goes, as PDF and CSV")
    came_out(parser)


def run(args: argparse.Namespace, out: Output, desk: Desk, came_out: Callable[[Issuance], bool]) -> int:
    """Print one card, or a batch; 1 when something is left to be looked at."""
    if args.batch:
        return _batch(args, out, desk)
    issuance = desk.store.issuances.by_escn(args.escn.lower())
    if issuance is None:
        raise InputError(N_("No card here has the number {value}."), N_("Check the number."), value=args.escn)
    issuance = _print_one(args, desk, issuance)
    if issuance.pending is Act.PRINT:
        issuance = desk.printing.confirm(issuance.id, came_out=came_out(issuance))
    out.value({"escn": issuance.escn, "job": issuance.job, "printer": issuance.printer, "state": issuance.state,
               "prints": issuance.prints})  # fmt: skip
    if issuance.state is State.PRINTED:
        out.say(N_("The card {escn} came out of {printer}. Check it, then hand it over."), escn=issuance.escn,
                printer=issuance.printer)  # fmt: skip
        return 0
    out.say(N_("The card {escn} is not printed; it is not spoiled, either."), escn=issuance.escn)
    return 1


def _print_one(args: argparse.Namespace, desk: Desk, issuance: Issuance) -> Issuance:
    from station.services.headless import nothing_more

    cancel = threading.Event()
    if issuance.state is not State.ENCODED:
        raise InputError(_NOT_NOW, _NOT_NOW_TODO, escn=issuance.escn, state=issuance.state.value)
    if issuance.pending is Act.PRINT:
        if issuance.doubt:
            return issuance
        return desk.printing.go_on(issuance.id, cancel=cancel, progress=nothing_more)
    reason = ReprintReason(args.reason) if args.reason else None
    if issuance.prints and reason is None:
        raise InputError(_WHY, _WHY_TODO, escn=issuance.escn)
    card = desk.render(issuance)
    return desk.printing.print_card(issuance.id, card, reason=reason, cancel=cancel, progress=nothing_more)


def _batch(args: argparse.Namespace, out: Output, desk: Desk) -> int:
    from station.services.batch import BatchService, Outcome
    from station.services.headless import nothing_more

    service = BatchService(desk)
    lines = service.plan()
    if not args.plan:
        cancel = threading.Event()
        try:
            lines = service.run(lines, cancel=cancel, progress=nothing_more, told=lambda line: _tell(out, line))
        finally:
            cancel.set()
    else:
        for line in lines:
            _tell(out, line)
    files = _write_list(args.out, desk, lines) if args.out else []
    out.value({"cards": [_value(line) for line in lines], "list": files})
    for file in files:
        out.say("{path}", path=file)
    done = sum(line.outcome is Outcome.OUT for line in lines)
    if not args.plan:
        out.say(N_("{done} of {count} cards came out."), done=done, count=len(lines))
    return 0 if args.plan or done == len(lines) else 1


def _tell(out: Output, line: BatchLine) -> None:
    out.table([(line.place, line.group, line.holder.full_name, line.holder.student_number, line.issuance.escn,
                line.printer, line.outcome.value, line.said)])  # fmt: skip


def _value(line: BatchLine) -> dict[str, object]:
    return {
        "place": line.place, "group": line.group, "student_number": line.holder.student_number,
        "name": line.holder.full_name, "escn": line.issuance.escn, "printer": line.printer,
        "outcome": line.outcome, "said": line.said,
    }  # fmt: skip


def _write_list(folder: Path, desk: Desk, lines: tuple[BatchLine, ...]) -> list[Path]:
    """Write the list that lies beside the stack: what came out, or what is to be looked for in it."""
    from station.render.label_list import Label, labels_csv, labels_pdf

    labels = [
        Label(line.place, line.group, line.holder.full_name, line.holder.student_number, line.issuance.escn,
              line.printer, line.outcome.value)
        for line in lines
    ]  # fmt: skip
    at = desk.clock.now().astimezone()
    name = f"cards-{at:%Y%m%d-%H%M}"
    folder.mkdir(parents=True, exist_ok=True)
    title = f"{desk.settings.station.name} · {at:%Y-%m-%d %H:%M}"
    made = {folder / f"{name}.pdf": labels_pdf(labels, title), folder / f"{name}.csv": labels_csv(labels)}
    for file, data in made.items():
        file.write_bytes(data)
    return list(made)


_NOT_NOW = N_("The card {escn} does not wait for the printer: it is {state}.")
_NOT_NOW_TODO = N_("Look where it stands: station journal --escn NUMBER")
_WHY = N_("The card {escn} was in the printer before.")
_WHY_TODO = N_("Look whether it came out. If not, say so: --reason nothing_came_out")
