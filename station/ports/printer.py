"""Card printers: state, one job a card, and what is known of the job afterwards."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from station.domain.errors import PrinterUnfitError
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
    """What a printer needs, by the keywords of RFC 8011 without their severity, or ours where it has none.

    ``MEDIA_LOW``, ``RIBBON_LOW`` and ``CLEANING_DUE`` stop nothing yet. ``CARD_INSIDE``: a card is in the printer that
    no job asked for. ``DRIVER_MISSING``: the queue is there, and the maker's filter for it isn't. ``SERVICE_AWAY``: the
    computer's print service doesn't answer, and nothing is wrong with the printer. ``UNTRUSTED``: what answers in its
    place has a certificate that nobody here knows.
    """

    MEDIA_EMPTY = "media-empty"
    MEDIA_LOW = "media-low"
    MEDIA_JAM = "media-jam"
    COVER_OPEN = "cover-open"
    RIBBON_EMPTY = "marker-supply-empty"
    RIBBON_LOW = "marker-supply-low"
    RIBBON_WRONG = "ribbon-wrong"
    OUTPUT_FULL = "output-area-full"
    CARD_INSIDE = "card-inside"
    CLEANING_DUE = "cleaning-due"
    SPOOL_FULL = "spool-area-full"
    DRIVER_MISSING = "driver-missing"
    SERVICE_AWAY = "service-away"
    UNTRUSTED = "untrusted"
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


@dataclass(frozen=True, slots=True)
class Consumables:
    """What a printer says of its ribbon, its feeder and its care; ``None`` (or empty) is what it doesn't tell.

    ``ribbon`` is the kind in its maker's words (``YMCKO``); ``ribbon_cards`` how many more cards it is good for;
    ``feeder_cards`` the blanks in the feeder; ``cards_printed`` in its life; ``cards_to_cleaning`` until it asks.
    """

    ribbon: str = ""
    ribbon_percent: int | None = None
    ribbon_cards: int | None = None
    feeder_cards: int | None = None
    cleaning_due: bool | None = None
    cards_to_cleaning: int | None = None
    cards_printed: int | None = None
    serial: str = ""


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

    ``resin_…`` and ``colour_…`` tell which side the usual ribbon has its black and its colour panels for; ``uv``
    whether it has one that is seen in ultraviolet light, and ``overlay_holes`` whether the clear overlay can be left
    out where a card says so. ``to_the_edge`` is true of retransfer, whose film covers the whole card; direct printing
    leaves a thin white edge. ``magnetic`` tells whether it writes stripes. ``dye_gamma`` is how the colours' dyes
    answer to a level (dye = level to this power), where it was measured. ``inferred`` names the figures that nobody has
    stated or measured for this model: they are those of its kin.
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
    inferred: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PrintJob:
    """One card to print. ``job`` is our own unique name for it, and the only title that the spooler sees."""

    job: str
    card: RenderedCard


class Encoder(StrEnum):
    """Where in a printer a chip can be written."""

    CONTACTLESS = "contactless"
    CONTACT = "contact"


class CardPlace(StrEnum):
    """Where the one card is that a printer has taken from its feeder."""

    NONE = "none"
    CONTACTLESS = "contactless"
    CONTACT = "contact"
    INSIDE = "inside"
    UNKNOWN = "unknown"


class CardFeeder(Protocol):
    """A printer's own way for a card: from the feeder to the encoder, then printed, ejected or rejected.

    Every call happens on the ``printer`` lane, except ``place``, which any thread may call. From ``load`` until the
    card has left, the printer is locked: nobody else's card is printed. ``Printer.print_card`` prints the card that is
    inside, and draws no other.
    """

    @property
    def encoders(self) -> frozenset[Encoder]:
        """Return the encoders that this printer has."""

    @property
    def reader(self) -> str:
        """Return part of the PC/SC name of the reader at the encoder; empty when the profile has to say it."""

    def load(self, encoder: Encoder, *, cancel: Cancel) -> None:
        """Move the card inside to ``encoder``; with none inside take the next blank from the feeder, and lock.

        Raises:
            PrinterMissingError: not there, locked by another, or it has no such encoder; nothing has moved.
            PrinterTroubleError: it needs a person; ``place`` says whether a card is inside. Call it again after.
            Cancelled: stopped; nothing has moved.
        """

    def place(self) -> CardPlace:
        """Return where the card is, asked of the printer; never raises (``UNKNOWN``)."""

    def eject(self) -> None:
        """Put the card inside out where finished cards go, unprinted, and unlock; without one only unlock.

        Raises:
            PrinterTroubleError: it can't; the card is still inside. PrinterMissingError: not there.
        """

    def reject(self) -> None:
        """Put the card inside where spoiled ones go (or out, where there is no such place) and unlock, as ``eject``."""


class Printer(Protocol):
    """One printer. Every call happens on the ``printer`` lane; what only asks may be called on any thread."""

    @property
    def name(self) -> str:
        """Return the printer's name for people."""

    @property
    def profile(self) -> PrinterProfile:
        """Return what is known of the model."""

    def status(self) -> PrinterStatus:
        """Return how it stands now; never raises for a printer that is away (``MISSING`` or ``OFFLINE``)."""

    def consumables(self) -> Consumables:
        """Return what it says of ribbon, feeder and care; nothing when it is away. Never raises; any thread may ask."""

    @property
    def feeder(self) -> CardFeeder | None:
        """Return the way to its in-line encoder; ``None`` for a printer without one, or whose driver can't move it."""

    def unfit(self, card: RenderedCard) -> PrinterUnfitError | None:
        """Return the one message about what of ``card`` this printer can't put on it; ``None`` when it can it all.

        Ask before a blank is encoded. ``print_card`` raises it, too, before anything is given away.
        """

    def print_card(self, job: PrintJob, *, cancel: Cancel, progress: Progress) -> JobReport:
        """Print one card, wait for its end, report. Give the job to the spooler at most once.

        Raises:
            PrinterMissingError: not there; the job was not given away. PrinterUnfitError: it can't make this card.
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
