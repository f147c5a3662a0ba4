"""The list of all elements: select, show and hide, lock, bring to the front, call by another name."""

from __future__ import annotations

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
    QVBoxLayout,
    QWidget,
)

from station.domain.errors import N_
from station.services.designing import Key, Order
from station.ui.context import Ui
from station.ui.theme.tokens import SECONDARY_STRONG
from station.ui.viewmodels.designer import DesignerModel
from station.ui.viewmodels.designer_layers import LayersList
from station.ui.views.designer.tools import LABEL, ToolButton
from station.ui.widgets.base import View, arrange
from station.ui.widgets.icon import drawing
from station.ui.widgets.painting import focus_ring, smooth

_ROW_PX, _ICON_PX, _SWITCH_PX = 30, 16, 24
Index = QModelIndex | QPersistentModelIndex


class _Delegate(QStyledItemDelegate):
    """Paints a line, with an eye and a lock at its end."""

    def __init__(self, ui: Ui, layers: LayersList, parent: LayerView) -> None:
        super().__init__(parent)
        self._ui, self._layers, self._view = ui, layers, parent

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802 - Qt's name
        del option, index
        return QSize(80, max(_ROW_PX, self._ui.theme.scaled(_ROW_PX)))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row = self._layers.at(index)
        if row is None:
            return
        theme, design = self._ui.theme, self._layers.designer.design
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        painter.save()
        smooth(painter)
        if row.key is None or row.element is None:
            painter.setFont(theme.font(SECONDARY_STRONG))
            painter.setPen(theme.colour("accent" if row.side == self._layers.designer.side else "muted"))
            painter.drawText(QRectF(rect).adjusted(6, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, str(index.data()))
            painter.restore()
            return
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        body = QRectF(rect).adjusted(1, 1, -1, -1)
        if chosen or state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("accent_weak" if chosen else "sunken"))
            painter.drawRoundedRect(body, 6, 6)
        if state & QStyle.StateFlag.State_HasFocus:
            focus_ring(painter, body, 6, theme.colour("accent"))
        hidden, locked = row.key in design.hidden, row.key in design.locked
        ink = theme.colour("muted" if hidden else "text").name()
        icon = QRectF(rect.left() + 8, rect.center().y() - _ICON_PX / 2, _ICON_PX, _ICON_PX)
        drawing(str(index.data(Qt.ItemDataRole.DecorationRole)), ink).render(painter, icon)
        painter.setFont(theme.font(LABEL))
        painter.setPen(theme.colour("muted" if hidden else "text"))
        room = QRectF(rect).adjusted(31, 0, -2 * _SWITCH_PX - 4, 0)
        words = painter.fontMetrics().elidedText(str(index.data()), Qt.TextElideMode.ElideRight, round(room.width()))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, words)
        shown = chosen or bool(state & QStyle.StateFlag.State_MouseOver)
        for place, name, on in (
            (0, "eye-off" if hidden else "eye", hidden),
            (1, "lock" if locked else "unlock", locked),
        ):
            if on or shown:
                colour = theme.colour("accent" if on else "muted").name()
                area = QRectF(switch_rect(rect, place))
                side = QRectF(area.center().x() - 8, area.center().y() - 8, 16, 16)
                drawing(name, colour).render(painter, side)
        painter.restore()

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:  # noqa: N802 - Qt's name
        super().setModelData(editor, model, index)
        self._view.mark_selected()


