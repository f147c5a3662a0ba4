"""Build a desk from a station profile, and take it down again in reverse order."""

from __future__ import annotations

import hashlib
import secrets as randomness
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from platformdirs import user_data_path

from printers.api import DriverConfig
from printers.profile_files import load_profile
from printers.registry import list_drivers, open_printer
from station.adapters.clock import SystemClock
from station.adapters.printer_lock import FolderLock, NoLock
from station.adapters.router.address import RouterAddress, check_address
from station.adapters.router.crew import ThreadCrew
from station.adapters.router.deferred import ClosableRouter, DeferredRouter
from station.adapters.router.institutions import InstitutionRouters
from station.domain.errors import N_, ProfileError, StoreReadOnlyError
from station.domain.holder import Holder
from station.domain.workflow import Issuance
from station.ports.camera import Cameras
from station.ports.chip import Readers
from station.ports.clock import Clock
from station.ports.faults import FaultSource, NoFaults
from station.ports.printer import CardPlace, Encoder, Printer
from station.ports.printer_lock import PrinterLock
from station.ports.router import Router
from station.ports.secrets import Secrets
from station.ports.store import Store
from station.ports.workers import Workers
from station.services.capture import CaptureService
from station.services.card_watch import CardWatch
from station.services.clock_check import ClockCheck
from station.services.desk import Desk, Devices, RouterLink, left_to_a_person, nobody_listens, sits_down_alone
from station.services.encoding import EncodingService
from station.services.issuance import IssuanceService
from station.services.journal import Journal, Who
from station.services.numbers import EscnIssuer
from station.services.one_pass import EncoderPlace, OnePassService
from station.services.outbox_worker import OutboxWorker, WorkerOptions
from station.services.print_care import CorrectedPrinter, correction_of
from station.services.printing import PrintingService
from station.services.recovery import RecoveryService
from station.services.verification import VerificationService
from station.settings import Institution, Settings

if TYPE_CHECKING:
    from station.adapters.register.csv import CsvRegister
    from station.adapters.router.http import HttpRouter
    from station.adapters.store import SqlStore
    from station.services.cardmaking import CardMaking
    from station.services.layouts import LayoutService


_ENCODER_WAIT_S = 10.0


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
    return user_data_path("esc-station", appauthor=False)


@contextmanager
def open_desk(settings: Settings, surroundings: Surroundings | None = None) -> Iterator[Desk]:
    """Open everything that a desk needs; doubts about cards are raised before anything else can happen.

    Raises:
        StationError: the profile, the store or a driver can't be used; what was opened is closed again.
    """
    around = surroundings or real_surroundings(settings)
    with ExitStack() as closing:
        store = open_store_of(settings, around)
        closing.callback(store.close)
        # The store first: a second station, which is locked out of it, must not touch the printer's jobs.
        printer = _corrected(open_printer_of(settings, around), store)
        devices = Devices(around.cameras(), around.readers(), printer, around.secrets())
        # Whoever keeps keys in a token is logged in there; the keyring has nothing to close.
        closing.callback(getattr(devices.secrets, "close", nobody_listens))
        check = ClockCheck(around.clock)
        routers = _routers(settings, around, devices.secrets, check)
        # After the store, so closed before it: an answer on its way can still be recorded.
        closing.callback(routers.close)
        desk = _wire(settings, around, store, devices, routers, check=check)
        # Before anybody can begin: a card whose fate is open must not be taken for one that only waits.
        desk.recovery.raise_doubts()
        yield desk


