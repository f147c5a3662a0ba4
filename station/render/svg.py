"""SVG artwork: looked through before it is drawn, then drawn by resvg with our own fonts.

A layout may come from anybody. What a drawing could do besides being a picture is refused: reaching for other files or
the network, scripts, entities, and shapes repeated within shapes until the memory is full (SVG 2, 5.6 and 16.2).
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from io import BytesIO
from xml.parsers import expat

from PIL import Image

from station.domain.errors import N_, LayoutError
from station.domain.message import Message
from station.resources import asset

_MOST_BYTES = 5_000_000
_MOST_ELEMENTS = 20_000
_DEEPEST = 100
# How many elements it may come to when everything that is referred to is drawn out.
_MOST_DRAWN = 100_000
_MOST_FILTERS = 50
_MOST_PICTURE_PIXELS = 40_000_000
# Larger numbers than any drawing needs; a radius of billions keeps resvg busy for ever.
_LARGEST = 1e6
_NUMBER = re.compile(r"(?<![\w#.-])-?(?:\d{7,}\.?\d*|\d*\.?\d+[eE][-+]?\d+)")
# Filters whose work grows with more than the picture's size, or that reach for other pictures.
_SLOW = frozenset({
    "feturbulence", "femorphology", "feconvolvematrix", "fedisplacementmap", "fediffuselighting", "fespecularlighting",
    "feimage", "fetile",
})  # fmt: skip
_FORBIDDEN = frozenset({"script", "foreignobject", "iframe", "audio", "video", "handler", "listener"}) | _SLOW
_REFERENCE = re.compile(r"""url\(\s*['"]?\s*([^'")\s]*)""", re.IGNORECASE)
_PICTURE = re.compile(r"data:image/(?:png|jpeg|jpg|webp|gif);base64,", re.IGNORECASE)
_LENGTH = re.compile(r"\s*([0-9]*\.?[0-9]+(?:e[-+]?[0-9]+)?)\s*(px|pt|pc|mm|cm|in)?\s*", re.IGNORECASE)
_PX = {"": 1.0, "px": 1.0, "pt": 96 / 72, "pc": 16.0, "mm": 96 / 25.4, "cm": 96 / 2.54, "in": 96.0}
# The pixels of SVG are those of CSS, 96 to the inch.
_DPI = 96.0
_FONTS = ("Inter-Regular.ttf", "Inter-Medium.ttf", "Inter-SemiBold.ttf", "Inter-Bold.ttf")

_REACHES_OUT = N_("the drawing refers to something outside of itself ({reference})")
_TOO_MUCH = N_("the drawing is too large or too deep to be a picture on a card")


@dataclass(slots=True)
class _Node:
    """What an element comes to: itself, its children, and what it refers to."""

    references: list[str] = field(default_factory=list)
    children: list[_Node] = field(default_factory=list)


@lru_cache(maxsize=32)
def ratio(data: bytes) -> float:
    """Return the width of a drawing by its height, after having looked through it as ``check``.

    Raises:
        LayoutError: as ``check``; or the drawing has no size.
    """
    return _looked_through(data).ratio()


def check(data: bytes) -> None:
    """Refuse a drawing that is no drawing, or could do anything but be drawn.

    Raises:
        LayoutError: with what is wrong as ``detail``.
    """
    ratio(data)


def drawn(data: bytes, size: tuple[int, int]) -> Image.Image:
    """Return a drawing that was looked through, stretched to ``size`` dots, with its transparency.

    Raises:
        LayoutError: as ``check``; or it can't be drawn.
    """
    import resvg_py

    ratio(data)
    try:
        made = resvg_py.svg_to_bytes(
            svg_string=data.decode("utf-8-sig"),
            width=size[0],
            dpi=_DPI,
            skip_system_fonts=True,
            font_files=[str(asset("fonts", name)) for name in _FONTS],
            font_family="Inter",
            sans_serif_family="Inter",
            serif_family="Inter",
            monospace_family="Inter",
        )
    # The binding lets everything that resvg says out as one of these.
    except (ValueError, RuntimeError, UnicodeDecodeError) as error:
        raise _wrong(N_("this is not a drawing that can be read")) from error
    with Image.open(BytesIO(made)) as opened:
        picture = opened.convert("RGBA")
    return picture if picture.size == size else picture.resize(size, Image.Resampling.LANCZOS)


@dataclass(slots=True)
class _Look:
    """One pass through a drawing by expat, which resolves nothing."""

    elements: int = 0
    filters: int = 0
    root: dict[str, str] | None = None
    stack: list[_Node] = field(default_factory=list)
    by_id: dict[str, _Node] = field(default_factory=dict)
    whole: _Node = field(default_factory=_Node)
    style: list[str] = field(default_factory=list)
    in_style: bool = False

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        """Take the start of an element."""
        local = name.rpartition(":")[2].lower()
        self.elements += 1
        self.filters += local.startswith("fe")
        too_much = self.elements > _MOST_ELEMENTS or len(self.stack) > _DEEPEST or self.filters > _MOST_FILTERS
        if too_much:
            raise _wrong(_TOO_MUCH)
        if local in _FORBIDDEN:
            raise _wrong(N_("the drawing contains {name}, which is no part of a picture"), name=local)
        if self.root is None:
            if local != "svg":
                raise _wrong(N_("this is not a drawing that can be read"))
            self.root = dict(attributes)
        if any(_too_large(key, value) for key, value in attributes.items()):
            raise _wrong(_TOO_MUCH)
        node = _Node(references=[r for key, value in attributes.items() for r in _references(key, value)])
        (self.stack[-1] if self.stack else self.whole).children.append(node)
        self.stack.append(node)
        if "id" in attributes:
            self.by_id.setdefault(attributes["id"], node)
        self.in_style = local == "style"

    def end(self, _name: str) -> None:
        """Take the end of an element."""
        self.stack.pop()
        self.in_style = False

    def text(self, text: str) -> None:
        """Take text between elements, of which only style sheets can refer to anything."""
        if self.in_style:
            self.style.append(text)

    def finish(self) -> None:
        """Look at what can only be told at the end: the style sheets, and what all the references come to."""
        sheet = "".join(self.style)
        if "@import" in sheet.lower() or "\\" in sheet:
            raise _wrong(_REACHES_OUT, reference="@import")
        self.whole.references += _references("style", sheet)
        costs: dict[int, int] = {}
        if _cost(self.whole, self.by_id, costs, set()) > _MOST_DRAWN:
            raise _wrong(_TOO_MUCH)

    def ratio(self) -> float:
        """Return width by height."""
        root = self.root or {}
        width, height = (_px(root.get(name, "")) for name in ("width", "height"))
        written = re.split(r"[\s,]+", root.get("viewBox", "").strip())
        box = [_px(number) for number in written[2:]] if len(written) == 4 else []
        if not (width and height) and box:
            width, height = box
        if not (width and height) or not 1e-3 < width / height < 1e3:
            raise _wrong(N_("the drawing does not say how large it is"))
        if box and not all(1e-2 < number < _LARGEST for number in box):
            raise _wrong(_TOO_MUCH)
        return width / height


def _looked_through(data: bytes) -> _Look:
    if len(data) > _MOST_BYTES:
        raise _wrong(_TOO_MUCH)
    look = _Look()
    # In this encoding whatever the drawing says of itself, for resvg reads it so, too.
    parser = expat.ParserCreate("utf-8")
    parser.StartElementHandler = look.begin
    parser.EndElementHandler = look.end
    parser.CharacterDataHandler = look.text
    parser.StartDoctypeDeclHandler = _no_doctype
    parser.ProcessingInstructionHandler = _no_instruction
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise _wrong(N_("this is not a drawing that can be read")) from error
    look.finish()
    return look


def _no_doctype(name: str, system: str | None, public: str | None, has_subset: bool) -> None:
    """Refuse what declares entities; a plain document type that names SVG itself does nothing."""
    del name, public
    if has_subset or (system and not system.startswith("http://www.w3.org/Graphics/SVG/")):
        raise _wrong(_REACHES_OUT, reference="DOCTYPE")


def _no_instruction(target: str, _data: str) -> None:
    raise _wrong(_REACHES_OUT, reference=f"<?{target}?>")


def _references(key: str, value: str) -> list[str]:
    """Return the ids that an attribute refers to; refuse what is not within the drawing."""
    found = []
    if key.rpartition(":")[2].lower() in ("href", "src"):
        found.append(value.strip())
    if "url" in value.lower():
        # CSS may spell any letter with a backslash, and so hide what is looked for here.
        if "\\" in value:
            raise _wrong(_REACHES_OUT, reference=value[:60])
        found += _REFERENCE.findall(value)
    ids = []
    for reference in found:
        if reference.startswith("#"):
            ids.append(reference[1:])
        elif picture := _PICTURE.match(reference):
            _check_picture(reference[picture.end() :])
        elif reference:
            raise _wrong(_REACHES_OUT, reference=reference[:60])
    return ids


def _too_large(key: str, value: str) -> bool:
    if key.rpartition(":")[2].lower() in ("href", "id", "class"):
        return False
    return any(abs(float(number)) > _LARGEST for number in _NUMBER.findall(value))


def _check_picture(encoded: str) -> None:
    """Refuse a picture within the drawing that unpacks to more than any picture on a card needs."""
    try:
        with Image.open(BytesIO(base64.b64decode(encoded))) as opened:
            pixels = opened.width * opened.height
    except (OSError, ValueError, SyntaxError, binascii.Error, Image.DecompressionBombError) as error:
        raise _wrong(N_("a picture within the drawing can't be read")) from error
    if pixels > _MOST_PICTURE_PIXELS:
        raise _wrong(_TOO_MUCH)


def _cost(node: _Node, by_id: Mapping[str, _Node], costs: dict[int, int], above: set[int]) -> int:
    """Return how many elements a node comes to when all that it refers to is drawn; more than allowed for a circle."""
    key = id(node)
    if key in above:
        return _MOST_DRAWN + 1
    if key not in costs:
        above.add(key)
        parts = [*node.children, *(by_id[name] for name in node.references if name in by_id)]
        total = 1
        for part in parts:
            total += _cost(part, by_id, costs, above)
            if total > _MOST_DRAWN:
                break
        above.discard(key)
        costs[key] = total
    return costs[key]


def _px(length: str) -> float:
    match = _LENGTH.fullmatch(length)
    return float(match.group(1)) * _PX[(match.group(2) or "").lower()] if match else 0.0


def _wrong(detail: str, **params: object) -> LayoutError:
    return LayoutError(file="", place="", detail=Message(detail, params))
