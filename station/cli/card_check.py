"""``station card check``: whether a card is good, as anybody in Europe may ask."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from station.cli.output import Output
    from station.services.desk import Desk


def add_arguments(action: argparse.ArgumentParser) -> None:
    """Add the options of ``station card check``."""
    what = action.add_mutually_exclusive_group()
    what.add_argument("--escn", metavar="NUMBER", help="a card number; without it the card on the reader is checked")
    what.add_argument("--qr", metavar="TEXT", help="what the card's QR says, as a hand scanner types it")


def check_card(args: argparse.Namespace, out: Output, desk: Desk) -> int:
    """Print the verdict; 1 when the card can't be taken as good."""
    from station.services.card_check import lines_of, title_of

    text = args.escn if args.escn is not None else args.qr
    if text is not None:
        check = desk.card_checker.check_text(text)
    else:
        from station.chip.glance import glance
        from station.cli.cards import on_reader

        with on_reader(args, desk) as connection:
            seen = glance(connection)
        # With the reader free again: the router may take its time, and nobody else could use the card meanwhile.
        check = desk.card_checker.check_seen(desk.card_watch.known(seen))
    out.value(
        {
            "verdict": check.verdict,
            "valid": check.valid,
            "escn": check.escn or None,
            "issuer": check.issuer or None,
            "ours": check.ours,
            "copy": check.copy,
            "issued_on": check.issued_on,
            "expires_on": check.expires_on,
            "state_here": check.card.state if check.card else None,
        }
    )
    out.say("{title}", title=title_of(check))
    for line in lines_of(check):
        out.say("{line}", 2, line=line)
    # A script at a door asks nothing else: whatever is not surely good ends with 1.
    return 0 if check.valid else 1
