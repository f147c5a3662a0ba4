"""A printer for one station at a time: a lock on a file in the printer's own folder, for those of one computer; and a
claim in the store that several share, for those of several computers on one printer in the network.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from station.adapters.store.lock import FileLock
from station.domain.errors import N_, PrinterMissingError, StoreLockedError, printer_busy_error
from station.ports.claims import Claims, Standing, feeding
from station.ports.printer_lock import PrinterLock

_NAME, _WHO = ".in-use", ".in-use-by"


class NoLock:
    """Implement ``ports.printer_lock.PrinterLock`` for a queue, which takes everybody's jobs one after the other."""

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Hold nothing."""
        yield


class FolderLock:
    """Implement ``ports.printer_lock.PrinterLock`` for the stations that keep a printer's jobs in one folder.

    ``station`` is what the others are told; it lies beside the lock, and means something only while that is held.
    """

    def __init__(self, device: str, folder: Path, station: str = "") -> None:
        self._device, self._folder, self._station = device, folder, station
        # One pass holds the printer for a whole card, and each step inside it holds it again: the file is locked once.
        self._inside = threading.RLock()
        self._depth = 0

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Hold the printer for the context; threads of this program take turns."""
        with self._inside:
            lock = self._taken() if self._depth == 0 else None
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1
                if lock is not None:
                    lock.release()

    def _taken(self) -> FileLock:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            taken = FileLock(self._folder / _NAME)
        except StoreLockedError as error:
            raise printer_busy_error(self._device, self._holder()) from error
        except OSError as error:
            raise PrinterMissingError(
                N_("The folder {folder} of the printer {device} can't be written: {detail}"),
                N_("Free some space, or ask IT to give the station the right to write there. Nothing was printed."),
                folder=self._folder,
                device=self._device,
                detail=error.strerror or str(error),
            ) from error
        with suppress(OSError):  # only a name: the lock is what counts
            (self._folder / _WHO).write_text(self._station, encoding="utf-8")
        return taken

    def _holder(self) -> str:
        try:
            return (self._folder / _WHO).read_text(encoding="utf-8", errors="replace")[:80]
        except OSError:
            return ""


class ClaimedLock:
    """Implement ``ports.printer_lock.PrinterLock`` for stations that share a store, ``inside`` each one's own lock.

    While the database is away nobody can be asked: the printer's own session is what keeps others off then.
    """

    def __init__(self, device: str, name: str, claims: Claims, inside: PrinterLock) -> None:
        self._device, self._what, self._claims, self._inside = device, feeding(name), claims, inside

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Hold the printer for the context, here and at every other computer."""
        # This computer's own lock first: of two programs here only one then asks the server.
        with self._inside.hold():
            # Unknown counts as free: a database that is away must not stop a desk from printing.
            if self._claims.take(self._what) is Standing.ANOTHERS:
                raise printer_busy_error(self._device, self._claims.owner(self._what))
            try:
                yield
            finally:
                self._claims.let_go(self._what)
