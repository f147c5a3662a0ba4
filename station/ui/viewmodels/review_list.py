"""The pictures of a review in the order in which people look at them: what is worst comes first."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

if TYPE_CHECKING:
    from station.services.portrait_review import ReviewItem

Index = QModelIndex | QPersistentModelIndex
ITEM = Qt.ItemDataRole.UserRole
_DECIDED = ("sent_back", "approved")


class ReviewList(QAbstractListModel):
    """Holds every item and shows those of one group, or all about which nothing was decided yet."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._all: dict[Path, ReviewItem] = {}
        self._shown: list[ReviewItem] = []
        self.group = ""

    def show_group(self, group: str) -> None:
        """Show one group, or for an empty name all that are to be decided."""
        self.beginResetModel()
        self.group = group
        self._shown = sorted((item for item in self._all.values() if self._fits(item)), key=_place)
        self.endResetModel()

    def clear(self) -> None:
        """Forget everything."""
        self.beginResetModel()
        self._all, self._shown = {}, []
        self.endResetModel()

    def put(self, items: Sequence[ReviewItem]) -> None:
        """Take in items that are new or stand otherwise than before."""
        for item in items:
            before = self._all.get(item.candidate.path)
            self._all[item.candidate.path] = item
            if before is not None and self._fits(before):
                row = bisect_left(self._shown, _place(before), key=_place)
                if self._fits(item) and _place(item) == _place(before):
                    self._shown[row] = item
                    self.dataChanged.emit(self.index(row), self.index(row))
                    continue
                self.beginRemoveRows(QModelIndex(), row, row)
                del self._shown[row]
                self.endRemoveRows()
            if self._fits(item):
                row = bisect_left(self._shown, _place(item), key=_place)
                self.beginInsertRows(QModelIndex(), row, row)
                self._shown.insert(row, item)
                self.endInsertRows()

    def item(self, index: Index) -> ReviewItem:
        """Return what is shown there."""
        return self._shown[index.row()]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802 - Qt's signature
        return 0 if parent.isValid() else len(self._shown)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        item = self._shown[index.row()]
        if role == ITEM:
            return item
        if role == Qt.ItemDataRole.DisplayRole:  # also what is found by typing its first letters
            holder = item.candidate.holder
            return f"{holder.family_name} {holder.given_names}" if holder else item.candidate.path.name
        return None

    def _fits(self, item: ReviewItem) -> bool:
        return item.group == self.group if self.group else item.group not in _DECIDED


def _place(item: ReviewItem) -> tuple[int, int, str, str]:
    # The path last: no two have the same place, so that each is found again by it.
    return (*item.order, str(item.candidate.path))
