"""AES authentication: the example of AN0945, the software card, and those that only pretend."""

from __future__ import annotations

import pytest

from station.chip.desfire import applications
from station.chip.desfire.applications import get_card_uid, select
from station.chip.desfire.auth import authenticate, authenticate_aes
from station.chip.desfire.crypto import session_key
from station.chip.desfire.keys import Key, default_key
from station.chip.desfire.link import DesfireLink
from station.chip.desfire.session import Scheme
from station.chip.desfire.session_ev2 import Ev2Session
from station.chip.virtual_card.card import VirtualCard
from station.chip.virtual_card.desfire import VirtualDesfire
from station.chip.virtual_card.kinds import blank_card
from station.domain.errors import ChipKeyError, ChipRefusedError
from station.ports.secrets import KeyKind
from tests.helpers.chip import ESC_AID, UID, Altered, Direct, Rambling, Replay, run_encode, unhex, vector

EXAMPLE = vector("an0945-t22-auth-aes")


def test_the_example() -> None:
    replay = Replay(EXAMPLE["exchange"])
    link = DesfireLink(replay.transmit)
    authenticate_aes(link, 0, unhex(EXAMPLE["key"]), random=lambda _: unhex(EXAMPLE["rndA"]))
    assert replay.done == 2
    assert link.authenticated == 0


def test_the_session_key_of_the_example() -> None:
    made = session_key(KeyKind.AES128, unhex(EXAMPLE["key"]), unhex(EXAMPLE["rndA"]), unhex(EXAMPLE["rndB"]))
    assert made == unhex(EXAMPLE["session_key"])


@pytest.fixture
def encoded() -> VirtualCard:
    card = blank_card(UID)
    run_encode(Direct(card))
    return card


def test_the_right_key_opens_a_session_that_works(encoded: VirtualCard) -> None:
    link = DesfireLink(Direct(encoded).transmit)
    select(link, ESC_AID)
    authenticate_aes(link, 1, encoded.memory.applications[ESC_AID].keys[1].value)
    assert link.authenticated == 1
    assert get_card_uid(link) == UID


@pytest.mark.parametrize("number", [0, 1, 2, 3, 13])
def test_a_wrong_key_or_none_is_told_apart(encoded: VirtualCard, number: int) -> None:
    link = DesfireLink(Direct(encoded).transmit)
    select(link, ESC_AID)
    with pytest.raises(ChipKeyError):
        authenticate_aes(link, number, bytes(16))
    assert link.authenticated is None


def test_a_key_of_another_kind_is_no_aes_key() -> None:
    link = DesfireLink(Direct(blank_card(UID)).transmit)
    with pytest.raises(ChipKeyError):
        authenticate_aes(link, 0, bytes(16))  # the card itself has a DES key


def test_a_card_that_does_not_know_the_key_cannot_pretend() -> None:
    # It takes any token and answers with anything of the right length.
    link = DesfireLink(Rambling([bytes(16) + b"\x91\xaf", bytes(16) + b"\x91\x00"]).transmit)
    with pytest.raises(ChipKeyError):
        authenticate_aes(link, 0, bytes(16))
    assert link.authenticated is None


@pytest.mark.parametrize("length", [0, 8, 15, 17])
@pytest.mark.parametrize("index", [1, 2])
def test_tokens_of_a_wrong_length_are_refused(encoded: VirtualCard, length: int, index: int) -> None:
    link = DesfireLink(Altered(encoded, lambda i, a: bytes(length) + a[-2:] if i == index else a).transmit)
    select(link, ESC_AID)
    with pytest.raises(ChipKeyError):
        authenticate_aes(link, 0, encoded.memory.applications[ESC_AID].keys[0].value)


def test_another_refusal_is_no_wrong_key() -> None:
    with pytest.raises(ChipRefusedError) as caught:
        authenticate_aes(DesfireLink(Rambling([b"\x91\xcd"]).transmit), 0, bytes(16))
    assert caught.value.sw == 0x91CD
    with pytest.raises(ChipRefusedError):
        authenticate_aes(DesfireLink(Rambling([b"\x91\x00"]).transmit), 0, bytes(16))


