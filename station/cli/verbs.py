"""The verbs that need a desk: each calls services and prints what they say."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from station.cli.finding import demo_holders, desk_folder, find_holder, read_file
from station.cli.output import Output
from station.domain.errors import N_, InputError
from station.domain.holder import Holder, missing_for_card
from station.domain.journal_data import event_to_data
from station.domain.workflow import Issuance, JournalEntry
from station.ports.printer import RenderedCard
from station.services.desk import Desk
from station.services.headless import HeadlessRun, IssueReport

Verb = Callable[[argparse.Namespace, Output, Desk], int]


def demo(args: argparse.Namespace, out: Output, desk: Desk) -> int:
    """Issue cards to the first holders of the demo's queue, or to those who have none yet."""

    def came_out(issuance: Issuance) -> bool:
        """Look into the tray, as a person would: what came out of the demo's printer is a file."""
        return bool(desk.devices.printer.job_report(issuance.job).proof)

    run = HeadlessRun(desk, desk_folder(desk) / "cards", came_out=came_out, offline=args.offline)
    # Chosen before the first card is made: with too few people none is made, rather than some.
    holders = _next_holders(desk, args.count)
    for holder in holders:
        _tell(out, desk, run.issue(holder))
    out.say(N_("The artefacts lie in {folder}."), folder=desk_folder(desk))
    return 0


def issue(args: argparse.Namespace, out: Output, desk: Desk) -> int:
    """Make, verify and hand over one card."""
    holder = find_holder(desk, args.holder)
    picture = read_file(args.photo) if args.photo else None
    if picture is not None:
        _portrait(desk, args.photo)  # a picture that can't be used is refused before a number is taken
    # Tried before the card is begun: a picture that can't be written would stop it after the chip.
    folder = _folder(args.out or desk_folder(desk) / "cards")
    run = HeadlessRun(desk, folder, came_out=_asker(args.came_out, out))
    _tell(out, desk, run.issue(holder, picture, name=args.photo.name if args.photo else ""))
    return 0


def holders(args: argparse.Namespace, out: Output, desk: Desk) -> int:
    """Find holders, or import them."""
    if args.action == "import":
        from station.cli.importing import import_holders

        return import_holders(args, out, desk)
    if args.action in ("withdraw-consent", "agree-again"):
        from station.cli.card_life import agree_again, withdraw_consent

        return (withdraw_consent if args.action == "withdraw-consent" else agree_again)(args, out, desk)
    found = desk.store.holders.search(args.text, limit=args.limit)
    out.value([_holder_value(h) for h in found])
    out.table([(h.student_number, h.full_name, h.email or "-", h.esi or "-") for h in found])
    if not found:
        out.say(N_("Nobody was found for “{text}”."), text=args.text)
    return 0


def card(args: argparse.Namespace, out: Output, desk: Desk) -> int:
    """Read, check, write or erase the card on the reader, test the reader with it, or change how a card stands."""
    # Here and not above: the other verbs need nothing of the chip's cryptography, and don't wait for it.
    from station.cli import card_check, card_life, card_writing, cards, stress

    actions: dict[str, Verb] = {
        "read": cards.read_card,
        "check": card_check.check_card,
        "verify": cards.verify_card,
        "encode": card_writing.encode_card,
        "erase": card_writing.erase_card,
        "dump": cards.dump_card,
        "stress": stress.run,
        "history": card_life.history,
        **dict.fromkeys(("block", "unblock", "extend", "replace", "revoke"), card_life.change),
    }
    return actions[args.action](args, out, desk)


def keys(args: argparse.Namespace, out: Output, desk: Desk) -> int:
    """Check the keys, report which card carries which, or put one into the keyring."""
    from station.cli.keys import keys as run

    return run(args, out, desk)


def layout(args: argparse.Namespace, out: Output, desk: Desk) -> int:
    """Sign, approve, retire and list layouts, or check the register's names against one."""
    from station.cli.layout import run_at_desk

    return run_at_desk(args, out, desk)


def render(args: argparse.Namespace, out: Output, desk: Desk) -> int:
    """Draw a holder's card into files: both sides as PNG, and a PDF of exact size."""
    from station.render.pdf import png, proof_pdf

    name, rendered = _drawn_again(args, desk) if args.card else _drawn_today(args, desk)
    _folder(args.out)
    # Written into the files, so that another program prints the card in its own size.
    dpi = (rendered.dpi_x, rendered.dpi_y)
    files = {"front.png": png(rendered.front.composite, *dpi), "proof.pdf": proof_pdf(rendered)}
    if rendered.back is not None:
        files["back.png"] = png(rendered.back.composite, *dpi)
    written = {}
    for file, data in files.items():
        path = args.out / f"{name}-{file}"
        path.write_bytes(data)
        written[file.split(".")[0]] = path
    out.value(written)
    for path in written.values():
        out.say("{path}", path=path)
    return 0


