"""Files of the software card: refusals and rights, as the data sheet has them."""

from __future__ import annotations

import pytest

from station.chip.virtual_card.card import VirtualCard
from station.chip.virtual_card.ciphers import AES, CardKey, checksum
from tests.helpers.card_host import APP, PLAIN, Host
from tests.helpers.chip import unhex


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ("0100eeee200000", 0x00),
        ("2000eeee200000", 0x9E),
        ("0104eeee200000", 0x9E),
        ("0100eeee000000", 0x9E),
        ("01003eee200000", 0x9E),
        ("01000110eeee200000", 0x7E),
        ("0100eeee2000", 0x7E),
        ("0100eeee20000000", 0x7E),
        ("0100eeee002000", 0x0E),
        ("0200eeee200000", 0xDE),
    ],
)
def test_creating_files(host: Host, data: str, status: int) -> None:
    host.send(0xCA, APP + b"\x0f\x81")
    host.send(0x5A, APP)
    host.send(0xCD, unhex("0200eeee200000"))
    assert host.send(0xCD, unhex(data))[1] == status


def test_there_are_no_files_on_the_card_itself(host: Host) -> None:
    assert host.send(0xCD, unhex("0100eeee200000"))[1] == 0x1C
    assert host.send(0x6F)[1] == 0x1C


def test_iso_ids_of_files(host: Host) -> None:
    host.send(0xCA, APP + unhex("0fa1" + "0010" + "aabb"))
    host.send(0x5A, APP)
    assert host.send(0xCD, unhex("0100eeee200000"))[1] == 0x9E
    assert host.send(0xCD, unhex("01011000eeee200000"))[1] == 0
    assert host.send(0xCD, unhex("02011000eeee200000"))[1] == 0xDE
    assert host.send(0x61) == (unhex("0110"), 0)
    assert host.send(0x6F) == (b"\x01", 0)
    assert host.send(0xDF, b"\x02")[1] == 0xF0
    assert host.send(0xDF, b"\x01")[1] == 0
    assert host.send(0x6F) == (b"", 0)


@pytest.mark.parametrize(
    ("rights", "read", "write"),
    [("eeee", 0x00, 0x00), ("00e0", 0x00, 0xAE), ("0000", 0xAE, 0xAE), ("ffff", 0x9D, 0x9D), ("e0ff", 0x00, 0x00)],
)
def test_rights_without_a_key(host: Host, rights: str, read: int, write: int) -> None:
    host.send(0xCA, APP + b"\x0f\x81")
    host.send(0x5A, APP)
    assert host.send(0xCD, unhex("0100" + rights + "100000"))[1] == 0
    assert host.send(0xBD, unhex("01000000100000"))[1] == read
    assert host.send(0x3D, unhex("01000000010000" + "11"))[1] == write


@pytest.mark.parametrize(
    ("ins", "data", "status"),
    [
        (0xBD, "01000000110000", 0xBE),
        (0xBD, "01100000000000", 0xBE),
        (0xBD, "02000000100000", 0xF0),
        (0xBD, "0100000010", 0x7E),
        (0x3D, "01000000110000" + "11" * 17, 0xBE),
        (0x3D, "01000000000000", 0xBE),
        (0x3D, "01000000020000" + "111111", 0x7E),
    ],
)
def test_the_ends_of_a_file(host: Host, ins: int, data: str, status: int) -> None:
    host.send(0xCA, APP + b"\x0f\x81")
    host.send(0x5A, APP)
    host.send(0xCD, unhex("0100eeee100000"))
    assert host.send(ins, unhex(data))[1] == status


def test_length_zero_reads_to_the_end(host: Host) -> None:
    host.send(0xCA, APP + b"\x0f\x81")
    host.send(0x5A, APP)
    host.send(0xCD, unhex("0100eeee100000"))
    assert host.send(0xBD, unhex("010a0000000000")) == (bytes(6), 0)


def test_file_settings_change_freely_or_with_the_key(host: Host) -> None:
    host.send(0xCA, APP + b"\x0f\x82")
    host.send(0x5A, APP)
    host.send(0xCD, unhex("0100eeee100000"))
    assert host.send(0x5F, unhex("0100" + "f0ff"))[1] == 0  # change right: key 0 from here on
    assert host.send(0xF5, b"\x01") == (unhex("0000f0ff100000"), 0)
    assert host.send(0x5F, unhex("0100eeee"))[1] == 0xAE
    assert host.authenticate(0xAA, 0, CardKey(AES, bytes(16))) == 0
    new = unhex("00" + "ffff")
    assert host.sealed(0x5F, b"\x01", new + checksum(b"\x5f\x01" + new)) == 0
    assert host.authenticate(0xAA, 0, CardKey(AES, bytes(16))) == 0
    assert host.sealed(0x5F, b"\x01", new + checksum(b"\x5f\x01" + new)) == 0x9D  # never again


def test_changed_file_settings_must_make_sense(host: Host) -> None:
    host.send(0xCA, APP + b"\x0f\x82")
    host.send(0x5A, APP)
    host.send(0xCD, unhex("0100eeee100000"))
    assert host.send(0x5F, unhex("0107eeee"))[1] == 0x9E
    assert host.send(0x5F, unhex("01003eee"))[1] == 0x9E
    assert host.send(0x5F, unhex("0100eeee00"))[1] == 0x7E
    assert host.authenticate(0xAA, 1, CardKey(AES, bytes(16))) == 0
    assert host.command(0x5F, b"\x01", unhex("00eeee"), sent=PLAIN)[1] == 0


def test_a_closed_directory_of_an_application_needs_its_key(host: Host) -> None:
    host.send(0xCA, APP + b"\x09\x81")
    host.send(0x5A, APP)
    for ins, data in ((0x6F, b""), (0x61, b""), (0xF5, b"\x00"), (0x45, b""), (0xCD, unhex("0100eeee100000"))):
        assert host.send(ins, data)[1] == 0xAE
    assert host.authenticate(0xAA, 0, CardKey(AES, bytes(16))) == 0
    assert host.managed(0x6F) == 0


def test_the_last_bytes_of_memory(host: Host, card: VirtualCard) -> None:
    host.send(0xCA, APP + b"\x0f\x81")
    host.send(0x5A, APP)
    card.memory.capacity = 160 + 40
    assert host.send(0xCD, unhex("0100eeee280000"))[1] == 0x0E  # 40 bytes fit, but not in whole blocks
    assert host.send(0xCD, unhex("0100eeee200000"))[1] == 0
