"""Pills: a short word with a sign, for what is so; and a row of them that wraps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from station.ui.context import Ui
from station.ui.theme.tokens import RADIUS_CONTROL, TextStyle
from station.ui.tone import Tone
from station.ui.widgets.flow import FlowBox
from station.ui.widgets.painting import exclamation, smooth, tick

_FONT = TextStyle(13, 18)
_FILL = {Tone.OK: "ok_weak", Tone.WARN: "warn_weak", Tone.BAD: "bad_weak"}
_INK = {Tone.OK: "ok", Tone.WARN: "warn", Tone.BAD: "bad"}


@dataclass(frozen=True, slots=True)
class PillText:
    """What a pill says, and how that is meant."""

    text: str
    tone: Tone = Tone.PLAIN
    hint: str = ""


class Pill(QWidget):
    """One pill."""

    def __init__(self, ui: Ui, said: PillText, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui, self._said = ui, said
        sign = 20 if said.tone in _INK else 0
        width = ui.theme.metrics(_FONT).horizontalAdvance(said.text) + 22 + sign
        self._hint = QSize(width, ui.theme.scaled(28))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(said.text)
        self.setToolTip(said.hint)
        ui.theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return self._hint

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        theme, tone, rect = self._ui.theme, self._said.tone, QRectF(self.rect())
        painter = QPainter(self)
        smooth(painter)
        ink = theme.colour(_INK.get(tone, "text"))
        painter.setPen(Qt.PenStyle.NoPen if tone in _FILL else QPen(theme.colour("line"), 1))
        painter.setBrush(theme.colour(_FILL.get(tone, "surface")))
        painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), RADIUS_CONTROL, RADIUS_CONTROL)
        left = 11.0
        if tone in _INK:
            mark = QRectF(left - 3, (rect.height() - 18) / 2, 18, 18)
            (tick if tone is Tone.OK else exclamation)(painter, mark, ink)
            left += 20
        painter.setFont(theme.font(_FONT))
        painter.setPen(ink)
        painter.drawText(rect.adjusted(left, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, self._said.text)
        painter.end()


class PillRow(FlowBox):
    """Pills in a row, or in several where there is no room for one."""

    def __init__(self, ui: Ui, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui = ui
        self._said: tuple[PillText, ...] = ()

    def show_pills(self, said: Sequence[PillText]) -> None:
        """Show these pills and no others."""
        if tuple(said) == self._said:
            return
        self._said = tuple(said)
        self.clear()
        for one in self._said:
            self.add(Pill(self._ui, one, self))


class Badge(QWidget):
    """A word in capitals on the header, as DEMO."""

    def __init__(self, ui: Ui, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui, self._text = ui, ""
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        ui.theme.changed.connect(self.update)

    def set_text(self, text: str, hint: str = "") -> None:
        """Show ``text``."""
        self._text = text
        self.setAccessibleName(text)
        self.setToolTip(hint)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(self._ui.theme.metrics(_BADGE).horizontalAdvance(self._text) + 22, self._ui.theme.scaled(24))

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        theme, rect = self._ui.theme, QRectF(self.rect())
        painter = QPainter(self)
        smooth(painter)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("warn_weak"))
        painter.drawRoundedRect(rect, rect.height() / 2, rect.height() / 2)
        painter.setFont(theme.font(_BADGE))
        painter.setPen(theme.colour("warn"))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, self._text)
        painter.end()


_BADGE = TextStyle(12, 16, 700)
