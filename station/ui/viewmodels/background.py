"""The plain background of one portrait: made on request, shown before and after, taken or left."""

from __future__ import annotations

import threading
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from station.domain.errors import Cancelled, StationError
from station.domain.portrait import Portrait
from station.ports.tasks import Cancel, Handle, Lane, Tasks
from station.services.backgrounds import BackgroundPair, PlainBackgrounds
from station.ui.viewmodels.stages import Background


class BackgroundModel(QObject):
    """Hold where the plain background stands. ``changed`` says that it stands elsewhere; ``decided`` taken or not."""

    changed = Signal()
    decided = Signal()

    def __init__(self, tasks: Tasks, maker: PlainBackgrounds) -> None:
        super().__init__()
        self._tasks, self._maker = tasks, maker
        self._handle: Handle | None = None
        self._turn = 0
        self._lock = threading.Lock()
        self._coming: float | None = None
        self._pair: BackgroundPair | None = None
        self.state = Background.OWN
        self.progress = 0.0
        self.before, self.after = QImage(), QImage()
        self.error: StationError | None = None

    @property
    def taken(self) -> bytes | None:
        """Return the picture with the plain background, if it was taken."""
        return self._pair.after if self._pair is not None and self.state is Background.PLAIN else None

    @property
    def doubtful(self) -> bool:
        """Say whether no person could be told from the background."""
        return self._pair is not None and self._pair.doubtful

    def ask(self, cut: Callable[[], Portrait]) -> None:
        """Make the background of the portrait that ``cut`` gives plain, to be looked at; nothing is taken yet."""
        self._forget()
        turn = self._turn
        self.state, self.progress = Background.WORKING, 0.0
        self._handle = self._tasks.run(
            Lane.ANALYSIS,
            lambda cancel: self._make(turn, cut, cancel),
            done=lambda made: self._made(turn, *made),
            failed=lambda error: self._failed(turn, error),
        )
        self.changed.emit()

    def take(self) -> None:
        """Take what is shown."""
        if self.state is Background.OFFERED:
            self.state = Background.PLAIN
            self._tell()

    def leave(self) -> None:
        """Stop, or leave the portrait its own background, or give it back."""
        if self.state is not Background.OWN or self.error is not None:
            self._forget()
            self._tell()

    def drop(self) -> None:
        """Forget everything in silence: it is another portrait now."""
        self._forget()

    def _make(self, turn: int, cut: Callable[[], Portrait], cancel: Cancel) -> tuple[BackgroundPair, QImage, QImage]:
        pair = self._maker.make(cut, cancel=cancel, progress=lambda _step, share: self._progress(turn, share))
        # Decoded here, away from the GUI thread, which only paints them.
        return pair, QImage.fromData(pair.before), QImage.fromData(pair.after)

    def _progress(self, turn: int, share: float) -> None:
        with self._lock:
            told, self._coming = self._coming is not None, share
        if not told:
            self._tasks.post(lambda: self._deliver(turn))

    def _deliver(self, turn: int) -> None:
        with self._lock:
            share, self._coming = self._coming, None
        if turn == self._turn and share is not None:
            self.progress = share
            self.changed.emit()

    def _made(self, turn: int, pair: BackgroundPair, before: QImage, after: QImage) -> None:
        if turn == self._turn:
            self._handle, self._pair, self.before, self.after = None, pair, before, after
            self.state = Background.OFFERED
            self.changed.emit()

    def _failed(self, turn: int, error: Exception) -> None:
        if turn != self._turn:
            return
        self._forget()
        if not isinstance(error, Cancelled):
            self.error = error if isinstance(error, StationError) else StationError(detail=type(error).__name__)
        self.changed.emit()

    def _forget(self) -> None:
        # Progress and pictures of what was asked before may still come, and would be another crop's.
        self._turn += 1
        if self._handle is not None:
            self._handle.cancel()
        self._handle, self._pair, self.error = None, None, None
        self.state, self.before, self.after = Background.OWN, QImage(), QImage()

    def _tell(self) -> None:
        self.changed.emit()
        self.decided.emit()
