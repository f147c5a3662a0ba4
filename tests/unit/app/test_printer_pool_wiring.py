"""Several printers in a profile: opened, told apart, each corrected by itself; what can't stand together is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from station.domain.errors import ProfileError
from station.domain.print_care import Correction
from station.services.printer_pool import PooledPrinting, PrinterPool
from station.settings import PrinterPart
from tests.helpers.desks import desk_settings, open_test_desk

SECOND = PrinterPart(driver="virtual", queue="second", seconds_a_card=0.0)


def test_both_are_opened_and_looked_after(tmp_path: Path) -> None:
    with open_test_desk(tmp_path, more_printers=(SECOND,)) as hands:
        desk = hands.desk
        first, second = desk.printers
        assert isinstance(desk.devices.printer, PrinterPool)
        assert isinstance(desk.printing, PooledPrinting)
        assert second.name == "second"
        desk.care.calibrate("second", Correction(x_mm=1))
        assert desk.care.correction(first.name) == Correction()
        issuance = hands.printed()
        assert issuance.printer == first.name
        assert [len(desk.care.report(each).jobs) for each in (first, second)] == [1, 0]
        assert desk.devices.printer.job_report(issuance.job).state == "done"


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        (PrinterPart(driver="virtual", queue="second", profile="evolis-primacy2-one-ribbon"), "same dots"),
        (PrinterPart(driver="cups"), "does not say which printer queue"),
    ],
)
def test_what_cant_stand_together(tmp_path: Path, wrong: PrinterPart, place: str) -> None:
    with pytest.raises(ProfileError, match=place), open_test_desk(tmp_path, more_printers=(wrong,)):
        pass


def test_two_of_one_name(tmp_path: Path) -> None:
    with (
        pytest.raises(ProfileError, match="another printer of this station is called second"),
        open_test_desk(tmp_path, more_printers=(SECOND, SECOND)),
    ):
        pass


def test_an_encoder_in_one_of_several_printers_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="leave one_pass away"):
        replace(desk_settings(tmp_path), more_printers=(PrinterPart(one_pass=True),))
