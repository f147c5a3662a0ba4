"""The list of what differs: two lines a card, as many as there are; it lays out only what is seen."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from station.ui.context import Ui
from station.ui.theme.tokens import RADIUS_BUTTON, SECONDARY, STRONG, TextStyle
from station.ui.tone import Tone
from station.ui.viewmodels.reconcile_list import LINE, FindingList, Index, Line
from station.ui.widgets.painting import focus_ring, sign, smooth

Words = Callable[[Line], tuple[str, str]]
_ROW = 50
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class _Delegate(QStyledItemDelegate):
    def __init__(self, ui: Ui, words: Words, parent: QTableView) -> None:
        super().__init__(parent)
        self._ui, self._words, self._table = ui, words, parent

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        line: Line = index.data(LINE)
        area, state, theme = QRectF(option.rect), option.state, self._ui.theme
        painter.save()
        smooth(painter)
        box = area.adjusted(2.5, 1.5, -2.5, -1.5)
        if state & QStyle.StateFlag.State_Selected:
            painter.setPen(QPen(theme.colour("accent"), 1))
            painter.setBrush(theme.colour("accent_weak"))
            painter.drawRoundedRect(box, RADIUS_BUTTON, RADIUS_BUTTON)
        if index.row() == self._table.currentIndex().row() and self._table.hasFocus():
            focus_ring(painter, box.adjusted(-0.5, -0.5, 0.5, 0.5), RADIUS_BUTTON, theme.colour("accent"))
        side = theme.scaled(20)
        place = QRectF(area.left() + 14, area.center().y() - side / 2, side, side)
        if line.mark is not None:
            sign(painter, place, Tone.BUSY if line.mark == "queued" else Tone.LATER, theme)
        elif line.finding.group in ("unwanted", "elsewhere"):
            sign(painter, place, Tone.WARN, theme)
        upper, lower = self._words(line)
        inside = area.adjusted(14 + side + 10, theme.scaled(5), -12, -theme.scaled(5))
        half = inside.height() / 2
        self._text(painter, inside.adjusted(0, 0, 0, -half), upper, (STRONG, "text"))
        self._text(painter, inside.adjusted(0, half, 0, 0), lower, (SECONDARY, "muted"))
        painter.restore()

    def _text(self, painter: QPainter, area: QRectF, text: str, look: tuple[TextStyle, str]) -> None:
        style, colour = look
        painter.setFont(self._ui.theme.font(style))
        painter.setPen(self._ui.theme.colour(colour))
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(area.width()))
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, shown)


class FindingTable(QTableView):
    """The list itself. Arrows move, Shift and Ctrl choose several, Enter asks about them; letters are the window's."""

    picked = Signal()
    taken = Signal()

    def __init__(self, ui: Ui, findings: FindingList, words: Words, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui, self._findings = ui, findings
        self.setModel(findings)
        self.setItemDelegate(_Delegate(ui, words, self))
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.horizontalHeader().hide()
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)  # then no row is asked how high it wants to be
        rows.setDefaultSectionSize(ui.theme.scaled(_ROW))
        ui.changed.connect(self.viewport().update)

    def chosen(self) -> list[Line]:
        """Return the chosen lines, in their order."""
        # By ranges: of a list that is chosen as a whole Qt would make an index for each row.
        selection = self.selectionModel().selection()
        parts = (selection.at(place) for place in range(selection.count()))
        ranges = sorted((part.top(), part.bottom()) for part in parts)
        return [line for top, bottom in ranges for line in self._findings.lines(top, bottom)]

    def current(self) -> Line | None:
        """Return the line that the keyboard is at."""
        index = self.currentIndex()
        return self._findings.line(index.row()) if index.isValid() else None

    def begin(self) -> None:
        """Have the keyboard at a line."""
        if not self.currentIndex().isValid() and self._findings.rowCount():
            flag = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
            self.selectionModel().setCurrentIndex(self._findings.index(0, 0), flag)

    def selectionChanged(self, now: QItemSelection, before: QItemSelection) -> None:  # noqa: N802 - Qt's name
        super().selectionChanged(now, before)
        self.picked.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        control = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if event.key() in _ENTER:
            if not event.isAutoRepeat():
                self.taken.emit()
        elif event.key() == Qt.Key.Key_Escape or (event.text().strip() and not control):
            event.ignore()  # letters are shortcuts of the window, not a search of Qt's own
        elif control and event.key() not in (Qt.Key.Key_A, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Space):
            event.ignore()
        else:
            super().keyPressEvent(event)
