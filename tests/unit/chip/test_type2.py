"""Ultralight and NTAG: pages, locks and the message on them, also when the card is pulled in the middle."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.chip.apdu import Transmit
from station.chip.ndef import Tag, encode_message, encode_tlv, encode_uri, text_record
from station.chip.type2 import (
    ULTRALIGHT,
    ULTRALIGHT_C,
    Container,
    Type2Model,
    Type2Tag,
    model_of_container,
    model_of_version,
)
from station.chip.virtual_card.card import Tear
from station.chip.virtual_card.type2 import KINDS, NTAG213, NTAG215, NTAG216, VirtualType2
from station.chip.virtual_card.type2 import ULTRALIGHT as PLAIN
from station.domain.errors import CardRemovedError, ChipError, ChipRefusedError, ChipUnsuitableError, ReaderError
from station.domain.escn import qr_text
from tests.helpers.chip import ESCN, UID, Direct, Rambling, unhex

MESSAGE = encode_uri(qr_text(ESCN))
OTHER = encode_uri("https://www.example.org/another/and/longer/address/than/that/of/a/card")
SHORT = encode_uri("tel:1")
MODELS = {
    NTAG213: model_of_version(unhex("0004040201000F03")),
    NTAG215: model_of_version(unhex("0004040201001103")),
    NTAG216: model_of_version(unhex("0004040201001303")),
}


def new_card(kind: str = NTAG213) -> VirtualType2:
    return VirtualType2.new(kind, uid=UID)


def tag_of(card: VirtualType2, model: Type2Model | None = None) -> Type2Tag:
    return Type2Tag(Direct(card).transmit, model)


def written(card: VirtualType2, message: bytes) -> VirtualType2:
    tag_of(card).write_message(message)
    return card


def with_page(card: VirtualType2, page: int, data: str) -> VirtualType2:
    card.memory[page * 4 : page * 4 + len(unhex(data))] = unhex(data)
    return card


@pytest.mark.parametrize("kind", [NTAG213, NTAG215, NTAG216])
def test_a_message_is_written_and_read(kind: str) -> None:
    card = new_card(kind)
    assert tag_of(card).read_message() == b""
    tag_of(card, MODELS[kind]).write_message(MESSAGE)
    assert tag_of(card).read_message() == MESSAGE
    assert len(MESSAGE) == 52


def test_what_stands_before_the_message_stays() -> None:
    card = written(new_card(), MESSAGE)
    assert card.memory[16:21] == unhex("0103A00C34")
    assert card.memory[21:23] == bytes((Tag.MESSAGE, len(MESSAGE)))
    assert card.memory[23 + len(MESSAGE)] == Tag.TERMINATOR


def test_the_same_message_is_not_written_twice() -> None:
    card = written(new_card(), MESSAGE)
    assert tag_of(card).plan_message(MESSAGE) == ()
    before = bytes(card.memory)
    written(card, MESSAGE)
    assert bytes(card.memory) == before


def test_the_length_goes_first_and_comes_last() -> None:
    card = written(new_card(), MESSAGE)
    plan = tag_of(card).plan_message(OTHER)
    # The length of the message stands in the third byte of page 5.
    assert [(each.page, each.data[2]) for each in (plan[0], plan[-1])] == [(5, 0), (5, len(OTHER))]
    assert {each.page for each in plan[1:-1]} <= set(range(5, 40))
    assert plan[0].before == card.memory[20:24]


@pytest.mark.parametrize("before", [b"", SHORT, MESSAGE, OTHER])
@pytest.mark.parametrize("how", list(Tear))
@pytest.mark.parametrize("kind", [NTAG213, PLAIN])
def test_a_pulled_card_has_the_old_message_an_empty_one_or_the_new_one(kind: str, how: Tear, before: bytes) -> None:
    new = MESSAGE if kind == NTAG213 else encode_uri("https://s.esc-r.eu/1")
    before = before if kind == NTAG213 or len(before) <= 40 else SHORT
    card = written(new_card(kind), before) if before else new_card(kind)
    start = bytes(card.memory)
    whole = Direct(VirtualType2(kind, start))
    Type2Tag(whole.transmit).write_message(new)
    for after in range(len(whole.log)):
        card = VirtualType2(kind, start)
        tag = tag_of(card)
        card.tear_after(after, how)
        with pytest.raises(CardRemovedError):
            tag.write_message(new)
        assert tag_of(card).read_message() in (None if not any(start[12:16]) else b"", b"", before, new)
        assert tag_of(written(card, new)).read_message() == new


def test_a_card_never_prepared_is_prepared() -> None:
    card = new_card(PLAIN)
    assert tag_of(card).container() is None
    assert tag_of(card).read_message() is None
    tag_of(card, ULTRALIGHT).write_message(SHORT)
    assert tag_of(card).container() == Container(0x10, 48, readable=True, writable=True)
    assert tag_of(card).read_message() == SHORT


def test_a_card_made_for_another_use_is_left_alone() -> None:
    card = with_page(new_card(PLAIN), 3, "00000001")
    with pytest.raises(ChipUnsuitableError, match="another use"):
        tag_of(card).plan_message(SHORT)


def test_a_message_that_is_too_long_is_refused_before_anything_is_written() -> None:
    card = new_card()
    before = bytes(card.memory)
    # Of 144 bytes the lock control takes five, tag and length two.
    fits = encode_message((text_record("x" * 130, "lv"),))
    assert len(fits) == 137
    with pytest.raises(ChipUnsuitableError, match="138 bytes, and its chip has room for 137"):
        tag_of(card).write_message(encode_message((text_record("x" * 131, "lv"),)))
    assert bytes(card.memory) == before
    assert tag_of(written(card, fits)).read_message() == fits


def test_a_long_message_has_a_length_of_three_bytes() -> None:
    message = encode_message((text_record("x" * 480, "lv"),))
    card = written(new_card(NTAG215), message)
    assert card.memory[16:20] == b"\x03\xff" + len(message).to_bytes(2, "big")
    assert tag_of(written(card, SHORT)).read_message() == SHORT


def test_what_is_no_message_is_not_written() -> None:
    with pytest.raises(ChipError, match="NDEF"):
        tag_of(new_card()).plan_message(b"not a message")


@pytest.mark.parametrize(
    ("page", "bits"),
    [
        (2, "00004000"),  # page 6
        (2, "0000000F"),  # pages 8 to 11
        (40, "01000000"),  # pages 16 and 17
        (3, "E110120F"),  # by the container
    ],
)
def test_a_locked_card_is_told_before_anything_is_written(page: int, bits: str) -> None:
    card = new_card()
    first = page * 4
    card.memory[first : first + 4] = bytes(
        a | b for a, b in zip(card.memory[first : first + 4], unhex(bits), strict=True)
    )
    before = bytes(card.memory)
    with pytest.raises(ChipUnsuitableError, match="locked"):
        tag_of(card, MODELS[NTAG213]).write_message(MESSAGE)
    assert bytes(card.memory) == before


def test_locks_on_other_pages_do_not_matter() -> None:
    card = with_page(new_card(), 40, "000800")  # pages 38 and 39
    tag = tag_of(card, MODELS[NTAG213])
    assert tag.locked_pages() == {38, 39}
    tag.write_message(MESSAGE)


@pytest.mark.parametrize("access", ["00", "80"])
@pytest.mark.parametrize("first", ["04", "0A", "28"])
def test_a_password_is_told_before_anything_is_written(first: str, access: str) -> None:
    card = with_page(with_page(new_card(), 41, "040000" + first), 42, access)
    before = bytes(card.memory)
    reading = access == "80"
    if first == "28" and not reading:
        assert tag_of(card, MODELS[NTAG213]).first_protected_page() == 0x28
        return
    with pytest.raises((ChipUnsuitableError, ChipRefusedError)) as caught:
        tag_of(card, MODELS[NTAG213]).write_message(MESSAGE)
    assert isinstance(caught.value, ChipUnsuitableError) or reading
    assert bytes(card.memory) == before


def test_a_page_that_is_not_kept_is_noticed() -> None:
    direct = Direct(new_card())

    def forgetful(apdu: bytes) -> bytes:
        return b"\x90\x00" if apdu[:4] == unhex("FFD60008") else direct.transmit(apdu)

    with pytest.raises(ChipError, match="page 8"):
        Type2Tag(forgetful).write_message(MESSAGE)


def test_a_damaged_card_is_told_and_can_be_written_again() -> None:
    card = with_page(new_card(), 4, "03FF8000")
    with pytest.raises(ChipError, match="NDEF"):
        tag_of(card).read_message()
    assert tag_of(written(card, MESSAGE)).read_message() == MESSAGE


def test_bytes_set_aside_in_the_middle_are_left_alone() -> None:
    # Memory control: eight bytes from byte 32 on (place 2 x 16 + 0).
    card = with_page(new_card(), 4, encode_tlv(Tag.MEMORY_CONTROL, unhex("200804")).hex() + "0300FE")
    with_page(card, 8, "AAAAAAAABBBBBBBB")
    written(card, MESSAGE)
    assert card.memory[32:40] == unhex("AAAAAAAABBBBBBBB")
    assert card.memory[21:32] + card.memory[40 : 40 + len(MESSAGE) - 9] == b"\x03" + bytes((len(MESSAGE),)) + MESSAGE
    assert tag_of(card).read_message() == MESSAGE


def one_page_at_a_time(transmit: Transmit) -> Transmit:
    return lambda apdu: b"\x67\x00" if apdu[:2] == b"\xff\xb0" and apdu[4] != 4 else transmit(apdu)


def test_a_reader_that_gives_one_page_at_a_time() -> None:
    direct = Direct(new_card())
    tag = Type2Tag(one_page_at_a_time(direct.transmit))
    tag.write_message(MESSAGE)
    assert tag.read_message() == MESSAGE


def test_a_reader_without_the_commands_is_told() -> None:
    with pytest.raises(ReaderError, match="Read Binary") as caught:
        Type2Tag(Rambling([unhex("6D00")]).transmit).read_message()
    assert "another card reader" in caught.value.todo


def test_a_page_that_is_not_there_is_told() -> None:
    with pytest.raises(ChipRefusedError) as caught:
        tag_of(new_card(PLAIN)).read_pages(16, 1)
    assert caught.value.sw == 0x6A82


def test_types_by_version_and_by_container() -> None:
    assert [model.name for model in MODELS.values() if model] == [NTAG213, NTAG215, NTAG216]
    assert [model.data_bytes for model in MODELS.values() if model] == [144, 504, 888]
    assert model_of_version(unhex("0004030101000B03")) == Type2Model(
        "MIFARE Ultralight EV1 48 bytes", 20, 15, None, 0, 16
    )
    assert (ULTRALIGHT.data_bytes, ULTRALIGHT_C.data_bytes) == (48, 144)
    for version in ("", "00" * 8, "0004040201009903", "0504040201000F03"[:14]):
        assert model_of_version(unhex(version)) is None
    for kind in (NTAG215, NTAG216):
        assert model_of_container(tag_of(new_card(kind)).container()) == MODELS[kind]
    assert model_of_container(tag_of(new_card()).container()) is None
    assert model_of_container(None) is None


@given(st.binary(min_size=132, max_size=132))
def test_whatever_the_memory_holds_it_can_be_read_and_written(data: bytes) -> None:
    card = new_card()
    card.memory[16:148] = data
    with contextlib.suppress(ChipError):
        tag_of(card).read_message()
    try:
        written(card, SHORT)
    except ChipUnsuitableError:
        return  # blocks of others fill the memory
    assert tag_of(card).read_message() == SHORT


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=6))
def test_whatever_a_reader_answers_ends_in_an_error_of_ours(answers: list[bytes]) -> None:
    with pytest.raises((ChipError, ReaderError)):
        Type2Tag(Rambling(answers).transmit).write_message(MESSAGE)


def test_every_kind_of_software_tag_is_known() -> None:
    assert set(KINDS) == {PLAIN, *MODELS}


@pytest.mark.parametrize("page", [4, 9, 15])
def test_a_chip_whose_memory_somebody_uses_is_left_alone(page: int) -> None:
    card = with_page(new_card(PLAIN), page, "00010000")
    with pytest.raises(ChipUnsuitableError, match="made for another use"):
        tag_of(card, ULTRALIGHT).plan_message(SHORT)
