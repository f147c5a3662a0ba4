"""``station card stress``: try a reader again and again with one card, and draw a chart of what was good and bad."""

from __future__ import annotations

import argparse
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

from station.cli.output import Output
from station.domain.errors import N_
from station.domain.message import Message

if TYPE_CHECKING:
    from station.services.desk import Desk
    from station.services.reader_test import ReaderTestReport

_ROWS, _WIDTH = 20, 50
_GOOD, _BAD = "█", "░"
_PERCENTILES = (50, 95, 99, 100)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what only this action takes."""
    parser.add_argument("--seconds", type=_duration, default=20.0, help="how long (20)")
    parser.add_argument("--rounds", type=_count, default=None, help="end after so many rounds, if that is sooner")


def run(args: argparse.Namespace, out: Output, desk: Desk) -> int:
    """Test the reader and print what came of it; 1 when anything went wrong. Ctrl+C ends it with a report, too."""
    from station.cli.cards import put_card
    from station.services.reader_test import Limits, ReaderTest

    put_card(args, desk)
    pattern = desk.settings.reader.pattern if args.reader is None else args.reader
    out.say(N_("Leave the card on the reader. Ctrl+C ends the test."))
    # Ctrl+C ends the rounds and not the program: what was measured until then is what the test was for.
    with until_interrupted() as cancel:
        report = ReaderTest(desk.devices.readers, desk.clock).run(
            pattern,
            Limits(args.seconds, args.rounds),
            wait_s=args.wait,
            cancel=cancel,
            progress=lambda _step, _share: None,
        )
    out.value(_value(report))
    _tell(out, report)
    return 1 if report.bad else 0


@contextmanager
def until_interrupted() -> Iterator[threading.Event]:
    """Give a cancel that Ctrl+C sets, or whoever ends services, instead of throwing away what was found so far."""
    cancel = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        cancel.set()

    # Put back afterwards: who calls this from a program of their own wants their Ctrl+C again.
    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield cancel
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _value(report: ReaderTestReport) -> dict[str, object]:
    return {
        "reader": report.reader,
        "model": report.traits.model or None,
        "uid": report.card.uid,
        "kind": report.card.kind,
        "rounds": len(report.rounds),
        "good": report.good,
        "bad": report.bad,
        "errors": report.errors,
        "apdus": report.apdus,
        "seconds": round(report.seconds, 3),
        "cancelled": report.cancelled,
        "latency_ms": {f"p{each}": round(report.percentile_ms(each), 2) for each in _PERCENTILES},
        "spans": [
            {"from_s": round(s.from_s, 3), "to_s": round(s.to_s, 3), "good": s.good, "bad": s.bad}
            for s in report.spans(_rows(report))
        ],
    }


def _tell(out: Output, report: ReaderTestReport) -> None:
    from station.services.reader_test import bars

    spans = report.spans(_rows(report))
    digits = 1 if report.seconds >= _ROWS else 2
    rows = [
        (
            f"{span.from_s:6.{digits}f} s",
            _GOOD * good + _BAD * bad,
            f"{span.good}" + (f" / {span.bad}" if span.bad else ""),
        )
        for span, (good, bad) in zip(spans, bars(spans, _WIDTH), strict=True)
    ]
    out.say(N_("{reader}: {kind}, UID {uid}"), reader=report.reader, kind=report.card.kind, uid=report.card.uid or "-")
    out.table(rows)
    out.say(
        N_("{good_sign} good: {good}   {bad_sign} bad: {bad}   in {seconds} s, {apdus} commands"),
        good_sign=_GOOD,
        good=report.good,
        bad_sign=_BAD,
        bad=report.bad,
        seconds=f"{report.seconds:.1f}",
        apdus=report.apdus,
    )
    out.table(
        [
            (Message(N_("Time of a good round")), *(f"p{each}" for each in _PERCENTILES)),
            ("ms", *(f"{report.percentile_ms(each):.1f}" for each in _PERCENTILES)),
        ]
    )
    out.table([(kind, count) for kind, count in report.errors.items()], heads=("", ""))
    if report.last_error is not None:
        what, todo = out.tr.error(report.last_error)
        out.say("{what} {todo}", what=what, todo=todo)
    # Only after a bad round: what can go wrong with a model is no news to somebody with whom nothing did.
    for trap in report.traits.traps if report.bad else ():
        out.say("- {trap}", trap=trap)


def _rows(report: ReaderTestReport) -> int:
    # No more rows than rounds: empty bars between them would look like time in which nothing was answered.
    return max(1, min(_ROWS, len(report.rounds)))


def _duration(text: str) -> float:
    value = float(text)
    if not 0 < value <= 86_400:
        raise argparse.ArgumentTypeError("it must be more than 0 seconds, and at most a day")
    return value


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("it must be 1 or more")
    return value
