"""What every view is handed: the texts, the theme, and the news when either changes."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from station.i18n import Translator
from station.ui.theme.theme import Theme


class Ui(QObject):
    """Texts and theme together.

    ``changed`` says that everything shown has to be shown anew; ``chosen`` carries the language and the look that a
    person chose, to be remembered.
    """

    changed = Signal()
    chosen = Signal(str, str)

    def __init__(self, tr: Translator, theme: Theme) -> None:
        super().__init__(theme)
        self.tr_, self.theme = tr, theme
        theme.changed.connect(self.changed)
        tr.listen(self.changed.emit)

    def choose_language(self, language: str) -> None:
        """Switch the language because a person said so."""
        self.tr_.set_language(language)
        self.chosen.emit(self.tr_.language, self.theme.mode)

    def choose_look(self, mode: str) -> None:
        """Switch between light and dark because a person said so."""
        self.theme.set_mode(mode)
        self.chosen.emit(self.tr_.language, self.theme.mode)

    def text(self, msgid: str, **params: object) -> str:
        """Return a text in the language in use."""
        return self.tr_.text(msgid, **params)
