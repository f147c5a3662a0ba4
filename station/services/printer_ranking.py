"""Which of several printers is the best for a card: by its kind, by whose card it holds, by what it has to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from station.domain.card import CardScheme
from station.domain.workflow import Act, Issuance
from station.ports.printer import Printer, PrinterState, PrinterStatus
from station.services.journal import Journal

if TYPE_CHECKING:
    from station.ports.printer_lock import PrinterLock
    from station.render.card import CheckedCard

ABLE = frozenset({PrinterState.READY, PrinterState.PRINTING})
"""States in which a printer takes a card; in any other it waits for a person."""

_WAITS_WITH_A_CARD, _NOT_ABLE = 2, 3


@dataclass(frozen=True, slots=True)
class PoolMember:
    """One printer of a pool, and what it prints: ``schemes`` empty for any card; ``lock`` keeps other stations off."""

    printer: Printer
    lock: PrinterLock
    schemes: frozenset[CardScheme] = frozenset()


@dataclass(frozen=True, slots=True)
class Standing:
    """How a printer stands in its pool: what it prints, how many cards it was given, whether it takes one now.

    ``holds`` says that somebody's card waits in it, so that others go round it.
    """

    name: str
    schemes: frozenset[CardScheme] = frozenset()
    given: int = 0
    able: bool = True
    holds: bool = False


class Ranking:
    """The printers of a pool, and how they stand. ``given`` counts the cards that each was given and has not ended.

    ``well`` and ``unwell`` are what printers said to somebody else: nobody waits for one that doesn't answer.
    """

    def __init__(self, journal: Journal, members: Sequence[PoolMember]) -> None:
        self._journal, self._members = journal, tuple(members)
        self.given: Counter[str] = Counter()
        self.well: set[str] = set()
        self.unwell: set[str] = set()

    def heard(self, status: PrinterStatus) -> None:
        """Note what a printer said."""
        now, before = (self.well, self.unwell) if status.state in ABLE else (self.unwell, self.well)
        now.add(status.name)
        before.discard(status.name)

    def standings(self) -> tuple[Standing, ...]:
        """Return how each printer stands, the main one first; asks them."""
        # A copy: cards are given and end on the printers' own threads, and one picture is to be shown.
        held, given = self._held(""), Counter(self.given)
        found = []
        for member in self._members:
            name = member.printer.name
            holds = name in held and given[name] == 0
            found.append(Standing(name, member.schemes, given[name], able(member.printer), holds))
        return tuple(found)

    def next_printers(self, schemes: Iterable[CardScheme]) -> dict[CardScheme, str]:
        """Return for each kind of card which printer would get the next one; kinds that none can take are left out."""
        held, found = self._held(""), {}
        for scheme in schemes:
            ranked = [(self._rank(m, held), m.printer.name) for m in _of_kind(self._members, scheme)]
            best = min(ranked, default=None)
            if best is not None and best[0][0] != _NOT_ABLE:
                found[scheme] = best[1]
        return found

    def may(self, issuance: Issuance, card: CheckedCard) -> list[PoolMember]:
        """Return the printers that can print this card and are meant for its kind."""
        # Where none is fit all are asked: then a printer says itself what it has against the card.
        fit = [m for m in self._members if m.printer.unfit(card.card) is None] or list(self._members)
        return _of_kind(fit, issuance.scheme)

    def spare(self, issuance: Issuance, card: CheckedCard, but: Sequence[str]) -> str | None:
        """Return who could take a card that these can't; ``None``: nobody is able, or only with another's card."""
        may = [m for m in self.may(issuance, card) if m.printer.name not in but]
        held = self._held(issuance.id)
        best = min([(self._rank(m, held), m.printer.name) for m in may], default=None)
        return best[1] if best is not None and best[0][0] < _WAITS_WITH_A_CARD else None

    def best(self, issuance: Issuance, members: Iterable[PoolMember]) -> str:
        """Return which of these the card is best given to; asks no more of them than needed."""
        held, ranks = self._held(issuance.id), {}
        # The best first, and nobody else once that one can: each has to be asked, and some take their time.
        for member in sorted(members, key=lambda m: (m.printer.name in self.unwell, *self._load(m))):
            name = member.printer.name
            ranks[name] = self._rank(member, held)
            if ranks[name][0] == 0:
                return name
        return min(ranks, key=lambda name: ranks[name])

    def _held(self, issuance_id: str) -> set[str]:
        """Return the printers that have a card of somebody else."""
        opened = self._journal.store.issuances.open_issuances()
        return {each.printer for each in opened if each.pending is Act.PRINT and each.id != issuance_id}

    def _load(self, member: PoolMember) -> tuple[int, int]:
        """Return what it has to do; a printer for this kind of card alone comes before one for all."""
        return self.given[member.printer.name], len(member.schemes) == 0

    def _rank(self, member: PoolMember, held: set[str]) -> tuple[int, int, int]:
        name, state = member.printer.name, member.printer.status().state
        if state not in ABLE:
            return (_NOT_ABLE, *self._load(member))
        # A printer that waits with somebody's card takes no other before that one is settled, if there is a way
        # round it. One that is at work has its card pending, too: ours counts as given, another station's here.
        others = name in held and self.given[name] == 0
        standing = 0 if not others else 1 if state is PrinterState.PRINTING else _WAITS_WITH_A_CARD
        return (standing, *self._load(member))


def able(printer: Printer) -> bool:
    """Say whether a printer takes a card now; asks it."""
    return printer.status().state in ABLE


def _of_kind(members: Sequence[PoolMember], scheme: CardScheme) -> list[PoolMember]:
    # Nobody's own kind of card waits for a printer that was not bought for it: then any fitting one may.
    return [m for m in members if not m.schemes or scheme in m.schemes] or list(members)
