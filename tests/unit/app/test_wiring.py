"""What the parts of a desk are wired to."""

from __future__ import annotations

from pathlib import Path

import pytest

from station.domain.errors import PrinterBusyError
from tests.helpers.desks import open_test_desk


def test_a_printer_that_moves_cards_is_held_by_one_desk_at_a_time(tmp_path: Path) -> None:
    shared = {"one_pass": True, "queue": f"wiring-{tmp_path.parent.name}", "options": {"encoders": "contactless"}}
    with open_test_desk(tmp_path / "a", printer=shared) as one, open_test_desk(tmp_path / "b", printer=shared) as other:
        with one.desk.printing.lock.hold(), pytest.raises(PrinterBusyError), other.desk.printing.lock.hold():
            pytest.fail("two desks had the same printer")
        with other.desk.printing.lock.hold(), other.desk.printing.lock.hold():
            pass  # within itself a desk may take it again


def test_a_printer_that_only_prints_is_the_spooler_s_to_share(tmp_path: Path) -> None:
    with open_test_desk(tmp_path / "a") as one, open_test_desk(tmp_path / "b") as other:
        assert one.desk.one_pass is None
        with one.desk.printing.lock.hold(), other.desk.printing.lock.hold():
            pass
