"""Transaction MAC: what is signed, by whom, and which reader is named; a card's own are in the scenarios."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import AES128
from cryptography.hazmat.primitives.cmac import CMAC

from station.chip.desfire import transaction_mac
from station.chip.desfire.link import DesfireLink
from station.chip.desfire.session_ev2 import Ev2Session
from station.chip.desfire.transaction_mac import TransactionMac
from station.domain.errors import ChipError
from tests.helpers.chip import UID, Replay

KEY = bytes(range(16))
READER = b"reader number 01"


def cmac(key: bytes, message: bytes) -> bytes:
    made = CMAC(AES128(key))
    made.update(message)
    return made.finalize()


def test_entries_are_whole_blocks() -> None:
    entry = transaction_mac.transaction_entry
    assert entry(0x3D, bytes(7), b"A" * 17) == b"\x3d" + bytes(15) + b"A" * 17 + bytes(15)
    assert entry(0x0C, b"\x01", b"\x2a\x00\x00\x00") == b"\x0c\x01\x2a" + bytes(13)
    assert entry(0xC8, b"", bytes(32)) == b"\xc8" + bytes(47)


def test_a_signature_is_of_one_counter_card_and_key() -> None:
    entries = transaction_mac.transaction_entry(0x0C, b"\x01", b"\x2a\x00\x00\x00")
    session = cmac(KEY, b"\x5a\x00\x01\x00\x80" + b"\x05\x00\x00\x00" + UID)
    signed = TransactionMac(5, cmac(session, entries)[1::2])
    assert transaction_mac.is_signed(signed, KEY, UID, entries)
    for mac, key, uid in (
        (TransactionMac(6, signed.value), KEY, UID),
        (signed, KEY[::-1], UID),
        (signed, KEY, UID[::-1]),
    ):
        assert not transaction_mac.is_signed(mac, key, uid, entries)


def test_the_reader_before_is_told_to_who_has_the_key() -> None:
    session = cmac(KEY, b"\xa5\x00\x01\x00\x80" + b"\x02\x00\x00\x00" + UID)
    hidden = Cipher(AES128(session), modes.CBC(bytes(16))).encryptor().update(READER)
    assert transaction_mac.reader_before(hidden, 2, KEY, UID) == READER
    with pytest.raises(ChipError):
        transaction_mac.reader_before(hidden[:-1], 2, KEY, UID)


def test_naming_the_reader_on_the_wire() -> None:
    signer, identifier, hidden = KEY[::-1], b"\x01\x02\x03\x04", bytes(range(16))
    sent = READER + cmac(signer, b"\xc8\x00\x00" + identifier + READER)[1::2]
    answer = hidden + cmac(signer, b"\x00\x01\x00" + identifier + hidden)[1::2]
    link = DesfireLink(Replay([(f"90c8000018{sent.hex()}00", answer.hex() + "9100")]).transmit)
    link.open_session(Ev2Session(0, (KEY, signer), identifier))
    assert transaction_mac.commit_reader_id(link, READER) == hidden
    with pytest.raises(ChipError):
        transaction_mac.commit_reader_id(link, READER[:-1])


@pytest.mark.parametrize("length", [0, 11, 13])
def test_a_mac_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(ChipError):
        transaction_mac.parsed_transaction_mac(bytes(length))
