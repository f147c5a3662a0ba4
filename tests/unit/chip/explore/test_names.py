"""Words for numbers: applications, rights and settings of a DESFire."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.chip.desfire.model import AccessRights, CommMode, FileKind, FileSettings, KeySettings
from station.chip.explore import names
from station.domain.message import Message
from station.ports.secrets import KeyKind


def english(value: Message | str) -> str:
    return value if isinstance(value, str) else value.english()


@pytest.mark.parametrize(
    ("aid", "name"),
    [
        ("4088F5", "European Student Card (data zone)"),
        ("4085F5", "Crous / Izly (payment)"),
        ("C085F5", "access control"),
        ("C185F5", "access control"),
        ("010000", "NDEF message (Type 4 tag)"),
        ("1234F5", "registered with NXP as 5341"),
        ("563412", "unknown application"),
    ],
)
def test_applications(aid: str, name: str) -> None:
    assert english(names.application_name(bytes.fromhex(aid))) == name


@pytest.mark.parametrize(
    ("rights", "read", "write", "change"),
    [
        (0xE000, "everybody", "key 0", "key 0"),
        (0x1223, "one of the keys 1, 2", "key 2", "key 3"),
        (0xEEEE, "everybody", "everybody", "everybody"),
        (0xFFFF, "nobody", "nobody", "nobody"),
        (0x1F2F, "one of the keys 1, 2", "key 2", "nobody"),
        (0xFFE0, "everybody", "everybody", "key 0"),
    ],
)
def test_rights(rights: int, read: str, write: str, change: str) -> None:
    settings = FileSettings(FileKind.STANDARD, CommMode.PLAIN, AccessRights.parse(rights), 16)
    assert [english(who) for _, who in names.rights_in_words(settings)] == [read, write, change]


def test_a_second_set_of_rights_opens_as_well() -> None:
    more = (AccessRights.parse(0x3FFF),)
    settings = FileSettings(FileKind.STANDARD, CommMode.PLAIN, AccessRights.parse(0x1F2F), 16, more_rights=more)
    assert english(names.rights_in_words(settings)[0][1]) == "one of the keys 1, 2, 3"


def test_settings_of_the_card_and_of_an_application() -> None:
    card = names.settings_in_words(KeySettings(0x0F, 1, KeyKind.TDES2K), card=True)
    assert [english(who) for _, who in card] == ["everybody", "everybody", "key 0", "key 0"]
    frozen = names.settings_in_words(KeySettings(0xF0, 3, KeyKind.AES128), card=False)
    assert [english(who) for _, who in frozen] == ["key 0", "key 0", "nobody", "nobody", "nobody"]
    each = names.settings_in_words(KeySettings(0xEB, 3, KeyKind.AES128), card=False)
    assert english(each[-1][1]) == "each key changes itself"
    other = names.settings_in_words(KeySettings(0x2B, 3, KeyKind.AES128), card=False)
    assert english(other[-1][1]) == "key 2"


@given(st.integers(0, 255), st.integers(0, 3), st.integers(0, 255))
def test_every_number_has_words(kind: int, mode: int, settings: int) -> None:
    assert english(names.file_kind(kind))
    assert english(names.mode_name(mode))
    for card in (False, True):
        for what, who in names.settings_in_words(KeySettings(settings, 1, KeyKind.AES128), card=card):
            assert english(what)
            assert english(who)
