"""Files that are written and read for somebody: whole or not at all, and nothing is written over by mistake."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from station.domain.errors import N_, InputError


def write_new(path: Path, data: bytes) -> None:
    """Write a file that is not there yet; raises InputError."""
    _write(path, data, "xb")


def write_over(path: Path, data: bytes) -> None:
    """Write a file where somebody has said that an older one may go; raises InputError."""
    _write(path, data, "wb")


def read_file(path: Path, most: int = -1) -> bytes:
    """Return what is in a file, ``most`` bytes of it if that is no -1; raises InputError when it can't be read."""
    try:
        with path.open("rb") as file:
            return file.read(most)
    except OSError as error:
        raise InputError(
            N_("The file {file} can't be read: {detail}"), N_("Check its name."), file=path, detail=error.strerror
        ) from error


def free_name(path: Path, more: str) -> Path:
    """Return a name beside ``path`` that no file has: its own with ``more`` behind it, and a number if need be."""
    number, found = 1, path.with_name(path.name + more)
    while found.exists():
        number += 1
        found = path.with_name(f"{path.name}{more}{number}")
    return found


def _write(path: Path, data: bytes, mode: str) -> None:
    begun = False
    try:
        with path.open(mode) as file:
            begun = True
            file.write(data)
            # On the stick, not on the way there: it is pulled out as soon as this says that it was written.
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        if begun:
            with suppress(OSError):
                path.unlink()
        raise InputError(
            N_("The file {file} can't be written: {detail}"),
            N_("Name a new file, in a folder that may be written to."),
            file=path,
            detail=error.strerror,
        ) from error
