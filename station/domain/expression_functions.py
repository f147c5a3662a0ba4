"""The functions that an expression may call; each takes values, gives a value, or says in words what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

Value = str | bytes | int | bool | date | None
"""What an expression works with; ``None`` is a value that the holder or the card does not have."""

LONGEST_VALUE = 8192
"""Characters or bytes: as many as the biggest card has."""
_BIGGEST = 1 << 64


class Misuse(Exception):  # noqa: N818 - never leaves the expressions: it becomes an ExpressionError with its column
    """A function was given what it cannot take; ``detail`` is a text with ``{named}`` places."""

    def __init__(self, detail: str, **params: object) -> None:
        super().__init__(detail)
        self.detail, self.params = detail, params


@dataclass(frozen=True, slots=True)
class Function:
    """A function: how it is computed, and how many values (least, most) it takes."""

    call: Callable[..., Value]
    arguments: tuple[int, int]


def checked(value: Value) -> Value:
    """Return ``value``, or raise Misuse when it is out of all proportion."""
    if isinstance(value, (str, bytes)) and len(value) > LONGEST_VALUE:
        raise Misuse("the result is longer than {limit}", limit=LONGEST_VALUE)
    if isinstance(value, int) and abs(value) >= _BIGGEST:
        raise Misuse("the number is too big")
    return value


def shown_kind(value: Value) -> str:
    """Return in a word what kind of value this is."""
    kinds = {str: "a text", bytes: "bytes", bool: "yes or no", int: "a number"}
    return kinds.get(type(value), "a date" if isinstance(value, date) else "nothing")


def _text(value: Value) -> str:
    if isinstance(value, str):
        return value
    raise Misuse("{name} needs a text, and this is {kind}", kind=shown_kind(value))


def _bytes(value: Value) -> bytes:
    if isinstance(value, bytes):
        return value
    raise Misuse("{name} needs bytes, and this is {kind}", kind=shown_kind(value))


def _number(value: Value, limit: int = _BIGGEST - 1) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= limit:
        return value
    raise Misuse("{name} needs a number from 0 to {limit}", limit=limit)


def _either(value: Value) -> str | bytes:
    if isinstance(value, (str, bytes)):
        return value
    raise Misuse("{name} needs a text or bytes, and this is {kind}", kind=shown_kind(value))


def _digits(value: Value) -> str:
    text = _text(value)
    if text.isascii() and text.isdigit():
        return text
    raise Misuse("{name} needs digits only")


def _hex(value: Value) -> Value:
    return _bytes(value).hex().upper()


def _unhex(value: Value) -> Value:
    text = _text(value)
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise Misuse("{name} needs pairs of hexadecimal digits") from None


def _ascii(value: Value) -> Value:
    text = _text(value)
    if not text.isascii():
        raise Misuse("{name} cannot hold this text: it has letters with marks")
    return text.encode("ascii")


def _utf8(value: Value) -> Value:
    try:
        return _text(value).encode("utf-8")
    except UnicodeEncodeError:
        raise Misuse("{name} cannot hold this text") from None


def _bcd(value: Value) -> Value:
    digits = _digits(value)
    return bytes.fromhex(digits.rjust(len(digits) + len(digits) % 2, "0"))


def _pad(value: Value, length: Value, fill: Value = None) -> Value:
    return _padded(value, length, fill, left=False)


def _pad_left(value: Value, length: Value, fill: Value = None) -> Value:
    return _padded(value, length, fill, left=True)


def _padded(value: Value, length: Value, fill: Value, *, left: bool) -> Value:
    size, given = _number(length, LONGEST_VALUE), _either(value)
    if len(given) > size:
        raise Misuse("the value has {length}, and only {limit} fit", length=len(given), limit=size)
    if isinstance(given, str):
        blank = " " if fill is None else _text(fill)
        if len(blank) != 1:
            raise Misuse("{name} fills up with one character")
        return given.rjust(size, blank) if left else given.ljust(size, blank)
    byte = bytes((0 if fill is None else _number(fill, 255),))
    return given.rjust(size, byte) if left else given.ljust(size, byte)


def _first(value: Value, length: Value) -> Value:
    return _either(value)[: _enough(value, length)]


def _last(value: Value, length: Value) -> Value:
    given = _either(value)
    return given[len(given) - _enough(value, length) :]


def _enough(value: Value, length: Value) -> int:
    size, given = _number(length, LONGEST_VALUE), _either(value)
    # Python would give what there is, and everything behind it would move on the chip.
    if len(given) < size:
        raise Misuse("{name} needs {limit}, and the value has only {length}", limit=size, length=len(given))
    return size


def _uint_le(value: Value, size: Value) -> Value:
    count = _number(size, 8)
    return _number(value, (1 << 8 * count) - 1).to_bytes(count, "little")


def _uint_be(value: Value, size: Value) -> Value:
    count = _number(size, 8)
    return _number(value, (1 << 8 * count) - 1).to_bytes(count, "big")


def _as_number(value: Value) -> Value:
    digits = _digits(value)
    # Nineteen digits always stay below 2^64.
    if len(digits) > 19:
        raise Misuse("the number is too big")
    return int(digits)


def _as_digits(value: Value, width: Value = 0) -> Value:
    return str(_number(value)).rjust(_number(width, 32), "0")


def _date(value: Value, pattern: Value) -> Value:
    if not isinstance(value, date):
        raise Misuse("{name} needs a date, and this is {kind}", kind=shown_kind(value))
    text = _text(pattern)
    # The longest first: YYYY would else be read as two times YY.
    for letters, shown in (
        ("YYYY", f"{value.year:04}"),
        ("YY", f"{value.year % 100:02}"),
        ("MM", f"{value.month:02}"),
        ("DD", f"{value.day:02}"),
    ):
        text = text.replace(letters, shown)
    return text


def _reverse(value: Value) -> Value:
    return _either(value)[::-1]


def _length(value: Value) -> Value:
    return len(_either(value))


def _luhn(value: Value) -> Value:
    # ISO/IEC 7812-1, annex B: every second digit from the right is doubled, the check digit brings the sum to tens.
    total = 0
    for place, digit in enumerate(reversed(_digits(value))):
        number = int(digit) * (2 if place % 2 == 0 else 1)
        total += number - 9 if number > 9 else number
    return str(-total % 10)


FUNCTIONS: dict[str, Function] = {
    "hex": Function(_hex, (1, 1)),
    "unhex": Function(_unhex, (1, 1)),
    "ascii": Function(_ascii, (1, 1)),
    "utf8": Function(_utf8, (1, 1)),
    "bcd": Function(_bcd, (1, 1)),
    "pad": Function(_pad, (2, 3)),
    "pad_left": Function(_pad_left, (2, 3)),
    "upper": Function(lambda value: _text(value).upper(), (1, 1)),
    "lower": Function(lambda value: _text(value).lower(), (1, 1)),
    "first": Function(_first, (2, 2)),
    "last": Function(_last, (2, 2)),
    "reverse": Function(_reverse, (1, 1)),
    "length": Function(_length, (1, 1)),
    "number": Function(_as_number, (1, 1)),
    "digits": Function(_as_digits, (1, 2)),
    "uint_le": Function(_uint_le, (2, 2)),
    "uint_be": Function(_uint_be, (2, 2)),
    "date": Function(_date, (2, 2)),
    "luhn": Function(_luhn, (1, 1)),
}
