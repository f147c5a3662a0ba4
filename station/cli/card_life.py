"""``station card block`` and what else is done to a card after its hand-over; ``station holders withdraw-consent``."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

from station.domain.card import Card, CardAct, CardReplacement
from station.domain.errors import N_

if TYPE_CHECKING:
    from station.cli.output import Output
    from station.services.desk import Desk

ACTIONS = {
    "block": "block a card; ESC-Router is told INACTIVE",
    "unblock": "let a blocked card, or one that was found again, be used",
    "extend": "give a card a later last day; revives an expired one",
    "replace": "make way for the card that replaces this one, as the profile's [card] replace says",
    "revoke": "end a card for good; ESC-Router goes on knowing it, as INACTIVE",
    "history": "how a card stood since it was handed over",
}
"""What can be done to a card that need not be here."""

_WHY = {"lost": CardAct.REPORT_LOST, "stolen": CardAct.REPORT_STOLEN}

Adder = Callable[[argparse.ArgumentParser], None]


def add_arguments(actions: argparse._SubParsersAction[argparse.ArgumentParser], common: Adder) -> None:
    """Add the actions to ``station card``."""
    for name, text in ACTIONS.items():
        action = actions.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")
        action.add_argument("--escn", required=True, metavar="NUMBER", help="the card's number")
        if name != "history":
            action.add_argument("--reason", default="", metavar="TEXT", help="why, for the record")
        if name in ("block", "replace"):
            why = action.add_mutually_exclusive_group()
            why.add_argument("--lost", dest="why", action="store_const", const="lost", help="it was lost")
            why.add_argument("--stolen", dest="why", action="store_const", const="stolen", help="it was stolen")
        if name == "extend":
            action.add_argument("--until", required=True, type=_day, metavar="YYYY-MM-DD", help="its new last day")
        common(action)


def change(args: argparse.Namespace, out: Output, desk: Desk) -> int:
    """Change how a card stands, and say how it stands then."""
    life, reason = desk.lifecycle, args.reason
    # Only two of the actions have the option; asked of the others, argparse's namespace would raise.
    act = _WHY.get(getattr(args, "why", None) or "")
    match args.action:
        case "block":
            card = life.block(args.escn, reason, act=act or CardAct.BLOCK)
        case "unblock":
            card = life.unblock(args.escn, reason)
        case "extend":
            card = life.extend(args.escn, args.until, reason)
        case "replace":
            card = life.replaceable(args.escn, reason, act=act)
        case _:
            card = life.revoke(args.escn, reason)
    _tell(out, desk, card)
    # With the same number nothing is made: its last day moved, and the plastic goes on.
    if args.action == "replace" and (act or desk.settings.card.replace is CardReplacement.NEW_NUMBER):
        holder = desk.store.holders.get(card.holder_id)
        out.say(
            N_("Now make the new card: station issue --holder {number}"),
            number=holder.student_number if holder else "-",
        )
    return 0


def history(args: argparse.Namespace, out: Output, desk: Desk) -> int:
    """Print how a card stood since it was handed over."""
    from station.services.card_words import card_state

    notes = desk.lifecycle.history(args.escn)
    out.value(
        [
            {"at": n.at, "state": n.state, "reason": n.reason, "operator": n.operator, "station": n.station}
            for n in notes
        ]
    )
    out.table([(n.at, card_state(n.state), n.reason, n.operator, n.station) for n in notes])
    return 0


def withdraw_consent(args: argparse.Namespace, out: Output, desk: Desk) -> int:
    """Have ESC-Router forget a holder, or without ``--yes`` say what would be deleted."""
    from station.cli.finding import find_holder

    holder = find_holder(desk, args.holder)
    if not args.yes:
        # What is deleted at ESC-Router nobody gets back: it is shown first, and done with --yes only.
        cards = desk.store.cards.of_holder(holder.id)
        out.value({"holder": holder.student_number, "cards": [card.escn for card in cards], "done": False})
        out.plural(
            "ESC-Router would forget {name} and {n} card; the card stays valid here. To do it, add --yes.",
            "ESC-Router would forget {name} and {n} cards; the cards stay valid here. To do it, add --yes.",
            len(cards),
            name=holder.full_name,
        )
        return 0
    done = desk.lifecycle.withdraw_consent(holder)
    out.value({"holder": holder.student_number, "ended": done.ended, "deletions": done.deletions, "done": True})
    out.say(N_("Nothing more is told of {name}."), name=holder.full_name)
    out.plural("{n} entry was taken out of the queue.", "{n} entries were taken out of the queue.", done.ended)
    out.plural("{n} deletion waits.", "{n} deletions wait.", done.deletions)
    return 0


def agree_again(args: argparse.Namespace, out: Output, desk: Desk) -> int:
    """Let ESC-Router be told of a holder again who had withdrawn, or without ``--yes`` say what would be told."""
    from station.cli.finding import find_holder
    from station.services.consent import agrees

    holder = find_holder(desk, args.holder)
    # Agreed is not all: what was broken off after that record is still owed, and told by the same command.
    agreed, owed = agrees(desk.store, holder.id), desk.lifecycle.owed(holder)
    if agreed and not owed:
        out.value({"holder": holder.student_number, "cards": [], "done": False})
        out.say(N_("{name} has not withdrawn; there is nothing to do."), name=holder.full_name)
        return 0
    cards = owed if agreed else desk.lifecycle.telling_again(holder)
    count = desk.lifecycle.agree_again(holder) if args.yes else len(cards)
    out.value({"holder": holder.student_number, "cards": [card.escn for card in cards], "done": args.yes})
    if args.yes:
        out.plural(
            "ESC-Router may be told of {name} again; {n} card goes out now.",
            "ESC-Router may be told of {name} again; {n} cards go out now.",
            count,
            name=holder.full_name,
        )
    else:
        out.plural(
            "ESC-Router would be told of {name} and {n} card again. If {name} agrees, add --yes.",
            "ESC-Router would be told of {name} and {n} cards again. If {name} agrees, add --yes.",
            count,
            name=holder.full_name,
        )
    return 0


def _tell(out: Output, desk: Desk, card: Card) -> None:
    from station.services.card_words import card_state
    from station.services.public_status import router_standing

    out.value(
        {
            "escn": card.escn,
            "state": card.state,
            "reason": card.reason,
            "expires_on": card.expires_on,
            "registration": card.registration,
        }
    )
    out.say(
        N_("The card {escn}: {state}, last day {day}. ESC-Router: {registration}"),
        escn=card.escn,
        state=card_state(card.state),
        day=card.expires_on.isoformat(),
        registration=router_standing(desk.store, card).message,
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError("a day is written as in 2027-08-31") from error
