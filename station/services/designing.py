"""A card's layout being designed: each edit takes a ``Design`` and returns a new one, and shares what did not change.

Nothing here draws or keeps anything; ``design_history`` remembers the designs, ``drafts`` keeps them on disk.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from pathlib import PurePath
from typing import Any

from station.domain.elements import (
    BLACK,
    AnyElement,
    Box,
    Code,
    Element,
    EscLogo,
    EscLogoColour,
    GhostImage,
    Image,
    Layer,
    Line,
    Logo,
    MagneticTracks,
    Photo,
    Shape,
    Text,
    Zone,
)
from station.domain.layout import Layout, edited
from station.domain.snapping import Guide, tidy

FRONT, BACK = 0, 1
SIDES = (FRONT, BACK)
FONT_ENDINGS = (".ttf", ".otf")
PICTURE_ENDINGS = (".png", ".jpg", ".jpeg", ".svg", ".pdf")
_LONGEST_ID = 64

Key = tuple[int, str]
"""A side (0 is the front) and the id of an element on it."""
Keys = frozenset[Key]


class Order(StrEnum):
    """Where in the pile of a side elements are put; what is in front is drawn last."""

    FRONT = "front"
    FORWARD = "forward"
    BACKWARD = "backward"
    BACK = "back"


@dataclass(frozen=True, slots=True)
class Design:
    """A layout, and what only its designer sees: guides, what is locked against the mouse, what is hidden for now."""

    layout: Layout
    guides: tuple[Guide, ...] = ()
    locked: Keys = frozenset()
    hidden: Keys = frozenset()

    @property
    def card(self) -> Box:
        """Return the card's own box."""
        return Box(0.0, 0.0, self.layout.width_mm, self.layout.height_mm)

    @property
    def keys(self) -> tuple[Key, ...]:
        """Return every element's key, front first, from the lowest of the pile to the topmost."""
        return tuple((side, element.id) for side in SIDES for element in self.side(side))

    def side(self, side: int) -> tuple[AnyElement, ...]:
        """Return a side's elements, the lowest first; the back is empty where there is none."""
        return self.layout.back if side == BACK else self.layout.front

    def get(self, key: Key) -> AnyElement | None:
        """Return an element, or ``None`` when it is gone."""
        return next((element for element in self.side(key[0]) if element.id == key[1]), None)

    def elements(self, keys: Iterable[Key]) -> tuple[tuple[Key, AnyElement], ...]:
        """Return those of the elements that are there, in the order of the pile."""
        wanted = frozenset(keys)
        return tuple(((s, e.id), e) for s in SIDES for e in self.side(s) if (s, e.id) in wanted)

    def with_side(self, side: int, elements: Iterable[AnyElement]) -> Design:
        """Return the design with another pile on a side. The layout is no longer the one that was loaded or signed."""
        name = "back" if side == BACK else "front"
        return replace(self, layout=edited(self.layout, **{name: tuple(elements)}))


@dataclass(frozen=True, slots=True)
class Clip:
    """Elements that were copied, and the files that they show."""

    elements: tuple[AnyElement, ...]
    files: Mapping[str, bytes]
    side: int


# --- what is there ----------------------------------------------------------------------------------------------


def added(design: Design, side: int, element: AnyElement) -> tuple[Design, Key]:
    """Return the design with an element on top of a side, under a name that is free there."""
    named = replace(element, id=free_id(design, side, element.id))
    return design.with_side(side, (*design.side(side), named)), (side, named.id)


def removed(design: Design, keys: Keys) -> Design:
    """Return the design without these elements; what is locked stays."""
    going = keys - design.locked
    for side in SIDES:
        if any(key[0] == side for key in going):
            design = design.with_side(side, (e for e in design.side(side) if (side, e.id) not in going))
    return replace(design, hidden=design.hidden - going) if design.hidden & going else design


def changed(design: Design, keys: Keys, **values: object) -> Design:
    """Return the design with properties of elements set; an element that has no such property stays as it is.

    What contradicts the new value follows it: resin is black, and what is not black is not resin.
    """
    return _each(design, keys, lambda _key, element: with_values(element, values))


def with_values(element: AnyElement, values: Mapping[str, object]) -> AnyElement:
    """Return an element with those of the values that it has, made consistent."""
    names = {field.name for field in fields(element)}
    own: dict[str, Any] = {name: value for name, value in values.items() if name in names}
    if own.get("layer") is not None and own["layer"] not in layers_of(element):
        del own["layer"]
    return _consistent(replace(element, **own), own) if own else element


