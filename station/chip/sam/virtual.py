"""A SAM in software, for the demo and the tests: written from AN10922 and the public transcripts, apart from the host.

It does not simulate: SAM_AuthenticateHost and secure messaging (a ``locked`` one refuses, as a real one would), change
of keys, usage counters, logical channels, and everything by which a SAM talks to cards itself (X mode, S mode).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import BlockCipherAlgorithm, Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import AES128

ATR = bytes.fromhex("3BDF18FF81F1FE43003F03834D494641524520506C75732053414D3B")
_PRODUCT = bytes.fromhex("04010103022801" + "04010103022801")
_UID = bytes.fromhex("0453414D563144")
_BATCH_AND_DATE = bytes.fromhex("984669000005091000")
_MODES = {1: 0xA1, 2: 0xA2, 3: 0xA3}
# First byte of SET for each length of key and whether it is AES.
_SET = {"aes128": 0x20, "2k3des": 0x08, "3k3des": 0x18}
_PREFIXES = {"aes128": b"\x01", "2k3des": b"\x21\x22", "3k3des": b"\x31\x32\x33"}
_MAY_DUMP_DIVERSIFIED = 0x10


@dataclass(frozen=True, slots=True)
class VirtualSamKey:
    """One key of the SAM: ``kind`` is aes128, 2k3des or 3k3des; its versions with their values."""

    kind: str
    versions: Mapping[int, bytes] = field(repr=False)
    may_dump_diversified: bool = True


class VirtualSam:
    """A SAM with the keys given; ``generation`` 1 to 3, ``locked`` until a host authenticates, which it never can."""

    def __init__(self, keys: Mapping[int, VirtualSamKey], *, generation: int = 2, locked: bool = False) -> None:
        self._keys, self._generation, self._locked = dict(keys), generation, locked

    @property
    def atr(self) -> bytes:
        """Return the answer to reset."""
        return ATR

    def reset(self) -> None:
        """Power the SAM again; it keeps nothing that would be lost."""

    def power_off(self) -> None:
        """Take the power away."""

    def transmit(self, apdu: bytes) -> bytes:
        """Answer one command."""
        if len(apdu) < 5:
            return b"\x67\x00"
        if apdu[0] != 0x80:
            return b"\x6e\x00"
        commands = {0x60: self._version, 0x64: self._entry, 0xD6: self._dump}
        command = commands.get(apdu[1])
        return b"\x6d\x00" if command is None else command(apdu)

    def _version(self, _apdu: bytes) -> bytes:
        return _PRODUCT + _UID + _BATCH_AND_DATE + bytes([_MODES[self._generation]]) + b"\x90\x00"

    def _entry(self, apdu: bytes) -> bytes:
        if apdu[2] > 127 or len(apdu) != 5:
            return b"\x6a\x86"
        key = self._keys.get(apdu[2])
        kind = key.kind if key else "2k3des"
        slots = 2 if kind == "3k3des" else 3
        versions = sorted(key.versions) if key else [0]
        told = (
            bytes((versions * slots)[: slots - len(versions)] + versions) if len(versions) < slots else bytes(versions)
        )
        tail = bytes(3) + bytes(3) + b"\xff" + bytes([_SET[kind], 0])
        if self._generation > 1:
            tail += bytes([_MAY_DUMP_DIVERSIFIED if key and key.may_dump_diversified else 0])
        if self._generation > 2:
            tail += bytes(2)
        return told + tail + b"\x90\x00"

    def _dump(self, apdu: bytes) -> bytes:
        length = apdu[4]
        if length < 2 or len(apdu) != 6 + length:
            return b"\x67\x00"
        if self._locked:
            return b"\x69\x82"
        key, version, data = self._keys.get(apdu[5]), apdu[6], apdu[7:-1]
        if key is None or version not in key.versions:
            return b"\x6a\x82"
        # Plain, and diversified: this SAM never gives a master key out.
        if apdu[2] != 0x02 or not key.may_dump_diversified or self._generation < 2:
            return b"\x69\x85"
        block = 16 if key.kind == "aes128" else 8
        # With the prefix it fills two blocks at most (AN10922, 2.2 to 2.4).
        if not 0 < len(data) < 2 * block:
            return b"\x6a\x80"
        value = key.versions[version]
        return b"".join(_mac(key.kind, value, bytes([p]) + data) for p in _PREFIXES[key.kind]) + b"\x90\x00"


def _mac(kind: str, value: bytes, message: bytes) -> bytes:
    """Return the CMAC of two blocks (AN10922, NIST SP 800-38B): the subkeys are multiples of x in GF(2^n)."""
    cipher: BlockCipherAlgorithm = AES128(value) if kind == "aes128" else TripleDES((value * 2)[:24])
    size = cipher.block_size // 8

    def enciphered(number: int) -> int:
        encryptor = Cipher(cipher, modes.ECB()).encryptor()  # noqa: S305 - one block: nothing to chain
        return int.from_bytes(encryptor.update(number.to_bytes(size, "big")) + encryptor.finalize(), "big")

    top, polynomial = 1 << (8 * size), (1 << (8 * size)) | (0x87 if size == 16 else 0x1B)
    subkey = enciphered(0)
    for _ in range(1 if len(message) == 2 * size else 2):
        subkey <<= 1
        subkey ^= polynomial if subkey & top else 0
    padded = message if len(message) == 2 * size else (message + b"\x80" + bytes(2 * size))[: 2 * size]
    first = enciphered(int.from_bytes(padded[:size], "big"))
    return enciphered(first ^ int.from_bytes(padded[size:], "big") ^ subkey).to_bytes(size, "big")
