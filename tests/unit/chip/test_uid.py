"""UIDs as other systems write them: worked examples, parity, and what does not fit."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.chip.uid import UidFormat, Wiegand, format_uid, is_random, uid_formats, wiegand
from station.domain.errors import InputError
from tests.helpers.chip import unhex

FOUR, SEVEN = unhex("04A1B2C3"), unhex("04782E21801D80")


@pytest.mark.parametrize(
    ("form", "four", "seven"),
    [
        ("hex", "04A1B2C3", "04782E21801D80"),
        ("hex-reversed", "C3B2A104", "801D80212E7804"),
        ("decimal", "0077705923", "01258039432715648"),
        ("decimal-reversed", "3283263748", "36061233168676868"),
    ],
)
def test_numbers(form: str, four: str, seven: str) -> None:
    assert format_uid(FOUR, UidFormat(form)) == four
    assert format_uid(SEVEN, UidFormat(form)) == seven


@pytest.mark.parametrize(
    ("form", "text"),
    [
        # 04A1 and B2C3; C3B2 and A104; then the lowest three bytes: A1 and B2C3; B2 and A104.
        ("wiegand-34", "01185,45763"),
        ("wiegand-34-reversed", "50098,41220"),
        ("wiegand-26-cut", "161,45763"),
        ("wiegand-26-reversed-cut", "178,41220"),
    ],
)
def test_wiegand_as_it_is_printed(form: str, text: str) -> None:
    assert format_uid(FOUR, UidFormat(form)) == text
    assert wiegand(FOUR, UidFormat(form)).value == int.from_bytes(
        (FOUR[::-1] if "reversed" in form else FOUR)[-3 if "26" in form else -4 :], "big"
    )


@pytest.mark.parametrize(
    ("bits", "value", "frame"),
    [
        (26, 0, "0" * 25 + "1"),
        (26, 0xFFFFFF, "0" + "1" * 24 + "1"),
        (26, 0x2F2181, "0" + "001011110010" + "000110000001" + "0"),
        (34, 1 << 31, "1" + "1" + "0" * 31 + "1"),
        (34, 1, "0" + "0" * 31 + "1" + "0"),
    ],
)
def test_parity(bits: int, value: int, frame: str) -> None:
    assert Wiegand.of(value, bits).frame == frame


@given(st.sampled_from((26, 34)), st.data())
def test_every_frame_has_even_and_odd_halves(bits: int, data: st.DataObject) -> None:
    value = data.draw(st.integers(0, (1 << (bits - 2)) - 1))
    sent = Wiegand.of(value, bits)
    assert len(sent.frame) == bits
    assert sent.frame[: bits // 2].count("1") % 2 == 0
    assert sent.frame[bits // 2 :].count("1") % 2 == 1
    assert int(sent.frame[1:-1], 2) == value == sent.value
    facility, number = str(sent).split(",")
    assert (int(facility) << 16) + int(number) == value


@pytest.mark.parametrize(("bits", "value"), [(26, 1 << 24), (34, 1 << 32), (26, -1), (37, 1), (0, 0)])
def test_what_no_frame_carries(bits: int, value: int) -> None:
    with pytest.raises(ValueError, match="Wiegand"):
        Wiegand.of(value, bits)


@pytest.mark.parametrize(
    ("uid", "form", "message"),
    [
        (FOUR, "wiegand-26", "has 32 bits, and the format wiegand-26 carries 24"),
        (SEVEN, "wiegand-34", "has 56 bits, and the format wiegand-34 carries 32"),
        (SEVEN, "wiegand-34-reversed", "04782E21801D80"),
        (b"", "hex", "no UID"),
        (b"", "wiegand-26-cut", "no UID"),
    ],
)
def test_what_a_format_cannot_carry_is_told(uid: bytes, form: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        format_uid(uid, UidFormat(form))


def test_the_way_out_is_named() -> None:
    with pytest.raises(InputError, match="-cut"):
        format_uid(SEVEN, UidFormat.WIEGAND_34)
    assert format_uid(SEVEN, UidFormat.WIEGAND_34_CUT) == "08576,07552"


def test_all_ways_that_carry_the_whole() -> None:
    assert list(uid_formats(FOUR)) == [
        *("hex", "hex-reversed", "decimal", "decimal-reversed", "wiegand-34", "wiegand-34-reversed")
    ]
    assert list(uid_formats(SEVEN)) == ["hex", "hex-reversed", "decimal", "decimal-reversed"]
    assert uid_formats(b"") == {}


@given(st.sampled_from((4, 7, 8, 10)).flatmap(lambda n: st.tuples(st.binary(min_size=n, max_size=n), st.just(n))))
def test_numbers_of_one_length_have_one_length_and_come_back(drawn: tuple[bytes, int]) -> None:
    uid, length = drawn
    every = uid_formats(uid)
    assert bytes.fromhex(every[UidFormat.HEX]) == uid == bytes.fromhex(every[UidFormat.HEX_REVERSED])[::-1]
    assert int(every[UidFormat.DECIMAL]).to_bytes(length, "big") == uid
    assert int(every[UidFormat.DECIMAL_REVERSED]).to_bytes(length, "little") == uid
    assert len(every[UidFormat.DECIMAL]) == len(str(256**length - 1))


@given(st.binary(max_size=12), st.sampled_from(UidFormat))
def test_any_bytes_have_a_text_or_an_error_of_ours(uid: bytes, form: UidFormat) -> None:
    with contextlib.suppress(InputError):
        assert format_uid(uid, form).strip()


@pytest.mark.parametrize(("uid", "random"), [("08A1B2C3", True), ("04A1B2C3", False), ("08A1B2C3D4E5F6", False)])
def test_a_drawn_uid_is_recognised(uid: str, random: bool) -> None:
    assert is_random(unhex(uid)) is random
    assert not is_random(b"")
