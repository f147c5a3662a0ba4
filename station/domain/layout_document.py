"""A layout as plain data: what its file says, how two that are the same come to the same bytes, and what one inherits.

What has its default is left out, and a whole number is written as one; so the digest stays the same when the file is
written anew, by hand or by a later version of the station that knows more keys.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, fields
from enum import Enum
from typing import Any

from station.domain import elements as el
from station.domain.errors import N_, LayoutError
from station.domain.layout import Layout, files_digest
from station.domain.message import Message

SCHEMA_VERSION = 1
SIDES = ("front", "back")
FONTS = (".ttf", ".otf")

KINDS: dict[str, type[el.Element]] = {
    "text": el.Text,
    "photo": el.Photo,
    "ghost_image": el.GhostImage,
    "image": el.Image,
    "logo": el.Logo,
    "shape": el.Shape,
    "line": el.Line,
    "qr": el.Qr,
    "code128": el.Code128,
    "ean13": el.Ean13,
    "pdf417": el.Pdf417,
    "data_matrix": el.DataMatrix,
    "esc_logo": el.EscLogo,
    "hologram_zone": el.HologramZone,
    "signature_zone": el.SignatureZone,
    "stripe_zone": el.StripeZone,
    "chip_zone": el.ChipZone,
    "magnetic_tracks": el.MagneticTracks,
}
"""What an element's ``type`` in the file is called."""
_KEYS = ("name", "version", "title", "width_mm", "height_mm", "preprinted")
_NAMES = {cls: kind for kind, cls in KINDS.items()}

Plain = dict[str, Any]


def layout_json(layout: Layout) -> bytes:
    """Return ``layout.json``: everything, or of one that extends another what differs; the same for the same layout."""
    document = {"schema_version": SCHEMA_VERSION, **_document(layout)}
    return (json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False) + "\n").encode()


def layout_digest(layout: Layout) -> str:
    """Return the SHA-256 (hex) of what a layout prints: its whole document and its files, however it was written."""
    document = whole_document(layout)
    compact = json.dumps(document, ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False)
    # Only what belongs to it: a picture that was left in the folder changes no card.
    files = files_digest({name: layout.files[name] for name in files_used(layout)})
    return hashlib.sha256(f"{compact}\n{files}".encode()).hexdigest()


def files_used(layout: Layout) -> tuple[str, ...]:
    """Return the names of the files that belong to a layout: pictures that it shows, and fonts."""
    shown = {source for side in (layout.front, layout.back) for e in side if (source := getattr(e, "source", None))}
    return tuple(sorted(shown | set(fonts_of(layout.files))))


def fonts_of(files: Iterable[str]) -> list[str]:
    """Return those of the files that are fonts."""
    return sorted(name for name in files if name.lower().endswith(FONTS))


def whole_document(layout: Layout) -> Plain:
    """Return everything that a layout prints, as plain data."""
    # Left out where there is none, so that layouts of before keep their digest.
    there = {"preprinted": _plain(layout.preprinted)} if layout.preprinted else {}
    return {
        "name": layout.name,
        "version": layout.version,
        "title": layout.title,
        "width_mm": _plain(layout.width_mm),
        "height_mm": _plain(layout.height_mm),
        **there,
        "fonts": fonts_of(layout.files),
        "front": [element_document(element) for element in layout.front],
        "back": [element_document(element) for element in layout.back],
    }


def element_document(element: el.Element, *, everything: bool = False) -> Plain:
    """Return an element as plain data, without what has its default unless ``everything`` is wanted."""
    plain: Plain = {"type": _NAMES[type(element)]}
    for field in fields(element):
        value = getattr(element, field.name)
        if everything or field.default is MISSING or value != field.default:
            plain[field.name] = _plain(value)
    return plain


