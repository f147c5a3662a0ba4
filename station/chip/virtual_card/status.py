"""The card's own words for what went wrong (DESFire data sheets, status codes)."""

from __future__ import annotations

OK = 0x00
NO_CHANGES = 0x0C
NO_MEMORY = 0x0E
ILLEGAL = 0x1C
INTEGRITY = 0x1E
NO_KEY = 0x40
LENGTH = 0x7E
SIGNED = 0x90
"""Not an error: the status of an answer to Read_Sig and of the proximity check."""
DENIED = 0x9D
PARAMETER = 0x9E
NO_APPLICATION = 0xA0
AUTHENTICATION = 0xAE
MORE = 0xAF
BOUNDARY = 0xBE
ABORTED = 0xCA
COUNT = 0xCE
DUPLICATE = 0xDE
NO_FILE = 0xF0

ENDS_SESSION = frozenset((AUTHENTICATION, INTEGRITY))
"""After these nobody is authenticated any more; 9D, on the other hand, leaves the session alone."""


class Refusal(Exception):  # noqa: N818 - the card's answer, not a fault of the program
    """The card answers a command with this status."""

    def __init__(self, status: int) -> None:
        super().__init__(f"{status:02X}")
        self.status = status
