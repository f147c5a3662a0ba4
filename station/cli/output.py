"""What the command line prints: sentences for people, or one JSON value for programs."""

from __future__ import annotations

import json
import locale
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from enum import Enum
from functools import cached_property
from pathlib import Path

from station.domain.errors import StationError, sentence
from station.domain.message import Message
from station.i18n import Translator


class Output:
    """Print to standard output; errors go to standard error as one line, or as JSON."""

    def __init__(self, *, as_json: bool, language: str | None = None) -> None:
        self.as_json = as_json
        self._language = language

    @cached_property
    def tr(self) -> Translator:
        """Return what speaks the person's language; read with the first text, for the window brings its own."""
        return Translator(self._language or _language())

    def say(self, msgid: str, indent: int = 0, **params: object) -> None:
        """Print a sentence for people; nothing with ``--json``."""
        if not self.as_json:
            print(" " * indent + self.tr.text(msgid, **params), flush=True)  # noqa: T201 - this is what a command line does

    def plural(self, one: str, many: str, n: int, indent: int = 0, **params: object) -> None:
        """Print the form of a sentence that goes with ``n``, which fills ``{n}`` too; nothing with ``--json``."""
        if not self.as_json:
            print(" " * indent + self.tr.plural(one, many, n, **params), flush=True)  # noqa: T201 - as above

    def value(self, value: object) -> None:
        """Print a JSON value on one line; nothing without ``--json``."""
        if self.as_json:
            # One value a line and flushed: a program that reads along has each as soon as it is there.
            print(json.dumps(plain(value), ensure_ascii=False), flush=True)  # noqa: T201 - as above

    def table(self, rows: Sequence[Sequence[object]], heads: Sequence[object] = ()) -> None:
        """Print rows in columns; nothing with ``--json``."""
        if self.as_json or not rows:
            return
        # Translated first and measured then: columns are as wide as the words of the language that is spoken.
        texts = [[self.text(cell) for cell in row] for row in ([heads, *rows] if heads else rows)]
        widths = [max(len(row[i]) for row in texts) for i in range(len(texts[0]))]
        for row in texts:
            line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            print(line.rstrip())  # noqa: T201 - as above

    def error(self, error: StationError) -> None:
        """Print one clear line to standard error, or an object with the error's code."""
        what, todo = self.tr.error(error)
        line = " ".join(sentence(text) for text in (what, todo) if text)
        if self.as_json:
            line = json.dumps({"error": error.code, "what": what, "todo": todo}, ensure_ascii=False)
        # One line, whatever the texts have in them: that is what a script can rely on.
        print(line.replace("\n", " "), file=sys.stderr, flush=True)  # noqa: T201 - as above

    def address(self, url: str) -> None:
        """Print where a service listens, as soon as it does."""
        self.value({"address": url})
        self.say("{url}", url=url)

    def text(self, cell: object) -> str:
        """Return a table's cell as text."""
        if isinstance(cell, Message):
            return self.tr.message(cell)
        if isinstance(cell, datetime):
            return cell.astimezone().strftime("%Y-%m-%d %H:%M:%S")
        return "" if cell is None else str(cell)


def plain(value: object) -> object:
    """Return ``value`` with what JSON lacks made of what it has: times and paths as text, messages in English."""
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    for kind, make in _PLAIN.items():
        if isinstance(value, kind):
            return make(value)
    return value


_PLAIN: dict[type, Callable[..., object]] = {
    Message: Message.english,
    datetime: datetime.isoformat,  # before date, which it is too
    date: date.isoformat,
    Enum: lambda value: value.value,
    Path: str,
}


def _language() -> str:
    # In the order of POSIX (8.2): the first of them that is set decides.
    wanted = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    wanted = wanted or (locale.getlocale()[0] or "")
    return "lv" if wanted.lower().startswith("lv") else "en"
