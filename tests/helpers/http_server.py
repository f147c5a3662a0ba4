"""A small HTTP server that answers by a script, for what no well-behaved router would do; it can stand before one."""

from __future__ import annotations

import http.client
import ssl
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Answer:
    """What to answer, whatever was asked."""

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)


class Trick(Enum):
    """What else can happen to a request."""

    FORWARD = "it goes through"
    CUT_BEFORE = "the connection is cut before the router hears of it"
    CUT_AFTER = "the router does it, and the answer is lost"
    CUT_WITHIN = "the router does it, and half the answer arrives"


@dataclass(frozen=True, slots=True)
class Drip:
    """The answer arrives a byte at a time, without an end: no mere trick, for it takes as long as one is patient."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A request as it arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class ScriptedServer:
    """Answer requests by ``script``, in order; with an empty script forward to ``upstream``, or answer ``{}``."""

    def __init__(self, upstream: str | None = None, tls: ssl.SSLContext | None = None) -> None:
        self._scheme = "https" if tls else "http"
        self.upstream = urlsplit(upstream).netloc if upstream else None
        self.script: deque[Answer | Trick | Drip] = deque()
        self.heard: list[Heard] = []
        self.added: Callable[[str, str], dict[str, str]] = lambda _method, _path: {}
        """What headers a request gets on its way on, by method and path."""
        self.told_time = ""
        """What time of day every answer that is passed on tells; none when empty."""
        self.stripped = ""
        """What the path loses at its beginning on its way on."""
        self.stopping = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(self))
        if tls is not None:
            # The handshake is left to the handler's thread; a client that walks away is no error here.
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
            self._server.handle_error = lambda *_about: None  # type: ignore[method-assign]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    @property
    def address(self) -> str:
        """Return the base address, as a router's."""
        return f"{self._scheme}://127.0.0.1:{self._server.server_port}/esc-rest"

    def stop(self) -> None:
        """Stop answering."""
        self.stopping.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _handler_of(owner: ScriptedServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _handle(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            owner.heard.append(Heard(self.command, self.path, headers, body))
            step = owner.script.popleft() if owner.script else Trick.FORWARD
            if step is Trick.CUT_BEFORE:
                return
            if isinstance(step, Drip):
                _drip(self, owner.stopping)
                return
            answer = step if isinstance(step, Answer) else self._forward(body)
            if step is Trick.CUT_AFTER:
                return
            self.send_response_only(answer.status)  # without a Date of its own: that is part of the script
            for name, value in {"Content-Type": "application/json", **answer.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            half = len(answer.body) // 2
            self.wfile.write(answer.body[:half] if step is Trick.CUT_WITHIN else answer.body)

        do_GET = do_POST = do_PUT = do_DELETE = _handle  # noqa: N815 - the names that http.server calls

        def _forward(self, body: bytes) -> Answer:
            if owner.upstream is None:
                return Answer()
            connection = http.client.HTTPConnection(owner.upstream, timeout=20)
            try:
                kept = ("authorization", "content-type", "accept")
                headers = {n: v for n, v in self.headers.items() if n.lower() in kept}
                path = self.path.removeprefix(owner.stripped)
                headers |= owner.added(self.command, path)
                connection.request(self.command, path, body or None, headers)
                response = connection.getresponse()
                passed = {n: v for n, v in response.getheaders() if n.lower() in {"content-type", "retry-after"}}
                passed |= {"Date": owner.told_time} if owner.told_time else {}
                return Answer(response.status, response.read(), passed)
            finally:
                connection.close()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    return Handler


def _drip(handler: BaseHTTPRequestHandler, stopping: threading.Event) -> None:
    handler.send_response_only(200)
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    with suppress(OSError):  # until whoever asked has had enough
        while not stopping.wait(0.05):
            handler.wfile.write(b" ")
    handler.close_connection = True


@contextmanager
def scripted_server(upstream: str | None = None, tls: ssl.SSLContext | None = None) -> Iterator[ScriptedServer]:
    """Run a scripted server."""
    server = ScriptedServer(upstream, tls)
    try:
        yield server
    finally:
        server.stop()
