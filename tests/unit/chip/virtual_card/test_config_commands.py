"""Setting the card up, and the proximity check."""

from __future__ import annotations

import pytest

from station.chip.virtual_card import store
from station.chip.virtual_card.ciphers import AES, CardKey
from station.chip.virtual_card.desfire import VirtualDesfire
from station.chip.virtual_card.kinds import blank_card
from station.chip.virtual_card.models import EV1, EV2, EV3
from tests.helpers.card_host import APP, FACTORY, FULL, ZERO_AES, Cbc, Host, crc32
from tests.helpers.chip import UID, unhex, vector

SET = 0x5C


def master(way: int = 0x1A, generation: str = EV2) -> Host:
    """Return a host with the card's own key authenticated; the key is AES where the way needs it."""
    card = VirtualDesfire.new(generation, uid=UID)
    if way in (0xAA, 0x71):
        card.memory.picc.keys, card.memory.picc.kind = [ZERO_AES], AES
    host = Host(card)
    assert host.authenticate(way, 0, ZERO_AES if way in (0xAA, 0x71) else FACTORY) == 0
    return host


@pytest.mark.parametrize("way", [0x0A, 0x1A, 0xAA, 0x71])
def test_a_random_uid_from_the_next_field_on(way: int) -> None:
    host = master(way)
    assert host.command(SET, b"\x00", b"\x02", sent=FULL)[1] == 0
    assert host.card.transmit(unhex("ffca000000"))[:-2] == UID
    host.card.reset()
    assert host.card.transmit(unhex("ffca000000"))[0] == 0x08
    assert host.authenticate(way, 0, ZERO_AES if way in (0xAA, 0x71) else FACTORY) == 0
    assert host.command(SET, b"\x00", b"\x00", sent=FULL)[1] == 0
    assert host.card.memory.random_uid  # for ever


def test_formatting_can_be_switched_off_for_ever() -> None:
    host = master()
    assert host.managed(0xCA, APP + b"\x0f\x81") == 0
    assert host.command(SET, b"\x00", b"\x01", sent=FULL)[1] == 0
    assert host.command(0xFC)[1] == 0x9D
    assert APP in host.card.memory.applications


@pytest.mark.parametrize("way", [0x0A, 0x1A, 0xAA, 0x71])
def test_new_applications_get_the_default_key(way: int) -> None:
    host = master(way)
    default = bytes(range(24))
    assert host.command(SET, b"\x01", default + b"\x42", sent=FULL)[1] == 0
    assert host.managed(0xCA, APP + b"\x0f\x82") == 0
    host.send(0x5A, APP)
    assert host.send(0x64, b"\x01") == (b"\x42", 0)
    assert host.authenticate(0xAA, 1, CardKey(AES, default[:16])) == 0


def test_another_ats_is_another_atr() -> None:
    host = master(0xAA, EV1)
    assert host.card.atr.hex() == "3b8180018080"
    ats = unhex("0a757781024142434445")
    assert host.command(SET, b"\x02", ats, sent=FULL)[1] == 0
    assert (
        host.card.atr.hex()
        == "3b858001" + "4142434445" + f"{0x85 ^ 0x80 ^ 0x01 ^ 0x41 ^ 0x42 ^ 0x43 ^ 0x44 ^ 0x45:02x}"
    )
    assert host.card.transmit(unhex("ffca010000")) == ats + b"\x90\x00"
    assert host.command(SET, b"\x02", unhex("01"), sent=FULL)[1] == 0x7E


def test_the_older_ways_can_be_switched_off() -> None:
    host = master(0x71, EV3)
    assert host.command(SET, b"\x04", b"\x00\x02", sent=FULL)[1] == 0
    assert host.authenticate(0xAA, 0, ZERO_AES) == 0xAE
    assert host.authenticate(0x71, 0, ZERO_AES) == 0
    assert host.command(SET, b"\x05", bytes(8) + b"\xab\xcd", sent=FULL)[1] == 0
    assert host.card.memory.capabilities == unhex("00000000abcd")


@pytest.mark.parametrize(("option", "generation", "status"), [(3, EV1, 0x9E), (4, EV1, 0x9E), (9, EV3, 0x9E)])
def test_options_that_are_not_there(option: int, generation: str, status: int) -> None:
    assert master(0x1A, generation).command(SET, bytes((option,)), bytes(2), sent=FULL)[1] == status


def test_setting_up_needs_the_card_and_its_key() -> None:
    host = Host(VirtualDesfire.new(EV1))
    assert host.send(SET, bytes(17))[1] == 0xAE
    host.send(0xCA, APP + b"\x0f\x81")
    host.send(0x5A, APP)
    assert host.send(SET, bytes(17))[1] == 0x1C