def _drawn_today(args: argparse.Namespace, desk: Desk) -> tuple[str, RenderedCard]:
    holder = find_holder(desk, args.holder)
    last = desk.store.portraits.last_of(holder.id)
    jpeg = _portrait(desk, args.photo) if args.photo else (last.image if last else None)
    return holder.student_number, desk.draft(holder, jpeg)


def _drawn_again(args: argparse.Namespace, desk: Desk) -> tuple[str, RenderedCard]:
    """Return a card as it was made: its own layout in the version that it was begun with, its own portrait and days."""
    issuance = desk.store.issuances.by_escn(args.card.lower())
    if issuance is None:
        raise InputError(N_("No card here has the number {value}."), N_("Check the number."), value=args.card)
    return issuance.escn, desk.render(issuance).card


def photo(args: argparse.Namespace, out: Output, desk: Desk) -> int:
    """Print how often each check of the photo was gone over, or how each portrait under review stands."""
    if args.action == "review":
        from station.cli.photo_review import review

        return review(args, out, desk)
    from station.cli.photo import overrides

    return overrides(args, out, desk)


def printers(args: argparse.Namespace, out: Output, desk: Desk) -> int:
    """List drivers and printers, or look after one."""
    from station.cli.printers import printers as run

    return run(args, out, desk)


def print_cards(args: argparse.Namespace, out: Output, desk: Desk) -> int:
    """Print a card that waits for it, or all that need no hand."""
    from station.cli.printing import run

    return run(args, out, desk, _asker(args.came_out, out))


def stock(args: argparse.Namespace, out: Output, desk: Desk) -> int:
    """Write down what became of blanks, or say how the stock stands."""
    from station.cli.stock import stock as run

    return run(args, out, desk)


def queue(args: argparse.Namespace, out: Output, desk: Desk) -> int:
    """Show the queue, or do something about it."""
    from station.cli.queue import queue as run

    return run(args, out, desk)


def merge(args: argparse.Namespace, out: Output, desk: Desk) -> int:
    """Say how this desk stands to the shared database, or decide what could not be merged."""
    from station.cli.merge import merge as run

    return run(args, out, desk)


def sync(args: argparse.Namespace, out: Output, desk: Desk) -> int:
    """Send what is due."""
    from station.cli.sync import sync as run

    return run(args, out, desk)


def reconcile(args: argparse.Namespace, out: Output, desk: Desk) -> int:
    """Compare the cards here with those at ESC-Router."""
    from station.cli.reconcile import reconcile as run

    return run(args, out, desk)


def admin(args: argparse.Namespace, out: Output, desk: Desk) -> int:
    """Enrol stations, list them, withdraw one."""
    from station.cli.admin import run

    return run(args, out, desk)


def journal(args: argparse.Namespace, out: Output, desk: Desk) -> int:
    """Print the journal."""
    if args.escn:
        issuance = desk.store.issuances.by_escn(args.escn.lower())
        if issuance is None:
            raise InputError(N_("No card here has the number {value}."), N_("Check the number."), value=args.escn)
        entries = desk.store.issuances.journal(issuance.id)
    else:
        entries = desk.store.issuances.journal_since(None, limit=args.limit)
    out.value([_journal_value(e) for e in entries])
    out.table([(e.at, e.issuance_id[:8], type(e.event).__name__, _details(e), e.operator, e.station) for e in entries])
    if not entries:
        out.say(N_("The journal is empty: no card was begun here yet."))
    return 0


def _details(entry: JournalEntry) -> str:
    return " ".join(f"{k}={v}" for k, v in event_to_data(entry.event)[1].items() if v != "")


def _tell(out: Output, desk: Desk, report: IssueReport) -> None:
    from station.services.public_status import router_standing

    out.value(report_value(desk, report))
    card = report.card
    out.say(N_("{name}: card {escn}"), name=report.holder.full_name, escn=card.escn if card else "-")
    if report.issuance is not None:
        out.say(
            N_("chip {uid}, {count} commands, read back"),
            2,
            uid=report.issuance.uid or "-",
            count=report.issuance.apdus,
        )
    out.say(N_("front {front}"), 2, front=report.front)
    if report.job is not None:
        out.say(N_("print {state} {proof}"), 2, state=report.job.state.value, proof=report.job.proof)
    if card is not None:
        out.say("ESC-Router: {stands}", 2, stands=router_standing(desk.store, card).message)
    out.say(N_("{seconds} s"), 2, seconds=report.seconds.get("total", 0))


