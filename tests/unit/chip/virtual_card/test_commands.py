"""Native commands of the software card: refusals and rights, as the data sheet has them."""

from __future__ import annotations

import pytest

from station.chip.virtual_card import VirtualCard
from station.chip.virtual_card.ciphers import AES, TDES, TDES3, CardKey, checksum, session_value
from station.chip.virtual_card.messaging import CardSession
from tests.helpers.chip import UID, unhex

APP = unhex("563412")


class Host:
    """A host made of the card's own ciphers, for keys that the encoder does not use."""

    def __init__(self, card: VirtualCard) -> None:
        self.card = card
        self.session: CardSession | None = None

    def send(self, ins: int, data: bytes = b"") -> tuple[bytes, int]:
        """Exchange one frame."""
        body = bytes([len(data)]) + data if data else b""
        answer = self.card.transmit(bytes([0x90, ins, 0, 0]) + body + b"\x00")
        assert answer[-2] == 0x91
        return answer[:-2], answer[-1]

    def authenticate(self, ins: int, number: int, key: CardKey) -> int:
        """Run the three-pass authentication, return the last status."""
        challenge, status = self.send(ins, bytes([number]))
        if status != 0xAF:
            return status
        theirs = key.decipher(challenge, bytes(key.block))
        ours = bytes(range(len(theirs)))
        token = key.encipher(ours + theirs[1:] + theirs[:1], challenge[-key.block :])
        proof, status = self.send(0xAF, token)
        if status == 0:
            assert key.decipher(proof, token[-key.block :]) == ours[1:] + ours[:1]
            self.session = CardSession(number, CardKey(key.kind, session_value(key, ours, theirs)))
        return status

    def managed(self, ins: int, data: bytes = b"") -> int:
        """Send a command that is plain in a session; check the MAC of its answer."""
        assert self.session is not None
        self.session.take_plain(ins, data)
        answer, status = self.send(ins, data)
        if status == 0:
            assert self.session.give(answer[:-8]) == answer
        return status

    def sealed(self, ins: int, header: bytes, data: bytes) -> int:
        """Send enciphered data that brings its checksums."""
        assert self.session is not None
        session = self.session
        cipher = session._key.encipher(data + bytes(-len(data) % session.block), session._iv)
        return self.send(ins, header + cipher)[1]


FACTORY = CardKey(TDES, bytes(16))


@pytest.fixture
def card() -> VirtualCard:
    return VirtualCard.blank(UID)


@pytest.fixture
def host(card: VirtualCard) -> Host:
    return Host(card)


@pytest.mark.parametrize("kind", [(0x00, TDES, 16, 0x1A), (0x40, TDES3, 24, 0x1A), (0x80, AES, 16, 0xAA)])
def test_applications_have_keys_of_their_kind(host: Host, kind: tuple[int, str, int, int]) -> None:
    bits, name, length, ins = kind
    assert host.send(0xCA, APP + bytes([0x0F, bits | 2]))[1] == 0
    assert host.send(0x5A, APP)[1] == 0
    assert host.send(0x45) == (bytes([0x0F, bits | 2]), 0)
    assert host.authenticate(ins, 1, CardKey(name, bytes(length))) == 0
    assert host.authenticate(ins, 1, CardKey(name, b"\x01" + bytes(length - 1 - 8) + b"\x70" * 8)) == 0xAE
    assert host.authenticate(0xAA if ins == 0x1A else 0x1A, 1, CardKey(name, bytes(length))) == 0xAE
    assert host.authenticate(ins, 2, CardKey(name, bytes(length))) == 0x40


def test_formatting_needs_the_master_key_of_the_card(host: Host, card: VirtualCard) -> None:
    host.send(0xCA, APP + b"\x0f\x81")
    assert host.send(0xFC)[1] == 0xAE
    assert host.authenticate(0x1A, 0, FACTORY) == 0
    assert host.managed(0xFC) == 0
    assert card.memory.applications == {}


def test_deleting_needs_a_key_when_it_is_not_free(host: Host, card: VirtualCard) -> None:
    host.send(0xCA, APP + b"\x0b\x81")
    card.memory.picc.settings = 0x0B
    assert host.send(0xDA, APP)[1] == 0xAE
    assert host.send(0xCA, b"\x01\x02\x03\x0f\x81")[1] == 0xAE
    host.send(0x5A, APP)
    assert host.authenticate(0xAA, 0, CardKey(AES, bytes(16))) == 0
    assert host.send(0xDA, APP)[1] == 0
    assert card.memory.applications == {}
    assert host.send(0xDA, APP)[1] == 0xA0


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


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ("0100eeee200000", 0x00),
        ("2000eeee200000", 0x9E),
        ("0102eeee200000", 0x9E),
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