# --- proximity check --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rounds", [(8,), (4, 4), (1,) * 8])
def test_the_proximity_check(rounds: tuple[int, ...]) -> None:
    host = Host(VirtualDesfire.new(EV2))
    prepared, status = host.send(0xF0)
    assert (prepared, status) == (unhex("000190"), 0x90)
    said = b""
    for count in rounds:
        ours = bytes(range(count))
        theirs, status = host.send(0xF2, bytes((count,)) + ours)
        assert (len(theirs), status) == (count, 0x90)
        said += theirs + ours
    key = Cbc(AES, bytes(16))
    answer, status = host.send(0xFD, key.cmac(b"\xfd" + prepared + said)[1::2])
    assert (answer, status) == (key.cmac(b"\x90" + prepared + said)[1::2], 0x90)


def test_a_proximity_check_out_of_order() -> None:
    host = Host(VirtualDesfire.new(EV2))
    assert host.send(0xF2, b"\x01\x00")[1] == 0x9D
    assert host.send(0xFD, bytes(8))[1] == 0x9D
    host.send(0xF0)
    assert host.send(0xF2, b"\x02\x00")[1] == 0x7E
    assert host.send(0xF2, b"\x08" + bytes(8))[1] == 0x90
    assert host.send(0xFD, bytes(8))[1] == 0xAE
    assert Host(VirtualDesfire.new(EV1)).send(0xF0)[1] == 0x1C


# --- keys -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", [0x0A, 0x1A])
def test_the_card_becomes_an_aes_card(way: int) -> None:
    host = master(way)
    assert host.change_key(0x80, CardKey(AES, bytes(range(16)), 7)) == 0
    assert host.send(0x51)[1] == 0xAE
    assert host.send(0x45) == (b"\x0f\x81", 0)
    assert host.authenticate(0x71, 0, CardKey(AES, bytes(range(16)))) == 0
    assert host.command(0x64, b"\x00") == (b"\x07", 0)
    # And back again.
    assert host.change_key(0x00, CardKey("2k3des", bytes(range(0, 32, 2)))) == 0
    assert host.authenticate(0x0A, 0, CardKey("2k3des", bytes(range(0, 32, 2)))) == 0
    assert host.change_key(0x40, CardKey("3k3des", bytes(range(0, 48, 2)))) == 0
    assert host.authenticate(0x1A, 0, CardKey("3k3des", bytes(range(0, 48, 2)))) == 0


@pytest.mark.parametrize(
    ("way", "bits", "kind", "length"),
    [
        (0x0A, 0, "2k3des", 16),
        (0x1A, 0, "2k3des", 16),
        (0x1A, 0x40, "3k3des", 24),
        (0xAA, 0x80, "aes", 16),
        (0x71, 0x80, "aes", 16),
    ],
)
def test_keys_change_in_every_messaging(way: int, bits: int, kind: str, length: int) -> None:
    host = Host(VirtualDesfire.new(EV2))
    host.send(0xCA, APP + bytes((0x0F, bits | 3)))
    host.send(0x5A, APP)
    zero = CardKey(kind, bytes(length))
    first, second = (CardKey(kind, bytes(range(n, 2 * length + n, 2)), 9) for n in (0, 64))
    assert host.authenticate(way, 0, zero) == 0
    assert host.change_key(1, first, zero) == 0
    assert host.change_key(1, second, first) == 0
    assert host.change_key(0, first) == 0
    assert host.authenticate(way, 0, zero) == 0xAE
    assert host.authenticate(way, 0, first) == 0
    assert host.authenticate(way, 1, second) == 0
    version = host.command(0x64, b"\x01")
    assert version == (b"\x09" if kind == "aes" else b"\x00", 0)


@pytest.mark.parametrize("way", [0x0A, 0x1A, 0xAA, 0x71])
def test_a_key_change_with_a_wrong_old_key_is_refused(way: int) -> None:
    host = Host(VirtualDesfire.new(EV2))
    aes = way in (0xAA, 0x71)
    host.send(0xCA, APP + bytes((0x0F, 0x82 if aes else 2)))
    host.send(0x5A, APP)
    zero = ZERO_AES if aes else FACTORY
    assert host.authenticate(way, 0, zero) == 0
    assert host.change_key(1, CardKey(zero.kind, b"\x22" * 16, 1), CardKey(zero.kind, b"\x10" * 16)) == 0x1E
    assert host.card.memory.applications[APP].keys[1] == zero
    assert host.send(0x51)[1] == 0xAE


