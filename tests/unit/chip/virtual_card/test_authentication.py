"""The software card proves itself: published exchanges byte by byte, and what it refuses."""

from __future__ import annotations

import pytest

from station.chip.virtual_card.ciphers import AES, TDES, TDES3, CardKey, ev2_session_values
from station.chip.virtual_card.desfire import VirtualDesfire
from station.chip.virtual_card.memory import CardMemory
from station.chip.virtual_card.models import EV1, EV2, EV3, LIGHT, model
from tests.helpers.card_host import APP, FACTORY, PLAIN, ZERO_AES, Cbc, Host
from tests.helpers.chip import UID, unhex, vector


def aes_card(generation: str, *draws: str) -> VirtualDesfire:
    """Return a card whose own key is AES zeros, and which draws these random numbers in turn."""
    memory = CardMemory.blank(UID, model(generation))
    memory.picc.keys, memory.picc.kind = [ZERO_AES], AES
    numbers = iter(draws)
    return VirtualDesfire(memory, random=lambda _: unhex(next(numbers)))


@pytest.mark.parametrize("generation", [EV1, EV2, EV3])
def test_aes_as_in_an0945(generation: str) -> None:
    example = vector("an0945-t22-auth-aes")
    card = aes_card(generation, example["rndB"])
    for sent, answered in example["exchange"]:
        assert card.transmit(unhex(sent)) == unhex(answered)
    host = Host(card)
    host.way, host.cipher, host.iv = 0xAA, Cbc(AES, unhex(example["session_key"])), bytes(16)
    assert host.managed(0x6E) == 0


@pytest.mark.parametrize("generation", [EV2, EV3])
def test_ev2_first_as_in_an12196(generation: str) -> None:
    example = vector("an12196-s6.6-ev2first")
    card = aes_card(generation, example["rndB"], example["ti"])
    for sent, answered in example["exchange"]:
        assert card.transmit(unhex(sent)) == unhex(answered)
    host = Host(card)
    host.way, host.ti = 0x71, unhex(example["ti"])
    host.cipher, host.macs = (Cbc(AES, unhex(example[key])) for key in ("ses_auth_enc", "ses_auth_mac"))
    assert host.command(0x51, back="full") == (UID, 0)


def test_ev2_session_keys_as_in_an12343() -> None:
    example = vector("an12343-ev2-session-keys")
    values = ev2_session_values(CardKey(AES, unhex(example["key"])), unhex(example["rndA"]), unhex(example["rndB"]))
    assert values == (unhex(example["ses_auth_enc"]), unhex(example["ses_auth_mac"]))


@pytest.mark.parametrize("way", [0x0A, 0x1A])
@pytest.mark.parametrize("generation", [EV1, EV2, EV3])
def test_the_factory_key_opens_a_new_card(generation: str, way: int) -> None:
    host = Host(VirtualDesfire.new(generation, uid=UID))
    assert host.authenticate(way, 0, FACTORY) == 0
    assert host.command(0x51, back="full", length=7) == (UID, 0)
    assert host.authenticate(0xAA, 0, ZERO_AES) == 0xAE
    assert host.command(0x51)[1] == 0xAE  # whoever fails to authenticate is nobody


@pytest.mark.parametrize(
    ("way", "key"),
    [
        (0x0A, CardKey(TDES, bytes(range(16)))),
        (0x1A, CardKey(TDES, bytes(range(16)))),
        (0x1A, CardKey(TDES3, bytes(range(24)))),
        (0xAA, CardKey(AES, bytes(range(16)))),
        (0x71, CardKey(AES, bytes(range(16)))),
    ],
)
def test_every_kind_of_key(way: int, key: CardKey) -> None:
    card = VirtualDesfire.new(EV2, uid=UID)
    card.memory.picc.keys, card.memory.picc.kind = [key], key.kind
    host = Host(card)
    assert host.authenticate(way, 0, key) == 0
    assert host.command(0x51, back="full", length=7) == (UID, 0)
    assert host.command(0x6E)[1] == 0
    wrong = CardKey(key.kind, bytes(reversed(key.value)))
    assert host.authenticate(way, 0, wrong) == 0xAE
    assert host.authenticate(way, 1, key) == 0x40


def test_the_first_way_takes_no_3k3des_and_no_aes() -> None:
    for kind, length in ((TDES3, 24), (AES, 16)):
        card = VirtualDesfire.new(EV1)
        card.memory.picc.keys = [CardKey(kind, bytes(length))]
        assert Host(card).send(0x0A, b"\x00")[1] == 0xAE


