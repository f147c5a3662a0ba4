"""Keys: changed, proved, and never shown."""

from __future__ import annotations

import pytest

from station.chip.desfire import applications, keys
from station.chip.desfire.auth import authenticate_aes
from station.chip.desfire.keys import Key
from station.chip.desfire.link import DesfireLink
from station.chip.virtual_card import VirtualCard
from station.domain.errors import ChipKeyError, ChipRefusedError
from tests.helpers.chip import ESC_AID, UID

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
