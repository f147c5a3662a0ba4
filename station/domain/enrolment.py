"""Stations that an admin enrolled: their rights, their number ranges, and the one-time code that brings them in.

A code is ``XXXX-XXXX-XXXX``: ten signs at random (50 bits) and two to check them, in Crockford's base 32, which has no
I, L, O or U. Any one sign that is wrong and any two that changed places are noticed before the store is asked.
"""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from station.domain.errors import N_
from station.domain.station_errors import EnrolmentError

CODE_BYTES = 7
"""So many random bytes a code is made of; of the last one, two bits."""
CODE_LIFETIME = timedelta(hours=24)
QR_BEGINS = "ESC-STATION:"
"""What a code's QR begins with, so that a hand scanner's text is known for what it is."""
PREFIXES = 1000
"""A card number has three digits for its range."""

_SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
# Crockford reads I, L and O as the digits that they look like; a U is taken for a V here.
_READ_AS = str.maketrans({"I": "1", "L": "1", "O": "0", "U": "V"})
_RANDOM_SIGNS = 10
# The greatest prime below 32²: no single wrong sign and no two that changed places leave the remainder as it was.
_MODULUS = 1021


class Right(StrEnum):
    """What a station may do. What was begun may always be finished, and the queue is always sent."""

    ISSUE = "issue"
    CARDS = "cards"
    REGISTER = "register"
    LAYOUTS = "layouts"
    ADMIN = "admin"


RIGHTS_IN_WORDS: dict[Right, str] = {
    Right.ISSUE: N_("make new cards"),
    Right.CARDS: N_("block, extend, replace and revoke cards"),
    Right.REGISTER: N_("import the register"),
    Right.LAYOUTS: N_("approve and retire card layouts"),
    Right.ADMIN: N_("enrol and withdraw stations"),
}
EVERYTHING = frozenset(Right)
USUAL = frozenset({Right.ISSUE, Right.CARDS})
"""What a desk needs and no more."""


@dataclass(frozen=True, slots=True)
class EnrolledStation:
    """A station that may work with a store, or might: ``prefixes`` are its number ranges by PIC, its for ever.

    ``token`` is a digest of what proves that a computer is this station; empty where it works with a store of its own,
    which it was enrolled for by a file.
    """

    id: str
    name: str
    rights: frozenset[Right]
    enrolled_at: datetime
    operator: str = ""
    token: str = ""
    from_file: bool = False
    ends_at: datetime | None = None
    last_seen_at: datetime | None = None
    withdrawn_at: datetime | None = None
    withdrawn_by: str = ""
    reason: str = ""
    prefixes: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Invitation:
    """That somebody may enrol one station under this name; ``digest`` stands for the code, which is kept nowhere."""

    digest: str
    name: str
    rights: frozenset[Right]
    made_at: datetime
    expires_at: datetime
    operator: str = ""
    station: str = ""
    used_at: datetime | None = None


def name_key(name: str) -> str:
    """Return what is the same for names that people take for the same one."""
    return unicodedata.normalize("NFC", name).strip().casefold()


def make_code(random: bytes) -> str:
    """Return a code made of ``CODE_BYTES`` random bytes."""
    number = int.from_bytes(random[:CODE_BYTES], "big") % 32**_RANDOM_SIGNS
    signs = _in_signs(number, _RANDOM_SIGNS) + _in_signs(number * 32**2 % _MODULUS, 2)
    return "-".join(signs[place : place + 4] for place in range(0, len(signs), 4))


def read_code(text: str) -> str:
    """Return a code as it was made, from what was typed or scanned: any case, with or without its hyphens.

    Raises:
        EnrolmentError: it is too short or too long, or a sign in it is wrong.
    """
    plain = text.strip().upper().removeprefix(QR_BEGINS).replace("-", "").replace(" ", "").translate(_READ_AS)
    if len(plain) != _RANDOM_SIGNS + 2 or any(sign not in _SIGNS for sign in plain):
        raise EnrolmentError(MISTYPED, MISTYPED_TODO)
    number, check = (_number_of(part) for part in (plain[:_RANDOM_SIGNS], plain[_RANDOM_SIGNS:]))
    if number * 32**2 % _MODULUS != check:
        raise EnrolmentError(MISTYPED, MISTYPED_TODO)
    return "-".join(plain[place : place + 4] for place in range(0, len(plain), 4))


def code_digest(code: str) -> str:
    """Return what stands for a code in a store: who can read the store can't enrol with it (scrypt, RFC 7914)."""
    # One salt for all, since a code is looked up by its digest; 50 random bits need no other against tables.
    return stretched(code, b"esc-station enrolment code, 1").hex()


def stretched(code: str, salt: bytes) -> bytes:
    """Return 32 bytes made of a code, slowly enough that trying codes is hopeless."""
    return hashlib.scrypt(read_code(code).encode("ascii"), salt=salt, n=2**14, r=8, p=1, dklen=32)


def token_digest(token: bytes) -> str:
    """Return what stands in a store for a station's token, which is random and long."""
    return hashlib.sha256(b"esc-station token, 1:" + token).hexdigest()


def _in_signs(number: int, count: int) -> str:
    return "".join(_SIGNS[number >> 5 * place & 31] for place in reversed(range(count)))


def _number_of(signs: str) -> int:
    number = 0
    for sign in signs:
        number = number * 32 + _SIGNS.index(sign)
    return number


MISTYPED = N_("This is not an enrolment code, or a sign of it is wrong.")
MISTYPED_TODO = N_("It has three groups of four signs. Type it again as it was given to you. It was not used up.")
