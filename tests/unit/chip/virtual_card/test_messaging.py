"""The card's side of secure messaging, against the examples of AN0945, AN12343 and AN12196."""

from __future__ import annotations

import pytest

from station.chip.virtual_card.ciphers import AES, TDES, CardKey
from station.chip.virtual_card.messaging import CardSession, D40Session, Ev1Session, Ev2Session, Mode
from station.chip.virtual_card.status import Refusal
from tests.helpers.card_host import Cbc, crc16
from tests.helpers.chip import unhex, vector

KEY = CardKey(AES, bytes(16))


def ev1(case: dict[str, object]) -> Ev1Session:
    return Ev1Session(0, CardKey(AES, unhex(str(case["session_key"]))))


def ev2(case: dict[str, object]) -> Ev2Session:
    enc = unhex(str(case.get("ses_auth_enc", "00" * 16)))
    return Ev2Session(0, (enc, unhex(str(case["ses_auth_mac"]))), unhex(str(case["ti"])), int(str(case["cmd_ctr"])))


def test_ev1_enciphered_write_then_read() -> None:
    case = vector("an0945-t23-24-full")
    write, read = case["steps"]
    session = ev1(case)
    header, wire = unhex(write["header"]), unhex(write["wire_payload"])
    plain = session.receive(0x3D, header, wire[len(header) :], Mode.FULL, 15)
    assert plain == unhex(write["plain"])
    assert session.answer(b"", Mode.FULL) == unhex(write["response"])
    assert session.request(0xBD, unhex(read["header"]), Mode.FULL) == unhex(read["header"])
    assert session.answer(plain, Mode.FULL) == unhex(read["response_cipher"])


def test_ev1_a_plain_answer_carries_a_mac() -> None:
    case = vector("an0945-t34-plain")
    session = ev1(case)
    session.request(0x45, b"", Mode.MANAGED)
    assert session.answer(unhex(case["response"])[:2], Mode.MANAGED) == unhex(case["response"])


def test_ev1_a_key_change_is_deciphered() -> None:
    case = vector("an0945-t33-changekey-same")
    clear = ev1(case).unseal(0xC4, b"\x00", unhex(case["wire_payload"])[1:])
    assert clear[:17] == unhex(case["new_key"]) + bytes([case["version"]])


def test_ev2_a_command_with_its_mac() -> None:
    case = vector("an12196-s5.3-mac")
    session = ev2(case)
    command, answer = unhex(case["mac_apdu"]), unhex(case["response"])
    assert session.request(0xF5, command[5:-1], Mode.MANAGED) == b"\x02"
    assert session.answer(answer[:-10], Mode.MANAGED) == answer[:-2]


def test_ev2_a_write_in_full() -> None:
    case = vector("an12196-s6.12-full-write")
    session = ev2(case)
    wire, plain = unhex(case["apdu"])[5:-1], unhex(case["plain_apdu"])[5:-1]
    assert session.receive(0x8D, wire[:7], wire[7:], Mode.FULL, 10) == plain[7:]
    assert session.answer(b"", Mode.FULL) == unhex(case["response"])[:-2]


def test_ev2_macs_of_a_transaction() -> None:
    case = vector("an12343-ev2-mac")
    write, written, read, content = case["cases"]
    session = ev2({**case, "cmd_ctr": 0})
    data = unhex(write["data"])
    assert session.receive(0x8D, data[:7], data[7:] + unhex(write["mac"]), Mode.MACED, len(data) - 7) == data[7:]
    assert session.answer(b"", Mode.MACED) == unhex(written["mac"])
    assert session.request(0xAD, unhex(read["data"]) + unhex(read["mac"]), Mode.MACED) == unhex(read["data"])
    assert session.answer(unhex(content["data"]), Mode.MACED) == unhex(content["data"] + content["mac"])


def test_ev2_plain_commands_count() -> None:
    session = Ev2Session(0, (bytes(16), bytes(16)), bytes(4), 0xFFFF)
    assert session.request(0xBD, b"1234567", Mode.PLAIN) == b"1234567"
    assert (session.answer(b"data", Mode.PLAIN), session.counter) == (b"data", 0)
    session.refuse(0xBD, b"")
    assert session.counter == 1


