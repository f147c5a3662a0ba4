"""Both piles of elements as one list: each side under its name, the topmost element first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QAbstractListModel, QByteArray, QMimeData, QModelIndex, QObject, QPersistentModelIndex, Qt

from station.domain.elements import AnyElement
from station.domain.errors import N_
from station.services.design_palette import icon_name, kind_name
from station.services.designing import BACK, FRONT, Key
from station.ui.viewmodels.designer import DesignerModel
from station.ui.viewmodels.designer_words import element_title

_MIME = "application/x-station-layer"
Index = QModelIndex | QPersistentModelIndex
SIDE_NAMES = {FRONT: N_("Front side"), BACK: N_("Back side")}


@dataclass(frozen=True, slots=True)
class LayerRow:
    """One line: a side's name where ``element`` is ``None``."""

    side: int
    element: AnyElement | None = None

    @property
    def key(self) -> Key | None:
        """Return which element it is."""
        return None if self.element is None else (self.side, self.element.id)


class LayersList(QAbstractListModel):
    """The list; what is dropped between two lines goes to that place of the pile."""

    def __init__(self, model: DesignerModel, text: Callable[..., str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.designer, self._text = model, text
        self.rows: list[LayerRow] = []
        self.refresh()

    def refresh(self) -> None:
        """Show the piles as they are; lines that stay are told as changed, so that the view keeps its place."""
        rows = self._now()
        same = [row.key for row in rows] == [row.key for row in self.rows] and len(rows) == len(self.rows)
        if same and rows:
            self.rows = rows
            self.dataChanged.emit(self.index(0), self.index(len(rows) - 1))
            return
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def row_of(self, key: Key) -> int:
        """Return the line of an element, -1 when there is none."""
        return next((number for number, row in enumerate(self.rows) if row.key == key), -1)

    def at(self, index: Index) -> LayerRow | None:
        """Return a line."""
        return self.rows[index.row()] if index.isValid() and index.row() < len(self.rows) else None

    # --- as Qt asks ----------------------------------------------------------------------------------------------

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008 - Qt's name and default
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = self.at(index)
        if row is None:
            return None
        if role == Qt.ItemDataRole.EditRole and row.element is not None:
            return row.element.id
        if role == Qt.ItemDataRole.DisplayRole:
            name = SIDE_NAMES[row.side]
            return self._text(name) if row.element is None else element_title(row.element, self._text)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._spoken(row)
        if role == Qt.ItemDataRole.DecorationRole and row.element is not None:
            return icon_name(row.element)
        return None

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:  # noqa: N802 - Qt's name
        row = self.at(index)
        if role != Qt.ItemDataRole.EditRole or row is None or row.key is None:
            return False
        self.designer.rename(row.key, str(value))
        return True

    def flags(self, index: Index) -> Qt.ItemFlag:
        flag, row = Qt.ItemFlag, self.at(index)
        if row is None:
            return flag.ItemIsDropEnabled
        if row.element is None:
            return flag.ItemIsEnabled
        return flag.ItemIsEnabled | flag.ItemIsSelectable | flag.ItemIsEditable | flag.ItemIsDragEnabled

    def supportedDropActions(self) -> Qt.DropAction:  # noqa: N802 - Qt's name
        return Qt.DropAction.MoveAction

    def mimeTypes(self) -> list[str]:  # noqa: N802 - Qt's name
        return [_MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:  # noqa: N802 - Qt's name
        row = self.at(indexes[0]) if indexes else None
        data = QMimeData()
        if row is not None and row.key is not None:
            data.setData(_MIME, QByteArray(f"{row.side}/{row.key[1]}".encode()))
        return data

    def dropMimeData(  # noqa: N802 - Qt's name
        self, data: QMimeData, action: Qt.DropAction, row: int, column: int, parent: Index
    ) -> bool:
        del action, column
        side, _, name = bytes(data.data(_MIME).data()).decode().partition("/")
        if not name or row < 0 or parent.isValid():
            return False
        key: Key = (int(side), name)
        # Counted from the lowest: those of the same side that lie in the lines from here on.
        below = [each for each in self.rows[row:] if each.side == key[0] and each.key not in (None, key)]
        self.designer.put_at(key, len(below))
        return False  # the list is shown anew; Qt must take nothing out of it

    # --- inside --------------------------------------------------------------------------------------------------

    def _now(self) -> list[LayerRow]:
        rows: list[LayerRow] = []
        for side in (FRONT, BACK):
            rows.append(LayerRow(side))
            rows += [LayerRow(side, element) for element in reversed(self.designer.design.side(side))]
        return rows

    def _spoken(self, row: LayerRow) -> str:
        if row.element is None or row.key is None:
            return self._text(SIDE_NAMES[row.side])
        design = self.designer.design
        said = [self._text(kind_name(row.element)), row.element.id]
        said += [self._text(N_("hidden"))] if row.key in design.hidden else []
        said += [self._text(N_("locked"))] if row.key in design.locked else []
        return ", ".join(said)
