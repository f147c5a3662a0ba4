"""Layouts that are being drawn, kept in the data folder after each pause: a crash, or a closed window, loses nothing.

One folder holds them: ``NAME.zip`` is a layout that could be loaded anywhere, and ``NAME.json`` beside it has what only
its designer sees, and the texts and conditions that are wrong yet: a field that does not exist is being typed. Of what
was saved elsewhere there is such a note alone. A file is written whole or not at all.
"""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from station.domain.errors import LayoutError
from station.domain.layout import compiled, names_in
from station.domain.snapping import Axis, Guide
from station.services.designing import Design, Key, Keys, changed

_UNREADABLE_NOTE = (OSError, ValueError, KeyError, TypeError)
_NAME = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Draft:
    """What is kept of unsaved work: under which name, since when, and where it is to be saved, if it has been."""

    name: str
    title: str
    changed_at: datetime
    path: Path | None = None


class Drafts:
    """The unsaved layouts of one station."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def all(self) -> tuple[Draft, ...]:
        """Return what is kept, the newest first; a note without its layout, or that can't be read, is left out."""
        if not self._folder.is_dir():
            return ()
        found = [self._read(note) for note in self._folder.glob("*.json") if _NAME.fullmatch(note.stem)]
        drafts = [draft for draft in found if draft is not None]
        return tuple(sorted(drafts, key=lambda draft: draft.changed_at, reverse=True))

    def keep(self, design: Design, at: datetime, *, name: str = "", path: Path | None = None) -> Draft:
        """Keep a design, in place of what was kept under this name; return what it is kept as.

        Raises:
            LayoutError: it can't be saved as it is; what was kept before is still there.
            OSError: the folder can't be written.
        """
        from station.render.layout_file import save_layout

        name = name or uuid.uuid4().hex
        self._folder.mkdir(parents=True, exist_ok=True)
        sound, aside = _sound(design)
        save_layout(sound.layout, self._folder / f"{name}.zip")
        draft = Draft(name, design.layout.title or design.layout.name, at, path)
        self._write(name, {**_note(draft), **_aids(design), "aside": aside})
        return draft

    def load(self, draft: Draft) -> Design:
        """Return the design of a draft; raises LayoutError when it can't be read."""
        from station.render.layout_file import load_layout

        layout = load_layout(self._folder / f"{draft.name}.zip")
        try:
            return _with_aids(Design(layout), self._noted(draft.name))
        except _UNREADABLE_NOTE:
            return Design(layout)  # the guides are lost, and the layout is not

    def drop(self, name: str) -> None:
        """Forget a draft: it was saved, or thrown away. One that can't be deleted stays, and does no harm."""
        # Only what we named ourselves is deleted: a name comes from a file, and could lead anywhere.
        if _NAME.fullmatch(name):
            for ending in (".json", ".zip"):
                with suppress(OSError):
                    (self._folder / f"{name}{ending}").unlink(missing_ok=True)

    def remember(self, path: Path, design: Design) -> None:
        """Keep the guides and locks of a design that was saved at ``path``; where that fails, it opens without them."""
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            self._write(_note_of(path), {**_aids(design), "hidden": []})

    def recalled(self, path: Path, design: Design) -> Design:
        """Return a design that was opened from ``path`` with its guides and locks, as they were when it was saved."""
        try:
            return _with_aids(design, self._noted(_note_of(path)))
        except _UNREADABLE_NOTE:
            return design

    # --- inside --------------------------------------------------------------------------------------------------

    def _read(self, note: Path) -> Draft | None:
        if not note.with_suffix(".zip").is_file():
            return None
        try:
            noted = self._noted(note.stem)
            at = datetime.fromisoformat(noted["changed_at"])
            path = Path(noted["path"]) if noted.get("path") else None
            return Draft(note.stem, str(noted["title"]), at, path) if at.tzinfo is not None else None
        except _UNREADABLE_NOTE:
            return None

    def _noted(self, name: str) -> Mapping[str, Any]:
        noted = json.loads((self._folder / f"{name}.json").read_text(encoding="utf-8"))
        if not isinstance(noted, dict):
            raise TypeError("a note is an object")
        return noted

    def _write(self, name: str, noted: Mapping[str, object]) -> None:
        # Beside it and then renamed: a crash in the middle of writing leaves the note as it was before.
        new = self._folder / f"{name}.json.new"
        new.write_text(json.dumps(noted, ensure_ascii=False, indent=1), encoding="utf-8")
        new.replace(self._folder / f"{name}.json")


def _note(draft: Draft) -> dict[str, object]:
    return {
        "title": draft.title,
        "changed_at": draft.changed_at.isoformat(),
        "path": str(draft.path) if draft.path is not None else "",
    }


def _note_of(path: Path) -> str:
    """Return the name of the note on a saved layout; no draft's name looks like it."""
    return f"saved-{hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:32]}"


def _aids(design: Design) -> dict[str, object]:
    return {
        "guides": [[guide.side, guide.axis.value, guide.place_mm] for guide in design.guides],
        "locked": sorted([side, element] for side, element in design.locked),
        "hidden": sorted([side, element] for side, element in design.hidden),
    }


def _with_aids(design: Design, noted: Mapping[str, Any]) -> Design:
    there = set(design.keys)

    def keys(name: str) -> Keys:
        found: list[Key] = [(int(side), str(element)) for side, element in noted.get(name, [])]
        return frozenset(key for key in found if key in there)

    for side, element, values in noted.get("aside", []):
        design = changed(design, frozenset({(int(side), str(element))}), **values)
    guides = tuple(
        Guide(int(side), Axis(axis), float(place)) for side, axis, place in noted.get("guides", []) if side in (0, 1)
    )
    return Design(design.layout, guides, keys("locked"), keys("hidden"))


def _sound(design: Design) -> tuple[Design, list[list[object]]]:
    """Return a design that can be saved as a layout, and apart from it the texts and conditions that are wrong yet."""
    aside: list[list[object]] = []
    for key, element in design.elements(design.keys):
        wrong: dict[str, str] = {}
        for name in ("text", "track1", "track2", "track3"):
            template = getattr(element, name, "")
            if template and not _holds(names_in, template):
                wrong[name] = template
        if element.when and not _holds(compiled, element.when):
            wrong["when"] = element.when
        if wrong:
            # A layout with a mistake can't be loaded, and half a condition is one while it is typed: it waits beside
            # the layout.
            aside.append([*key, wrong])
            harmless = {name: "" if name != "text" else "-" for name in wrong}
            design = changed(design, frozenset({key}), **harmless)
    return design, aside


def _holds(check: Callable[[str], object], text: str) -> bool:
    try:
        check(text)
    except LayoutError:
        return False
    return True


UNREADABLE = (LayoutError, OSError)
"""What may go wrong while drafts are kept or read."""
