"""Follow readers and cards through any number of restarts of the PC/SC service."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import suppress

from station.adapters.reader.winscard import PLUG_AND_PLAY, Code, Context, Flag, ReaderState, ScardError
from station.ports.chip import ReaderEvent

logger = logging.getLogger(__name__)

Report = Callable[[ReaderEvent], None]
_SLICE_MS = 50
# How soon a reader that was plugged in is noticed where nothing tells it.
_RELIST_MS = 1000
_RECOVER_S = 0.25


class ReaderWatcher:
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
            # Its card first: whoever listens must never have a card on a reader that is gone.
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
            # Ended after a second although nothing happened: without the notification for readers, that is how they are
            # found.
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
        # Taken away and another one laid down between two looks: only the counter in the upper half tells (winscard.h).
        swapped = before.present and now.present and before.count != now.count
        if before.present and (swapped or not now.present):
            self._tell("card_out", now.name)
        if now.present and (swapped or not before.present):
            self._tell("card_in", now.name, now.atr)

    def _tell(self, kind: str, reader: str, atr: bytes = b"") -> None:
        if not self._stopped.is_set():
            self._report(ReaderEvent(kind, reader, atr))
