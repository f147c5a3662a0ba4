"""Real file systems that are full, or may not be written: small ones, mounted for the test alone."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from station.adapters.store import open_store
from station.domain.errors import StoreError, StoreFullError, StoreReadOnlyError
from tests.helpers.namespace import require_namespace
from tests.helpers.scribe import Scribe, keep, row
from tests.helpers.stores import names


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """Give a disk of two megabytes; nobody outside the namespace sees it."""
    require_namespace()
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)], capture_output=True, text=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip(f"no disk can be mounted here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def fill_up(folder: Path) -> Path:
    """Write a file that takes all that is left."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError:
            return ballast
    return ballast


def test_a_full_disk_loses_nothing_and_work_goes_on_when_there_is_space(disk: Path) -> None:
    with closing(open_store(disk / "store.db")) as store:
        keep(store, row("1"))
        done = Scribe(store, uid="04AA", holder_id="id-1")
        done.hand_over()
        ballast = fill_up(disk)
        scribes = [Scribe(store, uid=f"04BB{n:04X}", holder_id=f"h{n}") for n in range(1000)]
        with pytest.raises(StoreFullError) as caught:
            any(scribe.hand_over() is None for scribe in scribes)
        assert caught.value.params["file"] == str(disk / "store.db")
        stopped = next(scribe for scribe in scribes if scribe.issuance.open)
        assert len(store.issuances.journal(stopped.issuance.id)) == stopped.sequence
        assert store.cards.get(done.escn) is not None
        assert names(store, "berz") == ["Jānis Bērziņš"]
        ballast.unlink()
        for event in list(stopped.events())[stopped.sequence :]:
            stopped.tell(event)
        stopped.hand_over()
    with closing(open_store(disk / "store.db")) as store:
        assert store.cards.get(stopped.escn) is not None
        assert len(list(store.entries_for_export())) == 8 * (scribes.index(stopped) + 2)


def test_a_store_that_does_not_fit_is_not_begun(disk: Path) -> None:
    fill_up(disk)
    with pytest.raises(StoreFullError):
        open_store(disk / "store.db")
    (disk / "ballast").unlink()
    with closing(open_store(disk / "store.db")) as store:
        assert store.holders.count() == 0


def test_a_copy_that_does_not_fit_leaves_the_older_one(disk: Path, tmp_path: Path) -> None:
    older = disk / "copy.db"
    older.write_bytes(b"the older copy")
    with closing(open_store(tmp_path / "store.db")) as store:
        keep(store, *(row(f"{n:05d}") for n in range(5000)))
        with pytest.raises(StoreFullError):
            store.backup(str(older))
    assert older.read_bytes() == b"the older copy"
    assert [p.name for p in disk.iterdir()] == ["copy.db"]


def test_a_disk_that_may_not_be_written_is_named(disk: Path) -> None:
    with closing(open_store(disk / "store.db")) as store:
        keep(store, row("1"))
    before = (disk / "store.db").read_bytes()
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    for place in (disk / "store.db", disk / "new.db"):
        with pytest.raises(StoreReadOnlyError) as caught:
            open_store(place)
        assert caught.value.params["file"] == str(place)
    assert (disk / "store.db").read_bytes() == before
    subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
    with closing(open_store(disk / "store.db")) as store:
        assert store.holders.count() == 1


def test_a_disk_that_goes_away_is_a_fault_of_the_store(disk: Path) -> None:
    with closing(open_store(disk / "store.db")) as store:
        keep(store, row("1"))
        subprocess.run(["umount", "-l", str(disk)], check=True)
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", str(disk)], check=True)
        store._db.engine.dispose()
        with pytest.raises(StoreError):
            store.holders.count()
