"""The people, files and folders that the words of a command name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from station.domain.errors import N_, InputError

if TYPE_CHECKING:
    from station.domain.holder import Holder
    from station.services.desk import Desk


def find_holder(desk: Desk, number: str) -> Holder:
    """Return the holder with a student number; raises InputError when there is none."""
    found = desk.store.holders.by_student_number(number)
    if found is None:
        raise InputError(
            N_("Nobody in the register has the student number {value}."),
            N_("Look the student up with: station holders search NAME"),
            value=number,
        )
    return found


def demo_holders(desk: Desk) -> Iterator[Holder]:
    """Yield the holders of the demo register, in its own order."""
    from station.app.build import open_register

    # By the file and not by the store: there people are in the order of their names, here in that of the demo's story.
    for row in open_register(desk.settings, desk.settings.register.file or Path()).rows():
        holder = desk.store.holders.by_student_number(row.holder.student_number)
        if holder is not None:
            yield holder


def read_file(file: Path, most: int = -1) -> bytes:
    """Return what is in a file, ``most`` bytes of it if that is no -1; raises InputError when it can't be read."""
    from station.services import files

    return files.read_file(file, most)


def desk_folder(desk: Desk) -> Path:
    """Return the folder where this desk keeps what it makes."""
    from station.app.surroundings import data_folder

    return data_folder(desk.settings)
