"""``station queue``: what is still to be told to ESC-Router, what was promised meanwhile, and the day so far."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from station.cli import queue_carry, queue_export
from station.domain.errors import N_, InputError
from station.domain.message import Message

# The parser needs this module for its words alone: what only works at a desk is imported there.
if TYPE_CHECKING:
    from station.cli.output import Output
    from station.domain.outbox import OutboxEntry
    from station.domain.queue_export import Export
    from station.services.desk import Desk
    from station.services.promises import Promise

Adder = Callable[[argparse.ArgumentParser], None]
Action = Callable[[argparse.Namespace, "Output", "Desk"], int]

_SHOWN = 100
_WIDTH = 40


def add_arguments(parser: argparse.ArgumentParser, common: Adder) -> None:
    """Add the actions of ``station queue``; without one it lists."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION")

    def action(name: str, text: str) -> argparse.ArgumentParser:
        return actions.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")

    listing = action("list", "each entry with its state, its age and the last answer (what queue does by itself)")
    listing.add_argument("--parked", action="store_true", help="only those that need a decision")
    listing.add_argument("--limit", type=int, default=_SHOWN, help=f"how many at most ({_SHOWN})")
    again = action("retry", "try now: one entry, or all that are parked or put off")
    again.add_argument("key", nargs="?", help="the entry's key, as list --json gives it; all of them without it")
    accept = action("accept-router", "go on with a router that was changed on purpose")
    promised = action("promises", "who was handed a card that ESC-Router doesn't know yet, and what was kept today")
    slip = action("slip", "a slip for them, as a PDF for any printer")
    who = slip.add_mutually_exclusive_group(required=True)
    who.add_argument("--holder", metavar="NUMBER", help="student number")
    who.add_argument("--all", action="store_true", help="one for everybody whose promise is not kept yet")
    slip.add_argument("--language", choices=["lv", "en", "uk", "ru"], help="one more language; Latvian and English")
    slip.add_argument("--out", type=Path, required=True, metavar="FILE", help="where to: a .pdf")
    day = action("day", "cards issued today against cards registered, hour by hour")
    for each in (listing, again, accept, promised, slip, day):
        common(each)
    queue_export.add_arguments(actions, common)
    queue_carry.add_arguments(actions, common)
    parser.set_defaults(action="list", limit=_SHOWN, parked=False)


def queue(args: argparse.Namespace, out: Output, desk: Desk) -> int:
    """Show the queue, or do something about it."""
    actions: dict[str, Action] = {
        "list": _list,
        "retry": _retry,
        "accept-router": _accept,
        "promises": _promises,
        "slip": _slip,
        "day": _day,
        "export": queue_export.export,
        "settle": queue_export.settle,
        "carry": queue_carry.carry,
        "take": queue_carry.take,
        "answer": queue_carry.answer,
    }
    return actions[args.action](args, out, desk)


def _list(args: argparse.Namespace, out: Output, desk: Desk) -> int:
    from station.domain.outbox import KIND_NAMES

    outbox, now = desk.store.outbox, desk.clock.now()
    found = outbox.parked(limit=args.limit).entries if args.parked else outbox.entries(limit=args.limit)
    summary = outbox.summary()
    left = desk.store.queue_exports.latest([entry.key for entry in found])
    out.value(
        {
            "waiting": summary.waiting,
            "parked": summary.parked,
            "oldest_at": summary.oldest_at,
            "entries": [_entry_value(desk, entry, left.get(entry.key)) for entry in found],
        }
    )
    for entry in found:
        answer, todo = _answer(entry)
        row = (Message(_STATES[entry.state.value]), Message(KIND_NAMES[entry.kind]), _name(desk, entry))
        out.table([(*row, out.tr.age(now - entry.created_at), out.tr.plural("{n} try", "{n} tries", entry.attempts))])
        gone = left[entry.key].message if entry.key in left else None
        # What to do is told only where a person has to do it; what waits goes by itself.
        for said in (answer, todo if entry.state.value == "parked" else None, gone):
            if said is not None and said.msgid:
                out.say("{text}", 4, text=out.tr.message(said))
        if entry.state.value == "parked" and not entry.final:
            out.say(N_("Try now: station queue retry {key}"), 4, key=entry.key)
    out.say(N_("{waiting} wait, {parked} need a decision."), waiting=summary.waiting, parked=summary.parked)
    # Said, so that nobody takes the first hundred for all there are.
    if len(found) == args.limit:
        out.say(N_("Only the first {count} are shown; for more: --limit NUMBER"), count=args.limit)
    return 0


def _retry(args: argparse.Namespace, out: Output, desk: Desk) -> int:
    count = desk.outbox.retry(args.key)
    if args.key and not count:
        entry = desk.store.outbox.get(args.key)
        # Its own answer is told: "no such entry" would send somebody to look for a mistake in the key.
        if entry is not None and entry.final:
            answer, todo = _answer(entry)
            values = {name: value for name, value in answer.params.items() if name != "todo"}
            raise InputError(answer.msgid, todo.msgid, **values)
        raise InputError(
            N_("Nothing in the queue has the key {value}."),
            N_("See the keys with: station queue --json"),
            value=args.key,
        )
    out.value({"retried": count})
    out.plural("{n} will be sent again.", "{n} will be sent again.", count)
    return 0


