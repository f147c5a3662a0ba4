"""The card on the reader in two quiet lines: whose it is or what it is, its chip, what is on it, its memory."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QWidget

from station.domain.errors import N_
from station.domain.message import Message
from station.i18n import Translator
from station.services.card_words import Words, brief_of, is_usual, title_of
from station.ui.context import Ui
from station.ui.theme.tokens import RADIUS_BUTTON, SECONDARY, STRONG, TextStyle
from station.ui.tone import Tone
from station.ui.viewmodels.desk import DeskModel
from station.ui.viewmodels.reader import ReaderModel
from station.ui.widgets.base import View, arrange
from station.ui.widgets.buttons import QuietButton
from station.ui.widgets.painting import focus_ring, panel, smooth, status_shape

_READING = N_("reading it…")
_IN_WORK = N_("the station is working with it")


def card_title(reader: ReaderModel, tr: Translator) -> str:
    """Return whose card it is, or what it is, in as few words as can be."""
    if not reader.presence.reader:
        return tr.text(N_("No card on the reader"))
    if reader.seen is not None:
        return tr.message(title_of(reader.seen))
    return tr.text(N_("A card that can't be read") if reader.error else N_("A card"))


def card_details(reader: ReaderModel, tr: Translator) -> str:
    """Return the rest in one line, empty without a card."""
    if not reader.presence.reader:
        return ""
    if reader.presence.busy:
        return tr.text(_IN_WORK)
    if reader.error is not None:
        return tr.error(reader.error)[0]
    return tr.text(_READING) if reader.seen is None else " · ".join(said(part, tr) for part in brief_of(reader.seen))


def card_tone(reader: ReaderModel) -> Tone:
    """Return the sign beside it: red is for trouble only, and a strange card is none."""
    if reader.error is not None:
        return Tone.WARN
    if reader.seen is None:
        return Tone.PLAIN
    return Tone.OK if is_usual(reader.seen) else Tone.WARN


def said(words: Words, tr: Translator) -> str:
    """Return words in the language in use."""
    return tr.message(words) if isinstance(words, Message) else words


class CardLines(QPushButton):
    """The two lines; a click tells more."""

    def __init__(self, ui: Ui, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui, self._tone, self._title, self._details = ui, Tone.PLAIN, "", ""
        self._flat = False
        self.setObjectName("cardOnReader")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAutoDefault(False)
        ui.theme.changed.connect(self.update)

    def show_card(self, tone: Tone, title: str, details: str) -> None:
        """Show a card."""
        if (tone, title, details) == (self._tone, self._title, self._details):
            return
        self._tone, self._title, self._details = tone, title, details
        self.setAccessibleName(": ".join(part for part in (title, details) if part))
        self.setToolTip("\n".join(part for part in (title, details) if part))
        self.update()

    def set_flat(self, flat: bool) -> None:
        """Have both in one line, where there is little height."""
        if flat != self._flat:
            self._flat = flat
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        second = 0 if self._flat else SECONDARY.line_px
        return QSize(200, self._ui.theme.scaled(STRONG.line_px + second + 14))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(120, self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        theme, rect = self._ui.theme, QRectF(self.rect())
        painter = QPainter(self)
        smooth(painter)
        panel(painter, rect, RADIUS_BUTTON, theme, fill="background" if self.underMouse() else "surface")
        if self.hasFocus():
            focus_ring(painter, rect, RADIUS_BUTTON, theme.colour("accent"))
        side = 9.0
        status_shape(painter, QRectF(14, rect.center().y() - side / 2, side, side), self._tone, theme)
        self._paint_words(painter, rect.adjusted(34, 6, -12, -6))
        painter.end()

    def _paint_words(self, painter: QPainter, area: QRectF) -> None:
        if not self._details:
            self._line(painter, area, self._title, SECONDARY, "muted")
        elif self._flat:
            title = self._ui.theme.metrics(STRONG).horizontalAdvance(self._title) + 10
            self._line(painter, area, self._title, STRONG, "text")
            self._line(painter, area.adjusted(title, 0, 0, 0), self._details, SECONDARY, "muted")
        else:
            first = self._ui.theme.scaled(STRONG.line_px)
            self._line(painter, area.adjusted(0, 0, 0, first - area.height()), self._title, STRONG, "text")
            self._line(painter, area.adjusted(0, first, 0, 0), self._details, SECONDARY, "muted")

    def _line(self, painter: QPainter, area: QRectF, text: str, style: TextStyle, colour: str) -> None:
        painter.setFont(self._ui.theme.font(style))
        painter.setPen(self._ui.theme.colour(colour))
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, max(0, int(area.width())))
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, shown)


class CardStrip(View):
    """Shows the card; offers its holder while somebody else is on the desk. ``card_wanted`` asks for all of it."""

    card_wanted = Signal()

    def __init__(self, ui: Ui, reader: ReaderModel, desk: DeskModel, parent: QWidget | None = None) -> None:
        super().__init__(ui, parent)
        self.reader = reader
        self._needed = desk.desk.chip_profile.needs_reader
        self.lines = CardLines(ui, self)
        self.lines.clicked.connect(self.card_wanted)
        self.open = QuietButton(ui, self)
        self.open.setObjectName("openHolder")
        self.open.clicked.connect(reader.open_holder)
        row = arrange(QHBoxLayout(self), gap=8)
        row.addWidget(self.lines, 1)
        row.addWidget(self.open)
        reader.changed.connect(self.refresh)
        desk.people_changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        tr, reader = self.ui.tr_, self.reader
        self.setVisible(self._needed or reader.presence.readers > 0)
        self.lines.show_card(card_tone(reader), card_title(reader, tr), card_details(reader, tr))
        offer = reader.offer
        self.open.setVisible(offer is not None)
        if offer is not None:
            self.open.set_label(tr.text(N_("Open")))
            self.open.setAccessibleName(tr.text(N_("Open {name}"), name=offer.full_name))
