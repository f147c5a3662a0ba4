"""A stack that needs only as much room as the page that is seen, and a scroll area that scrolls only when it must."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QScrollArea, QSizePolicy, QWidget

_KEPT_IN_SIGHT = 40


class CurrentStack(QWidget):
    """Shows one of its pages, and asks that one for the least it needs.

    A stock stack asks every page for the height that it would like best, and takes that for the least. That is why this
    one has no layout: Qt would ask the layout instead of us.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._current: QWidget | None = None
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def addWidget(self, page: QWidget) -> None:  # noqa: N802 - as Qt's own stack calls it
        """Take a page in; the first one is shown."""
        page.setParent(self)
        page.hide()
        if self._current is None:
            self.setCurrentWidget(page)

    def currentWidget(self) -> QWidget | None:  # noqa: N802 - as Qt's own stack calls it
        """Return the page that is shown."""
        return self._current

    def setCurrentWidget(self, page: QWidget) -> None:  # noqa: N802 - as Qt's own stack calls it
        """Show a page instead of the one before."""
        before, self._current = self._current, page
        page.setGeometry(self.rect())
        page.show()
        if before is not None and before is not page:
            before.hide()
        self.updateGeometry()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return self._current.sizeHint() if self._current is not None else QSize()

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return self._current.minimumSizeHint() if self._current is not None else QSize()

    def hasHeightForWidth(self) -> bool:  # noqa: N802 - Qt's name
        layout = self._current.layout() if self._current is not None else None
        return layout is not None and layout.hasHeightForWidth()

    def heightForWidth(self, width: int) -> int:  # noqa: N802 - Qt's name
        layout = self._current.layout() if self._current is not None else None
        return layout.minimumHeightForWidth(width) if layout is not None else -1

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        if self._current is not None:
            self._current.setGeometry(self.rect())

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().event(event)


class TallScroll(QScrollArea):
    """Gives its content the whole height, and more only when the content needs more at the least.

    A stock area gives it the height that it would like best as soon as any text in it wraps. ``resized`` says that
    there is another room to fill.
    """

    resized = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.content = QWidget(self)
        self.content.installEventFilter(self)
        self.setWidget(self.content)

    def to_top(self) -> None:
        """Show the beginning."""
        self.verticalScrollBar().setValue(0)

    def settle(self) -> None:
        """Arrange the content now, where a layout is still to come."""
        layout = self.content.layout()
        if layout is not None:
            layout.activate()
        self._fit()

    def bottom_seen(self) -> int:
        """Return the last line of the content that is in sight."""
        return self.verticalScrollBar().value() + self.viewport().height()

    def on(self) -> None:
        """Show what comes next; the last line seen stays in sight."""
        bar = self.verticalScrollBar()
        bar.setValue(bar.value() + max(1, self.viewport().height() - _KEPT_IN_SIGHT))

    def back(self) -> None:
        """Show what came before; the first line seen stays in sight."""
        bar = self.verticalScrollBar()
        bar.setValue(bar.value() - max(1, self.viewport().height() - _KEPT_IN_SIGHT))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if watched is self.content and event.type() == QEvent.Type.LayoutRequest:
            self._fit()
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        self._fit()
        self.resized.emit()

    def _fit(self) -> None:
        layout, room = self.content.layout(), self.viewport().size()
        if layout is not None:
            needed = layout.minimumHeightForWidth(room.width())
            self.content.resize(room.width(), max(room.height(), needed, layout.minimumSize().height()))
