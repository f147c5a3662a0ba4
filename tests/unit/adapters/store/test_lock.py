"""The lock that keeps a second station off a file, and dies with the first."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from station.adapters.store.lock import FileLock
from station.domain.errors import StoreLockedError

ROOT = Path(__file__).resolve().parents[4]
HOLD = """
import sys
from pathlib import Path
from station.adapters.store.lock import FileLock
lock = FileLock(Path(sys.argv[1]))
print("locked", flush=True)
sys.stdin.read()
"""


def test_a_second_lock_is_refused_until_the_first_is_released(tmp_path: Path) -> None:
    database = tmp_path / "store.db"
    first = FileLock(database)
    with pytest.raises(StoreLockedError) as caught:
        FileLock(database)
    assert caught.value.params["file"] == str(database)
    first.release()
    first.release()
    FileLock(database).release()


def test_files_do_not_lock_each_other(tmp_path: Path) -> None:
    first, second = (FileLock(tmp_path / name) for name in ("a.db", "b.db"))
    first.release()
    with pytest.raises(StoreLockedError):
        FileLock(tmp_path / "b.db")
    second.release()


def test_the_lock_of_a_killed_station_is_gone(tmp_path: Path) -> None:
    database = tmp_path / "store.db"
    other = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(database)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with other:
        assert other.stdout is not None
        assert other.stdout.readline() == "locked\n"
        with pytest.raises(StoreLockedError):
            FileLock(database)
        other.kill()
        other.wait(30)
        FileLock(database).release()
