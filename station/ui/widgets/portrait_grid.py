"""A grid of portraits to be reviewed: picture, name, and how it stands by sign and word; all by keyboard."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QKeySequence, QPainter, QPen
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from station.services.review_words import GROUP_NAMES
from station.ui.context import Ui
from station.ui.theme.tokens import RADIUS_BUTTON, SECONDARY, SECONDARY_STRONG
from station.ui.tone import Tone
from station.ui.viewmodels.review_list import ITEM, Index, ReviewList
from station.ui.widgets.painting import focus_ring, rounded_image, sign, smooth

if TYPE_CHECKING:
    from station.services.portrait_review import ReviewItem

_TONES = {
    "unreadable": Tone.BAD,
    "nobody": Tone.BAD,
    "bad": Tone.BAD,
    "warn": Tone.WARN,
    "ok": Tone.PLAIN,
    "sent_back": Tone.LATER,
    "approved": Tone.OK,
}
_PICTURE = QSize(108, 139)
_TILE = QSize(134, 204)
_KEPT_IMAGES = 300
"""Small pictures that are kept unpacked: some screens full, 25 MB at most."""


class _Delegate(QStyledItemDelegate):
    def __init__(self, ui: Ui, parent: QListView) -> None:
        super().__init__(parent)
        self._ui, self._list = ui, parent
        self._images: OrderedDict[bytes, QImage] = OrderedDict()

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:  # noqa: N802 - Qt's name
        return tile_size(self._ui)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        item: ReviewItem = index.data(ITEM)
        area, state = QRectF(option.rect), option.state
        painter.save()
        smooth(painter)
        self._paint_box(painter, area, state)
        self._paint_picture(painter, area, item)
        self._paint_words(painter, area, item, str(index.data()))
        painter.restore()

    def _paint_box(self, painter: QPainter, area: QRectF, state: QStyle.StateFlag) -> None:
        theme = self._ui.theme
        box = area.adjusted(4.5, 4.5, -4.5, -4.5)
        if state & QStyle.StateFlag.State_Selected:
            painter.setPen(QPen(theme.colour("accent"), 1))
            painter.setBrush(theme.colour("accent_weak"))
            painter.drawRoundedRect(box, RADIUS_BUTTON, RADIUS_BUTTON)
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("sunken"))
            painter.drawRoundedRect(box, RADIUS_BUTTON, RADIUS_BUTTON)
        if state & QStyle.StateFlag.State_HasFocus and self._list.hasFocus():
            focus_ring(painter, box.adjusted(-0.5, -0.5, 0.5, 0.5), RADIUS_BUTTON, theme.colour("accent"))

    def _paint_picture(self, painter: QPainter, area: QRectF, item: ReviewItem) -> None:
        scaled, theme = self._ui.theme.scaled, self._ui.theme
        width, height = scaled(_PICTURE.width()), scaled(_PICTURE.height())
        box = QRectF(area.center().x() - width / 2, area.top() + scaled(12), width, height)
        image = self._image(item.inspection.thumbnail) if item.inspection else None
        if image is not None:
            shown = min(width, height * image.width() / image.height())
            middle = QRectF(box.center().x() - shown / 2, box.top(), shown, height)
            rounded_image(painter, middle, image, 6)
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("sunken"))
        painter.drawRoundedRect(box, 6, 6)
        painter.setFont(theme.font(SECONDARY))
        painter.setPen(theme.colour("muted"))
        words = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWrapAnywhere
        painter.drawText(box.adjusted(6, 6, -6, -6), words, item.candidate.path.name)

    def _paint_words(self, painter: QPainter, area: QRectF, item: ReviewItem, name: str) -> None:
        scaled, theme = self._ui.theme.scaled, self._ui.theme
        left, width = area.left() + scaled(12), area.width() - 2 * scaled(12)
        top = area.top() + scaled(12 + _PICTURE.height() + 4)
        painter.setFont(theme.font(SECONDARY_STRONG))
        painter.setPen(theme.colour("text"))
        shown = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, int(width))
        painter.drawText(QRectF(left, top, width, scaled(16)), Qt.AlignmentFlag.AlignVCenter, shown)
        mark = QRectF(left, top + scaled(19), scaled(14), scaled(14))
        tone = _TONES[item.group]
        indent = 0.0
        if tone is not Tone.PLAIN:
            sign(painter, mark, tone, theme)
            indent = mark.width() + scaled(5)
        painter.setFont(theme.font(SECONDARY))
        painter.setPen(theme.colour("muted"))
        word = self._ui.text(GROUP_NAMES[item.group])
        word = painter.fontMetrics().elidedText(word, Qt.TextElideMode.ElideRight, int(width - indent))
        line = QRectF(left + indent, top + scaled(18), width - indent, scaled(16))
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, word)

    def _image(self, jpeg: bytes) -> QImage | None:
        # Taken out and put in again: what was painted last is thrown away last.
        found = self._images.pop(jpeg, None) or QImage.fromData(jpeg)
        self._images[jpeg] = found
        if len(self._images) > _KEPT_IMAGES:
            self._images.popitem(last=False)
        return None if found.isNull() else found


def tile_size(ui: Ui) -> QSize:
    """Return how large one portrait of the grid is."""
    return QSize(ui.theme.scaled(_TILE.width()), ui.theme.scaled(_TILE.height()))


class PortraitGrid(QListView):
    """The grid. Enter approves what is chosen, Delete sends it back, Ctrl+Enter approves all good ones."""

    approved = Signal()
    sent_back = Signal()
    good_approved = Signal()
    picked = Signal()

    def __init__(self, ui: Ui, model: ReviewList, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui, self.portraits = ui, model
        self.setObjectName("portraits")
        self.setModel(model)
        self.setItemDelegate(_Delegate(ui, self))
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        # Qt then measures one tile, not thousands.
        self.setUniformItemSizes(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setMouseTracking(True)
        self.setMinimumHeight(ui.theme.scaled(_TILE.height()))
        selection = self.selectionModel()
        selection.selectionChanged.connect(self.picked)
        selection.currentChanged.connect(self.picked)
        ui.theme.changed.connect(self._resized)

    def chosen(self) -> list[ReviewItem]:
        """Return what is chosen, in the order in which it is shown."""
        rows = sorted(self.selectionModel().selectedIndexes(), key=lambda index: index.row())
        return [self.portraits.item(index) for index in rows]

    def current(self) -> ReviewItem | None:
        """Return what the keyboard is at, ``None`` when that is nothing."""
        index = self.currentIndex()
        return self.portraits.item(index) if index.isValid() else None

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if not event.isAutoRepeat():
                all_good = event.modifiers() & Qt.KeyboardModifier.ControlModifier
                (self.good_approved if all_good else self.approved).emit()
        elif key == Qt.Key.Key_Delete:
            self.sent_back.emit()
        elif event.matches(QKeySequence.StandardKey.Open) or key in (Qt.Key.Key_Escape, Qt.Key.Key_F3, Qt.Key.Key_F6):
            event.ignore()  # means something to the page or to the window
        else:
            super().keyPressEvent(event)

    def _resized(self) -> None:
        self.setMinimumHeight(self._ui.theme.scaled(_TILE.height()))
        self.scheduleDelayedItemsLayout()
