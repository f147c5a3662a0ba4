"""Recognise personal codes in a text, so that none is ever printed: those of Latvia, Estonia and Lithuania.

Latvia: ``DDMMYY-CNNNP``, where C is the century, or since 2017 a 3, a digit from 2 to 9 and nine more at random, which
tell nothing (Law on the Register of Natural Persons). Estonia and Lithuania share ``GYYMMDDSSSC`` and its check digit
(EVS 585). Eleven digits each, so a number without the shape of a date is nobody's code.
"""

from __future__ import annotations

import re
from datetime import date

_ELEVEN = re.compile(r"(?<!\d)(\d{6})(\s?[-\u2010-\u2015\u2212]?\s?)(\d{5})(?!\d)")
_LATVIAN_WEIGHTS = (10, 5, 8, 4, 2, 1, 6, 3, 7, 9)
_BALTIC_WEIGHTS = ((1, 2, 3, 4, 5, 6, 7, 8, 9, 1), (3, 4, 5, 6, 7, 8, 9, 1, 2, 3))


def personal_codes_in(text: str) -> tuple[str, ...]:
    """Return what looks like a personal code, as it is written.

    A Latvian one with its hyphen (or a dash, or spaces around it) has to have the right shape; without one its check
    digit has to fit too, since other numbers have eleven digits. (The check digit is no official rule, but every code
    that was published fits.)
    """
    return tuple(match.group() for match in _ELEVEN.finditer(text) if _is_code(*match.groups()))


def _is_code(first: str, between: str, last: str) -> bool:
    hyphen = between.strip()
    digits = [int(c) for c in first + last]
    if _is_latvian(digits) and (hyphen or _latvian_check(digits) == digits[-1]):
        return True
    return not hyphen and _is_estonian_or_lithuanian(digits)


def _is_latvian(digits: list[int]) -> bool:
    if digits[0] == 3 and digits[1] >= 2:
        return True
    century = digits[6]
    return century <= 2 and _is_day(1800 + 100 * century + _pair(digits, 4), _pair(digits, 2), _pair(digits, 0))


def _latvian_check(digits: list[int]) -> int:
    total = 1 + sum(weight * digit for weight, digit in zip(_LATVIAN_WEIGHTS, digits, strict=False))
    return total % 11 % 10


def _is_estonian_or_lithuanian(digits: list[int]) -> bool:
    if not 1 <= digits[0] <= 8:
        return False
    year = 1800 + 100 * ((digits[0] - 1) // 2) + _pair(digits, 1)
    if not _is_day(year, _pair(digits, 3), _pair(digits, 5)):
        return False
    # Where the first weights leave ten, the second ones decide; where these do, too, the digit is 0 (EVS 585).
    for weights in _BALTIC_WEIGHTS:
        rest = sum(weight * digit for weight, digit in zip(weights, digits, strict=False)) % 11
        if rest < 10:
            return rest == digits[-1]
    return digits[-1] == 0


def _pair(digits: list[int], at: int) -> int:
    return 10 * digits[at] + digits[at + 1]


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True
