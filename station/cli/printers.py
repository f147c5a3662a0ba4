"""The verb for printers: which there are, how they stand, the test card, what they need, what was done to them."""

from __future__ import annotations

import argparse
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from station.domain.elements import CARD_HEIGHT_MM, CARD_WIDTH_MM
from station.domain.errors import N_, InputError
from station.domain.print_care import CareAct, Correction, Reading, Rulers, corrected_by

# The parser needs this module for its words alone: what only works at a desk is imported there.
if TYPE_CHECKING:
    from station.cli.output import Output
    from station.ports.printer import Printer
    from station.ports.store import PrintedCard
    from station.services.desk import Desk
    from station.services.print_care import CareReport

_DIRECT = {
    "x": "x_mm", "y": "y_mm", "back_x": "back_x_mm", "back_y": "back_y_mm", "scale_x": "scale_x",
    "scale_y": "scale_y", "gamma": "gamma", "cyan": "cyan", "magenta": "magenta", "yellow": "yellow",
}  # fmt: skip
_RULERS = ("left", "right", "upper", "lower")


def add_arguments(parser: argparse.ArgumentParser, common: Callable[[argparse.ArgumentParser], None]) -> None:
    """Add the actions of ``station printers``."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION")
    made = {name: actions.add_parser(name, help=text, description=text) for name, text in _ACTIONS.items()}
    for name, action in made.items():
        if name != "list":
            action.add_argument("--printer", metavar="NAME", help="which, where this station has several (the first)")
        common(action)
    made["status"].add_argument("--jobs", type=int, default=10, help="how many of its last cards are told (10)")
    made["test-card"].add_argument(
        "--corrected", action="store_true", help="with the printer's correction, to see whether it is right"
    )
    for edge in (*_RULERS, "back-left", "back-upper"):
        made["calibrate"].add_argument(
            f"--{edge}", type=float, metavar="MM", help=f"what the uncorrected test card's ruler shows there: {edge}"
        )
    for name in _DIRECT:
        made["calibrate"].add_argument(f"--{name.replace('_', '-')}", type=float, metavar="N", help="set it by hand")
    made["calibrate"].add_argument("--reset", action="store_true", help="begin anew: no correction at all")
    made["note"].add_argument("done", choices=[CareAct.RIBBON_CHANGED.value, CareAct.CLEANED.value])


_ACTIONS = {
    "list": "the drivers that there are, and this station's printers (this without an action)",
    "status": "how a printer stands: state, ribbon, cleaning, and what became of its last cards",
    "test-card": "print the test card: rulers, colours, greys, codes",
    "calibrate": "enter what the rulers of the test card show, or corrections by hand; says what holds",
    "note": "write down that a new ribbon was put in, or that the printer was cleaned",
}


def printers(args: argparse.Namespace, out: Output, desk: Desk) -> int:
    """List drivers and printers, or look after one."""
    actions: dict[str | None, Callable[[argparse.Namespace, Output, Desk], int]] = {
        "status": _status,
        "test-card": _test_card,
        "calibrate": _calibrate,
        "note": _note,
    }
    return actions.get(args.action, _list)(args, out, desk)


def _list(args: argparse.Namespace, out: Output, desk: Desk) -> int:
    from station.app.build import driver_names
    from station.services.health import printer_health

    found = [_printer_value(desk, printer) for printer in desk.printers]
    names = driver_names(desk.settings)
    out.value({"drivers": names, "printer": found[0], "printers": found})
    out.say(N_("Drivers: {names}"), names=", ".join(names))
    rows = []
    for printer in desk.printers:
        status = printer.status()
        # Asked once a printer and used twice: an answer may take seconds from one that is switched off.
        health = printer_health(status)
        rows.append((status.name, status.model, health.message, health.todo))
    out.table(rows)
    return 0


def _printer_value(desk: Desk, printer: Printer) -> dict[str, object]:
    status, number = printer.status(), desk.printers.index(printer)
    return {
        "name": status.name,
        "driver": desk.settings.printers[number].driver,
        "model": status.model,
        "state": status.state,
        "reasons": status.reasons,
        "ribbon_percent": status.ribbon_percent,
    }


def _status(args: argparse.Namespace, out: Output, desk: Desk) -> int:
    from station.ports.printer import PrinterState
    from station.services.health import printer_health
    from station.services.print_care import became

    printer = _chosen(args, desk)
    report = desk.care.report(printer)
    health = printer_health(report.status)
    jobs = report.jobs[: max(0, args.jobs)]
    says = report.consumables
    out.value(
        {
            **_printer_value(desk, printer),
            "ribbon": says.ribbon,
            "ribbon_cards": report.ribbon_cards,
            "ribbon_lasts_to": report.ribbon_lasts_to,
            "feeder_cards": says.feeder_cards,
            "cards": report.cards,
            "cards_since_ribbon": report.cards_since_ribbon,
            "cards_since_cleaning": report.cards_since_cleaning,
            "cards_to_cleaning": report.cards_to_cleaning,
            "cleaning_due": report.cleaning_due,
            "correction": report.correction.as_data(),
            "jobs": [_job_value(job) for job in jobs],
        }
    )
    out.table([(report.status.name, report.status.model, health.message, health.todo)])
    _say_care(out, report)
    # A pending job is being printed or waits in a printer that stands still, and only the printer knows which.
    prints = report.status.state is PrinterState.PRINTING
    told = [out.tr.message(became(job.issuance, prints=prints)) for job in jobs]
    out.table([(j.at, j.issuance.escn, j.issuance.job, what) for j, what in zip(jobs, told, strict=True)])
    return 0


def _say_care(out: Output, report: CareReport) -> None:
    if report.ribbon_cards is not None:
        out.say(N_("The ribbon is good for {count} more cards."), 2, count=report.ribbon_cards)
    if report.ribbon_lasts_to is not None:
        out.say(N_("It lasts to {day}."), 2, day=report.ribbon_lasts_to.isoformat())
    if report.cleaning_due:
        out.say(N_("It is time to clean the printer."), 2)
    elif report.cards_to_cleaning is not None:
        out.say(N_("It is to be cleaned in {count} cards."), 2, count=report.cards_to_cleaning)
    out.say(N_("{count} cards were printed on it from here."), 2, count=report.cards)


def _job_value(job: PrintedCard) -> dict[str, object]:
    issuance = job.issuance
    return {
        "at": job.at, "job": issuance.job, "escn": issuance.escn, "state": issuance.state,
        "pending": issuance.pending, "doubt": issuance.doubt, "prints": issuance.prints, "cause": issuance.cause,
    }  # fmt: skip


def _test_card(args: argparse.Namespace, out: Output, desk: Desk) -> int:
    from station.services.headless import nothing_more

    printer = _chosen(args, desk)
    # Those beside it have cards of their own: only one in this very printer would be in the test card's way.
    others = frozenset(each.name for each in desk.printers) - {printer.name}
    report = desk.care.test_card(
        printer, with_correction=args.corrected, others=others, cancel=threading.Event(), progress=nothing_more
    )
    out.value(
        {"printer": printer.name, "job": report.job, "state": report.state, "proof": report.proof,
         "corrected": args.corrected}
    )  # fmt: skip
    out.say(N_("The test card was given to {name}: {state} {proof}"), name=printer.name, state=report.state.value,
            proof=report.proof)  # fmt: skip
    if not args.corrected:
        out.say(N_("Read the rulers at the middle of each edge, then: station printers calibrate --left MM --right MM"))
    return 0


def _calibrate(args: argparse.Namespace, out: Output, desk: Desk) -> int:
    printer = _chosen(args, desk)
    before = Correction() if args.reset else desk.care.correction(printer.name)
    wanted = _corrected(args, before)
    # Asked without a change it only tells what holds: a line in the record would say that somebody calibrated.
    if wanted != before or args.reset:
        desk.care.calibrate(printer.name, wanted)
    out.value({"printer": printer.name, "correction": wanted.as_data()})
    out.table([(name, f"{value:g}") for name, value in wanted.as_data().items()])
    return 0


def _corrected(args: argparse.Namespace, correction: Correction) -> Correction:
    front: list[float | None] = [getattr(args, edge) for edge in _RULERS]
    read = Reading(Rulers(*front), args.back_left, args.back_upper)
    correction = corrected_by(correction, read, CARD_WIDTH_MM, CARD_HEIGHT_MM)
    # What was set by hand goes over what the rulers say: whoever names a figure has looked at it.
    by_hand = {field: getattr(args, name) for name, field in _DIRECT.items() if getattr(args, name) is not None}
    return replace(correction, **by_hand).checked()


def _note(args: argparse.Namespace, out: Output, desk: Desk) -> int:
    printer = _chosen(args, desk)
    desk.care.note(printer.name, CareAct(args.done))
    report = desk.care.report(printer)
    out.value({"printer": printer.name, "ribbon_cards": report.ribbon_cards, "cleaning_due": report.cleaning_due})
    _say_care(out, report)
    return 0


def _chosen(args: argparse.Namespace, desk: Desk) -> Printer:
    if args.printer is None:
        return desk.printers[0]
    found = [printer for printer in desk.printers if printer.name == args.printer]
    if not found:
        names = ", ".join(printer.name for printer in desk.printers)
        raise InputError(N_("This station has no printer {value}."), _NAMES, value=args.printer, names=names)
    return found[0]


_NAMES = N_("It has: {names}")
