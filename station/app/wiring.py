"""Wire a desk: every service with the devices, the store and the journal that it works on."""

from __future__ import annotations

import hashlib
import secrets as randomness
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from station.adapters.printer_lock import ClaimedLock, FolderLock, NoLock
from station.adapters.router.crew import ThreadCrew
from station.adapters.router.overheard import overheard
from station.app.sharing import Sharing, alone
from station.app.standing_by import standby_of
from station.app.surroundings import Surroundings
from station.domain.errors import RouterError
from station.ports.clock import Clock
from station.ports.printer import Printer
from station.ports.printer_lock import PrinterLock
from station.ports.router import Router
from station.ports.store import Store
from station.services.capture import CaptureService
from station.services.card_watch import CardWatch
from station.services.clock_check import ClockCheck
from station.services.desk import Desk, Devices, RouterLink
from station.services.encoding import EncodingService
from station.services.enrolment import Enrolment
from station.services.issuance import IssuanceService
from station.services.journal import Journal, Who
from station.services.numbers import EscnIssuer
from station.services.one_pass import EncoderPlace, OnePassService
from station.services.outbox_worker import OutboxWorker, WorkerOptions
from station.services.printer_pool import PooledPrinting, PrinterPool
from station.services.printer_ranking import PoolMember
from station.services.printing import PrintingService
from station.services.recovery import RecoveryService
from station.services.rights import AllRights, Rights
from station.services.verification import VerificationService
from station.settings import PrinterPart, Settings

if TYPE_CHECKING:
    from station.services.cardmaking import CardMaking
    from station.services.courier import Courier
    from station.services.layouts import LayoutService

_ENCODER_WAIT_S = 10.0
# With so many a router is content that asks nobody to slow down.
_COURIERS = 8


@dataclass(frozen=True)
class Admission:
    """That this station may work with its store: what it may do, who enrols others, and how it shares the store."""

    enrolment: Enrolment | None = None
    rights: Rights = field(default_factory=AllRights)
    sharing: Sharing = field(default_factory=alone)


def wire(  # noqa: PLR0913 - what a desk is made of
    settings: Settings,
    around: Surroundings,
    store: Store,
    devices: Devices,
    router: Router,
    *,
    check: ClockCheck,
    admission: Admission = Admission(),
) -> Desk:
    """Return the desk made of its services; opens nothing."""
    who = Who(settings.station.operator, settings.station.name)
    claims = admission.sharing.claims
    # One journal for all services: its lock is what keeps two lanes from writing a step of the same card at once.
    journal = Journal(store, around.clock, who, claims, rights=admission.rights)
    encoding, verification = _on_reader(settings, journal, devices, settings.reader.pattern, settings.reader.wait_s)
    link = RouterLink()

    # The two need each other; the worker is made below and looked up when the first card is finished.
    def finished() -> None:
        outbox.wake()

    issuances = IssuanceService(journal, settings, _numbers_of(settings, around, store), finished)
    heard = Heard(link, around.clock, partial(_remember_form, journal, router, issuances))
    options = replace(_outbox_options(settings, issuances, link, heard), claims=claims)
    outbox = OutboxWorker(store, router, around.clock, options)
    printing = _printing_of(settings, around, journal, devices.printer)
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
        load_making=partial(_making, settings, around, devices.printer),
        make_workers=around.workers,
        capture=CaptureService(devices.cameras, around.clock),
        encoding=encoding,
        printing=printing,
        verification=verification,
        recovery=RecoveryService(journal, verification, devices.printer, shared=settings.store.url is not None),
        # The desk's own questions are overheard; the worker has the router as it is, or it would hear itself.
        router=overheard(router, outbox.overheard),
        outbox=outbox,
        clock_check=check,
        card_watch=CardWatch(devices.readers, store, pattern=settings.reader.pattern),
        make_courier=_courier,
        enrolment=admission.enrolment,
        news=admission.sharing.news,
        hands=around.hands,
        seat=around.seat,
        one_pass=one_pass,
        link=link,
        data=around.data,
        standby=standby_of(store, settings.station.name),
    )


def _numbers_of(settings: Settings, around: Surroundings, store: Store) -> dict[str, EscnIssuer]:
    """Return what makes card numbers, one an institution: numbers are unique by prefix and PIC together."""
    return {
        i.key: EscnIssuer(store.escns, around.clock, prefix=i.escn_prefix, pic=i.pic, random_bits=randomness.randbits)
        for i in settings.institutions
    }


