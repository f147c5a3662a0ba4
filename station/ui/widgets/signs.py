"""The large sign: of trouble red, round, with an exclamation mark; of other things as their tone says."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from station.ui.context import Ui
from station.ui.tone import Tone
from station.ui.widgets.painting import sign, smooth


class BigSign(QWidget):
    """A sign 40 pixels high."""

    def __init__(self, ui: Ui, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui, self._tone = ui, Tone.BAD
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        ui.theme.changed.connect(self.update)

    def set_tone(self, tone: Tone) -> None:
        """Say something else than trouble."""
        if tone is not self._tone:
            self._tone = tone
            self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(40, 40)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QPainter(self)
        smooth(painter)
        sign(painter, QRectF(self.rect()), self._tone, self._ui.theme)
        painter.end()
