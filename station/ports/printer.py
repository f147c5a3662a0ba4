"""Card printers: state, one job a card, and what is known of the job afterwards."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from station.ports.tasks import Cancel, Progress


class PrinterState(StrEnum):
    """How the printer stands as a whole."""

    READY = "ready"
    PRINTING = "printing"
    TROUBLE = "trouble"
    PAUSED = "paused"
    OFFLINE = "offline"
    MISSING = "missing"


class PrinterReason(StrEnum):
    """What a printer needs, by the keywords of RFC 8011 without their severity."""

    MEDIA_EMPTY = "media-empty"
    MEDIA_JAM = "media-jam"
    COVER_OPEN = "cover-open"
    RIBBON_EMPTY = "marker-supply-empty"
    RIBBON_LOW = "marker-supply-low"
    OUTPUT_FULL = "output-area-full"
    PAUSED = "paused"
    OFFLINE = "offline"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class PrinterStatus:
    """State, reasons (worst first), and the ribbon's level in per cent when the printer tells it."""

    name: str
    state: PrinterState
    reasons: tuple[PrinterReason, ...] = ()
    ribbon_percent: int | None = None
    model: str = ""
    detail: str = ""


class JobState(StrEnum):
    """What is known of a job. ``done`` from a spooler is not yet a card: see ``JobReport.card_confirmed``."""

    QUEUED = "queued"
    PRINTING = "printing"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class JobReport:
    """A job's state. ``card_confirmed`` is true only when the printer itself knows that the card came out.

    ``untouched`` is true only when it is certain that nothing came onto the plastic: the same card can be printed.
    When both are false nobody knows, and a person has to look. ``proof`` is a path to what the virtual and PDF
    printers made, empty otherwise.
    """

    job: str
    state: JobState
    card_confirmed: bool = False
    reasons: tuple[PrinterReason, ...] = ()
    proof: str = ""
    detail: str = ""
    untouched: bool = False


@dataclass(frozen=True, slots=True)
class Bitmap:
    """A raster: ``mode`` is ``RGB`` (3 bytes a pixel) or ``1`` (packed bits, rows padded to bytes, 1 = ink)."""

    mode: str
    width_px: int
    height_px: int
    data: bytes


@dataclass(frozen=True, slots=True)
class RenderedSide:
    """One side at the printer's raster: the colour panels, the resin panel apart, and both as the eye sees them.

    ``overlay`` has a bit set where the clear overlay is left out, ``uv`` where the fluorescent panel prints; both are
    of mode ``1``, and ``None`` where the layout asks for neither.
    """

    colour: Bitmap
    resin: Bitmap
    composite: Bitmap
    overlay: Bitmap | None = None
    uv: Bitmap | None = None


@dataclass(frozen=True, slots=True)
class RenderedCard:
    """Both sides, ready for one printer profile; ``back`` is ``None`` for a one-sided card.

    ``tracks`` are the contents of the magnetic stripe's three tracks without sentinels, empty where nothing is to be
    written there.
    """

    front: RenderedSide
    back: RenderedSide | None
    dpi_x: int
    dpi_y: int
    width_mm: float
    height_mm: float
    tracks: tuple[str, str, str] = ("", "", "")


@dataclass(frozen=True, slots=True)
class PrinterProfile:
    """A printer model as data: raster, edges, panels. Lengths in millimetres, raster in pixels.

    ``resin_…`` and ``colour_…`` tell which side the usual ribbon has its black and its colour panels for, ``uv`` whether
    it has one that is seen in ultraviolet light, and ``overlay_holes`` whether the clear overlay can be left out where
    a card says so. ``to_the_edge`` is true of retransfer, whose film covers the whole card; direct printing leaves a
    thin white edge. ``magnetic`` tells whether it writes stripes. ``dye_gamma`` is how the colours' dyes answer to
    a level (dye = level to this power), where it was measured.
    """

    name: str
    model: str
    width_px: int
    height_px: int
    dpi_x: int = 300
    dpi_y: int = 300
    bleed_mm: float = 0.0
    safe_mm: float = 3.0
    duplex: bool = True
    resin_front: bool = True
    resin_back: bool = True
    colour_front: bool = True
    colour_back: bool = True
    uv: bool = False
    overlay_holes: bool = False
    magnetic: bool = False
    to_the_edge: bool = False
    dye_gamma: float | None = None
    rotate_back: bool = False
    seconds_a_card: float = 24.0
    options: dict[str, str] = field(default_factory=dict)
    source: str = ""


@dataclass(frozen=True, slots=True)
class PrintJob:
    """One card to print. ``job`` is our own unique name for it, and the only title that the spooler sees."""

    job: str
    card: RenderedCard


class Printer(Protocol):
    """One printer. Every call happens on the ``printer`` lane, except ``status``, which any thread may call."""

    @property
    def name(self) -> str:
        """Return the printer's name for people."""

    @property
    def profile(self) -> PrinterProfile:
        """Return what is known of the model."""

    def status(self) -> PrinterStatus:
        """Return how it stands now; never raises for a printer that is away (``MISSING`` or ``OFFLINE``)."""

    def print_card(self, job: PrintJob, *, cancel: Cancel, progress: Progress) -> JobReport:
        """Print one card, wait for its end, report. Give the job to the spooler at most once.

        Raises:
            PrinterMissingError: not there; the job was not given away.
            PrinterTroubleError: it needs a person (the job waits at the printer and goes on by itself after the
                remedy: call ``wait_job``); PrintJobLostError: nobody knows; Cancelled: stopped, nothing printed.
        """

    def job_report(self, job: str) -> JobReport:
        """Return what is known of a job by our own name for it, also after a restart; ``UNKNOWN`` when nothing is."""

    def wait_job(self, job: str, *, cancel: Cancel, progress: Progress) -> JobReport:
        """Wait for a job that was given away before; raises as ``print_card``.

        A trouble is raised once: called again while it lasts, this waits for its end, or raises when it is another.
        """

    def cancel_job(self, job: str) -> None:
        """Take a job back as far as possible; unknown jobs are no error."""
