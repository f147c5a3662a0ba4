"""What a person chose in the menu, kept over a restart: the language and the look. Nothing of any student."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSettings

from station.i18n import LANGUAGES
from station.ui.theme.theme import MODES


class Preferences:
    """A small file beside the station's data; without it, or with nonsense in it, the station profile holds."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def language(self, otherwise: str) -> str:
        """Return the language that was chosen, else what the station profile says."""
        return self._chosen("language", tuple(LANGUAGES), otherwise)

    def look(self, otherwise: str) -> str:
        """Return ``system``, ``light`` or ``dark`` as it was chosen, else what the station profile says."""
        return self._chosen("look", MODES, otherwise)

    def keep(self, language: str, look: str) -> None:
        """Remember a choice; where nothing can be written it holds until the window is closed."""
        kept = self._open()
        kept.setValue("language", language)
        kept.setValue("look", look)
        kept.sync()

    def _chosen(self, name: str, known: tuple[str, ...], otherwise: str) -> str:
        value = self._open().value(name)
        return value if isinstance(value, str) and value in known else otherwise

    def _open(self) -> QSettings:
        return QSettings(str(self._file), QSettings.Format.IniFormat)
