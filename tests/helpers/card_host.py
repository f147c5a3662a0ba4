"""A host made of the software card's own ciphers, for what the encoder does not use."""

from __future__ import annotations

from station.chip.virtual_card import VirtualCard
from station.chip.virtual_card.ciphers import TDES, CardKey, session_value
from station.chip.virtual_card.messaging import CardSession
from tests.helpers.chip import unhex

APP = unhex("563412")
FACTORY = CardKey(TDES, bytes(16))


class Host:
    """A host made of the card's own ciphers, for keys that the encoder does not use."""

    def __init__(self, card: VirtualCard) -> None:
        self.card = card
        self.session: CardSession | None = None

    def send(self, ins: int, data: bytes = b"") -> tuple[bytes, int]:
        """Exchange one frame."""
        body = bytes([len(data)]) + data if data else b""
        answer = self.card.transmit(bytes([0x90, ins, 0, 0]) + body + b"\x00")
        assert answer[-2] == 0x91
        return answer[:-2], answer[-1]

    def authenticate(self, ins: int, number: int, key: CardKey) -> int:
        """Run the three-pass authentication, return the last status."""
        challenge, status = self.send(ins, bytes([number]))
        if status != 0xAF:
            return status
        theirs = key.decipher(challenge, bytes(key.block))
        ours = bytes(range(len(theirs)))
        token = key.encipher(ours + theirs[1:] + theirs[:1], challenge[-key.block :])
        proof, status = self.send(0xAF, token)
        if status == 0:
            assert key.decipher(proof, token[-key.block :]) == ours[1:] + ours[:1]
            self.session = CardSession(number, CardKey(key.kind, session_value(key, ours, theirs)))
        return status

    def managed(self, ins: int, data: bytes = b"") -> int:
        """Send a command that is plain in a session; check the MAC of its answer."""
        assert self.session is not None
        self.session.take_plain(ins, data)
        answer, status = self.send(ins, data)
        if status == 0:
            assert self.session.give(answer[:-8]) == answer
        return status

    def sealed(self, ins: int, header: bytes, data: bytes) -> int:
        """Send enciphered data that brings its checksums."""
        assert self.session is not None
        session = self.session
        cipher = session._key.encipher(data + bytes(-len(data) % session.block), session._iv)
        return self.send(ins, header + cipher)[1]
