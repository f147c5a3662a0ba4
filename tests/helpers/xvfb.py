"""A screen of its own for a test: Xvfb and openbox on a free display, real keys by xdotool, pictures of it."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.helpers.namespace import require_program

DEADLINE_S = 20.0
_LOOK_EVERY_S = 0.03


def wait_for(what: str, found: Callable[[], object], deadline_s: float = DEADLINE_S) -> object:
    """Return what ``found`` returns as soon as it is true; fail, naming ``what``, at the deadline."""
    end = time.monotonic() + deadline_s
    while True:
        value = found()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"{what} did not come within {deadline_s:.0f} s")
        time.sleep(_LOOK_EVERY_S)


@dataclass(frozen=True)
class Screen:
    """A running X server with a window manager."""

    display: str
    environment: dict[str, str] = field(default_factory=dict)

    def keys(self, *names: str) -> None:
        """Press keys, by their X names, one after the other."""
        self._xdotool("key", "--clearmodifiers", "--delay", "12", *names)

    def type(self, text: str) -> None:
        """Type text, in any alphabet."""
        self._xdotool("type", "--delay", "12", text)

    def click(self, x: int, y: int) -> None:
        """Click with the left button."""
        self._xdotool("mousemove", str(x), str(y), "click", "1")

    def window(self, name: str) -> str:
        """Return the id of the visible window whose title matches ``name``, as soon as there is one."""

        def search() -> str:
            found = self._run("xdotool", "search", "--onlyvisible", "--name", name)
            return found.split()[-1] if found.strip() else ""

        return str(wait_for(f"a window named {name}", search))

    def activate(self, window: str) -> None:
        """Give a window the keyboard."""
        self._xdotool("windowactivate", "--sync", window)

    def picture(self, file: Path) -> Path:
        """Write a picture of the whole screen."""
        self._run("import", "-window", "root", str(file))
        return file

    def _xdotool(self, *arguments: str) -> None:
        self._run("xdotool", *arguments)

    def _run(self, *command: str) -> str:
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=30, check=False)
        return done.stdout


@contextmanager
def screen(width: int = 1280, height: int = 800, *, manager: bool = True) -> Iterator[Screen]:
    """Start Xvfb and openbox on a free display; end both, by their ids, afterwards."""
    xvfb, openbox = require_program("Xvfb", package="xvfb"), require_program("openbox")
    require_program("xdotool")
    with ExitStack() as closing:
        reading, writing = os.pipe()
        geometry = f"{width}x{height}x24"
        command = [xvfb, "-displayfd", str(writing), "-screen", "0", geometry, "-nolisten", "tcp", "-noreset"]
        closing.enter_context(_running(command, pass_fds=(writing,)))
        os.close(writing)
        with os.fdopen(reading) as numbers:
            number = numbers.readline().strip()
        if not number:
            raise AssertionError("Xvfb did not start")
        environment = {**os.environ, "DISPLAY": f":{number}", "QT_QPA_PLATFORM": "xcb"}
        environment.pop("WAYLAND_DISPLAY", None)
        if manager:
            closing.enter_context(_running([openbox, "--sm-disable"], env=environment))
        yield Screen(f":{number}", environment)


@contextmanager
def _running(
    command: Sequence[str], *, env: dict[str, str] | None = None, pass_fds: tuple[int, ...] = ()
) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        command, env=env, pass_fds=pass_fds, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
