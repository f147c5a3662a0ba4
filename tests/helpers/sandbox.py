"""A real sandbox process with a real client, for tests that talk over a socket."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from station.adapters.router.address import RouterAddress
from station.adapters.router.http import HttpRouter
from station.sandbox.faults import FaultDial
from station.sandbox.process import SandboxProcess
from station.sandbox.router.config import SandboxConfig

PIC, OTHER_PIC = "999465982", "999859608"
KEY, OTHER_KEY = "key-of-the-first-institution", "key-of-the-other-institution"
NAMES = {PIC: "Rīgas Demonstrācijas universitāte", OTHER_PIC: "Another University"}


@dataclass(frozen=True, slots=True)
class RunningSandbox:
    """A sandbox that answers: its address, its fault dial, its process, the folder with its files."""

    address: str
    dial: FaultDial
    process: SandboxProcess
    folder: Path

    @property
    def host(self) -> str:
        """Return scheme, host and port."""
        return self.address.removesuffix("/esc-rest")

    @contextmanager
    def client(self, *, key: bytes = KEY.encode(), pic: str = PIC, timeout_s: float = 20.0) -> Iterator[HttpRouter]:
        """Give a client of this sandbox."""
        router = HttpRouter(
            RouterAddress(self.address, timeout_s=timeout_s), pic=pic, institution=NAMES[pic], key=lambda: key
        )
        try:
            yield router
        finally:
            router.close()


@contextmanager
def running_sandbox(folder: Path, *, port: int = 0) -> Iterator[RunningSandbox]:
    """Run a sandbox for two institutions, with its files in ``folder``."""
    config = SandboxConfig(
        database=folder / "router.sqlite", keys={KEY: PIC, OTHER_KEY: OTHER_PIC}, names=NAMES, port=port
    )
    faults = folder / "faults.json"
    with SandboxProcess(config, faults) as process:
        yield RunningSandbox(process.address, FaultDial(faults), process, folder)
