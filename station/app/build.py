"""Build a desk from a station profile, and take it down again in reverse order."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from printers.api import DriverConfig
from printers.profile_files import load_profile
from printers.registry import list_drivers, open_printer
from station.adapters.router.address import RouterAddress, check_address
from station.adapters.router.deferred import DeferredRouter
from station.adapters.router.institutions import InstitutionRouters
from station.app.sharing import sharing_of, store_address
from station.app.standing_by import goes_on_alone, open_standby
from station.app.surroundings import RouterOrder, Surroundings, real_surroundings
from station.app.wiring import Admission, wire
from station.domain.errors import N_, ProfileError, StoreReadOnlyError
from station.domain.message import Message
from station.ports.faults import FaultsOf
from station.ports.printer import Encoder, Printer
from station.ports.secrets import Secrets
from station.ports.store import Store
from station.services.clock_check import ClockCheck
from station.services.desk import Desk, Devices, nobody_listens
from station.services.enrolment import Enrolment, place_of, settings_of
from station.services.print_care import CorrectedPrinter, correction_of
from station.services.printer_pool import PrinterPool
from station.settings import Institution, Settings

if TYPE_CHECKING:
    from station.adapters.register.csv import CsvRegister
    from station.adapters.router.http import HttpRouter
    from station.adapters.store import SqlStore


@contextmanager
def open_desk(
    settings: Settings, surroundings: Surroundings | None = None, *, withdrawn_too: bool = False
) -> Iterator[Desk]:
    """Open everything that a desk needs; doubts about cards are raised before anything else can happen.

    ``withdrawn_too`` opens a station that was withdrawn, for its queue: it begins nothing all the same.

    Raises:
        NotEnrolledError: only enrolled stations work with this store, and this one is none, or was withdrawn.
        StationError: the profile, the store or a driver can't be used; what was opened is closed again.
    """
    around = surroundings or real_surroundings(settings)
    with ExitStack() as closing:
        store = open_store_of(settings, around)
        closing.callback(store.close)
        keys = around.secrets()
        # Whoever keeps keys in a token is logged in there; the keyring has nothing to close.
        closing.callback(getattr(keys, "close", nobody_listens))
        # Before any device: a computer that may not work here must not take the reader or the printer from one that
        # may.
        enrolment = Enrolment(store.enrolment, around.clock, keys, place_of(settings))
        station, rights = enrolment.admitted(withdrawn_too=withdrawn_too)
        settings = settings_of(settings, station)
        # The store first: a second station, which is locked out of it, must not touch the printer's jobs.
        printer = _printers_of(settings, around, store)
        devices = Devices(around.cameras(), around.readers(), printer, keys)
        check = ClockCheck(around.clock)
        routers = _routers(settings, around, devices.secrets, check)
        # After the store, so closed before it: an answer on its way can still be recorded.
        closing.callback(routers.close)
        admission = Admission(enrolment, rights, sharing_of(settings, store_address(settings, around)))
        # Closed before the store: from then on other desks may serve whoever was served here.
        closing.callback(admission.sharing.claims.close)
        desk = wire(settings, around, store, devices, routers, check=check, admission=admission)
        # Before anybody can begin: a card whose fate is open must not be taken for one that only waits.
        desk.recovery.raise_doubts()
        yield desk


def key_name(settings: Settings, institution: Institution | None = None) -> str:
    """Return the name under which the router's key is kept, of the station's own institution when none is named.

    It is bound to the host, so that no other host ever gets it, and to the PIC, as the router binds it.
    """
    return f"esc-router:{urlsplit(settings.router.url).netloc}:{(institution or settings.institution).pic}"


def driver_names(settings: Settings) -> tuple[str, ...]:
    """Return the printer drivers that there are for a station."""
    return list_drivers(settings.allowed_drivers)


def open_store_of(settings: Settings, around: Surroundings, *, alone: bool = True) -> Store:
    """Open the store of a profile, unless ``alone`` is false as one that can go on alone; raises StoreError."""
    from station.adapters.store import open_store

    try:
        around.data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreReadOnlyError(file=around.data) from error
    address = store_address(settings, around)
    if alone and goes_on_alone(settings):
        declared = partial(_keep_what_the_profile_declares, settings)
        desk_store = open_standby(settings, around, str(address), declared)
        if desk_store is not None:
            return desk_store
    store = open_store(address, station=settings.station.name)
    _keep_what_the_profile_declares(settings, store)
    return store


def _keep_what_the_profile_declares(settings: Settings, store: SqlStore) -> None:
    """Write institutions and card types that differ from what is kept; mostly nothing, for a write waits for a disk."""
    from station.adapters.store import CardTypeRecord, InstitutionRecord

    columns = [each.name for each in fields(InstitutionRecord)]
    named = [InstitutionRecord(**{name: getattr(i, name) for name in columns}) for i in settings.institutions]
    if changed := set(named).difference(store.institutions()):
        store.keep_institutions(sorted(changed, key=lambda record: record.key))
    card = settings.card
    rules = {"expiry": card.expiry.value, "expiry_years": card.expiry_years}
    layouts = {
        # Backwards, so that of several kinds of one scheme the first one stays, as it is chosen first.
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


def _printers_of(settings: Settings, around: Surroundings, store: Store) -> Printer:
    """Return the printer of a profile, or all of them as one, each behind what it was calibrated to."""
    numbers = range(len(settings.printers))

    def open_jobs() -> Collection[str]:
        return {issuance.job for issuance in store.issuances.open_issuances()}

    # Each behind its own correction: two printers of one model are never off by the same tenth of a millimetre.
    opened = [_corrected(open_printer_of(settings, around, number, open_jobs), store) for number in numbers]
    for number, printer in enumerate(opened[1:]):
        place = f"more_printers.{number + 1}"
        # The journal names a printer by its name: of two alike nobody could say which has the card.
        if printer.name in [other.name for other in opened[: number + 1]]:
            raise ProfileError(file="", place=place, detail=Message(_SAME_NAME, {"name": printer.name}))
        # A card is drawn once, before it is known which of them is free.
        if _raster(printer) != _raster(opened[0]):
            raise ProfileError(file="", place=place, detail=N_("it does not print the same dots as the first printer"))
    return opened[0] if len(opened) == 1 else PrinterPool(opened)


def _raster(printer: Printer) -> tuple[object, ...]:
    profile = printer.profile
    panels = (profile.resin_front, profile.resin_back, profile.colour_front, profile.colour_back)
    return (profile.width_px, profile.height_px, profile.dpi_x, profile.dpi_y, *panels)


def open_printer_of(
    settings: Settings, around: Surroundings, number: int = 0, open_jobs: Callable[[], Collection[str]] | None = None
) -> Printer:
    """Return a printer of a profile; raises ProfileError, PrinterMissingError for a driver that can't be loaded."""
    part = settings.printers[number]
    if part.driver == "cups" and not part.queue:
        raise ProfileError(
            N_("The station profile does not say which printer queue to use."),
            N_("Write its name under [printer] as queue; lpstat -e lists the queues of this computer."),
            file="",
            place=f"more_printers.{number}.queue" if number else "printer.queue",
        )
    profile = load_profile(part.profile)
    config = DriverConfig(
        name=part.name or part.queue or profile.model,
        profile=profile,
        folder=part.folder or around.data / (f"printer-{number + 1}" if number else "printer"),
        queue=part.queue or profile.model,
        options=part.options,
        faults=FaultsOf(around.faults, f"printer-{number + 1}") if number else around.faults,
        seconds_a_card=part.seconds_a_card,
        moved=around.moved,
        open_jobs=open_jobs,
    )
    printer = open_printer(part.driver, config, allowed=settings.allowed_drivers)
    if part.one_pass and (printer.feeder is None or Encoder.CONTACTLESS not in printer.feeder.encoders):
        raise ProfileError(
            N_("The station profile asks the printer {device} to write chips, but it has no contactless encoder."),
            N_("Choose another driver, or leave one_pass away: then chips are written on the desk's reader."),
            file="",
            place="printer.one_pass",
            device=config.name,
        )
    if printer.feeder is not None:
        # A simulated printer may have a card inside from the run before: its reader has to show it from the start.
        around.moved(printer.feeder.place())
    return printer


def _corrected(printer: Printer, store: Store) -> CorrectedPrinter:
    """Return the printer behind what it was calibrated to; asked for each card, so that it holds from the next one."""
    return CorrectedPrinter(printer, lambda: correction_of(store.printer_care, printer.name))


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
    check_address(settings.router.url, settings.router.proxy)
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
    return CsvRegister(file, issuer, source=source or settings.register.name)


_SAME_NAME = N_("another printer of this station is called {name}, too: give each its queue")