@pytest.mark.parametrize(
    ("key", "scheme"),
    [(Key.des(), Scheme.EV2), (default_key(KeyKind.TDES3K), Scheme.D40), (Key.aes(), Scheme.D40)],
)
def test_a_scheme_without_such_keys_is_a_mistake(key: Key, scheme: Scheme) -> None:
    with pytest.raises(ValueError, match="no keys of kind"):
        authenticate(DesfireLink(Rambling([b"\x91\xae"]).transmit), 0, key, scheme=scheme)


class FakeFirstDesfire:
    """A card that knows D40 only: everything newer is an illegal command."""

    def __init__(self) -> None:
        self.card = VirtualDesfire.new("EV1", uid=UID)

    def transmit(self, apdu: bytes) -> bytes:
        """Answer one command."""
        return b"\x91\x1c" if apdu[1] in (0x1A, 0xAA, 0x71, 0x77) else self.card.transmit(apdu)


def test_a_card_too_old_for_ev1_is_spoken_to_as_it_can() -> None:
    link = DesfireLink(FakeFirstDesfire().transmit)
    authenticate(link, 0, Key.des())
    assert link.scheme is Scheme.D40
    with pytest.raises(ChipRefusedError) as caught:
        authenticate(link, 0, Key.aes())
    assert caught.value.sw == 0x911C
    assert link.authenticated is None


def test_another_refusal_is_no_old_card() -> None:
    with pytest.raises(ChipRefusedError) as caught:
        authenticate(DesfireLink(Rambling([b"\x91\xcd"]).transmit), 0, Key.des())
    assert caught.value.sw == 0x91CD


ALL = [
    (Key.des(), Scheme.D40, 8),
    (Key.des(), Scheme.EV1, 8),
    (default_key(KeyKind.TDES3K), Scheme.EV1, 16),
    (Key.aes(), Scheme.EV1, 16),
    (Key.aes(), Scheme.EV2, 32),
]


@pytest.mark.parametrize(("key", "scheme", "size"), ALL)
def test_nobody_pretends_to_know_a_key_of_any_kind(key: Key, scheme: Scheme, size: int) -> None:
    challenge = bytes(min(size, 16)) + b"\x91\xaf"
    for proof in (bytes(size), bytes(size - 1), bytes(size + 1), b""):
        link = DesfireLink(Rambling([challenge, proof + b"\x91\x00"]).transmit)
        with pytest.raises(ChipKeyError):
            authenticate(link, 0, key, scheme=scheme)
        assert link.authenticated is None


@pytest.mark.parametrize(("key", "scheme", "size"), ALL)
def test_a_cards_own_challenge_sent_back_proves_nothing(key: Key, scheme: Scheme, size: int) -> None:
    # What we sent comes back as the proof: the oldest trick against such protocols.
    sent: list[bytes] = []

    def mirror(apdu: bytes) -> bytes:
        sent.append(apdu[5:-1])
        return bytes(min(size, 16)) + b"\x91\xaf" if len(sent) == 1 else sent[1][:size].ljust(size, b"\0") + b"\x91\x00"

    with pytest.raises(ChipKeyError):
        authenticate(DesfireLink(mirror), 0, key, scheme=scheme)


def test_a_second_key_of_ev2_keeps_the_transaction() -> None:
    link = DesfireLink(VirtualDesfire.new("EV2", uid=UID).transmit)
    applications.create_application(link, applications.NewApplication(ESC_AID, 0x0F, 2))
    select(link, ESC_AID)
    authenticate(link, 0, Key.aes(), scheme=Scheme.EV2)
    get_card_uid(link)
    first = link.session
    authenticate(link, 1, Key.aes(), scheme=Scheme.EV2)
    second = link.session
    assert isinstance(first, Ev2Session)
    assert isinstance(second, Ev2Session)
    assert (second.identifier, second.counter, second.key_no) == (first.identifier, 1, 1)
    assert get_card_uid(link) == UID
