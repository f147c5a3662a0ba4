"""The reader's own commands: what is sent, and what each refusal means."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.chip.storage import KeyLetter, authenticate, load_key, read_binary, refusal, update_binary
from station.domain.errors import ChipKeyError, ChipRefusedError, ReaderError
from tests.helpers.chip import Rambling, Replay, unhex


def test_the_commands_byte_for_byte() -> None:
    # PC/SC part 3, 3.2.2.1.4 to 3.2.2.1.9.
    replay = Replay(
        [
            ("FF82000006A0A1A2A3A4A5", "9000"),
            ("FF860000050100046000", "9000"),
            ("FFB0000410", "00" * 16 + "9000"),
            ("FFD60004100102030405060708090A0B0C0D0E0F10", "9000"),
        ]
    )
    load_key(replay.transmit, unhex("A0A1A2A3A4A5"))
    authenticate(replay.transmit, 4, KeyLetter.A)
    assert read_binary(replay.transmit, 4, 16) == bytes(16)
    update_binary(replay.transmit, 4, bytes(range(1, 17)))
    assert replay.done == 4


def test_a_reader_with_lasting_memory_only() -> None:
    replay = Replay([("FF82000006FFFFFFFFFFFF", "6986"), ("FF82200006FFFFFFFFFFFF", "9000")])
    load_key(replay.transmit, b"\xff" * 6)
    assert replay.done == 2


def test_an_older_reader_authenticates_by_the_older_command() -> None:
    replay = Replay([("FF860000050100076100", "6A81"), ("FF8800076100", "9000")])
    authenticate(replay.transmit, 7, KeyLetter.B)
    assert replay.done == 2


@pytest.mark.parametrize("sw", ["6300", "6982", "6983"])
def test_a_wrong_key_is_told_as_such(sw: str) -> None:
    with pytest.raises(ChipKeyError, match="key B for block 7"):
        authenticate(Rambling([unhex(sw)]).transmit, 7, KeyLetter.B)


@pytest.mark.parametrize("sw", ["6D00", "6E00", "6A81"])
def test_a_reader_without_a_command_is_told_as_such(sw: str) -> None:
    for act in (
        lambda t: load_key(t, bytes(6)),
        lambda t: authenticate(t, 0, KeyLetter.A),
        lambda t: read_binary(t, 0, 16),
        lambda t: update_binary(t, 0, bytes(4)),
    ):
        with pytest.raises(ReaderError, match="has no command") as caught:
            act(Rambling([unhex(sw)]).transmit)
        assert not isinstance(caught.value, ChipKeyError)


@pytest.mark.parametrize(("sw", "words"), [(0x6A82, "no such address"), (0x6581, "memory failure"), (0x6B00, "6B00")])
def test_other_refusals_have_a_name_and_the_status(sw: int, words: str) -> None:
    error = refusal(0xB0, sw)
    assert isinstance(error, ChipRefusedError)
    assert error.sw == sw
    assert words in str(error)


def test_an_answer_that_is_too_short_is_none() -> None:
    with pytest.raises(ChipRefusedError):
        read_binary(Rambling([bytes(15) + unhex("9000")]).transmit, 4, 16)


@given(st.integers(0, 0xFFFF).filter(lambda sw: sw not in (0x9000, 0x9100)))
def test_no_error_shows_the_key(sw: int) -> None:
    key = unhex("5EC4E75EC4E7")
    with pytest.raises((ReaderError, ChipRefusedError)) as caught:
        load_key(Rambling([sw.to_bytes(2, "big")]).transmit, key)
    error = caught.value
    assert "5EC4" not in f"{error} {error.params} {error!r}".upper()
