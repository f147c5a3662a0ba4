"""One ESC-Router, several institutions: each is told of with its own key, which is bound to its PIC."""

from __future__ import annotations

from collections.abc import Mapping

from station.adapters.router.deferred import ClosableRouter, PassingRouter
from station.domain.errors import N_, RouterRefusedError


class InstitutionRouters(PassingRouter):
    """Implement ``ports.router.Router`` by one client an institution; the first is the station's own."""

    def __init__(self, by_pic: Mapping[str, ClosableRouter]) -> None:
        self._by_pic = dict(by_pic)
        self._own = next(iter(self._by_pic))

    def of(self, pic: str) -> ClosableRouter:
        """Return the client of an institution, the station's own when none is named.

        Raises:
            RouterRefusedError: the profile has no such institution; another's key must never be tried instead.
        """
        try:
            return self._by_pic[pic or self._own]
        except KeyError as error:
            raise RouterRefusedError(_NO_INSTITUTION, _NO_INSTITUTION_TODO, pic=pic) from error

    def close(self) -> None:
        """Close all connections."""
        for router in self._by_pic.values():
            router.close()


_NO_INSTITUTION = N_("This card can't be registered: the station profile has no institution with the PIC {pic}.")
_NO_INSTITUTION_TODO = N_(
    "The card is valid. Ask IT to put the institution into the profile, then press 'Try now' in the queue."
)
