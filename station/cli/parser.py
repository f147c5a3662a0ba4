"""The words of the command line; what they do stands in ``verbs``."""

from __future__ import annotations

import argparse
import math
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from station import __version__

Words = Callable[[argparse.ArgumentParser], None]


class VerbParser(argparse.ArgumentParser):
    """Learns its own words when its verb is said.

    The window is started by a command line, too, and waits for no module of a verb that nobody asked for.
    """

    def __init__(self, *, words: Words | None = None, **known: Any) -> None:
        super().__init__(**known)
        self._words = words

    def learn(self) -> None:
        """Take up the words, once."""
        words, self._words = self._words, None
        if words is not None:
            _common(self)
            words(self)

    def parse_known_args(  # type: ignore[override]  # argparse overloads it by the namespace's type
        self, args: Sequence[str] | None = None, namespace: Any = None
    ) -> tuple[Any, list[str]]:
        """Parse as argparse does, which calls this for the verb that was said."""
        self.learn()
        return super().parse_known_args(args, namespace)


def build_parser() -> argparse.ArgumentParser:
    """Return the parser; it exits with 2 on bad usage, as argparse does."""
    parser = VerbParser(
        prog="station", description="Issue European Student Cards at a desk, with or without a network."
    )
    parser.add_argument("--version", action="version", version=f"station {__version__}")
    _common(parser, top=True)
    # Not required: without a verb the window opens, which is what a desk's icon does.
    verbs = parser.add_subparsers(dest="verb", metavar="VERB")
    # A table and no imports: the list of all verbs is printed without loading one of them.
    for name, (text, words) in _VERBS.items():
        verbs.add_parser(name, help=text, description=text, words=words)
    return parser


def _common(parser: argparse.ArgumentParser, *, top: bool = False) -> None:
    # The same options may stand before or after the verb; only the first parser sets what they are without being said.
    missing: object = None if top else argparse.SUPPRESS
    no: object = False if top else argparse.SUPPRESS
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--profile", type=Path, default=missing, help="the station profile (a TOML file)")
    where.add_argument("--demo", action="store_true", default=no, help="work on the demo bench")
    parser.add_argument("--data", type=Path, default=missing, help="with --demo: the folder for its data")
    parser.add_argument("--json", action="store_true", default=no, help="print JSON, for programs")
    parser.add_argument("--verbose", action="store_true", default=no, help="write a log to standard error")


