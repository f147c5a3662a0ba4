"""Secure messaging from the card's side, of three generations: what each expects of a command and adds to an answer.

``D40Session`` is the first DESFire's way (authentication 0A), ``Ev1Session`` EV1's (1A, AA; AN0945), ``Ev2Session``
EV2's (71, 77; AN12343).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from enum import IntEnum

from station.chip.virtual_card.ciphers import AES, CardKey, checksum, checksum16, odd_bytes
from station.chip.virtual_card.status import INTEGRITY, LENGTH, Refusal


class Mode(IntEnum):
    """How a command or its data travels; the first, second and fourth are a file's communication settings."""

    PLAIN = 0
    MACED = 1
    MANAGED = 2
    """As commands about the card and its files do: plain until EV1, with a MAC since EV2."""
    FULL = 3


class CardSession(ABC):
    """An authenticated session."""

    mac_bytes = 8

    def __init__(self, key_no: int) -> None:
        self.key_no = key_no
        # Whether the command that is being carried out was taken note of; a refused one must be, too.
        self.noted = False

    @abstractmethod
    def request(self, ins: int, wire: bytes, mode: Mode) -> bytes:
        """Take a command without data of its own, return its parameters; raises Refusal."""

    @abstractmethod
    def receive(self, ins: int, header: bytes, wire: bytes, mode: Mode, length: int | None) -> bytes:
        """Take a command with ``length`` bytes of data (``None``: the first says how many), return them."""

    @abstractmethod
    def unseal(self, ins: int, header: bytes, wire: bytes) -> bytes:
        """Take enciphered data that brings checksums of its own; padding of zeros may follow them."""

    @abstractmethod
    def answer(self, data: bytes, mode: Mode, status: int = 0, *, open_ended: bool = False) -> bytes:
        """Return what travels in place of ``data``; ``open_ended`` when the host does not know its length."""

    @abstractmethod
    def wire_length(self, length: int, mode: Mode) -> int:
        """Return how long ``length`` bytes of data are on their way to the card."""

    @abstractmethod
    def so_far(self, wire: bytes, mode: Mode) -> bytes:
        """Return what is understood of data whose last frames have not come yet."""

    @abstractmethod
    def refuse(self, ins: int, wire: bytes) -> None:
        """Take note of a command that is refused."""


def _length(clear: bytes, length: int | None) -> int:
    if length is None:
        length = clear[0] if clear else 0
    if len(clear) < length:
        raise Refusal(LENGTH)
    return length


def _whole_blocks(sealed: bytes, block: int) -> None:
    if not sealed or len(sealed) % block:
        raise Refusal(LENGTH)


