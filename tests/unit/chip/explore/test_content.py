"""What bytes mean: each meaning once, what looks like one and is none, and anything at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.adapters.secrets.demo_signer import demo_root
from station.chip.explore.content import content_node, meaning, message_nodes
from station.chip.ndef import Record, Tnf, encode_message, encode_uri, text_record
from station.domain.escn import escn_to_bytes
from station.domain.message import Message
from tests.helpers.chip import ESCN, unhex

SIGNATURE = unhex("3045022100") + bytes(range(1, 33)) + unhex("0220") + bytes(range(1, 33))


def words(data: bytes) -> str:
    found = meaning(data)
    return found if isinstance(found, str) else found.english()


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "empty"),
        (bytes(16), "16 bytes, all zero"),
        (escn_to_bytes(ESCN), f"card number {ESCN}"),
        (bytes(range(16)), "16 bytes"),
        (SIGNATURE, "signature of 71 bytes"),
        (SIGNATURE + b"\x00", "signature of 71 bytes"),
        (SIGNATURE + b"\x00\x01", "73 bytes"),
        (unhex("000F20003B00340406E104010000FF"), "NDEF capability container"),
        (unhex("000D") + encode_uri("https://lu.lv/12") + bytes(5), "https://lu.lv/12"),
        (b"\x00\x08" + encode_message((text_record("x", "lv"),)), "NDEF message, records: 1"),
        (b"AA1234567\x00\x00", "AA1234567"),
        ("Zoé Ozoliņa".encode(), "Zoé Ozoliņa"),
        (b"\xff\xfe", "2 bytes"),
        (b"A", "1 bytes"),
        (b"ab\ncd", "5 bytes"),
    ],
)
def test_meanings(data: bytes, expected: str) -> None:
    assert words(data) == expected


def test_a_certificate_says_whose_it_is_also_with_zeros_behind_it() -> None:
    for data in (demo_root(), demo_root() + bytes(40)):
        assert words(data).startswith("certificate of CN=")
    negative = bytearray(demo_root())
    assert negative[13:15] == unhex("0208")
    negative[15] |= 0x80
    assert words(bytes(negative)) == f"{len(negative)} bytes"
    assert words(demo_root()[:-1]) == f"{len(demo_root()) - 1} bytes"


def test_data_are_shown_sixteen_bytes_a_line() -> None:
    assert content_node(bytes(range(18))).details == ("00 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F", "10 11")


def test_the_records_of_a_message() -> None:
    records = (text_record("Sveiki", "lv"), Record(Tnf.MEDIA, b"text/vcard", b"x"))
    assert [node.value for node in message_nodes(encode_message(records))] == ["Sveiki", "text/vcard"]
    assert [node.value for node in message_nodes(b"\x01\x02\x03")] == [Message("{length} bytes", {"length": 3})]


@given(st.one_of(st.binary(max_size=200), st.binary(max_size=100).map(lambda data: b"\x30" + data)))
def test_anything_means_something_or_is_counted(data: bytes) -> None:
    assert words(data)
    assert message_nodes(data) or not data