def layers_of(element: AnyElement) -> tuple[Layer, ...]:
    """Return the panels that can print an element."""
    if isinstance(element, Code):
        return (Layer.RESIN,)
    if isinstance(element, Zone | MagneticTracks | Logo):
        return (Layer.COLOUR,)
    if isinstance(element, Photo | GhostImage):
        return (Layer.COLOUR, Layer.UV)
    if isinstance(element, Line):
        return (Layer.COLOUR, Layer.RESIN, Layer.UV)
    return tuple(Layer)


def placed(design: Design, boxes: Mapping[Key, Box]) -> Design:
    """Return the design with elements in other boxes."""
    return _each(design, frozenset(boxes), lambda key, element: _in_box(element, boxes[key]))


def moved(design: Design, keys: Keys, dx_mm: float, dy_mm: float) -> Design:
    """Return the design with elements moved; what is locked stays."""
    boxes = {
        key: replace(e.box, x_mm=tidy(e.box.x_mm + dx_mm), y_mm=tidy(e.box.y_mm + dy_mm))
        for key, e in design.elements(keys - design.locked)
        # They are nowhere on the card: their place is the stripe's, whatever the box says.
        if not isinstance(e, MagneticTracks)
    }
    return placed(design, boxes)


def renamed(design: Design, key: Key, name: str) -> tuple[Design, Key]:
    """Return the design with an element under another name, made into an id that is free."""
    element, wanted = design.get(key), as_id(name)
    if element is None or not wanted or wanted == key[1]:
        return design, key
    side = key[0]
    new = (side, free_id(design, side, wanted))
    pile = (replace(e, id=new[1]) if e.id == key[1] else e for e in design.side(side))
    design = design.with_side(side, pile)

    def follow(keys: Keys) -> Keys:
        return keys - {key} | {new} if key in keys else keys

    return replace(design, locked=follow(design.locked), hidden=follow(design.hidden)), new


def reordered(design: Design, keys: Keys, order: Order) -> Design:
    """Return the design with elements further up or down in their side's pile; their own order stays."""
    for side in {key[0] for key in keys}:
        pile = list(design.side(side))
        chosen = {key[1] for key in keys if key[0] == side}
        after = _reordered(pile, chosen, order)
        if after != pile:
            design = design.with_side(side, after)
    return design


def put_at(design: Design, key: Key, index: int) -> Design:
    """Return the design with an element at a place of its side's pile, counted from the lowest."""
    element, side = design.get(key), key[0]
    if element is None:
        return design
    rest = [e for e in design.side(side) if e.id != key[1]]
    index = max(0, min(index, len(rest)))
    pile = (*rest[:index], element, *rest[index:])
    return design if pile == design.side(side) else design.with_side(side, pile)


# --- copies -----------------------------------------------------------------------------------------------------


def copied(design: Design, keys: Keys) -> Clip | None:
    """Return what is copied of these elements, or ``None`` when there is none."""
    chosen = design.elements(keys)
    if not chosen:
        return None
    names = {e.source for _, e in chosen if isinstance(e, Image)}
    families = {e.family for _, e in chosen if isinstance(e, Text)}
    # Every weight of the family: a text that is pasted elsewhere may be made bold there.
    names |= {name for name in design.layout.files if is_font(name) and family_of(name) in families}
    files = {name: data for name, data in design.layout.files.items() if name in names}
    return Clip(tuple(element for _, element in chosen), files, chosen[0][0][0])


def pasted(design: Design, clip: Clip, side: int, shift_mm: float = 0.0) -> tuple[Design, Keys]:
    """Return the design with copies on a side, moved by ``shift_mm`` both ways, and the keys of the copies."""
    keys: set[Key] = set()
    for original in clip.elements:
        element = original
        if isinstance(element, Image) and element.source in clip.files:
            design, source = brought(design, element.source, clip.files[element.source])
            element = replace(element, source=source)
        box = replace(element.box, x_mm=tidy(element.box.x_mm + shift_mm), y_mm=tidy(element.box.y_mm + shift_mm))
        design, key = added(design, side, replace(element, box=box))
        keys.add(key)
    for name, data in clip.files.items():
        if is_font(name):
            design, _ = brought(design, name, data)
    return design, frozenset(keys)


# --- files ------------------------------------------------------------------------------------------------------


def brought(design: Design, name: str, data: bytes) -> tuple[Design, str]:
    """Return the design with a file, and its name there: plain letters, and another one where that name is taken."""
    path = PurePath(name)
    stem, ending = as_id(path.stem).replace("_", "-") or "file", path.suffix.lower()
    if ending in FONT_ENDINGS:
        # A font is found by its name, capitals and all (Name-Bold.ttf); only what no folder takes is left out.
        stem = re.sub(r"[^A-Za-z0-9-]+", "", path.stem) or "Font"
    files, number, free = design.layout.files, 1, f"{stem}{ending}"
    # The same bytes under the same name are one file: a picture that is pasted ten times is kept once.
    while free in files and files[free] != data:
        number += 1
        free = f"{stem}-{number}{ending}"
    if free in files:
        return design, free
    return replace(design, layout=edited(design.layout, files={**files, free: data})), free


