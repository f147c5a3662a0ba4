"""Read a layout from its folder: `layout.json`, and the pictures and fonts that it names.

The file's shape is that of ``station.domain.layout``: each element carries its ``type``, and the keys are the fields of
the class. Unknown keys are refused, numbers are numbers, and every length says its unit.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import MISSING, fields
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model
from pydantic_core import ErrorDetails

from station.domain import elements as el
from station.domain import layout as lay
from station.domain.errors import N_, LayoutError
from station.domain.layout_rules import check_layout
from station.domain.message import Message
from station.render.colour import DEFAULT_ACCENT, resolved
from station.render.fonts import FontBook
from station.resources import asset

SCHEMA_VERSION = 1
FILE_NAME = "layout.json"

_ELEMENTS: dict[str, type[el.Element]] = {
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
_NO_KEY = N_("there is no such key")
_KEY_MISSING = N_("this key is missing")
_MISTAKES = {
    "extra_forbidden": _NO_KEY,
    "unexpected_keyword_argument": _NO_KEY,
    "missing": _KEY_MISSING,
    "missing_argument": _KEY_MISSING,
    "json_invalid": N_("the file is not JSON"),
    "union_tag_invalid": N_("there is no such type of element"),
    "union_tag_not_found": N_("the type of the element is missing"),
}
_LARGEST_FILE = 20_000_000
_STRICT = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


def bundled_layout(name: str) -> lay.Layout:
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


def load_layout(folder: Path) -> lay.Layout:
    """Return the layout in a folder, checked as a whole.

    Raises:
        LayoutError: with the file and the place in it, when anything is missing, unknown or impossible.
    """
    raw = _read(folder, FILE_NAME)
    document = _parsed(folder / FILE_NAME, raw)
    names = [*document.fonts, *(e.source for e in (*document.front, *document.back) if hasattr(e, "source"))]
    files = {name: _read(folder, name) for name in dict.fromkeys(names)}
    layout = lay.Layout(
        name=document.name,
        version=document.version,
        title=document.title,
        width_mm=document.width_mm,
        height_mm=document.height_mm,
        front=tuple(_element(model) for model in document.front),
        back=tuple(_element(model) for model in document.back),
        digest=_digest(raw, files),
        files=files,
    )
    try:
        check_layout(layout)
        _check_names(layout)
    except LayoutError as error:
        place, detail = error.params["place"], error.params["detail"]
        raise LayoutError(file=str(folder / FILE_NAME), place=place, detail=detail) from error
    return layout


def _parsed(file: Path, raw: bytes) -> Any:
    try:
        return _document_model().model_validate_json(raw)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = _place(first["loc"], raw)
        raise LayoutError(file=str(file), place=place, detail=_detail(first)) from error


def _detail(mistake: ErrorDetails) -> object:
    if mistake["type"] in _MISTAKES:
        return _MISTAKES[mistake["type"]]
    return Message(N_("it does not fit ({reason})"), {"reason": mistake["msg"]})


def _place(location: tuple[int | str, ...], raw: bytes) -> str:
    """Return where a mistake is, an element by its id rather than by its number."""
    steps = [str(step) for step in location]
    if len(location) > 1 and location[0] in ("front", "back") and isinstance(location[1], int):
        element = json.loads(raw)[location[0]][location[1]]
        if isinstance(element, dict) and isinstance(element.get("id"), str):
            steps[1] = element["id"]
        # The third step only repeats the element's type.
        del steps[2:3]
    return "/".join(steps) or "the beginning"


def _check_names(layout: lay.Layout) -> None:
    """Refuse a colour or a font that is not there, before a card needs it."""
    fonts = FontBook({name: data for name, data in layout.files.items() if name.lower().endswith((".ttf", ".otf"))})
    for side_name, side in (("front", layout.front), ("back", layout.back)):
        for element in side:
            try:
                for name in ("colour", "fill", "fill_to", "tile", "ink"):
                    colour = getattr(element, name, None)
                    if colour is not None and not isinstance(colour, el.EscLogoColour):
                        resolved(colour, DEFAULT_ACCENT)
                if isinstance(element, el.Text):
                    fonts.faces(element.family, element.weight)
            except LayoutError as error:
                place = f"{side_name}/{element.id}/{error.params['place']}"
                raise LayoutError(file="", place=place, detail=error.params["detail"]) from error


def _read(folder: Path, name: str) -> bytes:
    path = PurePosixPath(name)
    target = folder / path
    inside = not path.is_absolute() and ".." not in path.parts and "\\" not in name and ":" not in name
    # A link may lead outside although the name does not.
    if not inside or not target.resolve().is_relative_to(folder.resolve()):
        raise LayoutError(file=str(folder), place=name, detail=N_("a layout can only use files in its own folder"))
    try:
        if target.stat().st_size > _LARGEST_FILE:
            raise LayoutError(file=str(folder), place=name, detail=N_("the file is larger than 20 MB"))
        return target.read_bytes()
    except OSError as error:
        detail = N_("it is not there") if isinstance(error, FileNotFoundError) else N_("it can't be read")
        raise LayoutError(file=str(folder), place=name, detail=detail) from error


def _digest(raw: bytes, files: Mapping[str, bytes]) -> str:
    total = hashlib.sha256(raw)
    for name in sorted(files):
        total.update(name.encode() + b"\0" + hashlib.sha256(files[name]).digest())
    return total.hexdigest()


# --- the file's shape, taken from the domain's classes -----------------------------------------------------------


@cache
def _document_model() -> type[BaseModel]:
    kinds = tuple(_model_of(kind, cls) for kind, cls in _ELEMENTS.items())
    any_element: Any = kinds[0]
    for kind in kinds[1:]:
        any_element = any_element | kind
    elements: Any = list[Annotated[any_element, Field(discriminator="type")]]
    size: Any = Annotated[float, Field(gt=10, le=200)]
    shape: dict[str, Any] = {
        "schema_version": (Literal[1], ...),
        "name": (Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")], ...),
        "version": (Annotated[int, Field(ge=1)], ...),
        "title": (str, ""),
        "width_mm": (size, el.CARD_WIDTH_MM),
        "height_mm": (size, el.CARD_HEIGHT_MM),
        "fonts": (list[str], []),
        "front": (elements, ...),
        "back": (elements, []),
    }
    return create_model("LayoutFile", __config__=_STRICT, **shape)


def _model_of(kind: str, cls: type[el.Element]) -> type[BaseModel]:
    hints = get_type_hints(cls)
    shape: dict[str, Any] = {"type": (Literal[kind], ...)}
    for field in fields(cls):
        limits = _LIMITS.get(field.name)
        hint = Annotated[hints[field.name], limits] if limits else hints[field.name]
        shape[field.name] = (hint, ... if field.default is MISSING else field.default)
    return create_model(cls.__name__, __config__=_STRICT, **shape)


_LIMITS: dict[str, Any] = {
    "id": Field(pattern=r"^[a-z0-9_]{1,64}$"),
    "size_pt": Field(ge=2, le=200),
    "max_lines": Field(ge=1, le=20),
    "leading": Field(ge=0.8, le=3),
    "tracking_em": Field(ge=-0.1, le=1),
    "opacity": Field(ge=0, le=1),
    "corner_mm": Field(ge=0, le=50),
    "quiet_modules": Field(ge=0, le=20),
    "page": Field(ge=1, le=100),
    "columns": Field(ge=0, le=30),
    "min_dots": Field(ge=2, le=20),
}


def _element(model: Any) -> Any:
    cls = _ELEMENTS[model.type]
    return cls(**{field.name: getattr(model, field.name) for field in fields(cls)})