def _demo(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--headless", action="store_true", help="issue cards without a window and say what was done")
    parser.add_argument("--count", type=_positive, default=1, help="how many cards (1)")
    parser.add_argument("--offline", action="store_true", help="as if the network were gone: the queue keeps the cards")
    parser.add_argument("--one-pass", action="store_true", help="the printer has an encoder, and writes the chips, too")


def _sandbox(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=_port, default=8099, help="port on this computer only (8099)")
    parser.add_argument("--key", default="demo-key", help="the key that it accepts")
    parser.add_argument("--pic", default="999000001", help="the PIC that the key belongs to")
    parser.add_argument("--database", type=Path, help="the file behind it (a folder of its own without this)")
    actions = parser.add_subparsers(dest="action", metavar="ACTION")
    fault = actions.add_parser("fault", help="set, clear or show a fault of the demo bench")
    fault.add_argument("device", nargs="?", help="router, card, printer, camera, clock, or clear")
    fault.add_argument("kind", nargs="?", help="what is wrong with it; none to see what there is")
    fault.add_argument("value", nargs="?", type=float, help="its number, where it has one")
    _common(fault)


def _holders(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    search = actions.add_parser("search", help="by name, student number or e-mail, with or without accents")
    search.add_argument("text")
    search.add_argument("--limit", type=_positive, default=20, help="how many at most (20)")
    _common(search)
    load = actions.add_parser("import", help="read a CSV file; without --yes only say what would change")
    load.add_argument("file", type=Path)
    load.add_argument("--institution", metavar="KEY", help="whose students they are (the profile's first institution)")
    load.add_argument(
        "--source", type=_name, metavar="NAME",
        help="what this register is called, whatever the file is: who was in the register of this name and is not in"
        " the file is marked as gone (the profile's [register] name, else the file's name)",
    )  # fmt: skip
    # Whoever only wants to look must not write by forgetting an option, so looking is what happens without one.
    load.add_argument("--yes", action="store_true", help="write it")
    _common(load)
    forget = actions.add_parser("withdraw-consent", help="have ESC-Router forget somebody; the cards stay valid here")
    forget.add_argument("--holder", required=True, metavar="NUMBER", help="student number")
    forget.add_argument("--yes", action="store_true", help="do it; without this only say what would be deleted")
    _common(forget)
    again = actions.add_parser("agree-again", help="let ESC-Router be told again of somebody who had withdrawn")
    again.add_argument("--holder", required=True, metavar="NUMBER", help="student number")
    again.add_argument("--yes", action="store_true", help="do it; without this only say what would be told")
    _common(again)


def _issue(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--holder", required=True, metavar="NUMBER", help="student number")
    parser.add_argument("--photo", type=Path, help="take the portrait from this picture, not from the camera")
    parser.add_argument("--out", type=Path, help="folder for the pictures of the card")
    _came_out(parser)


def _came_out(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--came-out", choices=["ask", "yes", "no"], default="ask",
        help="when the printer can't know whether the card came out: ask (on a terminal), or this answer",
    )  # fmt: skip


def _card(parser: argparse.ArgumentParser) -> None:
    from station.cli import card_check, card_life, stress

    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    for name, (text, more) in _CARD_ACTIONS.items():
        action = actions.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}. {more}".strip())
        action.add_argument("--reader", default=None, metavar="PATTERN", help="part of the reader's name")
        action.add_argument("--wait", type=float, default=10.0, help="seconds to wait for a card (10)")
        action.add_argument(
            "--uid", type=_uid, default="", metavar="HEX",
            help="with --demo: which card lies there, or blank (what lies there, else a new blank)",
        )  # fmt: skip
        if name in ("verify", "encode", "erase", "dump"):
            action.add_argument("--chip-profile", metavar="NAME", help="another chip profile than the station's")
        if name == "encode":
            action.add_argument("--holder", metavar="NUMBER", help="student number (with --demo: the next one)")
            action.add_argument("--photo", type=Path, help="take the portrait from this picture, if there is none yet")
        if name == "erase":
            action.add_argument("--yes", action="store_true", help="do it; without this only say what would be done")
            action.add_argument("--in-use", action="store_true", help="even if its record says that somebody has it")
            action.add_argument("--reason", default="returned", metavar="TEXT", help="why, for the record (returned)")
            action.add_argument("--whole-card", action="store_true", help="format it, if nothing of others is on it")
        if name == "dump":
            action.add_argument("--with-keys", action="store_true", help="read also what the profile's keys open")
        if name == "check":
            card_check.add_arguments(action)
        if name == "stress":
            stress.add_arguments(action)
        _common(action)
    card_life.add_arguments(actions, _common)


_CARD_ACTIONS = {
    "read": ("what is on the card, and whose it is", "Writes nothing and uses no key."),
    "check": (
        "whether any European Student Card is good: the one on the reader, or by its number or QR",
        "Asks ESC-Router what anybody may ask; no key is needed. Ends with 1 when the card can't be taken as good.",
    ),
    "verify": ("whether the card agrees with its record", "The card must know the keys that only it was given."),
    "encode": (
        "write the chip of a holder's card, and read it back",
        "For a card that is being made it is that step of it, and begins one where there is none; the card in use of"
        " its holder keeps its number and gets what is new, as the keys after a change. A card that was pulled is"
        " finished by the same command.",
    ),
    "erase": (
        "delete from a returned card what this station wrote",
        "What others put on it stays. A card that is being made, or that somebody has, is refused.",
    ),
    "dump": (
        "everything that can be read on the card, with names",
        "Never a key. Without --with-keys only what the card tells anybody.",
    ),
    "stress": ("try the reader again and again with one card, and draw a chart of good and bad", ""),
}


def _keys(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    _common(actions.add_parser("check", help="try each key that the chip profile needs; touches no card"))
    report = actions.add_parser("report", help="how many cards carry which version of each key")
    report.add_argument("--cards", action="store_true", help="list the cards whose keys are not the profile's")
    _common(report)
    # From standard input and never as an argument: arguments are shown to every user of the computer.
    put = actions.add_parser("put", help="read a key from standard input and keep it in the keyring")
    put.add_argument("name", metavar="NAME", help="as deuinfo-base/v1, deuinfo-signing, deuinfo-signing/certificate")
    put.add_argument(
        "--kind", default="aes128", help="what it is (aes128)",
        choices=["aes128", "2k3des", "3k3des", "signing", "certificate", "password"],
    )  # fmt: skip
    _common(put)


def _render(parser: argparse.ArgumentParser) -> None:
    whose = parser.add_mutually_exclusive_group(required=True)
    whose.add_argument("--holder", metavar="NUMBER", help="student number: as a card would be printed today")
    whose.add_argument("--card", metavar="ESCN", help="a card's number: as that card was printed, with its own layout")
    parser.add_argument("--photo", type=Path, help="with --holder: the portrait; without it the last one, or none")
    parser.add_argument("--out", type=Path, required=True, help="the folder")


def _photo(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    check = actions.add_parser(
        "check", help="what is to be said of each picture; advice, so that it ends with 0 whatever is found"
    )
    check.add_argument("file", type=Path, nargs="+")
    check.add_argument(
        "--print", type=_pair, default=(35.0, 45.0), metavar="WxH", dest="size_mm",
        help="the size in millimetres that it is printed at (35x45)",
    )  # fmt: skip
    check.add_argument("--dpi", type=_positive, default=300, help="how finely it is printed (300)")
    crop = actions.add_parser("crop", help="cut the portrait out, as eyes and chin ask for")
    crop.add_argument("file", type=Path)
    crop.add_argument("--ratio", type=_pair, default=(35.0, 45.0), metavar="WxH", help="width to height (35x45)")
    crop.add_argument("--height", type=_positive, metavar="PIXELS", help="how high at most (as high as it is there)")
    crop.add_argument("--out", type=Path, required=True, metavar="FILE", help="where to: a .jpg or a .png")
    bench = actions.add_parser("bench", help="what each step costs on this computer, in milliseconds on one core")
    bench.add_argument("file", type=Path)
    bench.add_argument("--rounds", type=_positive, default=20, help="how often each step is done (20)")
    counts = actions.add_parser("overrides", help="how often each check was gone over; counts alone, of nobody")
    review = actions.add_parser(
        "review", help="how each portrait of a folder and of the register stands, the worst first; decides nothing"
    )
    review.add_argument(
        "folder", type=Path, nargs="?", help="pictures called as the students' numbers are (the profile's own folder)"
    )
    for action in (check, crop, bench, counts, review):
        _common(action)


def _layout(parser: argparse.ArgumentParser) -> None:
    from station.cli import layout

    layout.add_arguments(parser, _common)


def _printers(parser: argparse.ArgumentParser) -> None:
    from station.cli import printers

    printers.add_arguments(parser, _common)


def _printing(parser: argparse.ArgumentParser) -> None:
    from station.cli import printing

    printing.add_arguments(parser, _came_out)


def _stock(parser: argparse.ArgumentParser) -> None:
    from station.cli import stock

    stock.add_arguments(parser, _common)


def _queue(parser: argparse.ArgumentParser) -> None:
    from station.cli import queue

    queue.add_arguments(parser, _common)


def _reconcile(parser: argparse.ArgumentParser) -> None:
    from station.cli import reconcile

    reconcile.add_arguments(parser)


def _sync(parser: argparse.ArgumentParser) -> None:
    from station.cli import sync

    sync.add_arguments(parser)


def _merge(parser: argparse.ArgumentParser) -> None:
    from station.cli import merge

    merge.add_arguments(parser, _common)


def _admin(parser: argparse.ArgumentParser) -> None:
    from station.cli import admin

    admin.add_arguments(parser, _common)


def _enrol(parser: argparse.ArgumentParser) -> None:
    from station.cli import enrol

    enrol.add_arguments(parser)


def _journal(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--escn", help="one card's number")
    parser.add_argument("--limit", type=_positive, default=50, help="how many entries at most (50)")


def _nothing_else(_parser: argparse.ArgumentParser) -> None:
    """Take only what every verb takes."""


def _pair(text: str) -> tuple[float, float]:
    found = re.fullmatch(r"(\d{1,4}(?:\.\d{1,3})?)[xX×:](\d{1,4}(?:\.\d{1,3})?)", text.strip())
    width, height = (float(number) for number in found.groups()) if found else (math.nan, math.nan)
    # Asked this way round, "not a number" is refused, too: every comparison with it is false.
    if not (width > 0 and height > 0 and 0.2 <= width / height <= 5):
        raise argparse.ArgumentTypeError("width and height are written as in 35x45")
    return width, height


def _name(text: str) -> str:
    if not 0 < len(text.strip()) <= 255:
        raise argparse.ArgumentTypeError("a name has 1 to 255 characters")
    return text.strip()


def _port(text: str) -> int:
    value = int(text)
    if not 0 <= value <= 65_535:
        raise argparse.ArgumentTypeError("a port is a number from 0 to 65535")
    return value


def _uid(text: str) -> str:
    if text == "blank":
        return text
    try:
        # As the journal writes it, however it was typed.
        return bytes.fromhex(text).hex().upper()
    except ValueError as error:
        raise argparse.ArgumentTypeError("a UID is written in hexadecimal digits") from error


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("it must be 1 or more")
    return value


_VERBS: dict[str, tuple[str, Words]] = {
    "gui": ("open the window (this is what station does without a verb)", _nothing_else),
    "demo": ("the demo bench: every device simulated, ESC-Router played by a local service", _demo),
    "sandbox": ("run the ESC-Router sandbox, or turn the demo bench's fault dial", _sandbox),
    "doctor": ("look at every device and dependency, and say what to do", _nothing_else),
    "holders": ("find holders, or import the register", _holders),
    "issue": ("make, verify and hand over one card", _issue),
    "card": ("the card on the reader: read, check, write, erase; any card: block, extend, revoke", _card),
    "keys": ("the chip's keys: whether they work, which card carries which, and put one there", _keys),
    "layout": ("begin, check, draw and sign card layouts", _layout),
    "render": ("draw a holder's card into files", _render),
    "photo": ("check and crop portraits in files; needs no station profile", _photo),
    "printers": ("this station's printers: how they stand, test card, correction", _printers),
    "print": ("print a card that waits for it, or a batch with nobody there", _printing),
    "stock": ("blank cards: what came and went, and how long they last", _stock),
    "queue": ("what is still to be told to ESC-Router, and what was promised", _queue),
    "reconcile": ("compare the cards here with those at ESC-Router, both ways", _reconcile),
    "sync": ("send now what waits, and say what became of it", _sync),
    "merge": ("what this desk recorded while the database was away", _merge),
    "admin": ("which stations may work here: enrol them, list them, withdraw one", _admin),
    "enrol": ("enrol this station with the code that an admin gave you", _enrol),
    "journal": ("what happened, newest first, or a card's whole story", _journal),
}
"""Every verb: what it is for, and what adds its arguments to those that all verbs take."""
