"""Start the ESC-Router sandbox beside the station, know when it answers, and never leave it behind."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import IO

from station.sandbox.router.config import SandboxConfig, SandboxError

START_DEADLINE_S = 30.0
STOP_DEADLINE_S = 5.0

# The child finds the same station as this one, installed or not.
_SOURCES = str(Path(__file__).resolve().parents[2])


class SandboxProcess:
    """A sandbox in a process of its own, as a context manager.

    The child ends when its standard input does, so it goes with its parent however that ends.
    """

    def __init__(self, config: SandboxConfig, faults: Path, *, command: tuple[str, ...] | None = None) -> None:
        self._config, self._faults = config, faults
        self.command = command or (sys.executable, "-m", "station.sandbox.router")
        self._process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None
        self._log: IO[str] | None = None
        self.address = ""

    def start(self) -> str:
        """Start it and return its address, from when on it answers.

        Raises:
            SandboxError: it could not start, or not in time.
        """
        database = self._config.database
        database.parent.mkdir(parents=True, exist_ok=True)
        # Into a file and no pipe: one that nobody reads fills up, and the child would stand still.
        self._log = database.with_suffix(".log").open("a", encoding="utf-8")
        self._process = subprocess.Popen(
            self.command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            encoding="utf-8",
            env={**os.environ, "PYTHONPATH": os.pathsep.join([_SOURCES, os.environ.get("PYTHONPATH", "")])},
        )
        said: queue.Queue[str] = queue.Queue()
        # A thread, for a pipe can't be read with a time-out on Windows.
        self._reader = threading.Thread(
            target=_read_lines, args=(self._process.stdout, said), name="sandbox-output", daemon=True
        )
        self._reader.start()
        try:
            self.address = self._configure(self._process, said)
        except SandboxError:
            self.stop()
            raise
        return self.address

    def stop(self) -> None:
        """End it; does nothing when it does not run."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin is not None:
            _close_quietly(process.stdin)
        try:
            process.wait(STOP_DEADLINE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if self._reader is not None:
            self._reader.join()
        if process.stdout is not None:
            process.stdout.close()
        if self._log is not None:
            self._log.close()

    @property
    def running(self) -> bool:
        """Tell whether it still runs."""
        return self._process is not None and self._process.poll() is None

    def __enter__(self) -> SandboxProcess:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _configure(self, process: subprocess.Popen[str], said: queue.Queue[str]) -> str:
        config = self._config
        document = {
            "database": str(config.database),
            "faults": str(self._faults),
            "keys": dict(config.keys),
            "names": dict(config.names),
            "host": config.host,
            "port": config.port,
        }
        assert process.stdin is not None  # noqa: S101 - it was asked for
        try:
            # The keys go through the pipe: a process's arguments are shown to every user of the computer.
            process.stdin.write(json.dumps(document) + "\n")
            process.stdin.flush()
            answer = json.loads(said.get(timeout=START_DEADLINE_S) or "{}")
        except (OSError, ValueError, queue.Empty) as error:
            raise SandboxError(detail=f"its process did not answer ({process.poll()})") from error
        if "address" not in answer:
            raise SandboxError("{detail}", "", detail=answer.get("error") or f"its process ended ({process.poll()})")
        return str(answer["address"])


def _read_lines(stream: IO[str] | None, said: queue.Queue[str]) -> None:
    for line in stream or ():
        said.put(line)
    said.put("")


def _close_quietly(stream: IO[str]) -> None:
    try:
        stream.close()
    except OSError:  # it has ended already, with our last words still in the pipe
        return
