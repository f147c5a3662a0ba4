"""Cards by ISO 7816-4: SELECT and READ BINARY; and the data zone of the European Student Card through that door.

A DESFire answers these commands, too, as do cards that are no DESFire at all. An answer holds at most 256 bytes, and a
certificate has more: everything is read in pieces until it is whole.
"""

from __future__ import annotations

from dataclasses import dataclass

from station.chip.apdu import SW, CommandApdu, ResponseApdu, Transmit, status_name
from station.chip.processors import IsoChaining
from station.domain.errors import N_, ChipError, ChipRefusedError

ESC_NAME = bytes.fromhex("A00000061404F58840")
"""The European Student Card's application, by its DF name."""
ESCN_FID, SIGNATURE_FID, CERTIFICATE_FID = 0x1001, 0x1002, 0x1003
ESCN_LENGTH = 16

_SELECT, _READ = 0xA4, 0xB0
_BY_FILE_ID, _BY_NAME = 0x00, 0x04
_FIRST_ONLY_WITH_FCI, _FIRST_ONLY_WITHOUT = 0x00, 0x0C
_LARGEST = 256
# Beyond it the first bit of the offset would mean a short file id.
_LAST_OFFSET = 0x7FFF
_NOT_THERE = frozenset((SW.NOT_FOUND, SW.FUNCTION_NOT_SUPPORTED))
_PAST_END = frozenset((SW.WRONG_OFFSET, SW.WRONG_P1_P2, SW.END_OF_FILE))
_SEQUENCE = 0x30


@dataclass(frozen=True, slots=True)
class DeuInfo:
    """What the data zone holds; ``None`` for a file that is not there, closed, or holds something else."""

    escn: bytes
    signature: bytes | None
    certificate: bytes | None


def select_name(transmit: Transmit, name: bytes) -> bytes | None:
    """Select an application by its name; return its description (FCI, may be empty), ``None`` when it is not there.

    Raises:
        ChipRefusedError: the card refused for another reason.
    """
    answer = _send(transmit, CommandApdu(0x00, _SELECT, _BY_NAME, _FIRST_ONLY_WITH_FCI, name, 256))
    if answer.sw in _NOT_THERE:
        return None
    return _checked(answer, "SELECT")


def select_file(transmit: Transmit, fid: int) -> bool:
    """Select a file of the selected application by its id, and say whether it is there.

    Raises:
        ChipRefusedError: the card refused for another reason.
    """
    head = (0x00, _SELECT, _BY_FILE_ID, _FIRST_ONLY_WITHOUT)
    answer = _send(transmit, CommandApdu(*head, fid.to_bytes(2, "big")))
    if answer.sw == SW.WRONG_P1_P2:
        # Some cards know no other way than with a description.
        answer = _send(transmit, CommandApdu(0x00, _SELECT, _BY_FILE_ID, 0x00, fid.to_bytes(2, "big"), 256))
    if answer.sw in _NOT_THERE:
        return False
    _checked(answer, "SELECT")
    return True


def read_binary(transmit: Transmit, length: int | None = None, *, offset: int = 0) -> bytes:
    """Return ``length`` bytes of the selected file, or all that there are from ``offset`` on.

    Raises:
        ChipRefusedError: the file is closed, or is no such file.
        ChipError: it ends before that, or never.
    """
    data = b""
    while length is None or len(data) < length:
        at = offset + len(data)
        if at > _LAST_OFFSET:
            raise ChipError(_TOO_LONG)
        wanted = _LARGEST if length is None else min(_LARGEST, length - len(data))
        answer = _send(transmit, CommandApdu(0x00, _READ, at >> 8, at & 0xFF, le=wanted))
        # A file of a whole number of pieces shows its end only by refusing the next one. Of the first piece the same
        # words are a refusal.
        if data and answer.sw in _PAST_END and not answer.data:
            break
        if answer.sw != SW.END_OF_FILE:
            _checked(answer, "READ BINARY")
        data += answer.data
        if answer.sw == SW.END_OF_FILE or not answer.data:
            break
    if length is not None and len(data) < length:
        raise ChipError(_TOO_SHORT, length=len(data), wanted=length)
    return data if length is None else data[:length]


def read_der(transmit: Transmit) -> bytes:
    """Return the DER structure that the selected file begins with, whole and without what follows (X.690, 8.1.3).

    Raises:
        ChipRefusedError: the file is closed. ChipError: it holds something else, or only a part.
    """
    head = read_binary(transmit, 4)
    if head[0] != _SEQUENCE:
        raise ChipError(_NO_DER)
    if head[1] < 0x80:
        return read_binary(transmit, 2 + head[1])
    count = head[1] & 0x7F
    # Two bytes of length reach further than an offset of READ BINARY does.
    if count not in (1, 2):
        raise ChipError(_NO_DER)
    return read_binary(transmit, 2 + count + int.from_bytes(head[2 : 2 + count], "big"))


def read_deuinfo(transmit: Transmit) -> DeuInfo | None:
    """Read the data zone of a European Student Card, ``None`` where there is none; no key is needed.

    Raises:
        ChipError: the number can't be read.
    """
    if select_name(transmit, ESC_NAME) is None or not select_file(transmit, ESCN_FID):
        return None
    escn = read_binary(transmit, ESCN_LENGTH)
    return DeuInfo(escn, _der_file(transmit, SIGNATURE_FID), _der_file(transmit, CERTIFICATE_FID))


def _der_file(transmit: Transmit, fid: int) -> bytes | None:
    try:
        return read_der(transmit) if select_file(transmit, fid) else None
    except ChipError:
        return None


def _send(transmit: Transmit, command: CommandApdu) -> ResponseApdu:
    # The answer in pieces may be longer than a short one; so it is not parsed as such.
    raw = IsoChaining(transmit)(bytes(command))
    return ResponseApdu(raw[:-2], int.from_bytes(raw[-2:], "big"))


def _checked(answer: ResponseApdu, command: str) -> bytes:
    if answer.sw != SW.OK:
        raise ChipRefusedError(sw=answer.sw, command=command, detail=status_name(answer.sw))
    return answer.data


_TOO_LONG = N_("The file on the chip has no end.")
_TOO_SHORT = N_("The file on the chip has {length} bytes only, and {wanted} are needed.")
_NO_DER = N_("The file on the chip holds neither a signature nor a certificate.")
