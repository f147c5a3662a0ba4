"""Real card readers, through the computer's PC/SC service.

Every call opens a line of its own to the service (0.2 ms): the service may be stopped and started as it likes, the next
call finds it again. Cards are held exclusively. A shared connection with transactions would give way to more
programs, but waits without end for one that never finishes, and with it every other reader of this desk.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from station.adapters.reader.busy import busy_error, programs_with_pcsc
from station.adapters.reader.winscard import PLUG_AND_PLAY, CardHandle, Code, Context, Flag, ReaderState, ScardError
from station.domain.errors import (
    N_,
    Cancelled,
    CardAbsentError,
    CardRemovedError,
    ReaderError,
    ReaderMissingError,
    ReaderServiceDownError,
)
from station.ports.chip import ReaderEvent, ReaderInfo
from station.ports.tasks import Cancel

logger = logging.getLogger(__name__)

Report = Callable[[ReaderEvent], None]
# How soon a wait notices that it was cancelled, or a watcher that a reader was plugged in where nothing tells it.
_SLICE_MS = 50
_RELIST_MS = 1000
_RECOVER_S = 0.25
# Programs that look at every new card (browsers, certificate services) are done by then.
BUSY_WAIT_S = 1.5

# A broken line means the same, except in the middle of an exchange with a card.
_SERVICE_GONE = (Code.NO_SERVICE, Code.SERVICE_STOPPED, Code.INVALID_HANDLE, Code.COMM_ERROR)
_CARD_GONE = (
    Code.REMOVED_CARD,
    Code.NO_SMARTCARD,
    Code.UNPOWERED_CARD,
    Code.UNRESPONSIVE_CARD,
    Code.RESET_CARD,
    # What contactless readers say when the card leaves in the middle of an exchange.
    Code.NOT_TRANSACTED,
    Code.COMM_DATA_LOST,
)


class PcscReaders:
    """All readers that the PC/SC service knows."""

    def __init__(self, *, busy_wait_s: float = BUSY_WAIT_S) -> None:
        self._busy_wait_s = busy_wait_s

    def list_readers(self) -> tuple[ReaderInfo, ...]:
        """Return the readers and their cards; connects to none."""
        with _line("") as context:
            return tuple(ReaderInfo(each.name, each.present, each.atr) for each in _look(context))

    def wait_card(self, pattern: str, *, cancel: Cancel, timeout_s: float) -> str:
        """Wait until a card lies on a matching reader, return the reader's name."""

        def found(states: tuple[ReaderState, ...]) -> str | None:
            matching = [each for each in states if pattern.lower() in each.name.lower()]
            if not matching:
                raise ReaderMissingError(device=pattern)
            return next((each.name for each in matching if each.present), None)

        name = _wait(found, pattern, cancel=cancel, timeout_s=timeout_s)
        if name is None:
            raise CardAbsentError(device=pattern)
        return name

    def wait_no_card(self, reader: str, *, cancel: Cancel, timeout_s: float) -> bool:
        """Wait until the reader is empty; say whether it is."""

        def empty(states: tuple[ReaderState, ...]) -> str | None:
            return None if any(each.present for each in states if each.name == reader) else reader

        return _wait(empty, reader, cancel=cancel, timeout_s=timeout_s) is not None

    @contextmanager
    def open_card(self, reader: str) -> Iterator[PcscConnection]:
        """Connect to the card on ``reader`` for this program alone."""
        with _line(reader) as context:
            connection = PcscConnection(reader, self._connect(context, reader))
            try:
                yield connection
            finally:
                connection.close()

    def watch(self, report: Report) -> Callable[[], None]:
        """Call ``report`` on a thread of its own: first for what is there already, then for each change."""
        watcher = _Watcher(report)
        watcher.start()
        return watcher.stop

    def _connect(self, context: Context, reader: str) -> CardHandle:
        end = time.monotonic() + self._busy_wait_s
        pause = threading.Event()
        while True:
            try:
                return context.connect(reader)
            except ScardError as error:
                if error.code in (Code.NO_SMARTCARD, Code.REMOVED_CARD):
                    raise CardAbsentError(device=reader) from error
                if error.code == Code.UNRESPONSIVE_CARD:
                    raise ReaderError(_MUTE, _MUTE_TODO, device=reader) from error
                if error.code != Code.SHARING_VIOLATION:
                    raise
                if time.monotonic() >= end:
                    raise busy_error(reader, programs_with_pcsc()) from error
            pause.wait(_SLICE_MS / 1000)


