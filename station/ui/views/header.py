"""The header: whose station this is, DEMO, the search, and the operator's menu."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QSizePolicy, QWidget

from station.domain.errors import N_
from station.domain.router_place import NAMES, RouterPlace, place_of
from station.i18n import LANGUAGES
from station.settings import Settings
from station.ui.context import Ui
from station.ui.theme.theme import MODES
from station.ui.theme.tokens import BODY, HEADER_HEIGHT, HEADER_LOW, INSTRUCTION, SECONDARY_STRONG, TextStyle
from station.ui.viewmodels.pages import Page
from station.ui.views.search_field import SearchField
from station.ui.widgets.base import View, arrange
from station.ui.widgets.labels import OneLine
from station.ui.widgets.menu_title import title
from station.ui.widgets.painting import focus_ring, smooth
from station.ui.widgets.pill import Badge

_NAME = TextStyle(INSTRUCTION.size_px - 1, 20, 700)
_MODE_NAMES = {"system": N_("Like the system"), "light": N_("Light"), "dark": N_("Dark")}
_PAGES = (
    (Page.CARD, N_("Card on the reader"), "F7"),
    (Page.CHECK, N_("Check a card"), "Ctrl+K"),
    (Page.HOLDER_CARDS, N_("Cards of this person"), "Ctrl+H"),
    (Page.QUEUE, N_("Queue to ESC-Router"), "F8"),
    (Page.OFFLINE_QUEUE, N_("The queue without a network"), "Ctrl+U"),
    (Page.RECONCILE, N_("Compare with ESC-Router"), "Ctrl+R"),
    (Page.DOUBTS, N_("Cards in doubt"), "F9"),
    (Page.PRINTERS, N_("Printers"), "Ctrl+P"),
    (Page.BATCH, N_("Print many cards"), "Ctrl+B"),
    (Page.STOCK, N_("Stock of blank cards"), "Ctrl+T"),
    (Page.PORTRAITS, N_("Portraits to review"), "F3"),
    (Page.STATIONS, N_("Stations"), "Ctrl+E"),
    (Page.FAULTS, N_("Fault dial of the demo"), "F12"),
    (Page.HELP, N_("Help"), "F1"),
)


class _Tile(QWidget):
    """The institution's first letter on a tile of its colour."""

    def __init__(self, ui: Ui, letter: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui, self._letter = ui, letter
        self.setFixedSize(28, 28)
        ui.theme.changed.connect(self.update)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QPainter(self)
        smooth(painter)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._ui.theme.colour("accent"))
        painter.drawRoundedRect(QRectF(self.rect()), 7, 7)
        painter.setFont(self._ui.theme.font(_NAME))
        painter.setPen(self._ui.theme.colour("on_accent"))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._letter)
        painter.end()


class OperatorButton(QPushButton):
    """Who works here; opens the menu."""

    def __init__(self, ui: Ui, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui, self._name, self._brief = ui, name, False
        self.setObjectName("menu")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        ui.theme.changed.connect(self.update)

    def set_brief(self, brief: bool) -> None:
        """Show the initials only."""
        if brief != self._brief:
            self._brief = brief
            self.updateGeometry()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        text = 0 if self._brief or not self._name else self._ui.theme.metrics(BODY).horizontalAdvance(self._name) + 8
        return QSize(28 + text + 12, 36)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        theme = self._ui.theme
        painter = QPainter(self)
        smooth(painter)
        circle = QRectF(4, (self.height() - 28) / 2, 28, 28)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("accent_weak"))
        painter.drawEllipse(circle)
        painter.setPen(theme.colour("accent"))
        painter.setFont(theme.font(SECONDARY_STRONG))
        words = self._name.split()
        initials = "".join(word[0] for word in words[:2]).upper() or "≡"
        painter.drawText(circle, Qt.AlignmentFlag.AlignCenter, initials)
        if not self._brief and self._name:
            painter.setFont(theme.font(BODY))
            painter.setPen(theme.colour("text"))
            painter.drawText(QRectF(40, 0, self.width(), self.height()), Qt.AlignmentFlag.AlignVCenter, self._name)
        if self.hasFocus():
            focus_ring(painter, QRectF(self.rect()), 18, theme.colour("accent"))
        painter.end()