def test_another_key_in_the_same_transaction() -> None:
    card = aes_card(EV2, "11" * 16, "a1a2a3a4", "22" * 16)
    host = Host(card)
    assert host.send(0x77, b"\x00")[1] == 0xAE  # there is nothing to go on with
    assert host.authenticate(0x71, 0, ZERO_AES) == 0
    assert (host.ti, host.managed(0x6E)) == (unhex("a1a2a3a4"), 0)
    assert host.authenticate(0x77, 0, ZERO_AES) == 0
    assert host.counter == 1  # went on counting
    assert host.managed(0x6E) == 0


def test_capabilities_are_exchanged() -> None:
    card = aes_card(EV3, "11" * 16, "a1a2a3a4")
    card.memory.capabilities = unhex("0000000001f2")
    challenge = card.transmit(unhex("9071000004000212ab00"))
    cipher = Cbc(AES, bytes(16))
    token = cipher.enc(bytes(16) + cipher.dec(challenge[:16])[1:] + b"\x11")
    shown = cipher.dec(card.transmit(unhex("90af000020") + token + b"\x00")[:32])
    assert shown == unhex("a1a2a3a4") + bytes(16) + unhex("0000000001f2") + unhex("12ab00000000")


@pytest.mark.parametrize("data", ["0001", "000700000000000000", "00"])
def test_capabilities_of_a_wrong_length(data: str) -> None:
    assert Host(aes_card(EV2)).send(0x71, unhex(data))[1] == 0x7E


@pytest.mark.parametrize("way", [0x0A, 0x1A, 0xAA, 0x71])
def test_a_token_of_a_wrong_length_is_refused(way: int) -> None:
    card = VirtualDesfire.new(EV2)
    if way in (0xAA, 0x71):
        card.memory.picc.keys = [ZERO_AES]
    host = Host(card)
    assert host.send(way, b"\x00" + (b"\x00" if way == 0x71 else b""))[1] == 0xAF
    assert host.send(0xAF, bytes(15))[1] == 0x7E
    assert host.send(0xAF, bytes(16))[1] == 0x1C


def test_ways_that_a_card_does_not_have() -> None:
    assert Host(VirtualDesfire.new(EV1)).send(0x71, b"\x00\x00")[1] == 0x1C
    assert Host(VirtualDesfire.new(EV1)).send(0x77, b"\x00")[1] == 0x1C
    for way in (0x0A, 0x1A, 0xAA):
        assert Host(VirtualDesfire.new(LIGHT)).send(way, b"\x00")[1] == 0x1C


def test_a_wrong_mac_ends_the_session() -> None:
    host = Host(aes_card(EV2, "11" * 16, "a1a2a3a4"))
    host.authenticate(0x71, 0, ZERO_AES)
    assert host.send(0x6E, bytes(8))[1] == 0x1E
    assert host.send(0x51)[1] == 0xAE


def test_a_command_without_its_mac_is_too_short() -> None:
    host = Host(aes_card(EV2, "11" * 16, "a1a2a3a4"))
    host.authenticate(0x71, 0, ZERO_AES)
    assert host.send(0x6E)[1] == 0x7E


@pytest.mark.parametrize("way", [0x0A, 0x1A, 0xAA, 0x71])
def test_a_denied_command_leaves_the_session_alive(way: int) -> None:
    """9D does not end a session, and counts like any other command (seen on real EV1 cards)."""
    card = VirtualDesfire.new(EV2)
    kind = {0x0A: 0x01, 0x1A: 0x01, 0xAA: 0x81, 0x71: 0x81}[way]
    host = Host(card)
    host.send(0xCA, APP + bytes([0x0F, kind]))
    host.send(0x5A, APP)
    host.send(0xCD, unhex("0100ffff100000"))
    assert host.authenticate(way, 0, ZERO_AES if kind & 0x80 else FACTORY) == 0
    assert host.command(0xBD, unhex("01000000100000"), sent=PLAIN)[1] == 0x9D
    assert host.managed(0x6F) == 0
    # AE ends it.
    card.memory.applications[APP].files[1].rights = 0x2222
    assert host.command(0xBD, unhex("01000000100000"), sent=PLAIN)[1] == 0xAE
    assert host.send(0x51)[1] == 0xAE
