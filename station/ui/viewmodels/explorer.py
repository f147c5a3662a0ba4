"""All that is on a card, read when IT asks for it and forgotten when the page is left."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from station.domain.errors import StationError
from station.ports.tasks import Handle, Lane, Tasks
from station.services.card_watch import CardWatch
from station.services.card_words import Say, tree_lines

if TYPE_CHECKING:
    from station.chip.explore.node import Node


class ExplorerModel(QObject):
    """One card's tree. ``changed`` says that it came or went, ``counted`` how many commands it took so far."""

    changed = Signal()
    counted = Signal(int)

    def __init__(self, watch: CardWatch, tasks: Tasks) -> None:
        super().__init__()
        self._watch, self._tasks = watch, tasks
        self._handle: Handle | None = None
        self._lock = threading.Lock()
        self._commands = 0
        self._told = True
        self.tree: Node | None = None
        self.error: StationError | None = None

    @property
    def reading(self) -> bool:
        """Say whether a card is being read."""
        return self._handle is not None

    def read(self, reader: str) -> None:
        """Read the card on ``reader``; what was read before is forgotten."""
        if self._handle is not None:
            return
        self.tree = self.error = None
        handle = self._tasks.run(
            Lane.CHIP,
            lambda cancel: self._watch.explore(reader, cancel=cancel, told=self._count),
            done=lambda tree: self._came(handle, tree),
            failed=lambda error: self._failed(handle, error),
        )
        self._handle = handle
        self.changed.emit()

    def cancel(self) -> None:
        """Stop reading."""
        if self._handle is not None:
            self._handle.cancel()

    def close(self) -> None:
        """Stop reading and forget everything."""
        self.cancel()
        self._handle = self.tree = self.error = None
        self.changed.emit()

    def as_text(self, say: Say) -> str:
        """Return the tree as text, empty when there is none."""
        return "" if self.tree is None else "\n".join(tree_lines(self.tree, say)) + "\n"

    def _came(self, handle: Handle, tree: Node) -> None:
        if handle is self._handle:  # else the page was left meanwhile: nothing of the card is kept
            self._handle, self.tree = None, tree
            self.changed.emit()

    def _failed(self, handle: Handle, error: Exception) -> None:
        if handle is self._handle:
            self._handle = None
            if not isinstance(error, StationError):
                raise error
            self.error = error
            self.changed.emit()

    def _count(self, commands: int) -> None:
        """Count a command; on the chip lane, many times a second: the window is told the newest only."""
        with self._lock:
            self._commands, told, self._told = commands, self._told, False
        if told:
            self._tasks.post(self._tell)

    def _tell(self) -> None:
        with self._lock:
            commands, self._told = self._commands, True
        if self.reading:
            self.counted.emit(commands)
