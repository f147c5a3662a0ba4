"""Keys: changed, proved, and never shown."""

from __future__ import annotations

import pytest

from station.chip.ciphers import tdes
from station.chip.desfire import applications, keys
from station.chip.desfire.auth import authenticate_aes
from station.chip.desfire.keys import Key, default_key
from station.chip.desfire.link import DesfireLink
from station.chip.desfire.model import PICC
from station.chip.desfire.session_d40 import D40Session
from station.chip.virtual_card.card import VirtualCard
from station.domain.errors import ChipError, ChipKeyError, ChipRefusedError
from station.ports.secrets import KeyKind
from tests.helpers.chip import ESC_AID, UID, Rambling, Replay

NEW_KEY = bytes(range(16))


def test_another_key_is_changed_and_proved(card: VirtualCard, link: DesfireLink) -> None:
    keys.change_key(link, 2, Key.aes(NEW_KEY, 7))
    assert keys.get_key_version(link, 2) == 7
    assert applications.get_card_uid(link) == UID  # the session lives on
    authenticate_aes(link, 2, NEW_KEY)
    assert card.memory.applications[ESC_AID].keys[2].value == NEW_KEY


def test_changing_from_a_wrong_old_key_is_refused_and_changes_nothing(card: VirtualCard, link: DesfireLink) -> None:
    with pytest.raises(ChipRefusedError) as caught:
        keys.change_key(link, 2, Key.aes(NEW_KEY, 7), Key.aes(b"\x01" * 16))
    assert caught.value.sw == 0x911E
    assert card.memory.applications[ESC_AID].keys[2].value == keys.ZERO_KEY


def test_changing_the_key_in_use_ends_the_session(link: DesfireLink) -> None:
    keys.change_key(link, 0, Key.aes(NEW_KEY, 1))
    assert link.authenticated is None
    with pytest.raises(ChipKeyError):
        authenticate_aes(link, 0, keys.ZERO_KEY)
    authenticate_aes(link, 0, NEW_KEY)


def test_a_refused_change_of_the_key_in_use_is_an_error(card: VirtualCard, link: DesfireLink) -> None:
    card.memory.applications[ESC_AID].settings &= ~0x01  # the master key is frozen
    with pytest.raises(ChipRefusedError) as caught:
        keys.change_key(link, 0, Key.aes(NEW_KEY, 1))
    assert caught.value.sw == 0x919D


def test_a_new_key_does_not_show_itself() -> None:
    assert "0001" not in repr(Key.aes(NEW_KEY, 1))
    assert "\\x01" not in repr(Key.aes(NEW_KEY, 1))


@pytest.mark.parametrize(
    ("kind", "length", "version"),
    [(KeyKind.AES128, 15, 0), (KeyKind.TDES2K, 8, 0), (KeyKind.TDES3K, 16, 0), (KeyKind.AES128, 16, 256)],
)
def test_what_is_no_key_is_refused_without_being_shown(kind: KeyKind, length: int, version: int) -> None:
    with pytest.raises(ValueError, match="a key of kind") as caught:
        Key(kind, b"\xab" * length, version)
    assert "ab" * 4 not in str(caught.value)
    assert "xab" not in str(caught.value)


def test_keys_are_equal_but_never_shown() -> None:
    assert Key.des() == default_key(KeyKind.TDES2K) == Key(KeyKind.TDES2K, bytes(16))
    assert repr(Key.des(b"\xab" * 8, 5)) == "Key(2k3des, version 5)"


def test_single_des_stays_single_with_any_version() -> None:
    # Were one half's bits the complement of the other's, the card would take it for 2K3DES all the same; but a host
    # that compares halves would not.
    sent = Key.des(b"\x10" * 8, 0x55).sent
    assert sent == bytes.fromhex("1011101110111011" * 2)
    assert Key.des(b"\x10" * 8 + b"\x20" * 8, 0x55).sent == bytes.fromhex("10111011101110112120212021202120")


@pytest.mark.parametrize(
    ("kind", "number", "selected", "sent"),
    [
        (KeyKind.AES128, 0, PICC, 0x80),
        (KeyKind.TDES3K, 0, PICC, 0x40),
        (KeyKind.TDES2K, 0, PICC, 0x00),
        (KeyKind.AES128, 0x21, PICC, 0x21),
        (KeyKind.AES128, 0, ESC_AID, 0x00),
        (KeyKind.AES128, 0, None, 0x00),
    ],
)
def test_only_the_cards_own_master_key_says_its_kind(
    kind: KeyKind, number: int, selected: bytes | None, sent: int
) -> None:
    said: list[bytes] = []

    def transmit(apdu: bytes) -> bytes:
        said.append(apdu)
        return b"\x91\x00"

    link = DesfireLink(transmit)
    link.open_session(D40Session(number, tdes(bytes(16))))
    link.selected = selected
    keys.change_key(link, number, default_key(kind))
    assert said[0][5] == sent


def test_without_a_session_no_key_is_changed() -> None:
    with pytest.raises(ChipError, match="needs a key"):
        keys.change_key(DesfireLink(Rambling([b"\x91\x00"]).transmit), 0, Key.aes())


def test_the_version_in_another_key_set_on_the_wire() -> None:
    link = DesfireLink(Replay([("906400000241" + "0200", "099100")]).transmit)
    assert keys.get_key_version(link, 1, key_set=2) == 9
