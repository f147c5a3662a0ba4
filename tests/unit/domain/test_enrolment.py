"""Tests for ``station.domain.enrolment``: codes that are typed without mistakes."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.domain.enrolment import (
    CODE_BYTES,
    EVERYTHING,
    QR_BEGINS,
    RIGHTS_IN_WORDS,
    USUAL,
    Right,
    code_digest,
    make_code,
    read_code,
    stretched,
    token_digest,
)
from station.domain.station_errors import EnrolmentError

CODES = st.binary(min_size=CODE_BYTES, max_size=CODE_BYTES).map(make_code)
SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@given(CODES)
def test_a_code_is_read_as_it_was_made_however_it_is_written(code: str) -> None:
    assert len(code) == 14
    assert set(code) <= set(SIGNS) | {"-"}
    for written in (code, code.lower(), code.replace("-", ""), code.replace("-", " "), f"  {code}\n", QR_BEGINS + code):
        assert read_code(written) == code


def test_signs_that_look_alike_are_read_as_the_one_that_there_is() -> None:
    code = next(c for c in (make_code(bytes([n]) * 7) for n in range(256)) if "0" in c and "1" in c)
    assert read_code(code.replace("0", "O").replace("1", "l")) == code
    assert read_code(code.replace("1", "i")) == code


@given(CODES, st.integers(0, 11), st.sampled_from(SIGNS))
def test_any_one_wrong_sign_is_noticed(code: str, place: int, sign: str) -> None:
    plain = code.replace("-", "")
    if plain[place] == sign:
        return
    with pytest.raises(EnrolmentError, match="not an enrolment code"):
        read_code(plain[:place] + sign + plain[place + 1 :])


@given(CODES)
def test_any_two_signs_that_changed_places_are_noticed(code: str) -> None:
    plain = code.replace("-", "")
    for one, other in itertools.combinations(range(12), 2):
        swapped = list(plain)
        swapped[one], swapped[other] = swapped[other], swapped[one]
        if swapped != list(plain):
            with pytest.raises(EnrolmentError):
                read_code("".join(swapped))


@pytest.mark.parametrize("text", ["", "-", "ABCD-EFGH", "ABCD-EFGH-JKMN-P", "ĀBCD-EFGH-JKMN", "ABCD-EFGH-JK!N"])
def test_what_is_no_code_is_refused(text: str) -> None:
    with pytest.raises(EnrolmentError, match="three groups of four signs"):
        read_code(text)


def test_codes_differ_with_every_bit_of_chance() -> None:
    made = {make_code((1 << bit).to_bytes(CODE_BYTES, "big")) for bit in range(50)}
    assert len(made) == 50


def test_a_code_is_kept_as_something_that_does_not_tell_it() -> None:
    code = make_code(b"1234567")
    assert code_digest(code.lower()) == code_digest(code)
    assert len(code_digest(code)) == 64
    assert code_digest(code) != code_digest(make_code(b"1234568"))
    assert stretched(code, b"salt") != stretched(code, b"pepper")
    assert token_digest(b"one") != token_digest(b"two")


def test_every_right_is_told_in_words() -> None:
    assert set(RIGHTS_IN_WORDS) == set(Right) == EVERYTHING
    assert USUAL < EVERYTHING
