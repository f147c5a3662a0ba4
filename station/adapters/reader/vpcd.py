"""A software card on a virtual PC/SC reader: speaks to vsmartcard's vpcd, so that any PC/SC program sees the card.

Run it as a process of its own, ``python -m station.adapters.reader.vpcd --port 0x8C7B --card FILE``: a program that
holds both the card and its PC/SC connection may wait for itself when it ends.

The protocol (vsmartcard, virtualsmartcard/src/vpcd): two bytes of length, big-endian, then so many bytes. One byte is a
word to the card (off, on, reset, "your ATR?"); anything longer is an APDU. Being connected is lying on the reader.
"""

from __future__ import annotations

import argparse
import socket
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from station.chip.virtual_card.card import Tear, VirtualCard
from station.chip.virtual_card.kinds import KINDS, new_card, open_card
from station.domain.errors import CardRemovedError, StationError

HOST = "127.0.0.1"
# vsmartcard's own default (35963).
DEFAULT_PORT = 0x8C7B
_OFF, _ON, _RESET, _ATR = b"\x00", b"\x01", b"\x02", b"\x04"
_TRY_AGAIN_S = 0.05
# Not on every system. Without it each message waits 44 ms: vpcd writes length and body apart, and the kernel delays
# the acknowledgement that the second write waits for.
_QUICK_ACK: int | None = getattr(socket, "TCP_QUICKACK", None)


@dataclass(frozen=True, slots=True)
class Pull:
    """When the card is pulled: at the APDU after so many."""

    after: int
    how: Tear = Tear.BEFORE


class VpcdCard:
    """A card that lies on vpcd's reader as long as ``serve`` runs."""

    def __init__(self, card: VirtualCard, *, pull: Pull | None = None) -> None:
        self._card = card
        self._pull = pull
        self._apdus = 0

    def serve(self, connection: socket.socket) -> bool:
        """Answer until the reader goes away or the card is pulled; say whether it was pulled."""
        self._card.reset()
        while (message := _receive(connection)) is not None:
            if message in (_OFF, _ON, _RESET):
                self._card.reset()
            elif message == _ATR:
                _send(connection, self._card.atr)
            elif self._pull is not None and self._apdus >= self._pull.after:
                self._card.tear(message, self._pull.how)
                return True
            else:
                self._apdus += 1
                try:
                    answer = self._card.transmit(message)
                except CardRemovedError:  # the card itself was told when to tear
                    return True
                _send(connection, answer)
        return False


def _receive(connection: socket.socket) -> bytes | None:
    head = _exactly(connection, 2)
    return None if head is None else _exactly(connection, int.from_bytes(head, "big"))


def _exactly(connection: socket.socket, length: int) -> bytes | None:
    got = bytearray()
    while len(got) < length:
        if _QUICK_ACK is not None:
            # Before each read: the kernel takes it back by itself after a while (tcp(7), "This flag is not permanent").
            connection.setsockopt(socket.IPPROTO_TCP, _QUICK_ACK, 1)
        try:
            piece = connection.recv(length - len(got))
        except ConnectionError:
            return None
        if not piece:
            return None
        got += piece
    return bytes(got)


def _send(connection: socket.socket, data: bytes) -> None:
    connection.sendall(len(data).to_bytes(2, "big") + data)


def connect(host: str, port: int, *, give_up: threading.Event) -> socket.socket | None:
    """Connect to vpcd as soon as it listens; ``None`` when told to give up first."""
    while not give_up.is_set():
        try:
            connection = socket.create_connection((host, port), timeout=5)
        except OSError:
            give_up.wait(_TRY_AGAIN_S)
            continue
        # The time-out was for connecting; a card may lie there for hours before anybody asks it something.
        connection.settimeout(None)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection
    return None


def main(arguments: Sequence[str] | None = None) -> int:
    """Put a card on vpcd's reader until the process is ended or the card is pulled."""
    options = _parser().parse_args(arguments)
    pull = None if options.pull_after is None else Pull(options.pull_after, Tear(options.tear))
    try:
        kept = open_card(options.card) if options.card.exists() else new_card(options.kind, path=options.card)
        card = VpcdCard(kept, pull=pull)
    except StationError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    never = threading.Event()
    try:
        while True:
            connection = connect(options.host, options.port, give_up=never)
            if connection is None:
                return 0
            with connection:
                sys.stdout.write("card in\n")
                sys.stdout.flush()
                pulled = card.serve(connection)
            if pulled or options.once:
                return 0
    except KeyboardInterrupt:
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="station.adapters.reader.vpcd", description=main.__doc__)
    parser.add_argument("--host", default=HOST)
    parser.add_argument("--port", type=lambda text: int(text, 0), default=DEFAULT_PORT, help="35963 or 0x8C7B")
    parser.add_argument("--card", type=Path, required=True, help="the card's file; made when it is not there")
    parser.add_argument("--kind", choices=KINDS, default=KINDS[0], help="what a card is that is made (%(default)s)")
    parser.add_argument("--once", action="store_true", help="end when the reader goes away, instead of waiting for it")
    parser.add_argument("--pull-after", type=int, metavar="APDUS", help="take the card off after so many APDUs")
    parser.add_argument("--tear", choices=[tear.value for tear in Tear], default=Tear.BEFORE.value)
    return parser


if __name__ == "__main__":
    sys.exit(main())
