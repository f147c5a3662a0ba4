"""Commands about the AES keys of the selected application."""

from __future__ import annotations

from dataclasses import dataclass

from station.chip.desfire.crypto import crc32
from station.chip.desfire.link import DesfireLink, Native
from station.chip.desfire.model import Protection
from station.domain.errors import N_, ChipError

ZERO_KEY = bytes(16)
"""What every AES key of a new application is."""

_CHANGE = 0xC4


@dataclass(frozen=True, slots=True, repr=False)
class NewKey:
    """A key to be set; it never shows in a text."""

    number: int
    key: bytes
    version: int
    old: bytes = ZERO_KEY


def get_key_version(link: DesfireLink, number: int) -> int:
    """Return the version byte of a key."""
    data = link.send(Native(0x64, bytes((number,))))
    if len(data) != 1:
        raise ChipError(N_("The chip gave a senseless answer ({length} bytes)."), length=len(data))
    return data[0]


def change_key(link: DesfireLink, new: NewKey) -> None:
    """Change a key. After changing the key that is authenticated, the session is gone.

    The cryptogram (AN0945, ChangeKey): the key in use is sent as it is; another one XORed with the old key, so that
    only who knows both can change it, and with one more checksum, over the new key.
    """
    same = link.authenticated == new.number
    header = bytes((new.number,))
    key = new.key if same else bytes(a ^ b for a, b in zip(new.key, new.old, strict=True))
    data = key + bytes((new.version,))
    data += crc32(bytes((_CHANGE,)) + header + data)
    if same:
        link.send_last(Native(_CHANGE, header, data, sent=Protection.SEALED))
    else:
        link.send(Native(_CHANGE, header, data + crc32(new.key), sent=Protection.SEALED))
