"""Merge what a desk recorded while it was alone into the shared store: in order, each once, nothing dropped.

What is asked first, for each call: is it there already? So a merge that was cut off anywhere is simply begun again,
and a call whose answer was lost when the database went away is settled by the same question.

    step of an issuance     it is there · it is the next one: recorded · somebody went on with the card: see ``forks``
    hand-over               of two active cards of a holder the older becomes REPLACED, and ESC-Router is told
    change of a card        it stands so already · as it was: changed · it has ended since: a line of its history
    anything with a key     it is there · it is added
    everything else         a doubt, for a person to decide; what came after it of the same card waits with it
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from station.adapters.standby.forks import Fork, resolve
from station.adapters.standby.log import MergeLog, Standing, Waiting
from station.domain.card import Card, CardState, Registration
from station.domain.errors import N_, StationError, StoreAwayError, StoreConflictError
from station.domain.message import Message
from station.domain.outbox import OutboxEntry
from station.ports.store import CardUpdate, Change, ConsentRecord, Store, Withdrawal

Told = Callable[[Store, Card], tuple[OutboxEntry, ...]]
"""Given the store and a card as it stands: what ESC-Router has to be told of it, nothing for who does not agree."""
Forgotten = Callable[[Store, str], tuple[OutboxEntry, ...]]
"""Given the store and whose cards: what makes ESC-Router forget this holder, with every card that is there."""

_ENDED = (CardState.REPLACED, CardState.REVOKED, CardState.RETURNED, CardState.DESTROYED)


class Merger:
    """Replay the log into the shared store. One at a time."""

    def __init__(
        self, log: MergeLog, shared: Store, told: Told, bring: Callable[[str], None], *, forgotten: Forgotten
    ) -> None:
        """Take the log, where to merge it, what the router is told; ``bring`` copies an issuance back over ours."""
        self._log, self._shared, self._told, self._bring = log, shared, told, bring
        self._forgotten = forgotten

    def run(self, stop: Callable[[], bool] = lambda: False) -> int:
        """Merge everything that waits; return how many calls that were. Raises StoreAwayError; begin again later."""
        done = 0
        # Read anew each time: the desk goes on writing while it is merged, and what it adds is merged in the same
        # round.
        while not stop() and (waiting := self._log.first(Standing.WAITING)) is not None:
            self._merge(waiting)
            done += 1
        return done

    def _merge(self, waiting: Waiting) -> None:
        subject = waiting.call.subject
        before = [each for each in self._log.of(subject) if each.standing is Standing.DOUBT] if subject else []
        # Behind a doubt nothing of the same card is merged: it builds on a step that the others don't have.
        if before:
            self._log.move(waiting.id, Standing.DOUBT, before[0].reason)
            return
        try:
            self._replay(waiting)
        except StoreAwayError:
            raise
        except StationError as error:  # also a profile that says nothing of another desk's institution
            self._log.move(waiting.id, Standing.DOUBT, Message(error.what, error.params))
            if subject:
                # The copy shows what the shared store says until a person has decided: that is what every other desk
                # goes by.
                self._bring(subject)
        else:
            # After the write and not with it: they are two databases. A crash in between merges it once more, and finds
            # it there.
            self._log.drop([waiting.id])

    def _replay(self, waiting: Waiting) -> None:
        call, shared = waiting.call, self._shared
        match call.part, call.name, *call.args:
            case "issuances", "record", Change() as change:
                self._step(change)
            case "cards", "update", CardUpdate() as update:
                self._update(update)
            case "consents", "withdraw", Withdrawal() as withdrawal:
                self._withdraw(withdrawal)
            case "consents", "add", ConsentRecord() as consent:
                if consent not in shared.consents.of_holder(consent.holder_id):
                    call.make(shared)
            case "outbox", "add", entries:
                new = [each for each in entries if shared.outbox.get(each.key) is None]
                shared.outbox.add(new)
            case "outbox", "update", entry, *_:
                if shared.outbox.get(entry.key) is not None:  # ended meanwhile, with the consent of its holder
                    call.make(shared)
            case _:
                self._add(waiting)

    def _add(self, waiting: Waiting) -> None:
        """Make a call that adds something, unless it is there."""
        call, shared = waiting.call, self._shared
        there: bool = False
        match call.part, call.name, *call.args:
            case "portraits", "add", portrait:
                there = shared.portraits.get(portrait.id) is not None
            case "reviews", "record", review, *_:
                there = review in shared.reviews.all()
            case "stock", "add", line:
                there = line in shared.stock.ledger()
            case "printer_care", "add", line:
                there = line in shared.printer_care.of_printer(line.printer)
            case "queue_exports", "mark", exports:
                there = all(each in shared.queue_exports.of_file(each.file) for each in exports)
            case "escns", "advance", prefix, pic, value:
                there = shared.escns.last_value(prefix, pic) >= value
        if not there:
            call.make(shared)

    # --- steps of issuances

    def _step(self, change: Change) -> None:
        journal = self._shared.issuances.journal(change.issuance.id)
        sequence = change.entry.sequence
        if len(journal) >= sequence:
            # The same entry means that it arrived although the answer was lost; any other in its place is somebody
            # else's.
            if journal[sequence - 1] != change.entry:
                self._fork(change)
            return
        if len(journal) < sequence - 1:
            raise StoreConflictError(constraint="sequence", detail=N_("what came before it is not there"))
        self.record(change)

    def _fork(self, change: Change) -> None:
        """Decide what becomes of a card that somebody else went on with."""
        issuance_id = change.issuance.id
        rows = [row for row in self._log.of(issuance_id) if row.call.name == "record"]
        ours = [row.call.args[0] for row in rows]
        fork = Fork(self._shared.issuances.get(issuance_id), self._shared.issuances.journal(issuance_id), ours)
        for step in resolve(fork):
            self.record(step)
        # What was merged so is in the shared store in another form: it is that form which counts here, too.
        self._bring(issuance_id)
        self._log.drop([row.id for row in rows])

    def record(self, change: Change) -> None:
        """Write a step into the shared store, beside what others did meanwhile."""
        # It happened, and is recorded whatever was decided meanwhile: the card is in its holder's pocket.
        change = replace(change, consents=None, alone=True)
        if change.card is not None:
            change = self._beside_others(change, change.card)
        if change.portrait is not None and self._shared.portraits.get(change.portrait.id) is not None:
            change = replace(change, portrait=None)
        self._shared.issuances.record(replace(change, outbox=self._new(change.outbox)))

    def _beside_others(self, change: Change, card: Card) -> Change:
        """Return the hand-over with what it means for the holder's other cards: one at a time is active."""
        # Withdrawn at another desk while this one was alone: the card stays valid, and ESC-Router never hears of it.
        if not self._agrees(card.holder_id):
            change = replace(change, outbox=(), card=replace(card, registration=Registration.NOT_NEEDED))
            card = replace(card, registration=Registration.NOT_NEEDED)
        others = [
            each
            for each in self._shared.cards.of_holder(card.holder_id)
            if each.scheme is card.scheme and each.escn != card.escn
        ]
        if card.state is not CardState.ACTIVE or not others:
            return change
        # However the newest stands by now: when it was handed over, it took the place of every older one.
        newest = max(others, key=_age)
        others = [each for each in others if each.state is CardState.ACTIVE]
        # Ours was replaced before anybody here knew: it comes into the store as the card that it is by now.
        if _age(newest) > _age(card):
            late = replace(card, state=CardState.REPLACED, reason=newest.escn)
            behind = (replace(entry, sequence=len(change.outbox)) for entry in self._tell_replaced(late))
            return replace(change, card=late, outbox=(*change.outbox, *behind))
        known = {entry.key for entry in change.outbox}
        told = [
            entry
            for other in others
            for entry in self._tell_replaced(replace(other, state=CardState.REPLACED, reason=card.escn))
        ]
        # Before the new one comes: a holder has two active cards at no moment.
        new = [entry for entry in told if entry.key not in known]
        first = tuple(replace(entry, sequence=place - len(new)) for place, entry in enumerate(new))
        return replace(change, outbox=(*first, *change.outbox))

    def _tell_replaced(self, card: Card) -> tuple[OutboxEntry, ...]:
        if card.registration is Registration.NOT_NEEDED:
            return ()
        entries = self._told(self._shared, card)
        return tuple(replace(entry, key=f"card:{card.escn}:replaced") for entry in entries)

    def _agrees(self, holder_id: str) -> bool:
        newest = self._shared.consents.of_holder(holder_id)[:1]
        return not any(each.withdrawn_at for each in newest)

    def _new(self, entries: tuple[OutboxEntry, ...]) -> tuple[OutboxEntry, ...]:
        """Return what is to be told, under keys that are free: another desk may have told of the same card."""
        return tuple(
            entry
            if self._shared.outbox.get(entry.key) is None
            else replace(entry, key=f"{entry.key}:{entry.created_at:%Y%m%dT%H%M%S%f}")
            for entry in entries
        )

    # --- cards and consents

    def _update(self, update: CardUpdate) -> None:
        card, after = self._shared.cards.get(update.after.escn), update.after
        if card is None:
            raise StoreConflictError(constraint="card", detail=N_("the card is not there"))
        notes = self._shared.cards.history(card.escn)
        said = (update.at, after.state, update.operator, update.station)
        if any((note.at, note.state, note.operator, note.station) == said for note in notes):
            return  # it was written before the answer was lost
        before = update.before
        ended = card.state in _ENDED and after.state is not CardState.ACTIVE and before.state not in _ENDED
        same = (card.state, card.expires_on) == (after.state, after.expires_on) and card.state is not before.state
        if ended or same:
            # Out of use either way and for good, or others have said the same: only that it was said here is new.
            self._shared.cards.update(replace(update, before=card, after=card, outbox=(), consents=None))
            return
        outbox = self._new(update.outbox) if self._agrees(card.holder_id) else ()
        if not outbox or card.registration is Registration.PARKED:  # it waits behind what is parked there, with it
            after = replace(after, registration=card.registration)
        self._shared.cards.update(replace(update, after=after, outbox=outbox, consents=None))

    def _withdraw(self, withdrawal: Withdrawal) -> None:
        consent, shared = withdrawal.consent, self._shared
        if consent in shared.consents.of_holder(consent.holder_id):
            return
        cards = frozenset(card.escn for card in shared.cards.of_holder(consent.holder_id))
        outbox = withdrawal.outbox
        if withdrawal.escns is not None and cards != withdrawal.escns:
            # Another desk has handed them one more card, of which the router was told.
            outbox = self._forgotten(shared, consent.holder_id) or outbox
        shared.consents.withdraw(replace(withdrawal, outbox=self._new(outbox), escns=cards))


def _age(card: Card) -> tuple[object, str]:
    return card.issued_at, card.escn
