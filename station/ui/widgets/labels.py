"""Text in a step of the type scale and a colour of the theme; one line that is cut, or many that wrap."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from station.ui.context import Ui
from station.ui.theme.tokens import BODY, TextStyle


class Text(QLabel):
    """A label that wraps, in a style and a colour that follow the theme."""

    def __init__(
        self, ui: Ui, style: TextStyle = BODY, colour: str = "text", *, wrap: bool = True, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._ui, self._style, self._colour = ui, style, colour
        self.setWordWrap(wrap)
        # Names and answers come from elsewhere, and Qt takes for HTML what looks like it.
        self.setTextFormat(Qt.TextFormat.PlainText)
        ui.theme.changed.connect(self._restyle)
        self._restyle()

    def set_colour(self, colour: str) -> None:
        """Take another colour of the theme."""
        if colour != self._colour:
            self._colour = colour
            self._restyle()

    def set_style(self, style: TextStyle) -> None:
        """Take another step of the type scale."""
        if style != self._style:
            self._style = style
            self._restyle()

    def _restyle(self) -> None:
        self.setFont(self._ui.theme.font(self._style))
        palette = self.palette()
        palette.setColor(self.foregroundRole(), self._ui.theme.colour(self._colour))
        self.setPalette(palette)
        self.setStyleSheet(f"color: {self._ui.theme.colour(self._colour).name()}; background: transparent;")


class OneLine(QWidget):
    """One line of text that ends in an ellipsis where there is no room; the whole of it is in the tool tip."""

    def __init__(self, ui: Ui, style: TextStyle = BODY, colour: str = "text", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui, self._style, self._colour, self._text = ui, style, colour, ""
        self._hint: QSize | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        ui.theme.changed.connect(self.update)

    def text(self) -> str:
        """Return the whole text."""
        return self._text

    def set_text(self, text: str, colour: str | None = None) -> None:
        """Show ``text``, in another colour when one is named."""
        if colour is not None and colour != self._colour:
            self._colour = colour
            self.update()
        if text == self._text:
            return  # to ask for a layout each time would have the whole window laid out at each step of a card
        self._text, self._hint = text, None
        self.setAccessibleName(text)
        self._tip()
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        if self._hint is None:
            metrics = self._ui.theme.metrics(self._style)
            line = max(self._ui.theme.scaled(self._style.line_px), metrics.height())
            self._hint = QSize(metrics.horizontalAdvance(self._text) + 2, line)
        return self._hint

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        # Cut to nothing if need be: no name may widen the window.
        return QSize(0, self.sizeHint().height())

    def resizeEvent(self, _event: object) -> None:  # noqa: N802 - Qt's name
        self._tip()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QPainter(self)
        painter.setFont(self._ui.theme.font(self._style))
        painter.setPen(self._ui.theme.colour(self._colour))
        shown = painter.fontMetrics().elidedText(self._text, Qt.TextElideMode.ElideRight, self.width())
        area = QRect(0, 0, self.width(), self.height())
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
        painter.end()

    def _tip(self) -> None:
        self.setToolTip(self._text if self.sizeHint().width() > self.width() else "")