class PcscConnection:
    """The way to a card on a PC/SC reader."""

    def __init__(self, reader: str, handle: CardHandle, *, service_runs: Callable[[], bool] | None = None) -> None:
        self._handle = handle
        self._service_runs = service_runs or _service_runs
        self._gone = False
        self.reader = reader
        self.atr = b""
        with suppress(ScardError):
            self.atr = handle.atr()  # a card that is gone again shows that at the first command

    def transmit(self, apdu: bytes) -> bytes:
        """Send a command APDU, return the response with its two status bytes."""
        try:
            answer = self._handle.transmit(apdu)
        except ScardError as error:
            self._gone = True
            raise self._lost(error) from error
        if not answer:
            # Some drivers call it a success when the card leaves in the middle of an exchange.
            self._gone = True
            raise self._lost(ScardError("SCardTransmit", Code.NO_SMARTCARD))
        return answer

    def _lost(self, error: ScardError) -> ReaderError:
        # A service that dies in the middle of an exchange looks like a card that leaves, or like anything else.
        if not self._service_runs():
            return ReaderServiceDownError()
        if error.code in (*_CARD_GONE, Code.COMM_ERROR):
            return CardRemovedError(device=self.reader)
        return _explained(error, self.reader)

    def close(self) -> None:
        """Let go of the card.

        One that is gone is not reset: pcscd 1.9 takes the failed reset for a removal, does not see that by itself,
        and then does not see the next card either when it comes within half a second.
        """
        with suppress(ScardError):
            self._handle.disconnect(reset=not self._gone)


class _Watcher:
    """Follows readers and cards on a thread of its own, through any number of restarts of the service."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pcsc-watch", daemon=True)
        self._context: Context | None = None
        self._seen: dict[str, ReaderState] = {}
        self._down = False

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End; when this returns, nothing is reported any more."""
        self._stopped.set()
        if self._thread is threading.current_thread():
            return
        while self._thread.is_alive():
            # A wait that is just about to begin would miss one cancellation.
            context = self._context
            if context is not None:
                with suppress(ScardError):
                    context.cancel()
            self._thread.join(_SLICE_MS / 1000)

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                self._follow()
            except ScardError as error:
                # No warning: a service that is dying says all kinds of things, and each is reported as "down".
                logger.info("following the card readers: %s", error)
                self._seen = {}
                if not self._down:
                    self._down = True
                    self._tell("service_down", "")
                self._stopped.wait(_RECOVER_S)

    def _follow(self) -> None:
        context = Context()
        self._context = context
        try:
            self._down = False
            plugs: ReaderState | None = ReaderState(PLUG_AND_PLAY)
            while not self._stopped.is_set():
                self._compare_readers(context.readers())
                plugs = self._next_change(context, plugs)
        finally:
            self._context = None
            context.release()

    def _compare_readers(self, names: tuple[str, ...]) -> None:
        for name in [name for name in self._seen if name not in names]:
            if self._seen.pop(name).present:
                self._tell("card_out", name)
            self._tell("reader_out", name)
        for name in names:
            if name not in self._seen:
                self._seen[name] = ReaderState(name)
                self._tell("reader_in", name)

    def _next_change(self, context: Context, plugs: ReaderState | None) -> ReaderState | None:
        """Wait for a change and report it; return the state of ``plugs`` after it, ``None`` where there is no such."""
        asked = [*self._seen.values(), *([plugs] if plugs else [])]
        if not asked:
            self._stopped.wait(_RELIST_MS / 1000)
            return None
        try:
            states = context.states(asked, _RELIST_MS)
        except ScardError as error:
            if error.code in (Code.TIMEOUT, Code.CANCELLED):
                return plugs
            if error.code in (Code.UNKNOWN_READER, Code.READER_UNAVAILABLE):
                # A reader went away just now, or this system (macOS) does not tell of readers: then they are listed
                # again and again.
                self._stopped.wait(_SLICE_MS / 1000)
                return None
            raise
        for state in states:
            if state.name == PLUG_AND_PLAY:
                plugs = state
            elif not state.state & Flag.UNKNOWN:
                self._compare_cards(self._seen[state.name], state)
                self._seen[state.name] = state
        return plugs

    def _compare_cards(self, before: ReaderState, now: ReaderState) -> None:
        swapped = before.present and now.present and before.count != now.count
        if before.present and (swapped or not now.present):
            self._tell("card_out", now.name)
        if now.present and (swapped or not before.present):
            self._tell("card_in", now.name, now.atr)

    def _tell(self, kind: str, reader: str, atr: bytes = b"") -> None:
        if not self._stopped.is_set():
            self._report(ReaderEvent(kind, reader, atr))


