"""Who may be holding a card reader, as far as that can be found out."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from station.domain.errors import N_, ReaderBusyError

_LIBRARY = b"libpcsclite"


def busy_error(reader: str, programs: Sequence[str] = ()) -> ReaderBusyError:
    """Return the error for a reader that another program holds, naming the programs that may be it."""
    if not programs:
        return ReaderBusyError(device=reader)
    return ReaderBusyError(_PROBABLY, device=reader, programs=", ".join(programs))


def programs_with_pcsc(proc: Path = Path("/proc")) -> tuple[str, ...]:
    """Return the other programs that have the PC/SC library loaded, as ``firefox (4711)``; Linux only.

    A program of another user keeps its libraries to itself, and is not found.
    """
    if not sys.platform.startswith("linux"):
        return ()
    found = []
    for folder in proc.glob("[0-9]*"):
        try:
            if int(folder.name) != os.getpid() and _LIBRARY in (folder / "maps").read_bytes():
                found.append(f"{(folder / 'comm').read_text(encoding='utf-8').strip()} ({folder.name})")
        except (OSError, UnicodeDecodeError):
            continue  # it has just ended, or is not ours to look at
    return tuple(sorted(found))


_PROBABLY = N_("Another program is using the card reader {device}. Probably it is: {programs}.")
