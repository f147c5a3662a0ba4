"""A printer for one station at a time: kept inside a program, refused to another, free again when that one dies."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from station.adapters.printer_lock import FolderLock, NoLock
from station.domain.errors import PrinterBusyError, PrinterMissingError

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


def test_a_folder_that_can_not_be_made_is_told_plainly(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(PrinterMissingError, match="can't be written"), FolderLock("P", tmp_path / "file").hold():
        pass


def test_a_queue_takes_everybodys_jobs() -> None:
    with NoLock().hold(), NoLock().hold():
        pass
