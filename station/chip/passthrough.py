"""A memory card's own commands, passed through the reader as they are: each reader that can has one of two ways.

The transparent exchange of PC/SC part 3 (3.2.2.2, FF C2), and the InCommunicateThru of readers with a PN532 inside
(PN532 user manual, 7.3.9; readers of ACS take it in FF 00 00 00).
"""

from __future__ import annotations

from station.chip.apdu import SW, CommandApdu, ResponseApdu, Transmit
from station.domain.errors import ChipError

_START, _END = bytes.fromhex("8100"), bytes.fromhex("8200")
_TRANSCEIVE, _RESPONSE, _STATUS = 0x95, 0x97, 0xC0
_ALL_WELL = bytes.fromhex("009000")
_PN532_COMMAND, _PN532_ANSWER = bytes.fromhex("D442"), bytes.fromhex("D543")


def pass_through(transmit: Transmit, command: bytes) -> bytes | None:
    """Return the card's answer to ``command``, empty where it stays silent; ``None`` where the reader has no way.

    A card that does not know the command may stop answering until the reader finds it anew; ask before or after
    everything else.
    """
    if _exchanged(transmit, 0x00, _START) is not None:
        try:
            data = _exchanged(transmit, 0x01, bytes((_TRANSCEIVE, len(command))) + command)
        finally:
            # An open session keeps off what the reader does with cards by itself, for whoever comes next too.
            _exchanged(transmit, 0x00, _END)
        if data is not None:
            objects = _objects(data)
            return objects.get(_RESPONSE, b"") if objects.get(_STATUS) == _ALL_WELL else b""
    answer = _sent(transmit, CommandApdu(0xFF, 0x00, data=_PN532_COMMAND + command))
    if answer is None or answer.sw != SW.OK or answer.data[:2] != _PN532_ANSWER or len(answer.data) < 3:
        return None
    # The byte behind the answer's code is the PN532's own error (7.1); not 0, the card has said nothing.
    return answer.data[3:] if answer.data[2] == 0 else b""


def _exchanged(transmit: Transmit, p2: int, data: bytes) -> bytes | None:
    answer = _sent(transmit, CommandApdu(0xFF, 0xC2, 0x00, p2, data, 256))
    return answer.data if answer is not None and answer.sw == SW.OK else None


def _sent(transmit: Transmit, command: CommandApdu) -> ResponseApdu | None:
    try:
        return ResponseApdu.parse(transmit(bytes(command)))
    except ChipError:
        return None


def _objects(data: bytes) -> dict[int, bytes]:
    """Return the data objects of an answer by their tags, as far as they are whole."""
    found, at = {}, 0
    while at + 2 <= len(data) and at + 2 + data[at + 1] <= len(data):
        found[data[at]] = data[at + 2 : at + 2 + data[at + 1]]
        at += 2 + data[at + 1]
    return found
