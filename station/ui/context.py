"""What every view is handed: the texts, the theme, and one signal for a change of either."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from station.i18n import Translator
from station.ui.theme.theme import Theme


class Ui(QObject):
    """Texts and theme together; ``changed`` says that everything shown has to be shown anew."""

    changed = Signal()

    def __init__(self, tr: Translator, theme: Theme) -> None:
        super().__init__(theme)
        self.tr_, self.theme = tr, theme
        theme.changed.connect(self.changed)
        tr.listen(self.changed.emit)

    def text(self, msgid: str, **params: object) -> str:
        """Return a text in the language in use."""
        return self.tr_.text(msgid, **params)
