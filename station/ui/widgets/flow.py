"""A row of widgets that begins a new row where there is no room, as words do on a page.

It is a widget that arranges its children, not a QLayout: PySide gives back a reference to None too many each time that
Qt asks a layout written in Python for an item that is not there, until the interpreter ends.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget


class FlowBox(QWidget):
    """Rows of widgets at their own size, with the same gap across and down; those that are hidden take no room.

    With ``grow`` the widgets of a row that want to expand share the room that is left in it, or all do if none wants;
    and they stand closer in one row where their least sizes fit into it.
    """

    def __init__(self, parent: QWidget | None = None, *, gap: int = 8, grow: bool = False) -> None:
        super().__init__(parent)
        self._widgets: list[QWidget] = []
        self._gap, self._grow = gap, grow
        self._heights: dict[int, int] = {}
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def add(self, widget: QWidget) -> None:
        """Put a widget at the end."""
        self._widgets.append(widget)
        widget.setParent(self)
        widget.show()
        self._changed()

    def remove(self, widget: QWidget) -> None:
        """Take a widget out and delete it."""
        self._widgets.remove(widget)
        widget.hide()
        widget.deleteLater()
        self._changed()

    def clear(self) -> None:
        """Take every widget out and delete it."""
        for widget in tuple(self._widgets):
            self.remove(widget)

    def hasHeightForWidth(self) -> bool:  # noqa: N802 - Qt's name
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802 - Qt's name
        # Kept until a widget changes: a layout asks dozens of times before it has placed anything.
        if width not in self._heights:
            heights = [max(widget.sizeHint().height() for widget in row) for row in self._rows(width)]
            self._heights[width] = sum(heights) + self._gap * max(0, len(heights) - 1)
        return self._heights[width]

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        shown = self._shown()
        return QSize(self._wanted(shown), max((widget.sizeHint().height() for widget in shown), default=0))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        width = max((widget.minimumSizeHint().width() for widget in self._shown()), default=0)
        return QSize(width, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        self._arrange()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self._changed()
        return super().event(event)

    def _changed(self) -> None:
        self._heights.clear()
        self.updateGeometry()
        self._arrange()

    def _arrange(self) -> None:
        y = 0
        for row in self._rows(self.width()):
            height = max(widget.sizeHint().height() for widget in row)
            self._place(row, y)
            y += height + self._gap

    def _shown(self) -> list[QWidget]:
        return [widget for widget in self._widgets if not widget.isHidden()]

    def _rows(self, width: int) -> list[list[QWidget]]:
        shown = self._shown()
        if self._grow and self._least(shown) <= width < self._wanted(shown):
            return [shown]  # closer together in one row rather than in two
        rows: list[list[QWidget]] = []
        left = -1
        for widget in shown:
            needed = widget.sizeHint().width()
            if left < needed:
                rows.append([])
                left = width
            rows[-1].append(widget)
            left -= needed + self._gap
        return rows

    def _wanted(self, row: list[QWidget]) -> int:
        return sum(widget.sizeHint().width() for widget in row) + self._gap * max(0, len(row) - 1)

    def _least(self, row: list[QWidget]) -> int:
        return sum(widget.minimumSizeHint().width() for widget in row) + self._gap * max(0, len(row) - 1)

    def _squeeze(self, row: list[QWidget], y: int) -> None:
        """Place a row for which there is less room than it wants: everybody gets the least, the first what is left."""
        x, left = 0, self.width() - self._least(row)
        for widget in row:
            least, hint = widget.minimumSizeHint().width(), widget.sizeHint()
            more = min(left, hint.width() - least)
            left -= more
            widget.setGeometry(QRect(x, y, least + more, hint.height()))
            x += least + more + self._gap

    def _place(self, row: list[QWidget], y: int) -> None:
        free = self.width() - self._wanted(row)
        if free < 0 and self._grow and len(row) > 1:
            self._squeeze(row, y)
            return
        expanding = [w for w in row if w.sizePolicy().horizontalPolicy() is QSizePolicy.Policy.Expanding] or row
        extra = max(0, free) // len(expanding) if self._grow else 0
        x = 0
        for widget in row:
            hint = widget.sizeHint()
            width = min(hint.width() + (extra if widget in expanding else 0), self.width())
            widget.setGeometry(QRect(x, y, width, hint.height()))
            x += width + self._gap