def _accept(_args: argparse.Namespace, out: Output, desk: Desk) -> int:
    desk.outbox.accept_router()
    out.value({"accepted": desk.router.base_url})
    out.say(
        N_("From now on {url} is taken as it is. What was registered elsewhere stays there."), url=desk.router.base_url
    )
    return 0


def _promises(_args: argparse.Namespace, out: Output, desk: Desk) -> int:
    """List them; 1 when one can't be kept before somebody has decided something."""
    from station.services.promises import promises
    from station.services.router_day import midnight_before

    now = desk.clock.now()
    found = promises(desk.store, now, since=midnight_before(now))
    out.value({"open": [_promise_value(p) for p in found.open], "kept": [_promise_value(p) for p in found.kept]})
    for promise in found.open:
        age = out.tr.age(now - promise.made_at)
        state = Message(N_("needs a decision") if promise.stuck else N_("waits"))
        out.table([("–", _promised_to(promise), promise.card.escn, promise.made_at, age, state)])
        for said in (promise.why, promise.todo):
            if said is not None:
                out.say("{text}", 4, text=out.tr.message(said))
    out.table([("✓", _promised_to(p), p.card.escn, p.made_at, p.kept_at) for p in found.kept])
    out.plural(
        "{n} promise is not kept yet, {kept} were kept today.",
        "{n} promises are not kept yet, {kept} were kept today.",
        len(found.open),
        kept=len(found.kept),
    )
    # A promise that waits is kept by itself; only what needs a person makes a script call one.
    return 1 if any(promise.stuck for promise in found.open) else 0


def _slip(args: argparse.Namespace, out: Output, desk: Desk) -> int:
    from station.cli.finding import find_holder
    from station.render.slip import slip_pdf
    from station.services.promises import SLIP_LANGUAGES, promise_of, slip_at

    if args.all:
        cards = list(desk.store.cards.untold())
    else:
        cards = list(desk.store.cards.of_holder(find_holder(desk, args.holder).id))
    # Nobody gets a slip for what was registered meanwhile: it would promise what is done.
    cards = [card for card in cards if promise_of(desk.store, card) is not None]
    if not cards:
        raise InputError(N_("Nobody of these waits for a registration."), N_("No slip is needed."))
    languages = (*SLIP_LANGUAGES, args.language) if args.language else SLIP_LANGUAGES
    try:
        args.out.write_bytes(slip_pdf([slip_at(desk, card, languages) for card in cards]))
    except OSError as error:
        raise InputError(
            N_("The file {file} can't be written: {detail}"),
            N_("Name a place that may be written to."),
            file=args.out,
            detail=error.strerror,
        ) from error
    out.value({"file": args.out, "slips": len(cards)})
    out.plural("{n} slip: {file}", "{n} slips: {file}", len(cards), file=args.out)
    return 0


def _day(_args: argparse.Namespace, out: Output, desk: Desk) -> int:
    from station.services.router_day import router_day

    day = router_day(desk.store, desk.clock.now())
    issued, registered = len(day.issued), len(day.registered)
    steps = day.steps()
    out.value(
        {
            "day": day.midnight.date(),
            "until": day.until,
            "issued": issued,
            "registered": registered,
            "steps": [{"at": at, "issued": made, "registered": told} for at, made, told in steps],
        }
    )
    top = max(issued, registered, 1)
    for at, made, told in steps:
        # At most as long as what was issued: registered today may be cards of yesterday, too.
        bar = "█" * round(_WIDTH * min(told, made) / top)
        rest = "░" * (round(_WIDTH * made / top) - len(bar))
        out.table([(out.tr.time(at), f"{bar}{rest}".ljust(_WIDTH), f"{told}/{made}")])
    out.say(
        N_("Today: {issued} issued, {registered} registered (also earlier ones)."), issued=issued, registered=registered
    )
    return 0


def _name(desk: Desk, entry: OutboxEntry) -> str:
    card = desk.store.cards.get(entry.escn) if entry.escn else None
    holder = desk.store.holders.get(card.holder_id) if card is not None else None
    return holder.full_name if holder is not None else entry.escn


def _promised_to(promise: Promise) -> str:
    return promise.holder.full_name if promise.holder is not None else "?"


def _promise_value(promise: Promise) -> dict[str, object]:
    return {
        "escn": promise.card.escn,
        "holder": promise.holder.student_number if promise.holder else None,
        "name": promise.holder.full_name if promise.holder else None,
        "made_at": promise.made_at,
        "kept_at": promise.kept_at,
        "stuck": promise.stuck,
        "why": promise.why,
        "todo": promise.todo,
    }


def _entry_value(desk: Desk, entry: OutboxEntry, left: Export | None) -> dict[str, object]:
    answer, todo = _answer(entry)
    return {
        "key": entry.key,
        "kind": entry.kind,
        "escn": entry.escn,
        "name": _name(desk, entry),
        "state": entry.state,
        "attempts": entry.attempts,
        "created_at": entry.created_at,
        "age_s": max(0, int((desk.clock.now() - entry.created_at).total_seconds())),
        "next_at": entry.next_at,
        "answer": answer,
        "todo": todo,
        "left_in": None if left is None else left.way,
        "left_at": None if left is None else left.at,
    }


def _answer(entry: OutboxEntry) -> tuple[Message, Message]:
    """Return what the router answered last, and what to do about it."""
    todo = str(entry.last_params.get("todo", ""))
    return Message(entry.last_answer, entry.last_params), Message(todo, entry.last_params)


_STATES = {"waiting": N_("waits"), "parked": N_("needs a decision"), "done": N_("done")}
