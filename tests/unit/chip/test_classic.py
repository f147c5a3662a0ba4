"""MIFARE Classic: access bits by the data sheet's tables, sectors read and written, trailers kept from harm."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.chip.classic import (
    FACTORY_KEY,
    SECTORS,
    TRANSPORT_BITS,
    AccessBits,
    Allowed,
    Classic,
    ClassicKey,
    Trailer,
    blocks_of,
    sector_of,
)
from station.chip.storage import KeyLetter
from station.chip.virtual_card.classic import VirtualClassic
from station.domain.errors import (
    CardRemovedError,
    ChipError,
    ChipKeyError,
    ChipRefusedError,
    ChipUnsuitableError,
    ReaderError,
)
from tests.helpers.chip import Direct, Rambling, unhex

FACTORY = ClassicKey(KeyLetter.A, FACTORY_KEY)
KEY_A, KEY_B = unhex("A0A1A2A3A4A5"), unhex("B0B1B2B3B4B5")
A, B = ClassicKey(KeyLetter.A, KEY_A), ClassicKey(KeyLetter.B, KEY_B)
# Data read by both, written by B; the trailer changed by B (78778869 in the data sheet's way of writing).
SAFE = AccessBits((0b100, 0b100, 0b100), 0b011)
BITS = st.builds(AccessBits, st.tuples(*[st.integers(0, 7)] * 3), st.integers(0, 7))


def new_card(kilobytes: int = 1) -> tuple[VirtualClassic, Classic]:
    card = VirtualClassic.new(kilobytes, uid=unhex("04A1B2C3"))
    return card, Classic(Direct(card).transmit, SECTORS[f"{kilobytes}K"])


@pytest.mark.parametrize(
    ("bits", "expected"),
    [
        ("FF0780", TRANSPORT_BITS),
        ("787788", AccessBits((0b100, 0b100, 0b100), 0b011)),
        ("7F0788", AccessBits((0, 0, 0), 0b011)),
        ("08778F", AccessBits((0b110, 0b110, 0b110), 0b011)),
        ("00F0FF", AccessBits((7, 7, 7), 7)),
    ],
)
def test_access_bits_by_known_examples(bits: str, expected: AccessBits) -> None:
    assert AccessBits.parse(unhex(bits)) == expected
    assert bytes(expected) == unhex(bits)


@given(BITS)
def test_access_bits_come_back(bits: AccessBits) -> None:
    assert AccessBits.parse(bytes(bits)) == bits


@given(st.binary(min_size=3, max_size=3))
def test_bits_that_contradict_themselves_are_refused(data: bytes) -> None:
    with contextlib.suppress(ChipError):
        assert bytes(AccessBits.parse(data)) == data


@given(BITS, st.integers(0, 23))
def test_one_flipped_bit_is_always_noticed(bits: AccessBits, flipped: int) -> None:
    changed = (int.from_bytes(bytes(bits), "big") ^ 1 << flipped).to_bytes(3, "big")
    with pytest.raises(ChipError):
        AccessBits.parse(changed)


def test_what_the_bits_allow() -> None:
    assert SAFE.data_rule(0).read is Allowed.BOTH
    assert SAFE.data_rule(1).write is Allowed.B
    assert SAFE.trailer_rule.write_bits is Allowed.B
    assert not SAFE.final
    assert AccessBits((0, 0, 0), 0b100).final
    # A key B that can be read opens nothing.
    assert TRANSPORT_BITS.data_rule(0).write is Allowed.A
    assert AccessBits((0b011, 0, 0), 0b001).data_rule(0).read is Allowed.NEVER
    with pytest.raises(ValueError, match="three a block"):
        AccessBits((8, 0, 0), 0)


def test_sectors_and_blocks() -> None:
    assert blocks_of(0) == range(4)
    assert blocks_of(31) == range(124, 128)
    assert blocks_of(32) == range(128, 144)
    assert blocks_of(39) == range(240, 256)
    assert all(sector_of(block) == sector for sector in range(40) for block in blocks_of(sector))


@pytest.mark.parametrize(("kilobytes", "sector"), [(1, 1), (1, 15), (4, 31), (4, 32), (4, 39)])
def test_a_sector_is_written_and_read(kilobytes: int, sector: int) -> None:
    _, chip = new_card(kilobytes)
    data = bytes(at % 256 for at in range(16 * (len(blocks_of(sector)) - 1)))
    chip.write_sector(sector, data, FACTORY)
    assert chip.read_sector(sector, FACTORY) == data


def test_the_manufacturers_block_is_read_and_never_written() -> None:
    card, chip = new_card()
    chip.write_sector(0, bytes(range(32)), FACTORY)
    assert chip.read_sector(0, FACTORY) == bytes(card.memory[:16]) + bytes(range(32))
    with pytest.raises(ValueError, match="data blocks"):
        chip.write_block(0, bytes(16), FACTORY)


def test_what_is_right_already_is_not_written() -> None:
    card = VirtualClassic.new(1)
    direct = Direct(card)
    Classic(direct.transmit).write_sector(1, bytes(16) + bytes(range(16)) + bytes(16), FACTORY)
    assert [apdu[3] for apdu, _ in direct.log if apdu[1] == 0xD6] == [5]


@pytest.mark.parametrize(("block", "data"), [(3, bytes(16)), (7, bytes(16)), (143, bytes(16)), (4, bytes(15))])
def test_trailers_and_parts_of_blocks_are_not_written(block: int, data: bytes) -> None:
    card, chip = new_card(4)
    before = bytes(card.memory)
    with pytest.raises(ValueError, match="data blocks"):
        chip.write_block(block, data, FACTORY)
    assert bytes(card.memory) == before


def test_keys_and_access_are_changed_and_proved() -> None:
    card, chip = new_card()
    chip.write_trailer(2, Trailer(KEY_A, KEY_B, SAFE), FACTORY)
    assert bytes(card.memory[176:192]) == KEY_A + unhex("78778869") + KEY_B
    chip.write_block(8, bytes(range(16)), B)
    assert chip.read_sector(2, A)[:16] == bytes(range(16))
    assert chip.read_access(2, A) == SAFE
    with pytest.raises(ChipRefusedError) as caught:
        chip.write_block(8, bytes(16), A)
    assert caught.value.sw == 0x6982
    with pytest.raises(ChipKeyError):
        chip.read_sector(2, FACTORY)


def test_a_readable_key_b_is_compared() -> None:
    _, chip = new_card()
    chip.write_trailer(1, Trailer(KEY_A, KEY_B, TRANSPORT_BITS), FACTORY)
    assert chip.read_block(7, A) == bytes(6) + unhex("FF078069") + KEY_B


def test_access_that_is_final_is_written_on_purpose_only() -> None:
    card, chip = new_card()
    final = Trailer(KEY_A, KEY_B, AccessBits((0, 0, 0), 0b100))
    before = bytes(card.memory)
    with pytest.raises(ChipUnsuitableError, match="ever change"):
        chip.write_trailer(1, final, FACTORY)
    assert bytes(card.memory) == before
    chip.write_trailer(1, final, FACTORY, final=True)
    assert chip.read_access(1, A).final


@pytest.mark.parametrize("key", [A, B])
def test_a_trailer_that_the_key_may_not_change_whole_is_left_alone(key: ClassicKey) -> None:
    card, chip = new_card()
    # By 101 only the bits can be changed, with B; a chip would drop the new keys in silence.
    card.memory[48:64] = bytes(Trailer(KEY_A, KEY_B, AccessBits((0, 0, 0), 0b101)))
    before = bytes(card.memory)
    with pytest.raises(ChipUnsuitableError, match="access bits don't let"):
        chip.write_trailer(0, Trailer(FACTORY_KEY, FACTORY_KEY, TRANSPORT_BITS), key)
    assert bytes(card.memory) == before


def test_a_damaged_sector_is_told() -> None:
    card, chip = new_card()
    direct = Direct(card)

    def damaged(apdu: bytes) -> bytes:
        return bytes(16) + b"\x90\x00" if apdu[:2] == b"\xff\xb0" else direct.transmit(apdu)

    with pytest.raises(ChipError, match="damaged"):
        Classic(damaged).read_access(1, FACTORY)
    assert chip.read_access(1, FACTORY) == TRANSPORT_BITS


def test_a_wrong_key_is_told() -> None:
    _, chip = new_card()
    with pytest.raises(ChipKeyError, match="key B for block 4"):
        chip.read_sector(1, B)


def test_a_reader_without_the_commands_is_told() -> None:
    with pytest.raises(ReaderError, match="Load Keys"):
        Classic(Rambling([unhex("6D00")]).transmit).read_sector(0, FACTORY)


def test_a_block_that_is_not_kept_is_noticed() -> None:
    direct = Direct(VirtualClassic.new(1))

    def forgetful(apdu: bytes) -> bytes:
        return b"\x90\x00" if apdu[1] == 0xD6 else direct.transmit(apdu)

    chip = Classic(forgetful)
    with pytest.raises(ChipError, match="block 4"):
        chip.write_block(4, bytes(range(16)), FACTORY)
    with pytest.raises(ChipKeyError):
        chip.write_trailer(1, Trailer(KEY_A, KEY_B, SAFE), FACTORY)


def test_the_reader_forgets_the_key_and_is_given_it_once() -> None:
    card = VirtualClassic.new(1)
    card.memory[112:128] = bytes(Trailer(KEY_A, KEY_B, SAFE))
    direct = Direct(card)
    with Classic(direct.transmit) as chip:
        chip.read_sector(1, A)
        chip.read_block(4, A)
    loaded = [apdu[5:] for apdu, _ in direct.log if apdu[1] == 0x82]
    assert loaded == [KEY_A, FACTORY_KEY]


def test_a_card_that_is_gone_stays_gone_at_the_end() -> None:
    card = VirtualClassic.new(1)
    direct = Direct(card)
    card.memory[112:128] = bytes(Trailer(KEY_A, KEY_B, SAFE))
    card.tear_after(3)
    with pytest.raises(CardRemovedError), Classic(direct.transmit) as chip:
        chip.read_sector(1, A)


def test_there_are_no_more_sectors_than_there_are() -> None:
    _, chip = new_card()
    with pytest.raises(ValueError, match="sectors 0 to 15"):
        chip.read_sector(16, FACTORY)


def test_keys_are_never_shown() -> None:
    shown = f"{A!r} {Trailer(KEY_A, KEY_B, SAFE)!r} {A}"
    assert "A0A1" not in shown.upper()
    assert "160" not in shown
    for wrong in (lambda: ClassicKey(KeyLetter.A, bytes(5)), lambda: Trailer(bytes(5), KEY_B, SAFE)):
        with pytest.raises(ValueError, match="6 bytes"):
            wrong()


@given(st.lists(st.binary(max_size=20), min_size=1, max_size=8))
def test_whatever_a_reader_answers_ends_in_data_or_an_error_of_ours(answers: list[bytes]) -> None:
    with contextlib.suppress(ChipError, ReaderError), Classic(Rambling(answers).transmit) as chip:
        assert len(chip.read_sector(1, FACTORY)) == 48
