"""The software card and its applications: refusals and rights, as the data sheet has them."""

from __future__ import annotations

import pytest

from station.chip.virtual_card.card import VirtualCard
from station.chip.virtual_card.ciphers import checksum
from tests.helpers.card_host import APP, FACTORY, ZERO_AES, Host
from tests.helpers.chip import unhex


def test_formatting_needs_the_master_key_of_the_card(host: Host, card: VirtualCard) -> None:
    host.send(0xCA, APP + b"\x0f\x81")
    assert host.send(0xFC)[1] == 0xAE
    assert host.authenticate(0x1A, 0, FACTORY) == 0
    assert host.managed(0xFC) == 0
    assert card.memory.applications == {}


def test_deleting_needs_a_master_key(host: Host, card: VirtualCard) -> None:
    host.send(0xCA, APP + b"\x0b\x81")
    assert host.send(0xDA, APP)[1] == 0xAE  # to make is free, to delete is not
    host.send(0x5A, APP)
    assert host.authenticate(0xAA, 0, ZERO_AES) == 0
    card.memory.picc.settings = 0x0B
    assert host.managed(0xDA, APP) == 0xAE  # not free to be made: the card's own key only
    card.memory.picc.settings = 0x0F
    assert host.authenticate(0xAA, 0, ZERO_AES) == 0
    assert host.frames(0xDA, APP)[1] == 0
    assert card.memory.applications == {}
    assert host.send(0xDA, APP)[1] == 0xA0


def test_making_applications_may_need_the_key_of_the_card(host: Host, card: VirtualCard) -> None:
    card.memory.picc.settings = 0x0B
    assert host.send(0xCA, APP + b"\x0f\x81")[1] == 0xAE
    assert host.authenticate(0x1A, 0, FACTORY) == 0
    assert host.managed(0xCA, APP + b"\x0f\x81") == 0
    assert host.managed(0xDA, APP) == 0


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ("0000000f81", 0x9E),
        ("0102030f8f", 0x9E),
        ("0102030fc1", 0x9E),
        ("0102030f", 0x7E),
        ("0102030fa100", 0x7E),
        ("5634120f81", 0xDE),
        ("0102030fa10010", 0xDE),
        ("0102030fa10110aabb", 0xDE),
        ("0102030fa10110aacc", 0x00),
    ],
)
def test_creating_applications(host: Host, data: str, status: int) -> None:
    assert host.send(0xCA, APP + unhex("0fa1" + "0010" + "aabb"))[1] == 0
    assert host.send(0xCA, unhex(data))[1] == status


def test_28_applications_and_no_more(host: Host, card: VirtualCard) -> None:
    for number in range(28):
        assert host.send(0xCA, bytes([number + 1, 0, 0x12, 0x0F, 0x81]))[1] == 0
    assert host.send(0xCA, b"\xff\x00\x12\x0f\x81")[1] == 0xCE
    ids, status = host.send(0x6A)
    assert (len(ids), status) == (57, 0xAF)
    rest, status = host.send(0xAF)
    assert (len(rest), status) == (27, 0)
    card.memory.applications.popitem()
    card.memory.capacity = 27 * 160 + 100
    assert host.send(0xCA, b"\xff\x00\x12\x0f\x81")[1] == 0x0E


def test_names_of_directories_are_listed(host: Host) -> None:
    host.send(0xCA, APP + unhex("0fa1" + "0010" + "aabb"))
    host.send(0xCA, b"\x01\x02\x03\x0f\x81")
    assert host.send(0x6D) == (APP + unhex("0010aabb"), 0)


def test_commands_of_the_card_are_illegal_in_an_application(host: Host) -> None:
    host.send(0xCA, APP + b"\x0f\x81")
    host.send(0x5A, APP)
    for ins, data in ((0x6A, b""), (0xFC, b""), (0xCA, b"\x01\x02\x03\x0f\x81"), (0x6D, b"")):
        assert host.send(ins, data)[1] == 0x1C


def test_key_settings_change_with_the_key_until_frozen(host: Host, card: VirtualCard) -> None:
    assert host.authenticate(0x1A, 0, FACTORY) == 0
    assert host.sealed(0x54, b"", b"\x01" + checksum(b"\x54\x01")) == 0
    assert card.memory.picc.settings == 0x01
    assert host.authenticate(0x1A, 0, FACTORY) == 0
    assert host.sealed(0x54, b"", b"\x0f" + checksum(b"\x54\x0f")) == 0x9D
    card.reset()
    assert host.send(0x45)[1] == 0xAE  # the directory is no longer free
    assert host.send(0x6A)[1] == 0xAE
