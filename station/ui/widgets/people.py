"""A list of people: picture, name, what is known, a sign. Folds to pictures where the window is narrow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from station.ui.context import Ui
from station.ui.theme.tokens import RADIUS_BUTTON, SECONDARY, SECONDARY_STRONG, STRONG
from station.ui.tone import Tone
from station.ui.widgets.painting import focus_ring, rounded_image, sign, smooth

Index = QModelIndex | QPersistentModelIndex
_ROW = Qt.ItemDataRole.UserRole
MARKS = ("#3b6fd4", "#0e8074", "#9c4a97", "#a35d12")
"""Colours that tell people in flight apart; each comes with a letter too."""


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One line of the list. ``key`` is empty for a heading, whose ``detail`` is then its count."""

    key: str
    name: str
    detail: str = ""
    tone: Tone | None = None
    badge: str = ""
    mark: int | None = None
    picture: QImage | None = None
    faded: bool = False

    @property
    def initials(self) -> str:
        """Return what stands for a person without a picture."""
        words = self.name.split()
        return (words[0][:1] + (words[-1][:1] if len(words) > 1 else "")).upper() if words else ""


class PeopleModel(QAbstractListModel):
    """The rows, as Qt wants them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: tuple[PersonRow, ...] = ()

    def show_rows(self, rows: Sequence[PersonRow]) -> None:
        """Show ``rows``; where only contents differ, the view keeps its place."""
        rows = tuple(rows)
        if [r.key or r.name for r in rows] == [r.key or r.name for r in self.rows]:
            changed = [i for i, (old, new) in enumerate(zip(self.rows, rows, strict=True)) if old != new]
            self.rows = rows
            for i in changed:
                self.dataChanged.emit(self.index(i), self.index(i))
            return
        # With the reset Qt forgets who was current; show_people() says it again.
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802 - Qt's signature
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self.rows[index.row()]
        if role == _ROW:
            return row
        if role == Qt.ItemDataRole.DisplayRole:
            return row.name
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join(part for part in (row.name, row.detail, row.badge) if part)
        if role == Qt.ItemDataRole.ToolTipRole and row.key:
            return f"{row.name}\n{row.detail}"
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not self.rows[index.row()].key:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable


class _Delegate(QStyledItemDelegate):
    def __init__(self, ui: Ui, parent: PeopleList) -> None:
        super().__init__(parent)
        self._ui, self._list = ui, parent

    def sizeHint(self, _option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802 - Qt's name
        row: PersonRow = index.data(_ROW)
        scaled = self._ui.theme.scaled
        if row.key:
            return QSize(0, scaled(58))
        return QSize(0, scaled(52 if index.row() else 44))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row: PersonRow = index.data(_ROW)
        area: QRect = option.rect
        state: QStyle.StateFlag = option.state
        painter.save()
        smooth(painter)
        if row.key:
            self._paint_person(painter, QRectF(area), row, state)
        else:
            self._paint_heading(painter, QRectF(area), row)
        painter.restore()

    def _paint_heading(self, painter: QPainter, area: QRectF, row: PersonRow) -> None:
        theme = self._ui.theme
        inset = 8 if self._list.folded else 20
        line = area.adjusted(inset, area.height() - theme.scaled(34), -inset, -theme.scaled(8))
        painter.setFont(theme.font(SECONDARY_STRONG))
        painter.setPen(theme.colour("muted"))
        if self._list.folded:
            painter.drawText(line, Qt.AlignmentFlag.AlignCenter, row.detail)
            return
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, row.name)
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, row.detail)

    def _paint_person(self, painter: QPainter, area: QRectF, row: PersonRow, state: QStyle.StateFlag) -> None:
        theme = self._ui.theme
        box = area.adjusted(7.5, 0.5, -7.5, -0.5)
        if state & QStyle.StateFlag.State_Selected:
            painter.setPen(QPen(theme.colour("accent"), 1))
            painter.setBrush(theme.colour("accent_weak"))
            painter.drawRoundedRect(box, RADIUS_BUTTON, RADIUS_BUTTON)
            if self._list.hasFocus():
                focus_ring(painter, box.adjusted(-0.5, -0.5, 0.5, 0.5), RADIUS_BUTTON, theme.colour("accent"))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("sunken"))
            painter.drawRoundedRect(box, RADIUS_BUTTON, RADIUS_BUTTON)
        self._paint_picture(painter, area, row)
        if self._list.folded:
            if row.tone is not None:
                sign(painter, QRectF(area.center().x() + 4, area.bottom() - 24, 18, 18), row.tone, theme, row.badge)
            return
        right = area.right() - 20
        if row.tone is not None:
            right = self._paint_badge(painter, area, row, row.tone)
        self._paint_words(painter, QRectF(area.left() + 64, area.top(), right - area.left() - 64, area.height()), row)

    def _paint_picture(self, painter: QPainter, area: QRectF, row: PersonRow) -> None:
        theme = self._ui.theme
        left = area.center().x() - 16 if self._list.folded else area.left() + 20
        box = QRectF(left, area.center().y() - 20, 32, 40)
        if row.faded:
            painter.setOpacity(0.6)
        if row.picture is not None:
            rounded_image(painter, box, row.picture, 5)
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("sunken"))
            painter.drawRoundedRect(box, 5, 5)
            painter.setFont(theme.font(SECONDARY_STRONG))
            painter.setPen(theme.colour("muted"))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, row.initials)
        painter.setOpacity(1.0)
        if row.mark is not None:
            mark_sign(painter, QRectF(box.left() - 7, box.top() - 5, 16, 16), row.mark, self._ui)

    def _paint_badge(self, painter: QPainter, area: QRectF, row: PersonRow, tone: Tone) -> float:
        side = self._ui.theme.scaled(20)
        box = QRectF(area.right() - 20 - side, area.center().y() - side / 2, side, side)
        sign(painter, box, tone, self._ui.theme, row.badge)
        return box.left() - 8

    def _paint_words(self, painter: QPainter, area: QRectF, row: PersonRow) -> None:
        theme = self._ui.theme
        painter.setFont(theme.font(STRONG))
        painter.setPen(theme.colour("text"))
        upper = QRectF(area.left(), area.center().y() - theme.scaled(19), area.width(), theme.scaled(20))
        name = painter.fontMetrics().elidedText(row.name, Qt.TextElideMode.ElideRight, int(area.width()))
        painter.drawText(upper, Qt.AlignmentFlag.AlignVCenter, name)
        painter.setFont(theme.font(SECONDARY))
        painter.setPen(theme.colour("muted"))
        lower = QRectF(area.left(), area.center().y() + 1, area.width(), theme.scaled(17))
        detail = painter.fontMetrics().elidedText(row.detail, Qt.TextElideMode.ElideRight, int(area.width()))
        painter.drawText(lower, Qt.AlignmentFlag.AlignVCenter, detail)


def mark_sign(painter: QPainter, rect: QRectF, mark: int, ui: Ui) -> None:
    """Paint the mark of a person in flight: a colour and a letter."""
    painter.setPen(QPen(ui.theme.colour("surface"), 1.5))
    painter.setBrush(QColor(MARKS[mark % len(MARKS)]))
    painter.drawRoundedRect(rect, 5, 5)
    painter.setPen(QColor("#ffffff"))
    painter.setFont(ui.theme.font(SECONDARY_STRONG))
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, chr(ord("A") + mark % 26))


class PeopleList(QListView):
    """The list itself. Arrows move, Enter or a click takes a person; headings cannot be chosen."""

    taken = Signal(str)

    def __init__(self, ui: Ui, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.folded = False
        self._ui = ui
        self.people = PeopleModel(self)
        self.setModel(self.people)
        self.setItemDelegate(_Delegate(ui, self))
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(False)
        ui.changed.connect(self.viewport().update)

    def set_folded(self, folded: bool) -> None:
        """Show pictures only, or everything."""
        if folded != self.folded:
            self.folded = folded
            never, as_needed = Qt.ScrollBarPolicy.ScrollBarAlwaysOff, Qt.ScrollBarPolicy.ScrollBarAsNeeded
            self.setVerticalScrollBarPolicy(never if folded else as_needed)
            self.scheduleDelayedItemsLayout()
            self.viewport().update()

    def show_people(self, rows: Sequence[PersonRow], current: str = "") -> None:
        """Show ``rows``, with ``current`` chosen."""
        self.people.show_rows(rows)
        for number, row in enumerate(self.people.rows):
            if row.key and row.key == current:
                self.setCurrentIndex(self.people.index(number))
                return
        if not self.hasFocus():
            self.clearSelection()
            self.setCurrentIndex(QModelIndex())

    def current_key(self) -> str:
        """Return the key of the chosen person, empty when none is."""
        index = self.currentIndex()
        return self.people.rows[index.row()].key if index.isValid() else ""

    def step(self, by: int) -> None:
        """Move the choice by ``by`` people, over headings, as far as there are any."""
        people = [i for i, row in enumerate(self.people.rows) if row.key]
        if not people:
            return
        now = self.currentIndex().row()
        place = people.index(now) + by if now in people else (0 if by > 0 else len(people) - 1)
        self.setCurrentIndex(self.people.index(people[max(0, min(place, len(people) - 1))]))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.current_key():
            self.taken.emit(self.current_key())
        elif event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.step(1 if event.key() == Qt.Key.Key_Down else -1)
        else:
            event.ignore()  # letters are shortcuts of the window, not a search of Qt's own

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        super().mouseReleaseEvent(event)
        place: QPoint = event.position().toPoint()
        index = self.indexAt(place)
        if index.isValid() and self.people.rows[index.row()].key:
            self.taken.emit(self.people.rows[index.row()].key)