@contextmanager
def _line(reader: str) -> Iterator[Context]:
    """Give a line to the service, and raise what goes wrong on it in the operator's words."""
    try:
        context = Context()
    except ScardError as error:
        raise _explained(error, reader) from error
    try:
        yield context
    except ScardError as error:
        raise _explained(error, reader) from error
    finally:
        context.release()


def _service_runs() -> bool:
    # Whoever asks was connected a moment ago: any failure now means that the service is going, or gone.
    try:
        Context().release()
    except ScardError:
        return False
    return True


def _look(context: Context) -> tuple[ReaderState, ...]:
    names = context.readers()
    return context.states([ReaderState(name) for name in names], 0) if names else ()


def _wait(
    found: Callable[[tuple[ReaderState, ...]], str | None], device: str, *, cancel: Cancel, timeout_s: float
) -> str | None:
    end = time.monotonic() + timeout_s
    with _line(device) as context:
        while True:
            if cancel.is_set():
                raise Cancelled
            states = _look(context)
            answer = found(states)
            left_ms = int((end - time.monotonic()) * 1000)
            if answer is not None or left_ms <= 0:
                return answer
            try:
                context.states(states, min(left_ms, _SLICE_MS))
            except ScardError as error:
                # A reader that was unplugged meanwhile is no longer listed in the next round.
                if error.code not in (Code.TIMEOUT, Code.UNKNOWN_READER, Code.READER_UNAVAILABLE):
                    raise


def _explained(error: ScardError, reader: str) -> ReaderError:
    if error.code in _SERVICE_GONE:
        return ReaderServiceDownError()
    if error.code in _CARD_GONE:
        return CardRemovedError(device=reader)
    if error.code in (Code.UNKNOWN_READER, Code.READER_UNAVAILABLE, Code.NO_READERS):
        return ReaderMissingError(device=reader)
    if error.code == Code.SHARING_VIOLATION:
        return busy_error(reader, programs_with_pcsc())
    if error.code == Code.SECURITY_VIOLATION:
        return ReaderError(_NOT_ALLOWED, _ALLOW, device=reader)
    return ReaderError(device=reader, detail=f"PC/SC {error.code:08X}")


_NOT_ALLOWED = N_("This computer doesn't let you use its card readers.")
_ALLOW = N_("Ask IT to allow it (on Linux: the polkit rule for pcscd), then try again.")
_MUTE = N_("The card on the reader {device} doesn't answer.")
_MUTE_TODO = N_("Turn the card round and lay it flat on the reader. If it never answers, take another one.")
