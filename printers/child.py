"""A process of its own for a library that may crash, hang or talk nonsense: asked one question at a time.

Questions and answers are JSON, with attachments of plain bytes: whatever the other side sends, nothing of it is run. A
process that ended, or that was ended because it was silent, is replaced at the next question; what became of the
question that it died of, the asker decides.
"""

from __future__ import annotations

import json
import os
import signal
import threading
import weakref
from collections.abc import Callable, Mapping, Sequence
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

Answer = Mapping[str, object]
Serve = Callable[[Connection, str], None]

_END_S = 2.0
# A little longer than a driver waits for a print by default.
_OUTLIVE_S = 360.0


class ChildError(Exception):
    """The process didn't answer; ``detail`` says what is known of it in a few words."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class ChildDiedError(ChildError):
    """It ended before it answered."""


class ChildHungError(ChildError):
    """It was silent for too long, and was ended."""


class ChildGarbageError(ChildError):
    """What it answered makes no sense; it was ended."""


class ChildBusyError(ChildError):
    """Another question is being answered."""


def write(connection: Connection, message: Mapping[str, object], attachments: Sequence[bytes] = ()) -> None:
    """Send one message; raises OSError when nobody is there any more."""
    connection.send_bytes(json.dumps({**message, "attachments": len(attachments)}).encode())
    for attachment in attachments:
        connection.send_bytes(attachment)


def read(connection: Connection) -> tuple[dict[str, object], list[bytes]]:
    """Wait for one message; raises EOFError, OSError when nobody is there, ValueError when it is none."""
    message = json.loads(connection.recv_bytes())
    if not isinstance(message, dict):
        raise ValueError("no message")  # noqa: TRY004 - what arrived is wrong, and no argument of a caller
    count = message.pop("attachments", 0)
    return message, [connection.recv_bytes() for _ in range(count if isinstance(count, int) else 0)]


class Child:
    """Start ``serve(connection, name)`` in a process when it is first asked something; safe on any thread."""

    def __init__(self, serve: Serve, name: str) -> None:
        self._serve, self._name = serve, name
        self._lock = threading.Lock()
        self._running: tuple[BaseProcess, Connection] | None = None
        self._end: weakref.finalize[[BaseProcess, Connection], Child] | None = None

    def ask(
        self, verb: str, timeout_s: float, *, attachments: Sequence[bytes] = (), wait_s: float = -1, **said: object
    ) -> Answer:
        """Return the answer to a question.

        ``wait_s`` is how long to wait for another question's end, by default for ever.

        Raises:
            ChildError: which says how it ended. The next question begins a new process.
        """
        if not self._lock.acquire(timeout=wait_s):
            raise ChildBusyError("busy")
        try:
            _, connection = self._process()
            return self._exchange(connection, verb, timeout_s, attachments, said)
        except ChildError:
            self._stop()
            raise
        finally:
            self._lock.release()

    def close(self) -> None:
        """End the process; a later question begins another."""
        with self._lock:
            self._stop()

    def _exchange(
        self,
        connection: Connection,
        verb: str,
        timeout_s: float,
        attachments: Sequence[bytes],
        said: Mapping[str, object],
    ) -> Answer:
        try:
            write(connection, {"verb": verb, **said}, attachments)
            if not connection.poll(timeout_s):
                raise ChildHungError(f"no answer after {timeout_s:.0f} s")
            answer, _ = read(connection)
        except (EOFError, OSError) as error:
            raise ChildDiedError(self._how_it_ended()) from error
        except ValueError as error:
            raise ChildGarbageError(str(error)) from error
        return answer

    def _process(self) -> tuple[BaseProcess, Connection]:
        if self._running is not None and self._running[0].is_alive():
            return self._running
        self._stop()
        context = get_context("spawn")  # never a copy of this process: it has a window, threads, an open database
        ours, theirs = context.Pipe()
        process = context.Process(target=_run, args=(self._serve, theirs, self._name), daemon=True)
        try:
            process.start()
        except OSError as error:
            ours.close()
            raise ChildDiedError(error.strerror or str(error)) from error
        finally:
            # Our copy of their end would keep the pipe open, and a process that died would never be noticed by it.
            theirs.close()
        self._running = process, ours
        # Also when nobody holds this object any more, and when the interpreter ends.
        self._end = weakref.finalize(self, _end, process, ours)
        return self._running

    def _how_it_ended(self) -> str:
        if self._running is None:
            return "not running"
        process = self._running[0]
        process.join(_END_S)
        code = process.exitcode
        if code is not None and code < 0:
            return signal.Signals(-code).name
        return f"exit status {code}"

    def _stop(self) -> None:
        if self._end is not None:
            self._end()
        self._running = self._end = None


def _end(process: BaseProcess, connection: Connection) -> None:
    connection.close()
    # A maker's library may wait for its printer for minutes, and hear nothing of a polite end.
    process.kill()
    process.join(_END_S)
    if process.exitcode is not None:
        process.close()


def _run(serve: Serve, connection: Connection, name: str) -> None:
    # The keyboard's Ctrl+C is for the station, which then ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_after, args=(parent_process(),), daemon=True).start()
    serve(connection, name)


def _end_after(parent: BaseProcess | None) -> None:
    # A station that was killed leaves the card that is being printed its time: broken off, it would be spoiled.
    if parent is not None:
        parent.join()
        threading.Event().wait(_OUTLIVE_S)
        os._exit(1)
