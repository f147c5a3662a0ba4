"""Talk to a MIFARE SAM AV2 or AV3 (CLA 80): which one it is, what keys it has, and a card's own key.

The full data sheets are under a non-disclosure agreement. What is here is known from transcripts in NXP's public forum
(SAM_GetVersion, SAM_GetKeyEntry) and from what open source hosts send (SAM_DumpSecretKey); *inferred*, and not tried on
a real SAM, are: the length of an AV3's key entry, and that a 3DES key comes with its version in the lowest bits.
SAM_AuthenticateHost is not spoken: a SAM that demands it is told, and can't be used.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum

from station.domain.errors import N_, ChipError, ChipRefusedError
from station.domain.hidden import Hidden
from station.ports.sam import SamGeneration, SamKeyEntry, SamVersion
from station.ports.secrets import KeyKind

Transmit = Callable[[bytes], bytes]

_CLA = 0x80
_GET_VERSION, _GET_KEY_ENTRY, _DUMP_SECRET_KEY = 0x60, 0x64, 0xD6
_WITH_DIVERSIFICATION = 0x02
_VERSION_LENGTH, _UID_AT, _UID_LENGTH = 31, 14, 7
_GENERATIONS = {0xA1: SamGeneration.AV1, 0xA2: SamGeneration.AV2, 0xA3: SamGeneration.AV3}
# Bytes after the versions in a key entry: AID, key numbers, counter and SET; from AV2 on ExtSET; in AV3 two more.
_ENTRY_TAIL = {SamGeneration.AV1: 9, SamGeneration.AV2: 10, SamGeneration.AV3: 12}
_SET_AT = 7
# Bits 3 to 5 of the first byte of SET.
_KINDS = {0x00: KeyKind.TDES2K, 0x08: KeyKind.TDES2K, 0x18: KeyKind.TDES3K, 0x20: KeyKind.AES128}


class SamStatus(IntEnum):
    """Status words of a SAM; where it means another thing than ISO 7816-4, that one is named."""

    OK = 0x9000
    CHAINING = 0x90AF
    WRONG_LENGTH = 0x6700
    HOST_AUTHENTICATION_NEEDED = 0x6982
    KEY_INTEGRITY = 0x6984
    CONDITIONS_NOT_SATISFIED = 0x6985
    NOT_ALLOWED = 0x6986
    WRONG_DATA = 0x6A80
    KEY_VERSION_NOT_FOUND = 0x6A82
    WRONG_P1_P2 = 0x6A86
    KEY_NOT_FOUND = 0x6A88
    UNKNOWN_COMMAND = 0x6D00
    UNKNOWN_CLASS = 0x6E00


class SamHost:
    """The ``Sam`` port over a connection's ``transmit``."""

    def __init__(self, transmit: Transmit) -> None:
        self._transmit = transmit

    def version(self) -> SamVersion:
        """Return which SAM it is; raises ChipError when it is none."""
        answer = self._send("SAM_GetVersion", bytes((_CLA, _GET_VERSION, 0, 0, 0)))
        generation = _GENERATIONS.get(answer[-1]) if len(answer) == _VERSION_LENGTH else None
        if generation is None:
            raise ChipError(N_("this chip is no SAM that the station knows"))
        return SamVersion(generation, bytes(answer[_UID_AT : _UID_AT + _UID_LENGTH]))

    def key_entry(self, key_no: int) -> SamKeyEntry:
        """Return what is known of a key; the key itself is never in it."""
        # The entry does not say itself how long its end is.
        tail = _ENTRY_TAIL[self.version().generation]
        answer = self._send("SAM_GetKeyEntry", bytes((_CLA, _GET_KEY_ENTRY, key_no, 0, 0)))
        count = len(answer) - tail
        if count not in (2, 3):  # keys of 24 bytes have room for two versions, shorter ones for three
            raise ChipError(N_("the SAM told something senseless of its key {number}"), number=key_no)
        kind = _KINDS.get(answer[count + _SET_AT] & 0x38)
        return SamKeyEntry(kind, tuple(sorted(set(answer[:count]))))

    def diversified(self, key_no: int, version: int, data: bytes) -> bytes:
        """Return the key that the SAM makes for one card; the SAM adds the constants and the padding of AN10922."""
        head = bytes((_CLA, _DUMP_SECRET_KEY, _WITH_DIVERSIFICATION, 0, 2 + len(data), key_no, version))
        return self._send("SAM_DumpSecretKey", head + data + b"\x00")

    def _send(self, command: str, apdu: bytes) -> Hidden:
        # Whichever command it was, the answer may be a key: no repr, and so no traceback, shows it.
        answer = Hidden(self._transmit(apdu))
        sw = int.from_bytes(answer[-2:], "big")
        if len(answer) < 2 or sw != SamStatus.OK:
            raise ChipRefusedError(sw=sw, command=command, detail=_name(sw))
        return Hidden(answer[:-2])


def _name(sw: int) -> str:
    try:
        return f"{SamStatus(sw).name.replace('_', ' ').lower()} ({sw:04X})"
    except ValueError:
        return f"{sw:04X}"
