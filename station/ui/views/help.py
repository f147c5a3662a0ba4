"""Help, offline: the pages of assets/help in the language in use, and the keys of the window."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtWidgets import QTextBrowser, QWidget

from station.domain.errors import N_
from station.resources import AssetError, asset
from station.ui.context import Ui
from station.ui.theme.tokens import INSTRUCTION
from station.ui.views.page import PageView
from station.ui.widgets.buttons import QuietButton
from station.ui.widgets.flow import FlowBox

KEYS = (
    ("Enter", N_("go on with the main thing")),
    ("Esc", N_("back")),
    (N_("Space"), N_("take the photo")),
    ("A", N_("take the photo by itself, or not")),
    ("R", N_("go over a check, with a reason")),
    ("B", N_("make the background plain, or as it was")),
    ("Ctrl+O", N_("other sources of the portrait")),
    ("Ctrl+V", N_("paste the portrait")),
    ("Ctrl+L", N_("card designer")),
    ("/", N_("search")),
    ("N", N_("next person")),
    ("F1", N_("help")),
    ("F4", N_("turn the card round")),
    ("F5", N_("ask the devices again")),
    ("F6", N_("to the next part of the window")),
    ("F3", N_("portraits to review")),
    ("F7", N_("card on the reader")),
    ("F8", N_("queue to ESC-Router")),
    ("F9", N_("cards in doubt")),
    ("F10", N_("menu")),
    ("F11", N_("the student’s mirror")),
    ("F12", N_("fault dial (demo)")),
    ("PgDown", N_("read on")),
    ("PgUp", N_("read back")),
    ("Ctrl+B", N_("many cards at once")),
    ("Ctrl+E", N_("stations")),
    ("Ctrl+H", N_("cards of this person")),
    ("Ctrl+K", N_("check a card")),
    ("Ctrl+P", N_("printers")),
    ("Ctrl+R", N_("compare with ESC-Router")),
    ("Ctrl+T", N_("stock of blank cards")),
    ("Ctrl+U", N_("the queue without a network")),
)


_KEYS_PAGE = "keys"
_LOWEST = 170


class HelpView(PageView):
    """Shows one page; links lead to the others."""

    title = N_("Help")

    def __init__(self, ui: Ui, parent: QWidget | None = None) -> None:
        super().__init__(ui, parent)
        self._page = ""
        self._choices = FlowBox(self, gap=4)
        self.body.addWidget(self._choices)
        self.browser = QTextBrowser(self)
        self.browser.setObjectName("helpText")
        # Links between pages are followed here, so that the row of pages above says where one is; others lead nowhere.
        self.browser.setOpenLinks(False)
        self.browser.setMinimumHeight(_LOWEST)
        self.browser.anchorClicked.connect(self._follow)
        self.body.addWidget(self.browser)
        self.refresh()

    def refresh(self) -> None:
        super().refresh()
        self.browser.setAccessibleName(self.ui.text(N_("Help text")))
        self.browser.setFont(self.ui.theme.font(INSTRUCTION))
        pages = _pages(self.ui.tr_.language)
        if self._page not in pages and self._page != _KEYS_PAGE:
            self._page = next(iter(pages), _KEYS_PAGE)
        self._show_choices(pages)
        self.browser.setSearchPaths([str(page.parent) for page in pages.values()][:1])
        page = pages.get(self._page)
        self.browser.setMarkdown(page.read_text(encoding="utf-8") if page else self._keys())

    def _show_choices(self, pages: dict[str, Path]) -> None:
        self._choices.clear()
        titles = {name: _title(page) for name, page in pages.items()} | {_KEYS_PAGE: self.ui.text(N_("Keys"))}
        for name, title in titles.items():
            button = QuietButton(self.ui, self._choices)
            button.set_label(title)
            button.setCheckable(True)
            button.setChecked(name == self._page)
            button.clicked.connect(lambda _checked=False, wanted=name: self.open_page(wanted))
            self._choices.add(button)

    def open_page(self, name: str) -> None:
        """Show a page by the name of its file."""
        self._page = name
        self.refresh()

    def _keys(self) -> str:
        text = self.ui.text
        heading = text(N_("Keys"))
        rows = "\n".join(f"| {text(key)} | {text(what)} |" for key, what in KEYS)
        return f"## {heading}\n\n| | |\n|---|---|\n{rows}\n"

    def _follow(self, url: QUrl) -> None:
        name = url.fileName()
        if name.endswith(".md") and not url.scheme():
            self.open_page(name)


def _pages(language: str) -> dict[str, Path]:
    try:
        found = sorted(asset("help", language).glob("*.md"), key=lambda page: (page.stem != "desk", page.stem))
    except AssetError:
        return {}
    return {page.name: page for page in found}


def _title(page: Path) -> str:
    with page.open(encoding="utf-8") as lines:
        return next((line[2:].strip() for line in lines if line.startswith("# ")), page.stem)
