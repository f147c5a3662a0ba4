"""Many cards at once: drawn, proven and written as files, by workers that may be processes of their own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from station.domain.errors import LayoutError, PortraitError, StationError
from station.domain.layout import CardFields, Layout
from station.domain.lint import LintFinding
from station.ports.printer import Bitmap, PrinterProfile, RenderedCard
from station.ports.tasks import Cancel
from station.ports.workers import Workers
from station.render.card import render_checked
from station.render.paint import Brand
from station.render.pdf import png, proof_pdf

# Enough that a layout's pictures aren't handed over for every card, and few enough to begin with soon.
_AT_A_TIME = 16
_PLAIN = Brand()


@dataclass(frozen=True, slots=True)
class CardOrder:
    """One card to be drawn: the name that its files begin with, its texts, the portrait as a picture file."""

    name: str
    fields: CardFields
    portrait: bytes | None = None


@dataclass(frozen=True, slots=True)
class BatchPlan:
    """What all cards of a batch are drawn to, and what is written of each, where.

    ``pictures`` are what the eye sees of each side, ``panels`` each of its panels, ``proof`` a PDF of the exact size,
    with or without ``marks``.
    """

    layout: Layout
    profile: PrinterProfile
    folder: Path
    brand: Brand = _PLAIN
    pictures: bool = True
    panels: bool = False
    proof: bool = False
    marks: bool = False


@dataclass(frozen=True, slots=True)
class DrawnCard:
    """What became of one order: its files and what its QR code says, or why there are none."""

    name: str
    files: tuple[Path, ...] = ()
    qr: str = ""
    tracks: tuple[str, str, str] = ("", "", "")
    findings: tuple[LintFinding, ...] = ()
    trouble: StationError | None = None


def draw_all(
    plan: BatchPlan, orders: Iterable[CardOrder], workers: Workers, *, cancel: Cancel
) -> Iterator[DrawnCard | StationError]:
    """Yield what became of each card as it is done, in any order; memory doesn't grow with their number.

    A card that can't be drawn comes with its ``trouble`` and the others go on. A StationError stands for cards that
    were lost with the process that drew them.
    """
    for _, result in workers.each(_draw_some, _portions(plan, orders), cancel=cancel):
        if isinstance(result, StationError):
            yield result
        else:
            yield from result


@dataclass(frozen=True, slots=True)
class _Portion:
    plan: BatchPlan
    orders: tuple[CardOrder, ...]


def _portions(plan: BatchPlan, orders: Iterable[CardOrder]) -> Iterator[_Portion]:
    remaining = iter(orders)
    while portion := tuple(islice(remaining, _AT_A_TIME)):
        yield _Portion(plan, portion)


def _draw_some(portion: _Portion) -> tuple[DrawnCard, ...]:
    return tuple(_draw(portion.plan, order) for order in portion.orders)


def _draw(plan: BatchPlan, order: CardOrder) -> DrawnCard:
    try:
        made = render_checked(plan.layout, order.fields, order.portrait, plan.profile, plan.brand)
    except (LayoutError, PortraitError) as error:
        return DrawnCard(order.name, trouble=error)
    files = write_card(plan, order.name, made.card)
    return DrawnCard(order.name, files, made.qr, made.card.tracks, made.findings)


def write_card(plan: BatchPlan, name: str, card: RenderedCard) -> tuple[Path, ...]:
    """Write a drawn card's files as the plan asks for them; return where they are."""
    written = []
    for side_name, side in (("front", card.front), ("back", card.back)):
        if side is None:
            continue
        pictures: dict[str, Bitmap | None] = {side_name: side.composite} if plan.pictures else {}
        if plan.panels:
            apart = {"colour": side.colour, "resin": side.resin, "overlay": side.overlay, "uv": side.uv}
            pictures |= {f"{side_name}-{panel}": bitmap for panel, bitmap in apart.items()}
        for ending, bitmap in pictures.items():
            if bitmap is not None:
                path = plan.folder / f"{name}-{ending}.png"
                path.write_bytes(png(bitmap, card.dpi_x, card.dpi_y))
                written.append(path)
    if plan.proof:
        path = plan.folder / f"{name}.pdf"
        path.write_bytes(proof_pdf(card, name, marks=plan.marks))
        written.append(path)
    return tuple(written)
