"""From a layout and a card to bitmaps, one a side."""
