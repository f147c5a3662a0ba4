"""The demo bench: a desk whose every device is simulated, and a sandbox in the place of ESC-Router.

It is its own small world: its profile cannot be edited, its keys open nothing, and its router is on this computer, so
demo data can never reach a real router or a real card.
"""

from __future__ import annotations

import threading
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from station.adapters.camera.virtual import VirtualCameras
from station.adapters.clock import VirtualClock
from station.adapters.router.deferred import ClosableRouter
from station.adapters.secrets.demo_signer import demo_root
from station.adapters.secrets.virtual import VirtualSecrets
from station.app.build import key_name, open_desk, open_register, open_router_of
from station.app.demo_profile import DEMO_KEY, NOWHERE, demo_settings, fault_dial
from station.app.doctor import examine
from station.app.surroundings import RouterOrder, Surroundings
from station.app.tray import CardTray
from station.domain.errors import N_, ProfileError, RouterUnreachableError, StationError
from station.domain.router_place import is_local
from station.sandbox.faults import FaultDial
from station.sandbox.process import SandboxProcess
from station.sandbox.router.config import SandboxConfig, SandboxError
from station.services.desk import Desk
from station.services.enrolment import token_name
from station.services.health import Health
from station.settings import Settings

_DEMO_TOKEN = b"the station of the demo bench"


@dataclass(frozen=True)
class DemoBench:
    """A desk on the demo bench, with what a person would do there by hand: cards on the reader, faults."""

    desk: Desk
    dial: FaultDial
    tray: CardTray
    cameras: VirtualCameras
    folder: Path


@contextmanager
def open_demo(folder: Path, *, offline: bool = False, one_pass: bool = False) -> Iterator[DemoBench]:
    """Open the demo bench with its data in ``folder``; the register is imported the first time.

    ``offline`` leaves the sandbox away, as if the network were gone; ``one_pass`` gives the printer an encoder.
    """
    folder.mkdir(parents=True, exist_ok=True)
    dial = fault_dial(folder)
    with ExitStack() as closing:
        settings = demo_settings(folder, NOWHERE, one_pass=one_pass)
        _need_local(settings)
        router = None if offline else closing.enter_context(_SandboxOnDemand(folder)).router
        tray = CardTray(folder / "cards-in-hand", dial, encoder=one_pass)
        cameras = VirtualCameras(VirtualClock(dial), dial)
        around = replace(_surroundings(folder, settings, tray, cameras), router=router)
        desk = closing.enter_context(open_desk(settings, around))
        _first_import(desk, settings)
        yield DemoBench(desk, dial, tray, cameras, folder)


def examine_demo(folder: Path) -> Iterator[Health]:
    """Yield how the demo bench stands; its sandbox runs while it is asked."""
    dial = fault_dial(folder)
    with _sandbox(folder) as sandbox:
        settings = demo_settings(folder, sandbox.address)
        tray, cameras = CardTray(folder / "cards-in-hand", dial), VirtualCameras(VirtualClock(dial), dial)
        yield from examine(settings, _surroundings(folder, settings, tray, cameras))


def _surroundings(folder: Path, settings: Settings, tray: CardTray, cameras: VirtualCameras) -> Surroundings:
    dial = fault_dial(folder)
    keys = VirtualSecrets(demo=settings.demo)
    keys.set(key_name(settings), DEMO_KEY.encode())
    # Its keys are forgotten when it ends; the demo's station is the same one when it begins again.
    keys.set(token_name(settings), _DEMO_TOKEN)
    return Surroundings(
        data=folder,
        clock=VirtualClock(dial),
        faults=dial,
        cameras=lambda: cameras,
        readers=lambda: tray.readers,
        secrets=lambda: keys,
        hands=tray.hand,
        feeds=tray.lay_in_feeder,
        moved=tray.moved,
        # A checksum and not hash(): the same student has the same face after a restart.
        seat=lambda holder: cameras.seat(zlib.crc32(holder.student_number.encode())),
        roots=(demo_root(),),
    )


def serve_sandbox(
    database: Path, keys: Mapping[str, str], port: int, faults: Path, ready: Callable[[str], None]
) -> None:
    """Serve the ESC-Router sandbox until interrupted; raises SandboxError when the port is taken."""
    from station.sandbox.router.server import run_sandbox

    database.parent.mkdir(parents=True, exist_ok=True)
    run_sandbox(SandboxConfig(database, keys, port=port), FaultDial(faults), ready)


def _sandbox(folder: Path) -> SandboxProcess:
    institution = demo_settings(folder, NOWHERE).institution
    config = SandboxConfig(folder / "router.db", {DEMO_KEY: institution.pic}, {institution.pic: institution.name_en})
    return SandboxProcess(config, folder / "faults.json")


class _SandboxOnDemand:
    """A sandbox that is started by who needs the router first, away from the window; most verbs never do."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._sandbox = folder, _sandbox(folder)
        self._one_at_a_time, self._closed = threading.Lock(), False

    def router(self, order: RouterOrder) -> ClosableRouter:
        """Return the router that the sandbox plays; raises RouterUnreachableError when it does not start."""
        try:
            there = demo_settings(self._folder, self._running())
        except StationError as error:
            raise RouterUnreachableError(detail=type(error).__name__) from error
        _need_local(there)
        # Keys are kept by the router's host, and only now it is known which port this one has.
        order.keys.set(key_name(there), DEMO_KEY.encode())
        return open_router_of(replace(order, settings=there))

    def _running(self) -> str:
        with self._one_at_a_time:
            if self._closed:
                raise SandboxError(detail="closed")
            return self._sandbox.address if self._sandbox.running else self._sandbox.start()

    def __enter__(self) -> _SandboxOnDemand:
        return self

    def __exit__(self, *_error: object) -> None:
        # A process that is still starting could not be stopped yet, and would outlive us.
        with self._one_at_a_time:
            self._closed = True
            self._sandbox.stop()


def _first_import(desk: Desk, settings: Settings) -> None:
    holders = desk.store.holders
    # Only into an empty store: what was imported or changed since is the visitor's own.
    if holders.count() == 0 and settings.register.file is not None:
        register = open_register(settings, settings.register.file)
        holders.apply_import(holders.plan_import(register.rows(), register.name), register.name, desk.clock.now())


def _need_local(settings: Settings) -> None:
    if not is_local(settings.router.url):
        raise ProfileError(
            N_("The demo may only talk to this computer, not to {url}."),
            N_("Nothing was sent. Install the station again."),
            url=settings.router.url,
        )
