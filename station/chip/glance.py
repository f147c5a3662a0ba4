"""A glance at the card on the reader: what it tells anybody, in about a dozen commands, without a key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from station.chip.atr import Family
from station.chip.desfire import applications
from station.chip.desfire.link import DesfireLink
from station.chip.esc import read_escn
from station.chip.identify import identify
from station.chip.processors import IsoChaining
from station.domain.errors import ChipRefusedError
from station.ports.chip import ChipConnection

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Glance:
    """What a chip tells anybody: ``uid`` in upper-case hex, empty where nothing tells it, random where so marked.

    ``applications`` are a DESFire's, by id as on the wire (low byte first); ``None`` where it keeps them to itself, or
    is of another kind. ``free_memory`` is in bytes.
    """

    uid: str
    kind: str
    random_uid: bool = False
    known_kind: bool = True
    has_esc: bool = False
    escn: str | None = None
    applications: tuple[bytes, ...] | None = None
    free_memory: int | None = None

    @property
    def blank(self) -> bool:
        """Say whether nothing is on it, as far as it says so."""
        return self.applications == ()


def glance(connection: ChipConnection) -> Glance:
    """Return what the card on the reader tells; writes nothing and uses no key (DESFire EV1 data sheet).

    Raises:
        CardRemovedError, ReaderError: as the connection does.
        ChipError: two cards lie on the reader, or a DESFire gives senseless answers.
    """
    transmit = IsoChaining(connection.transmit)
    chip = identify(transmit, connection.atr)
    if chip.version is None:
        return Glance(chip.uid_text, chip.kind, chip.random_uid, chip.family is not Family.UNKNOWN)
    link = DesfireLink(transmit)
    if _unless_refused(lambda: applications.select(link)) is None:
        return Glance(chip.uid_text, chip.kind, chip.random_uid)  # a DESFire Light has applications of its own kind
    free = _unless_refused(lambda: applications.free_memory(link))
    ids = _unless_refused(lambda: tuple(applications.get_application_ids(link)))
    # A card that doesn't list its applications still lets one be selected whose name is known.
    has_esc, escn = (False, None) if ids == () else read_escn(link)
    return Glance(chip.uid_text, chip.kind, chip.random_uid, True, has_esc, escn, ids, free)


def _unless_refused(ask: Callable[[], T]) -> T | None:
    try:
        return ask()
    except ChipRefusedError:
        return None  # a locked card keeps it to itself
