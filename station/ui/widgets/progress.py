"""A bar that fills; where nobody knows how much is left, it is empty and the words beside it say what is done."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from station.ui.context import Ui
from station.ui.widgets.painting import smooth


class ProgressBar(QWidget):
    """Shows a share from 0 to 1."""

    def __init__(self, ui: Ui, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui, self._share = ui, 0.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        ui.theme.changed.connect(self.update)

    def set_share(self, share: float) -> None:
        """Fill up to ``share``."""
        if share != self._share:
            self._share = min(1.0, max(0.0, share))
            self.setAccessibleDescription(f"{self._share:.0%}")
            self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(200, 8)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QPainter(self)
        smooth(painter)
        rect = QRectF(self.rect())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._ui.theme.colour("sunken"))
        painter.drawRoundedRect(rect, 4, 4)
        if self._share > 0:
            painter.setBrush(self._ui.theme.colour("accent"))
            painter.drawRoundedRect(QRectF(0, 0, max(8.0, rect.width() * self._share), rect.height()), 4, 4)
        painter.end()
