"""NDEF messages, records and blocks: against the standard's own examples, and there and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.chip.ndef import (
    URI_PREFIXES,
    Record,
    Tag,
    Text,
    Tlv,
    Tnf,
    decode_message,
    encode_message,
    encode_tlv,
    encode_uri,
    text_of,
    text_record,
    uri_of,
    uri_record,
    walk_tlvs,
)
from station.domain.errors import ChipError
from station.domain.escn import qr_text
from tests.helpers.chip import ESCN, unhex

RECORDS = st.builds(
    Record,
    st.integers(0, 5),
    st.binary(max_size=12),
    st.one_of(st.binary(max_size=300), st.just(bytes(70000))),
    st.binary(max_size=8),
)


def test_the_examples_of_the_uri_standard() -> None:
    # RTD URI 1.0, appendix A.
    assert encode_uri("http://www.nfc.com") == unhex("D1010855016E66632E636F6D")
    assert encode_uri("tel:+35891234567") == unhex("D1010D55052B3335383931323334353637")
    assert encode_uri("mms://example.com/download.wmv")[:5] == unhex("D1011F5500")


def test_the_card_number_as_an_address() -> None:
    url = qr_text(ESCN)
    message = encode_uri(url)
    assert message == unhex("D1013055") + b"\x04" + url.removeprefix("https://").encode()
    assert [uri_of(record) for record in decode_message(message)] == [url]


def test_the_longest_abbreviation_is_taken() -> None:
    assert uri_record("https://www.lu.lv").payload == b"\x02lu.lv"
    assert uri_record("urn:epc:id:1").payload == b"\x1e1"
    assert uri_record("ftp://ftp.lu.lv").payload == b"\x08lu.lv"
    assert (len(URI_PREFIXES), URI_PREFIXES[0x23]) == (36, "urn:nfc:")


@pytest.mark.parametrize("code", range(len(URI_PREFIXES)))
def test_each_abbreviation_comes_back(code: int) -> None:
    uri = URI_PREFIXES[code] + "x"
    assert uri_record(uri).payload == bytes((code,)) + b"x"
    assert uri_of(uri_record(uri)) == uri


def test_a_text_says_its_language() -> None:
    # RTD Text 1.0, 3.3: "Hello, world!" in English.
    record = text_record("Hello, world!", "en")
    assert encode_message((record,)) == unhex("D101105402656E48656C6C6F2C20776F726C6421")
    assert text_of(record) == Text("Hello, world!", "en")
    assert text_of(Record(Tnf.WELL_KNOWN, b"T", b"\x82lv" + "ā".encode("utf-16-be"))) == Text("ā", "lv")
    assert text_of(Record(Tnf.WELL_KNOWN, b"T", b"\x82lv" + "ā".encode("utf-16"))) == Text("ā", "lv")


def test_a_language_that_is_none_is_refused() -> None:
    for language in ("", "x" * 64, "ā"):
        with pytest.raises(ValueError):  # noqa: PT011 - an encoding error is one, with words of its own
            text_record("x", language)


@pytest.mark.parametrize(
    "record",
    [
        Record(Tnf.WELL_KNOWN, b"U", b""),
        Record(Tnf.WELL_KNOWN, b"U", b"\x04\xff"),
        Record(Tnf.WELL_KNOWN, b"T", b""),
        Record(Tnf.WELL_KNOWN, b"T", b"\x05lv"),
        Record(Tnf.WELL_KNOWN, b"T", b"\x02lv\xff"),
        Record(Tnf.WELL_KNOWN, b"T", b"\x82lv\xd8"),
        Record(Tnf.WELL_KNOWN, b"T", b"\x01\xffx"),
        Record(Tnf.MEDIA, b"text/plain", b"x"),
    ],
)
def test_other_records_and_nonsense_have_neither_address_nor_text(record: Record) -> None:
    assert (uri_of(record), text_of(record)) == (None, None)


def test_unknown_abbreviations_count_as_none_and_absolute_uris_stand_in_the_type() -> None:
    assert uri_of(Record(Tnf.WELL_KNOWN, b"U", b"\x24x")) == "x"
    assert uri_of(Record(Tnf.ABSOLUTE_URI, b"http://lu.lv", b"")) == "http://lu.lv"


def test_long_records_have_a_length_of_four_bytes() -> None:
    assert encode_message((Record(Tnf.MEDIA, b"a/b", bytes(255)),))[:3] == unhex("D203FF")
    assert encode_message((Record(Tnf.MEDIA, b"a/b", bytes(256)),))[:6] == unhex("C20300000100")
    with pytest.raises(ValueError, match="255"):
        encode_message((Record(Tnf.MEDIA, bytes(256), b""),))


@given(st.lists(RECORDS, min_size=1, max_size=4))
def test_messages_come_back(records: list[Record]) -> None:
    assert decode_message(encode_message(records)) == tuple(records)


def test_no_data_is_no_record_and_no_record_is_an_empty_one() -> None:
    assert decode_message(b"") == ()
    assert encode_message(()) == unhex("D00000")


def test_chunks_are_put_together() -> None:
    # Begin and chunk; unchanged and chunk; unchanged and end.
    message = unhex("B1010255 0461") + unhex("36000162") + unhex("56000163")
    assert decode_message(message) == (Record(Tnf.WELL_KNOWN, b"U", b"\x04abc"),)


@pytest.mark.parametrize(
    "message",
    [
        "D1",
        "D101",
        "D10105550161",  # too short for what it says
        "51010255046100",  # does not begin
        "D10102550461D10102550461",  # goes on after its end
        "91010255046191010255 0461",  # begins twice
        "9101025504 61",  # never ends
        "F10102550461",  # ends with more to come
        "D6000161",  # unchanged from what?
        "B10102550461 5101025504 61",  # a new record in the middle of chunks
    ],
)
def test_what_is_no_message_is_refused(message: str) -> None:
    with pytest.raises(ChipError, match="NDEF"):
        decode_message(unhex(message))


@given(st.binary(max_size=64))
def test_arbitrary_bytes_are_a_message_or_refused(data: bytes) -> None:
    try:
        records = decode_message(data)
    except ChipError:
        return
    for record in records:
        uri_of(record)
        text_of(record)


def test_blocks_are_found_with_their_places() -> None:
    memory = unhex("0103A00C34 0000 0304D0000000 FE 03FF")
    assert list(walk_tlvs(memory)) == [
        Tlv(Tag.LOCK_CONTROL, unhex("A00C34"), 0, 2),
        Tlv(Tag.MESSAGE, unhex("D0000000"), 7, 9),
        Tlv(Tag.TERMINATOR, b"", 13, 14),
    ]


@given(st.binary(max_size=400))
def test_blocks_of_any_length_come_back(value: bytes) -> None:
    block = encode_tlv(Tag.MESSAGE, value)
    assert len(block) == len(value) + (2 if len(value) < 255 else 4)
    assert [each.value for each in walk_tlvs(block + encode_tlv(Tag.TERMINATOR))] == [value, b""]


@pytest.mark.parametrize("memory", ["03", "0302D0", "03FF", "03FF00", "03FF0100"])
def test_blocks_longer_than_the_memory_are_refused(memory: str) -> None:
    with pytest.raises(ChipError, match="NDEF"):
        list(walk_tlvs(unhex(memory)))


def test_a_block_has_its_limits() -> None:
    assert encode_tlv(Tag.NULL) == b"\x00"
    with pytest.raises(ValueError, match="65534"):
        encode_tlv(Tag.MESSAGE, bytes(65535))
