"""The list that lies beside a batch's stacks: what came out, or what is to be looked for in them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from station.services.batch import BatchLine, stacks


def write_list(folder: Path, lines: Sequence[BatchLine], station: str, at: datetime) -> list[Path]:
    """Write the list as PDF and CSV into ``folder``, which is made; return the files. Raises OSError.

    Where several printers took part each has a stack of its own, and a part of the list.
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
    folder.mkdir(parents=True, exist_ok=True)
    title = f"{station} · {here:%Y-%m-%d %H:%M}"
    made = {folder / f"{name}.pdf": labels_pdf(labels, title), folder / f"{name}.csv": labels_csv(labels)}
    for file, data in made.items():
        file.write_bytes(data)
    return list(made)


def _heading(line: BatchLine, *, several: bool) -> str:
    parts = (line.printer, line.group) if several else (line.group,)
    return " · ".join(part for part in parts if part)
