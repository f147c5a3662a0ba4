"""``station card``: what is on the card on the reader, and whether it agrees with the record."""

from __future__ import annotations

import argparse
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from station.chip.encoder import ChipContents, ChipData, inspect, verify
from station.cli.output import Output
from station.domain.errors import N_, ChipMismatchError
from station.domain.message import Message
from station.domain.workflow import Issuance
from station.ports.chip import ChipConnection
from station.services.desk import Desk


def read_card(args: argparse.Namespace, out: Output, desk: Desk) -> int:
    """Print what the card tells, and whose it is here."""
    with _open(args, desk) as connection:
        contents = inspect(connection)
        reader = connection.reader
    issuance = desk.store.issuances.by_uid(contents.uid) if contents.uid else None
    holder = desk.store.holders.get(issuance.holder_id) if issuance else None
    out.value(
        {
            "reader": reader,
            "uid": contents.uid,
            "kind": contents.kind,
            "escn": contents.escn,
            "has_esc": contents.has_esc,
            "free_memory": contents.free_memory,
            "holder": holder.full_name if holder else None,
            "state": issuance.state if issuance else None,
        }
    )
    out.table(
        [
            (Message(N_("Reader")), reader),
            (Message(N_("Chip")), contents.kind),
            ("UID", contents.uid or "-"),
            ("ESCN", contents.escn or "-"),
            (Message(N_("Holder")), holder.full_name if holder else Message(N_("not known here"))),
        ]
    )
    return 0


def verify_card(args: argparse.Namespace, out: Output, desk: Desk) -> int:
    """Compare the card with the record of its UID; 1 and one line when they do not agree."""
    with _open(args, desk) as connection:
        contents = inspect(connection)
        issuance = desk.store.issuances.by_uid(contents.uid) if contents.uid else None
        if issuance is None:
            raise ChipMismatchError(
                N_("This card was not made here: its UID {uid} is not known."),
                N_("If it should be, ask the desk that made it."),
                uid=contents.uid or "-",
            )
        proved: ChipContents = verify(connection, desk.chip_profile, ChipData(issuance.escn), desk.devices.secrets)
    out.value(
        {
            "uid": proved.uid,
            "escn": issuance.escn,
            "chip": {"profile": issuance.chip_profile, "apdus": issuance.apdus, "verified": True},
        }
    )
    out.say(N_("The card {escn} agrees with its record."), escn=issuance.escn)
    return 0


@contextmanager
def _open(args: argparse.Namespace, desk: Desk) -> Iterator[ChipConnection]:
    readers = desk.devices.readers
    # On the demo bench nobody else would; at a real desk this does nothing.
    desk.hands(Issuance("", uid=args.uid))
    pattern = desk.settings.reader.pattern if args.reader is None else args.reader
    name = readers.wait_card(pattern, cancel=threading.Event(), timeout_s=args.wait)
    with readers.open_card(name) as connection:
        yield connection
