"""``station layout``: begin, check, draw, sign and list card layouts.

One row a verb. What a verb does stands in ``station.cli.layout_<verb>``, loaded when it is asked for; those in
``WITH_DESK`` need the station's store, register or keys, the others work on files alone.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING

from station.cli.output import Output

if TYPE_CHECKING:
    from station.services.desk import Desk


def add_arguments(parser: argparse.ArgumentParser, common: Callable[[argparse.ArgumentParser], None]) -> None:
    """Add the verbs and what each takes; ``common`` adds what every verb of the station takes."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    for name, (text, add) in _WORDS.items():
        action = actions.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")
        add(action)
        common(action)


def needs_desk(action: str) -> bool:
    """Return whether a verb works on the station's own store, register or keys."""
    return action in WITH_DESK


def run(args: argparse.Namespace, out: Output) -> int:
    """Carry out a verb that works on files alone."""
    return ON_FILES[args.action](args, out)


def run_at_desk(args: argparse.Namespace, out: Output, desk: Desk) -> int:
    """Carry out a verb that needs the desk."""
    return WITH_DESK[args.action](args, out, desk)


Words = Callable[[argparse.ArgumentParser], None]
_WORDS: dict[str, tuple[str, Words]] = {}
"""Each verb: its line in the help, and what it takes."""

ON_FILES: dict[str, Callable[[argparse.Namespace, Output], int]] = {}
"""The verbs that need no desk; each imports its module when it is called."""

WITH_DESK: dict[str, Callable[[argparse.Namespace, Output, Desk], int]] = {}
"""The verbs that need the desk; each imports its module when it is called."""
