"""Claims of several stations in one process, whose database can be taken away."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from station.ports.claims import Standing


@dataclass
class FakeBoard:
    """Who has what; ``away`` says that nobody can look at it."""

    owners: dict[str, str] = field(default_factory=dict)
    away: bool = False

    def station(self, name: str) -> FakeClaims:
        """Return the claims of a station."""
        return FakeClaims(self, name)

    def restart(self) -> None:
        """Forget everything, as a server does that is killed and started again."""
        self.owners.clear()


class FakeClaims:
    """Implement ``ports.claims.Claims`` on a board."""

    def __init__(self, board: FakeBoard, name: str) -> None:
        self._board, self._name = board, name
        self._held: Counter[str] = Counter()

    def take(self, what: str) -> Standing:
        """Claim ``what``."""
        standing = self._look(what)
        if standing is not Standing.ANOTHERS:
            self._held[what] += 1
        return standing

    def standing(self, what: str) -> Standing:
        """Return how ``what`` stands."""
        if what in self._held or self._board.away:
            return self._look(what)
        return Standing.ANOTHERS if what in self._board.owners else Standing.FREE

    def owner(self, what: str) -> str:
        """Return who has it, besides this station."""
        found = self._board.owners.get(what, "")
        return found if found != self._name else ""

    def let_go(self, what: str) -> None:
        """Give ``what`` up."""
        if self._held[what] > 1:
            self._held[what] -= 1
            return
        del self._held[what]
        if self._board.owners.get(what) == self._name:
            del self._board.owners[what]

    def close(self) -> None:
        """Give everything up."""
        for what in list(self._held.elements()):
            self.let_go(what)

    def _look(self, what: str) -> Standing:
        if self._board.away:
            return Standing.UNKNOWN
        return Standing.OURS if self._board.owners.setdefault(what, self._name) == self._name else Standing.ANOTHERS