@pytest.mark.parametrize("data", [b"", b"\x80", b"\x80" + bytes(14), bytes(16), b"\x00\x80\x00"])
def test_ev2_padding_comes_off_as_it_went_on(data: bytes) -> None:
    session = Ev2Session(0, (bytes(16), bytes(16)), b"\x01\x02\x03\x04")
    other = Cbc(AES, bytes(16))
    padded = data + b"\x80" + bytes(-(len(data) + 1) % 16)
    sealed = other.enc(padded, other.enc(unhex("a55a01020304") + bytes(10)))
    tag = other.cmac(unhex("c40000010203045c") + sealed)[1::2]
    assert session.unseal(0xC4, b"\x5c", sealed + tag) == data


def test_d40_full_in_both_directions() -> None:
    # The host deciphers to send and to receive; the card enciphers. CRC16 covers the data alone.
    key = unhex("0123456789abcdef1122334455667788")
    session, host = D40Session(0, CardKey(TDES, key)), Cbc(TDES, key)
    data = b"hello, card"
    sent = host.send(data + crc16(data) + bytes(3))
    assert session.receive(0x3D, b"header", sent, Mode.FULL, 11) == data
    got = host.dec(session.answer(data, Mode.FULL))
    assert got == data + crc16(data) + bytes(3)
    assert host.dec(session.answer(data, Mode.FULL, open_ended=True))[13:] == b"\x80\x00\x00"


def test_d40_macs_are_four_bytes() -> None:
    key = unhex("0123456789abcdef1122334455667788")
    session, host = D40Session(0, CardKey(TDES, key)), Cbc(TDES, key)
    mac = host.enc(b"nine more" + bytes(7))[-8:-4]
    assert session.answer(b"nine more", Mode.MACED) == b"nine more" + mac
    assert session.receive(0x3D, b"", b"nine more" + mac, Mode.MACED, 9) == b"nine more"
    assert session.answer(b"", Mode.MACED) == b""
    assert session.answer(b"free", Mode.MANAGED) == b"free"


SESSIONS = [
    D40Session(0, CardKey(TDES, bytes(range(16)))),
    Ev1Session(0, KEY),
    Ev1Session(0, CardKey(TDES, bytes(16))),
    Ev2Session(0, (bytes(16), bytes(16)), bytes(4)),
]


@pytest.mark.parametrize("session", SESSIONS)
def test_wrong_checksums_are_refused(session: CardSession) -> None:
    for mode in (Mode.MACED, Mode.FULL):
        with pytest.raises(Refusal) as caught:
            session.receive(0x3D, b"", bytes(session.wire_length(16, mode)), mode, 16)
        assert caught.value.status == 0x1E


@pytest.mark.parametrize("session", SESSIONS)
@pytest.mark.parametrize("length", [0, 4, 23])
def test_half_blocks_are_refused(session: CardSession, length: int) -> None:
    with pytest.raises(Refusal) as caught:
        session.unseal(0xC4, b"", bytes(length))
    assert caught.value.status in (0x7E, 0x1E)


@pytest.mark.parametrize(
    ("session", "mode", "length", "wire"),
    [
        (0, Mode.FULL, 6, 8),
        (0, Mode.FULL, 7, 16),
        (0, Mode.MACED, 7, 11),
        (1, Mode.FULL, 12, 16),
        (1, Mode.FULL, 13, 32),
        (1, Mode.FULL, 1000, 1008),
        (1, Mode.MACED, 300, 308),
        (1, Mode.PLAIN, 300, 300),
        (2, Mode.FULL, 4, 8),
        (3, Mode.FULL, 15, 24),
        (3, Mode.FULL, 16, 40),
        (3, Mode.MACED, 300, 308),
    ],
)
def test_lengths_on_the_wire(session: int, mode: Mode, length: int, wire: int) -> None:
    assert SESSIONS[session].wire_length(length, mode) == wire
