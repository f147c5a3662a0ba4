"""Cards in software: for the demo bench, for tests, and through vpcd for any PC/SC program.

Written from the data sheets' behaviour, without a line of the encoder: if both were the same code run backwards, a
mistake in it would agree with itself.
"""

from station.chip.virtual_card.card import Tear, VirtualCard
from station.chip.virtual_card.classic import VirtualClassic
from station.chip.virtual_card.desfire import VirtualDesfire
from station.chip.virtual_card.iso_card import VirtualIsoCard, VirtualUnknown
from station.chip.virtual_card.kinds import KINDS, new_card
from station.chip.virtual_card.originality import software_public_key
from station.chip.virtual_card.type2 import VirtualType2

__all__ = [
    "KINDS",
    "Tear",
    "VirtualCard",
    "VirtualClassic",
    "VirtualDesfire",
    "VirtualIsoCard",
    "VirtualType2",
    "VirtualUnknown",
    "new_card",
    "software_public_key",
]
