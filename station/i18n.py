"""The texts of the whole program in the staff's language: gettext catalogues, switchable while the program runs."""

from __future__ import annotations

import gettext
from collections.abc import Callable, Collection
from datetime import date, datetime, timedelta
from typing import Final

from station.domain.errors import N_, StationError, fill
from station.domain.message import Message
from station.resources import asset

LANGUAGES: Final = {"lv": "Latviešu", "en": "English"}
"""Every language of the window, by its own name. English needs no catalogue: its texts are the message ids."""
MIRROR_LANGUAGES: Final = {**LANGUAGES, "uk": "Українська", "ru": "Русский"}
"""Every language of the student's mirror; those that the window does not have know the mirror's texts only."""

_DOMAIN, _MIRROR_DOMAIN = "station", "mirror"
# Only these parameters may be texts of our own; a name or a number must never be looked up in a catalogue.
_TRANSLATED_PARAMS = frozenset({"detail", "status", "place", "step", "state", "reason"})
_WORDS: Final = {
    "active": N_("active"),
    "on_leave": N_("on leave"),
    "graduated": N_("graduated"),
    "exmatriculated": N_("exmatriculated"),
    "unknown": N_("unknown"),
}
_MONTHS_EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Translator:
    """Turn message ids into texts of one language, and tell listeners when the language changes.

    One translator serves the program; it lives on the GUI thread, and other threads may only read.
    """

    def __init__(self, language: str = "lv", languages: Collection[str] = LANGUAGES) -> None:
        self._languages = languages
        self._listeners: list[Callable[[], None]] = []
        self._language = ""
        self._catalogue = gettext.NullTranslations()
        self.set_language(language)

    @property
    def language(self) -> str:
        """Return the language in use, one of those that this translator was made for."""
        return self._language

    def set_language(self, language: str) -> None:
        """Switch to ``language`` and tell the listeners; one that we don't have becomes English."""
        wanted = language if language in self._languages else "en"
        if wanted == self._language:
            return
        self._language = wanted
        self._catalogue = _load(wanted)
        for listener in tuple(self._listeners):
            listener()

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call ``listener`` after each switch, until the returned function is called."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    def text(self, msgid: str, **params: object) -> str:
        """Return a text with its ``{named}`` places filled."""
        return fill(self._catalogue.gettext(msgid), self._values(params)) if msgid else ""

    def plural(self, one: str, many: str, n: int, **params: object) -> str:
        """Return the form that goes with ``n``, which fills the place ``{n}`` too."""
        return fill(self._catalogue.ngettext(one, many, n), {"n": n, **self._values(params)})

    def message(self, message: Message) -> str:
        """Return a message as text."""
        return self.text(message.msgid, **message.params)

    def error(self, error: StationError) -> tuple[str, str]:
        """Return what happened and what to do next."""
        return self.text(error.what, **error.params), self.text(error.todo, **error.params)

    def date(self, day: date | None) -> str:
        """Return a day as people here write it; a dash when it is not known."""
        if day is None:
            return "–"
        if self._language == "en":
            return f"{day.day} {_MONTHS_EN[day.month - 1]} {day.year}"
        return f"{day:%d.%m.%Y}"

    def time(self, at: datetime) -> str:
        """Return the time of day on the clock of this place."""
        return f"{at.astimezone():%H:%M}"

    def age(self, age: timedelta) -> str:
        """Return a length of time in its largest fitting unit."""
        minutes = max(0, int(age.total_seconds() // 60))
        if minutes < 1:
            return self.text(N_("less than a minute"))
        if minutes < 120:
            return self.text(N_("{n} min"), n=minutes)
        if minutes < 48 * 60:
            return self.text(N_("{n} h"), n=minutes // 60)
        return self.plural("{n} day", "{n} days", minutes // (24 * 60))

    def _values(self, params: dict[str, object]) -> dict[str, object]:
        return {name: self._value(name, value) for name, value in params.items()}

    def _value(self, name: str, value: object) -> object:
        if isinstance(value, Message):
            return self.message(value)
        if isinstance(value, date) and not isinstance(value, datetime):
            return self.date(value)
        if isinstance(value, str) and value and name in _TRANSLATED_PARAMS:
            return self._catalogue.gettext(_WORDS.get(value, value))
        return value


def _load(language: str) -> gettext.NullTranslations:
    if language == "en":
        return gettext.NullTranslations()
    domain = _DOMAIN if language in LANGUAGES else _MIRROR_DOMAIN
    with asset("translations", language, "LC_MESSAGES", f"{domain}.mo").open("rb") as file:
        return gettext.GNUTranslations(file)
