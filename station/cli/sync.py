"""``station sync``: send what waits, once, or go on sending and say what becomes of it."""

from __future__ import annotations

import argparse
import threading
from typing import TYPE_CHECKING

from station.domain.errors import N_
from station.domain.outbox import OutboxState

if TYPE_CHECKING:
    from station.cli.output import Output
    from station.domain.errors import RouterError
    from station.ports.tasks import Cancel
    from station.services.desk import Desk

_LOOK_EVERY_S = 0.5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``station sync``."""
    parser.add_argument(
        "--watch", action="store_true", help="go on until Ctrl+C: send what comes, and say whenever something moved"
    )


def sync(args: argparse.Namespace, out: Output, desk: Desk) -> int:
    """Send what is due; 1 when something is left."""
    # Who says sync wants it now: what was put off after a failure does not wait for its time first.
    for entry in desk.store.outbox.entries(unfinished=True):
        if entry.state is OutboxState.WAITING and entry.next_at is not None:
            desk.outbox.retry(entry.key)
    if args.watch:
        from station.cli.stress import until_interrupted

        with until_interrupted() as cancel:
            return watch(out, desk, cancel)
    report = desk.outbox.run_once(threading.Event())
    summary, error = desk.store.outbox.summary(), desk.link.error
    counts = {"sent": report.sent, "failed": report.failed, "parked": summary.parked, "waiting": summary.waiting}
    out.value({**counts, "router": _trouble(out, error)})
    out.say(
        N_("{sent} sent, {waiting} still wait, {parked} need a decision."),
        sent=report.sent,
        waiting=summary.waiting,
        parked=summary.parked,
    )
    if error is not None:
        out.say("{router}", 2, router=_words(out, error))
    return 0 if not summary.waiting and not summary.parked else 1


def watch(out: Output, desk: Desk, cancel: Cancel) -> int:
    """Send until ``cancel`` is set, with a line whenever the queue, or ESC-Router, stands otherwise than before."""
    # The worker as in the window, on a thread of its own: this one only looks at what it did, and hears Ctrl+C.
    worker = threading.Thread(target=desk.outbox.run_forever, args=(cancel,), name="network")
    worker.start()
    told: tuple[object, ...] = ()
    try:
        while not cancel.is_set():
            told = _tell(out, desk, told)
            cancel.wait(_LOOK_EVERY_S)
    finally:
        cancel.set()
        # Waited for: the store is closed next, and what is on its way has to be recorded before.
        worker.join()
    _tell(out, desk, told)
    summary = desk.store.outbox.summary()
    return 0 if not summary.waiting and not summary.parked else 1


def _tell(out: Output, desk: Desk, told: tuple[object, ...]) -> tuple[object, ...]:
    summary, error = desk.store.outbox.summary(), desk.link.error
    # The kind of error only: what it says may differ at each try, and would make a line each time.
    now = (summary.waiting, summary.parked, summary.done, type(error))
    if now == told:
        return told
    at = desk.clock.now()
    out.value(
        {
            "at": at,
            "waiting": summary.waiting,
            "parked": summary.parked,
            "done": summary.done,
            "oldest_at": summary.oldest_at,
            "router": _trouble(out, error),
        }
    )
    out.say(
        N_("{time}  {waiting} wait, {parked} need a decision, {done} done. {router}"),
        time=f"{at.astimezone():%H:%M:%S}",
        waiting=summary.waiting,
        parked=summary.parked,
        done=summary.done,
        router=_words(out, error),
    )
    return now


def _trouble(out: Output, error: RouterError | None) -> dict[str, str] | None:
    """Return how ESC-Router stands, as plain values; ``None`` where it works."""
    if error is None:
        return None
    what, todo = out.tr.error(error)
    return {"what": what, "todo": todo, "code": error.code}


def _words(out: Output, error: RouterError | None) -> str:
    return " ".join(out.tr.error(error)).strip() if error is not None else ""
