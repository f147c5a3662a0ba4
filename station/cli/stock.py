"""The verb for blanks: what came, what was tried out, lost or destroyed, and whether it all adds up."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING

from station.domain.errors import N_, InputError
from station.domain.stock import Pile, SerialRange, StockAct

# The parser needs this module for its words alone: what only works at a desk is imported there.
if TYPE_CHECKING:
    from station.cli.output import Output
    from station.services.desk import Desk
    from station.services.stock import StockReport, StockService


def add_arguments(parser: argparse.ArgumentParser, common: Callable[[argparse.ArgumentParser], None]) -> None:
    """Add the actions of ``station stock``."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION")
    common(actions.add_parser("status", help="where every blank is, and how long they last (this without an action)"))
    common(actions.add_parser("ledger", help="every line that was written down, oldest first"))
    serial = actions.add_parser("serial", help="keep the serial number that stands on a card's plastic")
    serial.add_argument("serial", metavar="SERIAL", help="as it stands on the card, or as a scanner reads it")
    serial.add_argument("--escn", required=True, metavar="NUMBER", help="the card's own number")
    common(serial)
    for act, text in _ACTS.items():
        action = actions.add_parser(act.value, help=text)
        action.add_argument("count", type=int, nargs="?", metavar="NUMBER", help="how many; not needed with --serials")
        if act is not StockAct.COUNTED:
            action.add_argument(
                "--serials", nargs=2, metavar=("FIRST", "LAST"), help="their serial numbers, as on the box"
            )
        if act is StockAct.DESTROYED:
            action.add_argument(
                "--from", dest="pile", choices=[p.value for p in Pile], default=Pile.SPOILED.value,
                help="where they lay (spoiled)",
            )  # fmt: skip
        action.add_argument("--note", default="", metavar="TEXT", help="for the record: the supplier, the reason")
        common(action)


_ACTS = {
    StockAct.RECEIVED: "blanks came; the first time, this begins the ledger with what lies there",
    StockAct.TEST: "blanks were used to try something out",
    StockAct.SPOILED: "blanks were lost without a card being begun: bent, dirty, wrong",
    StockAct.DESTROYED: "spoiled or tried-out blanks, or unused ones, were shredded",
    StockAct.COUNTED: "somebody counted the unused blanks: this many lie there",
}


def stock(args: argparse.Namespace, out: Output, desk: Desk) -> int:
    """Write a line of the ledger, or say how the stock stands; 1 when it doesn't add up."""
    from station.services.stock import StockService

    service = StockService(desk.journal)
    if args.action == "serial":
        return _read(args, out, desk, service)
    if args.action == "ledger":
        return _ledger(out, service.report())
    if args.action in (None, "status"):
        return _status(out, service.report())
    serials = SerialRange(*args.serials) if getattr(args, "serials", None) else None
    # Zero is a count, too: nothing but a missing one is made up for by the serial numbers.
    count = args.count
    if count is None:
        if serials is None:
            raise InputError(N_("It is not said how many blanks."), N_("Name a number, or --serials FIRST LAST."))
        count = serials.count
    # Only what is destroyed may come from anywhere; every other act is about unused blanks.
    pile = Pile(args.pile) if args.action == StockAct.DESTROYED else Pile.STOCK
    return _status(out, service.add(StockAct(args.action), count, serials=serials, pile=pile, note=args.note))


def _read(args: argparse.Namespace, out: Output, desk: Desk, service: StockService) -> int:
    # By the card's number and not by its holder, who may have had several.
    issuance = desk.store.issuances.by_escn(args.escn.lower())
    if issuance is None:
        raise InputError(N_("No card here has the number {value}."), N_("Check the number."), value=args.escn)
    report = service.read(issuance.id, args.serial)
    out.value({"escn": issuance.escn, "serial_number": args.serial.strip(), "expected_next": report.expected_next})
    out.say(N_("The card {escn} has the serial number {serial}."), escn=issuance.escn, serial=args.serial.strip())
    return 0


def _status(out: Output, report: StockReport) -> int:
    stands = report.balance
    out.value(
        {
            "kept": report.kept,
            "since": report.since,
            "on_hand": stands.on_hand,
            **{name: getattr(stands, name) for name in stands.__slots__},
            "adds_up": stands.adds_up,
            "lasts_to": report.lasts_to,
            "a_day": report.a_day,
            "days_left": report.days_left,
            "expected_next": report.expected_next,
        }
    )
    if not report.kept:
        out.say(N_("Nobody counts blanks here yet. Begin with what lies there: station stock received NUMBER"))
        return 0
    texts = (
        (N_("received"), stands.received), (N_("made into cards"), stands.issued),
        (N_("in work"), stands.in_work), (N_("in doubt"), stands.in_doubt), (N_("spoiled"), stands.spoiled),
        (N_("tried out"), stands.test), (N_("destroyed"), stands.destroyed), (N_("missing"), stands.missing),
        (N_("on hand"), stands.on_hand),
    )  # fmt: skip
    out.table([(out.tr.text(text), number) for text, number in texts])
    if report.lasts_to is not None:
        out.say(N_("They last to {day}."), day=report.lasts_to.strftime("%Y-%m-%d"))
    if report.expected_next is not None:
        out.say(N_("Used in order, the next blank has the number {serial}. Look whether it does."),
                serial=report.expected_next)  # fmt: skip
    if not stands.adds_up:
        out.say(N_("It does not add up. Count the unused blanks, and look for the missing ones."))
        for gap in stands.gaps:
            out.say(gap.msgid, 2, **gap.params)
    # A sum that doesn't add up is for a person: so a script that asks every evening notices it.
    return 0 if stands.adds_up else 1


def _ledger(out: Output, report: StockReport) -> int:
    from station.services.stock import DONE

    out.value(
        [
            {
                "at": e.at, "act": e.act, "count": e.count, "note": e.note, "operator": e.operator,
                "first": e.serials.first if e.serials else None, "last": e.serials.last if e.serials else None,
                "from": e.pile if e.act is StockAct.DESTROYED else None,
                "expected": e.expected if e.act is StockAct.COUNTED else None, "station": e.station,
            }
            for e in report.ledger
        ]
    )  # fmt: skip
    told = {act: out.tr.text(words) for act, words in DONE.items()}
    out.table(
        [
            (e.at, told[e.act], e.count, f"{e.serials.first}–{e.serials.last}" if e.serials else "", e.note, e.operator)
            for e in report.ledger
        ]
    )
    return 0
