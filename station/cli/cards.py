"""``station card``: what is on the card on the reader, and whether it agrees with the record."""

from __future__ import annotations

import argparse
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from station.chip.profiles import ChipProfile
from station.cli.output import Output
from station.domain.errors import N_, ReaderError
from station.domain.message import Message
from station.domain.workflow import Issuance
from station.ports.chip import ChipConnection
from station.services.card_watch import SeenCard, Stoppable
from station.services.card_words import Words, advice_of, contents_of, facts_of, tree_lines
from station.services.desk import Desk
from station.services.upkeep import verify_known

BLANK = "blank"
"""Instead of a UID: a new blank."""


def read_card(args: argparse.Namespace, out: Output, desk: Desk) -> int:
    """Print what the card tells, and whose it is here."""
    from station.chip.glance import glance

    with on_reader(args, desk) as connection:
        seen = glance(connection)
        reader = connection.reader
    found = desk.card_watch.known(seen)
    out.value(
        {
            "reader": reader,
            "uid": seen.uid,
            "random_uid": seen.random_uid,
            "kind": seen.kind,
            "escn": seen.escn,
            "has_esc": seen.has_esc,
            "free_memory": seen.free_memory,
            "applications": _application_ids(found),
            "contents": contents_of(found),
            "standing": found.standing,
            "holder": found.holder.full_name if found.holder else None,
            "state": found.issuance.state if found.issuance else None,
            "card_state": found.card.state if found.card else None,
        }
    )
    rows: list[tuple[object, object]] = [(Message(N_("Reader")), reader)]
    rows += [(label, _joined(out, values)) for label, values in facts_of(found)]
    out.table(rows)
    advice = advice_of(found)
    if advice is not None:
        out.say("→ {text}", text=out.text(advice))
    return 0


def verify_card(args: argparse.Namespace, out: Output, desk: Desk) -> int:
    """Compare the card with its record; 1 and one line when they do not agree."""
    profile = profile_of(args, desk)
    with on_reader(args, desk) as connection:
        counted = Stoppable(connection, threading.Event())
        issuance, proved = verify_known(desk, counted, profile)
    out.value(
        {
            "uid": proved.uid,
            "escn": issuance.escn,
            "chip": {"profile": profile.name, "apdus": counted.commands, "verified": True},
        }
    )
    out.say(N_("The card {escn} agrees with its record."), escn=issuance.escn)
    return 0


def dump_card(args: argparse.Namespace, out: Output, desk: Desk) -> int:
    """Print everything that can be read on the card, with names; never a key."""
    from station.chip.explore.card import explore

    with on_reader(args, desk) as connection:
        # Only on request: what anybody could read is mostly the question, and it needs no key.
        if args.with_keys:
            profile = profile_of(args, desk)
            tree = explore(connection.transmit, connection.atr, profile=profile, secrets=desk.devices.secrets)
        else:
            tree = explore(connection.transmit, connection.atr)
        reader = connection.reader
    out.value({"reader": reader, "card": tree.as_json()})
    for line in tree_lines(tree, out.tr.message):
        # The blanks in front are given apart: a message that begins with some would be another one for each depth.
        words = line.lstrip()
        out.say("{line}", indent=len(line) - len(words), line=words)
    return 0


def profile_of(args: argparse.Namespace, desk: Desk) -> ChipProfile:
    """Return the chip profile that was named, the station's own when none was; raises ProfileError."""
    return desk.chip_profile if args.chip_profile is None else desk.making.chip_profile_named(args.chip_profile)


def pattern_of(args: argparse.Namespace, desk: Desk) -> str:
    """Return which reader is meant."""
    return str(desk.settings.reader.pattern if args.reader is None else args.reader)


@contextmanager
def on_reader(args: argparse.Namespace, desk: Desk, uid: str = "") -> Iterator[ChipConnection]:
    """Give a connection to the card on the reader; on the demo bench the card with ``uid`` is put there first."""
    readers = desk.devices.readers
    put_card(args, desk, uid)
    name = readers.wait_card(pattern_of(args, desk), cancel=threading.Event(), timeout_s=args.wait)
    with desk.card_watch.hold(), readers.open_card(name) as connection:
        yield connection


def put_card(args: argparse.Namespace, desk: Desk, uid: str = "") -> None:
    """Lay a card on the reader of the demo bench, where nobody else would; at a real desk this does nothing.

    The one that was asked for, else the one with ``uid``, else what lies there already, else a new blank.
    """
    wanted = args.uid or uid
    # A card that lies there is left alone: laid down anew, it would be another one to whoever is reading it.
    if wanted or not _something_lies(desk):
        desk.hands(Issuance("", uid="" if wanted == BLANK else wanted))


def _something_lies(desk: Desk) -> bool:
    try:
        return any(each.card_present for each in desk.devices.readers.list_readers())
    except ReaderError:
        return True  # whoever opens the card says it better


def _application_ids(found: SeenCard) -> list[str] | None:
    ids = found.seen.applications
    return None if ids is None else [aid[::-1].hex().upper() for aid in ids]


def _joined(out: Output, values: tuple[Words, ...]) -> str:
    return ", ".join(out.text(value) for value in values)
