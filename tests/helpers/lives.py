"""What is done to cards after their hand-over, at a bench."""

from __future__ import annotations

from pathlib import Path

from station.domain.card import CardReplacement
from station.services.journal import Journal, Who
from station.services.lifecycle import Lifecycle
from tests.helpers.desks import desk_settings
from tests.helpers.finished_cards import POLICY
from tests.helpers.router_bench import RouterBench


def life_of(bench: RouterBench, folder: Path, *, same_number: bool = False) -> Lifecycle:
    """Return the life cycle of a bench's cards, in a profile whose files are in ``folder``."""
    kind = CardReplacement.SAME_NUMBER if same_number else CardReplacement.NEW_NUMBER
    journal = Journal(bench.desk.store, bench.clock, Who("Anna", "Desk 1"))
    wanted = desk_settings(folder, card={"replace": kind})
    return Lifecycle(journal, wanted, lambda _: POLICY, changed=bench.worker.queue_changed)
