"""The verb ``print``: one card that waits for the printer, or all that can be printed with nobody there."""

from __future__ import annotations

import argparse
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from station.cli.finding import read_file
from station.domain.errors import N_, InputError
from station.domain.workflow import Act, ReprintReason, State

# The parser needs this module for its words alone: what only works at a desk is imported there.
if TYPE_CHECKING:
    from station.cli.output import Output
    from station.domain.workflow import Issuance
    from station.services.batch import BatchLine, BatchRun
    from station.services.batch_selection import NotChosen, Wish
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
    parser.add_argument(
        "--list", metavar="FILE",
        help="with --batch: begin cards for these student numbers, one a line ('-': from what is piped in)",
    )  # fmt: skip
    parser.add_argument("--faculty", default="", metavar="NAME", help="with --batch: begin cards for this faculty's")
    parser.add_argument(
        "--programme", default="", metavar="NAME", help="with --batch: begin cards for this programme's"
    )
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
    # A card that went through the printer once may lie in the tray: nothing is printed again in silence.
    if issuance.prints and reason is None:
        raise InputError(_WHY, _WHY_TODO, escn=issuance.escn)
    if desk.one_pass is not None and issuance.uid:  # it is in the printer, or has to be fed and looked at first
        return desk.make_in_printer(issuance, cancel=cancel, progress=nothing_more)
    card = desk.render(issuance)
    return desk.printing.print_card(issuance.id, card, reason=reason, cancel=cancel, progress=nothing_more)


def _batch(args: argparse.Namespace, out: Output, desk: Desk) -> int:
    from station.services.batch import BatchPlan, BatchService, Outcome
    from station.services.batch_list import need_folder, write_list

    if args.out is not None:
        # Before the first card: a list that can't be written after a night's printing helps nobody hand the cards out.
        need_folder(args.out)
    service = BatchService(desk)
    wish = _wish(args)
    plan = BatchPlan(service.plan()) if wish is None else service.plan_for(wish)
    lines = plan.lines
    if not args.plan:
        lines = _print_all(service.begin(lines), len(desk.printers), lambda line: _tell(out, line))
    else:
        for line in lines:
            _tell(out, line)
    _tell_left_out(out, plan.left_out)
    files = write_list(args.out, lines, desk.settings.station.name, desk.clock.now()) if args.out else []
    left_out = [{"student_number": each.number, "why": each.why} for each in plan.left_out]
    out.value({"cards": [_value(line) for line in lines], "left_out": left_out, "list": files})
    for file in files:
        out.say("{path}", path=file)
    done = sum(line.outcome is Outcome.OUT for line in lines)
    if not args.plan:
        out.say(N_("{done} of {count} cards came out."), done=done, count=len(lines))
    return 0 if args.plan or done == len(lines) else 1


def _wish(args: argparse.Namespace) -> Wish | None:
    """Return whom a batch is to be begun for; ``None``: nobody, only what waits is printed."""
    from station.services.batch_selection import Wish, numbers_in

    if args.list is None and not args.faculty and not args.programme:
        return None
    numbers = None
    if args.list is not None:
        data = sys.stdin.buffer.read() if args.list == "-" else read_file(Path(args.list))
        # Spreadsheets put a mark before UTF-8; read as a sign, it would make the first student unknown.
        numbers = numbers_in(data.decode("utf-8-sig", "replace"))
    return Wish(numbers, args.faculty, args.programme)


def _print_all(batch: BatchRun, printers: int, told: Callable[[BatchLine], None]) -> tuple[BatchLine, ...]:
    """Print a batch, each printer beside the others; Ctrl+C takes back what a printer has not begun, and ends it."""
    from concurrent.futures import ThreadPoolExecutor

    from station.services.headless import nothing_more

    cancel, telling = threading.Event(), threading.Lock()

    def work() -> None:
        while (line := batch.step(cancel, nothing_more)) is not None:
            # Two printers may end at the same moment, and half lines would mix on the screen.
            with telling:
                told(line)

    # A thread for each printer: the batch gives each the next card as soon as it is free.
    with ThreadPoolExecutor(printers, "printer") as pool:
        working = [pool.submit(work) for _ in range(printers)]
        try:
            for each in working:
                each.result()
        finally:
            # Also when one of them fails: without it the pool would wait for the others' whole night.
            cancel.set()
    return batch.lines


def _tell(out: Output, line: BatchLine) -> None:
    from station.services.batch import BECAME

    out.table([(line.place, line.group, line.holder.full_name, line.holder.student_number, line.escn,
                line.printer, out.tr.text(BECAME[line.outcome]), line.said)])  # fmt: skip


def _tell_left_out(out: Output, left_out: Sequence[NotChosen]) -> None:
    """Say each reason once, with all whom it keeps out."""
    from station.services.batch_selection import WHY

    for why, words in WHY.items():
        names = [each.holder.full_name if each.holder else each.number for each in left_out if each.why is why]
        if names:
            out.say(words, count=len(names), names=", ".join(names))


def _value(line: BatchLine) -> dict[str, object]:
    return {
        "place": line.place, "group": line.group, "student_number": line.holder.student_number,
        "name": line.holder.full_name, "escn": line.escn, "printer": line.printer,
        "outcome": line.outcome, "said": line.said,
    }  # fmt: skip


_NOT_NOW = N_("The card {escn} does not wait for the printer: it is {state}.")
_NOT_NOW_TODO = N_("Look where it stands: station journal --escn NUMBER")
_WHY = N_("The card {escn} was in the printer before.")
_WHY_TODO = N_("Look whether it came out. If not, say so: --reason nothing_came_out")
