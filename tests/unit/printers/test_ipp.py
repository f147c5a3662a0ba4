"""The IPP encoding: both ways the same, true to RFC 8010's own bytes, and unmoved by garbage."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printers.ipp import (
    Attribute,
    Data,
    Group,
    GroupTag,
    IppFormatError,
    Localized,
    Message,
    Range,
    Resolution,
    Value,
    ValueTag,
    boolean,
    decode,
    encode,
    integer,
    text,
)

RECORDED = sorted((Path(__file__).parents[2] / "fixtures" / "ipp").glob("*.bin"))

_words = st.text(st.characters(codec="utf-8"), max_size=40)
_names = st.text(st.characters(codec="ascii", categories=["Ll", "Nd"]), min_size=1, max_size=20)
_int32 = st.integers(-(2**31), 2**31 - 1)


def _tagged(tags: list[int], data: st.SearchStrategy[Data]) -> st.SearchStrategy[Value]:
    return st.builds(Value, st.sampled_from(tags), data)


_simple = st.one_of(
    _tagged([ValueTag.INTEGER, ValueTag.ENUM], _int32),
    _tagged([ValueTag.BOOLEAN], st.booleans()),
    _tagged([ValueTag.TEXT, ValueTag.NAME, ValueTag.KEYWORD, ValueTag.URI, ValueTag.CHARSET, 0x5F], _words),
    _tagged([ValueTag.OCTETS, ValueTag.DATE_TIME, 0x7F], st.binary(max_size=40)),
    _tagged([ValueTag.NO_VALUE, ValueTag.UNKNOWN, ValueTag.UNSUPPORTED], st.none()),
    _tagged([ValueTag.RESOLUTION], st.builds(Resolution, _int32, _int32, st.integers(-128, 127))),
    _tagged([ValueTag.RANGE], st.builds(Range, _int32, _int32)),
    _tagged([ValueTag.TEXT_LANGUAGE, ValueTag.NAME_LANGUAGE], st.builds(Localized, _words, _words)),
)


def _attributes(values: st.SearchStrategy[Value]) -> st.SearchStrategy[tuple[Attribute, ...]]:
    one = st.builds(Attribute, _names, st.lists(values, min_size=1, max_size=3).map(tuple))
    return st.lists(one, max_size=4).map(tuple)


_values = st.recursive(_simple, lambda inner: st.builds(Value, st.just(ValueTag.COLLECTION), _attributes(inner)))
_groups = st.builds(Group, st.sampled_from([1, 2, 4, 5, 6, 15]), _attributes(_values))
messages = st.builds(
    Message,
    st.integers(0, 0xFFFF),
    _int32,
    st.lists(_groups, max_size=3).map(tuple),
    st.tuples(st.integers(0, 255), st.integers(0, 255)),
    st.binary(max_size=30),
)


@given(messages)
def test_a_message_comes_back_as_it_was(message: Message) -> None:
    assert decode(encode(message)) == message


def _whole_or_refused(octets: bytes) -> None:
    with suppress(IppFormatError):
        decode(octets)


@given(st.binary(max_size=200))
def test_garbage_is_refused_by_one_error(octets: bytes) -> None:
    _whole_or_refused(octets)


@given(messages, st.data())
def test_a_damaged_message_is_refused_by_one_error_or_read(message: Message, data: st.DataObject) -> None:
    octets = bytearray(encode(message))
    for _ in range(data.draw(st.integers(1, 4))):
        octets[data.draw(st.integers(0, len(octets) - 1))] = data.draw(st.integers(0, 255))
    _whole_or_refused(bytes(octets))


@given(messages, st.data())
def test_a_torn_message_is_refused(message: Message, data: st.DataObject) -> None:
    octets = encode(Message(message.code, message.request_id, message.groups))
    with pytest.raises(IppFormatError):
        decode(octets[: data.draw(st.integers(0, len(octets) - 1))])


def test_a_response_as_the_standard_lays_it_out() -> None:
    # After RFC 8010 appendix A.2, a successful response to Print-Job.
    octets = (
        b"\x01\x01\x00\x00\x00\x00\x00\x01"
        b"\x01\x47\x00\x12attributes-charset\x00\x05utf-8"
        b"\x48\x00\x1battributes-natural-language\x00\x05en-us"
        b"\x41\x00\x0estatus-message\x00\x0dsuccessful-ok"
        b"\x02\x21\x00\x06job-id\x00\x04\x00\x00\x00\x93"
        b"\x45\x00\x07job-uri\x00\x24ipp://printer.example.com/ipp/prn/11"
        b"\x23\x00\x09job-state\x00\x04\x00\x00\x00\x03\x03"
    )
    expected = Message(
        code=0,
        request_id=1,
        groups=(
            Group(
                GroupTag.OPERATION,
                (
                    text(ValueTag.CHARSET, "attributes-charset", "utf-8"),
                    text(ValueTag.LANGUAGE, "attributes-natural-language", "en-us"),
                    text(ValueTag.TEXT, "status-message", "successful-ok"),
                ),
            ),
            Group(
                GroupTag.JOB,
                (
                    integer("job-id", 147),
                    text(ValueTag.URI, "job-uri", "ipp://printer.example.com/ipp/prn/11"),
                    integer("job-state", 3, ValueTag.ENUM),
                ),
            ),
        ),
    )
    assert decode(octets) == expected
    assert encode(expected) == octets


def test_a_collection_is_encoded_as_the_standard_draws_it() -> None:
    # RFC 8010 section 3.1.7: begCollection, for each member its name and its values, endCollection.
    size = Value(ValueTag.COLLECTION, (integer("x-dimension", 5398), integer("y-dimension", 8560)))
    octets = encode(Message(0, 1, (Group(GroupTag.JOB, (Attribute("media-size", (size,)),)),)))[8:]
    assert octets == (
        b"\x02\x34\x00\x0amedia-size\x00\x00"
        b"\x4a\x00\x00\x00\x0bx-dimension\x21\x00\x00\x00\x04\x00\x00\x15\x16"
        b"\x4a\x00\x00\x00\x0by-dimension\x21\x00\x00\x00\x04\x00\x00\x21\x70"
        b"\x37\x00\x00\x00\x00\x03"
    )


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_what_a_real_print_service_said_is_read_to_the_last_byte(path: Path) -> None:
    octets = path.read_bytes()
    assert encode(decode(octets)) == octets


def test_recorded_answers_are_there() -> None:
    assert len(RECORDED) >= 7


def test_collections_without_end_are_refused() -> None:
    begin = b"\x34\x00\x01c\x00\x00" + b"\x4a\x00\x00\x00\x01m\x34\x00\x00\x00\x00" * 2000
    with pytest.raises(IppFormatError, match="without end"):
        decode(b"\x01\x01\x00\x00\x00\x00\x00\x01\x02" + begin)


def test_values_of_an_attribute_are_found_and_what_is_missing_is_empty() -> None:
    group = Group(GroupTag.JOB, (boolean("a", True), Attribute("b", (Value(ValueTag.NO_VALUE, None),))))
    assert (group.get("a"), group.get("b"), group.get("c")) == ((True,), (), ())


def test_groups_of_one_kind_are_all_returned_in_order() -> None:
    groups = tuple(Group(GroupTag.JOB, (integer("job-id", number),)) for number in (3, 1, 2))
    message = Message(0, 1, (Group(GroupTag.OPERATION, ()), *groups))
    assert message.group(GroupTag.JOB) == groups


@pytest.mark.parametrize(
    "attribute",
    [
        Attribute("", (Value(ValueTag.INTEGER, 1),)),
        Attribute("empty", ()),
        integer("too-large", 2**31),
        text(ValueTag.TEXT, "too-long", "x" * 40_000),
        Attribute("no-members", (Value(ValueTag.COLLECTION, 1),)),
        Attribute("loose", (Value(ValueTag.INTEGER, (integer("a", 1),)),)),
        Attribute("far", (Value(ValueTag.RANGE, Range(0, 2**40)),)),
    ],
    ids=lambda attribute: attribute.name,
)
def test_what_does_not_fit_is_not_encoded(attribute: Attribute) -> None:
    with pytest.raises(ValueError, match=r".+"):
        encode(Message(0, 1, (Group(GroupTag.JOB, (attribute,)),)))


def test_a_name_in_a_wrong_charset_does_not_hide_the_rest() -> None:
    octets = (
        b"\x01\x01\x00\x00\x00\x00\x00\x01\x04\x42\x00\x01n\x00\x04R\xeeg\x61\x21\x00\x01i\x00\x04\x00\x00\x00\x07\x03"
    )
    (printer,) = decode(octets).groups
    assert printer.get("n") == ("R\ufffdga",)
    assert printer.get("i") == (7,)