def test_key_settings_change_with_the_key_until_frozen(host: Host, card: VirtualCard) -> None:
    assert host.authenticate(0x1A, 0, FACTORY) == 0
    assert host.sealed(0x54, b"", b"\x01" + checksum(b"\x54\x01")) == 0
    assert card.memory.picc.settings == 0x01
    assert host.authenticate(0x1A, 0, FACTORY) == 0
    assert host.sealed(0x54, b"", b"\x0f" + checksum(b"\x54\x0f")) == 0xAE
    card.reset()
    assert host.send(0x45)[1] == 0xAE  # the directory is no longer free
    assert host.send(0x6A)[1] == 0xAE


def test_the_key_of_the_card_becomes_aes(host: Host, card: VirtualCard) -> None:
    new = bytes(range(16))
    assert host.authenticate(0x1A, 0, FACTORY) == 0
    data = new + b"\x05"
    assert host.sealed(0xC4, b"\x80", data + checksum(b"\xc4\x80" + data)) == 0
    assert card.memory.picc.keys == [CardKey(AES, new, 5)]
    assert host.send(0x64, b"\x00") == (b"\x05", 0)
    assert host.send(0x45) == (b"\x0f\x81", 0)
    assert host.authenticate(0xAA, 0, CardKey(AES, new)) == 0


def test_a_des_key_carries_its_version_in_the_parity_bits(host: Host, card: VirtualCard) -> None:
    new = unhex("0001000100010001") + unhex("1010101010101010")
    assert host.authenticate(0x1A, 0, FACTORY) == 0
    assert host.sealed(0xC4, b"\x00", new + checksum(b"\xc4\x00" + new)) == 0
    assert card.memory.picc.keys[0].version == 0x55


@pytest.mark.parametrize(
    ("settings", "number", "right"),
    [(0x1F, 2, 0x01), (0x0F, 2, 0x00), (0xEF, 2, 0x02), (0xFF, 2, None), (0x0E, 0, None)],
)
def test_who_may_change_a_key(host: Host, card: VirtualCard, settings: int, number: int, right: int | None) -> None:
    host.send(0xCA, APP + bytes([settings, 0x83]))
    host.send(0x5A, APP)
    new = bytes(range(16)) + b"\x01"
    body = new + checksum(b"\xc4" + bytes([number]) + new)
    for key in range(3):
        assert host.authenticate(0xAA, key, CardKey(AES, bytes(16))) == 0
        tail = b"" if key == number else checksum(new[:16])
        status = host.sealed(0xC4, bytes([number]), body + tail)
        assert status == (0 if key == right else 0xAE)
        if status == 0:
            break
    changed = card.memory.applications[APP].keys[number].version
    assert changed == (1 if right is not None else 0)


def test_a_token_of_a_wrong_length_is_refused(host: Host) -> None:
    assert host.send(0x1A, b"\x00")[1] == 0xAF
    assert host.send(0xAF, bytes(15))[1] == 0x7E


def test_another_kind_of_key_needs_the_key_itself(host: Host, card: VirtualCard) -> None:
    card.memory.picc.keys.append(CardKey(TDES, bytes(16)))
    assert host.authenticate(0x1A, 0, FACTORY) == 0
    assert host.sealed(0xC4, b"\x81", bytes(24)) == 0x40  # key 1 of the card cannot become AES


def test_a_key_change_of_a_wrong_length_or_checksum_is_refused(host: Host) -> None:
    for length, status in ((8, 0x7E), (16, 0x7E), (24, 0x1E)):
        assert host.authenticate(0x1A, 0, FACTORY) == 0
        assert host.sealed(0xC4, b"\x00", bytes(length)) == status


def test_changed_file_settings_must_make_sense(host: Host) -> None:
    host.send(0xCA, APP + b"\x0f\x82")
    host.send(0x5A, APP)
    host.send(0xCD, unhex("0100eeee100000"))
    assert host.send(0x5F, unhex("0107eeee"))[1] == 0x9E
    assert host.send(0x5F, unhex("01003eee"))[1] == 0x9E
    assert host.send(0x5F, unhex("0100eeee00"))[1] == 0x7E
    assert host.authenticate(0xAA, 1, CardKey(AES, bytes(16))) == 0
    assert host.managed(0x5F, unhex("0100eeee")) == 0


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
