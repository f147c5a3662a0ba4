"""One station at a time: an operating-system lock on a file beside the database, which dies with the process."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from station.domain.errors import StoreLockedError

# A lock of its own file: closing any descriptor of the database itself would drop SQLite's own locks on it.
SUFFIX = "-lock"


class FileLock:
    """Hold a lock until ``release``, or until the process ends, however it ends."""

    def __init__(self, database: Path) -> None:
        """Take the lock, or raise StoreLockedError at once when another station has it."""
        self.path = database.with_name(database.name + SUFFIX)
        # Never deleted: who removes a lock's file while another waits for it lets two stations in, each with its own
        # file.
        self._fd: int | None = os.open(self.path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o644)
        try:
            _lock(self._fd)
        except OSError as error:
            self.release()
            raise StoreLockedError(file=str(database)) from error

    def release(self) -> None:
        """Let the lock go; once more does nothing."""
        fd, self._fd = self._fd, None
        if fd is not None:
            os.close(fd)


if sys.platform == "win32":
    import msvcrt

    def _lock(fd: int) -> None:
        msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(fd: int) -> None:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