class Header(View):
    """Assembles the header; ``page_wanted`` carries a ``Page``."""

    page_wanted = Signal(object)
    mirror_wanted = Signal()
    designer_wanted = Signal()

    def __init__(self, ui: Ui, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(ui, parent)
        self._settings = settings
        self._place_of_router = place_of(settings.router.url)
        self.mirror_open = False
        self.setObjectName("header")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.set_low(False)
        name = settings.institution.name
        self._name = OneLine(ui, _NAME, parent=self)
        self._name.set_text(name)
        self._name.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._place = OneLine(ui, BODY, "muted", self)
        self.call_station(settings.station.name)
        self._place.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._demo = Badge(ui, self)
        self._demo.setObjectName("demoBadge")
        self._demo.setVisible(settings.demo or (settings.router.enabled and not self._place_of_router.counts))
        self.search = SearchField(ui, self)
        self.menu_button = OperatorButton(ui, settings.station.operator, self)
        self.menu_button.clicked.connect(self.open_menu)
        row = arrange(QHBoxLayout(self), (20, 0, 16, 0), gap=4)
        row.addWidget(_Tile(ui, name[:1].upper(), self))
        row.addSpacing(12)
        row.addWidget(self._name)
        row.addWidget(self._place)
        row.addSpacing(12)
        row.addWidget(self._demo)
        row.addStretch(1)
        row.addWidget(self.search, 2)
        row.addSpacing(8)
        row.addWidget(self.menu_button)
        self.refresh()

    def call_station(self, name: str) -> None:
        """Show the name of this station beside the institution's."""
        self._place.set_text(f"· {name}")

    def refresh(self) -> None:
        if self._settings.demo:
            hint = N_("Everything here is invented; no real card or router is touched.")
            self._demo.set_text("DEMO", self.ui.text(hint))
        else:
            # Cards that are made now are real; what is said of them abroad is not.
            hint = N_("Cards are registered with {router}: nobody abroad can look them up.")
            router = self.ui.text(NAMES[self._place_of_router])
            word = "SANDBOX" if self._place_of_router is RouterPlace.SANDBOX else "TEST"
            self._demo.set_text(word, self.ui.text(hint, router=router))
        self.menu_button.setAccessibleName(self.ui.text(N_("Menu: language, look, queue, help")))
        self.menu_button.setToolTip(self.ui.text(N_("Menu (F10)")))

    def set_brief(self, brief: bool) -> None:
        """Leave out what can be spared on a narrow window."""
        self._place.setVisible(not brief)
        self.menu_button.set_brief(brief)

    def set_low(self, low: bool) -> None:
        """Be lower, where there is little height."""
        height = HEADER_LOW if low else HEADER_HEIGHT
        self.setFixedHeight(max(height, self.ui.theme.scaled(height)))

    def open_menu(self) -> None:
        """Open the operator's menu below the button."""
        menu = self.build_menu()
        corner = self.menu_button.mapToGlobal(QPoint(self.menu_button.width(), self.menu_button.height() + 4))
        menu.popup(corner - QPoint(menu.sizeHint().width(), 0))

    def build_menu(self) -> QMenu:
        """Return the menu in the language in use; it deletes itself when it closes."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for page, label, key in _PAGES:
            if page is not Page.FAULTS or self._settings.demo:
                action = menu.addAction(f"{self.ui.text(label)}\t{key}")
                action.triggered.connect(lambda _checked=False, wanted=page: self.page_wanted.emit(wanted))
        name = self.ui.text(N_("The student’s mirror"))
        mirror = menu.addAction(f"{name}\tF11")
        mirror.setCheckable(True)
        mirror.setChecked(self.mirror_open)
        mirror.triggered.connect(lambda _checked=False: self.mirror_wanted.emit())
        name = self.ui.text(N_("Card designer"))
        designer = menu.addAction(f"{name}\tCtrl+L")
        designer.setObjectName("designerAction")
        designer.triggered.connect(lambda _checked=False: self.designer_wanted.emit())
        title(menu, self.ui.text(N_("Language")))
        self._choices(menu, dict(LANGUAGES), self.ui.tr_.language, self.ui.choose_language)
        title(menu, self.ui.text(N_("Look")))
        names = {mode: self.ui.text(_MODE_NAMES[mode]) for mode in MODES}
        self._choices(menu, names, self.ui.theme.mode, self.ui.choose_look)
        return menu

    def _choices(self, menu: QMenu, names: dict[str, str], now: str, choose: Callable[[str], None]) -> None:
        group = QActionGroup(menu)
        for key, name in names.items():
            action = QAction(name, menu)
            action.setCheckable(True)
            action.setChecked(key == now)
            action.triggered.connect(lambda _checked=False, wanted=key: choose(wanted))
            group.addAction(action)
            menu.addAction(action)
