"""Encrypt personal fields one by one: AES-256-GCM, bound to the column, with keyed digests for looking values up."""

from __future__ import annotations

import base64
import hmac
import os
from hashlib import sha256

from station.domain.errors import N_, StoreDamagedError, StoreError

KEY_BYTES = 32
_NONCE_BYTES = 12
# What a ciphertext begins with; a plain value that happens to begin so is kept with the other mark before it.
_MARK, _PLAIN = b"\x00sc1", b"\x00sp1"
_TEXT_MARK, _TEXT_PLAIN = "\x01sc1:", "\x01sp1:"


class FieldCipher:
    """Encrypt and decrypt values of chosen columns (all personal ones when none are named).

    A ciphertext moved into another column does not decrypt: the column's name is authenticated with it (NIST SP
    800-38D, additional data). Values that were written before a column was chosen stay readable.
    """

    def __init__(self, key: bytes, columns: frozenset[str] | None = None) -> None:
        """Take a random key of 32 bytes, and the columns to encrypt, as ``table.column``."""
        # Here, not above: a store that is not encrypted opens without waiting for this library.
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

        if len(key) != KEY_BYTES:
            raise ValueError(f"a key of {KEY_BYTES} bytes is needed")
        self._aead = AESGCM(HKDFExpand(SHA256(), KEY_BYTES, b"station store: fields").derive(key))
        # Two keys from one: what is found by a digest must tell nothing about what the cipher hides.
        self._digest_key = HKDFExpand(SHA256(), KEY_BYTES, b"station store: lookup").derive(key)
        self._columns = columns

    def covers(self, column: str) -> bool:
        """Tell whether new values of ``column`` are encrypted."""
        return self._columns is None or column in self._columns

    def encrypt(self, column: str, value: bytes) -> bytes:
        """Return ``value`` encrypted for ``column``; the same value gives another ciphertext each time."""
        # 96 random bits (NIST SP 800-38D, 8.2.2), good for 2^32 values a key (8.3): no university has as many.
        nonce = os.urandom(_NONCE_BYTES)
        return _MARK + nonce + self._aead.encrypt(nonce, value, column.encode())

    def decrypt(self, column: str, stored: bytes) -> bytes:
        """Return what ``encrypt`` was given.

        Raises:
            StoreDamagedError: the key is another one, or the value was tampered with or moved.
        """
        from cryptography.exceptions import InvalidTag

        nonce = stored[len(_MARK) : len(_MARK) + _NONCE_BYTES]
        try:
            return self._aead.decrypt(nonce, stored[len(_MARK) + _NONCE_BYTES :], column.encode())
        except (InvalidTag, ValueError) as error:
            raise _does_not_fit(column) from error

    def digest(self, text: str) -> str:
        """Return a digest that finds ``text`` again and tells nothing without the key."""
        # Half of it is enough to be unique here, and fits an index on both databases.
        return hmac.digest(self._digest_key, text.encode(), sha256)[:16].hex()


def sealed(value: bytes, column: str, cipher: FieldCipher | None) -> bytes:
    """Return a value as it is kept in a binary column."""
    if cipher is not None and cipher.covers(column):
        return cipher.encrypt(column, value)
    return _PLAIN + value if value.startswith((_MARK, _PLAIN)) else value


def unsealed(stored: bytes, column: str, cipher: FieldCipher | None) -> bytes:
    """Return a value from what is kept in a binary column."""
    if not stored.startswith(_MARK):
        return stored.removeprefix(_PLAIN)
    return _needed(cipher).decrypt(column, stored)


def sealed_text(value: str, column: str, cipher: FieldCipher | None) -> str:
    """Return a text as it is kept in a text column."""
    if cipher is not None and cipher.covers(column):
        return encrypted_text(value, column, cipher)
    return _TEXT_PLAIN + value if value.startswith((_TEXT_MARK, _TEXT_PLAIN)) else value


def encrypted_text(value: str, column: str, cipher: FieldCipher) -> str:
    """Return a text as it is kept in a text column that is encrypted."""
    return _TEXT_MARK + base64.b64encode(cipher.encrypt(column, value.encode())).decode("ascii")


def unsealed_text(stored: str, column: str, cipher: FieldCipher | None) -> str:
    """Return a text from what is kept in a text column."""
    if not stored.startswith(_TEXT_MARK):
        return stored.removeprefix(_TEXT_PLAIN)
    try:
        return _needed(cipher).decrypt(column, base64.b64decode(stored[len(_TEXT_MARK) :])).decode()
    except ValueError as error:
        raise _does_not_fit(column) from error


def digest_of(text: str, cipher: FieldCipher | None) -> str:
    """Return what a personal value is found by."""
    return sha256(text.encode()).digest()[:16].hex() if cipher is None else cipher.digest(text)


def _needed(cipher: FieldCipher | None) -> FieldCipher:
    if cipher is None:
        raise StoreError(
            N_("The database {file} is encrypted, and its key was not given."),
            N_("Ask IT to put the key into this computer's keyring. Nothing was changed."),
            file="",
        )
    return cipher


def _does_not_fit(column: str) -> StoreDamagedError:
    return StoreDamagedError(detail=N_("an encrypted field does not fit the key"), file="", column=column)
