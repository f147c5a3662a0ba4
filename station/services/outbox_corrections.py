"""Parked entries whose cause was corrected go out by themselves: nobody has to remember to press a button."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from station.domain.card import Card, Registration
from station.domain.outbox import OutboxEntry, OutboxKind, OutboxState, corrected, retried
from station.ports.store import Store
from station.services.registration import RegistrationPolicy, refreshed

_PAGE = 100
AT_ONCE_MAX = 500
"""So many are compared in one go; the next go begins where this one ended."""


class Corrections:
    """Make entries anew from the records, from any thread, and know which were changed while they were on their way."""

    def __init__(self, store: Store, policy: Callable[[str], RegistrationPolicy] | None) -> None:
        self._store, self._policy = store, policy
        self._lock = threading.RLock()
        self._touched: dict[str, int] = {}
        self._changes = 0
        self._after = 0

    def look(self) -> int:
        """Send again what is parked and would be told otherwise now; return how many that were."""
        found = looked = 0
        # The worker's thread does this before it sends: with thousands parked nothing would go out until all were
        # compared.
        while looked < AT_ONCE_MAX:
            page = self._store.outbox.parked(after=self._after, limit=_PAGE)
            looked += len(page.entries)
            # A place and not a number of pages: what is sent again meanwhile leaves the list and would move the rest
            # up.
            self._after = page.after
            for entry in page.entries:
                again = corrected(entry, self.as_the_records_say(entry).payload)
                if again is not None:
                    self.send_again(again)
                    found += 1
            if not page.after:
                break
        return found

    def send_again(self, entry: OutboxEntry) -> None:
        """Let an entry go out at once, as the records say; where the router may not know its person, that one too."""
        for each in [*self._person_before(entry), entry]:
            again = retried(self.as_the_records_say(each))
            # The person first: each may be taken up as soon as it is written, and a card before its person is refused
            # again.
            self._write(again, None if each.kind is OutboxKind.PICTURE else self._queued(each))
        if entry.kind is OutboxKind.PERSON:
            self._correct_what_is_behind(entry)

    def parked(self) -> Iterator[OutboxEntry]:
        """Yield everything that is parked, a page at a time; what is sent again meanwhile does no harm."""
        after = 0
        while True:
            page = self._store.outbox.parked(after=after, limit=_PAGE)
            yield from page.entries
            after = page.after
            if not after:
                return

    def as_the_records_say(self, entry: OutboxEntry) -> OutboxEntry:
        """Return ``entry`` with what the records say now."""
        card = self._store.cards.get(entry.escn) if self._policy is not None else None
        holder = self._store.holders.get(card.holder_id) if card is not None else None
        if card is None or holder is None or self._policy is None:
            return entry
        if entry.kind is OutboxKind.PICTURE:
            # A person has one picture there: an old one that goes late must not take the place of a newer one.
            card = self._newest_with_portrait(card)
        return refreshed(entry, card, holder, self._policy(card.institution))

    def _newest_with_portrait(self, card: Card) -> Card:
        theirs = (c for c in self._store.cards.of_holder(card.holder_id) if c.institution == card.institution)
        return max((c for c in (card, *theirs) if c.portrait_id), key=lambda each: each.issued_at, default=card)

    def tell_person_first(self, entry: OutboxEntry) -> bool:
        """Let an entry's person be told once more and the entry itself after that; return whether there is one."""
        if not self._person_before(entry):
            return False
        self.send_again(entry)
        return True

    @contextmanager
    def standing_still(self) -> Iterator[None]:
        """Let nobody correct anything meanwhile."""
        with self._lock:
            yield

    def is_stale(self, key: str, generation: int) -> bool:
        """Tell whether an entry was changed since that generation: what was told of it meanwhile is too old."""
        with self._lock:
            return self._touched.get(key, -1) > generation

    @property
    def changes(self) -> int:
        """Return how many changes there were: after another one, what the worker holds in memory is too old.

        Without the lock, which is held while outcomes are written: who sends need not wait for the disk. A change
        counts when it is in the store, and what is read after that is new.
        """
        return self._changes

    def note_change(self) -> None:
        """Note that somebody else changed the queue."""
        with self._lock:
            self._changes += 1

    def forget(self) -> None:
        """Forget what was changed: nothing is on its way."""
        with self._lock:
            self._touched.clear()

    def _write(self, entry: OutboxEntry, registration: Registration | None) -> None:
        with self._lock:
            # Said before the write and made public after it. The other way round the sender would read the old entry in
            # between and take the answer to it for one to the new.
            change = self._changes + 1
            self._touched[entry.key] = change
            try:
                # Counted even when the write raised: nobody knows then whether it is in the store, and reading once
                # more costs little.
                self._store.outbox.update(entry, registration)
            finally:
                self._changes = change

    def _queued(self, entry: OutboxEntry) -> Registration | None:
        # A person who is told once more, for a picture, takes nothing back from a card the router has.
        card = self._store.cards.get(entry.escn)
        return None if card is None or card.registration is Registration.REGISTERED else Registration.QUEUED

    def _person_before(self, entry: OutboxEntry) -> list[OutboxEntry]:
        if entry.kind not in (OutboxKind.CARD, OutboxKind.PICTURE):
            return []
        # Filed under the identifier, or under what stood for it when the card was made.
        names = dict.fromkeys((str(entry.payload.get("esi", "")).casefold(), entry.order_key))
        found = [self._store.outbox.get(f"{OutboxKind.PERSON.value}:{name}:{entry.escn}") for name in names]
        # One that still waits goes before the card by itself, as its order is the person's.
        return [person for person in found if person is not None and person.state is OutboxState.DONE][:1]

    def _correct_what_is_behind(self, entry: OutboxEntry) -> None:
        """Make what waits behind a person anew too: it names the person by the identifier that was corrected."""
        # Their payload was made with the old identifier; told as they are, the router would miss the person once more.
        for kind in (OutboxKind.CARD, OutboxKind.PICTURE):
            behind = self._store.outbox.get(f"{kind.value}:{entry.escn}")
            if behind is not None and behind.state is OutboxState.WAITING:
                self._write(self.as_the_records_say(behind), None)
