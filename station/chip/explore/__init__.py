"""Everything that can be read on a card, as a tree with names instead of numbers."""

from station.chip.explore.card import explore
from station.chip.explore.node import Node

__all__ = ["Node", "explore"]
