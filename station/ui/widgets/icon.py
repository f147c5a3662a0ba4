"""Line drawings of assets/icons in a colour of the theme."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, QSize
from PySide6.QtGui import QIcon, QPainter, QPaintEvent
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QSizePolicy, QWidget

from station.resources import asset
from station.ui.context import Ui
from station.ui.widgets.painting import smooth


@lru_cache(maxsize=256)
def drawing(name: str, colour: str) -> QSvgRenderer:
    """Return a drawing of assets/icons in a colour (``#rrggbb``), ready to be painted."""
    text = asset("icons", f"{name}.svg").read_text(encoding="utf-8").replace("currentColor", colour)
    return QSvgRenderer(QByteArray(text.encode("utf-8")))


def app_icon() -> QIcon:
    """Return the program's icon."""
    return QIcon(str(asset("icons", "station.svg")))


class Pictogram(QWidget):
    """A drawing on a soft round ground."""

    def __init__(self, ui: Ui, side_px: int = 64, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui, self._side, self._name = ui, side_px, ""
        self._ink, self._ground = "accent", "accent_weak"
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        ui.theme.changed.connect(self.update)

    def show_drawing(self, name: str, ink: str = "accent", ground: str = "accent_weak") -> None:
        """Show a drawing of assets/icons, in a colour and on a ground of the theme."""
        if (name, ink, ground) != (self._name, self._ink, self._ground):
            self._name, self._ink, self._ground = name, ink, ground
            self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(self._side, self._side)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QPainter(self)
        smooth(painter)
        painter.setPen(self._ui.theme.colour(self._ground))
        painter.setBrush(self._ui.theme.colour(self._ground))
        rect = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawEllipse(rect)
        if self._name:
            inset = rect.width() * 0.18
            shape = drawing(self._name, self._ui.theme.colour(self._ink).name())
            shape.render(painter, rect.adjusted(inset, inset, -inset, -inset))
        painter.end()
