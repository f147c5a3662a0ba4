"""All the cards that a demo or a test may put on a reader, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from station.chip.virtual_card import store
from station.chip.virtual_card.card import VirtualCard, drawn_uid
from station.chip.virtual_card.classic import VirtualClassic
from station.chip.virtual_card.desfire import VirtualDesfire
from station.chip.virtual_card.iso_card import VirtualIsoCard, VirtualUnknown
from station.chip.virtual_card.memory import CardMemory
from station.chip.virtual_card.models import EV1, EV2, EV3, LIGHT
from station.chip.virtual_card.reader import iso_atr
from station.chip.virtual_card.type2 import NTAG213, NTAG215, NTAG216, ULTRALIGHT, VirtualType2

# The name of the European Student Card's application, where ISO 7816-4 finds it.
_ESC_NAME = bytes.fromhex("A00000061404F58840")
_ESC_FILES = {0x1001: bytes(16), 0x1002: bytes(71), 0x1003: bytes(616)}
_Maker = Callable[[Path | None], VirtualCard]


def _kept(card: VirtualCard) -> VirtualCard:
    card.save()
    return card


_MAKERS: Final[Mapping[str, _Maker]] = {
    "desfire-ev1": lambda path: VirtualDesfire.new(EV1, path=path),
    "desfire-ev2": lambda path: VirtualDesfire.new(EV2, path=path),
    "desfire-ev3": lambda path: VirtualDesfire.new(EV3, path=path),
    "desfire-light": lambda path: VirtualDesfire.new(LIGHT, path=path),
    "desfire-random-id": lambda path: VirtualDesfire.new(EV2, random_id=True, path=path),
    "classic-1k": lambda path: VirtualClassic.new(1, path=path),
    "classic-4k": lambda path: VirtualClassic.new(4, path=path),
    "ultralight": lambda path: VirtualType2.new(ULTRALIGHT, path=path),
    "ntag213": lambda path: VirtualType2.new(NTAG213, path=path),
    "ntag215": lambda path: VirtualType2.new(NTAG215, path=path),
    "ntag216": lambda path: VirtualType2.new(NTAG216, path=path),
    "iso7816": lambda path: _kept(VirtualIsoCard({_ESC_NAME: _ESC_FILES}, path=path)),
    "random-id": lambda path: _kept(VirtualIsoCard({}, random_id=True, path=path)),
    "unknown": lambda path: _kept(VirtualUnknown(iso_atr(bytes.fromhex("5354524E4745")), path=path)),
}
KINDS: Final = tuple(_MAKERS)
_CHIPS: Final[tuple[type[VirtualCard], ...]] = (
    VirtualDesfire,
    VirtualClassic,
    VirtualType2,
    VirtualIsoCard,
    VirtualUnknown,
)


def new_card(kind: str, *, path: Path | None = None) -> VirtualCard:
    """Return a new card of one of ``KINDS``, kept in ``path`` if that is given.

    Raises:
        ValueError: there is no such kind.
    """
    if kind not in _MAKERS:
        raise ValueError(f"there is no card {kind!r}; there are {', '.join(KINDS)}")
    return _MAKERS[kind](path)


def blank_card(uid: bytes | None = None, *, path: Path | None = None) -> VirtualDesfire:
    """Return what the demo encodes: a DESFire EV1 with 8 KB, as it comes from the factory.

    ``uid`` has 7 bytes and begins with 04, or is drawn.
    """
    card = VirtualDesfire(CardMemory.blank(uid if uid is not None else drawn_uid()), path=path)
    card.save()
    return card


def open_card(path: Path) -> VirtualCard:
    """Return the card that is kept in ``path``; a new blank one if there is no such file.

    Raises:
        ChipError: the file is damaged.
    """
    if not path.exists():
        return blank_card(path=path)
    chips = {chip.chip: chip for chip in _CHIPS}
    return store.read(path, lambda data: chips[store.chip_of(data)].restore(data, path=path))
