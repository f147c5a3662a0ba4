"""Load and save a layout: a folder, or the same zipped to one file, with ``layout.json`` and all that it names.

    layout.json               what is on the card, or how it differs from the layout that it extends
    approval.json             who approved it, signed; not there in a draft
    images/… fonts/…          the files that layout.json names, wherever they lie
    parents/NAME-VERSION/…    the layouts that it extends, so that one file is enough wherever it is carried

A parent that is not in the file is looked for beside it, and among the layouts that ship.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from station.domain import elements as el
from station.domain.errors import N_, LayoutError
from station.domain.layout import Layout, Preprinted
from station.domain.layout_document import (
    SIDES,
    Plain,
    files_used,
    fonts_of,
    inherited,
    layout_digest,
    layout_json,
    whole_document,
)
from station.domain.layout_rules import check_layout
from station.domain.layout_state import LayoutState
from station.domain.message import Message
from station.render.colour import DEFAULT_ACCENT, resolved
from station.render.fonts import FontBook
from station.render.layout_fonts import check_font
from station.render.layout_package import (
    APPROVAL_NAME,
    FILE_NAME,
    OUTSIDE,
    WHOLE,
    Package,
    Within,
    open_package,
    unzipped,
    zipped,
)
from station.render.layout_schema import elements_of, parse_document
from station.render.layout_signing import approval_json, read_approval
from station.resources import asset

__all__ = ["bundled_layout", "bundled_names", "layout_json", "load_layout", "package_bytes", "save_layout"]

_MOST_GENERATIONS = 5
Finder = Callable[[str], Layout | None]
"""How a parent by its reference (``university/3``) is found; ``None`` when there is none."""


def bundled_layout(name: str) -> Layout:
    """Return a layout that ships with the station.

    Raises:
        LayoutError: there is none of this name.
    """
    if name not in bundled_names():
        raise LayoutError(file=name, place=FILE_NAME, detail=N_("the station has no layout of this name"))
    return load_layout(asset("layouts", name))


def bundled_names() -> tuple[str, ...]:
    """Return the names of the layouts that ship with the station."""
    return tuple(sorted(path.parent.name for path in asset("layouts").glob(f"*/{FILE_NAME}")))


def load_layout(path: Path, find: Finder | None = None, *, altered_is_draft: bool = False) -> Layout:
    """Return the layout in a folder or a zip, checked as a whole; its approval, too, if it has one.

    ``find`` finds parents that are not in the file itself, before those beside it and those that ship. With
    ``altered_is_draft`` an approval is not looked at: for who edits a layout, or signs it anew.

    Raises:
        LayoutError: with the file and the place in it, when anything is missing, unknown, impossible, harmful, or was
            altered after it was approved.
    """
    return _Loading(open_package(path), find, path, approved=not altered_is_draft).whole()


def layout_from_bytes(data: bytes, shown: str, find: Finder | None = None) -> Layout:
    """Return the layout in a zip that is in memory; ``shown`` is what messages call it. Raises as ``load_layout``."""
    return _Loading(unzipped(data, shown), find).whole()


def package_bytes(layout: Layout) -> bytes:
    """Return the zip of a layout; the same for the same layout. Raises LayoutError as ``save_layout``."""
    return zipped(_files(layout))


def save_layout(layout: Layout, path: Path) -> Layout:
    """Write a layout to a zip (``path`` ends in ``.zip``) or into a folder, and return it with its digest.

    What was there stays until all of the new is written. An approval is kept only if it is of this content.

    Raises:
        LayoutError: it could not be loaded again (the place says why), or the file can't be written.
    """
    files = _files(layout)
    saved = layout_from_bytes(zipped(files), str(path))
    try:
        if path.suffix.lower() == ".zip":
            _write(path, zipped(files))
        else:
            _write_folder(path, files)
    except OSError as error:
        detail = Message(N_("it can't be written ({reason})"), {"reason": error.strerror or type(error).__name__})
        raise LayoutError(file=str(path), place=WHOLE, detail=detail) from error
    return saved


# --- loading ----------------------------------------------------------------------------------------------------


class _Loading:
    """One layout with all that it extends; those that came along lie beside each other in its package."""

    def __init__(
        self, package: Package, find: Finder | None, path: Path | None = None, *, approved: bool = True
    ) -> None:
        self._root, self._find, self._path, self._approved = package, find, path, approved

    def whole(self, heirs: tuple[str, ...] = ()) -> Layout:
        """Return the layout of the package itself; ``heirs`` are the layouts elsewhere that extend it."""
        return self._layout(self._root, heirs)

    def _layout(self, package: Package, heirs: tuple[str, ...]) -> Layout:
        shown = f"{package.shown}/{FILE_NAME}"
        document = parse_document(package.read(FILE_NAME), shown)
        reference = f"{document['name']}/{document['version']}"
        if reference in heirs or len(heirs) >= _MOST_GENERATIONS:
            detail = _IN_A_CIRCLE if reference in heirs else _TOO_MANY_GENERATIONS
            raise LayoutError(file=shown, place="extends", detail=Message(detail, {"layout": reference}))
        try:
            parent = self._parent(document, (*heirs, reference))
            layout = _assembled(package, document, parent, shown)
            _check(layout)
            if self._approved and package.has(APPROVAL_NAME):
                approval = read_approval(package.read(APPROVAL_NAME), layout)
                layout = replace(layout, approval=approval, state=LayoutState.APPROVED)
        except LayoutError as error:
            if error.params.get("file"):
                raise
            raise LayoutError(error.what, error.todo, **{**error.params, "file": shown}) from error
        return layout

    def _parent(self, document: Plain, heirs: tuple[str, ...]) -> Layout | None:
        if "extends" not in document:
            return None
        reference = str(document["extends"])
        within = Within(self._root, parent_folder(reference))
        if within.has(FILE_NAME):
            parent = self._layout(within, heirs)
        elif reference in heirs:
            raise LayoutError(file="", place="extends", detail=Message(_IN_A_CIRCLE, {"layout": reference}))
        else:
            found = self._found(reference, heirs)
            if found is None:
                detail = Message(N_("the layout {layout} that it extends is not there"), {"layout": reference})
                raise LayoutError(file="", place="extends", detail=detail)
            parent = found
        if parent.reference != reference:
            detail = Message(N_("this is {found}, and not {layout}"), {"found": parent.reference, "layout": reference})
            raise LayoutError(file="", place=parent_folder(reference), detail=detail)
        _need_other_names(parent, heirs)
        return parent

    def _found(self, reference: str, heirs: tuple[str, ...]) -> Layout | None:
        """Return a parent that did not come along: one that is known, lies beside the layout, or ships."""
        found = self._find(reference) if self._find is not None else None
        if found is None and (path := self._beside(reference)) is not None:
            found = _Loading(open_package(path), self._find, path).whole(heirs)
        return found or _bundled(reference)

    def _beside(self, reference: str) -> Path | None:
        """Return where in the same folder the layout of this name and version lies."""
        if self._path is None:
            return None
        name, _, version = reference.partition("/")
        for each in (name, f"{name}.zip", f"{name}-{version}", f"{name}-{version}.zip"):
            path = self._path.parent / each
            if path.exists() and path.resolve() != self._path.resolve() and _named(path) == reference:
                return path
        return None


def parent_folder(reference: str) -> str:
    """Return where in a package a layout lies that is extended."""
    return f"parents/{reference.replace('/', '-')}"


def _need_other_names(parent: Layout, heirs: tuple[str, ...]) -> None:
    """Refuse a parent that was found elsewhere and itself extends one of its heirs."""
    above: Layout | None = parent
    while above is not None:
        if above.reference in heirs:
            raise LayoutError(file="", place="extends", detail=Message(_IN_A_CIRCLE, {"layout": above.reference}))
        above = above.extends


def _named(path: Path) -> str:
    """Return the name and version of a layout file without loading the rest of it; empty when it is none."""
    try:
        package = open_package(path)
        document = parse_document(package.read(FILE_NAME), package.shown)
    except LayoutError:
        return ""
    return f"{document['name']}/{document['version']}"


def _bundled(reference: str) -> Layout | None:
    name = reference.partition("/")[0]
    found = bundled_layout(name) if name in bundled_names() else None
    return found if found is not None and found.reference == reference else None


def _assembled(package: Package, document: Plain, parent: Layout | None, shown: str) -> Layout:
    whole = document if parent is None else inherited(whole_document(parent), document)
    sides = elements_of({key: value for key, value in whole.items() if key != "schema_version"}, shown)
    inherited_files = parent.files if parent is not None else {}
    named = [*whole.get("fonts", ()), *_sources(sides["front"]), *_sources(sides["back"])]
    if wrong := set(whole.get("fonts", ())).difference(fonts_of(whole.get("fonts", ()))):
        raise LayoutError(file=shown, place=f"fonts/{min(wrong)}", detail=N_("a font file ends in .ttf or .otf"))
    files: dict[str, bytes] = {}
    for name in dict.fromkeys(named):
        inherits = name in inherited_files and not package.has(name)
        files[name] = inherited_files[name] if inherits else package.read(name)
    layout = Layout(
        name=whole["name"],
        version=whole["version"],
        title=whole.get("title", ""),
        preprinted=tuple(Preprinted(each) for each in dict.fromkeys(whole.get("preprinted", ()))),
        width_mm=float(whole.get("width_mm", el.CARD_WIDTH_MM)),
        height_mm=float(whole.get("height_mm", el.CARD_HEIGHT_MM)),
        front=sides["front"],
        back=sides["back"],
        extends=parent,
        files=files,
    )
    return replace(layout, digest=layout_digest(layout))


def _sources(side: tuple[el.AnyElement, ...]) -> Iterator[str]:
    return (element.source for element in side if isinstance(element, el.Image))


# --- what a layout must be before a card depends on it -------------------------------------------------------------


def _check(layout: Layout) -> None:
    """Refuse what can't be drawn: elements that contradict themselves, artwork, fonts or colours that aren't there."""
    try:
        check_layout(layout)
    except LayoutError as error:
        raise LayoutError(file="", place=error.params["place"], detail=error.params["detail"]) from error
    for name in fonts_of(layout.files):
        check_font(name, layout.files[name])
    fonts = FontBook({name: layout.files[name] for name in fonts_of(layout.files)})
    for side in SIDES:
        for element in getattr(layout, side):
            try:
                _check_element(element, layout, fonts)
            except LayoutError as error:
                place = "/".join(str(part) for part in (side, element.id, error.params["place"]) if part)
                raise LayoutError(file="", place=place, detail=error.params["detail"]) from error


def _check_element(element: el.AnyElement, layout: Layout, fonts: FontBook) -> None:
    for name in ("colour", "fill", "fill_to", "tile", "ink"):
        colour = getattr(element, name, None)
        if colour is not None and not isinstance(colour, el.EscLogoColour):
            resolved(colour, DEFAULT_ACCENT)
    if isinstance(element, el.Text):
        fonts.faces(element.family, element.weight)
    if isinstance(element, el.Image):
        from station.render import artwork  # most layouts have none, and it loads decoders

        try:
            artwork.check(layout.files[element.source], element.page)
        except LayoutError as error:
            raise LayoutError(file="", place=element.source, detail=error.params["detail"]) from error


# --- saving -----------------------------------------------------------------------------------------------------


def _files(layout: Layout) -> dict[str, bytes]:
    """Return every file of a layout's package by its name."""
    if missing := [name for name in files_used(layout) if name not in layout.files]:
        raise LayoutError(file=layout.name, place=missing[0], detail=N_("it is not there"))
    parent = layout.extends
    inherits = parent.files if parent is not None else {}
    files = {name: layout.files[name] for name in files_used(layout) if layout.files[name] != inherits.get(name)}
    if clash := set(files).intersection((FILE_NAME, APPROVAL_NAME)):
        raise LayoutError(file=layout.name, place=min(clash), detail=OUTSIDE)
    files[FILE_NAME] = layout_json(layout)
    if layout.approval is not None and layout.approval.digest == layout_digest(layout):
        files[APPROVAL_NAME] = approval_json(layout.approval)
    if parent is not None:
        # Each parent by itself, all beside each other: the chain is in what each of them extends.
        below = _files(replace(parent, approval=None))
        top = parent_folder(parent.reference)
        files |= {name if name.startswith("parents/") else f"{top}/{name}": data for name, data in below.items()}
    return files


def _write(path: Path, data: bytes) -> None:
    """Write a file as a whole: under another name first, which then takes the place of the old one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        # mkstemp gives a file to this account alone, and a layout is for every account of the desk.
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise


def _write_folder(folder: Path, files: dict[str, bytes]) -> None:
    """Write the files, ``layout.json`` last, and take away what no longer belongs: an old approval, old parents."""
    folder.mkdir(parents=True, exist_ok=True)
    # First of all, so that an old approval never stands beside new content, not even for a moment.
    if APPROVAL_NAME not in files:
        (folder / APPROVAL_NAME).unlink(missing_ok=True)
    for name in sorted(files, key=lambda name: name == FILE_NAME):
        _write(folder / name, files[name])
    kept = {name.split("/")[1] for name in files if name.startswith("parents/")}
    for old in (folder / "parents").glob("*"):
        if old.is_dir() and not old.is_symlink() and old.name not in kept:
            shutil.rmtree(old)


_IN_A_CIRCLE = N_("layouts extend each other in a circle, back to {layout}")
_TOO_MANY_GENERATIONS = N_("too many layouts extend each other, down to {layout}")