def pictured(design: Design, key: Key, source: str) -> Design:
    """Return the design with a picture's file in the place of another, or of a logo: that is a picture from then on."""
    element = design.get(key)
    if isinstance(element, Image):
        return changed(design, frozenset({key}), source=source, page=1)
    if not isinstance(element, Logo | EscLogo):
        return design
    layer = Layer.COLOUR if element.layer is Layer.RESIN else element.layer
    image = Image(id=element.id, box=element.box, layer=layer, needs=element.needs, when=element.when, source=source)
    return _each(design, frozenset({key}), lambda _key, _element: image)


def without_spare_files(layout: Layout) -> Layout:
    """Return a layout without the pictures and fonts that nothing in it shows."""
    pile = (*layout.front, *layout.back)
    sources = {e.source for e in pile if isinstance(e, Image)}
    families = {e.family for e in pile if isinstance(e, Text)}
    kept = {n: d for n, d in layout.files.items() if n in sources or (is_font(n) and family_of(n) in families)}
    if len(kept) == len(layout.files):
        return layout
    return edited(layout, files=kept)


def is_font(name: str) -> bool:
    """Tell whether a file's name is that of a font."""
    return name.lower().endswith(FONT_ENDINGS)


def family_of(name: str) -> str:
    """Return the family that a font file of this name serves: what comes before its weight."""
    stem = PurePath(name).stem
    family, _, weight = stem.rpartition("-")
    return family if family and weight.lower() in ("regular", "medium", "semibold", "bold") else stem


# --- names ------------------------------------------------------------------------------------------------------


def as_id(name: str) -> str:
    """Return a name as an id: small plain letters, digits and underscores; empty when nothing of it is left."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", name.strip().lower()) if not unicodedata.combining(c))
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:_LONGEST_ID]


def free_id(design: Design, side: int, wanted: str) -> str:
    """Return ``wanted``, or the same with the next number that no element of the side has."""
    taken = {element.id for element in design.side(side)}
    if wanted not in taken:
        return wanted
    stem = re.sub(r"_\d+$", "", wanted)[: _LONGEST_ID - 6]
    number = 2
    while f"{stem}_{number}" in taken:
        number += 1
    return f"{stem}_{number}"


# --- inside -----------------------------------------------------------------------------------------------------


def _each(design: Design, keys: Keys, change: Callable[[Key, AnyElement], AnyElement]) -> Design:
    """Return the design with a change made to some elements; what did not change stays the very same object."""
    for side in {key[0] for key in keys}:
        before = design.side(side)
        after = [change((side, e.id), e) if (side, e.id) in keys else e for e in before]
        # Otherwise the very same design comes back, and the history sees that nothing was done.
        if any(one is not other for one, other in zip(before, after, strict=True)):
            design = design.with_side(side, after)
    return design


def _in_box(element: AnyElement, box: Box) -> AnyElement:
    return element if box == element.box else replace(element, box=box)


def _consistent(element: AnyElement, set_now: Mapping[str, object]) -> AnyElement:
    if element.layer is Layer.COLOUR:
        return element
    # What was set last wins: a colour moves the element off the resin, the resin takes its colour away.
    if "layer" not in set_now and not _fits_resin(element):
        return replace(element, layer=Layer.COLOUR)
    if isinstance(element, Text | Line):
        return replace(element, colour=BLACK)
    if isinstance(element, EscLogo):
        return replace(element, colour=EscLogoColour.BLACK)
    if isinstance(element, Shape):
        return replace(element, fill=BLACK, fill_to=None, opacity=1.0)
    return element


def _fits_resin(element: Element) -> bool:
    if isinstance(element, Text | Line):
        return element.colour == BLACK
    if isinstance(element, EscLogo):
        return element.colour is EscLogoColour.BLACK
    return not isinstance(element, Shape) or (
        element.fill == BLACK and element.fill_to is None and element.opacity == 1.0
    )


def _reordered(pile: Sequence[AnyElement], chosen: set[str], order: Order) -> list[AnyElement]:
    ours = [e for e in pile if e.id in chosen]
    rest = [e for e in pile if e.id not in chosen]
    if order is Order.FRONT:
        return rest + ours
    if order is Order.BACK:
        return ours + rest
    after = list(pile) if order is Order.FORWARD else list(reversed(pile))
    # Each steps over the one above it, the topmost first, unless that is one of them that can't go further.
    for index in range(len(after) - 2, -1, -1):
        if after[index].id in chosen and after[index + 1].id not in chosen:
            after[index], after[index + 1] = after[index + 1], after[index]
    return after if order is Order.FORWARD else list(reversed(after))
