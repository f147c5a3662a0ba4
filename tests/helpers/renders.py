"""A card with every kind of element, and all of its dots as one number."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from station.domain.layout import Layout
from station.render.card import render_card
from station.render.layout_file import load_layout
from tests.helpers.layouts import CR80_300, card_fields, face

LAYOUTS = Path(__file__).resolve().parents[1] / "fixtures" / "layouts"


@cache
def everything() -> Layout:
    """Return the layout with every kind of element, on every panel."""
    return load_layout(LAYOUTS / "everything")


def digest() -> str:
    """Draw that card and return the SHA-256 of all its panels."""
    card = render_card(everything(), card_fields(), face(), CR80_300)
    total = hashlib.sha256()
    for side in (card.front, card.back):
        assert side is not None
        for panel in (side.colour, side.resin, side.composite, side.overlay, side.uv):
            total.update(panel.data if panel else b"-")
    return total.hexdigest()
