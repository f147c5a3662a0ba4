"""Proof: each thing that could be wrong on a card is found, and named for what it is."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from station.adapters.secrets.virtual import VirtualSecrets
from station.chip.content import ChipData, values_of
from station.chip.desfire.keys import Key
from station.chip.desfire.link import DesfireLink
from station.chip.proving import prove, prove_card_key, real_uid
from station.chip.virtual_card.ciphers import AES, TDES, CardKey
from station.chip.virtual_card.desfire import VirtualDesfire
from station.chip.virtual_card.memory import CardApplication
from station.chip.wanted import KeyRing, make_wanted
from station.domain.errors import ChipMismatchError, ChipUnsuitableError
from tests.helpers.chip import ESCN, UID, Direct, demo_profile, run_encode
from tests.helpers.chip_profiles import with_card_key

SECRETS = VirtualSecrets(demo=True)
DOORS, ZONE = demo_profile("access-control"), demo_profile()
DATA = ChipData(ESCN, url=f"https://s.esc-r.eu/{ESCN}")
STRANGE = CardKey(AES, b"\x55" * 16, 1)


def proved(profile_name: str, change: Callable[[CardApplication], object] | None = None) -> None:
    profile = demo_profile(profile_name)
    card = VirtualDesfire.new(uid=UID)
    run_encode(Direct(card), profile=profile)
    (wanted,), _ = make_wanted(profile, DATA, UID, SECRETS, to_write=False)
    if change is not None:
        change(card.memory.applications[wanted.app.aid])
    before = card.memory.copy()
    try:
        prove(DesfireLink(Direct(card).transmit), wanted)
    finally:
        assert card.memory == before


@pytest.mark.parametrize("name", ["deuinfo", "deuinfo-unsigned", "access-control", "ndef-url-desfire"])
def test_a_card_as_it_was_made_is_proved(name: str) -> None:
    proved(name)


@pytest.mark.parametrize("number", range(4))
def test_every_single_key_is_tried(number: int) -> None:
    with pytest.raises(ChipMismatchError, match="copy"):
        proved("access-control", lambda app: app.keys.__setitem__(number, STRANGE))


@pytest.mark.parametrize("number", range(31))
def test_every_single_byte_is_compared(number: int) -> None:
    def turn(app: CardApplication) -> None:
        app.files[0].content[number] ^= 0x01

    with pytest.raises(ChipMismatchError, match=r"other data than the record says \(file 0\)"):
        proved("access-control", turn)


def test_a_file_that_is_more_open_is_no_safe_copy_of_itself() -> None:
    with pytest.raises(ChipMismatchError, match="not safely: its access rights are 1E23"):
        proved("access-control", lambda app: setattr(app.files[0], "rights", 0x1E23))


def test_keys_of_another_version_are_no_copy() -> None:
    with pytest.raises(ChipMismatchError, match="of version 7, and the chip profile wants 1"):
        proved("access-control", lambda app: app.keys.__setitem__(2, CardKey(AES, b"\x55" * 16, 7)))


def test_a_key_that_is_not_there_makes_a_copy() -> None:
    with pytest.raises(ChipMismatchError, match="copy"):
        proved("access-control", lambda app: app.keys.pop())


def test_a_file_that_is_missing_is_named() -> None:
    with pytest.raises(ChipMismatchError, match=r"doesn't carry all that it should \(file 2"):
        proved("deuinfo", lambda app: app.files.pop(2))


def test_the_card_s_own_key_is_proved() -> None:
    card = VirtualDesfire.new(uid=UID)
    prove_card_key(DesfireLink(Direct(card).transmit), Key.des())
    with pytest.raises(ChipMismatchError, match="copy"):
        prove_card_key(DesfireLink(Direct(card).transmit), Key.aes())


# --- the UID that a card keeps to itself ------------------------------------------------------------------------


def hidden(*, encoded: bool) -> VirtualDesfire:
    card = VirtualDesfire.new(uid=UID)
    if encoded:
        run_encode(Direct(card))
    card.memory.random_uid = True
    return card


def told(card: VirtualDesfire) -> bytes:
    ring = KeyRing(SECRETS, values_of(ChipData(ESCN), b""))
    return real_uid(DesfireLink(Direct(card).transmit), ZONE, ring)


def test_a_blank_card_tells_its_uid_to_who_has_the_factory_key() -> None:
    assert told(hidden(encoded=False)) == UID


def test_a_card_of_ours_tells_its_uid_to_who_knows_its_number() -> None:
    card = hidden(encoded=True)
    card.memory.picc.keys[0] = CardKey(TDES, b"\x54" * 16)
    assert told(card) == UID


def test_a_card_of_others_tells_nothing() -> None:
    card = hidden(encoded=False)
    card.memory.picc.keys[0] = CardKey(TDES, b"\x54" * 16)
    with pytest.raises(ChipUnsuitableError, match="another UID each time"):
        told(card)


def test_a_card_key_that_needs_no_uid_opens_it_too() -> None:
    profile = with_card_key("access-control").model_copy(deep=False)
    assert profile.card_key is not None
    static = profile.model_copy(update={"card_key": profile.card_key.model_copy(update={"diversify": None})})
    card = VirtualDesfire.new(uid=UID)
    run_encode(Direct(card), profile=static)
    card.memory.random_uid = True
    ring = KeyRing(SECRETS, values_of(ChipData(ESCN), b""))
    assert real_uid(DesfireLink(Direct(card).transmit), static, ring) == UID
