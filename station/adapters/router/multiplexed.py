"""HTTP/2: many requests at a time over one connection, where the server has it.

httpx's own HTTP/2 is not safe to use from several threads, so one thread alone touches the connection and the others
hand it their requests. A server may end a connection at any time (GOAWAY, RFC 9113, 6.8), with some requests not
looked at and others half answered: these are sent again, once, over a new one.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError

import httpx

from station.adapters.router.bounds import Bounds
from station.adapters.router.connections import GIVEN_UP


class Multiplexed(httpx.BaseTransport):
    """Send requests over one connection, from any thread. Its thread is there from the first request to ``close``."""

    def __init__(self, make: Callable[[], httpx.AsyncHTTPTransport]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._closed = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._transport: httpx.AsyncHTTPTransport | None = None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request and wait for the whole answer."""
        # Its body is read here, in the caller's thread: the other one could not, and a repeat needs it once more.
        again = httpx.Request(
            request.method, request.url, headers=request.headers, content=request.read(), extensions=request.extensions
        )
        future = asyncio.run_coroutine_threadsafe(self._ask(again), self._running())
        try:
            return future.result()
        except CancelledError as error:
            raise httpx.ReadError("closed meanwhile", request=request) from error

    def close(self) -> None:
        """Close the connection; what is on its way fails."""
        with self._lock:
            self._closed = True
            loop, thread, self._loop, self._thread = self._loop, self._thread, None, None
        if loop is not None and thread is not None:
            # In the loop's own thread, like everything that touches the connection; only then may the loop be stopped.
            asyncio.run_coroutine_threadsafe(self._end(), loop).result()
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._closed:
                raise httpx.ConnectError("the client is closed")
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._transport = self._make()
                self._thread = threading.Thread(target=self._loop.run_forever, name="network-http2", daemon=True)
                self._thread.start()
            return self._loop

    async def _ask(self, request: httpx.Request) -> httpx.Response:
        try:
            return await self._asked(request)
        except GIVEN_UP:
            return await self._asked(request)

    async def _asked(self, request: httpx.Request) -> httpx.Response:
        bounds = Bounds(request)
        try:
            async with asyncio.timeout(bounds.whole_s):
                return await self._whole(request, bounds)
        except TimeoutError as error:
            raise httpx.ReadTimeout("the answer takes too long altogether", request=request) from error

    async def _whole(self, request: httpx.Request, bounds: Bounds) -> httpx.Response:
        assert self._transport is not None  # noqa: S101 - made before the loop began
        response = await self._transport.handle_async_request(request)
        stream = response.stream
        assert isinstance(stream, httpx.AsyncByteStream)  # noqa: S101 - of a transport that is async
        try:
            # Whole before it goes to the other thread: the stream belongs to the loop.
            raw = b"".join([bounds.take(part) async for part in stream])
        finally:
            await stream.aclose()
        return httpx.Response(
            response.status_code,
            headers=response.headers,
            stream=httpx.ByteStream(raw),
            extensions={"http_version": response.extensions.get("http_version", b"")},
        )

    async def _end(self) -> None:
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        # Else whoever waits for one of them would wait for ever: a loop that has stopped ends nobody's future.
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        if self._transport is not None:
            await self._transport.aclose()


class Negotiated(httpx.BaseTransport):
    """Use HTTP/2 where the first answer shows that the server has it, and connections of HTTP/1.1 where it has not."""

    def __init__(self, together: httpx.BaseTransport, spread: httpx.BaseTransport) -> None:
        self._together, self._spread = together, spread
        self._lock = threading.Lock()
        self._chosen: httpx.BaseTransport | None = None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request; nobody else's goes before the first one has shown what the server has."""
        if self._chosen is None:
            with self._lock:
                if self._chosen is None:
                    return self._first(request)
        return self._chosen.handle_request(request)

    def close(self) -> None:
        """Close both."""
        self._together.close()
        self._spread.close()

    def _first(self, request: httpx.Request) -> httpx.Response:
        response = self._together.handle_request(request)
        if response.extensions.get("http_version") == b"HTTP/2":
            self._chosen = self._together
        else:
            self._chosen = self._spread
            # What HTTP/2 was offered over speaks HTTP/1.1 now, one request at a time; a thread for that is of no use.
            self._together.close()
        return response
