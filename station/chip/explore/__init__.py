"""Everything that can be read on a card, as a tree with names instead of numbers."""
