"""The card is pulled, at every single command and in every way, and put back: it ends encoded once, or untouched."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from station.adapters.secrets.virtual import VirtualSecrets
from station.chip.encoder import ChipData, inspect, verify
from station.chip.erasing import erase
from station.chip.profiles import ChipProfile
from station.chip.virtual_card.card import Tear
from station.chip.virtual_card.ciphers import AES, CardKey
from station.chip.virtual_card.desfire import VirtualDesfire
from station.chip.virtual_card.memory import CardApplication
from station.domain.errors import CardRemovedError, ChipMismatchError, ChipUnsuitableError, DeviceError
from tests.helpers.chip import (
    ESC_AID,
    ESCN,
    OTHER_ESCN,
    UID,
    Altered,
    Direct,
    Pulled,
    demo_profile,
    run_encode,
    unhex,
)
from tests.helpers.chip_profiles import hiding, with_card_key

APDUS = 40
NEIGHBOUR = unhex("C05885")


def new_card() -> VirtualDesfire:
    card = VirtualDesfire.new(uid=UID)
    card.memory.applications[NEIGHBOUR] = CardApplication(NEIGHBOUR, 0x0B, AES, [CardKey(AES, b"\x77" * 16, 3)])
    return card


def assert_never_open(card: VirtualDesfire) -> None:
    """No file of ours is ever more open than the profile says."""
    for file in card.memory.applications[ESC_AID].files.values() if ESC_AID in card.memory.applications else ():
        assert file.rights == 0xE000


def test_a_whole_encoding_has_as_many_commands_as_are_tried_here() -> None:
    assert run_encode(Direct(new_card())).apdus == APDUS


@pytest.mark.parametrize("how", list(Tear))
@pytest.mark.parametrize("after", range(APDUS))
def test_pulled_once_and_put_back(after: int, how: Tear) -> None:
    card, begun = new_card(), list[str]()
    before = card.memory.copy()
    with pytest.raises(CardRemovedError) as caught:
        run_encode(Pulled(card, after, how), begun=begun)
    assert_never_open(card)
    if not caught.value.written:
        assert card.memory == before
    assert caught.value.written <= bool(begun)
    report = run_encode(Direct(card))
    assert (report.escn_on_chip, report.verified) == (ESCN, True)
    assert_never_open(card)
    assert card.memory.applications[NEIGHBOUR] == before.applications[NEIGHBOUR]
    assert verify(Direct(card), demo_profile(), ChipData(ESCN), VirtualSecrets(demo=True)).uid == UID.hex().upper()


@pytest.mark.parametrize("how", list(Tear))
@pytest.mark.parametrize("after", range(APDUS))
def test_pulled_and_then_wanted_for_another(after: int, how: Tear) -> None:
    """Another number is refused as soon as ours is whole; a card that has none yet may become another's."""
    card = new_card()
    with pytest.raises(CardRemovedError):
        run_encode(Pulled(card, after, how))
    carried = inspect(Direct(card)).escn
    before = card.memory.copy()
    if carried == ESCN:
        with pytest.raises(ChipMismatchError):
            run_encode(Direct(card), OTHER_ESCN)
        assert card.memory == before


@pytest.mark.parametrize("how", list(Tear))
def test_pulled_again_and_again(how: Tear) -> None:
    """Each time one command further: the card is finished in the end, and never spoiled on the way."""
    card = new_card()
    for after in range(3 * APDUS):
        try:
            report = run_encode(Pulled(card, after, how))
        except CardRemovedError:
            assert_never_open(card)
            continue
        break
    assert report.escn_on_chip == ESCN
    assert after > 8


