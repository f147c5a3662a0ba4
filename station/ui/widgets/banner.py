"""A quiet line on a soft ground: what could be done now, and the key for it."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from station.ui.context import Ui
from station.ui.theme.tokens import INSTRUCTION, RADIUS_BUTTON, SECONDARY
from station.ui.widgets.base import arrange
from station.ui.widgets.buttons import key_cap
from station.ui.widgets.painting import smooth


class Banner(QWidget):
    """One line of rich text, and a key cap at its end."""

    def __init__(self, ui: Ui, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui, self._key = ui, ""
        self._label = QLabel(self)
        self._label.setTextFormat(Qt.TextFormat.RichText)
        self._label.setWordWrap(True)
        self._label.setFont(ui.theme.font(INSTRUCTION))
        self._row = arrange(QHBoxLayout(self), (18, 11, 54, 11))
        self._row.addWidget(self._label)
        ui.theme.changed.connect(self.update)

    def show_text(self, html: str, key: str) -> None:
        """Show a text, in which ``<b>`` is allowed, and a key."""
        if key == self._key and html == self._label.text():
            return
        self._key = key
        self._label.setText(html)
        self.setAccessibleName(html.replace("<b>", "").replace("</b>", ""))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        theme = self._ui.theme
        painter = QPainter(self)
        smooth(painter)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("accent_weak"))
        painter.drawRoundedRect(QRectF(self.rect()), RADIUS_BUTTON, RADIUS_BUTTON)
        if self._key:
            painter.setFont(theme.font(SECONDARY))
            side = theme.scaled(22)
            box = QRectF(self.width() - 18 - side, (self.height() - side) / 2, side, side)
            key_cap(painter, box, self._key, theme.colour("text"), theme.colour("muted"))
        painter.end()


def bold(text: str) -> str:
    """Return a name for rich text, in bold and with nothing of it read as markup."""
    return f"<b>{escape(text)}</b>"
