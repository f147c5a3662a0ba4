"""Inter, bundled: Latvian, Cyrillic and Greek look the same on every desk; the system's font size scales it."""

from __future__ import annotations

import sys

from PySide6.QtGui import QFont, QFontDatabase, QGuiApplication

from station.resources import AssetError, asset
from station.ui.theme.tokens import TextStyle

_FAMILY = "Inter"
# The sizes in points of the plain interface font where nobody has changed it: on Linux each desktop has its own.
_USUAL_POINTS = {"win32": (9.0, 9.0), "darwin": (13.0, 13.0)}.get(sys.platform, (9.0, 11.0))


def load_fonts() -> str:
    """Load the bundled faces and return the family to use: the system's own where they are missing."""
    try:
        files = sorted(asset("fonts").rglob("Inter*.[ot]tf"))
    except AssetError:
        files = []
    for file in files:
        QFontDatabase.addApplicationFont(str(file))
    return _FAMILY if _FAMILY in QFontDatabase.families() else QGuiApplication.font().family()


def system_text_scale(points: float) -> float:
    """Return by how much a person has made the system's text larger or smaller, from its size in points."""
    smallest, largest = _USUAL_POINTS
    if points <= 0 or smallest <= points <= largest:
        return 1.0
    return min(2.0, points / largest) if points > largest else max(0.85, points / smallest)


def font_for(style: TextStyle, family: str, scale: float) -> QFont:
    """Return a step of the type scale as a font."""
    font = QFont(family)
    font.setPixelSize(max(9, round(style.size_px * scale)))
    font.setWeight(QFont.Weight(style.weight))
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return font