class PulledCard(RuleBasedStateMachine):
    """Any sequence of attempts and mishaps; at any time one quiet attempt finishes the card."""

    @initialize()
    def start(self) -> None:
        """Take a new card."""
        self.card = new_card()
        self.neighbour = self.card.memory.copy().applications[NEIGHBOUR]
        self.promised = False

    @rule(after=st.integers(0, APDUS + 3), how=st.sampled_from(Tear))
    def pull(self, after: int, how: Tear) -> None:
        """Encode, and pull the card in between."""
        before = self.card.memory.copy()
        try:
            report = run_encode(Pulled(self.card, after, how))
        except CardRemovedError as error:
            if not error.written:
                assert self.card.memory == before
        else:
            assert report.verified
            self.promised = True

    def _tried(self, connection: Direct, profile: ChipProfile | None = None) -> None:
        """Encode through trouble: a whole card, or an error that tells the truth about what was written."""
        before = self.card.memory.copy()
        try:
            report = run_encode(connection, profile=profile)
        except DeviceError as error:
            if not error.written:
                assert self.card.memory == before
        else:
            assert report.escn_on_chip == ESCN

    @rule(after=st.integers(0, APDUS), noise=st.one_of(st.binary(max_size=70), st.just(bytes(65536))))
    def disturb(self, after: int, noise: bytes) -> None:
        """Encode, while one answer is replaced by noise, or by far too much of it."""
        self._tried(Altered(self.card, lambda i, answer: noise if i == after else answer))

    @rule(after=st.integers(0, APDUS), bit=st.integers(0, 61 * 8 - 1))
    def turn_a_bit(self, after: int, bit: int) -> None:
        """Encode, while one bit of one answer is turned over."""

        def turned(index: int, answer: bytes) -> bytes:
            if index != after:
                return answer
            at = bit % (len(answer) * 8)
            return bytes(byte ^ (1 << at % 8 if place == at // 8 else 0) for place, byte in enumerate(answer))

        self._tried(Altered(self.card, turned))

    @rule(after=st.integers(1, APDUS), back=st.integers(1, 6))
    def swap_answers(self, after: int, back: int) -> None:
        """Encode, while another card, encoded for another, answers in between."""
        if not hasattr(self, "stranger"):
            self.stranger = VirtualDesfire.new(uid=unhex("04AAAAAAAAAA80"))
            run_encode(Direct(self.stranger), OTHER_ESCN)
        self.stranger.reset()
        theirs = self.stranger.memory.copy()
        ours, stranger = self.card, self.stranger

        class Swapped(Direct):
            def transmit(self, apdu: bytes) -> bytes:
                if after <= len(self.log) < after + back:
                    self.log.append((apdu, b""))
                    return stranger.transmit(apdu)
                return super().transmit(apdu)

        self._tried(Swapped(ours))
        stranger.reset()
        assert stranger.memory == theirs

    @precondition(lambda self: not self.promised)
    @rule(after=st.integers(0, 40), how=st.sampled_from(Tear))
    def begin_without_signature(self, after: int, how: Tear) -> None:
        """Encode by the smaller profile, and pull the card in between or not."""
        if self.signed():
            return
        self._tried(Pulled(self.card, after, how), demo_profile("deuinfo-unsigned"))

    def signed(self) -> bool:
        """Say whether there is more on the card than the smaller profile knows."""
        app = self.card.memory.applications.get(ESC_AID)
        return app is not None and len(app.files) > 1

    @rule(after=st.integers(0, 60), how=st.sampled_from(Tear))
    def erase_it(self, after: int, how: Tear) -> None:
        """Take the card back, and pull it in between or not: it is erased, or as it was."""
        before = self.card.memory.copy()
        try:
            erase(
                Pulled(self.card, after, how),
                demo_profile(),
                ChipData(ESCN),
                VirtualSecrets(demo=True),
                before_write=lambda _: None,
            )
        except CardRemovedError as error:
            if not error.written:
                assert self.card.memory == before
        self.promised &= ESC_AID in self.card.memory.applications

    @precondition(lambda self: self.promised)
    @rule()
    def take_for_another(self) -> None:
        """Try to put another number onto a finished card."""
        before = self.card.memory.copy()
        with pytest.raises(ChipMismatchError):
            run_encode(Direct(self.card), OTHER_ESCN)
        assert self.card.memory == before

    @invariant()
    def stays_safe(self) -> None:
        """Rights are never more open, the neighbour is untouched, a promise is kept."""
        assert_never_open(self.card)
        assert self.card.memory.applications[NEIGHBOUR] == self.neighbour
        if self.promised:
            assert inspect(Direct(self.card)).escn == ESCN

    def teardown(self) -> None:
        """Finish the card in peace."""
        if hasattr(self, "card"):
            assert run_encode(Direct(self.card)).escn_on_chip == ESCN


TestPulledCard = PulledCard.TestCase
TestPulledCard.settings = settings(stateful_step_count=12)


@pytest.mark.parametrize("how", list(Tear))
@pytest.mark.parametrize("profile", [with_card_key("deuinfo"), hiding("deuinfo")], ids=["with a key", "hiding"])
def test_a_blank_that_hides_its_uid_is_finished_wherever_it_was_pulled(profile: ChipProfile, how: Tear) -> None:
    whole = Direct(VirtualDesfire.new(uid=UID, random_id=True))
    run_encode(whole, profile=profile)
    for after in range(len(whole.log)):
        card = VirtualDesfire.new(uid=UID, random_id=True)
        with pytest.raises(CardRemovedError):
            run_encode(Pulled(card, after, how), profile=profile)
        assert run_encode(Direct(card), profile=profile).uid == UID.hex().upper()
        verify(Direct(card), profile, ChipData(ESCN), VirtualSecrets(demo=True))


def test_a_blank_that_hides_its_uid_is_refused_where_nothing_would_open_it_again() -> None:
    card = VirtualDesfire.new(uid=UID, random_id=True)
    before = card.memory.copy()
    with pytest.raises(ChipUnsuitableError, match="another UID each time"):
        run_encode(Direct(card), profile=with_card_key("access-control"))
    assert card.memory == before
    profile = demo_profile("access-control")
    run_encode(Direct(card), profile=profile)
    assert verify(Direct(card), profile, ChipData(ESCN), VirtualSecrets(demo=True)).uid == UID.hex().upper()
