"""A SAM: a contact chip in a reader's second slot that keeps master keys and makes cards' keys from them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from station.ports.secrets import KeyKind


class SamGeneration(Enum):
    """What a SAM works as; an AV2 or AV3 that was never switched over works as an AV1."""

    AV1 = "AV1"
    AV2 = "AV2"
    AV3 = "AV3"


@dataclass(frozen=True, slots=True)
class SamVersion:
    """Which SAM it is: its generation and its UID (7 bytes)."""

    generation: SamGeneration
    uid: bytes


@dataclass(frozen=True, slots=True)
class SamKeyEntry:
    """What a SAM tells about one of its 128 keys: the kind (``None``: not for DESFire) and the versions it has."""

    kind: KeyKind | None
    versions: tuple[int, ...]


class Sam(Protocol):
    """A SAM that lies ready in its reader."""

    def version(self) -> SamVersion:
        """Return which SAM it is. Raises ChipError."""

    def key_entry(self, key_no: int) -> SamKeyEntry:
        """Return what is known of key ``key_no`` (0 to 127). Raises ChipError, ChipRefusedError."""

    def diversified(self, key_no: int, version: int, data: bytes) -> bytes:
        """Return the card's key that the SAM makes of one of its keys and ``data`` after AN10922.

        Raises:
            ChipRefusedError: no such key or version, or the SAM was not set up to give diversified keys out.
        """