class LayerView(QListView):
    """The list itself. H hides, L locks, F2 renames, Del deletes, Alt with an arrow changes the order."""

    def __init__(self, ui: Ui, layers: LayersList, parent: QWidget) -> None:
        super().__init__(parent)
        self._ui, self.layers, self.designer = ui, layers, layers.designer
        self._marking = False
        self.setObjectName("layers")
        self.setModel(layers)
        self.setItemDelegate(_Delegate(ui, layers, self))
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        self.setMinimumHeight(60)
        self.setTabKeyNavigation(False)
        self.selectionModel().selectionChanged.connect(self._chosen)

    def mark_selected(self) -> None:
        """Mark in the list what is selected on the card."""
        self._marking = True
        marked = QItemSelection()
        for key in self.designer.selected:
            index = self.layers.index(max(0, self.layers.row_of(key)))
            marked.select(index, index)
        how = QItemSelectionModel.SelectionFlag
        self.selectionModel().select(marked, how.ClearAndSelect)
        # With the keyboard in it, somebody walks through the list: the line they are at is not taken from them.
        if self.designer.selected and not self.hasFocus():
            first = min(self.layers.row_of(key) for key in self.designer.selected)
            self.selectionModel().setCurrentIndex(self.layers.index(max(0, first)), how.NoUpdate)
            self.scrollTo(self.layers.index(max(0, first)))
        self._marking = False
        self.viewport().update()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        designer, held = self.designer, event.modifiers()
        key = Qt.Key(event.key())
        if held & Qt.KeyboardModifier.AltModifier and key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            designer.reorder(Order.FORWARD if key == Qt.Key.Key_Up else Order.BACKWARD)
        elif key == Qt.Key.Key_H and not held:
            self._switch(designer.selected, 0)
        elif key == Qt.Key.Key_L and not held:
            self._switch(designer.selected, 1)
        elif key == Qt.Key.Key_Escape and designer.selected:
            designer.select(frozenset())
        elif held & Qt.KeyboardModifier.ControlModifier or key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            event.ignore()  # the window's: copy, paste, undo, delete
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        index = self.indexAt(event.position().toPoint())
        row = self.layers.at(index)
        if row is not None and row.key is None:
            self.designer.use_side(row.side)
        if row is not None and row.key is not None:
            for place in (0, 1):
                if switch_rect(self.visualRect(index), place).contains(event.position().toPoint()):
                    # Without Qt's own part of a press, which would select the line.
                    self._switch(frozenset({row.key}), place)
                    return
        super().mousePressEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            index = self.indexAt(event.pos())
            names = (N_("Show or hide here (H); it is printed all the same"), N_("Lock or unlock (L)"))
            row = self.layers.at(index)
            words = "" if row is None or row.element is None else row.element.id
            for place, name in enumerate(names):
                if row is not None and row.key and switch_rect(self.visualRect(index), place).contains(event.pos()):
                    words = self._ui.text(name)
            QToolTip.showText(event.globalPos(), words, self)
            return True
        return super().viewportEvent(event)

    def _switch(self, keys: frozenset[Key], place: int) -> None:
        designer = self.designer
        if place == 0:
            designer.set_hidden(keys, not keys <= designer.design.hidden)
        else:
            designer.set_locked(keys, not keys <= designer.design.locked)

    def _chosen(self) -> None:
        # Marked because the card says so: to tell the card again would go round.
        if self._marking:
            return
        keys = {row.key for index in self.selectedIndexes() if (row := self.layers.at(index)) is not None}
        self.designer.select(frozenset(key for key in keys if key is not None))


def switch_rect(line: QRect, place: int) -> QRect:
    """Return where the eye (0) or the lock (1) of a line is."""
    return QRect(line.right() - (2 - place) * _SWITCH_PX - 2, line.top(), _SWITCH_PX, line.height())


class LayersPanel(View):
    """The list with its buttons below."""

    def __init__(self, ui: Ui, model: DesignerModel, parent: QWidget) -> None:
        super().__init__(ui, parent)
        self._model = model
        self.layers = LayersList(model, ui.text, self)
        self.list = LayerView(ui, self.layers, self)
        column = arrange(QVBoxLayout(self), gap=4)
        column.addWidget(self.list, 1)
        row = arrange(QHBoxLayout(), gap=0)
        self.buttons = {
            "layerUp": ToolButton(ui, "layer-up", N_("Further to the front"), key="Ctrl+PgUp", parent=self),
            "layerDown": ToolButton(ui, "layer-down", N_("Further to the back"), key="Ctrl+PgDown", parent=self),
            "layerHide": ToolButton(ui, "eye", N_("Show or hide here"), key="H", parent=self),
            "layerLock": ToolButton(ui, "lock", N_("Lock or unlock"), key="L", parent=self),
            "layerOther": ToolButton(ui, "other-side", N_("Copy to the other side"), key="Ctrl+Shift+D", parent=self),
            "layerDelete": ToolButton(ui, "trash", N_("Delete"), key="Del", parent=self),
        }
        acts = (
            lambda: model.reorder(Order.FORWARD),
            lambda: model.reorder(Order.BACKWARD),
            lambda: model.set_hidden(model.selected, not model.selected <= model.design.hidden),
            lambda: model.set_locked(model.selected, not model.selected <= model.design.locked),
            model.copy_to_other_side,
            model.delete,
        )
        for (name, button), act in zip(self.buttons.items(), acts, strict=True):
            button.setObjectName(name)
            button.clicked.connect(lambda _checked=False, do=act: do())
            row.addWidget(button)
        row.addStretch(1)
        column.addLayout(row)
        model.design_changed.connect(self._changed)
        model.selection_changed.connect(self._selected)
        self.refresh()

    def refresh(self) -> None:
        self.list.setAccessibleName(self.ui.text(N_("What is on the card")))
        self.layers.refresh()
        self._selected()

    def _changed(self) -> None:
        self.layers.refresh()
        self.list.mark_selected()

    def _selected(self) -> None:
        for button in self.buttons.values():
            button.setEnabled(bool(self._model.selected))
        self.list.mark_selected()
