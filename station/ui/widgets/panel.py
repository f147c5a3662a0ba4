"""A panel: a surface with a hair line and round corners, that other widgets lie on."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QWidget

from station.ui.context import Ui
from station.ui.theme.tokens import RADIUS_PANEL
from station.ui.widgets.painting import panel, smooth, soft_shadow


class Panel(QWidget):
    """A quiet panel; ``edge`` names the colour of a thick left edge, and lifts the panel by a shadow.

    A lifted panel is painted 8 px inside its widget, for the shadow.
    """

    def __init__(self, ui: Ui, *, fill: str = "surface", edge: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui, self._fill, self._edge = ui, fill, edge
        ui.theme.changed.connect(self.update)

    def set_edge(self, edge: str) -> None:
        """Have a thick left edge in a colour of the theme, or none."""
        if edge != self._edge:
            self._edge = edge
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QPainter(self)
        smooth(painter)
        rect = QRectF(self.rect())
        if not self._edge:
            panel(painter, rect, RADIUS_PANEL, self._ui.theme, fill=self._fill)
            painter.end()
            return
        rect = rect.adjusted(8, 6, -8, -10)
        soft_shadow(painter, rect, RADIUS_PANEL, self._ui.theme)
        panel(painter, rect, RADIUS_PANEL, self._ui.theme, fill=self._fill)
        strip = QPainterPath()
        strip.addRoundedRect(rect, RADIUS_PANEL, RADIUS_PANEL)
        painter.setClipRect(QRectF(rect.left(), rect.top(), 6, rect.height()))
        painter.fillPath(strip, self._ui.theme.colour(self._edge))
        painter.end()
