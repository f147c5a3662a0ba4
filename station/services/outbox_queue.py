"""A lane of the outbox as the worker sees it: a page of it in memory, whatever its length."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import datetime

from station.domain.outbox import OutboxEntry, holds_back, plan, to_send
from station.ports.store import OutboxStore

PAGE = 100
"""So many persons' queues are in memory at once."""


class LaneQueue:
    """Hand out what may be sent now, each person's entries in their order (one thread)."""

    def __init__(self, store: OutboxStore, lane: str) -> None:
        self._store, self.lane = store, lane
        self.on_way: set[str] = set()
        self._ready: deque[OutboxEntry] = deque()
        self._behind: dict[str, list[OutboxEntry]] = {}
        self._after, self._walked = 0, False

    def restart(self) -> None:
        """Begin at the front again, with what the store says now; what is on its way stays so."""
        self._ready.clear()
        self._behind.clear()
        self._after, self._walked = 0, False

    def take(self, now: datetime, rests: Callable[[OutboxEntry], bool]) -> OutboxEntry | None:
        """Return the next entry to send, ``None`` at the end of this walk; ``rests`` says whose turn is not yet."""
        while True:
            while self._ready:
                entry = self._ready.popleft()
                if entry.order_key not in self.on_way and not rests(entry):
                    self.on_way.add(entry.order_key)
                    return entry
            if self._walked:
                return None
            page = self._store.page(self.lane, now, after=self._after, limit=PAGE)
            self._after, self._walked = page.after, page.after == 0
            # Of those whose first entry rests nothing is needed: they are met again on the next walk.
            self._behind = {key: queue for key, queue in self._behind.items() if key in self.on_way}
            self._load(page.entries, now)

    def finished(self, entry: OutboxEntry, now: datetime) -> None:
        """Note what became of an entry that was taken; when it is done, the person's next one goes first."""
        self.on_way.discard(entry.order_key)
        behind = self._behind.pop(entry.order_key, [])
        if behind and not holds_back(entry):
            heads = to_send(plan(behind, now))
            # At the front: this person is nearly told, and their next page of the queue would only come at the end of
            # the walk.
            self._ready.extendleft(heads)
            self._behind[entry.order_key] = [each for each in behind if each not in heads]

    def _load(self, entries: tuple[OutboxEntry, ...], now: datetime) -> None:
        for entry in entries:
            if entry.order_key not in self.on_way:
                self._behind.setdefault(entry.order_key, []).append(entry)
        heads = to_send(plan((e for e in entries if e.order_key not in self.on_way), now))
        for head in heads:
            self._behind[head.order_key].remove(head)
        self._ready.extend(heads)
