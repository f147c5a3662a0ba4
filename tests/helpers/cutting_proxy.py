"""A cable that can be pulled at any byte: a TCP proxy that passes on so many bytes and then cuts both ends."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

_ABORT = struct.pack("ii", 1, 0)


class CuttingProxy:
    """Pass connections on to ``upstream``; ``cut_after`` bytes of the next one, there or back, are its last.

    Count: ``up`` and ``down`` say how many bytes the last whole connection had each way. ``cut_large`` waits for a
    connection that sends a document: ``up`` cuts it in the middle of that, ``down`` before the answer.
    """

    LARGE = 20_000

    def __init__(self, upstream: str) -> None:
        parts = urlsplit(upstream)
        self._upstream = (parts.hostname or "127.0.0.1", parts.port or 80)
        self._path = parts.path
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._open: set[socket.socket] = set()
        self.cut_up: int | None = None
        self.cut_down: int | None = None
        self.cut_large = ""
        self.up = self.down = 0
        self._accepting = threading.Thread(target=self._accept, name="cutting-proxy")
        self._accepting.start()

    @property
    def address(self) -> str:
        """Return the address of the router through this cable."""
        host, port = self._listener.getsockname()[:2]
        return f"http://{host}:{port}{self._path}"

    def stop(self) -> None:
        """Pull everything."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._accepting.join(10)
        with self._lock:
            for each in self._open:
                _abort(each)
        for thread in self._threads:
            thread.join(10)

    def _accept(self) -> None:
        while True:
            try:
                near, _peer = self._listener.accept()
            except OSError:
                return
            far = socket.create_connection(self._upstream)
            near.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            far.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                limits = (self.cut_up, self.cut_down)
                self.cut_up = self.cut_down = None
                self.up = self.down = 0
                self._open |= {near, far}
            sent = [0]
            for source, target, way, limit in ((near, far, "up", limits[0]), (far, near, "down", limits[1])):
                thread = threading.Thread(target=self._pass, args=(source, target, way, limit, sent))
                self._threads.append(thread)
                thread.start()

    def _pass(self, source: socket.socket, target: socket.socket, way: str, limit: int | None, sent: list[int]) -> None:
        passed = 0
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if limit is not None and passed + len(data) >= limit:
                    target.sendall(data[: limit - passed])
                    break
                sent[0] += len(data) if way == "up" else 0
                if self.cut_large == way and sent[0] >= self.LARGE:
                    self.cut_large = ""
                    break
                target.sendall(data)
                passed += len(data)
                setattr(self, way, passed)
        for each in (source, target):
            _abort(each)
            with self._lock:
                self._open.discard(each)


def _abort(each: socket.socket) -> None:
    """Cut a connection as a pulled cable does, without a word."""
    with contextlib.suppress(OSError):
        each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABORT)
        each.shutdown(socket.SHUT_RDWR)
    each.close()


@contextmanager
def cutting_proxy(upstream: str) -> Iterator[CuttingProxy]:
    """Run a cable to ``upstream``."""
    proxy = CuttingProxy(upstream)
    try:
        yield proxy
    finally:
        proxy.stop()
