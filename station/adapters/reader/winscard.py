"""The PC/SC calls that we use, with types: the only module that knows pyscard, and it loads it at the first call.

pyscard has no type information. Everything that comes out of it is taken apart here, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum, IntFlag
from typing import Any

SCOPE_USER = 0
PLUG_AND_PLAY = "\\\\?PnP?\\Notification"
"""A reader that is none: its state changes when readers come and go (Windows, pcsc-lite)."""


class Code(IntEnum):
    """Return codes (winscard.h, pcsclite.h)."""

    OK = 0
    CANCELLED = 0x80100002
    INVALID_HANDLE = 0x80100003
    UNKNOWN_READER = 0x80100009
    TIMEOUT = 0x8010000A
    SHARING_VIOLATION = 0x8010000B
    NO_SMARTCARD = 0x8010000C
    PROTO_MISMATCH = 0x8010000F
    COMM_ERROR = 0x80100013
    NOT_TRANSACTED = 0x80100016
    READER_UNAVAILABLE = 0x80100017
    NO_SERVICE = 0x8010001D
    SERVICE_STOPPED = 0x8010001E
    NO_READERS = 0x8010002E
    COMM_DATA_LOST = 0x8010002F
    UNRESPONSIVE_CARD = 0x80100066
    UNPOWERED_CARD = 0x80100067
    RESET_CARD = 0x80100068
    REMOVED_CARD = 0x80100069
    SECURITY_VIOLATION = 0x8010006A


class Flag(IntFlag):
    """What the low half of a reader's state says; the high half counts its cards."""

    UNAWARE = 0x0000
    CHANGED = 0x0002
    UNKNOWN = 0x0004
    PRESENT = 0x0020
    EXCLUSIVE = 0x0080
    INUSE = 0x0100
    MUTE = 0x0200


# winscard.h and pcsclite.h, which agree in these.
_SHARE_EXCLUSIVE = 1
_PROTOCOL_ANY = 3
_LEAVE = 0
_RESET = 1


class ScardError(Exception):
    """A PC/SC call failed with ``code``."""

    def __init__(self, call: str, code: int) -> None:
        super().__init__(f"{call}: {code:08X}")
        self.code = code


@dataclass(frozen=True, slots=True)
class ReaderState:
    """A reader as PC/SC sees it at one moment."""

    name: str
    state: int = Flag.UNAWARE
    atr: bytes = b""

    @property
    def present(self) -> bool:
        """Say whether a card is there."""
        return bool(self.state & Flag.PRESENT)

    @property
    def held(self) -> bool:
        """Say whether any program has a connection to the card."""
        return bool(self.state & (Flag.EXCLUSIVE | Flag.INUSE))

    @property
    def count(self) -> int:
        """Return how often a card came or went."""
        return self.state >> 16 & 0xFFFF


class CardHandle:
    """A card that this program alone is connected to."""

    def __init__(self, handle: object, protocol: int) -> None:
        self._handle = handle
        self._protocol = protocol

    def atr(self) -> bytes:
        """Return the answer to reset."""
        _, _, _, atr = _call("SCardStatus", self._handle)
        return bytes(atr)

    def transmit(self, apdu: bytes) -> bytes:
        """Send an APDU and return the answer; raises ScardError."""
        scard = _scard()
        header = scard.SCARD_PCI_T0 if self._protocol == scard.SCARD_PROTOCOL_T0 else scard.SCARD_PCI_T1
        (answer,) = _call("SCardTransmit", self._handle, header, list(apdu))
        # pyscard's bytes may be signed.
        return bytes(each & 0xFF for each in answer)

    def control(self, code: int, data: bytes) -> bytes:
        """Send data to the reader itself by a control code of this system; raises ScardError."""
        (answer,) = _call("SCardControl", self._handle, code, list(data))
        return bytes(each & 0xFF for each in answer)

    def disconnect(self, *, reset: bool) -> None:
        """Let go of the card; resetting it, so that nobody inherits what was authenticated. Raises ScardError."""
        _call("SCardDisconnect", self._handle, _RESET if reset else _LEAVE)


class Context:
    """A line to the PC/SC service; one a thread. After the service has died, it is dead, too."""

    def __init__(self) -> None:
        (self._handle,) = _call("SCardEstablishContext", SCOPE_USER)

    def readers(self) -> tuple[str, ...]:
        """Return the names of all readers; raises ScardError."""
        try:
            (names,) = _call("SCardListReaders", self._handle, [])
        except ScardError as error:
            if error.code == Code.NO_READERS:
                return ()
            raise
        return tuple(str(name) for name in names)

    def states(self, known: Sequence[ReaderState], timeout_ms: int) -> tuple[ReaderState, ...]:
        """Wait until a reader's state is another than the known one, return all states.

        Raises:
            ScardError: ``TIMEOUT`` when nothing changed, ``CANCELLED``, or a failure.
        """
        # The flag belongs to the answer: sent back with it, the state would differ from the card's at once, for ever.
        asked = [(each.name, each.state & ~Flag.CHANGED) for each in known]
        (found,) = _call("SCardGetStatusChange", self._handle, timeout_ms, asked)
        return tuple(ReaderState(str(name), int(state) & 0xFFFFFFFF, bytes(atr)) for name, state, atr in found)

    def connect(self, reader: str) -> CardHandle:
        """Connect to the card on a reader, for this program alone; raises ScardError."""
        handle, protocol = _call("SCardConnect", self._handle, reader, _SHARE_EXCLUSIVE, _PROTOCOL_ANY)
        return CardHandle(handle, int(protocol))

    def cancel(self) -> None:
        """Wake up ``states`` on another thread; raises ScardError."""
        _call("SCardCancel", self._handle)

    def release(self) -> None:
        """Close the line; one that is dead is no error."""
        _scard().SCardReleaseContext(self._handle)


def control_code(number: int) -> int:
    """Return this system's control code for a number (SCARD_CTL_CODE, winsmcrd.h and reader.h)."""
    return int(_scard().SCARD_CTL_CODE(number))


def _scard() -> Any:
    import smartcard.scard

    return smartcard.scard


def _call(name: str, *arguments: object) -> tuple[Any, ...]:
    function: Callable[..., Any] = getattr(_scard(), name)
    result = function(*arguments)
    code, values = (result[0], tuple(result[1:])) if isinstance(result, (list, tuple)) else (result, ())
    # Masked: pyscard gives the codes with a sign on some systems and without on others.
    if int(code) & 0xFFFFFFFF != Code.OK:
        raise ScardError(name, int(code) & 0xFFFFFFFF)
    return values
