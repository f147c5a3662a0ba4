"""Transaction MAC: a card of EV2 and later signs what a transaction did, for a back office that shares a key with it.

The signature (TMV, 8 bytes) covers the commands of the transaction (the input, TMI), under a key made of the shared
one, a counter (TMC) that rises with each commit, and the UID (data sheet of the DESFire Light, MF2DL(H)x0, 10.3).
"""

from __future__ import annotations

from dataclasses import dataclass
from hmac import compare_digest

from station.chip.ciphers import BlockCipher, aes, zero_padded
from station.chip.desfire.applications import exactly
from station.chip.desfire.crypto import odd_bytes
from station.chip.desfire.keys import Key
from station.chip.desfire.link import DesfireLink
from station.chip.desfire.model import AccessRights, CommMode
from station.chip.desfire.native import Native, Protection

_AES_KEY = 0x02
_WITH_MAC = b"\x01"
_COUNTER, _VALUE = 4, 8
_SIGNING, _HIDING = 0x5A, 0xA5
# Commands whose parameters fill a block of their own before the data: of data and record files.
_IN_TWO_PARTS = frozenset((0x3D, 0x8D, 0xBD, 0xAD, 0x3B, 0x8B, 0xBB, 0xAB, 0xDB, 0xBA))


@dataclass(frozen=True, slots=True)
class TransactionMac:
    """What a card said of a committed transaction: its number, and the signature of what it did."""

    counter: int
    value: bytes


def create_transaction_mac_file(link: DesfireLink, number: int, mode: CommMode, rights: AccessRights, key: Key) -> None:
    """Create the file that keeps the last transaction MAC, and switch them on for the application; one is allowed.

    In ``rights``, reading is who may read it, both is who must name a reader (``commit_reader_id``), writing is never.
    """
    header = bytes((number, mode)) + int(rights).to_bytes(2, "little") + bytes((_AES_KEY,))
    link.send(Native(0xCE, header, key.value + bytes((key.version,)), Protection.FULL))


def commit_with_mac(link: DesfireLink) -> TransactionMac:
    """Commit the transaction as ``files.commit_transaction`` does, and return what the card signs it with."""
    return parsed_transaction_mac(link.send(Native(0xC7, _WITH_MAC)))


def commit_reader_id(link: DesfireLink, reader_id: bytes) -> bytes:
    """Name the reader (16 bytes) that this transaction is done by, and return the one before, enciphered."""
    return link.send(Native(0xC8, b"", exactly(reader_id, 16), Protection.MACED))


def transaction_entry(ins: int, header: bytes, data: bytes = b"") -> bytes:
    """Return what one command adds to the input of the MAC: parameters as they were sent, data in clear (10.3.4)."""
    if ins in _IN_TWO_PARTS:
        return zero_padded(bytes((ins,)) + header) + zero_padded(data)
    return zero_padded(bytes((ins,)) + header + data)


def is_signed(mac: TransactionMac, key: bytes, uid: bytes, entries: bytes) -> bool:
    """Say whether a card with this key and UID (7 bytes) signed these entries, as a back office checks it."""
    signer = _session(_SIGNING, mac.counter, key, uid)
    return compare_digest(odd_bytes(signer.cmac(entries)), mac.value)


def reader_before(hidden: bytes, counter: int, key: bytes, uid: bytes) -> bytes:
    """Return which reader did the transaction before number ``counter``, from what ``commit_reader_id`` returned."""
    cipher = _session(_HIDING, counter, key, uid)
    return cipher.decrypt(cipher.zero_iv, exactly(hidden, 16))


def _session(purpose: int, counter: int, key: bytes, uid: bytes) -> BlockCipher:
    context = bytes((purpose, 0x00, 0x01, 0x00, 0x80)) + counter.to_bytes(_COUNTER, "little") + uid
    return aes(aes(key).cmac(context))


def parsed_transaction_mac(data: bytes) -> TransactionMac:
    """Return what twelve bytes say, from a commit or read from the file.

    Raises:
        ChipError: they are not twelve.
    """
    exactly(data, _COUNTER + _VALUE)
    return TransactionMac(int.from_bytes(data[:_COUNTER], "little"), data[_COUNTER:])
