"""``station layout``: begin, check, draw, sign and list card layouts.

One row a verb. What a verb does stands in ``station.cli.layout_<verb>``, loaded when it is asked for; those in
``WITH_DESK`` need the station's store, register or keys, the others work on files alone.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import date
from pathlib import Path
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


# --- what each verb takes ---------------------------------------------------------------------------------------


def _new(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="what it is called: small letters, digits and hyphens")
    parser.add_argument("--like", default="university", metavar="LAYOUT", help="a ready layout or a file (university)")
    parser.add_argument("--extends", action="store_true", help="take everything from that one, and say what differs")
    parser.add_argument("--title", default=None, help="what people read in lists")
    parser.add_argument("--out", type=Path, metavar="FILE", help="a .zip, or a folder to be made (NAME.zip)")


def _lint(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("layout", metavar="LAYOUT", help="a ready layout, a .zip, or a folder")
    parser.add_argument(
        "--printer", default="generic-cr80-300", metavar="PROFILE", help="the printer model (generic-cr80-300)"
    )
    parser.add_argument("--rules", type=Path, metavar="FILE", help="other rules than those of the day (a TOML file)")
    parser.add_argument("--day", type=_day, metavar="YYYY-MM-DD", help="the day whose rules hold (today)")


def _check_names(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("layout", nargs="?", metavar="LAYOUT", help="try this one, whatever card each gets")
    parser.add_argument("--limit", type=int, default=0, metavar="NUMBER", help="how many people at most are listed")


def _render(parser: argparse.ArgumentParser) -> None:
    # Its words stand beside what it does: they are many, and no other verb takes them.
    from station.cli.layout_render import add_arguments as add_render_arguments

    add_render_arguments(parser)


def _sign(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="the layout: a .zip, or its folder")
    parser.add_argument("--key", default="layout-signing", metavar="NAME", help="the signing key (layout-signing)")
    parser.add_argument("--out", type=Path, metavar="FILE", help="where to (the same file)")
    parser.add_argument("--despite-errors", action="store_true", help="even if station layout lint says it is wrong")


def _approve(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="the signed layout")


def _retire(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("layout", metavar="NAME/VERSION", help="which one, as station layout list names it")


def _list(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--drafts", action="store_true", help="those, too, that cards were made to without approval")


def _save(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("layout", metavar="NAME/VERSION", help="which one, as station layout list names it")
    parser.add_argument("--digest", default="", metavar="HEX", help="which contents of it, by the digest's beginning")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="a .zip, or a folder to be made")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError("a day is written as in 2026-09-01") from error


# --- where the verbs are ------------------------------------------------------------------------------------------


def _run_new(args: argparse.Namespace, out: Output) -> int:
    from station.cli.layout_new import run as run_new

    return run_new(args, out)


def _run_lint(args: argparse.Namespace, out: Output) -> int:
    from station.cli.layout_lint import lint_layout

    return lint_layout(args, out)


def _run_render(args: argparse.Namespace, out: Output) -> int:
    from station.cli.layout_render import run as run_render

    return run_render(args, out)


def _run_check_names(args: argparse.Namespace, out: Output, desk: Desk) -> int:
    from station.cli.layout_names import check_names

    return check_names(args, out, desk)


def _run_sign(args: argparse.Namespace, out: Output, desk: Desk) -> int:
    from station.cli.layout_approving import sign

    return sign(args, out, desk)


def _run_approve(args: argparse.Namespace, out: Output, desk: Desk) -> int:
    from station.cli.layout_approving import approve

    return approve(args, out, desk)


def _run_retire(args: argparse.Namespace, out: Output, desk: Desk) -> int:
    from station.cli.layout_approving import retire

    return retire(args, out, desk)


def _run_list(args: argparse.Namespace, out: Output, desk: Desk) -> int:
    from station.cli.layout_approving import show_list

    return show_list(args, out, desk)


def _run_save(args: argparse.Namespace, out: Output, desk: Desk) -> int:
    from station.cli.layout_approving import save

    return save(args, out, desk)


Words = Callable[[argparse.ArgumentParser], None]
_WORDS: dict[str, tuple[str, Words]] = {
    "new": ("begin a layout from one that is ready", _new),
    "lint": ("say what is wrong with a layout, for one model of printer", _lint),
    "render": ("draw a layout into files, for one model of printer", _render),
    "check-names": ("list whose names will look wrong, of everyone in the register", _check_names),
    "sign": ("approve a layout's contents with a signature", _sign),
    "approve": ("keep a signed layout here, for cards to be made to", _approve),
    "retire": ("make no new cards to a version any more", _retire),
    "list": ("which layouts are kept here, and how they stand", _list),
    "save": ("write a layout that is kept here to a file", _save),
}
"""Each verb: its line in the help, and what it takes."""

ON_FILES: dict[str, Callable[[argparse.Namespace, Output], int]] = {
    "new": _run_new,
    "lint": _run_lint,
    "render": _run_render,
}
"""The verbs that need no desk; each imports its module when it is called."""

WITH_DESK: dict[str, Callable[[argparse.Namespace, Output, Desk], int]] = {
    "check-names": _run_check_names,
    "sign": _run_sign,
    "approve": _run_approve,
    "retire": _run_retire,
    "list": _run_list,
    "save": _run_save,
}
"""The verbs that need the desk; each imports its module when it is called."""
