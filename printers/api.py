"""What the author of a printer driver imports: the port, the model's profile, the errors, the driver's settings.

A driver is a factory: a callable (mostly a class) that takes a ``DriverConfig`` and returns a ``Printer``. It opens
nothing and starts no thread; a printer that is away is told by ``status`` and by the first job, never by the factory.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from station.domain.errors import (
    N_,
    Cancelled,
    InputError,
    PrinterError,
    PrinterMissingError,
    PrinterTroubleError,
    PrinterUnfitError,
    PrintJobLostError,
    ProfileError,
    StationError,
)
from station.ports.faults import FaultSource, NoFaults
from station.ports.printer import (
    Bitmap,
    CardFeeder,
    CardPlace,
    Consumables,
    Encoder,
    JobReport,
    JobState,
    Printer,
    PrinterProfile,
    PrinterReason,
    PrinterState,
    PrinterStatus,
    PrintJob,
    RenderedCard,
    RenderedSide,
)
from station.ports.tasks import Cancel, Progress

__all__ = [
    "API_VERSION",
    "N_",
    "Bitmap",
    "Cancel",
    "Cancelled",
    "CardFeeder",
    "CardPlace",
    "Consumables",
    "DriverConfig",
    "DriverFactory",
    "Encoder",
    "FaultSource",
    "InputError",
    "JobReport",
    "JobState",
    "NoFaults",
    "PrintJob",
    "PrintJobLostError",
    "Printer",
    "PrinterError",
    "PrinterMissingError",
    "PrinterProfile",
    "PrinterReason",
    "PrinterState",
    "PrinterStatus",
    "PrinterTroubleError",
    "PrinterUnfitError",
    "ProfileError",
    "Progress",
    "RenderedCard",
    "RenderedSide",
    "StationError",
    "encoders_of",
    "refuse_unknown_options",
]

API_VERSION = 1
"""Grows when a driver written for the old port would no longer work; an outsider's factory carries its own."""


def _nobody_looks(place: CardPlace, /) -> None:
    """Do nothing about a card that moved."""


@dataclass(frozen=True, slots=True)
class DriverConfig:
    """Settings of one printer.

    ``name`` is for people; ``queue`` is the system's name for the printer (empty: the same as ``name``). ``folder`` is
    where the driver keeps its job records, and proofs where it makes any. ``options`` are the driver's own, each
    driver names them; ``faults`` is listened to by simulated printers only. ``seconds_a_card`` overrides the model's.
    ``moved`` is called by simulated printers only, after a card got to the encoder or left it. ``open_jobs`` tells the
    jobs whose cards are still being made, so that a driver can forget old ones of the rest; ``None``: forget nothing.
    """

    name: str
    profile: PrinterProfile
    folder: Path
    queue: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    faults: FaultSource = field(default_factory=NoFaults)
    seconds_a_card: float | None = None
    moved: Callable[[CardPlace], None] = _nobody_looks
    open_jobs: Callable[[], Collection[str]] | None = None

    @property
    def card_time_s(self) -> float:
        """Return how long one card takes, in seconds."""
        return self.profile.seconds_a_card if self.seconds_a_card is None else self.seconds_a_card


class DriverFactory(Protocol):
    """Make a printer from its settings; an outsider's also has ``api_version``, equal to ``API_VERSION``."""

    def __call__(self, config: DriverConfig, /) -> Printer:
        """Return the printer. Raises ProfileError for options it does not know; opens nothing."""


def refuse_unknown_options(driver: str, config: DriverConfig, known: tuple[str, ...] = ()) -> None:
    """Raise ProfileError unless every option of ``config`` is one of ``known``."""
    for option in config.options:
        if option not in known:
            raise ProfileError(
                N_("The printer driver {driver} has no option {option}."),
                N_("Ask IT to correct the printer's options in the station profile. Options there are: {known}."),
                driver=driver,
                option=option,
                known=", ".join(known) or "-",
            )


def encoders_of(config: DriverConfig) -> frozenset[Encoder]:
    """Return the encoders that the option ``encoders`` names; raises ProfileError for others."""
    words = config.options.get("encoders", "").split()
    if not set(words) <= set(Encoder):
        raise ProfileError(
            N_("The printer's option {option} can't be {value}."),
            N_("Ask IT to correct it in the station profile. Words there are: {known}."),
            option="encoders",
            value=" ".join(words),
            known=" ".join(Encoder),
        )
    return frozenset(Encoder(word) for word in words)
