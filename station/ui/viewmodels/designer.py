"""The designer's commands: everything that can be done to what is selected; no widgets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from station.domain.arranging import Alignment, Spread, aligned, around, spread
from station.domain.elements import AnyElement, Box, MagneticTracks
from station.domain.errors import N_
from station.domain.layout import Layout
from station.domain.snapping import Axis, Guide, tidy
from station.services import designing as edits
from station.services.design_palette import PaletteItem, fresh, fresh_picture
from station.services.designing import BACK, FRONT, Clip, Design, Key, Keys, Order
from station.ui.viewmodels.designer_gestures import least_mm, on_card
from station.ui.viewmodels.designer_state import DesignState

PASTE_SHIFT_MM = 2.0
NUDGE_MM, LONG_NUDGE_MM = 0.1, 1.0


class DesignerModel(DesignState):
    """Hold a design and change it by commands, each of them one step that can be undone."""

    def __init__(self, layout: Layout) -> None:
        super().__init__(layout)
        self.clip: Clip | None = None
        self._pastes = 0

    # --- adding and taking away ----------------------------------------------------------------------------------

    def add(self, item: PaletteItem, centre: tuple[float, float]) -> None:
        """Put something new onto the side in use and select it."""
        self._added(fresh(item, centre, self.design.card))

    def add_picture(self, name: str, data: bytes, ratio: float, centre: tuple[float, float]) -> None:
        """Bring a picture into the layout and put it onto the side in use."""
        design, source = edits.brought(self.design, name, data)
        picture = fresh_picture(source, ratio, centre, design.card)
        design, key = edits.added(design, self.side, picture)
        self.do(design, frozenset({key}), N_("Add"))

    def put_picture(self, name: str, data: bytes) -> None:
        """Show a picture's file where the selected picture or logo is; a logo becomes a picture of the layout's own."""
        one = self.one
        if one is not None:
            design, source = edits.brought(self.design, name, data)
            self.do(edits.pictured(design, one[0], source), self.selected, N_("Picture"))

    def add_font(self, name: str, data: bytes) -> str:
        """Bring a font into the layout, have the selected texts set in it, and return its family."""
        design, file = edits.brought(self.design, name, data)
        family = edits.family_of(file)
        self.do(edits.changed(design, self.selected, family=family), self.selected, N_("Font"))
        return family

    def delete(self) -> None:
        """Take away what is selected, unless it is locked."""
        self.do(edits.removed(self.design, self.selected), self.selected & self.design.locked, N_("Delete"))

    def copy(self) -> None:
        """Remember what is selected."""
        clip = edits.copied(self.design, self.selected)
        if clip is not None:
            self.clip, self._pastes = clip, 0

    def cut(self) -> None:
        """Remember what is selected and take it away."""
        self.copy()
        self.delete()

    def paste(self) -> None:
        """Put copies onto the side in use: at the same place on another side, beside the last copy on the same."""
        if self.clip is None:
            return
        self._pastes += 1
        shift = PASTE_SHIFT_MM * (self._pastes - (self.clip.side != self.side))
        self._pasted(self.clip, self.side, shift % 40, N_("Paste"))

    def duplicate(self) -> None:
        """Put a copy of what is selected beside it."""
        clip = edits.copied(self.design, self.selected)
        if clip is not None:
            self._pasted(clip, clip.side, PASTE_SHIFT_MM, N_("Duplicate"))

    def copy_to_other_side(self) -> None:
        """Put a copy of what is selected onto the other side, at the same place."""
        clip = edits.copied(self.design, self.selected)
        if clip is not None:
            self.side = FRONT if clip.side == BACK else BACK
            self._pasted(clip, self.side, 0.0, N_("Copy to the other side"))

    # --- places and properties -----------------------------------------------------------------------------------

    def nudge(self, dx_mm: float, dy_mm: float) -> None:
        """Move what is selected by a little; the same key held is one step."""
        design = edits.moved(self.design, self.selected, dx_mm, dy_mm)
        boxes = {key: on_card(e.box, design.card) for key, e in design.elements(self.selected - design.locked)}
        self.do(edits.placed(design, _drawn(design, boxes)), self.selected, N_("Move"), merge=("nudge", self.selected))

    def grow(self, dx_mm: float, dy_mm: float) -> None:
        """Make what is selected larger or smaller by a little."""
        boxes = {}
        for key, element in self.design.elements(self.selected - self.design.locked):
            box, least = element.box, least_mm(element)
            width, height = max(least, tidy(box.width_mm + dx_mm)), max(least, tidy(box.height_mm + dy_mm))
            boxes[key] = Box(box.x_mm, box.y_mm, width, height)
        design = edits.placed(self.design, _drawn(self.design, boxes))
        self.do(design, self.selected, N_("Resize"), merge=("grow", self.selected))

    def place(self, **lengths_mm: float) -> None:
        """Set ``x_mm``, ``y_mm``, ``width_mm`` or ``height_mm`` of what is selected."""
        boxes = {}
        for key, element in self.design.elements(self.selected - self.design.locked):
            box, least = replace(element.box, **lengths_mm), least_mm(element)
            box = replace(box, width_mm=max(least, box.width_mm), height_mm=max(least, box.height_mm))
            boxes[key] = on_card(box, self.design.card)
        design = edits.placed(self.design, _drawn(self.design, boxes))
        self.do(design, self.selected, N_("Place"), merge=("place", *sorted(lengths_mm), self.selected))

    def set(self, **values: object) -> None:
        """Set properties of what is selected; the same property typed in one go is one step."""
        design = edits.changed(self.design, self.selected - self.design.locked, **values)
        self.do(design, self.selected, N_("Change"), merge=("set", *sorted(values), self.selected))

    def rename(self, key: Key, name: str) -> None:
        """Call an element something else."""
        design, new = edits.renamed(self.design, key, name)
        selected = self.selected - {key} | {new} if key in self.selected else self.selected
        self.do(design, selected, N_("Rename"))

    def reorder(self, order: Order) -> None:
        """Put what is selected further up or down in its pile."""
        self.do(edits.reordered(self.design, self.selected, order), self.selected, N_("Order"))

    def put_at(self, key: Key, index: int) -> None:
        """Put an element at a place of its side's pile."""
        self.do(edits.put_at(self.design, key, index), self.selected, N_("Order"))

    def align(self, how: Alignment) -> None:
        """Bring what is selected into line: with each other, and a single one with the card."""
        self._arrange(lambda boxes: aligned(boxes, how, around(boxes) if len(boxes) > 1 else self.design.card))

    def spread(self, how: Spread) -> None:
        """Make the gaps between three or more equal."""
        self._arrange(lambda boxes: spread(boxes, how))

    # --- what only the designer sees -----------------------------------------------------------------------------

    def set_locked(self, keys: Keys, locked: bool) -> None:
        """Protect elements from the mouse and from changes, or no longer."""
        after = self.design.locked | keys if locked else self.design.locked - keys
        if after != self.design.locked:
            self.do(replace(self.design, locked=after), self.selected, N_("Lock"))

    def set_hidden(self, keys: Keys, hidden: bool) -> None:
        """Leave elements out of the designer's view, or no longer; they are printed all the same."""
        after = self.design.hidden | keys if hidden else self.design.hidden - keys
        if after != self.design.hidden:
            self.do(replace(self.design, hidden=after), self.selected - keys if hidden else self.selected, N_("Hide"))

    def add_guide(self, axis: Axis) -> None:
        """Put a guide through the middle of what is selected, or of the card."""
        boxes = [e.box for key, e in self.design.elements(self.selected) if key[0] == self.side]
        middle = around(boxes) if boxes else self.design.card
        across = axis is Axis.X
        at = middle.x_mm + middle.width_mm / 2 if across else middle.y_mm + middle.height_mm / 2
        guide = Guide(self.side, axis, tidy(at))
        if guide not in self.design.guides:
            self.do(replace(self.design, guides=(*self.design.guides, guide)), self.selected, N_("Guide"))

    def clear_guides(self) -> None:
        """Take all guides of the side in use away."""
        rest = tuple(guide for guide in self.design.guides if guide.side != self.side)
        if rest != self.design.guides:
            self.do(replace(self.design, guides=rest), self.selected, N_("Guide"))

    # --- inside --------------------------------------------------------------------------------------------------

    def _added(self, element: AnyElement) -> None:
        design, key = edits.added(self.design, self.side, element)
        self.do(design, frozenset({key}), N_("Add"))

    def _pasted(self, clip: Clip, side: int, shift_mm: float, done: str) -> None:
        design, keys = edits.pasted(self.design, clip, side, shift_mm)
        boxes = {key: on_card(e.box, design.card) for key, e in design.elements(keys)}
        self.do(edits.placed(design, _drawn(design, boxes)), keys, done)

    def _arrange(self, how: Callable[[list[Box]], tuple[Box, ...]]) -> None:
        chosen = self.design.elements(self.selected - self.design.locked)
        chosen = tuple((key, e) for key, e in chosen if key[0] == self.side and not isinstance(e, MagneticTracks))
        if chosen:
            boxes = how([element.box for _, element in chosen])
            after = {key: box for (key, _), box in zip(chosen, boxes, strict=True)}
            self.do(edits.placed(self.design, after), self.selected, N_("Align"))


def _drawn(design: Design, boxes: Mapping[Key, Box]) -> dict[Key, Box]:
    """Return the boxes without those of what is never drawn and so has no place."""
    return {key: box for key, box in boxes.items() if not isinstance(design.get(key), MagneticTracks)}
