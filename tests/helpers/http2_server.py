"""A server that speaks HTTP/2 over TLS, made of the protocol library alone: it ends connections when it likes."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import h2.config
import h2.connection
import h2.events
import h2.exceptions

Answerer = Callable[[str, str, bytes], tuple[int, bytes]]


class Http2Server:
    """Answer each request by ``answer(method, path, body)``; after ``goaway_after`` of them end the connection."""

    def __init__(self, context: ssl.SSLContext, answer: Answerer, goaway_after: int | None = None) -> None:
        context.set_alpn_protocols(["h2"])
        self._context, self._answer, self.goaway_after = context, answer, goaway_after
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.connections = self.requests = 0
        self.at_once_max = 0
        self.drips = False
        """Whether answers come a byte at a time, without an end."""
        self.stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._open: list[ssl.SSLSocket] = []
        self._accepting = threading.Thread(target=self._accept, name="http2-server")
        self._accepting.start()

    @property
    def address(self) -> str:
        """Return the base address, as a router's."""
        return f"https://127.0.0.1:{self._listener.getsockname()[1]}/esc-rest"

    def stop(self) -> None:
        """End everything."""
        self.stopping.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._accepting.join(10)
        for wire in self._open:
            with contextlib.suppress(OSError):
                wire.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)

    def _accept(self) -> None:
        while True:
            try:
                plain, _peer = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(plain,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, plain: socket.socket) -> None:
        with contextlib.suppress(OSError, ssl.SSLError), self._context.wrap_socket(plain, server_side=True) as wire:
            self._open.append(wire)
            self.connections += 1
            _Conversation(self, wire).run()
        plain.close()

    def answered(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        """Return what to answer."""
        self.requests += 1
        return self._answer(method, path, body)


class _Conversation:
    """One connection."""

    def __init__(self, server: Http2Server, wire: ssl.SSLSocket) -> None:
        self._server, self._wire = server, wire
        config = h2.config.H2Configuration(client_side=False, header_encoding="utf-8")
        self._state = h2.connection.H2Connection(config)
        self._asked: dict[int, tuple[str, str, bytearray]] = {}
        self._count = 0

    def run(self) -> None:
        self._state.initiate_connection()
        self._wire.sendall(self._state.data_to_send())
        while data := self._wire.recv(65536):
            ready = [self._note(event) for event in self._state.receive_data(data)]
            self._server.at_once_max = max(self._server.at_once_max, len(self._asked))
            for stream in filter(None, ready):
                if not self._reply(stream):
                    return
            self._wire.sendall(self._state.data_to_send())

    def _note(self, event: h2.events.Event) -> int | None:
        if isinstance(event, h2.events.RequestReceived):
            headers = dict(event.headers or [])
            self._asked[event.stream_id or 0] = (headers[":method"], headers[":path"], bytearray())
        elif isinstance(event, h2.events.DataReceived):
            self._asked[event.stream_id or 0][2].extend(event.data or b"")
            self._state.acknowledge_received_data(event.flow_controlled_length or 0, event.stream_id or 0)
        elif isinstance(event, h2.events.StreamEnded):
            return event.stream_id
        return None

    def _reply(self, stream: int) -> bool:
        method, path, body = self._asked.pop(stream)
        status, answer = self._server.answered(method, path, bytes(body))
        self._count += 1
        if self._server.goaway_after is not None and self._count > self._server.goaway_after:
            # What it has done of this one the client never learns.
            self._state.close_connection(last_stream_id=stream)
            self._wire.sendall(self._state.data_to_send())
            return False
        self._state.send_headers(stream, [(":status", str(status)), ("content-type", "application/json")])
        while self._server.drips and not self._server.stopping.wait(0.05):
            self._state.send_data(stream, b" ")
            self._wire.sendall(self._state.data_to_send())
        self._state.send_data(stream, answer, end_stream=True)
        return True


@contextmanager
def http2_server(context: ssl.SSLContext, answer: Answerer, goaway_after: int | None = None) -> Iterator[Http2Server]:
    """Run a server."""
    server = Http2Server(context, answer, goaway_after)
    try:
        yield server
    finally:
        server.stop()
