"""A printer for one station at a time: kept inside a program, refused to another, free again when that one dies."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from station.adapters.claims import OwnClaims
from station.adapters.printer_lock import ClaimedLock, FolderLock, NoLock
from station.domain.errors import PrinterBusyError, PrinterMissingError
from station.ports.claims import Claims, Standing, feeding

HOLDER = """
import sys
from pathlib import Path
from station.adapters.printer_lock import FolderLock
with FolderLock("P", Path(sys.argv[1])).hold():
    print("held", flush=True)
    sys.stdin.readline()
"""


def test_whoever_holds_a_printer_may_ask_again(tmp_path: Path) -> None:
    lock = FolderLock("P", tmp_path)
    with lock.hold(), lock.hold(), pytest.raises(PrinterBusyError), FolderLock("P", tmp_path).hold():
        pass
    with FolderLock("P", tmp_path).hold():
        pass


def test_another_program_has_to_wait_until_the_first_ends_however_it_ends(tmp_path: Path) -> None:
    other = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert other.stdout is not None
    assert other.stdin is not None
    assert other.stdout.readline() == "held\n"
    with pytest.raises(PrinterBusyError) as error, FolderLock("P", tmp_path).hold():
        pass
    assert error.value.params["device"] == "P"
    other.kill()
    other.wait()
    other.stdout.close()
    other.stdin.close()
    with FolderLock("P", tmp_path).hold():
        pass


def test_the_other_station_is_named(tmp_path: Path) -> None:
    first, second = FolderLock("P", tmp_path, "Desk 1"), FolderLock("P", tmp_path, "Desk 2")
    with first.hold(), pytest.raises(PrinterBusyError) as error, second.hold():
        pass
    assert str(error.value).startswith("The printer P makes a card for Desk 1 at the moment.")
    with second.hold(), pytest.raises(PrinterBusyError, match="for Desk 2"), first.hold():
        pass


def test_a_lock_without_a_name_is_another_station(tmp_path: Path) -> None:
    second = FolderLock("P", tmp_path, "Desk 2")
    with FolderLock("P", tmp_path).hold(), pytest.raises(PrinterBusyError, match="another station"), second.hold():
        pass


class TestOnSeveralComputers:
    """Each computer has a folder of its own; the store that they share knows who has the printer."""

    def lock(self, folder: Path, name: str, claims: Claims) -> ClaimedLock:
        return ClaimedLock("P", "evolis:Primacy", claims, FolderLock("P", folder / name, name))

    def test_one_alone_may_ask_again_and_lets_go(self, tmp_path: Path) -> None:
        claims = OwnClaims()
        lock = self.lock(tmp_path, "Desk 1", claims)
        with lock.hold(), lock.hold():
            assert claims.standing(feeding("evolis:Primacy")) is Standing.OURS
        assert claims.standing(feeding("evolis:Primacy")) is Standing.FREE


def test_a_folder_that_can_not_be_made_is_told_plainly(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(PrinterMissingError, match="can't be written"), FolderLock("P", tmp_path / "file").hold():
        pass


def test_a_queue_takes_everybodys_jobs() -> None:
    with NoLock().hold(), NoLock().hold():
        pass
