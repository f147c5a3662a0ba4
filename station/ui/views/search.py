"""Search as you type: the list that opens below the field in the header."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from station.domain.errors import N_
from station.domain.holder import Holder, missing_for_card
from station.ui.context import Ui
from station.ui.theme.tokens import BODY, RADIUS_BUTTON
from station.ui.tone import Tone
from station.ui.viewmodels.search import SearchModel
from station.ui.views.search_field import SearchField
from station.ui.widgets.base import View, arrange
from station.ui.widgets.labels import Text
from station.ui.widgets.painting import panel, smooth, soft_shadow
from station.ui.widgets.people import PeopleList, PersonRow

_MOST_ROWS = 7


class SearchPopup(View):
    """The people found, below the field; a child of the window, so that no focus is lost to another window."""

    picked = Signal(object)
    put_in_queue = Signal(object)

    def __init__(self, ui: Ui, model: SearchModel, field: SearchField, parent: QWidget) -> None:
        super().__init__(ui, parent)
        self.model, self._field, self._over = model, field, parent
        # Enter came before the answer: whether it was Shift+Enter.
        self._eager: bool | None = None
        self.setObjectName("searchPopup")
        self._list = PeopleList(ui, self)
        # The keyboard stays in the field, which hands on arrows and Enter: a name is typed on while the list is there.
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._nobody = Text(ui, BODY, "muted", parent=self)
        column = arrange(QVBoxLayout(self), (8, 8, 8, 10))
        column.addWidget(self._list)
        column.addWidget(self._nobody)
        self.hide()
        field.textChanged.connect(self._typed)
        field.arrow.connect(self._list.step)
        field.chosen.connect(lambda: self._choose(queue=False))
        field.queued.connect(lambda: self._choose(queue=True))
        field.given_up.connect(self.close_search)
        field.left.connect(self._left)
        self._list.taken.connect(self._take)
        model.changed.connect(self.refresh)
        parent.installEventFilter(self)

    def refresh(self) -> None:
        rows = [self._row(holder) for holder in self.model.found]
        keep = self._list.current_key()
        self._list.show_people(rows, keep if keep in [r.key for r in rows] else (rows[0].key if rows else ""))
        self._list.setVisible(bool(rows))
        self._nobody.setText(self.ui.text(N_("Nobody was found for “{text}”."), text=self.model.text))
        self._nobody.setVisible(self.model.nothing_found)
        self.setVisible(bool(rows) or self.model.nothing_found)
        if self.isVisible():
            self._place()
            # What was made after it, all of the desk, would lie over it.
            self.raise_()
        eager = self._eager
        if eager is not None and self.model.answered == self.model.text:
            # Whoever types on after Enter means somebody else.
            self._eager = None
            if len(rows) == 1:  # of several people nobody was chosen yet
                self._take(rows[0].key, queue=eager)

    def close_search(self) -> None:
        """Empty the field and give the keyboard back to the window."""
        self._field.clear()
        self.hide()
        self._field.clearFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return super().eventFilter(watched, event)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QPainter(self)
        smooth(painter)
        rect = QRectF(self.rect()).adjusted(8, 2, -8, -8)
        soft_shadow(painter, rect, RADIUS_BUTTON, self.ui.theme)
        panel(painter, rect, RADIUS_BUTTON, self.ui.theme)
        painter.end()

    def _typed(self, text: str) -> None:
        self._eager = None
        self.model.search(text)

    def _left(self) -> None:
        if not self.underMouse():
            self.hide()

    def _choose(self, *, queue: bool) -> None:
        if self.model.answered != self.model.text:
            self._eager = queue
            return
        self._take(self._list.current_key(), queue=queue)

    def _take(self, key: str, *, queue: bool = False) -> None:
        holder = next((h for h in self.model.found if h.id == key), None)
        if holder is not None:
            self.close_search()
            (self.put_in_queue if queue else self.picked).emit(holder)

    def _row(self, holder: Holder) -> PersonRow:
        enrolment = holder.enrolment
        parts = [holder.student_number, enrolment.faculty if enrolment else "", holder.email or ""]
        missing = missing_for_card(holder)
        detail = " · ".join(part for part in parts if part)
        return PersonRow(holder.id, holder.full_name, detail, Tone.WARN if missing else None)

    def _place(self) -> None:
        window = self._over
        width = min(max(self._field.width() + 16, self.ui.theme.scaled(420)), window.width() - 16)
        corner = self._field.mapTo(window, QPoint(0, self._field.height() + 2))
        left = min(corner.x() - 8, window.width() - width)
        rows = min(_MOST_ROWS, len(self.model.found))
        height = rows * self.ui.theme.scaled(58) + 22 if rows else self._nobody.heightForWidth(width - 48) + 44
        self._nobody.setContentsMargins(16, 8, 16, 8)
        self.setGeometry(max(0, left), corner.y(), width, min(height, window.height() - corner.y() - 8))
