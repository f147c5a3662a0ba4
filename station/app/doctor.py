"""Look at everything a station leans on, each thing by itself, so that one that is broken hides no other."""

from __future__ import annotations

import importlib.metadata
import platform
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path

from station.app.build import open_printer_of, open_router_of, open_store_of
from station.app.surroundings import RouterOrder, Surroundings, real_surroundings
from station.domain.errors import N_, RouterError, StationError, StoreError
from station.domain.message import Message
from station.services.capture import CaptureService
from station.services.cardmaking import load_making
from station.services.clock_check import ClockCheck
from station.services.health import (
    Health,
    HealthState,
    encoder_health,
    from_error,
    printer_health,
    queue_health,
    reader_health,
    router_health,
)
from station.services.numbers import same_prefix
from station.settings import Institution, Settings

MOUNTS = Path("/proc/mounts")
LIBRARIES = {
    "window": "PySide6-Essentials",
    "pictures": "opencv-python-headless",
    "card drawing": "pillow",
    "QR reader": "zxing-cpp",
    "card readers": "pyscard",
    "network": "httpx",
    "store": "SQLAlchemy",
    "keys": "keyring",
}


def examine(settings: Settings, around: Surroundings | None = None) -> Iterator[Health]:
    """Yield how each device and dependency stands; nothing is changed, no card and no printer is moved."""
    yield _system()
    yield from _libraries()
    try:
        around = around or real_surroundings(settings)
    except StationError as error:
        yield from_error("profile", "", error)
        return
    yield _guarded("layout", settings.layout.name, lambda: _layout(settings, around))
    check = ClockCheck(around.clock)
    yield _guarded("store", "", lambda: _store(settings, around, check))
    yield from _numbers(settings, around)
    yield _guarded("camera", settings.camera.source, lambda: _camera(settings, around))
    yield _guarded("reader", settings.reader.pattern, lambda: reader_health(around.readers(), settings.reader.pattern))
    if settings.printer.one_pass:
        pattern = settings.reader.encoder
        yield _guarded("encoder", pattern, lambda: encoder_health(around.readers(), pattern))
    for number, part in enumerate(settings.printers):
        yield _guarded("printer", part.queue, partial(_printer, settings, around, number))
    yield from _stripes(settings)
    for institution in settings.institutions:
        name = _router_name(settings, institution)
        yield _guarded("router", name, partial(_router, settings, institution, around, check))
    # Last, for only now the router has answered and told its time.
    yield check.health()


def _guarded(device: str, name: str, ask: Callable[[], Health]) -> Health:
    try:
        return ask()
    except StationError as error:
        return from_error(device, name, error)


def _system() -> Health:
    version = f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {platform.platform()}"
    return Health("system", HealthState.OK, "", Message("{version}", {"version": version}))


def _libraries() -> Iterator[Health]:
    for purpose, name in LIBRARIES.items():
        try:
            version = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            missing = Message(N_("not installed"))
            yield Health("library", HealthState.BAD, name, missing, Message(N_("Install the station again.")))
        else:
            text = Message("{version} ({purpose})", {"version": version, "purpose": purpose})
            yield Health("library", HealthState.OK, name, text)


def _layout(settings: Settings, around: Surroundings) -> Health:
    from printers.profile_files import load_profile
    from station.services.layouts import LayoutChoice

    printer = load_profile(settings.printer.profile)
    with ExitStack() as closing:
        layouts = None
        with suppress(StoreError):  # what is wrong with the store is told for itself
            store = open_store_of(settings, around, alone=False)
            closing.callback(store.close)
            layouts = LayoutChoice(store.layouts, settings.layout.signers)
        making = load_making(settings, printer, around.roots, layouts)
    params: dict[str, object] = {"layout": making.layout_version, "chip": making.chip_profile.name}
    return Health("layout", HealthState.OK, "", Message(N_("{layout}, chip profile {chip}"), params))


def _camera(settings: Settings, around: Surroundings) -> Health:
    """Take one picture: only that shows that a camera works."""
    source = settings.camera.source
    cameras = around.cameras()
    frame = CaptureService(cameras, around.clock).snapshot(source, threading.Event(), settle_frames=1)
    name = next((c.name for c in cameras.list_cameras() if c.source == source), source)
    params: dict[str, object] = {"width": frame.width_px, "height": frame.height_px}
    return Health("camera", HealthState.OK, name, Message(N_("gives pictures of {width} × {height}"), params))


