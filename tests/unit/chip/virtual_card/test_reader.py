"""Commands taken apart, and the ATRs that readers make up (ISO 7816-4, 5.1; PC/SC part 3)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.chip.virtual_card.reader import Apdu, ats_history, get_data, iso_atr, storage_atr
from tests.helpers.chip import unhex


@pytest.mark.parametrize(
    ("raw", "data", "longest"),
    [
        ("00a40000", "", 0),
        ("00b0000000", "", 256),
        ("00b0000010", "", 16),
        ("00a4000c023f00", "3f00", 256),
        ("00a4000002100100", "1001", 256),
        ("00a4000002100108", "1001", 8),
        ("00b00000000268", "", 616),
        ("00b00000000000", "", 65536),
        ("00d600000000021122", "1122", 65536),
        ("00d6000000000211220100", "1122", 256),
    ],
)
def test_every_case_of_a_command(raw: str, data: str, longest: int) -> None:
    parsed = Apdu.parse(unhex(raw))
    assert parsed is not None
    assert (parsed.data.hex(), parsed.longest) == (data, longest)


@pytest.mark.parametrize(
    "raw", ["", "00a400", "00a400000401ff", "00a4000002100100ff", "00d60000000003112233445566", "00d6000000ff"]
)
def test_lengths_that_do_not_fit(raw: str) -> None:
    assert Apdu.parse(unhex(raw)) is None


@given(head=st.binary(min_size=4, max_size=4), data=st.binary(min_size=1, max_size=600))
def test_data_comes_out_as_it_went_in(head: bytes, data: bytes) -> None:
    short = len(data) < 256
    length = bytes((len(data),)) if short else b"\x00" + len(data).to_bytes(2, "big")
    parsed = Apdu.parse(head + length + data + (b"\x00" if short else b"\x00\x00"))
    assert parsed == Apdu(head[0], head[1], head[2], head[3], data, 256 if short else 65536)


def test_atrs() -> None:
    # PC/SC part 3, appendix A: the example of a MIFARE Classic 1K.
    assert storage_atr(0x0001) == unhex("3B8F8001804F0CA000000306030001000000006A")
    assert iso_atr(b"\x80") == unhex("3B8180018080")
    assert ats_history(unhex("067577810280")) == b"\x80"
    assert ats_history(unhex("0278")) == b""
    assert ats_history(b"") == b""


@pytest.mark.parametrize(
    ("apdu", "answer"),
    [
        ("ffca000000", "01020304"),
        ("ffca000004", "01020304"),
        ("ffca000007", "01020304"),
        ("ffca010000", ""),
        ("ffca0001", ""),
    ],
)
def test_the_uid_from_the_reader(apdu: str, answer: str) -> None:
    data, sw = get_data(unhex(apdu), unhex("01020304"))
    assert data.hex() == answer
    assert sw == (0x6282 if apdu.endswith("07") else 0x9000 if answer else 0x6A81)
