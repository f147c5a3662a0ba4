"""A network camera on loopback that can be unplugged, freeze, go slow, send broken frames, and come back."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Sequence
from types import TracebackType
from typing import Self


class MjpegServer:
    """Serve JPEG pictures in turn as `multipart/x-mixed-replace`, as many webcams and telephones do.

    Used as a context manager it is plugged in inside, and every thread has ended after.
    """

    def __init__(self, pictures: Sequence[bytes], frames_per_s: float = 60.0) -> None:
        self.pictures = list(pictures)
        self.interval_s = 1 / frames_per_s
        self.sent = 0
        self.connections = 0
        self._broken = 0
        self._port = 0
        self._moving = threading.Event()
        self._moving.set()
        self._gone = threading.Event()
        self._server: socketserver.ThreadingTCPServer | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """Return the address; it stays the same when the camera comes back."""
        return f"http://127.0.0.1:{self._port}/video.mjpg"

    def plug(self) -> None:
        """Listen, on the same port as before."""
        self._gone = threading.Event()
        self._server = _Server(("127.0.0.1", self._port), self._handler(self._gone))
        self._port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), name="mjpeg")
        self._thread.start()

    def unplug(self) -> None:
        """Cut every connection and stop listening."""
        if self._server is None or self._thread is None:
            return
        self._gone.set()
        self._server.shutdown()
        self._server.server_close()  # joins the threads of the connections
        self._thread.join()
        self._server = self._thread = None

    def freeze(self) -> None:
        """Keep the connections, and send nothing more."""
        self._moving.clear()

    def thaw(self) -> None:
        """Go on after a freeze."""
        self._moving.set()

    def slow(self, frames_per_s: float) -> None:
        """Send at another rate from now on."""
        self.interval_s = 1 / frames_per_s

    def corrupt(self, frames: int) -> None:
        """Send as many broken frames next: the right length, their picture data overwritten."""
        self._broken = frames

    def __enter__(self) -> Self:
        self.plug()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.unplug()

    def _next(self) -> bytes:
        picture = self.pictures[self.sent % len(self.pictures)]
        self.sent += 1
        if self._broken:
            self._broken -= 1
            return picture[:2] + bytes(b ^ 0x5A for b in picture[2:])
        return picture

    def _handler(self, gone: threading.Event) -> type[socketserver.StreamRequestHandler]:
        camera = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                while self.rfile.readline().strip():
                    pass
                camera.connections += 1
                try:
                    self.wfile.write(b"HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=f\r\n\r\n")
                    while not gone.wait(camera.interval_s):
                        if camera._moving.is_set():
                            data = camera._next()
                            head = b"--f\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(data)
                            self.wfile.write(head + data + b"\r\n")
                except OSError:
                    pass  # whoever looked has gone

        return Handler


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = False
