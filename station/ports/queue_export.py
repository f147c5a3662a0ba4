"""What left the queue in a file, in the store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from station.domain.queue_export import Export


class QueueExportStore(Protocol):
    """Marks on entries of the queue that left in a file; an entry may leave several times."""

    def mark(self, exports: Sequence[Export]) -> None:
        """Note that entries left in a file, all in one transaction."""

    def latest(self, keys: Sequence[str]) -> dict[str, Export]:
        """Return how each of these entries left last; those that never did are left out."""

    def of_file(self, file: str) -> tuple[Export, ...]:
        """Return what left in a file, in the order in which it stood there; nothing when the file is not ours."""

    def open_numbers(self, limit: int = 1000) -> tuple[str, ...]:
        """Return the numbers of cards that left in the router's form and are still in the queue, oldest first."""
