"""Real card readers, through the computer's PC/SC service.

Every call opens a line of its own to the service (0.2 ms): the service may be stopped and started as it likes, the next
call finds it again. Cards are held exclusively. A shared connection with transactions would give way to more
programs, but waits without end for one that never finishes, and with it every other reader of this desk.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from station.adapters.reader.busy import busy_error, missing_error, programs_with_pcsc, service_error
from station.adapters.reader.explain import CARD_GONE, READER_GONE, explained, open_line, service_runs
from station.adapters.reader.quirks import Quirk, quirk_of
from station.adapters.reader.roles import NO_ROLES, Roles
from station.adapters.reader.watcher import ReaderWatcher, Report
from station.adapters.reader.winscard import CardHandle, Code, Context, ReaderState, ScardError, control_code
from station.domain.errors import N_, Cancelled, CardAbsentError, CardRemovedError, ReaderError
from station.ports.chip import ReaderInfo, ReaderTraits, Signal
from station.ports.tasks import Cancel

# How soon a wait notices that it was cancelled, and how often a reader that is held is asked for.
_SLICE_MS = 50
# Programs that look at every new card (browsers, certificate services) are done by then.
BUSY_WAIT_S = 1.5


class PcscReaders:
    """All readers that the PC/SC service knows."""

    def __init__(self, *, roles: Roles = NO_ROLES, busy_wait_s: float = BUSY_WAIT_S) -> None:
        self.roles = roles
        self.busy_wait_s = busy_wait_s

    def list_readers(self) -> tuple[ReaderInfo, ...]:
        """Return the readers and their cards; connects to none."""
        with open_line("") as context:
            return tuple(self.roles.describe(ReaderInfo(each.name, each.present, each.atr)) for each in _look(context))

    def wait_card(self, pattern: str, *, cancel: Cancel, timeout_s: float) -> str:
        """Wait until a card lies on a matching reader, return the reader's name."""

        def found(states: tuple[ReaderState, ...]) -> str | None:
            matching = [each for each in states if self.roles.answers(each.name, pattern)]
            if not matching:
                raise missing_error(pattern)
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
    def open_card(self, reader: str, *, cancel: Cancel | None = None) -> Iterator[PcscConnection]:
        """Connect to the card on ``reader`` for this program alone."""
        with open_line(reader) as context:
            handle = self._connect(context, reader, cancel or threading.Event())
            connection = PcscConnection(reader, handle, quirk=quirk_of(reader))
            try:
                yield connection
            finally:
                connection.close()

    def watch(self, report: Report) -> Callable[[], None]:
        """Call ``report`` on a thread of its own: first for what is there already, then for each change."""
        watcher = ReaderWatcher(lambda event: report(self.roles.describe_event(event)))
        watcher.start()
        return watcher.stop

    def _connect(self, context: Context, reader: str, cancel: Cancel) -> CardHandle:
        end = time.monotonic() + self.busy_wait_s
        while not cancel.is_set():
            handle = _connect_unless_held(context, reader)
            if handle is not None:
                return handle
            left_s = end - time.monotonic()
            if left_s <= 0:
                raise busy_error(reader, programs_with_pcsc())
            cancel.wait(min(left_s, _SLICE_MS / 1000))
        raise Cancelled


class PcscConnection:
    """The way to a card on a PC/SC reader."""

    def __init__(
        self,
        reader: str,
        handle: CardHandle,
        *,
        quirk: Quirk | None = None,
        service_runs: Callable[[], bool] = service_runs,
    ) -> None:
        self._handle = handle
        self._quirk = quirk or quirk_of(reader)
        self._service_runs = service_runs
        self._gone = False
        self.reader = reader
        self.atr = b""
        with suppress(ScardError):
            self.atr = handle.atr()  # a card that is gone again shows that at the first command

    @property
    def traits(self) -> ReaderTraits:
        """Return what is known of the reader's model."""
        return self._quirk.traits

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

    def control(self, code: int, data: bytes) -> bytes:
        """Send ``data`` to the reader itself, past the card; ``code`` is the number for SCARD_CTL_CODE.

        Raises:
            ReaderError: the driver or the reader refuses it; the card stays connected.
        """
        try:
            return self._handle.control(control_code(code), data)
        except ScardError as error:
            raise explained(error, self.reader) from error

    def signal(self, signal: Signal) -> bool:
        """Use the reader's lamp and buzzer; say whether it has them and obeyed."""
        commands = self._quirk.commands(signal)
        if not commands or self._gone:
            return False
        with suppress(ScardError):
            for command in commands:
                self._send(command)
            return True
        return False

    def _send(self, command: bytes) -> None:
        if self._quirk.escape is None:
            self._handle.transmit(command)
        else:
            self._handle.control(control_code(self._quirk.escape), command)

    def _lost(self, error: ScardError) -> ReaderError:
        # A service that dies in the middle of an exchange looks like a card that leaves, or like anything else.
        if not self._service_runs():
            return service_error()
        if error.code in (*CARD_GONE, Code.COMM_ERROR):
            return CardRemovedError(device=self.reader)
        return explained(error, self.reader)

    def close(self) -> None:
        """Let go of the card.

        One that is gone is not reset: pcscd 1.9 takes the failed reset for a removal, does not see that by itself,
        and then does not see the next card either when it comes within half a second.
        """
        with suppress(ScardError):
            self._handle.disconnect(reset=not self._gone)


def _connect_unless_held(context: Context, reader: str) -> CardHandle | None:
    # Looked at first: while another program has a transaction, pcsc-lite answers no attempt to connect, and nothing
    # can end that wait.
    (state,) = context.states([ReaderState(reader)], 0)
    if state.held:
        return None
    try:
        return context.connect(reader)
    except ScardError as error:
        if error.code == Code.SHARING_VIOLATION:
            return None
        if error.code in (Code.NO_SMARTCARD, Code.REMOVED_CARD):
            raise CardAbsentError(device=reader) from error
        if error.code == Code.UNRESPONSIVE_CARD:
            raise ReaderError(_MUTE, _MUTE_TODO, device=reader) from error
        raise


def _look(context: Context) -> tuple[ReaderState, ...]:
    names = context.readers()
    return context.states([ReaderState(name) for name in names], 0) if names else ()


def _wait(
    found: Callable[[tuple[ReaderState, ...]], str | None], device: str, *, cancel: Cancel, timeout_s: float
) -> str | None:
    end = time.monotonic() + timeout_s
    with open_line(device) as context:
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
                if error.code not in (Code.TIMEOUT, *READER_GONE):
                    raise


_MUTE = N_("The card on the reader {device} doesn't answer.")
_MUTE_TODO = N_("Turn the card round and lay it flat on the reader. If it never answers, take another one.")
