"""The card on the reader, all that is known of it; and for IT everything that it lets us read, as a tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QHideEvent
from PySide6.QtWidgets import QGridLayout, QTreeWidget, QTreeWidgetItem, QWidget

from station.domain.errors import N_, Cancelled
from station.domain.message import Message
from station.services.card_words import advice_of, facts_of
from station.ui.context import Ui
from station.ui.theme.tokens import BODY, INSTRUCTION, STRONG
from station.ui.viewmodels.explorer import ExplorerModel
from station.ui.viewmodels.reader import ReaderModel
from station.ui.views.card_strip import card_title, said
from station.ui.views.page import PageView
from station.ui.widgets.base import arrange
from station.ui.widgets.buttons import ActionButton
from station.ui.widgets.labels import Text
from station.ui.widgets.panel import Panel

if TYPE_CHECKING:
    from station.chip.explore.node import Node

_TREE_HEIGHT = 240


class CardPageView(PageView):
    """Shows whose card it is; reads the whole card when asked, and forgets it when it is left.

    ``cards_wanted`` carries its holder and its number, to change how the card stands.
    """

    cards_wanted = Signal(object, str)
    title = N_("Card on the reader")

    def __init__(self, ui: Ui, reader: ReaderModel, explorer: ExplorerModel, parent: QWidget | None = None) -> None:
        super().__init__(ui, parent)
        self.reader, self.explorer = reader, explorer
        self._facts = Panel(ui, parent=self)
        self._grid = arrange(QGridLayout(self._facts), (20, 14, 20, 14), gap=8)
        self._grid.setHorizontalSpacing(20)
        self._grid.setColumnStretch(1, 1)
        self._rows: list[tuple[Text, Text]] = []
        self._advice = Text(ui, INSTRUCTION, parent=self)
        self._said = Text(ui, BODY, "muted", parent=self)
        self._said.setObjectName("explorerSays")
        self.tree = QTreeWidget(self)
        self.tree.setObjectName("cardTree")
        self.tree.setColumnCount(2)
        self.tree.setHeaderHidden(True)
        self.tree.setUniformRowHeights(True)
        self.tree.setMinimumHeight(_TREE_HEIGHT)
        for widget in (self._facts, self._advice, self._said):
            self.body.addWidget(widget)
        self.body.addWidget(self.tree, 1)
        self._add_buttons()
        reader.changed.connect(self._changed)
        explorer.changed.connect(self.refresh)
        explorer.changed.connect(self._show_tree)
        ui.changed.connect(self._grow_tree)
        explorer.counted.connect(self._count)
        self.refresh()

    def _add_buttons(self) -> None:
        self.open = ActionButton(self.ui, parent=self)
        self.open.setObjectName("openCardsHolder")
        self.open.clicked.connect(self.reader.open_holder)
        self.read = ActionButton(self.ui, parent=self)
        self.read.setObjectName("readCard")
        self.read.clicked.connect(self._read_or_stop)
        self.copy = ActionButton(self.ui, parent=self)
        self.copy.setObjectName("copyCard")
        self.copy.clicked.connect(self._copy)
        self.cards = ActionButton(self.ui, parent=self)
        self.cards.setObjectName("changeCardOnReader")
        self.cards.clicked.connect(self._want_cards)
        for place, button in enumerate((self.open, self.cards, self.read, self.copy)):
            self.buttons.insertWidget(place, button)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 - Qt's name
        """Forget what was read: it is the holder's."""
        super().hideEvent(event)
        self.explorer.close()

    def _changed(self) -> None:
        if self.isVisible():  # else it is shown anew when it is turned to: a card in work tells many times a second
            self.refresh()

    def refresh(self) -> None:
        super().refresh()
        text, reader, explorer = self.ui.text, self.reader, self.explorer
        self._show_facts()
        advice = advice_of(reader.seen) if reader.seen else None
        words = self.ui.tr_.message(advice) if advice else ""
        if reader.error is not None:
            words = " ".join(self.ui.tr_.error(reader.error))
        self._advice.setText(words)
        self._advice.setVisible(bool(words))
        self._said.setText(self._explorer_words())
        self.tree.setVisible(explorer.tree is not None)
        self.tree.setAccessibleName(text(N_("What is on the card")))
        offer = reader.offer
        self.open.setVisible(offer is not None)
        self.open.set_label(text(N_("Open")))
        self.open.setAccessibleName(text(N_("Open {name}"), name=offer.full_name if offer else ""))
        held = reader.seen is not None and reader.seen.holder is not None and reader.seen.card is not None
        self.cards.setVisible(held)
        self.cards.set_label(text(N_("Change this card…")))
        self.read.set_label(text(N_("Stop")) if explorer.reading else text(N_("Read it all")))
        self.read.setEnabled(explorer.reading or bool(reader.presence.reader and not reader.presence.busy))
        self.copy.set_label(text(N_("Copy")))
        self.copy.setAccessibleName(text(N_("Copy as text")))
        self.copy.setVisible(explorer.tree is not None)

    def _show_facts(self) -> None:
        tr, found = self.ui.tr_, self.reader.seen
        facts = facts_of(found) if found is not None else ()
        rows = [(tr.message(label), "\n".join(said(value, tr) for value in values)) for label, values in facts]
        rows = rows or [(card_title(self.reader, tr), "")]
        while len(self._rows) < len(rows):
            pair = Text(self.ui, BODY, "muted", wrap=False, parent=self), Text(self.ui, STRONG, parent=self)
            pair[1].setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            for column, label in enumerate(pair):
                self._grid.addWidget(label, len(self._rows), column, Qt.AlignmentFlag.AlignTop)
            self._rows.append(pair)
        for number, pair in enumerate(self._rows):
            for label, words in zip(pair, rows[number] if number < len(rows) else ("", ""), strict=True):
                label.setText(words)
                label.setVisible(number < len(rows))

    def _explorer_words(self) -> str:
        error = self.explorer.error
        if self.explorer.reading:
            return self.ui.text(N_("Reading the card. Leave it where it is…"))
        if isinstance(error, Cancelled):
            return self.ui.text(N_("Reading was stopped: nothing was changed on the card."))
        if error is not None:
            return " ".join(self.ui.tr_.error(error))
        if self.explorer.tree is not None:
            return self.ui.text(N_("Only what the card tells anybody, without a key. It is forgotten with this page."))
        return ""

    def _count(self, commands: int) -> None:
        self._said.setText(self.ui.text(N_("Reading the card. Leave it where it is… {n} commands"), n=commands))

    def _read_or_stop(self) -> None:
        if self.explorer.reading:
            self.explorer.cancel()
        elif self.reader.presence.reader:
            self.explorer.read(self.reader.presence.reader)

    def _want_cards(self) -> None:
        seen = self.reader.seen
        if seen is not None and seen.holder is not None and seen.card is not None:
            self.cards_wanted.emit(seen.holder, seen.card.escn)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.explorer.as_text(self.ui.tr_.message))

    def _show_tree(self) -> None:
        """Show a tree that has just come, and put the keyboard into it; or show that there is none any more."""
        self._grow_tree()
        if self.explorer.tree is not None:
            self.tree.setFocus(Qt.FocusReason.OtherFocusReason)
            QTimer.singleShot(0, self.tree, lambda: self.bring_into_sight(self.tree))

    def _grow_tree(self) -> None:
        """Build the tree in the language in use, its first levels open."""
        self.tree.clear()
        if self.explorer.tree is None:
            return
        top = self._item(self.explorer.tree)
        self.tree.addTopLevelItem(top)
        self.tree.expandToDepth(1)
        self.tree.resizeColumnToContents(0)
        self.tree.setCurrentItem(top)

    def _item(self, node: Node) -> QTreeWidgetItem:
        tr = self.ui.tr_
        value = tr.message(node.value) if isinstance(node.value, Message) else node.value
        item = QTreeWidgetItem([tr.message(node.name), value])
        item.setToolTip(1, value)
        for line in node.details:
            item.addChild(QTreeWidgetItem(["", line]))
        for child in node.children:
            item.addChild(self._item(child))
        return item
