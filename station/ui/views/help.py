"""Help, offline: the pages of assets/help in the language in use, and the keys of the window."""

from __future__ import annotations

from PySide6.QtCore import QUrl
from PySide6.QtWidgets import QTextBrowser, QWidget

from station.domain.errors import N_
from station.resources import AssetError, asset
from station.ui.context import Ui
from station.ui.theme.tokens import INSTRUCTION
from station.ui.views.page import PageView

KEYS = (
    ("Enter", N_("go on with the main thing")),
    ("Esc", N_("back")),
    (N_("Space"), N_("take the photo")),
    ("/", N_("search")),
    ("N", N_("next person")),
    ("F1", N_("help")),
    ("F4", N_("turn the card round")),
    ("F5", N_("ask the devices again")),
    ("F6", N_("to the next part of the window")),
    ("F8", N_("queue to ESC-Router")),
    ("F9", N_("cards in doubt")),
    ("F10", N_("menu")),
    ("F12", N_("fault dial (demo)")),
)


class HelpView(PageView):
    """Shows one page; links lead to the others."""

    title = N_("Help")

    def __init__(self, ui: Ui, parent: QWidget | None = None) -> None:
        super().__init__(ui, parent)
        self._page = "index.md"
        self.browser = QTextBrowser(self)
        self.browser.setObjectName("helpText")
        self.browser.setOpenLinks(False)
        self.browser.anchorClicked.connect(self._follow)
        self.body.addWidget(self.browser)
        self.refresh()

    def refresh(self) -> None:
        super().refresh()
        self.browser.setAccessibleName(self.ui.text(N_("Help text")))
        self.browser.setFont(self.ui.theme.font(INSTRUCTION))
        self.browser.setMarkdown(self._text())

    def _text(self) -> str:
        try:
            page = asset("help", self.ui.tr_.language, self._page)
        except AssetError:
            return self._keys()
        self.browser.setSearchPaths([str(page.parent)])
        text = page.read_text(encoding="utf-8")
        return text + "\n\n" + self._keys() if self._page == "index.md" else text

    def _keys(self) -> str:
        text = self.ui.text
        rows = "\n".join(f"| {text(key)} | {text(what)} |" for key, what in KEYS)
        return f"## {text(N_('Keys'))}\n\n| | |\n|---|---|\n{rows}\n"

    def _follow(self, url: QUrl) -> None:
        name = url.fileName()
        if name.endswith(".md") and not url.scheme():
            self._page = name
            self.refresh()