def _wire(  # noqa: PLR0913 - what a desk is made of
    settings: Settings, around: Surroundings, store: Store, devices: Devices, router: Router, *, check: ClockCheck
) -> Desk:
    journal = Journal(store, around.clock, Who(settings.station.operator, settings.station.name))
    reader = {
        "pattern": settings.reader.pattern,
        "wait_s": settings.reader.wait_s,
        "qr_address": settings.card.qr_address,
    }
    encoding = EncodingService(journal, devices.readers, devices.secrets, **reader)  # type: ignore[arg-type]
    verification = VerificationService(journal, devices.readers, devices.secrets, **reader)  # type: ignore[arg-type]
    link = RouterLink()
    numbers = {
        # One an institution: numbers are unique by prefix and PIC together.
        i.key: EscnIssuer(store.escns, around.clock, prefix=i.escn_prefix, pic=i.pic, random_bits=randomness.randbits)
        for i in settings.institutions
    }

    # The two need each other; the worker is made below and looked up when the first card is finished.
    def finished() -> None:
        outbox.wake()

    def making(layouts: LayoutService) -> CardMaking:
        from station.services.cardmaking import load_making

        return load_making(settings, devices.printer.profile, around.roots, layouts)

    issuances = IssuanceService(journal, settings, numbers, finished)
    outbox = OutboxWorker(
        store,
        router,
        around.clock,
        WorkerOptions(
            policy=issuances.policy,
            answered=lambda error: link.answered(error, around.clock.now()),
            crew=lambda: ThreadCrew(settings.router.at_once_max),
            in_flight_max=settings.router.at_once_max,
        ),
    )
    printing = PrintingService(journal, devices.printer, _lock_of(settings, around, devices.printer))
    one_pass = None
    if settings.printer.one_pass:
        place = _encoder_place(settings, journal, devices)
        one_pass = OnePassService(journal, printing, place, begin_again=issuances.begin_again, feeds=around.feeds)
    return Desk(
        settings=settings,
        store=store,
        clock=around.clock,
        devices=devices,
        journal=journal,
        issuances=issuances,
        load_making=making,
        make_workers=around.workers,
        capture=CaptureService(devices.cameras, around.clock),
        encoding=encoding,
        printing=printing,
        verification=verification,
        recovery=RecoveryService(journal, verification, devices.printer, shared=settings.store.url is not None),
        router=router,
        outbox=outbox,
        clock_check=check,
        card_watch=CardWatch(devices.readers, store, pattern=settings.reader.pattern),
        hands=around.hands,
        seat=around.seat,
        one_pass=one_pass,
        link=link,
        data=around.data,
    )


def _encoder_place(settings: Settings, journal: Journal, devices: Devices) -> EncoderPlace:
    feeder = devices.printer.feeder
    assert feeder is not None  # noqa: S101 - for the type checker; it was looked for when the printer was opened
    # The printer has brought the card: who waits longer than a reader needs to see it waits for nothing.
    wait_s = min(settings.reader.wait_s, _ENCODER_WAIT_S)
    pattern, address = settings.reader.encoder, settings.card.qr_address
    reader = {"pattern": pattern, "wait_s": wait_s, "qr_address": address}
    encoding = EncodingService(journal, devices.readers, devices.secrets, **reader)  # type: ignore[arg-type]
    verification = VerificationService(journal, devices.readers, devices.secrets, **reader)  # type: ignore[arg-type]
    return EncoderPlace(feeder, devices.readers, pattern, wait_s, encoding, verification)


def key_name(settings: Settings, institution: Institution | None = None) -> str:
    """Return the name under which the router's key is kept, of the station's own institution when none is named.

    It is bound to the host, so that no other host ever gets it, and to the PIC, as the router binds it.
    """
    return f"esc-router:{urlsplit(settings.router.url).netloc}:{(institution or settings.institution).pic}"


def driver_names() -> tuple[str, ...]:
    """Return the printer drivers that there are."""
    return list_drivers()


def _refuse_simulated(settings: Settings) -> None:
    """Refuse a profile that mixes the demo's devices with real ones: demo data must never reach a real card."""
    parts = {
        "camera.driver": settings.camera.driver,
        "reader.driver": settings.reader.driver,
        "printer.driver": settings.printer.driver,
    }
    for place, driver in parts.items():
        if driver == "virtual" or settings.demo:
            raise ProfileError(
                N_("The station profile asks for the demo's devices at {place}."),
                N_("Start the demo with --demo; a real station uses real devices."),
                file="",
                place=place if driver == "virtual" else "demo",
            )


def open_store_of(settings: Settings, around: Surroundings) -> Store:
    """Open the store of a profile; raises StoreError."""
    from station.adapters.store import open_store

    try:
        around.data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreReadOnlyError(file=around.data) from error
    where: str | Path = settings.store.url or settings.store.path or around.data / "station.db"
    store = open_store(where, station=settings.station.name)
    _keep_what_the_profile_declares(settings, store)
    return store