def _making(settings: Settings, around: Surroundings, printer: Printer, layouts: LayoutService) -> CardMaking:
    from station.services.cardmaking import load_making

    return load_making(settings, printer.profile, around.roots, layouts)


def _courier(desk: Desk) -> Courier:
    from station.services.courier import Bag, Courier, Trust
    from station.services.queue_file import Seal

    part, at_once = desk.settings.carry, desk.settings.router.at_once_max
    seal = Seal(desk.devices.secrets, randomness.token_bytes, part.key, part.signing_key)
    # Only the institutions of this profile: for another's cards this station has no key to tell of them with.
    trust = Trust(frozenset(part.signers), frozenset(each.pic for each in desk.settings.institutions))
    bag = Bag(seal, trust, lambda: ThreadCrew(min(at_once, _COURIERS)), desk.settings.router.url)
    return Courier(desk.journal, desk.router, desk.issuances.policy, bag)


def _encoder_place(settings: Settings, journal: Journal, devices: Devices) -> EncoderPlace:
    feeder = devices.printer.feeder
    assert feeder is not None  # noqa: S101 - for the type checker; it was looked for when the printer was opened
    # The printer has brought the card: who waits longer than a reader needs to see it waits for nothing.
    wait_s = min(settings.reader.wait_s, _ENCODER_WAIT_S)
    pattern = settings.reader.encoder
    services = _on_reader(settings, journal, devices, pattern, wait_s)
    return EncoderPlace(feeder, devices.readers, pattern, wait_s, *services)


def _on_reader(
    settings: Settings, journal: Journal, devices: Devices, pattern: str, wait_s: float
) -> tuple[EncodingService, VerificationService]:
    """Return what writes a card on a reader, and what checks it there."""
    readers, secrets, address = devices.readers, devices.secrets, settings.card.qr_address
    return (
        EncodingService(journal, readers, secrets, pattern=pattern, wait_s=wait_s, qr_address=address),
        VerificationService(journal, readers, secrets, pattern=pattern, wait_s=wait_s, qr_address=address),
    )


class Heard:
    """Told how the router answers; the first time that it answers well, what only it can say is asked for."""

    def __init__(self, link: RouterLink, clock: Clock, ask: Callable[[], None]) -> None:
        self._link, self._clock, self._ask, self._asked = link, clock, ask, False

    def __call__(self, error: RouterError | None) -> None:
        """Note an answer."""
        self._link.answered(error, self._clock.now())
        if error is None and not self._asked:
            self._asked = True
            self._ask()


def _remember_form(journal: Journal, router: Router, issuances: IssuanceService) -> None:
    from station.services.import_form import ImportForm

    ImportForm(journal.store, router, journal.clock, journal.who, issuances.policy).remember()


def _outbox_options(settings: Settings, issuances: IssuanceService, link: RouterLink, heard: Heard) -> WorkerOptions:
    at_once = settings.router.at_once_max
    return WorkerOptions(
        policy=issuances.policy,
        answered=heard,
        crew=lambda: ThreadCrew(at_once + 1),  # one of them waits for the disk
        in_flight_max=at_once,
        read_back=True,
        recorded=lambda: link.moved(),  # noqa: PLW0108 - who listens changes when the window opens
    )


def _printing_of(settings: Settings, around: Surroundings, journal: Journal, printer: Printer) -> PrintingService:
    """Return what prints: on the one printer, or on whichever of several is free."""
    if not isinstance(printer, PrinterPool):
        return PrintingService(journal, printer, _lock_of(settings.printer, around, printer, journal))
    parts = zip(settings.printers, printer.printers, strict=True)
    members = [
        PoolMember(each, _lock_of(part, around, each, journal), frozenset(part.card_types)) for part, each in parts
    ]
    return PooledPrinting(journal, members)


def _lock_of(part: PrinterPart, around: Surroundings, printer: Printer, journal: Journal) -> PrinterLock:
    """Return what keeps other stations from the printer while a card is on its way through it."""
    if printer.feeder is None:
        return NoLock()
    station = journal.who.station
    if not part.queue:
        return FolderLock(printer.name, part.folder or around.data / "printer", station)
    # By the queue's name, for each station has a folder of its own.
    queue = f"{part.driver}:{part.queue}"
    name = hashlib.sha256(queue.encode()).hexdigest()[:16]
    here = FolderLock(printer.name, Path(tempfile.gettempdir()) / "esc-station-printers" / name, station)
    return here if journal.claims is None else ClaimedLock(printer.name, queue, journal.claims, here)
