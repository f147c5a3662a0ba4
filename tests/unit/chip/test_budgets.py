"""How many commands a card takes: counted, so that nobody adds one unnoticed. Each is a round trip to the card."""

from __future__ import annotations

import pytest

from station.adapters.secrets.virtual import VirtualSecrets
from station.chip.desfire.applications import get_card_uid, select
from station.chip.desfire.auth import authenticate
from station.chip.desfire.files import read_data
from station.chip.desfire.link import DesfireLink
from station.chip.desfire.model import CommMode
from station.chip.encoder import ChipData, inspect, verify
from station.chip.esc import read_escn
from station.chip.profiles import ChipProfile
from station.chip.virtual_card.desfire import VirtualDesfire
from station.chip.wanted import make_wanted
from tests.helpers.chip import ESC_AID, ESCN, UID, Direct, demo_profile, run_encode
from tests.helpers.chip_profiles import sized

SECRETS = VirtualSecrets(demo=True)
DATA = ChipData(ESCN)
READ, MORE = 0xBD, 0xAF


def encoded(card: VirtualDesfire, profile: ChipProfile) -> Direct:
    connection = Direct(card)
    assert run_encode(connection, profile=profile).verified
    return connection


def read_back(connection: Direct) -> int:
    """Return how many of the commands only read data back."""
    count, reading = 0, False
    for sent, _ in connection.log:
        reading = sent[1] == READ or (reading and sent[1] == MORE)
        count += reading
    return count


def test_the_number_is_read_by_anybody_in_two_commands() -> None:
    card = VirtualDesfire.new(uid=UID)
    encoded(card, demo_profile())
    connection = Direct(card)
    assert read_escn(DesfireLink(connection.transmit)) == (True, ESCN)
    assert len(connection.log) == 2


def test_the_number_is_read_under_a_key_in_four_commands() -> None:
    card = VirtualDesfire.new(uid=UID)
    encoded(card, demo_profile())
    (wanted,), _ = make_wanted(demo_profile(), DATA, UID, SECRETS, to_write=False)
    connection = Direct(card)
    link = DesfireLink(connection.transmit)
    select(link, ESC_AID)
    authenticate(link, 0, wanted.keys[0])
    assert read_data(link, 0, 16, CommMode.PLAIN) == wanted.contents[0]
    assert len(connection.log) == 4
    assert get_card_uid(link) == UID
    assert len(connection.log) == 5


@pytest.mark.parametrize(
    ("card_key", "writing", "whole"),
    [
        # The reader's and the chip's word for the UID, room, three files, three keys; then all of it read back.
        (False, 43, 68),
        # Besides: the card's own master key found, changed, proved.
        (True, 47, 72),
    ],
)
def test_a_blank_ev1_in_short_frames(card_key: bool, writing: int, whole: int) -> None:
    connection = encoded(VirtualDesfire.new("EV1", uid=UID), sized(16, 300, 1000, card_key=card_key))
    assert len(connection.log) == whole <= 72
    assert len(connection.log) - read_back(connection) == writing
    assert card_key or writing <= 45
    assert all(len(sent) <= 5 + 54 + 1 for sent, _ in connection.log)


def test_a_blank_ev3_in_long_frames() -> None:
    profile = sized(16, 300, 1000, card_key=True, generation="EV3", frames="long")
    connection = encoded(VirtualDesfire.new("EV3", uid=UID), profile)
    assert len(connection.log) <= 40


@pytest.mark.parametrize(
    ("name", "first", "again", "proof"),
    [("deuinfo", 40, 29, 26), ("deuinfo-unsigned", 17, 17, 14), ("access-control", 21, 19, 16), ("uid", 4, 4, 4)],
)
def test_what_the_shipped_profiles_take(name: str, first: int, again: int, proof: int) -> None:
    card = VirtualDesfire.new(uid=UID)
    assert len(encoded(card, demo_profile(name)).log) <= first
    assert len(encoded(card, demo_profile(name)).log) <= again
    proving = Direct(card)
    verify(proving, demo_profile(name), DATA, SECRETS)
    assert len(proving.log) <= proof
    reading = Direct(card)
    inspect(reading)
    assert len(reading.log) <= 8
