"""What a DESFire tells about itself, as values."""

from __future__ import annotations

import pytest

from station.chip.desfire.model import AccessRights, KeySettings, Version
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
