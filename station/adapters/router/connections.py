"""Many requests at a time, each on a connection of its own, without a search through a pool.

httpcore's pool looks at every connection for every request: with 64 of them it is busier with itself than with the
network. Here whoever asks takes the connection that was given back last, or opens one; that costs the same however
many there are, and those that nobody needs any more grow old at the bottom and are closed.

Over HTTP/2, where the server has it, all share one connection: see ``multiplexed``.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import httpx

from station.adapters.router.bounds import Bounds

GIVEN_UP = (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError)
"""How a connection looks that the other end has closed meanwhile."""

IDLE_MAX_S = 30.0
"""So long is a connection kept that nobody uses; servers give up theirs after a minute or so."""


class Connections(httpx.BaseTransport):
    """Spread requests over transports of one connection each. Safe from any thread."""

    def __init__(self, make: Callable[[], httpx.BaseTransport]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._idle: list[tuple[float, httpx.BaseTransport]] = []
        self._closed = False

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request; the connection is free for others when the answer has been read or closed.

        A connection that has lain idle may have been given up at the other end: then a new one is tried at once.
        Every request that is sent here can be repeated (``HttpRouter``: telling twice changes nothing).
        """
        transport, used_before = self._take()
        try:
            response = _sent(transport, request)
        except GIVEN_UP:
            if not used_before:
                raise
            transport = self._make()
            response = _sent(transport, request)
        stream = response.stream
        assert isinstance(stream, httpx.SyncByteStream)  # noqa: S101 - of a transport that is not async
        return httpx.Response(
            response.status_code,
            headers=response.headers,
            stream=_Lent(stream, lambda: self._give_back(transport), Bounds(request)),
            extensions=response.extensions,
        )

    def close(self) -> None:
        """Close every connection that is free; those in use are closed when they are given back."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for _since, transport in idle:
            transport.close()

    def _take(self) -> tuple[httpx.BaseTransport, bool]:
        with self._lock:
            if self._closed:
                raise httpx.ConnectError("the client is closed")
            if self._idle:
                # The one that was used last: it is the least likely to have been given up at the other end.
                return self._idle.pop()[1], True
        return self._make(), False

    def _give_back(self, transport: httpx.BaseTransport) -> None:
        now = time.monotonic()
        with self._lock:
            old = [transport] if self._closed else []
            if not self._closed:
                self._idle.append((now, transport))
                while self._idle and now - self._idle[0][0] > IDLE_MAX_S:
                    old.append(self._idle.pop(0)[1])
        for each in old:
            each.close()


def _sent(transport: httpx.BaseTransport, request: httpx.Request) -> httpx.Response:
    with ExitStack() as undo:
        # Whatever a failure leaves in it belongs to this request, and must not be read by the next.
        undo.callback(transport.close)
        response = transport.handle_request(request)
        undo.pop_all()
        return response


class _Lent(httpx.SyncByteStream):
    """The body of an answer; gives its connection back once, when it is closed."""

    def __init__(self, stream: httpx.SyncByteStream, give_back: Callable[[], None], bounds: Bounds) -> None:
        self._stream, self._bounds = stream, bounds
        self._give_back: Callable[[], None] | None = give_back

    def __iter__(self) -> Iterator[bytes]:
        return map(self._bounds.take, self._stream)

    def close(self) -> None:
        """Close the body."""
        # Taken away first: a body may be closed twice, and a connection that is given back twice would serve two at
        # once.
        give_back, self._give_back = self._give_back, None
        try:
            self._stream.close()
        finally:
            if give_back is not None:
                give_back()
