"""Counting and logging, ISO chaining, native framing: each around a transmit of its own."""

from __future__ import annotations

import logging
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.chip.processors import (
    FRAME_DATA,
    LONG_FRAME_DATA,
    LONGEST_CHAIN,
    IsoChaining,
    NativeFraming,
    TrafficCounter,
)
from station.chip.virtual_card.kinds import blank_card
from station.domain.errors import ChipError
from tests.helpers.chip import UID, Rambling, Replay, run_encode, unhex
from tests.helpers.chip import Direct as Card

LOG = "station.chip.processors"


def test_traffic_is_counted_both_ways() -> None:
    counter = TrafficCounter(Replay([("9060000000", "010291af"), ("90af000000", "9100")]).transmit)
    counter(unhex("9060000000"))
    counter(unhex("90af000000"))
    assert (counter.apdus, counter.bytes_out, counter.bytes_in) == (2, 10, 6)


def test_what_selects_and_describes_is_logged_in_clear(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, LOG)
    TrafficCounter(Replay([("905a0000034088f500", "9100")]).transmit)(unhex("905a0000034088f500"))
    assert caplog.messages == ["-> 90 5A 00 00 03 40 88 F5 00", "<- 91 00"]


def test_what_may_carry_keys_or_persons_is_logged_as_a_length(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, LOG)
    secret = "AABBCCDDEEFF"
    counter = TrafficCounter(Replay([(f"90c4000006{secret}00", f"{secret}9100")] * 2).transmit)
    counter(unhex(f"90c4000006{secret}00"))
    assert caplog.messages == ["-> 90 C4 00 00 06 … (7 bytes)", "<- (6 bytes) 91 00"]


def test_a_stump_of_a_command_is_logged_as_it_is(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, LOG)
    TrafficCounter(Replay([("90", "6700")]).transmit)(b"\x90")
    assert caplog.messages == ["-> 90", "<- 67 00"]


def test_a_further_frame_is_as_secret_as_its_command(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, LOG)
    talk = [("9060000000", "0491af"), ("90af000000", "0591af"), ("90bd00000100", "0691af"), ("90af000000", "079100")]
    counter = TrafficCounter(Replay(talk).transmit)
    for sent, _ in talk:
        counter(unhex(sent))
    assert [m for m in caplog.messages if m.startswith("<-")] == [
        "<- 04 91 AF",
        "<- 05 91 AF",
        "<- (1 bytes) 91 AF",
        "<- (1 bytes) 91 00",
    ]


def test_no_key_and_no_number_is_in_the_log_of_a_whole_encoding(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    card = blank_card(UID)
    connection = Card(card)
    run_encode(connection)
    text = caplog.text.replace(" ", "").lower()
    keys = [key.value.hex() for app in card.memory.applications.values() for key in app.keys]
    assert len(keys) == 3
    assert connection.log
    number = bytes(card.memory.applications[unhex("4088f5")].files[0].content).hex()
    assert [each for each in [*keys, number] if each in text] == []
    assert "4088f5" in text  # the log does say what was selected


def test_61xx_and_6cxx_are_followed() -> None:
    replay = Replay(
        [("00b0000000", "6c04"), ("00b0000004", "01026102"), ("00c0000002", "03049000")],
    )
    assert IsoChaining(replay.transmit)(unhex("00b0000000")) == unhex("010203049000")
    assert replay.done == 3


def test_an_iso_chain_without_end_or_data_is_broken_off() -> None:
    with pytest.raises(ChipError):
        IsoChaining(Rambling([b"\x61\x10"]).transmit)(unhex("00b0000000"))
    rambling = Rambling([bytes(200) + b"\x61\x10"])
    with pytest.raises(ChipError):
        IsoChaining(rambling.transmit)(unhex("00b0000000"))
    assert rambling.asked <= LONGEST_CHAIN // 200 + 2


def test_a_command_is_cut_into_frames_and_the_answer_put_together() -> None:
    data = bytes(range(60))
    replay = Replay(
        [
            (f"903d0000{FRAME_DATA:02x}{data[:FRAME_DATA].hex()}00", "91af"),
            (f"90af000006{data[FRAME_DATA:].hex()}00", "0191af"),
            ("90af000000", "0291af"),
            ("90af000000", "039100"),
        ]
    )
    answer = NativeFraming(replay.transmit).exchange(0x3D, data)
    assert (answer.status, answer.data, answer.sw) == (0, b"\x01\x02\x03", 0x9100)


def test_an_error_in_the_middle_ends_the_command() -> None:
    replay = Replay([(f"903d000036{bytes(54).hex()}00", "91be")])
    assert NativeFraming(replay.transmit).exchange(0x3D, bytes(100)).status == 0xBE


def test_a_card_that_says_done_too_early_is_not_believed() -> None:
    replay = Replay([(f"903d000036{bytes(54).hex()}00", "9100")])
    with pytest.raises(ChipError, match="a part"):
        NativeFraming(replay.transmit).exchange(0x3D, bytes(100))


@pytest.mark.parametrize("answer", ["9000", "6d00", "6e00", "6f00"])
def test_a_chip_of_another_kind_is_told_apart(answer: str) -> None:
    with pytest.raises(ChipError) as caught:
        NativeFraming(Rambling([unhex(answer)]).transmit).exchange(0x60)
    assert caught.value.params["sw"] == answer.upper()


def test_a_native_chain_without_end_or_data_is_broken_off() -> None:
    with pytest.raises(ChipError):
        NativeFraming(Rambling([b"\x91\xaf"]).transmit).exchange(0x60)
    rambling = Rambling([bytes(59) + b"\x91\xaf"])
    with pytest.raises(ChipError):
        NativeFraming(rambling.transmit).exchange(0x60)
    assert rambling.asked <= LONGEST_CHAIN // 59 + 2


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=6))
def test_any_answers_end_in_data_or_in_one_error(answers: list[bytes]) -> None:
    for processor in (
        lambda t: IsoChaining(t)(unhex("00b0000000")),
        lambda t: NativeFraming(t).exchange(0xBD, bytes(70)).data,
    ):
        rambling = Rambling([*answers, b"\x6f\x00"])
        with suppress(ChipError):
            assert isinstance(processor(rambling.transmit), bytes)


def test_what_the_reader_cuts_goes_out_whole() -> None:
    data = bytes(200)
    replay = Replay([(f"908d0000c8{data.hex()}00", "9100")])
    assert NativeFraming(replay.transmit).exchange(0x8D, data, whole=True).status == 0


def test_long_frames_are_as_long_as_said() -> None:
    data = bytes(300)
    framing = NativeFraming(
        Replay([(f"903d0000f7{bytes(247).hex()}00", "91af"), (f"90af000035{bytes(53).hex()}00", "9100")]).transmit
    )
    framing.frame_data = LONG_FRAME_DATA
    assert framing.exchange(0x3D, data).status == 0


def test_where_each_frame_ended_is_kept() -> None:
    replay = Replay([("906d000000", "010291af"), ("90af000000", "039100")])
    answer = NativeFraming(replay.transmit).exchange(0x6D)
    assert (answer.data, answer.ends) == (b"\x01\x02\x03", (2, 3))
