"""The list that lies beside a batch's stacks: what came out, or what is to be looked for in them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from station.domain.errors import N_, InputError
from station.services.batch import BatchLine, stacks


def write_list(folder: Path, lines: Sequence[BatchLine], station: str, at: datetime) -> list[Path]:
    """Write the list as PDF and CSV into ``folder``, which is made; return the files.

    Where several printers took part each has a stack of its own, and a part of the list. Raises InputError where the
    folder can't be written.
    """
    from station.render.label_list import Label, labels_csv, labels_pdf

    several = len({line.printer for line in lines if line.printer}) > 1
    labels = [
        Label(line.place, _heading(line, several=several), line.holder.full_name, line.holder.student_number, line.escn,
              line.printer, line.outcome.value)
        for line in stacks(lines)
    ]  # fmt: skip
    here = at.astimezone()
    name = f"cards-{here:%Y%m%d-%H%M}"
    title = f"{station} · {here:%Y-%m-%d %H:%M}"
    need_folder(folder)
    with _written_to(folder):
        name = _free_name(folder, name)
        made = {folder / f"{name}.pdf": labels_pdf(labels, title), folder / f"{name}.csv": labels_csv(labels)}
        for file, data in made.items():
            file.write_bytes(data)
    return list(made)


def need_folder(folder: Path) -> None:
    """Make the folder for a list; raises InputError where that can't be: before cards are printed for it."""
    with _written_to(folder):
        folder.mkdir(parents=True, exist_ok=True)
        # Really written: a folder's rights don't say that the disk is full, or mounted for reading only.
        with tempfile.TemporaryFile(dir=folder):
            pass


@contextmanager
def _written_to(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        what, todo = N_("The list can't be written to {folder}: {detail}"), N_("Choose another folder.")
        raise InputError(what, todo, folder=folder, detail=error.strerror or str(error)) from error


def _free_name(folder: Path, name: str) -> str:
    """Return a name that no earlier list has: two batches may end within a minute."""
    names = (name, *(f"{name}-{number}" for number in range(2, 1000)))
    return next((each for each in names if not (folder / f"{each}.csv").exists()), name)


def _heading(line: BatchLine, *, several: bool) -> str:
    parts = (line.printer, line.group) if several else (line.group,)
    return " · ".join(part for part in parts if part)
