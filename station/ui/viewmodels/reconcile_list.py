"""What differs between here and ESC-Router as a list that grows at its end; one line a card, however many there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

if TYPE_CHECKING:
    from station.services.reconcile import Finding, Group

Index = QModelIndex | QPersistentModelIndex
LINE = Qt.ItemDataRole.UserRole


class Mark(StrEnum):
    """What became of a finding."""

    QUEUED = "queued"
    NOTHING = "nothing"
    """Nothing could be queued: it waits already, or who holds the card is not known there or does not agree."""
    LEFT = "left"
    """A person decided, now or at an earlier comparison, to leave it as it is; they may think better of it."""


@dataclass(slots=True, eq=False)
class Line:
    """A finding, and what became of it."""

    finding: Finding
    mark: Mark | None = None

    @property
    def open(self) -> bool:
        """Say whether something may still be done about it."""
        return self.mark in (None, Mark.LEFT)


class FindingList(QAbstractTableModel):
    """Holds every line and shows those of one group, or all; a table of one column, for its rows need no layout."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._of: dict[Group | None, list[Line]] = {None: []}
        self.group: Group | None = None
        self.open: Counter[Group] = Counter()
        """How many of each group were not decided yet."""

    def show_group(self, group: Group | None) -> None:
        """Show one group, or for ``None`` everything."""
        if group is not self.group:
            self.beginResetModel()
            self.group = group
            self.endResetModel()

    def clear(self) -> None:
        """Forget everything."""
        self.beginResetModel()
        self._of, self.group = {None: []}, None
        self.open.clear()
        self.endResetModel()

    def put(self, findings: Sequence[Finding]) -> None:
        """Take in what was found, at the end."""
        lines = [Line(finding, Mark.LEFT if finding.left else None) for finding in findings]
        shown = [line for line in lines if self.group in (None, line.finding.group)]
        if shown:
            first = self.rowCount()
            self.beginInsertRows(QModelIndex(), first, first + len(shown) - 1)
        for line in lines:
            self._of[None].append(line)
            self._of.setdefault(line.finding.group, []).append(line)
            self.open[line.finding.group] += line.mark is None
        if shown:
            self.endInsertRows()

    def note(self, marks: Iterable[tuple[Line, Mark]]) -> None:
        """Note what became of lines."""
        for line, mark in marks:
            if line.mark is None:
                self.open[line.finding.group] -= 1
            line.mark = mark
        if self.rowCount():
            self.dataChanged.emit(self.index(0, 0), self.index(self.rowCount() - 1, 0))

    def line(self, row: int) -> Line:
        """Return what is shown in a row."""
        return self._lines()[row]

    def lines(self, top: int, bottom: int) -> list[Line]:
        """Return what is shown from one row to another, both included."""
        return self._lines()[top : bottom + 1]

    def undecided(self, group: Group) -> list[Line]:
        """Return the lines of a group about which nothing was decided yet."""
        return [line for line in self._of.get(group, ()) if line.mark is None]

    def count(self, group: Group | None) -> int:
        """Return how many lines a group has, or for ``None`` all have."""
        return len(self._of.get(group, ()))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802 - Qt's signature
        return 0 if parent.isValid() else len(self._lines())

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802 - Qt's signature
        return 0 if parent.isValid() else 1

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == LINE:
            return self._lines()[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:  # also what screen readers say
            finding = self._lines()[index.row()].finding
            return f"{finding.name or finding.issuer} {finding.escn}".strip()
        return None

    def _lines(self) -> list[Line]:
        return self._of.get(self.group) or []
