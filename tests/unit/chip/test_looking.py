"""The first look: one command where that is enough, else the chip's own word; and its name where it will not do."""

from __future__ import annotations

import pytest

from station.adapters.reader.quirks import quirk_of
from station.chip.looking import desfire_on, explained_by_kind, is_random, look_at
from station.chip.processors import FRAME_DATA, LONG_FRAME_DATA
from station.chip.virtual_card.desfire import VirtualDesfire
from station.chip.virtual_card.kinds import new_card
from station.domain.errors import ChipError, ChipKeyError, ChipRefusedError, ChipUnsuitableError
from station.ports.chip import ReaderTraits
from tests.helpers.chip import UID, Altered, Direct, Rambling, demo_profile, run_encode, unhex
from tests.helpers.chip_profiles import sized

PLAIN = demo_profile("deuinfo-unsigned")


def look(connection: Direct, generation: str = "EV1", frames: str = "short") -> tuple[int, bytes, int]:
    profile = PLAIN if generation == "EV1" else sized(16, generation=generation, frames=frames)
    link, uid = desfire_on(connection.transmit, connection.atr, profile)
    return link.frame_data, uid, len(connection.log)


def test_the_reader_s_word_is_enough_where_any_desfire_will_do() -> None:
    assert look(Direct(VirtualDesfire.new(uid=UID))) == (FRAME_DATA, UID, 1)


def test_a_reader_that_turns_the_bytes_round_is_not_believed() -> None:
    card = VirtualDesfire.new(uid=UID)
    turned = Altered(card, lambda i, a: UID[::-1] + b"\x90\x00" if i in (0, 4) else a)
    assert look(turned)[1] == UID


def test_a_uid_that_reads_both_ways_is_asked_for_again() -> None:
    uid = unhex("04112233445504")
    card = VirtualDesfire.new(uid=uid)
    assert look(Altered(card, lambda i, a: uid[::-1] + b"\x90\x00" if i == 0 else a))[1] == uid


def test_long_frames_need_a_chip_that_has_them_and_a_profile_that_asks() -> None:
    assert look(Direct(VirtualDesfire.new("EV3", uid=UID)), "EV3", "long")[0] == LONG_FRAME_DATA
    assert look(Direct(VirtualDesfire.new("EV3", uid=UID)), "EV3")[0] == FRAME_DATA
    assert look(Direct(VirtualDesfire.new("EV3", uid=UID)))[0] == FRAME_DATA


@pytest.mark.parametrize(
    ("reader", "longest"),
    [("ACS ACR122U PICC Interface 0", 60), ("Identiv uTrust 3700 F CL Reader 0", 253), ("Nobody's Reader 0", 253)],
)
def test_long_frames_are_kept_from_a_reader_that_is_known_to_take_none(reader: str, longest: int) -> None:
    """What is written is the same; an unknown reader is believed to be what the profile was made for."""
    profile = sized(16, 300, 1000, generation="EV3", frames="long")
    connection = Known(VirtualDesfire.new("EV3", uid=UID), quirk_of(reader).traits)
    assert run_encode(connection, profile=profile).verified
    assert max(len(apdu) for apdu, _ in connection.log) == longest


class Known(Direct):
    """A card on a reader whose model is known."""

    def __init__(self, card: VirtualDesfire, traits: ReaderTraits) -> None:
        super().__init__(card)
        self.traits = traits


def test_the_chip_s_own_word_takes_three_commands() -> None:
    assert look(Direct(VirtualDesfire.new("EV2", uid=UID)), "EV2")[1:] == (UID, 3)


@pytest.mark.parametrize(("kind", "says"), [("ntag213", "NTAG"), ("classic-1k", "Classic"), ("unknown", "unknown")])
def test_another_chip_is_named(kind: str, says: str) -> None:
    with pytest.raises(ChipUnsuitableError, match=f"DESFire EV2.*{says}"):
        look(Direct(new_card(kind)), "EV2")


def test_a_random_uid_is_known_by_its_shape() -> None:
    card = VirtualDesfire.new(uid=UID, random_id=True)
    assert is_random(look(Direct(card))[1])
    assert not is_random(UID)
    with pytest.raises(ChipUnsuitableError, match="another UID each time"):
        look_at(Direct(card).transmit, card.atr)


def test_a_chip_is_told_by_name_where_it_does_not_do_what_every_desfire_does() -> None:
    ntag = Direct(new_card("ntag213"))
    with pytest.raises(ChipUnsuitableError, match="NTAG"), explained_by_kind(ntag.transmit, ntag.atr):
        raise ChipRefusedError(sw=0x911C)
    desfire = Direct(VirtualDesfire.new(uid=UID))
    with pytest.raises(ChipRefusedError), explained_by_kind(desfire.transmit, desfire.atr):
        raise ChipRefusedError(sw=0x911C)


def test_what_is_plain_already_is_left_as_it_is() -> None:
    silent = Rambling([b""])
    with pytest.raises(ChipKeyError), explained_by_kind(silent.transmit, b""):
        raise ChipKeyError(key=0)
    assert silent.asked == 0
    twice = Rambling([UID + b"\x90\x00", b"\x00"])
    with pytest.raises(ChipError), explained_by_kind(twice.transmit, b""):
        raise ChipError(detail="noise")
