"""What a desk is built with besides its profile: the real devices of this computer, or the demo bench's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from platformdirs import user_data_path

from station.adapters.clock import SystemClock
from station.adapters.router.deferred import ClosableRouter
from station.domain.errors import N_, ProfileError
from station.domain.holder import Holder
from station.domain.workflow import Issuance
from station.ports.camera import Cameras
from station.ports.chip import Readers
from station.ports.clock import Clock
from station.ports.faults import FaultSource, NoFaults
from station.ports.printer import CardPlace
from station.ports.secrets import Secrets
from station.ports.workers import Workers
from station.services.desk import left_to_a_person, sits_down_alone
from station.settings import Institution, Settings


@dataclass(frozen=True)
class RouterOrder:
    """What a client of ESC-Router is made for: an institution of the profile; ``heard`` is told the router's time."""

    settings: Settings
    institution: Institution
    keys: Secrets
    heard: Callable[[datetime], None]


def nobody_looks(place: CardPlace) -> None:
    """Do nothing about a card that moved in the printer."""


def processes() -> Workers:
    """Return workers in processes of their own."""
    from station.adapters.workers import ProcessWorkers

    return ProcessWorkers()


@dataclass(frozen=True)
class Surroundings:
    """What a desk is built with besides its profile: the demo bench puts its own things here."""

    data: Path
    clock: Clock
    faults: FaultSource
    cameras: Callable[[], Cameras]
    readers: Callable[[], Readers]
    secrets: Callable[[], Secrets]
    hands: Callable[[Issuance], None] = left_to_a_person
    feeds: Callable[[Issuance], None] = left_to_a_person
    moved: Callable[[CardPlace], None] = nobody_looks
    """Told by a simulated printer after a card got to its encoder, or left it."""
    seat: Callable[[Holder], None] = sits_down_alone
    router: Callable[[RouterOrder], ClosableRouter] | None = None
    roots: tuple[bytes, ...] = ()
    """Root certificates (DER) believed besides those that the chip profile pins: the demo's own."""
    workers: Callable[[], Workers] = processes


def real_surroundings(settings: Settings) -> Surroundings:
    """Return the real devices of this computer.

    Raises:
        ProfileError: the profile asks for a simulated device outside the demo.
    """
    _refuse_simulated(settings)
    clock = SystemClock()

    # Each adapter is loaded by whoever first asks for its device: the window is there before OpenCV and pyscard are.
    def cameras() -> Cameras:
        from station.adapters.camera.opencv import OpenCvCameras

        return OpenCvCameras(clock)

    def readers() -> Readers:
        from station.adapters.reader.pcsc import PcscReaders
        from station.adapters.reader.roles import Roles

        part = settings.reader
        return PcscReaders(roles=Roles(part.pattern, part.encoder, part.operator))

    def keys() -> Secrets:
        from station.adapters.secrets.keepers import keeper_of

        return keeper_of(settings.secrets, readers)

    return Surroundings(data_folder(settings), clock, NoFaults(), cameras, readers, keys)


def data_folder(settings: Settings) -> Path:
    """Return the folder where this station keeps what it makes."""
    if settings.store.path is not None:
        return settings.store.path.parent
    # The system's own place for a user's data (XDG on Linux, AppData on Windows), where backups and IT look for it.
    return user_data_path("esc-station", appauthor=False)


def _refuse_simulated(settings: Settings) -> None:
    """Refuse a profile that mixes the demo's devices with real ones: demo data must never reach a real card."""
    parts = {
        "camera.driver": settings.camera.driver,
        "reader.driver": settings.reader.driver,
        "printer.driver": settings.printer.driver,
        **{f"more_printers.{n}.driver": part.driver for n, part in enumerate(settings.more_printers, 1)},
    }
    for place, driver in parts.items():
        if driver == "virtual" or settings.demo:
            raise ProfileError(
                N_("The station profile asks for the demo's devices at {place}."),
                N_("Start the demo with --demo; a real station uses real devices."),
                file="",
                place=place if driver == "virtual" else "demo",
            )
