"""Small processors, each wrapping the ``transmit`` of the one below: counting and logging, chaining, native framing."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from station.chip.apdu import SW, CommandApdu, DesfireStatus, ResponseApdu, Transmit
from station.domain.errors import N_, ChipError

logger = logging.getLogger(__name__)

CLA_DESFIRE = 0x90
INS_MORE = 0xAF
# A command of 55 bytes, its own byte included, fits the 64-byte frame of every DESFire since the first EV1.
FRAME_DATA = 54
# What fits the 256-byte frame of an EV3, where the reader has such frames, too; an ISO command takes no more than 255.
LONG_FRAME_DATA = 247
# No answer of a campus card comes near this; a card that says "more" for ever is broken or hostile.
LONGEST_CHAIN = 32 * 1024

# Whose data may be logged in clear: they select, list and describe. Everything else may carry keys or persons.
_OPEN_NATIVE = frozenset(
    (0x45, 0x5A, 0x60, 0x61, 0x64, 0x6A, 0x6D, 0x6E, 0x6F, 0xA7, 0xC0, 0xC1, 0xC7, 0xCA, 0xCB, 0xCD, 0xDA, 0xDF, 0xF5)
)
_OPEN_ISO = frozenset(((0xFF, 0xCA), (0x00, 0xA4)))


class TrafficCounter:
    """Count what goes through, and log it without the parts that may carry keys or personal data."""

    def __init__(self, transmit: Transmit) -> None:
        self._transmit = transmit
        self._open = False
        self.apdus = 0
        self.bytes_out = 0
        self.bytes_in = 0

    def __call__(self, apdu: bytes) -> bytes:
        """Send ``apdu`` on, and return the answer."""
        self.apdus += 1
        self.bytes_out += len(apdu)
        answer = self._transmit(apdu)
        self.bytes_in += len(answer)
        if logger.isEnabledFor(logging.DEBUG):
            self._open = _may_be_shown(apdu, before=self._open)
            logger.debug("-> %s", _shown_command(apdu, clear=self._open))
            logger.debug("<- %s", _shown_answer(answer, clear=self._open))
        return answer


def _may_be_shown(apdu: bytes, *, before: bool) -> bool:
    if len(apdu) < 2:
        return False
    # By a list of what is harmless: a command that nobody thought of stays hidden.
    cla, ins = apdu[0], apdu[1]
    if cla == CLA_DESFIRE:
        # A further frame is as secret as the command it continues.
        return before if ins == INS_MORE else ins in _OPEN_NATIVE
    return (cla, ins) in _OPEN_ISO


def _shown_command(apdu: bytes, *, clear: bool) -> str:
    if clear or len(apdu) <= 5:
        return apdu.hex(" ").upper()
    return f"{apdu[:5].hex(' ').upper()} … ({len(apdu) - 5} bytes)"


def _shown_answer(answer: bytes, *, clear: bool) -> str:
    if clear or len(answer) <= 2:
        return answer[:LONGEST_CHAIN].hex(" ").upper()
    return f"({len(answer) - 2} bytes) {answer[-2:].hex(' ').upper()}"


class IsoChaining:
    """Fetch what a card holds back: ``61xx`` means more data, ``6Cxx`` means ask again for that many (ISO 7816-4)."""

    def __init__(self, transmit: Transmit) -> None:
        self._transmit = transmit

    def __call__(self, apdu: bytes) -> bytes:
        """Send ``apdu``, return the whole answer with the last status.

        Raises:
            ChipError: the card never comes to an end.
        """
        answer = ResponseApdu.parse(self._transmit(apdu))
        if answer.sw & 0xFF00 == SW.WRONG_LE and len(apdu) >= 5:
            # A command that was refused so had no effect, and the card names the length that it has.
            answer = ResponseApdu.parse(self._transmit(apdu[:-1] + bytes((answer.sw & 0xFF,))))
        data = bytearray(answer.data)
        while answer.sw & 0xFF00 == SW.MORE_DATA:
            answer = ResponseApdu.parse(self._transmit(bytes(CommandApdu(0x00, 0xC0, le=answer.sw & 0xFF))))
            data += answer.data
            _refuse_endless(data, progress=bool(answer.data))
        return bytes(data) + answer.sw.to_bytes(2, "big")


@dataclass(frozen=True, slots=True)
class NativeAnswer:
    """What a DESFire said: its status byte, the data of all frames together, and where each frame ended."""

    status: int
    data: bytes
    ends: tuple[int, ...] = ()

    @property
    def sw(self) -> int:
        """Return the status as the ISO status word it came in."""
        return 0x9100 | self.status


class NativeFraming:
    """DESFire native commands inside ISO APDUs (``90 INS 00 00 Lc data 00``), in frames both ways."""

    def __init__(self, transmit: Transmit, frame_data: int = FRAME_DATA) -> None:
        self._transmit = transmit
        self.frame_data = frame_data

    def frame(self, ins: int, data: bytes = b"") -> NativeAnswer:
        """Send one frame, return one frame.

        Raises:
            ChipError: the answer is not one of a DESFire.
        """
        answer = ResponseApdu.parse(self._transmit(bytes(CommandApdu(CLA_DESFIRE, ins, data=data, le=256))))
        if answer.sw >> 8 != 0x91:
            raise ChipError(N_("The chip doesn't speak DESFire (answer {sw})."), sw=f"{answer.sw:04X}")
        return NativeAnswer(answer.sw & 0xFF, answer.data)

    def exchange(self, ins: int, data: bytes = b"", *, whole: bool = False) -> NativeAnswer:
        """Send a command in as many frames as it needs (``whole``: in one), return the answer of as many as it has."""
        size = len(data) if whole else self.frame_data
        chunks = [data[i : i + size] for i in range(0, len(data), size or 1)] or [b""]
        answer = self.frame(ins, chunks[0])
        for chunk in chunks[1:]:
            if answer.status != DesfireStatus.ADDITIONAL_FRAME:
                return _cut_short(answer)
            answer = self.frame(INS_MORE, chunk)
        given = bytearray(answer.data)
        ends = [len(given)]
        while answer.status == DesfireStatus.ADDITIONAL_FRAME:
            answer = self.frame(INS_MORE)
            given += answer.data
            ends.append(len(given))
            _refuse_endless(given, progress=bool(answer.data) or answer.status != DesfireStatus.ADDITIONAL_FRAME)
        return NativeAnswer(answer.status, bytes(given), tuple(ends))


def _cut_short(answer: NativeAnswer) -> NativeAnswer:
    if answer.status == DesfireStatus.OK:
        raise ChipError(N_("The chip took only a part of the data."))
    return answer


def _refuse_endless(data: bytearray, *, progress: bool) -> None:
    if len(data) > LONGEST_CHAIN or not progress:
        raise ChipError(N_("The chip's answer does not come to an end."))
