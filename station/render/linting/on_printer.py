"""This printer: its sides and panels, its dots, how near to the edge it may print, what it can't do at all."""

from __future__ import annotations

from collections.abc import Iterator

from station.domain.elements import (
    AnyElement,
    Box,
    ChipZone,
    Code,
    EscLogo,
    GhostImage,
    Image,
    Layer,
    Line,
    Logo,
    MagneticTracks,
    Photo,
    Qr,
    Shape,
    SignatureZone,
    StripeZone,
    Text,
    Zone,
)
from station.domain.errors import N_
from station.domain.lint import Level, LintFinding
from station.domain.message import Message
from station.render.linting.codes import module_mm
from station.render.linting.task import Placed, Task, finding, grown
from station.render.linting.texts import ink_box
from station.render.raster import MM_PER_INCH

_ONE_SIDED = N_("The layout has a back, and {printer} prints one side only.")
_TWO_SIDED = N_("Print on another printer, or take the back away.")
_NO_COLOUR = N_("“{element}” is in colour, and {printer} has no colours on this side.")
_MAKE_BLACK = N_("Put it on the other side, make it black resin, or use a ribbon with colours for this side.")
_NO_RESIN = N_("{printer} has no black resin on this side: colours print the black texts, which will be softer.")
_MOVE_BLACK = N_("Put small texts on the side with the black panel, or set them larger.")
_NO_UV = N_("“{element}” is meant for ultraviolet light, and {printer} has no such panel: it won't be there.")
_OTHER_RIBBON = N_("Use a ribbon with a UV panel, or take the element away.")
_OVERLAY = N_("{printer} can't be told where to leave out the clear overlay.")
_CHOOSE_THERE = N_("Choose in the printer's own settings what stays without overlay, or use a ribbon without one.")
_NO_STRIPE = N_("{printer} doesn't write magnetic stripes.")
_OTHER_WRITER = N_("Use a printer with an encoder for stripes, or take the tracks away.")
_EDGE = N_("“{element}” is {distance} mm from the card's edge; on {printer} at least {safe} mm are safe.")
_INWARD = N_("Move it inwards: cards lie a little askew, and what is at the edge may be cut.")
_OUTSIDE = N_("“{element}” reaches {distance} mm over the card's edge.")
_INSIDE = N_("Move it onto the card, or make it smaller.")
_WHITE_EDGE = N_("The ground goes to the card's edge; {printer} may leave a thin white line there.")
_RETRANSFER = N_("Leave a white margin on purpose, accept the line, or use a retransfer printer.")
_THIN = N_("The line is {size} mm wide, less than one dot of {printer} ({dot} mm).")
_THICKER = N_("Make it at least {dot} mm wide, or it comes out as wide as a dot.")
_SHORT = N_("{printer} prints {width} × {height} mm; the card is larger, and its edge stays blank.")
_KNOWN = N_("Keep away from the edge, or correct the printer's profile if it prints more.")
_SAFE = "Makers' card design guides: texts stay 2.5 to 3 mm from the edge; printers feed to about half a millimetre"
_BLACK = "Zebra, P630i user guide: black made of colours is less sharp than the black panel's"
_DIRECT = "Direct-to-card print heads avoid the edge; only retransfer covers it (makers' card design guides)"
_TOLERANCE_MM = 0.05


def sides(task: Task) -> Iterator[LintFinding]:
    """Yield that there is a back which can't be printed, and that the printer doesn't reach all of the card."""
    printer = task.printer
    if task.layout.back and not printer.duplex:
        words = Message(_ONE_SIDED, {"printer": printer.model}), Message(_TWO_SIDED)
        yield finding("printer/one-sided", Level.ERROR, words, _source(task))
    width, height = printer.width_px * MM_PER_INCH / printer.dpi_x, printer.height_px * MM_PER_INCH / printer.dpi_y
    if width < task.layout.width_mm - 0.15 or height < task.layout.height_mm - 0.15:
        params: dict[str, object] = {"printer": printer.model, "width": f"{width:.1f}", "height": f"{height:.1f}"}
        words = Message(_SHORT, params), Message(_KNOWN)
        yield finding("printer/short-of-the-edge", Level.NOTE, words, _source(task))


def panels(task: Task) -> Iterator[LintFinding]:
    """Yield elements on a panel that this printer does not have on their side."""
    printer = task.printer
    blacks: dict[int, Placed] = {}
    for placed in task.elements:
        element, layer = placed.element, placed.element.layer
        if isinstance(element, Zone | MagneticTracks):
            continue
        names: dict[str, object] = {"element": element.id, "printer": printer.model}
        if layer is Layer.COLOUR and not (printer.colour_back if placed.side else printer.colour_front):
            words = Message(_NO_COLOUR, names), Message(_MAKE_BLACK)
            yield finding("printer/no-colour", Level.ERROR, words, _source(task), placed)
        if layer is Layer.RESIN and isinstance(element, Text) and not task.resin_on(placed.side):
            blacks.setdefault(placed.side, placed)
        if layer is Layer.UV and not printer.uv:
            words = Message(_NO_UV, names), Message(_OTHER_RIBBON)
            yield finding("printer/no-uv", Level.WARNING, words, _source(task), placed)
    for first in blacks.values():  # said once a side: it is the same for every text
        words = Message(_NO_RESIN, {"printer": printer.model}), Message(_MOVE_BLACK)
        yield finding("printer/no-resin", Level.NOTE, words, _BLACK, first)


