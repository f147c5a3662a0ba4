"""The European Student Card Number: a version-1 UUID whose node is a prefix and the institution's PIC, made offline.

The node of an ordinary UUID is a network address. Here it is twelve decimal digits, written as if they were
hexadecimal: three of prefix (one a station, so that stations need not ask each other) and nine of PIC.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum

from station.domain.errors import N_, EscnError

QR_PREFIX = "https://s.esc-r.eu/"

_TICKS_A_MS = 10_000
_UNIX = datetime(1970, 1, 1, tzinfo=UTC)
_TIME_BITS = 60
_SHAPE = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.ASCII)
# Cards live for years: the hosts of those that were printed before are read as well, and http as https.
_QR = re.compile(r"https?://(?:s\.esc-r\.eu|pp\.esc\.gg|esc\.gg)/([^/?#\s]+)/?", re.ASCII | re.IGNORECASE)


class Epoch(Enum):
    """Which instant the time in a number counts from; the value is 1970-01-01 in ticks of 100 ns since then.

    Cards all over Europe carry numbers whose epoch lies 14 days before 1970, because the offset of RFC 4122 was
    added to them in milliseconds instead of ticks. Ours agree with those. Numbers after the letter of RFC 4122 are
    as good; read by the wrong epoch they fall into the 25th century, and the others into the 17th.
    """

    ISSUED_CARDS = 12_219_292_800_000
    RFC = 122_192_928_000_000_000

    def value_at(self, unix_ms: int) -> int:
        """Return the time value of an instant given in milliseconds since 1970."""
        return unix_ms * _TICKS_A_MS + self.value

    def instant(self, value: int) -> datetime:
        """Return the instant (UTC, whole microseconds) that a time value stands for."""
        return _UNIX + timedelta(microseconds=(value - self.value) // 10)


@dataclass(frozen=True, slots=True)
class EscnParts:
    """A number taken apart: ``value`` is the 60-bit time, ``clock_seq`` has 14 bits; ``escn`` is in lower case."""

    escn: str
    prefix: int
    pic: str
    value: int
    clock_seq: int

    @property
    def issued_epoch_date(self) -> datetime:
        """Return when the number was made, if it is made like those on issued cards."""
        return Epoch.ISSUED_CARDS.instant(self.value)

    @property
    def rfc_date(self) -> datetime:
        """Return when the number was made, if it follows RFC 4122 to the letter."""
        return Epoch.RFC.instant(self.value)


@dataclass(frozen=True, slots=True)
class EscnWindow:
    """Between which instants a number can have been made; the defaults refuse only what is absurd."""

    earliest: datetime = datetime(2015, 1, 1, tzinfo=UTC)
    latest: datetime = datetime(2200, 1, 1, tzinfo=UTC)


def next_escn(  # noqa: PLR0913 - the five parts of a number; the epoch is a choice, by name
    now_ms: int, last_value: int, clock_seq: int, prefix: int, pic: str, *, epoch: Epoch = Epoch.ISSUED_CARDS
) -> tuple[str, int]:
    """Return the next number and its time value; keep the value before you use the number.

    The value is always greater than ``last_value``, also when the clock was set back or did not move on.

    Args:
        now_ms: milliseconds since 1970, UTC.
        last_value: the last time value of this prefix and PIC, 0 when there was none.
        clock_seq: 14 random bits.
        prefix: 0 to 999, this station's own.
        pic: the institution's Participant Identification Code, nine digits.
        epoch: which epoch the time counts from.

    Raises:
        EscnError: prefix, PIC or time cannot be in a number; ``params["part"]`` says which.
    """
    _check_makings(prefix, pic)
    if not 0 <= clock_seq < 1 << 14:
        raise EscnError(_WRONG_CLOCK_SEQ, value=clock_seq, part="clock_seq")
    value = max(epoch.value_at(now_ms), last_value + 1)
    if not 0 <= value < 1 << _TIME_BITS:
        raise EscnError(_WRONG_TIME, value=now_ms, part="time")
    return _format(value, clock_seq, prefix, pic), value


def parse_escn(text: str) -> EscnParts:
    """Take a number apart; upper case and spaces around it do not matter.

    Raises:
        EscnError: it is no such number; ``params["part"]`` is ``shape``, ``version``, ``variant`` or ``node``.
    """
    escn = text.strip().lower()
    if not _SHAPE.fullmatch(escn):
        raise EscnError(_WRONG_SHAPE, value=text, part="shape")
    low, mid, high, clock, node = escn.split("-")
    if high[0] != "1":
        raise EscnError(_WRONG_VERSION, value=text, part="version", found=high[0])
    if int(clock, 16) >> 14 != 0b10:
        raise EscnError(_WRONG_VARIANT, value=text, part="variant", found=clock[0])
    if not node.isdecimal():
        raise EscnError(_WRONG_NODE, value=text, part="node", found=node)
    value = int(high[1:] + mid + low, 16)
    return EscnParts(escn, int(node[:3]), node[3:], value, int(clock, 16) & 0x3FFF)


def check_escn(
    text: str, pic: str | None = None, *, prefix: int | None = None, window: EscnWindow | None = None
) -> EscnParts:
    """Take a number apart and check that an institution can have issued it.

    Args:
        text: the number.
        pic: the PIC it must carry; any when left out.
        prefix: the prefix it must carry; any when left out.
        window: when it can have been made, by either epoch; 2015 to 2200 when left out.

    Raises:
        EscnError: as ``parse_escn``, or ``params["part"]`` is ``pic``, ``prefix`` or ``time``.
    """
    parts = parse_escn(text)
    if pic is not None and parts.pic != pic:
        raise EscnError(_OTHER_PIC, value=text, part="pic", found=parts.pic, expected=pic)
    if prefix is not None and parts.prefix != prefix:
        raise EscnError(_OTHER_PREFIX, value=text, part="prefix", found=parts.prefix, expected=prefix)
    limits = window or EscnWindow()
    if not any(limits.earliest <= epoch.instant(parts.value) <= limits.latest for epoch in Epoch):
        raise EscnError(_WRONG_DATE, value=text, part="time", found=f"{parts.issued_epoch_date:%Y-%m-%d}")
    return parts


def escn_to_bytes(escn: str) -> bytes:
    """Return the 16 bytes that stand for a number on a chip, in the order of its text."""
    return bytes.fromhex(parse_escn(escn).escn.replace("-", ""))


def escn_from_bytes(data: bytes) -> str:
    """Return the number that 16 bytes of a chip stand for; raises EscnError when they are none."""
    digits = data.hex()
    text = f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
    return parse_escn(text).escn


def qr_text(escn: str, prefix_url: str = QR_PREFIX) -> str:
    """Return what the QR on the card says: the number, as an address where anyone can ask about it."""
    return prefix_url + parse_escn(escn).escn


def escn_from_qr(text: str, *, prefix_url: str | None = None) -> str:
    """Return the number from the text of a QR: of today's, of older cards, or beginning with ``prefix_url``.

    Raises:
        EscnError: ``params["part"]`` is ``address`` for a QR that is something else, else as ``parse_escn``.
    """
    stripped = text.strip()
    match = _QR.fullmatch(stripped)
    if match is not None:
        return parse_escn(match[1]).escn
    if prefix_url and stripped.lower().startswith(prefix_url.lower()):
        return parse_escn(stripped[len(prefix_url) :].removesuffix("/")).escn
    raise EscnError(_OTHER_QR, _OTHER_QR_TODO, value=text, part="address")


def _check_makings(prefix: int, pic: str) -> None:
    if not 0 <= prefix <= 999:
        raise EscnError(_WRONG_PREFIX, value=prefix, part="prefix")
    # To Python the digits of other scripts, and superscripts, are digits too.
    if not (len(pic) == 9 and pic.isascii() and pic.isdigit()):
        raise EscnError(_WRONG_PIC, value=pic, part="pic")


def _format(value: int, clock_seq: int, prefix: int, pic: str) -> str:
    low, mid, high = value & 0xFFFF_FFFF, value >> 32 & 0xFFFF, value >> 48
    # Version 1 and the variant, in the bits that RFC 4122 has for them (4.1.3 and 4.1.1).
    return f"{low:08x}-{mid:04x}-{high | 0x1000:04x}-{clock_seq | 0x8000:04x}-{prefix:03d}{pic}"


_WRONG_SHAPE = N_(
    "The card number {value} is not right: it must be 32 digits and letters a to f, in groups of 8, 4, 4, 4 and 12."
)
_WRONG_VERSION = N_("The card number {value} is not right: its third group must begin with 1, not with {found}.")
_WRONG_VARIANT = N_("The card number {value} is not right: its fourth group must begin with 8, 9, a or b, not {found}.")
_WRONG_NODE = N_("The card number {value} is not right: its last group {found} must be digits only (prefix and PIC).")
_WRONG_DATE = N_("The card number {value} is not right: the date in it, {found}, is not one on which cards were made.")
_WRONG_TIME = N_("No card number can be made: the computer's clock shows an impossible time ({value} ms since 1970).")
_WRONG_CLOCK_SEQ = N_("No card number can be made: the clock sequence {value} is not between 0 and 16383.")
_WRONG_PREFIX = N_("No card number can be made: the prefix {value} is not between 0 and 999.")
_WRONG_PIC = N_("No card number can be made: the PIC {value} is not nine digits.")
_OTHER_PIC = N_("The card number {value} belongs to another institution: its PIC is {found}, not {expected}.")
_OTHER_PREFIX = N_("The card number {value} is from another station: its prefix is {found}, not {expected}.")
_OTHER_QR = N_("This QR is not that of a European Student Card: {value}")
_OTHER_QR_TODO = N_("Scan the QR on the card itself.")
