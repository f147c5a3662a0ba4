"""Two desks and a shared store that goes away and comes back at any call: in the end each card is there, once."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from station.domain.card import CardState
from station.domain.errors import StoreConflictError
from station.domain.workflow import Abandoned, Cause, HandedOver, replay
from station.ports.store import CardUpdate
from tests.helpers.standby import DeskScribe, ready_desks, settle

NAMES = ("Desk 1", "Desk 2")
HOLDERS = ("id-1", "id-2", "id-3")
DESK, HOLDER = st.sampled_from(NAMES), st.sampled_from(HOLDERS)


class DesksAlone(RuleBasedStateMachine):
    """What was acknowledged is the model: it must be found at the desk at once, and in the shared store in the end."""

    @initialize()
    def open(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="station-machine-"))
        self.desks = ready_desks(self.folder, HOLDERS)
        self.making: dict[tuple[str, str], DeskScribe] = {}
        self.handed_over: list[DeskScribe] = []
        self.made = 0

    @rule(name=DESK, holder=HOLDER)
    def begin(self, name: str, holder: str) -> None:
        if (name, holder) in self.making:
            return
        self.made += 1
        scribe = DeskScribe(self.desks, name, holder_id=holder, uid=f"04{self.made:08X}")
        try:
            scribe.tell(next(scribe.events()))
        except StoreConflictError as error:
            assert error.params["constraint"] == "open"  # noqa: PT017 - what else may be raised fails
        else:
            self.making[name, holder] = scribe

    @precondition(lambda self: self.making)
    @rule(data=st.data(), steps=st.integers(1, 8))
    def go_on(self, data: st.DataObject, steps: int) -> None:
        self.finish(data.draw(st.sampled_from(sorted(self.making))), steps)

    def finish(self, key: tuple[str, str], steps: int) -> None:
        scribe = self.making[key]
        for event in list(scribe.events())[scribe.sequence :][:steps]:
            scribe.tell(event)
        if scribe.sequence == 7 and steps > 3:
            change = scribe.change(HandedOver())  # sets the time, before card and entries take it
            scribe.outbox_as_told = scribe.outbox()
            change = replace(change, card=scribe.card(), outbox=scribe.outbox_as_told)
            scribe.store.issuances.record(change)
            scribe.issuance, scribe.sequence = change.issuance, 8
            self.handed_over.append(self.making.pop(key))

    @rule(name=DESK, holder=HOLDER)
    def make_whole_card(self, name: str, holder: str) -> None:
        self.begin(name, holder)
        if (name, holder) in self.making:
            self.finish((name, holder), 8)

    @precondition(lambda self: self.making)
    @rule(data=st.data())
    def give_up(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(sorted(self.making)))
        scribe = self.making[key]
        if not scribe.issuance.physical:
            self.making.pop(key).tell(Abandoned(Cause.HOLDER_LEFT))

    @precondition(lambda self: self.handed_over)
    @rule(data=st.data(), name=DESK)
    def block(self, data: st.DataObject, name: str) -> None:
        escn = data.draw(st.sampled_from([scribe.escn for scribe in self.handed_over]))
        store = self.desks.open[name]
        card = store.cards.get(escn)
        if card is not None and card.state is CardState.ACTIVE:
            blocked = replace(card, state=CardState.BLOCKED, reason="found on the stairs")
            try:
                store.cards.update(CardUpdate(card, blocked, self.desks.clock.now(), "anna", name))
            except StoreConflictError as error:
                assert error.params["constraint"] == "card"  # noqa: PT017

    @rule(name=DESK, calls=st.integers(0, 12), answer_lost=st.booleans())
    def break_soon(self, name: str, calls: int, answer_lost: bool) -> None:
        line = self.desks.lines[name]
        line.breaks_in, line.answer_lost = calls, answer_lost

    @rule(name=DESK)
    def cut(self, name: str) -> None:
        self.desks.cut(name)

    @rule(name=DESK, then=st.none() | st.integers(0, 25), answer_lost=st.booleans())
    def mend(self, name: str, then: int | None, answer_lost: bool) -> None:
        line = self.desks.lines[name]
        line.cut, line.breaks_in, line.answer_lost = False, then, answer_lost

    @rule(name=DESK)
    def tend(self, name: str) -> None:
        self.desks.open[name].tend()

    @rule(name=DESK)
    def start_again(self, name: str) -> None:
        self.desks.again(name)

    @invariant()
    def what_was_acknowledged_is_there(self) -> None:
        for (name, _), scribe in getattr(self, "making", {}).items():
            assert self.desks.open[name].issuances.get(scribe.issuance.id) == scribe.issuance

    def teardown(self) -> None:
        if hasattr(self, "desks"):
            for line in self.desks.lines.values():
                line.cut, line.breaks_in = False, None
            for store in [*self.desks.open.values()] * 2:  # once more: what the second merged, the first has to copy
                settle(store)
            self.check()
            self.desks.close()
            shutil.rmtree(self.folder)

    def check(self) -> None:
        shared = self.desks.shared
        cards = {card.escn: card for card in shared.cards.each()}
        for scribe in self.handed_over:
            assert (cards[scribe.escn].uid, cards[scribe.escn].holder_id) == (scribe.uid, scribe.holder_id)
        assert len(cards) == len(self.handed_over)
        active = Counter(card.holder_id for card in cards.values() if card.state is CardState.ACTIVE)
        assert all(number == 1 for number in active.values()), active
        for holder in HOLDERS:
            mine = [card for card in cards.values() if card.holder_id == holder]
            mine.sort(key=lambda card: card.issued_at)
            assert all(card.state is not CardState.ACTIVE for card in mine[:-1])
            assert all(card.state in (CardState.ACTIVE, CardState.BLOCKED, CardState.REPLACED) for card in mine[-1:])
        keys = Counter(entry.key for entry in shared.outbox.entries(unfinished=False))
        assert all(keys[f"card:{escn}"] == 1 for escn in cards)
        for scribe in [*self.handed_over, *self.making.values()]:
            journal = shared.issuances.journal(scribe.issuance.id)
            assert replay(scribe.issuance.id, [entry.event for entry in journal]) == scribe.issuance
        for store in self.desks.open.values():
            assert store.doubts() == ()
            own = store._local
            assert {card.escn: card for card in own.cards.each()} == cards
            assert set(own.issuances.open_issuances()) == set(shared.issuances.open_issuances())
            assert {blank.id: blank for blank in own.cards.blanks()} == {b.id: b for b in shared.cards.blanks()}
            assert own.outbox.entries() == ()


DesksAlone.TestCase.settings = settings(max_examples=15, stateful_step_count=25, deadline=None)
TestDesksAlone = DesksAlone.TestCase