def test_a_published_key_change() -> None:
    case = vector("an0945-t33-changekey-same")
    host = Host(VirtualDesfire.new(EV1))
    host.send(0xCA, APP + b"\x0f\x81")
    host.send(0x5A, APP)
    host.authenticate(0xAA, 0, ZERO_AES)
    host.card._body.session._key = CardKey(AES, unhex(case["session_key"]))
    assert host.send(0xC4, unhex(case["wire_payload"])) == (b"", 0)
    assert host.card.memory.applications[APP].keys[0] == CardKey(AES, unhex(case["new_key"]), case["version"])


def test_the_cards_extra_keys_change_with_its_master_key() -> None:
    host = master(0x71)
    new = CardKey(AES, bytes(range(16)), 3)
    assert host.change_key(0x21, new, ZERO_AES) == 0
    assert host.authenticate(0xAA, 0x21, new) == 0
    assert host.change_key(0x20, new, ZERO_AES) == 0xAE
    assert Host(VirtualDesfire.new(EV1)).send(0xAA, b"\x21")[1] == 0x40


def keyed() -> Host:
    """Return a host with an application of three key sets."""
    host = Host(VirtualDesfire.new(EV2, uid=UID))
    assert host.send(0xCA, APP + unhex("0f92" + "01" + "05" + "03" + "18" + "00"))[1] == 0
    host.send(0x5A, APP)
    assert host.send(0x45) == (unhex("0f82" + "0105031800"), 0)
    assert host.authenticate(0x71, 0, ZERO_AES) == 0
    return host


def test_key_sets_are_filled_and_rolled_to() -> None:
    host = keyed()
    new = CardKey(AES, b"\x33" * 16, 4)
    assert host.managed(0x56, b"\x01\x02") == 0
    assert host.change_key(0, new, ZERO_AES, header=b"\x01\x00") == 0
    assert host.command(0x64, b"\x40\x01") == (b"\x04", 0)
    assert host.command(0x55, b"\x01")[1] == 0x9D  # not finalised
    assert host.managed(0x57, b"\x01\x09") == 0
    assert host.frames(0x55, host._protect(0x55, b"\x01", b"", "managed"))[1] == 0
    assert host.send(0x51)[1] == 0xAE
    assert host.authenticate(0x71, 0, ZERO_AES) == 0xAE
    assert host.authenticate(0x71, 0, new) == 0
    assert host.command(0x45)[0] == unhex("0f82" + "0109031800")
    again = store.desfire_memory(host.card.snapshot())
    assert again == host.card.memory


@pytest.mark.parametrize(
    ("ins", "data", "status"),
    [
        (0x56, "0002", 0x9E),
        (0x56, "0302", 0x9E),
        (0x56, "0107", 0x9E),
        (0x57, "0201", 0x9E),
        (0x55, "02", 0x9E),
        (0x64, "4002", 0x40),
        (0x64, "0001", 0x7E),
    ],
)
def test_key_sets_that_are_not_there(ins: int, data: str, status: int) -> None:
    assert keyed().command(ins, unhex(data))[1] == status


def test_applications_without_key_sets_have_none() -> None:
    host = Host(VirtualDesfire.new(EV2))
    host.send(0xCA, APP + b"\x0f\x81")
    host.send(0x5A, APP)
    host.authenticate(0x71, 0, ZERO_AES)
    assert host.command(0x56, b"\x01\x02")[1] == 0x1C
    host.authenticate(0x71, 0, ZERO_AES)
    assert host.command(0x55, b"\x01")[1] == 0x1C
    assert host.send(0xCA, unhex("0102030f91"))[1] == 0x7E
    host.card.reset()
    for more, status in (("", 0x7E), ("0105", 0x7E), ("0105011800", 0x9E), ("00", 0x00)):
        assert host.send(0xCA, unhex("0102030f91" + more))[1] == status


def test_formatting_keeps_the_session_and_gives_everything_back() -> None:
    host = master(0x0A)
    for number in range(3):
        host.managed(0xCA, bytes((number, 1, 2, 0x0F, 0x81)))
    used = host.card.memory.free
    assert host.managed(0xDA, b"\x01\x01\x02") == 0
    assert host.card.memory.free == used  # deleting gives nothing back
    assert (host.managed(0xFC), host.command(0x6E)) == (0, (unhex("002000"), 0))
    assert host.command(0x51, back=FULL, length=7) == (UID, 0)


def test_the_newest_application_gives_its_memory_back_since_ev2() -> None:
    for generation, back in ((EV1, False), (EV2, True)):
        host = master(0x1A, generation)
        free = host.card.memory.free
        host.managed(0xCA, APP + b"\x0f\x81")
        host.managed(0xDA, APP)
        assert (host.card.memory.free == free) is back


def test_wrong_checksums_are_this_tests_own() -> None:
    assert crc32(unhex(vector("crc32-ev1")["data"])) == unhex(vector("crc32-ev1")["crc"])
    assert isinstance(blank_card(UID), VirtualDesfire)
