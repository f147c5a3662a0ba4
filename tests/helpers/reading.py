"""What somebody with a telephone reads from a finished card."""

from __future__ import annotations

from station.ports.printer import RenderedCard
from station.render.reading import read_bitmap


def read_back(card: RenderedCard) -> str | None:
    """Return what the QR code of the finished card says, the front's first; ``None`` when none can be read."""
    for side in (card.front, card.back):
        if side is not None and (text := read_bitmap(side.composite)) is not None:
            return text
    return None
