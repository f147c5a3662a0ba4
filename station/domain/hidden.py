"""Bytes that must not be seen: a key in a dump of local variables, in a test's failure or in a log tells nothing."""

from __future__ import annotations


class Hidden(bytes):
    """Bytes that work as bytes do everywhere, but whose ``repr``, ``str`` and format say only how many they are.

    What is cut out of them or computed from them is ordinary bytes again: wrap that as well where it stays secret.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<{len(self)} bytes, hidden>"

    def __str__(self) -> str:
        return repr(self)

    def __format__(self, spec: str) -> str:
        return format(repr(self), spec)
