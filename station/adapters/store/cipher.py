"""Encrypt personal fields one by one: AES-256-GCM, bound to the column, with keyed digests for looking values up."""

from __future__ import annotations

import base64
import hmac
import os
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from station.domain.errors import N_, StoreDamagedError

KEY_BYTES = 32
_NONCE_BYTES = 12
_MARK = b"\x00sc1"  # no JPEG and no plain value begins so


class FieldCipher:
    """Encrypt and decrypt values of chosen columns (all personal ones when none are named).

    A ciphertext moved into another column does not decrypt: the column's name is authenticated with it (NIST SP
    800-38D, additional data). Values that were written before a column was chosen stay readable.
    """

    def __init__(self, key: bytes, columns: frozenset[str] | None = None) -> None:
        """Take a random key of 32 bytes, and the columns to encrypt, as ``table.column``."""
        if len(key) != KEY_BYTES:
            raise ValueError(f"a key of {KEY_BYTES} bytes is needed")
        self._aead = AESGCM(HKDFExpand(SHA256(), KEY_BYTES, b"station store: fields").derive(key))
        self._digest_key = HKDFExpand(SHA256(), KEY_BYTES, b"station store: lookup").derive(key)
        self._columns = columns

    def covers(self, column: str) -> bool:
        """Tell whether new values of ``column`` are encrypted."""
        return self._columns is None or column in self._columns

    def encrypt(self, column: str, value: bytes) -> bytes:
        """Return ``value`` encrypted for ``column``; the same value gives another ciphertext each time."""
        nonce = os.urandom(_NONCE_BYTES)
        return _MARK + nonce + self._aead.encrypt(nonce, value, column.encode())

    def decrypt(self, column: str, stored: bytes) -> bytes:
        """Return what ``encrypt`` was given.

        Raises:
            StoreDamagedError: the key is another one, or the value was tampered with or moved.
        """
        nonce = stored[len(_MARK) : len(_MARK) + _NONCE_BYTES]
        try:
            return self._aead.decrypt(nonce, stored[len(_MARK) + _NONCE_BYTES :], column.encode())
        except (InvalidTag, ValueError) as error:
            raise StoreDamagedError(
                detail=N_("an encrypted field does not fit the key"), file="", column=column
            ) from error

    def digest(self, text: str) -> str:
        """Return a digest that finds ``text`` again and tells nothing without the key."""
        return hmac.digest(self._digest_key, text.encode(), sha256)[:16].hex()


def is_encrypted(stored: bytes) -> bool:
    """Tell whether a stored value is a ciphertext."""
    return stored.startswith(_MARK)


def to_text(stored: bytes) -> str:
    """Return a ciphertext as it stands in a text column."""
    return _TEXT_MARK + base64.b64encode(stored).decode("ascii")


def from_text(stored: str) -> bytes | None:
    """Return the ciphertext in a text column, ``None`` for a plain value."""
    return base64.b64decode(stored[len(_TEXT_MARK) :]) if stored.startswith(_TEXT_MARK) else None


def plain_digest(text: str) -> str:
    """Return the digest that stands in for ``FieldCipher.digest`` where nothing is encrypted."""
    return sha256(text.encode()).digest()[:16].hex()


# A private-use character: no register, form or keyboard gives one, and the store refuses it in plain values.
_TEXT_MARK = "\ue5c1"
TEXT_MARK = _TEXT_MARK