def _document(layout: Layout) -> Plain:
    whole = whole_document(layout)
    parent = layout.extends
    if parent is None:
        return whole
    inherited = whole_document(parent)
    own = {key: whole[key] for key in ("title", "width_mm", "height_mm") if whole[key] != inherited[key]}
    if layout.preprinted != parent.preprinted:
        own["preprinted"] = _plain(layout.preprinted)
    fonts = [name for name in whole["fonts"] if layout.files[name] != parent.files.get(name)]
    document = {"name": layout.name, "version": layout.version, "extends": parent.reference, **own, "fonts": fonts}
    remove: dict[str, list[str]] = {}
    order: dict[str, list[str]] = {}
    for side in SIDES:
        old: dict[str, el.Element] = {e.id: e for e in getattr(parent, side)}
        new: dict[str, el.Element] = {e.id: e for e in getattr(layout, side)}
        document[side] = [_difference(old.get(key), element) for key, element in new.items() if old.get(key) != element]
        remove[side] = [key for key in old if key not in new]
        expected = [*(key for key in old if key in new), *(key for key in new if key not in old)]
        order[side] = [] if expected == list(new) else list(new)
    return {**document, "remove": _filled_in(remove), "order": _filled_in(order)}


def _filled_in(sides: Mapping[str, list[str]]) -> dict[str, list[str]]:
    return {side: ids for side, ids in sides.items() if ids}


def _difference(old: el.Element | None, new: el.Element) -> Plain:
    """Return what makes ``new`` of ``old``; the whole element where that is another kind of thing, or nothing."""
    if type(old) is not type(new) or old is None:
        return element_document(new)
    # With what has its default: to go back to that is a difference, too.
    before, after = element_document(old, everything=True), element_document(new, everything=True)
    return {"id": new.id, **{key: value for key, value in after.items() if value != before[key]}}


def _plain(value: object) -> Any:
    if isinstance(value, el.Box):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


# --- inheritance ------------------------------------------------------------------------------------------------


def inherited(parent: Plain, child: Plain) -> Plain:
    """Return the whole document of a layout whose file says only how it differs from ``parent``'s whole document.

    An element of the child without a ``type`` changes keys of the parent's element of that id; one with a type takes
    its place, or is new and lies above the others. ``remove`` leaves elements out, ``order`` says which lies on which.

    Raises:
        LayoutError: something is removed, changed or put in order that is not there; ``place`` says where.
    """
    whole: Plain = dict(parent)
    whole |= {key: child[key] for key in _KEYS if key in child}
    whole["fonts"] = sorted({*parent["fonts"], *child.get("fonts", ())})
    for side in SIDES:
        remove, order = (child.get(key, {}).get(side, []) for key in ("remove", "order"))
        whole[side] = _ordered(side, _changed(side, parent[side], child.get(side, []), remove), order)
    return whole


def _changed(side: str, old: list[Plain], changes: list[Plain], remove: list[str]) -> dict[str, Plain]:
    elements = {element["id"]: element for element in old}
    for key in remove:
        if elements.pop(key, None) is None:
            raise LayoutError(file="", place=f"remove/{side}/{key}", detail=NOT_INHERITED)
    seen: set[str] = set()
    for change in changes:
        key = change["id"]
        if key in seen:
            raise LayoutError(file="", place=f"{side}/{key}", detail=N_("this id is there twice"))
        seen.add(key)
        if "type" in change:
            elements[key] = change
        elif key in elements:
            elements[key] = {**elements[key], **change}
        else:
            raise LayoutError(file="", place=f"{side}/{key}", detail=NOT_INHERITED)
    return elements


def _ordered(side: str, elements: dict[str, Plain], order: list[str]) -> list[Plain]:
    if not order:
        return list(elements.values())
    if sorted(order) != sorted(elements):
        wrong = sorted(set(order).symmetric_difference(elements)) or sorted(order)
        detail = Message(N_("the order has to name each element once; look at {id}"), {"id": wrong[0]})
        raise LayoutError(file="", place=f"order/{side}", detail=detail)
    return [elements[key] for key in order]


NOT_INHERITED = N_("the layout that it extends has no such element")
