"""A PostgreSQL server of the tests' own: started on loopback in the private namespace, thrown away afterwards."""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.helpers.namespace import require_namespace

_USER = "postgres"
_DEADLINE_S = 60
_CUT_OFF = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '{}'"


class ServerNotStartedError(Exception):
    """The server said that it can't start."""


class PostgresServer:
    """A running server; ``new_database`` gives the address of an empty database, or of a copy of another."""

    def __init__(self, port: int, data: Path, start: Callable[[], None]) -> None:
        self.port = port
        self._data, self._start = data, start
        self._numbers = itertools.count(1)

    def kill(self) -> None:
        """Kill the server at once, as a fault of the machine does; what was committed is on its disk."""
        pid = int((self._data / "postmaster.pid").read_text("ascii").split()[0])
        os.kill(pid, signal.SIGKILL)

    def start_again(self) -> None:
        """Start it after it was killed; its other processes need a moment to notice that it is gone."""
        until = time.monotonic() + _DEADLINE_S
        while True:
            try:
                self._start()
            except ServerNotStartedError:
                if time.monotonic() > until:
                    raise
            else:
                return

    def url(self, database: str) -> str:
        """Return the address of a database."""
        return f"postgresql+psycopg://{_USER}@127.0.0.1:{self.port}/{database}"

    def new_database(self, template: str = "template0") -> str:
        """Make a database and return its name."""
        name = f"store{next(self._numbers)}"
        self._tell(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return name

    def drop(self, name: str) -> None:
        """Throw a database away."""
        self._tell(f'DROP DATABASE "{name}" WITH (FORCE)')

    def cut_off(self, station: str) -> None:
        """End the sessions of a station, as a router on the way does that forgets them."""
        self._tell(_CUT_OFF.format(station))

    def _tell(self, command: str) -> None:
        import psycopg

        with psycopg.connect(
            host="127.0.0.1", port=self.port, user=_USER, dbname="postgres", autocommit=True
        ) as server:
            server.execute(command.encode())


def _programs() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), key=lambda p: int(p.parts[-3]))
    if found:
        return found[-1].parent
    on_path = shutil.which("pg_ctl")
    if on_path is None:
        pytest.skip("PostgreSQL is not here (Debian package: postgresql)")
    return Path(on_path).parent


def _free_port() -> int:
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@contextlib.contextmanager
def running_postgres(*, durable: bool = False) -> Iterator[PostgresServer]:
    """Start a server that nothing outside the namespace can reach, and stop it; skips where that cannot be.

    Unless ``durable`` it does not wait for the disk: nothing here outlives it.
    """
    require_namespace()
    pytest.importorskip("psycopg", reason="psycopg is not installed (extra: postgresql)")
    programs, port = _programs(), _free_port()
    # Not below pytest's own folder: that one is closed to other users, and PostgreSQL refuses to run as root.
    folder = Path(tempfile.mkdtemp(prefix="station-pg-"))
    who = _who(folder)
    data, log = folder / "data", folder / "log"

    def run(*command: str) -> None:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=_DEADLINE_S, check=False, user=who
        )
        if done.returncode != 0:
            told = log.read_text(encoding="utf-8") if log.exists() else ""
            raise ServerNotStartedError(f"{command[0]} ended with {done.returncode}: {done.stdout}{done.stderr}{told}")

    try:
        run(f"{programs}/initdb", "-D", str(data), "-A", "trust", "-U", _USER, "-E", "UTF8", "--locale=C.UTF-8", "-N")
        options = f"-c listen_addresses=127.0.0.1 -p {port} -k {folder} -c timezone=Asia/Kathmandu"
        options += "" if durable else " -c fsync=off"

        def start() -> None:
            run(f"{programs}/pg_ctl", "-w", "-D", str(data), "-l", str(log), "-o", options, "start")

        start()
        try:
            yield PostgresServer(port, data, start)
        finally:
            run(f"{programs}/pg_ctl", "-w", "-m", "immediate", "-D", str(data), "stop")
    finally:
        shutil.rmtree(folder)


def _who(folder: Path) -> int | None:
    import pwd  # not on Windows, where require_namespace has skipped already

    if os.geteuid() != 0:
        return None
    try:
        uid = pwd.getpwnam(_USER).pw_uid
    except KeyError:
        pytest.skip("the user postgres is not here, and PostgreSQL refuses to run as root")
    os.chown(folder, uid, -1)
    return uid
