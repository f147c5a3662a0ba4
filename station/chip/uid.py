"""A card's UID in the many ways that doors, tills and libraries write it.

The UID is what the card says when it comes into the field (ISO 14443-3): 4, 7 or 10 bytes of a type A card, 4 bytes
(PUPI) of a type B card, 8 of FeliCa and ISO 15693. Readers agree neither on which byte comes first nor on decimal or
hexadecimal; which of them a system expects is found out by showing it one card.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from station.domain.errors import N_, InputError

_RANDOM_LENGTH, _RANDOM_FIRST = 4, 0x08
# How many decimal digits the largest number of so many bytes has: numbers are filled up, so that they sort and compare.
_DIGITS = {4: 10, 7: 17, 8: 20, 10: 25}


class UidFormat(StrEnum):
    """A way to write a UID; ``reversed`` takes the last byte first, ``cut`` drops the high bytes that do not fit."""

    HEX = "hex"
    HEX_REVERSED = "hex-reversed"
    DECIMAL = "decimal"
    DECIMAL_REVERSED = "decimal-reversed"
    WIEGAND_26 = "wiegand-26"
    WIEGAND_26_REVERSED = "wiegand-26-reversed"
    WIEGAND_26_CUT = "wiegand-26-cut"
    WIEGAND_26_REVERSED_CUT = "wiegand-26-reversed-cut"
    WIEGAND_34 = "wiegand-34"
    WIEGAND_34_REVERSED = "wiegand-34-reversed"
    WIEGAND_34_CUT = "wiegand-34-cut"
    WIEGAND_34_REVERSED_CUT = "wiegand-34-reversed-cut"

    @property
    def reverses(self) -> bool:
        """Say whether the last byte of the UID counts first."""
        return "reversed" in self.split("-")

    @property
    def cuts(self) -> bool:
        """Say whether bytes that do not fit are dropped; two cards may then look the same."""
        return self.endswith("-cut")

    @property
    def wiegand_bits(self) -> int:
        """Return 26 or 34 for a Wiegand format, 0 for others."""
        return int(self.split("-")[1]) if self.startswith("wiegand") else 0


@dataclass(frozen=True, slots=True)
class Wiegand:
    """What goes over the two wires of a door reader: facility, number, and a parity bit at each end.

    26 bits carry a facility of 8 bits and a number of 16, 34 bits 16 of each. The first bit makes the number of ones
    in the first half even, the last bit makes it odd in the second half.
    """

    bits: int
    facility: int
    number: int

    @classmethod
    def of(cls, value: int, bits: int) -> Wiegand:
        """Return the frame of 26 or 34 bits that carries ``value``.

        Raises:
            ValueError: it does not fit, or there are no such frames.
        """
        if bits not in (26, 34) or not 0 <= value < 1 << (bits - 2):
            raise ValueError(f"a Wiegand frame of {bits} bits does not carry {value}")
        return cls(bits, value >> 16, value & 0xFFFF)

    @property
    def value(self) -> int:
        """Return facility and number as one."""
        return self.facility << 16 | self.number

    @property
    def frame(self) -> str:
        """Return the bits in the order of the wire, parity included."""
        data = f"{self.value:0{self.bits - 2}b}"
        half = len(data) // 2
        return f"{data[:half].count('1') % 2}{data}{1 - data[half:].count('1') % 2}"

    def __str__(self) -> str:
        """Return facility and number as they are printed on cards: ``047,08577``."""
        digits = 3 if self.bits == 26 else 5
        return f"{self.facility:0{digits}},{self.number:05}"


def is_random(uid: bytes) -> bool:
    """Say whether a chip hides its UID behind this number, which changes (ISO 14443-3, 6.5.4: 4 bytes, first 08)."""
    return len(uid) == _RANDOM_LENGTH and uid[0] == _RANDOM_FIRST


def format_uid(uid: bytes, form: UidFormat) -> str:
    """Return a UID as text; hexadecimal in upper case, decimal with leading zeros, Wiegand as facility and number.

    Raises:
        InputError: there is no UID, or the format can't carry one of this length.
    """
    if form.wiegand_bits:
        return str(wiegand(uid, form))
    ordered = _ordered(uid, form)
    if form in (UidFormat.HEX, UidFormat.HEX_REVERSED):
        return ordered.hex().upper()
    value = int.from_bytes(ordered, "big")
    return f"{value:0{_DIGITS.get(len(uid), 0)}}"


def wiegand(uid: bytes, form: UidFormat) -> Wiegand:
    """Return the frame by which a door reader passes a UID on.

    Raises:
        InputError: there is no UID, or the frame can't carry one of this length.
        ValueError: ``form`` is no Wiegand format.
    """
    room = (form.wiegand_bits - 2) // 8
    ordered = _ordered(uid, form)
    if len(ordered) > room > 0 and not form.cuts:
        raise InputError(
            _TOO_LONG, _TOO_LONG_TODO, uid=uid.hex().upper(), form=form.value, bits=8 * room, found=8 * len(uid)
        )
    return Wiegand.of(int.from_bytes(ordered[-room:], "big"), form.wiegand_bits)


def uid_formats(uid: bytes) -> dict[UidFormat, str]:
    """Return a UID in every way that can carry it, without those that drop bytes of it."""
    found = {}
    for form in UidFormat:
        if not form.cuts:
            try:
                found[form] = format_uid(uid, form)
            except InputError:
                continue
    return found


def _ordered(uid: bytes, form: UidFormat) -> bytes:
    if not uid:
        raise InputError(_NO_UID, "", form=form.value)
    return uid[::-1] if form.reverses else uid


_NO_UID = N_("This card tells no UID.")
_TOO_LONG = N_("The UID {uid} has {found} bits, and the format {form} carries {bits}.")
_TOO_LONG_TODO = N_(
    "Choose hex or decimal. If the doors drop what doesn't fit, choose the same format with -cut at its end."
)
