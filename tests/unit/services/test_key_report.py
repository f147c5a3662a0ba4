"""Which keys a profile needs, which there are, and which card carries which version."""

from __future__ import annotations

from dataclasses import replace

import pytest

from station.adapters.secrets.keyring_secrets import KeyringSecrets
from station.adapters.secrets.virtual import VirtualSecrets
from station.chip.profiles import parse_profile, shipped_profile
from station.domain.card import Card, CardState
from station.ports.secrets import KeyKind
from station.services.key_report import (
    KeyUse,
    NeededKey,
    check_keys,
    key_report,
    needed_keys,
    outdated_cards,
)
from tests.helpers.finished_cards import a_card, a_student
from tests.helpers.keyrings import FakeKeyring, in_use

PROFILE = parse_profile(
    """
schema = 1
name = "doors"
chip = "desfire"
[card_key]
secret = "card"
version = 2
diversify = "card.uid"
[[application]]
aid = "F585C0"
key_settings = "0B"
[[application.key]]
number = 0
secret = "doors"
version = 3
diversify = "card.uid"
[[application.key]]
number = 1
secret = "readers"
version = 1
[[application.file]]
number = 0
size = 16
mode = "full"
rights = "1000"
content = "card.escn"
"""
)


def card(key_versions: str, state: CardState = CardState.ACTIVE) -> Card:
    return replace(a_card(a_student(1)), key_versions=key_versions, state=state)


def test_a_profile_names_each_key_once() -> None:
    assert needed_keys(PROFILE) == (
        NeededKey("card", 2, KeyKind.AES128, diversified=True),
        NeededKey("doors", 3, KeyKind.AES128, diversified=True),
        NeededKey("readers", 1, KeyKind.AES128, diversified=False),
    )
    assert needed_keys(shipped_profile("uid")) == ()


def test_the_shipped_data_zone_needs_its_two_master_keys() -> None:
    names = {key.name for key in needed_keys(shipped_profile("deuinfo"))}
    assert {"deuinfo-application", "deuinfo-base"} <= names


def test_each_key_is_tried_as_encoding_would() -> None:
    states = list(check_keys(PROFILE, VirtualSecrets(demo=True, versions=(1, 2))))
    assert [(state.entry, state.kind, state.versions, state.trouble is None) for state in states] == [
        ("card/v2", "aes128", (1, 2), True),
        ("doors/v3", "aes128", (1, 2), False),
        ("readers/v1", "aes128", (1, 2), True),
    ]
    assert "doors/v3" in str(states[1].trouble)


def test_cards_in_use_are_counted_by_what_they_carry() -> None:
    cards = [
        card("card/v2 doors/v3 readers/v1"),
        card("card/v1 doors/v3 readers/v1"),
        card("card/v1 doors/v2", CardState.LOST),
        card("elsewhere/v9"),
        card(""),
        card("card/v1", CardState.DESTROYED),
        card("card/v1", CardState.REPLACED),
    ]
    report = key_report(cards, PROFILE)
    assert report.unknown == 1
    assert report.uses == (
        KeyUse("card", 1, 2, 2),
        KeyUse("card", 2, 1, 2),
        KeyUse("doors", 3, 2, 3),
        KeyUse("doors", 2, 1, 3),
        KeyUse("elsewhere", 9, 1, None),
        KeyUse("readers", 1, 2, 1),
    )
    assert [use.outdated for use in report.uses] == [True, False, False, True, False, False]
    assert [(found.escn, old) for found, old in outdated_cards(cards, PROFILE)] == [
        (cards[1].escn, (("card", 1),)),
        (cards[2].escn, (("card", 1), ("doors", 2))),
    ]


def test_the_signing_key_is_tried_with_its_certificate() -> None:
    *_, signing = check_keys(shipped_profile("deuinfo"), VirtualSecrets(demo=True))
    assert (signing.entry, signing.kind, signing.trouble) == ("deuinfo-signing", "signing", None)
    with in_use(FakeKeyring()):
        *_, missing = check_keys(shipped_profile("deuinfo"), KeyringSecrets())
    assert "deuinfo-signing" in str(missing.trouble)


@pytest.mark.parametrize("name", ["none", "uid"])
def test_profiles_without_keys_need_none(name: str) -> None:
    assert list(check_keys(shipped_profile(name), VirtualSecrets(demo=True))) == []
