"""Seal what a desk writes out: it holds names and pictures, and travels on a stick.

    ESCMERGE  version  AES-256-GCM of the lines, by a key that is made of a phrase of 26 letters and digits (130 bits)

The phrase is made for this one file, shown to who writes it, and kept nowhere.
"""

from __future__ import annotations

import base64
import secrets

from station.adapters.store.cipher import FieldCipher
from station.domain.errors import N_, InputError, StoreDamagedError

_HEAD = b"ESCMERGE\x01"
_PURPOSE = "station merge file"
# A letter of base32 carries 5 bits: 26 of them are 130, and 17 bytes are the fewest that have as many.
_PHRASE_BYTES, _PHRASE_LETTERS = 17, 26


def seal(lines: bytes) -> tuple[str, bytes]:
    """Return a new phrase, and the file that only it opens."""
    phrase = base64.b32encode(secrets.token_bytes(_PHRASE_BYTES)).decode("ascii")[:_PHRASE_LETTERS].lower()
    return phrase, _HEAD + _cipher(phrase).encrypt(_PURPOSE, lines)


def unseal(phrase: str, file: bytes) -> bytes:
    """Return what ``seal`` was given; case, spaces and hyphens of the phrase don't matter. Raises InputError."""
    if not file.startswith(_HEAD):
        raise InputError(_NO_FILE, _NO_FILE_TODO)
    typed = "".join(sign for sign in phrase.lower() if sign.isalnum())
    try:
        return _cipher(typed).decrypt(_PURPOSE, file.removeprefix(_HEAD))
    except StoreDamagedError as error:
        raise InputError(_OTHER_PHRASE, _OTHER_PHRASE_TODO) from error


def _cipher(phrase: str) -> FieldCipher:
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    # As good as random already, so it needs no slow derivation (RFC 5869).
    return FieldCipher(HKDF(SHA256(), 32, None, _PURPOSE.encode()).derive(phrase.encode()))


_NO_FILE = N_("This file is not what a desk wrote out to be merged, or it was cut short.")
_NO_FILE_TODO = N_("Have it written again at that desk with: station merge export. Nothing was merged.")
_OTHER_PHRASE = N_("The phrase does not open this file, or the file was damaged.")
_OTHER_PHRASE_TODO = N_("Compare it with what that desk showed, letter by letter. Nothing was merged.")
