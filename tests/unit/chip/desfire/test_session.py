"""EV1 secure messaging against the examples of AN0945, and against what is altered on the way."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.chip.ciphers import BlockCipher, aes, marked_padded, tdes
from station.chip.desfire.crypto import crc32
from station.chip.desfire.native import Native, Protection
from station.chip.desfire.session import Ev1Session, NoSession
from station.domain.errors import ChipError
from tests.helpers.chip import unhex, vector

P = Protection
ASK = Native(0x45)


def full_example() -> tuple[Ev1Session, list[Native], list[dict[str, str]]]:
    case = vector("an0945-t23-24-full")
    write, read = case["steps"]
    session = Ev1Session(0, aes(unhex(case["session_key"])))
    commands = [
        Native(0x3D, unhex(write["header"]), unhex(write["plain"]), P.FULL),
        Native(0xBD, unhex(read["header"]), mode=P.FULL, length=15),
    ]
    return session, commands, [write, read]


def read_pending() -> tuple[Ev1Session, Native, bytes]:
    """Return a session whose enciphered read was sent, the command, and its answer."""
    session, (write, read), (written, given) = full_example()
    session.command(write)
    session.answer(write, 0, unhex(written["response"]))
    session.command(read)
    return session, read, unhex(given["response_cipher"])


def asked() -> tuple[Ev1Session, bytes]:
    """Return a session that has asked for the key settings, and the answer."""
    case = vector("an0945-t34-plain")
    session = Ev1Session(0, aes(unhex(case["session_key"])))
    session.command(ASK)
    return session, unhex(case["response"])


def flipped(data: bytes, bit: int) -> bytes:
    altered = bytearray(data)
    altered[bit // 8] ^= 1 << bit % 8
    return bytes(altered)


def test_enciphered_write_then_read() -> None:
    session, (write, read), (written, given) = full_example()
    assert session.command(write) == unhex(written["wire_payload"])
    assert session.answer(write, 0, unhex(written["response"])) == b""
    # The chain of initial vectors goes on: the read is right only if the write left it right.
    assert session.command(read) == unhex(given["header"])
    assert session.answer(read, 0, unhex(given["response_cipher"])) == unhex(given["response_plain"])


def test_a_plain_answer_carries_a_mac() -> None:
    session, answer = asked()
    assert session.answer(ASK, 0, answer) == answer[:2]


def test_a_key_change_brings_its_own_checksum() -> None:
    case = vector("an0945-t33-changekey-same")
    session = Ev1Session(case["auth_keyno"], aes(unhex(case["session_key"])))
    header = bytes([case["keyno"]])
    data = unhex(case["new_key"]) + bytes([case["version"]])
    sent = session.command(Native(0xC4, header, data + crc32(b"\xc4" + header + data), P.SEALED))
    assert sent == unhex(case["wire_payload"])


@pytest.mark.parametrize("bit", range(0, 256, 7))
def test_one_altered_bit_of_an_enciphered_answer_is_noticed(bit: int) -> None:
    session, read, answer = read_pending()
    with pytest.raises(ChipError, match="altered"):
        session.answer(read, 0, flipped(answer, bit))


@pytest.mark.parametrize("bit", range(80))
def test_one_altered_bit_of_a_plain_answer_is_noticed(bit: int) -> None:
    session, answer = asked()
    with pytest.raises(ChipError, match="altered"):
        session.answer(ASK, 0, flipped(answer, bit))


def test_an_altered_status_is_noticed() -> None:
    session, answer = asked()
    with pytest.raises(ChipError):
        session.answer(ASK, 0x0C, answer)


def test_a_repeated_answer_is_noticed() -> None:
    session, answer = asked()
    session.answer(ASK, 0, answer)
    session.command(ASK)
    with pytest.raises(ChipError):
        session.answer(ASK, 0, answer)


@pytest.mark.parametrize("answer", ["", "00" * 7, "00" * 15, "00" * 33])
@pytest.mark.parametrize("mode", [P.PLAIN, P.MACED, P.FULL])
@pytest.mark.parametrize("length", [16, None])
def test_answers_of_impossible_lengths_are_refused(answer: str, mode: Protection, length: int | None) -> None:
    session = Ev1Session(0, aes(bytes(16)))
    with pytest.raises(ChipError):
        session.answer(Native(0xBD, mode=mode, length=length), 0, unhex(answer))


def test_a_maced_command_carries_the_first_half_of_its_cmac() -> None:
    plain, maced = Ev1Session(0, aes(bytes(16))), Ev1Session(0, aes(bytes(16)))
    sent = maced.command(Native(0x3D, b"\x00", b"data", P.MACED))
    assert sent[:-8] == plain.command(Native(0x3D, b"\x00", b"data", P.PLAIN)) == b"\x00data"
    assert len(sent) == 13


def test_a_maced_command_without_data_carries_none() -> None:
    assert Ev1Session(0, aes(bytes(16))).command(Native(0xBD, b"\x00" * 7, mode=P.MACED, length=1)) == bytes(7)


@given(st.binary(max_size=40), st.sampled_from([aes(bytes(16)), tdes(bytes(24))]))
def test_a_card_that_chose_the_length_marks_the_end(content: bytes, cipher: BlockCipher) -> None:
    # What such a card sends: content, checksum, 80, zeros; the content may end in 80 or zeros itself.
    session = Ev1Session(0, cipher)
    sealed = cipher.encrypt(cipher.zero_iv, marked_padded(content + crc32(content + b"\x00"), cipher.block))
    assert session.answer(Native(0xBD, mode=P.FULL, length=None), 0, sealed) == content


def test_an_answer_without_the_mark_is_refused() -> None:
    cipher = aes(bytes(16))
    for clear in (bytes(16), b"\x01" * 16, b"\x01\x80".ljust(16, b"\x00")):
        sealed = cipher.encrypt(bytes(16), clear)
        with pytest.raises(ChipError):
            Ev1Session(0, cipher).answer(Native(0xBD, mode=P.FULL, length=None), 0, sealed)


def test_a_command_whose_length_nothing_tells_is_marked() -> None:
    cipher = aes(bytes(16))
    ats = Native(0x5C, b"\x02", b"\x05\x75\x77\x81\x02", P.FULL, open_end=True)
    sent = Ev1Session(0, cipher).command(ats)
    assert sent[:1] == b"\x02"
    checksum = crc32(b"\x5c\x02" + ats.data)
    assert cipher.decrypt(bytes(16), sent[1:]) == marked_padded(ats.data + checksum, 16)


def test_without_a_session_nothing_protected_is_sent() -> None:
    session = NoSession()
    command = Native(0x3D, b"\x00", b"data", P.PLAIN)
    assert session.command(command) == b"\x00data"
    assert session.answer(command, 0, b"data") == b"data"
    for mode in (P.MACED, P.FULL, P.SEALED):
        with pytest.raises(ChipError, match="needs a key"):
            session.command(Native(0x3D, b"\x00", b"data", mode))


def test_what_stands_behind_the_checksum_must_be_zeros() -> None:
    cipher = aes(bytes(16))
    clear = b"data" + crc32(b"data\x00")
    reading = Native(0xBD, mode=P.FULL, length=4)
    for rest, right in ((bytes(8), True), (bytes(7) + b"\x01", False)):
        session, sealed = Ev1Session(0, cipher), cipher.encrypt(bytes(16), clear + rest)
        if right:
            assert session.answer(reading, 0, sealed) == b"data"
        else:
            with pytest.raises(ChipError, match="altered"):
                session.answer(reading, 0, sealed)
