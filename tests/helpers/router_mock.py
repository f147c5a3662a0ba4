"""A mock of ESC-Router that a tool which is not ours (Prism, Apache-2.0) makes of the published contract.

``python -m tests.helpers.router_mock`` installs it by npm, at the versions of ``tests/fixtures/prism``; ``make test``
does so before the tests lose the network. Where there is no npm its tests are skipped, saying so.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import platformdirs
import pytest

from tests.helpers.openapi import FILE

_LOCK = Path(__file__).resolve().parents[1] / "fixtures" / "prism"
# Asked for when this is imported: in a test, the home folder is an empty one.
FOLDER = platformdirs.user_cache_path("esc-station-tests", appauthor=False) / "prism"
INSTALL_S = 180.0
READY_S = 60.0


def missing() -> str:
    """Return why the mock can't be run, empty when it can."""
    if not FILE.exists():
        return "the shared reference is not beside this checkout"
    if shutil.which("node") is None:
        return "there is no node to run Prism with"
    return "" if _is_installed() else "Prism is not installed: python -m tests.helpers.router_mock"


@contextmanager
def running_mock() -> Iterator[str]:
    """Run the mock and give its address, or skip."""
    reason = missing()
    if reason:
        pytest.skip(reason)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = ["node", str(_program()), "mock", "--host", "127.0.0.1", "--port", str(port), "--verboseLevel", "silent"]
    process = subprocess.Popen([*command, str(FILE.resolve())], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(process, port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def _wait_for(process: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + READY_S
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"Prism did not come up ({process.poll()})")


def _program() -> Path:
    return FOLDER / "node_modules" / "@stoplight" / "prism-cli" / "dist" / "index.js"


def _is_installed() -> bool:
    kept = FOLDER / "package-lock.json"
    return _program().exists() and kept.exists() and kept.read_bytes() == (_LOCK / kept.name).read_bytes()


def main() -> int:
    """Install it where it is missing; nobody's tests fail because it could not be had: they are skipped."""
    npm = shutil.which("npm")
    if _is_installed() or npm is None or shutil.which("node") is None:
        return 0
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(_LOCK / name, FOLDER / name)
    command = [npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--silent"]
    try:
        subprocess.run(command, cwd=FOLDER, check=True, timeout=INSTALL_S, stdout=subprocess.DEVNULL)
    except (subprocess.SubprocessError, OSError) as error:
        print(f"the router's mock: {error}; its tests will be skipped", file=sys.stderr)
        (FOLDER / "package-lock.json").unlink(missing_ok=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
