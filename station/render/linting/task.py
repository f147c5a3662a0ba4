"""What is looked at: a layout, for one printer, on one day, by one file of rules, with the texts of some cards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property

from station.domain.elements import AnyElement, Box, EscLogo, HologramZone, Image, Qr, templates_of
from station.domain.errors import LayoutError
from station.domain.expression_functions import Value
from station.domain.layout import CardFields, Layout, Preprinted, applies, fields_shown
from station.domain.lint import Level, LintFinding
from station.domain.message import Message
from station.ports.printer import PrinterProfile
from station.render.fonts import FontBook
from station.render.paint import Brand, Content, book_of
from station.render.raster import Raster
from station.render.rules import Rules, Scope

_ESC_FIELDS = frozenset({"qr", "escn", "esi", "esi_short"})
ESC_ARTWORK = "esc_logo"
"""How the id of a picture begins that is the European Student Card's own artwork."""


@dataclass(frozen=True, slots=True)
class Placed:
    """An element, the side that it is on (0 is the front), and how many lie below it there."""

    side: int
    order: int
    element: AnyElement


# No slots: a cached property keeps its value in the instance's own dictionary.
@dataclass(frozen=True)
class Task:
    """What every check is given. ``samples`` are the texts of cards, at least one."""

    layout: Layout
    printer: PrinterProfile
    rules: Rules
    samples: tuple[CardFields, ...]
    brand: Brand = field(default_factory=Brand)

    @cached_property
    def elements(self) -> tuple[Placed, ...]:
        """Return every element of both sides, in the order in which they are drawn."""
        return tuple(
            Placed(side, order, element)
            for side, elements in enumerate(self.layout.sides)
            for order, element in enumerate(elements)
        )

    @cached_property
    def values(self) -> tuple[Mapping[str, Value], ...]:
        """Return the texts of each sample by name."""
        return tuple(sample.values() for sample in self.samples)

    @cached_property
    def book(self) -> FontBook:
        """Return the fonts that the layout uses."""
        return book_of(self.layout.files)

    @cached_property
    def raster(self) -> Raster:
        """Return the printer's dots."""
        return Raster.of_printer(self.layout, self.printer)

    @cached_property
    def is_esc(self) -> bool:
        """Tell whether the card bears any mark of the European Student Card, and so has to be one."""
        return self.bears_logo or any(_is_esc_mark(placed.element) for placed in self.elements)

    @cached_property
    def bears_logo(self) -> bool:
        """Tell whether the blank cards have the European Student Card's logo on them already."""
        return Preprinted.ESC_LOGO in self.layout.preprinted

    def resin_on(self, side: int) -> bool:
        """Tell whether the printer has its black resin panel on a side."""
        return self.printer.resin_back if side else self.printer.resin_front

    def is_shown(self, placed: Placed, values: Mapping[str, Value]) -> bool:
        """Tell whether an element is on the card with these texts."""
        return applies(placed.element, values)

    def shown(self, placed: Placed) -> Iterator[Mapping[str, Value]]:
        """Yield the samples on which an element is there; not those for which its condition can't be computed."""
        for values in self.values:
            with suppress(LayoutError):
                if applies(placed.element, values):
                    yield values

    def content(self, values: Mapping[str, Value]) -> Content:
        """Return what goes into the layout for a card with these texts, without a portrait."""
        return Content(self.layout.name, values, None, self.brand, self.book, self.layout.files)

    def applies(self, rule: Scope) -> bool:
        """Tell whether a rule is for this card."""
        return rule.applies_to == "every" or self.is_esc

    def breach(
        self, rule: Scope, message: Message, remedy: Message, at: Placed | None = None, *, level: Level | None = None
    ) -> LintFinding:
        """Return the finding that a dated rule is broken."""
        name = f"{self.rules.name}/{rule.id}"
        return finding(name, level or rule.level, (message, remedy), rule.source, at)


def finding(
    rule: str, level: Level, words: tuple[Message, Message], source: str, at: Placed | None = None
) -> LintFinding:
    """Return a finding; ``words`` are what is wrong, and what to do about it."""
    message, remedy = words
    if at is None:
        return LintFinding(rule=rule, level=level, message=message, remedy=remedy, source=source)
    return LintFinding(
        rule=rule,
        level=level,
        message=message,
        remedy=remedy,
        source=source,
        side=at.side,
        element=at.element.id,
        box=at.element.box,
    )


def text_of(values: Mapping[str, Value], name: str) -> str:
    """Return a field that is a text; empty where it is none."""
    value = values.get(name)
    return value if isinstance(value, str) else ""


def is_logo(element: AnyElement) -> bool:
    """Tell whether an element is the European Student Card's logo: our own kind of it, or its artwork as a picture."""
    return isinstance(element, EscLogo) or (isinstance(element, Image) and element.id.startswith(ESC_ARTWORK))


def is_esc_qr(element: AnyElement) -> bool:
    """Tell whether an element is the European Student Card's QR code, not one of the institution's own."""
    return isinstance(element, Qr) and bool(fields_shown(element) & {"qr", "escn"})


def _is_esc_mark(element: AnyElement) -> bool:
    if is_logo(element) or isinstance(element, HologramZone):
        return True
    return bool(templates_of(element)) and bool(fields_shown(element) & _ESC_FIELDS)


def grown(box: Box, by_mm: float) -> Box:
    """Return a box that reaches further on every side."""
    return Box(box.x_mm - by_mm, box.y_mm - by_mm, box.width_mm + 2 * by_mm, box.height_mm + 2 * by_mm)
