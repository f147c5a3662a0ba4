"""A DESFire in software: for the demo bench, for tests, and through vpcd for any PC/SC program.

Written from the data sheet's behaviour, without a line of the encoder: if both were the same code run backwards, a
mistake in it would agree with itself.
"""

from station.chip.virtual_card.card import Tear, VirtualCard

__all__ = ["Tear", "VirtualCard"]
