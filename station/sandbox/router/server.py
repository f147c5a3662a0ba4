"""Serve the sandbox: bind, say where, answer until told to stop; and the process that does so beside the station."""

from __future__ import annotations

import asyncio
import socket
import sqlite3
from collections.abc import Callable

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from station.domain.errors import N_
from station.ports.faults import FaultSource, NoFaults
from station.sandbox.router.app import BASE_PATH, Backing, create_app
from station.sandbox.router.config import SandboxConfig, SandboxError
from station.sandbox.router.database import Database

_FILE_TODO = N_("Delete that file, or choose another folder: the sandbox holds nothing that is real.")


class Sandbox:
    """A sandbox that is bound and not yet serving. ``serve`` blocks until ``stop``, from any thread, or a signal."""

    def __init__(self, config: SandboxConfig, faults: FaultSource | None = None) -> None:
        """Take the port and open the file; raises SandboxError when either can't be had."""
        try:
            self._socket = socket.create_server((config.host, config.port))
        except OSError as error:
            raise SandboxError(detail=f"{config.host}:{config.port}: {error.strerror}") from error
        faults = faults or NoFaults()
        try:
            self._database = Database(config.database, config.names)
        except (OSError, sqlite3.Error) as error:
            self._socket.close()
            raise SandboxError(todo=_FILE_TODO, detail=f"{config.database}: {error}") from error
        app = create_app(Backing(config.keys, self._database, faults))
        settings = uvicorn.Config(
            app,
            http=_protocol(faults),
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
        )
        # Short: a client that keeps its connection open would hold up the station's own end.
        settings.timeout_graceful_shutdown = 1
        self._server = uvicorn.Server(settings)
        # Bound and listening: what is sent from now on is answered, a moment later if need be.
        host, port = self._socket.getsockname()[:2]
        self.address = f"http://{host}:{port}{BASE_PATH}"

    def serve(self) -> None:
        """Answer until told to stop."""
        try:
            self._server.run(sockets=[self._socket])
        finally:
            self.close()

    def close(self) -> None:
        """Give up port and file; ``serve`` does so when it ends."""
        self._socket.close()
        self._database.close()

    def stop(self) -> None:
        """Make ``serve`` return; from any thread."""
        # A flag and no call: uvicorn looks at it on its own thread, so any other one may set it.
        self._server.should_exit = True


def run_sandbox(
    config: SandboxConfig, faults: FaultSource | None = None, ready: Callable[[str], None] | None = None
) -> None:
    """Serve a sandbox until a signal; ``ready`` is told the address as soon as it can be used.

    Raises:
        SandboxError: the port is taken.
    """
    sandbox = Sandbox(config, faults)
    try:
        if ready is not None:
            ready(sandbox.address)
        sandbox.serve()
    finally:
        sandbox.close()


def _protocol(faults: FaultSource) -> type[asyncio.Protocol]:
    """Return uvicorn's HTTP protocol with the fault ``down`` built in: it cuts instead of answering."""

    class CuttingProtocol(H11Protocol):
        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
            super().connection_made(transport)
            # A socket that we bound ourselves does not get this from asyncio, and each answer would be 40 ms late.
            transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

        def data_received(self, data: bytes) -> None:
            fault = faults.fault("router")
            if fault is not None and fault.kind == "down":
                # Aborted and not closed: the client gets a reset in the middle, as from a cable or a router that dies.
                self.transport.abort()
                return
            super().data_received(data)

    return CuttingProtocol
