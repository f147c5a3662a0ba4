"""EV1 secure messaging against the examples of AN0945, and against what is altered on the way."""

from __future__ import annotations

import pytest

from station.chip.desfire.crypto import crc32
from station.chip.desfire.model import Protection
from station.chip.desfire.session import Ev1AesSession, NoSession
from station.domain.errors import ChipError
from tests.helpers.chip import unhex, vector

P = Protection


def full_example() -> tuple[Ev1AesSession, dict[str, str], dict[str, str]]:
    case = vector("an0945-t23-24-full")
    write, read = case["steps"]
    return Ev1AesSession(0, unhex(case["session_key"])), write, read


def test_enciphered_write_then_read() -> None:
    session, write, read = full_example()
    sent = session.command(0x3D, unhex(write["header"]), unhex(write["plain"]), P.FULL)
    assert sent == unhex(write["wire_payload"])
    assert session.answer(0, unhex(write["response"]), P.PLAIN, 0) == b""
    # The chain of initial vectors goes on: the read is right only if the write left it right.
    assert session.command(0xBD, unhex(read["header"]), b"", P.PLAIN) == unhex(read["header"])
    assert session.answer(0, unhex(read["response_cipher"]), P.FULL, 15) == unhex(read["response_plain"])


def test_a_plain_answer_carries_a_mac() -> None:
    case = vector("an0945-t34-plain")
    session = Ev1AesSession(0, unhex(case["session_key"]))
    session.command(0x45, b"", b"", P.PLAIN)
    assert session.answer(0, unhex(case["response"]), P.PLAIN, 0) == unhex(case["response"])[:2]


def test_a_key_change_brings_its_own_checksum() -> None:
    case = vector("an0945-t33-changekey-same")
    session = Ev1AesSession(case["auth_keyno"], unhex(case["session_key"]))
    header = bytes([case["keyno"]])
    data = unhex(case["new_key"]) + bytes([case["version"]])
    sent = session.command(0xC4, header, data + crc32(b"\xc4" + header + data), P.SEALED)
    assert sent == unhex(case["wire_payload"])


@pytest.mark.parametrize("bit", range(0, 256, 7))
def test_one_altered_bit_of_an_enciphered_answer_is_noticed(bit: int) -> None:
    session, write, read = full_example()
    session.command(0x3D, unhex(write["header"]), unhex(write["plain"]), P.FULL)
    session.answer(0, unhex(write["response"]), P.PLAIN, 0)
    session.command(0xBD, unhex(read["header"]), b"", P.PLAIN)
    altered = bytearray(unhex(read["response_cipher"]))
    altered[bit // 8] ^= 1 << bit % 8
    with pytest.raises(ChipError, match="altered"):
        session.answer(0, bytes(altered), P.FULL, 15)


@pytest.mark.parametrize("bit", range(80))
def test_one_altered_bit_of_a_plain_answer_is_noticed(bit: int) -> None:
    case = vector("an0945-t34-plain")
    session = Ev1AesSession(0, unhex(case["session_key"]))
    session.command(0x45, b"", b"", P.PLAIN)
    altered = bytearray(unhex(case["response"]))
    altered[bit // 8] ^= 1 << bit % 8
    with pytest.raises(ChipError, match="altered"):
        session.answer(0, bytes(altered), P.PLAIN, 0)


def test_an_altered_status_is_noticed() -> None:
    case = vector("an0945-t34-plain")
    session = Ev1AesSession(0, unhex(case["session_key"]))
    session.command(0x45, b"", b"", P.PLAIN)
    with pytest.raises(ChipError):
        session.answer(0x0C, unhex(case["response"]), P.PLAIN, 0)


def test_a_repeated_answer_is_noticed() -> None:
    case = vector("an0945-t34-plain")
    session = Ev1AesSession(0, unhex(case["session_key"]))
    for _ in range(2):
        session.command(0x45, b"", b"", P.PLAIN)
        if _ == 0:
            session.answer(0, unhex(case["response"]), P.PLAIN, 0)
    with pytest.raises(ChipError):
        session.answer(0, unhex(case["response"]), P.PLAIN, 0)


@pytest.mark.parametrize("answer", ["", "00" * 7, "00" * 15, "00" * 33])
@pytest.mark.parametrize("protection", [P.PLAIN, P.MACED, P.FULL])
def test_answers_of_impossible_lengths_are_refused(answer: str, protection: Protection) -> None:
    session = Ev1AesSession(0, bytes(16))
    with pytest.raises(ChipError):
        session.answer(0, unhex(answer), protection, 16)


def test_a_maced_command_carries_the_first_half_of_its_cmac() -> None:
    plain, maced = Ev1AesSession(0, bytes(16)), Ev1AesSession(0, bytes(16))
    sent = maced.command(0x3D, b"\x00", b"data", P.MACED)
    assert sent[:-8] == plain.command(0x3D, b"\x00", b"data", P.PLAIN) == b"\x00data"
    assert len(sent) == 13


def test_without_a_session_nothing_protected_is_sent() -> None:
    session = NoSession()
    assert session.command(0x3D, b"\x00", b"data", P.PLAIN) == b"\x00data"
    assert session.answer(0, b"data", P.PLAIN, 0) == b"data"
    for protection in (P.MACED, P.FULL, P.SEALED):
        with pytest.raises(ChipError, match="needs a key"):
            session.command(0x3D, b"\x00", b"data", protection)
