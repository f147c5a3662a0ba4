"""Serve the sandbox as a process of its own: ``python -m station.sandbox.router``.

The first line of standard input is the configuration as JSON, so that keys are never among the arguments that every
user of the computer can list. The first line of standard output is the address, or what went wrong. The process ends
when its standard input does: it never outlives who started it.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from pathlib import Path

from station.sandbox.faults import FaultDial
from station.sandbox.router.config import SandboxConfig, SandboxError
from station.sandbox.router.server import Sandbox


def main() -> int:
    """Serve until standard input ends; return the exit code."""
    given = json.loads(sys.stdin.readline())
    config = SandboxConfig(
        database=Path(given["database"]),
        keys=dict(given["keys"]),
        names=dict(given["names"]),
        host=str(given["host"]),
        port=int(given["port"]),
    )
    try:
        sandbox = Sandbox(config, FaultDial(Path(given["faults"])))
    except SandboxError as error:
        _say({"error": str(error)})
        return 1
    threading.Thread(target=_wait_for_end, args=(sandbox,), daemon=True).start()
    _say({"address": sandbox.address})
    sandbox.serve()
    return 0


def _wait_for_end(sandbox: Sandbox) -> None:
    # Not sys.stdin: a daemon thread inside its lock would spoil the interpreter's own end.
    while os.read(0, 4096):
        pass
    sandbox.stop()


def _say(message: dict[str, str]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