def _keep_what_the_profile_declares(settings: Settings, store: SqlStore) -> None:
    """Write institutions and card types that differ from what is kept; mostly nothing, for a write waits for a disk."""
    from station.adapters.store import CardTypeRecord, InstitutionRecord

    columns = {each.name for each in fields(InstitutionRecord)}
    named = [InstitutionRecord(**i.model_dump(include=columns)) for i in settings.institutions]
    if changed := set(named).difference(store.institutions()):
        store.keep_institutions(sorted(changed, key=lambda record: record.key))
    card, rules = settings.card, settings.card.model_dump(mode="json", include={"expiry", "expiry_years"})
    layouts = {
        **{part.scheme: part.file.stem if part.file else part.layout for part in reversed(settings.card_types)},
        card.scheme: settings.layout.file.stem if settings.layout.file else settings.layout.name,
    }
    types = [
        CardTypeRecord(i.key, scheme, layout, settings.chip.profile, rules)
        for i in settings.institutions
        for scheme, layout in layouts.items()
    ]
    kept = store.card_types()
    if new := [record for record in types if record not in kept]:
        store.keep_card_types(new)


def open_printer_of(settings: Settings, around: Surroundings) -> Printer:
    """Return the printer of a profile; raises ProfileError, PrinterMissingError for a driver that can't be loaded."""
    part = settings.printer
    if part.driver == "cups" and not part.queue:
        raise ProfileError(
            N_("The station profile does not say which printer queue to use."),
            N_("Write its name under [printer] as queue; lpstat -e lists the queues of this computer."),
            file="",
            place="printer.queue",
        )
    profile = load_profile(part.profile)
    config = DriverConfig(
        name=part.queue or profile.model,
        profile=profile,
        folder=part.folder or around.data / "printer",
        queue=part.queue,
        options=part.options,
        faults=around.faults,
        seconds_a_card=part.seconds_a_card,
        moved=around.moved,
    )
    printer = open_printer(part.driver, config)
    if part.one_pass and (printer.feeder is None or Encoder.CONTACTLESS not in printer.feeder.encoders):
        raise ProfileError(
            N_("The station profile asks the printer {device} to write chips, but it has no contactless encoder."),
            N_("Choose another driver, or leave one_pass away: then chips are written on the desk's reader."),
            file="",
            place="printer.one_pass",
            device=config.name,
        )
    if printer.feeder is not None:
        around.moved(printer.feeder.place())
    return printer


def _corrected(printer: Printer, store: Store) -> CorrectedPrinter:
    """Return the printer behind what it was calibrated to; asked for each card, so that it holds from the next one."""
    return CorrectedPrinter(printer, lambda: correction_of(store.printer_care, printer.name))


def _lock_of(settings: Settings, around: Surroundings, printer: Printer) -> PrinterLock:
    """Return what keeps other stations of this computer from the printer while a card is on its way through it."""
    part = settings.printer
    if printer.feeder is None:
        return NoLock()
    if not part.queue:
        return FolderLock(printer.name, part.folder or around.data / "printer")
    # By the queue's name, for each station has a folder of its own.
    name = hashlib.sha256(f"{part.driver}:{part.queue}".encode()).hexdigest()[:16]
    return FolderLock(printer.name, Path(tempfile.gettempdir()) / "esc-station-printers" / name)


def open_router_of(order: RouterOrder) -> HttpRouter:
    """Return ESC-Router as the profile says where, with the key of one institution; nothing is sent yet."""
    from station.adapters.router.http import HttpRouter

    part, institution = order.settings.router, order.institution
    address = RouterAddress(part.url, part.ca_file, part.proxy, part.timeout_s)
    name = key_name(order.settings, institution)
    return HttpRouter(
        address,
        pic=institution.pic,
        institution=institution.name_en or institution.name,
        key=lambda: order.keys.get(name),
        heard=order.heard,
    )


def _routers(settings: Settings, around: Surroundings, keys: Secrets, check: ClockCheck) -> InstitutionRouters:
    """Return the router, to be made when it is first needed; what IT has to correct is said now."""
    check_address(settings.router.url)
    make = around.router or open_router_of

    def deferred(institution: Institution) -> DeferredRouter:
        return DeferredRouter(lambda: make(RouterOrder(settings, institution, keys, check.heard)))

    by_pic = {institution.pic: deferred(institution) for institution in settings.institutions}
    if settings.router.ca_file or settings.router.proxy:
        by_pic[settings.institution.pic].ready()  # only the client itself can tell whether these two are right
    return InstitutionRouters(by_pic)


def open_register(
    settings: Settings, file: Path, institution: str | None = None, source: str | None = None
) -> CsvRegister:
    """Return a register file of an institution of the profile, the first one when none is named.

    ``source`` is what the register is called, whatever this file of it is: who was in it and is no longer there is
    told by this name. Without one it is the profile's, and else the file's own.
    """
    from station.adapters.register.csv import CsvRegister

    issuer = settings.institution if institution is None else settings.institution_of(institution)
    return CsvRegister(file, issuer, source=source or settings.register_.name)
