"""Give a document to CUPS by its own program ``lp``: it knows the site's way to log in, and every driver's options."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_ANSWER = re.compile(r"^request id is \S+-(\d+) ", re.MULTILINE)
_TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class Order:
    """What ``lp`` is told: the queue, the title, who asks, the options, and the server as ``CUPS_SERVER`` has it."""

    queue: str
    title: str
    user: str
    server: str
    options: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the spooler's number, or ``None`` and ``lp``'s own words. ``certain``: it ended by itself."""

    job_id: int | None
    words: str = ""
    certain: bool = True


def submit(order: Order, document: bytes, folder: Path, *, timeout_s: float = _TIMEOUT_S) -> Answer:
    """Give one document away; raises FileNotFoundError without ``lp``, OSError when ``folder`` can't be written.

    The document waits in a nameless file, not in a pipe: if the station dies now, ``lp`` still sends all of it, and
    nothing is left on the disk.
    """
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(document)
        file.seek(0)
        try:
            ended = subprocess.run(
                arguments(order),
                stdin=file,
                capture_output=True,
                env=environment(order.server),
                timeout=timeout_s,
                check=False,
                start_new_session=True,  # without a terminal it can't stop to ask for a password
            )
        except subprocess.TimeoutExpired:
            return Answer(None, f"lp: no answer after {timeout_s:.0f} s", certain=False)
    words = (ended.stderr + ended.stdout).decode("utf-8", "replace").strip()
    found = _ANSWER.search(ended.stdout.decode("utf-8", "replace")) if ended.returncode == 0 else None
    return Answer(int(found[1]) if found else None, words, certain=ended.returncode > 0)


def arguments(order: Order) -> list[str]:
    """Return the command line."""
    command = ["lp", "-d", order.queue, "-U", order.user, "-t", order.title, "-n", "1"]
    for name, value in order.options.items():
        command += ["-o", f"{name}={_quoted(value)}"]
    return [*command, "-"]


def environment(server: str) -> dict[str, str]:
    """Return the environment: English answers, the same server that we ask, and nobody's personal default queue."""
    ours = {name: value for name, value in os.environ.items() if name not in {"LPDEST", "PRINTER", "LANGUAGE"}}
    return {**ours, "LC_ALL": "C", "CUPS_SERVER": server}


def _quoted(value: str) -> str:
    # `-o` takes several options in one text, parted by blanks; see lp(1), cupsParseOptions().
    if re.fullmatch(r"[A-Za-z0-9_.,:+/@%*-]*", value):
        return value
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
