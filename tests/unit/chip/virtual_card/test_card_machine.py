"""Hypothesis against a model: memory, files and transactions, with the card pulled at any moment."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from station.chip.virtual_card import store
from station.chip.virtual_card.card import Tear
from station.chip.virtual_card.desfire import VirtualDesfire
from station.domain.errors import CardRemovedError
from tests.helpers.card_host import APP, PLAIN, ZERO_AES, Host
from tests.helpers.chip import UID, unhex

SIZE = 64
STANDARD, BACKUP, VALUE, CYCLIC = 1, 2, 3, 4
MOST = 4


class CardMachine(RuleBasedStateMachine):
    """One application with a file of each kind; ``kept`` is what must be on the card, ``hoped`` what a commit makes."""

    @initialize(way=st.sampled_from([0xAA, 0x71]), generation=st.sampled_from(["EV2", "EV3"]))
    def begin(self, way: int, generation: str) -> None:
        self.way = way
        self.card = VirtualDesfire.new(generation, uid=UID)
        self.host = Host(self.card)
        self.host.send(0xCA, APP + b"\x0f\x81")
        self.host.send(0x5A, APP)
        self.host.send(0xCD, unhex("01000000400000"))
        self.host.send(0xCB, unhex("02000000400000"))
        self.host.send(0xCC, unhex("03000000" + "00000000" + "e8030000" + "64000000" + "01"))
        self.host.send(0xC0, unhex("04000000" + "040000" + "040000"))
        self.standard = bytearray(SIZE)
        self.kept = (bytes(SIZE), 100, ())
        self.hoped = self.kept
        self.touched = False
        self.wrote = False
        self.back()

    def back(self) -> None:
        """Put the card on the reader, and authenticate."""
        self.card.reset()
        self.host.way = 0
        assert self.host.send(0x5A, APP)[1] == 0
        assert self.host.authenticate(self.way, 0, ZERO_AES) == 0
        self.forget()

    def forget(self) -> None:
        self.hoped, self.touched, self.wrote = self.kept, False, False

    @rule(
        offset=st.integers(0, SIZE), data=st.binary(min_size=1, max_size=40), file=st.sampled_from([STANDARD, BACKUP])
    )
    def write(self, offset: int, data: bytes, file: int) -> None:
        header = bytes((file,)) + offset.to_bytes(3, "little") + len(data).to_bytes(3, "little")
        status = self.host.command(0x3D, header, data, sent=PLAIN)[1]
        if offset + len(data) > SIZE:
            assert status == 0xBE
            self.forget()
            return
        assert status == 0
        if file == STANDARD:
            self.standard[offset : offset + len(data)] = data
            return
        content = bytearray(self.hoped[0])
        content[offset : offset + len(data)] = data
        self.hoped, self.touched = (bytes(content), *self.hoped[1:]), True

    @rule(amount=st.integers(0, 600), ins=st.sampled_from([0x0C, 0xDC]))
    def change_value(self, amount: int, ins: int) -> None:
        status = self.host.command(ins, bytes((VALUE,)), amount.to_bytes(4, "little"), sent=PLAIN)[1]
        after = self.hoped[1] + (amount if ins == 0x0C else -amount)
        if not 0 <= after <= 1000:
            assert status == 0xBE
            self.forget()
            return
        assert status == 0
        self.hoped, self.touched = (self.hoped[0], after, self.hoped[2]), True

    @rule(text=st.binary(min_size=4, max_size=4))
    def write_record(self, text: bytes) -> None:
        assert self.host.command(0x3B, unhex("04000000040000"), text, sent=PLAIN)[1] == 0
        records = self.hoped[2][:-1] if self.wrote else self.hoped[2]
        self.hoped = (*self.hoped[:2], (*records, text)[-(MOST - 1) :])
        if self.wrote:
            # The same new record again: what gave way at first stays away.
            self.hoped = (*self.hoped[:2], (*records, text))
        self.touched = self.wrote = True

    @rule()
    def commit(self) -> None:
        assert self.host.command(0xC7)[1] == (0 if self.touched else 0x0C)
        if self.touched:
            self.kept = self.hoped
        self.forget()

    @rule()
    def abort(self) -> None:
        assert self.host.command(0xA7)[1] == (0 if self.touched else 0x0C)
        self.forget()

    @rule()
    def select_again(self) -> None:
        self.back()

    @precondition(lambda self: self.touched)
    @rule(how=st.sampled_from(Tear))
    def torn_in_the_commit(self, how: Tear) -> None:
        self.card.tear_after(0, how)
        try:
            self.host.command(0xC7)
            raise AssertionError("the card should be gone")
        except CardRemovedError:
            pass
        if how is Tear.AFTER:
            self.kept = self.hoped
        self.back()

    @rule(data=st.binary(min_size=10, max_size=40), how=st.sampled_from(Tear))
    def torn_in_a_write(self, data: bytes, how: Tear) -> None:
        header = bytes((STANDARD,)) + bytes(3) + len(data).to_bytes(3, "little")
        self.card.tear_after(0, how)
        try:
            self.host.command(0x3D, header, data, sent=PLAIN)
            raise AssertionError("the card should be gone")
        except CardRemovedError:
            pass
        content = self.card.memory.applications[APP].files[STANDARD].content
        for index, byte in enumerate(content):
            assert byte in ({self.standard[index], data[index]} if index < len(data) else {self.standard[index]})
        if how is Tear.BEFORE:
            assert content == self.standard
        if how is Tear.AFTER:
            assert content[: len(data)] == data
        self.standard = bytearray(content)
        self.back()

    @invariant()
    def the_card_shows_what_was_committed(self) -> None:
        if not hasattr(self, "card"):
            return
        files = self.card.memory.applications[APP].files
        assert files[STANDARD].content == self.standard
        records = files[CYCLIC].records.entries
        assert (bytes(files[BACKUP].content), files[VALUE].purse.value, tuple(records)) == self.kept

    @invariant()
    def a_snapshot_is_the_whole_card(self) -> None:
        if hasattr(self, "card"):
            assert store.desfire_memory(self.card.snapshot()) == self.card.memory


CardMachine.TestCase.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
TestCardMachine = CardMachine.TestCase
