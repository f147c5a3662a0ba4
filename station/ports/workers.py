"""Work on many things at once: in processes of their own, so that neither a stall nor a crash reaches the desk."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol, TypeVar

from station.domain.errors import StationError
from station.ports.tasks import Cancel

J = TypeVar("J")
R = TypeVar("R")


class Workers(Protocol):
    """Something that takes jobs off one's hands."""

    def each(
        self, work: Callable[[J], R], jobs: Iterable[J], *, cancel: Cancel
    ) -> Iterator[tuple[J, R | StationError]]:
        """Yield every job with what ``work`` made of it, or the StationError that it ended in; in any order.

        ``work`` is a function of a module, and jobs and results can be pickled. Only a few jobs are taken from ``jobs``
        ahead of the results, so that memory stays bounded. A job that ends its process comes with a WorkerLostError,
        and the others go on. After ``cancel`` nothing more is yielded than what was done already.
        """
