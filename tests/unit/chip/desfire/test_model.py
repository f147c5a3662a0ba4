"""What a DESFire tells about itself, as values."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.chip.desfire.model import (
    AccessRights,
    CommMode,
    FileSettings,
    KeySettings,
    RecordLimits,
    ValueLimits,
    Version,
)
from station.domain.errors import ChipError
from station.ports.secrets import KeyKind

TAIL = bytes(7) + bytes.fromhex("04782E21801D80") + bytes(7)


def version(hardware: str) -> Version:
    return Version.parse(bytes.fromhex(hardware) + TAIL)


@pytest.mark.parametrize(
    ("hardware", "desfire", "name"),
    [
        ("04010100001A05", True, "DESFire MF3ICD40 8K"),
        ("04010101001A05", True, "DESFire EV1 8K"),
        ("04010101001605", True, "DESFire EV1 2K"),
        ("04010112001805", True, "DESFire EV2 4K"),
        ("04010133001A05", True, "DESFire EV3 8K"),
        ("04080130001305", True, "DESFire Light 512 bytes"),
        ("04010177001A05", True, "DESFire EV? 8K"),
        ("04040230001105", False, "DESFire EV? 256 bytes"),
        ("05010101001A05", False, "DESFire EV1 8K"),
    ],
)
def test_generations_are_told_apart(hardware: str, desfire: bool, name: str) -> None:
    found = version(hardware)
    assert (found.is_desfire, found.name) == (desfire, name)
    assert found.uid.hex() == "04782e21801d80"


def test_a_short_version_is_refused() -> None:
    with pytest.raises(ChipError):
        Version.parse(bytes(27))


@pytest.mark.parametrize("value", [0xE000, 0x1223, 0xEEEE, 0xFFFF, 0x0000])
def test_access_rights_survive_a_round_trip(value: int) -> None:
    rights = AccessRights.parse(value)
    assert int(rights) == value
    assert str(rights) == f"{value:04X}"


def test_the_nibbles_of_access_rights() -> None:
    assert AccessRights.parse(0x1234) == AccessRights(read=1, write=2, read_write=3, change=4)


def test_free_creation_is_one_bit() -> None:
    assert KeySettings(0x0F, 1, KeyKind.TDES2K).free_creation
    assert not KeySettings(0x0B, 3, KeyKind.AES128).free_creation


@pytest.mark.parametrize(
    ("hardware", "light", "ev2", "long"),
    [
        ("04010101001A05", False, False, False),
        ("04010112001805", False, True, False),
        ("04010133001A05", False, True, True),
        ("04080130001305", True, True, False),
    ],
)
def test_what_a_generation_can_do(hardware: str, light: bool, ev2: bool, long: bool) -> None:
    found = version(hardware)
    assert (found.is_light, found.has_ev2_channel, found.has_long_frames) == (light, ev2, long)


@pytest.mark.parametrize(("made", "when"), [("2024", (20, 2024)), ("5209", (52, 2009)), ("FF1A", (0, 0))])
def test_when_a_card_was_made(made: str, when: tuple[int, int]) -> None:
    data = bytes.fromhex("04010101001A05" + "04010101041A05" + "04782E21801D80" + "BA54B05A20" + made)
    found = Version.parse(data)
    assert (found.week, found.year) == when
    assert (found.software, found.batch.hex()) == ((1, 4), "ba54b05a20")


@pytest.mark.parametrize(
    ("data", "kind", "keys", "sets"),
    [
        ("0f01", KeyKind.TDES2K, 1, 1),
        ("0b43", KeyKind.TDES3K, 3, 1),
        ("0b8e", KeyKind.AES128, 14, 1),
        ("0b8201000310 00", KeyKind.AES128, 2, 3),
        ("0b820000031000", KeyKind.AES128, 2, 1),
    ],
)
def test_key_settings_are_taken_apart(data: str, kind: KeyKind, keys: int, sets: int) -> None:
    found = KeySettings.parse(bytes.fromhex(data))
    assert (found.kind, found.keys, found.key_sets) == (kind, keys, sets)


@pytest.mark.parametrize("data", ["", "0f", "0f0100", "0f01010203", "0fc1"])
def test_senseless_key_settings_are_refused(data: str) -> None:
    with pytest.raises(ChipError):
        KeySettings.parse(bytes.fromhex(data))


def test_which_key_changes_keys() -> None:
    assert [KeySettings(value, 3, KeyKind.AES128).change_key for value in (0x0F, 0x1F, 0xEF)] == [0, 1, 0xE]


STANDARD = FileSettings(0, 3, AccessRights.parse(0xE123), 300)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("000323e12c0100", STANDARD),
        ("010123e12c0100", FileSettings(1, 1, AccessRights.parse(0xE123), 300)),
        (
            "020023e1" + "9cffffff" + "e8030000" + "0a000000" + "01",
            FileSettings(2, 0, AccessRights.parse(0xE123), 0, values=ValueLimits(-100, 1000, 10)),
        ),
        (
            "020023e1" + "00000000" + "e8030000" + "0a000000" + "00",
            FileSettings(2, 0, AccessRights.parse(0xE123), 0, values=ValueLimits(0, 1000)),
        ),
        (
            "030023e10a0000030000020000",
            FileSettings(3, 0, AccessRights.parse(0xE123), 0, records=RecordLimits(10, 3, 2)),
        ),
        (
            "040023e10a0000030000000000",
            FileSettings(4, 0, AccessRights.parse(0xE123), 0, records=RecordLimits(10, 3, 0)),
        ),
        ("050023e10200", FileSettings(5, 0, AccessRights.parse(0xE123), 0)),
        (
            "008323e12c0100" + "02" + "3412" + "ffee",
            FileSettings(
                0,
                3,
                AccessRights.parse(0xE123),
                300,
                more_rights=(AccessRights(1, 2, 3, 4), AccessRights.parse(0xEEFF)),
            ),
        ),
    ],
)
def test_file_settings_of_every_kind(data: str, expected: FileSettings) -> None:
    assert FileSettings.parse(bytes.fromhex(data)) == expected


@given(st.binary(max_size=40))
def test_any_file_settings_are_settings_or_an_error(data: bytes) -> None:
    with suppress(ChipError):
        assert FileSettings.parse(data).kind == data[0]


@pytest.mark.parametrize(
    "data", ["", "000323", "000323e12c01", "0200" + "00" * 14, "0300" + "00" * 10, "008323e12c010002"]
)
def test_file_settings_that_are_too_short_are_refused(data: str) -> None:
    with pytest.raises(ChipError):
        FileSettings.parse(bytes.fromhex(data))


@pytest.mark.parametrize(
    ("key", "writing", "mode"),
    [
        (None, False, CommMode.PLAIN),  # everybody may read
        (0, False, CommMode.PLAIN),  # another key: still as everybody
        (2, False, CommMode.FULL),  # the key that may do both
        (1, True, CommMode.FULL),
        (0, True, CommMode.PLAIN),
        (5, False, CommMode.PLAIN),
    ],
)
def test_data_is_protected_where_a_key_gives_the_right(key: int | None, writing: bool, mode: CommMode) -> None:
    assert STANDARD.mode_for(key, writing=writing) is mode


def test_a_further_set_of_rights_gives_it_too() -> None:
    settings = FileSettings(0, 1, AccessRights.parse(0xE123), 1, more_rights=(AccessRights(5, 0, 0, 0),))
    assert settings.mode_for(5, writing=False) is CommMode.MACED
    assert FileSettings(0, 2, AccessRights(1, 1, 1, 1), 1).mode_for(1, writing=True) is CommMode.PLAIN
