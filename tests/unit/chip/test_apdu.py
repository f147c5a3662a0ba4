"""Command and answer APDUs, and the names of status words."""

from __future__ import annotations

import pytest

from station.chip.apdu import LONGEST_ANSWER, CommandApdu, DesfireStatus, ResponseApdu, status_name
from station.domain.errors import ChipError


@pytest.mark.parametrize(
    ("command", "wire"),
    [
        (CommandApdu(0xFF, 0xCA, le=256), "ffca000000"),
        (CommandApdu(0x90, 0x60, le=256), "9060000000"),
        (CommandApdu(0x90, 0x5A, data=b"\x40\x88\xf5", le=256), "905a0000034088f500"),
        (CommandApdu(0x00, 0xA4, 0x04, 0x00, b"\xa0\x00"), "00a4040002a000"),
        (CommandApdu(0x00, 0xB0, 0x81, 0x00, le=16), "00b0810010"),
        (CommandApdu(0x00, 0x44), "00440000"),
    ],
)
def test_commands_on_the_wire(command: CommandApdu, wire: str) -> None:
    assert bytes(command).hex() == wire


def test_a_short_command_takes_255_bytes_and_no_more() -> None:
    assert len(bytes(CommandApdu(0x90, 0x3D, data=bytes(255), le=256))) == 261
    with pytest.raises(ValueError, match="255"):
        bytes(CommandApdu(0x90, 0x3D, data=bytes(256)))


def test_an_answer_is_data_and_status() -> None:
    answer = ResponseApdu.parse(bytes.fromhex("0102039100"))
    assert (answer.data, answer.sw, answer.ok) == (b"\x01\x02\x03", 0x9100, True)
    assert ResponseApdu.parse(b"\x90\x00").ok
    assert not ResponseApdu.parse(b"\x91\xae").ok


@pytest.mark.parametrize("raw", [b"", b"\x90", bytes(LONGEST_ANSWER + 1), bytes(65538)])
def test_an_answer_of_a_senseless_length_is_refused(raw: bytes) -> None:
    with pytest.raises(ChipError) as caught:
        ResponseApdu.parse(raw)
    assert caught.value.params["length"] == len(raw)


@pytest.mark.parametrize(
    ("sw", "name"),
    [
        (0x9000, "ok (9000)"),
        (0x91AE, "authentication error (91AE)"),
        (0x919D, "permission denied (919D)"),
        (0x6A82, "not found (6A82)"),
        (0x6C10, "wrong le (6C10)"),
        (0x6105, "more data (6105)"),
        (0x9142, "unknown status (9142)"),
        (0x1234, "unknown status (1234)"),
    ],
)
def test_status_words_have_names(sw: int, name: str) -> None:
    assert status_name(sw) == name


def test_every_desfire_status_has_a_name_of_its_own() -> None:
    assert len({status_name(0x9100 | status) for status in DesfireStatus}) == len(DesfireStatus)
