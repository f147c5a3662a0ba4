"""A card's own commands through the reader: both ways byte for byte, silence, and readers that have neither."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.chip.passthrough import pass_through
from station.chip.virtual_card.type2 import NTAG216, ULTRALIGHT, VirtualType2
from station.domain.errors import CardRemovedError
from tests.helpers.chip import Direct, Rambling, Replay, unhex

VERSION = unhex("0004040201001303")
BEGIN, END = ("FFC2000002810000", "C0030090009000"), ("FFC2000002820000", "C0030090009000")


def test_the_transparent_exchange_byte_for_byte() -> None:
    # PC/SC part 3, 3.2.2.2: the command in object 95, the answer in object 97 behind status and bits.
    answer = "C003009000" + "920100" + "96020000" + "9708" + VERSION.hex()
    replay = Replay([BEGIN, ("FFC200010395016000", answer + "9000"), END])
    assert pass_through(replay.transmit, b"\x60") == VERSION
    assert replay.done == 3


def test_the_way_of_a_pn532_byte_for_byte() -> None:
    replay = Replay([("FFC2000002810000", "6A81"), ("FF00000003D44260", "D54300" + VERSION.hex() + "9000")])
    assert pass_through(replay.transmit, b"\x60") == VERSION
    assert replay.done == 2


def test_a_reader_with_a_session_but_without_the_exchange() -> None:
    exchange = [BEGIN, ("FFC200010395016000", "6A81"), END, ("FF00000003D44260", "D543019000")]
    assert pass_through(Replay(exchange).transmit, b"\x60") == b""


@pytest.mark.parametrize("way", ["ffc2", "ff00"])
def test_a_software_tag_by_either_way(way: str) -> None:
    for kind, expected in ((NTAG216, VERSION), (ULTRALIGHT, b"")):
        direct = Direct(VirtualType2.new(kind))

        def one_way(apdu: bytes, direct: Direct = direct) -> bytes:
            return direct.transmit(apdu) if apdu[:2].hex() == way else b"\x6d\x00"

        assert pass_through(one_way, b"\x60") == expected


@pytest.mark.parametrize("answer", ["6D00", "6A81", "9000", "D5439000", "", "00"])
def test_a_reader_without_a_way(answer: str) -> None:
    assert pass_through(Rambling([unhex("6D00"), unhex(answer)]).transmit, b"\x60") is None


def test_a_card_that_is_gone_is_not_silent() -> None:
    card = VirtualType2.new(NTAG216)
    direct = Direct(card)
    card.tear_after(1)
    with pytest.raises(CardRemovedError):
        pass_through(direct.transmit, b"\x60")


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=6))
def test_whatever_a_reader_answers_is_an_answer_or_none(answers: list[bytes]) -> None:
    found = pass_through(Rambling(answers).transmit, b"\x60")
    assert found is None or len(found) <= 38
