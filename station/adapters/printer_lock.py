"""A printer for one program at a time on this computer: a lock on a file in the printer's own folder."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from station.adapters.store.lock import FileLock
from station.domain.errors import N_, PrinterBusyError, PrinterMissingError, StoreLockedError

_NAME = ".in-use"


class NoLock:
    """Implement ``ports.printer_lock.PrinterLock`` for a queue, which takes everybody's jobs one after the other."""

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Hold nothing."""
        yield


class FolderLock:
    """Implement ``ports.printer_lock.PrinterLock`` for the stations that keep a printer's jobs in one folder."""

    def __init__(self, device: str, folder: Path) -> None:
        self._device, self._folder = device, folder
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
            return FileLock(self._folder / _NAME)
        except StoreLockedError as error:
            raise PrinterBusyError(device=self._device) from error
        except OSError as error:
            raise PrinterMissingError(
                N_("The folder {folder} of the printer {device} can't be written: {detail}"),
                N_("Free some space, or ask IT to give the station the right to write there. Nothing was printed."),
                folder=self._folder,
                device=self._device,
                detail=error.strerror or str(error),
            ) from error
