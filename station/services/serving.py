"""Serve each holder at one desk: whoever is turned to is claimed until the desk turns away, or dies."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from station.domain.errors import claimed_error
from station.ports.claims import Claims, Standing, serving


class Serving:
    """Claim holders for this desk; without ``claims`` they are all its own. Safe from any thread."""

    def __init__(self, claims: Claims | None) -> None:
        self._claims = claims

    def begin(self, holder_id: str) -> None:
        """Serve a holder from now on; begun twice, it has to be ended twice.

        While the database is away it is begun all the same: as soon as it is back, the first desk has the holder.

        Raises:
            ClaimedError: another desk is serving this holder.
        """
        what = serving(holder_id)
        if self._claims is not None and self._claims.take(what) is Standing.ANOTHERS:
            raise claimed_error(self._claims.owner(what))

    def end(self, holder_id: str) -> None:
        """Leave a holder to any desk."""
        if self._claims is not None:
            self._claims.let_go(serving(holder_id))

    @contextmanager
    def of(self, holder_id: str) -> Iterator[None]:
        """Serve a holder for the context; raises ClaimedError."""
        self.begin(holder_id)
        try:
            yield
        finally:
            self.end(holder_id)