def abilities(task: Task) -> Iterator[LintFinding]:
    """Yield stripes that are not written, and places that should stay without overlay and won't."""
    printer = task.printer
    for placed in task.elements:
        element = placed.element
        name: dict[str, object] = {"printer": printer.model}
        if isinstance(element, MagneticTracks) and not printer.magnetic:
            words = Message(_NO_STRIPE, name), Message(_OTHER_WRITER)
            yield finding("printer/no-stripe", Level.ERROR, words, _source(task), placed)
        bare = element.layer is Layer.OVERLAY or isinstance(element, ChipZone | StripeZone | SignatureZone)
        if bare and not printer.overlay_holes:
            words = Message(_OVERLAY, name), Message(_CHOOSE_THERE)
            yield finding("printer/overlay", Level.NOTE, words, _source(task), placed)


def edges(task: Task) -> Iterator[LintFinding]:
    """Yield what stands over the card's edge, too near to it, or is a ground that reaches it."""
    for placed in task.elements:
        if not isinstance(placed.element, Text | Code | Photo | GhostImage | Logo | EscLogo | Image):
            continue
        distance = min((_to_edge(task, box) for box in _inks(task, placed)), default=task.printer.safe_mm)
        names: dict[str, object] = {"element": placed.element.id, "printer": task.printer.model}
        names |= {"distance": f"{abs(distance):.1f}", "safe": f"{task.printer.safe_mm:g}"}
        is_ground = isinstance(placed.element, Image | Photo) and distance <= _TOLERANCE_MM
        if distance < -_TOLERANCE_MM and not is_ground:
            words = Message(_OUTSIDE, names), Message(_INSIDE)
            yield finding("printer/off-card", Level.ERROR, words, _SAFE, placed)
        elif distance < task.printer.safe_mm - _TOLERANCE_MM and not is_ground:
            yield finding("printer/margin", Level.WARNING, (Message(_EDGE, names), Message(_INWARD)), _SAFE, placed)
    yield from _grounds(task)


def strokes(task: Task) -> Iterator[LintFinding]:
    """Yield lines that are thinner than a dot of this printer."""
    dot = MM_PER_INCH / min(task.printer.dpi_x, task.printer.dpi_y)
    for placed in task.elements:
        element = placed.element
        stroke = element.stroke_mm if isinstance(element, Line | Shape) else None
        if stroke is not None and stroke < dot - 0.005:
            params: dict[str, object] = {"size": f"{stroke:g}", "printer": task.printer.model, "dot": f"{dot:.2f}"}
            words = Message(_THIN, params), Message(_THICKER, params)
            yield finding("printer/thin-line", Level.NOTE, words, _source(task), placed)


def _grounds(task: Task) -> Iterator[LintFinding]:
    if task.printer.to_the_edge:
        return
    for placed in task.elements:
        element = placed.element
        ground = isinstance(element, Shape | Image | Photo) and not _is_white(element)
        if ground and element.layer is Layer.COLOUR and _to_edge(task, element.box) <= _TOLERANCE_MM:
            words = Message(_WHITE_EDGE, {"printer": task.printer.model}), Message(_RETRANSFER)
            yield finding("printer/white-edge", Level.NOTE, words, _DIRECT, placed)
            return  # said once: it is the same for every one of them


def _is_white(element: AnyElement) -> bool:
    return isinstance(element, Shape) and element.fill in ("white", "#ffffff") and element.fill_to is None


def _inks(task: Task, placed: Placed) -> Iterator[Box]:
    """Yield where an element's ink is, for each sample: of a code without its clear zone, of a text its letters."""
    element = placed.element
    if isinstance(element, Text):
        yield from (box for values in task.shown(placed) if (box := ink_box(task, element, values)).width_mm > 0)
    elif isinstance(element, Qr):
        yield grown(element.box, -element.quiet_modules * (module_mm(task, placed) or 0.0))
    else:
        yield element.box


def _to_edge(task: Task, box: Box) -> float:
    """Return how far a box is from the nearest edge of the card; negative when it reaches over it."""
    right, bottom = task.layout.width_mm - box.right_mm, task.layout.height_mm - box.bottom_mm
    return min(box.x_mm, box.y_mm, right, bottom)


def _source(task: Task) -> str:
    return f"The printer's profile, {task.printer.name}"
