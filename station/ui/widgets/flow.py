"""A layout that puts widgets in rows and begins a new row where there is no room, as words do on a page."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget


class FlowLayout(QLayout):
    """Rows of widgets at their own size, with the same gap across and down.

    With ``grow`` the widgets of a row that want to expand share the room that is left in it, or all do if none wants.
    """

    def __init__(self, parent: QWidget | None = None, *, gap: int = 8, grow: bool = False) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self._grow = grow
        self.setContentsMargins(0, 0, 0, 0)
        self.setSpacing(gap)

    def clear(self) -> None:
        """Take every widget out and delete it."""
        while self._items:
            widget = self._items.pop().widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()

    def addItem(self, item: QLayoutItem) -> None:  # noqa: N802 - Qt's name
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:  # noqa: N802 - Qt's name
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:  # noqa: N802 - Qt's name
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:  # noqa: N802 - Qt's name
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:  # noqa: N802 - Qt's name
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802 - Qt's name
        return self._arrange(QRect(0, 0, width, 0), move=False)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        width = sum(item.sizeHint().width() + self.spacing() for item in self._items)
        return QSize(width, max((item.sizeHint().height() for item in self._items), default=0))

    def minimumSize(self) -> QSize:  # noqa: N802 - Qt's name
        size = QSize()
        for item in self._items:
            size = size.expandedTo(item.minimumSize())
        return size

    def setGeometry(self, rect: QRect) -> None:  # noqa: N802 - Qt's name
        super().setGeometry(rect)
        self._arrange(rect, move=True)

    def _arrange(self, rect: QRect, *, move: bool) -> int:
        y = rect.y()
        for row in self._rows(rect.width()):
            height = max(item.sizeHint().height() for item in row)
            if move:
                self._place(row, QRect(rect.x(), y, rect.width(), height))
            y += height + self.spacing()
        return max(0, y - self.spacing() - rect.y())

    def _rows(self, width: int) -> list[list[QLayoutItem]]:
        rows: list[list[QLayoutItem]] = []
        left = -1
        for item in self._items:
            needed = item.sizeHint().width()
            if left < needed:
                rows.append([])
                left = width
            rows[-1].append(item)
            left -= needed + self.spacing()
        return rows

    def _place(self, row: list[QLayoutItem], area: QRect) -> None:
        free = area.width() - sum(item.sizeHint().width() for item in row) - self.spacing() * (len(row) - 1)
        expanding = [item for item in row if item.expandingDirections() & Qt.Orientation.Horizontal] or row
        extra = max(0, free) // len(expanding) if self._grow else 0
        x = area.x()
        for item in row:
            hint = item.sizeHint()
            width = min(hint.width() + (extra if item in expanding else 0), area.width())
            item.setGeometry(QRect(QPoint(x, area.y()), QSize(width, hint.height())))
            x += width + self.spacing()