def _printer(settings: Settings, around: Surroundings, number: int) -> Health:
    printer = open_printer_of(settings, around, number)
    try:
        return printer_health(printer.status())
    finally:
        # Not every driver has something to close; one that has would keep the printer from the window beside.
        getattr(printer, "close", lambda: None)()


def _stripes(settings: Settings) -> Iterator[Health]:
    """Tell of queues that write stripes: CUPS shows a job's options to whoever may list this computer's programs."""
    from printers.profile_files import load_profile

    for part in settings.printers:
        if part.driver != "cups":
            continue
        with suppress(StationError):  # a profile that is wrong was told with its printer
            options = {**load_profile(part.profile).options, **part.options}
            if any("{track" in value for value in options.values()) and not _processes_hidden():
                told = Message(N_("While a card prints, others who use this computer can read what is on its stripe."))
                todo = Message(
                    N_("Have IT mount /proc with hidepid=2 where the queue is, or let nobody else log in there.")
                )
                yield Health("stripe", HealthState.WARN, part.queue, told, todo)


def _processes_hidden() -> bool:
    try:
        mounts = MOUNTS.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return False
    # The last mount counts: one that comes later lies over the ones before it.
    options = next((line.split()[3].split(",") for line in reversed(mounts) if line.split()[1] == "/proc"), [])
    return any(each in ("hidepid=2", "hidepid=invisible", "hidepid=4", "hidepid=ptraceable") for each in options)


def _store(settings: Settings, around: Surroundings, check: ClockCheck) -> Health:
    # Not the copy that this desk can go on with alone: whether the database answers is asked.
    store = open_store_of(settings, around, alone=False)
    try:
        check.look_into(store)
        queue = queue_health(store.outbox.summary(), around.clock.now())
        text = Message(N_("{count} holders; queue: {queue}"), {"count": store.holders.count(), "queue": queue.message})
        where = getattr(store, "where", "") if settings.store.url else ""  # an address, without its password
        return Health("store", queue.state, where or str(around.data), text, queue.todo)
    finally:
        store.close()


def _numbers(settings: Settings, around: Surroundings) -> Iterator[Health]:
    """Tell of another station that gives out numbers with this one's prefix, where nobody keeps them apart."""
    if not settings.store.url:
        return
    with suppress(StoreError), ExitStack() as closing:  # what is wrong with the store was told for itself
        store = open_store_of(settings, around, alone=False)
        closing.callback(store.close)
        if not store.enrolment.begun():
            prefixes = [(each.pic, each.escn_prefix) for each in settings.institutions]
            for station, prefix in same_prefix(store.issuances, settings.station.name, prefixes):
                params: dict[str, object] = {"station": station, "prefix": f"{prefix:03}"}
                yield Health("numbers", HealthState.WARN, "", Message(_SAME_PREFIX, params), Message(_SAME_PREFIX_TODO))


_SAME_PREFIX = N_("The station “{station}” gives out card numbers with the same prefix ({prefix}) as this one.")
_SAME_PREFIX_TODO = N_(
    "While the database is away, both could make the same number. Give each its own escn_prefix in its profile, or"
    " enrol the stations: then each gets a range of its own."
)


def _router_name(settings: Settings, institution: Institution) -> str:
    """Return where the router is, and of several institutions whose key is tried."""
    several = len(settings.institutions) > 1
    return f"{settings.router.url} (PIC {institution.pic})" if several else settings.router.url


def _router(settings: Settings, institution: Institution, around: Surroundings, check: ClockCheck) -> Health:
    name = _router_name(settings, institution)
    if not settings.router.enabled:
        return router_health(None, enabled=False, name=name)
    router = open_router_of(RouterOrder(settings, institution, around.secrets(), check.heard))
    try:
        router.ping()
    except RouterError as error:
        # A router that is away is no fault of this computer: cards are made, and what is to be told waits.
        return from_error("router", name, error, HealthState.WARN if error.retryable else HealthState.BAD)
    finally:
        router.close()
    return router_health(None, enabled=True, name=name)
