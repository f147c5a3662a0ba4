"""The drivers by name: a table of our own, and those of others that the station's profile allows.

A driver's module is imported when it is asked for, so a library that is missing hurts only who needs it.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import cast

from printers.api import API_VERSION, N_, DriverConfig, DriverFactory, Printer, PrinterMissingError, ProfileError
from printers.profile_files import list_profiles, load_profile

__all__ = ["BUILT_IN", "ENTRY_POINTS", "list_drivers", "list_profiles", "load_profile", "open_printer"]

log = logging.getLogger(__name__)

BUILT_IN: dict[str, str] = {
    "virtual": "printers.drivers.virtual:VirtualPrinter",
    "pdf": "printers.drivers.pdf:PdfPrinter",
    "cups": "printers.drivers.cups:CupsPrinter",
    "ipp": "printers.drivers.ipp:IppPrinter",
    "windows": "printers.drivers.windows:WindowsPrinter",
    "evolis": "printers.drivers.evolis:EvolisPrinter",
}
"""Our own drivers: name → module and factory. An outsider's driver of the same name is never used."""

ENTRY_POINTS = "station.printers"
"""The group of entry points in which an outsider's package names its drivers."""


def list_drivers(allowed: Collection[str] = ()) -> tuple[str, ...]:
    """Return the names that ``open_printer`` takes: ours, then those of others that are installed and ``allowed``."""
    return (*BUILT_IN, *sorted(name for name in _outsiders() if name in allowed))


def open_printer(driver: str, config: DriverConfig, *, allowed: Collection[str] = ()) -> Printer:
    """Return a printer; nothing is opened or asked yet. ``allowed`` names the drivers of others that may be loaded.

    Raises:
        ProfileError: no such driver, one that is not allowed or too old, or options that it does not know.
        PrinterMissingError: the driver can't be loaded, mostly because the maker's library is missing.
    """
    # Ours first, so that no package that is installed later can take a driver's name over.
    if driver in BUILT_IN:
        module, _, name = BUILT_IN[driver].partition(":")
        try:
            return cast("DriverFactory", getattr(import_module(module), name))(config)
        except ImportError as error:
            raise _not_loaded(driver, error) from error
    found = _outsiders().get(driver)
    # An entry point runs code as it is loaded: to be installed is no permission.
    if found is None or driver not in allowed:
        raise _unknown(driver, installed=found is not None, known=list_drivers(allowed))
    return _load(found)(config)


def _outsiders() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=ENTRY_POINTS) if point.name not in BUILT_IN}


def _load(point: EntryPoint) -> DriverFactory:
    try:
        factory = point.load()
    except Exception as error:  # the code is not ours: whatever it raises must cost this printer only
        log.exception("the printer driver %s can't be loaded", point.name)
        raise _not_loaded(point.name, error) from error
    version = getattr(factory, "api_version", None)
    if version != API_VERSION or not callable(factory):
        raise ProfileError(
            N_("The printer driver {driver} was made for another version of the station."),
            N_("Ask IT to install a version of it that fits (driver interface {wanted}; this one has {found})."),
            driver=point.name,
            wanted=API_VERSION,
            found=version,
        )
    return cast("DriverFactory", factory)


def _not_loaded(driver: str, error: Exception) -> PrinterMissingError:
    return PrinterMissingError(
        N_("The printer driver {driver} can't be loaded: {detail}"),
        N_("Ask IT to install what it needs. Other printers are not affected."),
        driver=driver,
        device=driver,
        detail=f"{type(error).__name__}: {error}",
    )


def _unknown(driver: str, *, installed: bool, known: tuple[str, ...]) -> ProfileError:
    what = N_("The printer driver {driver} is not known.")
    todo = N_("Ask IT to correct the printer's driver in the station profile. Known are: {known}.")
    if installed:
        what = N_("The printer driver {driver} is installed, but not allowed at this station.")
        todo = N_("Ask IT whether it may be used; then it belongs into allowed_drivers in the station profile.")
    return ProfileError(what, todo, driver=driver, known=", ".join(known))
