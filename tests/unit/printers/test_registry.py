"""Drivers by name: ours, those of others, and those that can't be loaded."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from printers.api import API_VERSION, DriverConfig, PrinterMissingError, PrinterState, ProfileError
from printers.registry import BUILT_IN, ENTRY_POINTS, list_drivers, load_profile, open_printer

OUTSIDER = """
from printers.drivers.pdf import PdfPrinter

class Printer(PdfPrinter):
    api_version = {version}
"""


@pytest.fixture
def config(tmp_path: Path) -> DriverConfig:
    return DriverConfig("Desk", load_profile("virtual"), tmp_path / "printer")


@pytest.fixture
def outsider(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> str:
    """Install a package of another maker, as pip would, and return its driver's name."""
    name = f"maker_{abs(hash(request.node.name))}"
    site = tmp_path / "site"
    info = site / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[{ENTRY_POINTS}]\n{name} = {name}:Printer\nvirtual = {name}:Printer\n")
    (site / f"{name}.py").write_text(OUTSIDER.format(version=API_VERSION))
    monkeypatch.syspath_prepend(str(site))
    return name


def rewrite(name: str, content: str) -> None:
    next(Path(place) / f"{name}.py" for place in sys.path if (Path(place) / f"{name}.py").exists()).write_text(content)


def test_our_drivers_are_named() -> None:
    assert list_drivers()[:6] == ("virtual", "pdf", "cups", "ipp", "windows", "evolis")


@pytest.mark.parametrize("driver", sorted(BUILT_IN))
def test_each_of_ours_opens_without_asking_anything(config: DriverConfig, driver: str) -> None:
    printer = open_printer(driver, replace(config, queue="ipp://192.0.2.7/ipp/print"))
    assert printer.name == "Desk"
    assert printer.profile.name == "virtual"
    assert not config.folder.exists()


@pytest.mark.parametrize("driver", sorted(BUILT_IN))
def test_each_of_ours_fits_this_version(driver: str) -> None:
    module, _, name = BUILT_IN[driver].partition(":")
    assert getattr(__import__(module, fromlist=[name]), name).api_version == API_VERSION


def test_a_name_that_nobody_has_is_refused_with_the_names_there_are(config: DriverConfig) -> None:
    with pytest.raises(ProfileError, match="teleprinter") as caught:
        open_printer("teleprinter", config)
    assert "virtual, pdf, cups, ipp, windows, evolis" in str(caught.value)


def test_an_outsiders_driver_is_used_where_it_is_allowed(config: DriverConfig, outsider: str) -> None:
    assert outsider in list_drivers([outsider])
    printer = open_printer(outsider, config, allowed=[outsider])
    assert printer.status().state is PrinterState.READY


def test_an_outsiders_driver_that_is_not_allowed_is_not_even_imported(config: DriverConfig, outsider: str) -> None:
    with pytest.raises(ProfileError, match="not allowed"):
        open_printer(outsider, config, allowed=["another"])
    assert outsider not in sys.modules
    assert outsider not in list_drivers()


def test_an_outsider_never_takes_the_place_of_one_of_ours(config: DriverConfig, outsider: str) -> None:
    printer = open_printer("virtual", config, allowed=["virtual", outsider])
    assert type(printer).__module__ == "printers.drivers.virtual"


@pytest.mark.parametrize("version", [API_VERSION + 1, None])
def test_a_driver_for_another_version_is_refused(config: DriverConfig, outsider: str, version: int | None) -> None:
    rewrite(outsider, OUTSIDER.format(version=version))
    with pytest.raises(ProfileError, match="another version"):
        open_printer(outsider, config, allowed=[outsider])


@pytest.mark.expects_log("printers.registry", "can't be loaded")
@pytest.mark.parametrize("body", ["import no_such_makers_sdk", "raise RuntimeError('no dongle')", "1/0", "x = ("])
def test_whatever_an_outsider_raises_costs_its_printer_only(config: DriverConfig, outsider: str, body: str) -> None:
    rewrite(outsider, body)
    with pytest.raises(PrinterMissingError, match="can't be loaded"):
        open_printer(outsider, config, allowed=[outsider])


def test_a_missing_library_hurts_only_who_asks_for_it(config: DriverConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(BUILT_IN, "wishful", "printers.drivers.wishful:Printer")
    with pytest.raises(PrinterMissingError, match="wishful"):
        open_printer("wishful", config)
    assert open_printer("pdf", config).name == "Desk"


def test_listing_the_drivers_imports_none_of_their_libraries() -> None:
    code = (
        "import sys; from printers.registry import list_drivers, list_profiles; list_drivers(); list_profiles();"
        "heavy = ('PIL', 'reportlab', 'httpx', 'evolis', 'win32print', 'printers.drivers.cups');"
        "print([name for name in heavy if name in sys.modules])"
    )
    root = Path(__file__).parents[3]
    ended = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "[]"
