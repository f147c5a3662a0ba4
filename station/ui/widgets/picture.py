"""Drawings of several colours, of assets/icons/trouble: they are kept in the light scheme's, and painted in today's."""

from __future__ import annotations

import re
from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QSizePolicy, QWidget

from station.resources import asset
from station.ui.context import Ui
from station.ui.theme.tokens import LIGHT, Tokens
from station.ui.widgets.painting import smooth

_COLOUR = re.compile("#[0-9a-f]{6}")
_NAMES = ("text", "sunken", "surface", "accent", "accent_weak", "bad", "muted", "ok")
_SIZE = QSize(200, 150)


@lru_cache(maxsize=64)
def coloured(name: str, tokens: Tokens) -> QSvgRenderer:
    """Return a drawing in the colours of a scheme, ready to be painted."""
    today = {getattr(LIGHT, each): str(getattr(tokens, each)) for each in _NAMES}
    text = asset("icons", "trouble", f"{name}.svg").read_text(encoding="utf-8")
    return QSvgRenderer(QByteArray(_COLOUR.sub(lambda found: today[found[0]], text).encode()))


class Picture(QWidget):
    """One drawing. What it shows stands beside it in words, so it has none of its own for screen readers."""

    def __init__(self, ui: Ui, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui, self._name, self._share = ui, "", 0.8
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        ui.theme.changed.connect(self.update)

    @property
    def name(self) -> str:
        """Return which drawing is shown, empty for none."""
        return self._name

    def show_picture(self, name: str) -> None:
        """Show a drawing of assets/icons/trouble; an empty name takes the room away."""
        if name != self._name:
            self._name = name
            self.update()
        self.setVisible(bool(name))

    def set_share(self, share: float) -> None:
        """Take so much of the usual size."""
        if share != self._share:
            self._share = share
            self.updateGeometry()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return _SIZE * self._share

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        if not self._name:
            return
        painter = QPainter(self)
        smooth(painter)
        coloured(self._name, self._ui.theme.tokens).render(painter, QRectF(self.rect()))
        painter.end()