class D40Session(CardSession):
    """The first DESFire's: the card only ever enciphers, and every cryptogram begins anew with a vector of zeros."""

    mac_bytes = 4

    def __init__(self, key_no: int, key: CardKey) -> None:
        super().__init__(key_no)
        self._key = key

    def request(self, ins: int, wire: bytes, mode: Mode) -> bytes:
        """Take a command; nothing protects it."""
        return wire

    def receive(self, ins: int, header: bytes, wire: bytes, mode: Mode, length: int | None) -> bytes:
        """Take data; MAC and CRC16 cover the data alone."""
        if mode is Mode.FULL:
            clear = self.unseal(ins, header, wire)
            end = _length(clear, length)
            if clear[end : end + 2] != checksum16(clear[:end]):
                raise Refusal(INTEGRITY)
            return clear[:end]
        if mode is Mode.MACED:
            data, mac = wire[: -self.mac_bytes], wire[-self.mac_bytes :]
            if self._mac(data) != mac:
                raise Refusal(INTEGRITY)
            return data
        return wire

    def unseal(self, ins: int, header: bytes, wire: bytes) -> bytes:
        """Undo the host's deciphering."""
        _whole_blocks(wire, self._key.block)
        return self._key.unmake(wire)

    def answer(self, data: bytes, mode: Mode, status: int = 0, *, open_ended: bool = False) -> bytes:
        """Return data with its MAC, or with its CRC16 and enciphered."""
        if not data or mode in (Mode.PLAIN, Mode.MANAGED):
            return data
        if mode is Mode.MACED:
            return data + self._mac(data)
        clear = data + checksum16(data) + (b"\x80" if open_ended else b"")
        return self._key.encipher(clear + bytes(-len(clear) % 8), bytes(8))

    def wire_length(self, length: int, mode: Mode) -> int:
        """Return how long data is on the wire."""
        if mode is Mode.FULL:
            return -(-(length + 2) // 8) * 8
        return length + (self.mac_bytes if mode is Mode.MACED else 0)

    def so_far(self, wire: bytes, mode: Mode) -> bytes:
        """Return the clear data of whole blocks."""
        return self._key.unmake(wire[: len(wire) // 8 * 8]) if mode is Mode.FULL else wire

    def refuse(self, ins: int, wire: bytes) -> None:
        """Take note of nothing: no vector goes on."""

    def _mac(self, data: bytes) -> bytes:
        padded = data + bytes(-len(data) % 8)
        return self._key.encipher(padded, bytes(8))[-8:][: self.mac_bytes] if padded else b""


class Ev1Session(CardSession):
    """EV1's: the initial vector goes on from message to message, whatever their mode."""

    def __init__(self, key_no: int, key: CardKey) -> None:
        super().__init__(key_no)
        self._key = key
        self._iv = bytes(key.block)

    def request(self, ins: int, wire: bytes, mode: Mode) -> bytes:
        """Take a command; it carries no checksum, but counts."""
        self._note(bytes((ins,)) + wire)
        return wire

    def receive(self, ins: int, header: bytes, wire: bytes, mode: Mode, length: int | None) -> bytes:
        """Take data; MAC and CRC32 cover instruction and header, too."""
        if mode is Mode.FULL:
            clear = self.unseal(ins, header, wire)
            end = _length(clear, length)
            if clear[end : end + 4] != checksum(bytes((ins,)) + header + clear[:end]):
                raise Refusal(INTEGRITY)
            return clear[:end]
        data, mac = (wire[:-8], wire[-8:]) if mode is Mode.MACED else (wire, b"")
        self._note(bytes((ins,)) + header + data)
        if mac and mac != self._iv[:8]:
            raise Refusal(INTEGRITY)
        return data

    def unseal(self, ins: int, header: bytes, wire: bytes) -> bytes:
        """Decipher."""
        _whole_blocks(wire, self._key.block)
        clear = self._key.decipher(wire, self._iv)
        self._iv = wire[-self._key.block :]
        self.noted = True
        return clear

    def answer(self, data: bytes, mode: Mode, status: int = 0, *, open_ended: bool = False) -> bytes:
        """Return data with its MAC (plain answers have one, too), or with its CRC32 and enciphered."""
        if mode is not Mode.FULL or not data:
            self._iv = self._key.cmac(data + bytes((status,)), self._iv)
            return data + self._iv[:8]
        clear = data + checksum(data + bytes((status,))) + (b"\x80" if open_ended else b"")
        sealed = self._key.encipher(clear + bytes(-len(clear) % self._key.block), self._iv)
        self._iv = sealed[-self._key.block :]
        return sealed

    def wire_length(self, length: int, mode: Mode) -> int:
        """Return how long data is on the wire."""
        if mode is Mode.FULL:
            return -(-(length + 4) // self._key.block) * self._key.block
        return length + (8 if mode is Mode.MACED else 0)

    def so_far(self, wire: bytes, mode: Mode) -> bytes:
        """Return the clear data of whole blocks."""
        whole = wire[: len(wire) // self._key.block * self._key.block]
        return self._key.decipher(whole, self._iv) if mode is Mode.FULL else wire

    def refuse(self, ins: int, wire: bytes) -> None:
        """Let the vector go on as it does after any command."""
        self._note(bytes((ins,)) + wire)

    def _note(self, message: bytes) -> None:
        self._iv = self._key.cmac(message, self._iv)
        self.noted = True


class Ev2Session(CardSession):
    """EV2's: a transaction identifier and a counter of commands are in every MAC and in every vector."""

    def __init__(self, key_no: int, values: tuple[bytes, bytes], ti: bytes, counter: int = 0) -> None:
        super().__init__(key_no)
        self._enc, self._mac = (CardKey(AES, value) for value in values)
        self.ti = ti
        self.counter = counter

    def request(self, ins: int, wire: bytes, mode: Mode) -> bytes:
        """Take a command; except in plain it brings a MAC."""
        return self._open(ins, b"", wire, mode)

    def receive(self, ins: int, header: bytes, wire: bytes, mode: Mode, length: int | None) -> bytes:
        """Take data; padding is always there, so that it tells its own length."""
        if mode is not Mode.FULL:
            return self._open(ins, header, wire, mode)
        data = self.unseal(ins, header, wire)
        if _length(data, length) != len(data):
            raise Refusal(LENGTH)
        return data

    def unseal(self, ins: int, header: bytes, wire: bytes) -> bytes:
        """Check the MAC over the enciphered data, decipher, and take the padding off."""
        # Before the MAC is checked, for that counts the command, and the vector is of the number before.
        iv = self._iv(b"\xa5\x5a")
        sealed = self._open(ins, header, wire, Mode.FULL)
        _whole_blocks(sealed, 16)
        # From the end: the last 80 begins the padding (ISO/IEC 9797-1, method 2), those before are data.
        data, mark, rest = self._enc.decipher(sealed, iv).rpartition(b"\x80")
        if not mark or any(rest) or len(rest) > 15:
            raise Refusal(INTEGRITY)
        return data

    def answer(self, data: bytes, mode: Mode, status: int = 0, *, open_ended: bool = False) -> bytes:
        """Return plain data as it is; else with its MAC, and enciphered before."""
        if mode is Mode.PLAIN:
            return data
        if mode is Mode.FULL and data:
            padded = data + b"\x80" + bytes(-(len(data) + 1) % 16)
            data = self._enc.encipher(padded, self._iv(b"\x5a\xa5"))
        return data + self._tag(status, data)

    def wire_length(self, length: int, mode: Mode) -> int:
        """Return how long data is on the wire."""
        if mode is Mode.FULL:
            length = (length // 16 + 1) * 16
        return length + (0 if mode is Mode.PLAIN else 8)

    def so_far(self, wire: bytes, mode: Mode) -> bytes:
        """Return the clear data of whole blocks."""
        whole = wire[: len(wire) // 16 * 16]
        return self._enc.decipher(whole, self._iv(b"\xa5\x5a")) if mode is Mode.FULL else wire

    def refuse(self, ins: int, wire: bytes) -> None:
        """Count the command."""
        self._count()

    def _open(self, ins: int, header: bytes, wire: bytes, mode: Mode) -> bytes:
        if mode is Mode.PLAIN:
            self._count()
            return wire
        if len(wire) < 8:
            raise Refusal(LENGTH)
        data, mac = wire[:-8], wire[-8:]
        if mac != self._tag(ins, header + data):
            raise Refusal(INTEGRITY)
        self._count()
        return data

    def _count(self) -> None:
        self.counter = (self.counter + 1) & 0xFFFF
        self.noted = True

    def _tag(self, code: int, data: bytes) -> bytes:
        return odd_bytes(self._mac.cmac(bytes((code,)) + self.counter.to_bytes(2, "little") + self.ti + data))

    def _iv(self, label: bytes) -> bytes:
        seed = label + self.ti + self.counter.to_bytes(2, "little") + bytes(8)
        return self._enc.encipher(seed, bytes(16))