def report_value(desk: Desk, report: IssueReport) -> dict[str, object]:
    """Return what was done for one card, as plain values."""
    issuance, issued, job = report.issuance, report.card, report.job
    entries = desk.store.issuances.journal(issuance.id) if issuance else ()
    return {
        "holder": _holder_value(report.holder),
        "escn": issuance.escn if issuance else None,
        "uid": issuance.uid if issuance else None,
        "chip": {
            "profile": issuance.chip_profile if issuance else None,
            "apdus": issuance.apdus if issuance else 0,
            "verified": issued is not None,
        },
        "render": {"front": report.front, "back": report.back, "qr": report.qr},
        "print": {
            "job": job.job if job else None,
            "state": job.state if job else None,
            "proof": job.proof if job else None,
        },
        "registration": {"state": issued.registration if issued else None, "router_status": report.router_status},
        "journal": [_journal_value(e) for e in entries],
        "seconds": {
            step: report.seconds.get(step, 0.0)
            for step in ("total", "capture", "encode", "render", "print", "register")
        },
    }


def _holder_value(holder: Holder) -> dict[str, object]:
    return {
        "student_number": holder.student_number,
        "name": holder.full_name,
        "esi": holder.esi,
        "email": holder.email,
        "missing": [m.english() for m in missing_for_card(holder)],
    }


def _journal_value(entry: JournalEntry) -> dict[str, object]:
    name, data = event_to_data(entry.event)
    return {
        "at": entry.at,
        "issuance": entry.issuance_id,
        "event": name,
        **data,
        "operator": entry.operator,
        "station": entry.station,
    }


def _next_holders(desk: Desk, count: int) -> list[Holder]:
    """Return the first holders of the demo register, in its own order, who can have a card and have none."""
    found: list[Holder] = []
    for holder in demo_holders(desk):
        if not missing_for_card(holder) and not desk.store.cards.of_holder(holder.id):
            found.append(holder)
        if len(found) == count:
            return found
    raise InputError(
        N_("Only {count} holders of the demo register have no card yet."),
        N_("Ask for fewer cards, or begin anew with another folder: --data FOLDER"),
        count=len(found),
    )


def _portrait(desk: Desk, file: Path) -> bytes:
    from station.domain.portrait import PortraitSource
    from station.photo.portraits import Sitting, make_portrait

    # Nobody's: it is only to see whether the picture can be used, and is kept nowhere.
    sitting = Sitting("preview", "preview", desk.clock.now(), PortraitSource.FILE, file=file.name)
    return make_portrait(sitting, read_file(file), shape=desk.making.portrait_shape).image


def _folder(path: Path) -> Path:
    """Return a folder that can be written into, made if need be."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        # Really written: what a folder's rights say is not all, a disk may be full or mounted for reading only.
        with tempfile.TemporaryFile(dir=path):
            pass
    except OSError as error:
        raise InputError(
            N_("Nothing can be written to {folder}: {detail}"),
            N_("Name a folder, one that may be written to."),
            folder=path,
            detail=error.strerror,
        ) from error
    return path


def _asker(answer: str, out: Output) -> Callable[[Issuance], bool]:
    def came_out(issuance: Issuance) -> bool:
        if answer != "ask":
            return answer == "yes"
        if not sys.stdin.isatty():
            raise InputError(
                N_("The printer can't tell whether the card {escn} came out, and nobody is here to ask."),
                N_("Look at the printer, then run the same command again with --came-out yes or --came-out no."),
                escn=issuance.escn,
            )
        out.say(N_("Did the card come out of the printer, and is it good? [y/n]"))
        # Whatever is no clear yes counts as no: a card that lies there is found, one that never came is handed to
        # nobody.
        return sys.stdin.readline().strip().lower() in ("y", "yes", "j", "jā")

    return came_out


VERBS: dict[str, Verb] = {
    "demo": demo,
    "issue": issue,
    "holders": holders,
    "card": card,
    "keys": keys,
    "layout": layout,
    "render": render,
    "photo": photo,
    "printers": printers,
    "print": print_cards,
    "stock": stock,
    "queue": queue,
    "reconcile": reconcile,
    "sync": sync,
    "journal": journal,
    "admin": admin,
    "merge": merge,
}
