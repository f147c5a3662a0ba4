"""One person in a line: their picture with the colour that marks them, their name in large type, a few words."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from station.ui.context import Ui
from station.ui.theme.tokens import SECONDARY, SECONDARY_STRONG, TROUBLE
from station.ui.widgets.painting import rounded_image, smooth
from station.ui.widgets.people import PersonRow, mark_sign

_HEIGHT, _PICTURE = 60, QSize(40, 50)


class PersonLine(QWidget):
    """Whose card it is, so that nobody takes it for another's."""

    def __init__(self, ui: Ui, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui = ui
        self.row = PersonRow("", "")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        ui.theme.changed.connect(self.update)

    def show_person(self, row: PersonRow) -> None:
        """Show a person."""
        self.row = row
        self.setAccessibleName(f"{row.name}, {row.detail}")
        self.setToolTip(row.name)
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(200, self._ui.theme.scaled(_HEIGHT))

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter, theme, row = QPainter(self), self._ui.theme, self.row
        smooth(painter)
        box = QRectF(8, (self.height() - _PICTURE.height()) / 2, _PICTURE.width(), _PICTURE.height())
        if row.picture is not None:
            rounded_image(painter, box, row.picture, 5)
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("sunken"))
            painter.drawRoundedRect(box, 5, 5)
            painter.setFont(theme.font(SECONDARY_STRONG))
            painter.setPen(theme.colour("muted"))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, row.initials)
        if row.mark is not None:
            mark_sign(painter, QRectF(box.left() - 8, box.top() - 3, 20, 20), row.mark, self._ui)
        left = box.right() + 12
        middle = self.height() / 2
        for text, style, colour, top, height in (
            (row.name, TROUBLE, "text", middle - theme.scaled(27), theme.scaled(30)),
            (row.detail, SECONDARY, "muted", middle + theme.scaled(5), theme.scaled(18)),
        ):
            painter.setFont(theme.font(style))
            painter.setPen(theme.colour(colour))
            area = QRectF(left, top, self.width() - left, height)
            shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(area.width()))
            painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, shown)
        painter.end()
