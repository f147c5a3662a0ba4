"""A card, a reader or an attacker that answers wrongly: never believed, never a crash, never the end of the card."""

from __future__ import annotations

import os
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.chip.encoder import ChipContents, inspect
from station.chip.virtual_card.desfire import VirtualDesfire
from station.domain.errors import ChipError, ChipKeyError, ChipMismatchError, ChipUnsuitableError, DeviceError
from tests.helpers.chip import ESCN, UID, Altered, Direct, Rambling, demo_profile, run_encode, unhex

APDUS = 40
# Every third bit still meets every bit of a byte; all of them take their time.
BIT_STEP = 1 if os.environ.get("STATION_SOAK") else 3
ESC_NUMBER = unhex(ESCN.replace("-", ""))


def test_every_bit_of_every_answer() -> None:
    """One bit turned over in any answer: the card is encoded, or it is an error and can be finished afterwards."""
    small = demo_profile("deuinfo-unsigned")
    log = Direct(VirtualDesfire.new(uid=UID))
    run_encode(log, profile=small)
    outcomes = {True: 0, False: 0}
    for index, (_, answer) in enumerate(log.log):
        for bit in range(0, len(answer) * 8, BIT_STEP):
            card = VirtualDesfire.new(uid=UID)
            before = card.memory.copy()

            def turn(i: int, a: bytes, index: int = index, bit: int = bit) -> bytes:
                flipped = bytearray(a)
                if i == index and bit // 8 < len(a):
                    flipped[bit // 8] ^= 1 << bit % 8
                return bytes(flipped)

            try:
                report = run_encode(Altered(card, turn), profile=small)
                assert report.escn_on_chip == ESCN
                outcomes[True] += 1
            except DeviceError as error:
                if not error.written:
                    assert card.memory == before
                outcomes[False] += 1
            assert run_encode(Direct(card), profile=small).verified
    # Date, batch and the like may change unseen; everything that matters may not.
    assert outcomes[False] > outcomes[True] > 0


def test_a_wrong_mac_in_the_session_is_noticed() -> None:
    log = Direct(VirtualDesfire.new(uid=UID))
    run_encode(log)
    # Under a MAC are the UID, two keys set, and then, with the new master key, every answer that is not just "go on".
    under_mac = [i for i in (8, 9, 10, *range(14, len(log.log))) if len(log.log[i][1]) > 2]
    assert len(under_mac) > 15
    for index in under_mac:

        def spoil(i: int, answer: bytes, index: int = index) -> bytes:
            return answer[:-3] + bytes([answer[-3] ^ 0x80]) + answer[-2:] if i == index else answer

        with pytest.raises(ChipError, match="altered") as caught:
            run_encode(Altered(VirtualDesfire.new(uid=UID), spoil))
        assert caught.value.written


@pytest.mark.parametrize("index", range(APDUS))
@pytest.mark.parametrize(
    "answer", ["", "91", "9100", "9000", "91ae", "919d", "91af", "6f00", "ff" * 400], ids=lambda a: a[:8]
)
def test_a_wrong_answer_at_any_moment(index: int, answer: str) -> None:
    card = VirtualDesfire.new(uid=UID)
    before = card.memory.copy()
    try:
        run_encode(Altered(card, lambda i, a: unhex(answer) if i == index else a))
    except DeviceError as error:
        if not error.written:
            assert card.memory == before
    assert run_encode(Direct(card)).verified


OTHER_UID = unhex("04AAAAAAAAAA80")
# The reader's word, then the chip's own: swapped in between, it was the other card from the start.
UID_SETTLED = 1


class Swapped(Direct):
    """Two cards in the field: from one command on the other answers."""

    def __init__(self, card: VirtualDesfire, switch: int) -> None:
        super().__init__(card)
        self._left = switch
        self._other = VirtualDesfire.new(uid=OTHER_UID)

    def transmit(self, apdu: bytes) -> bytes:
        """Send to the one or to the other."""
        self._left -= 1
        return super().transmit(apdu) if self._left >= 0 else self._other.transmit(apdu)


@pytest.mark.parametrize("switch", range(1, APDUS))
def test_the_answers_of_another_card(switch: int) -> None:
    ours = VirtualDesfire.new(uid=UID)
    with suppress(ChipError):
        run_encode(Swapped(ours, switch))
        assert switch < UID_SETTLED
    assert run_encode(Direct(ours)).verified


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=10), st.binary(max_size=33))
def test_inspect_survives_anything(answers: list[bytes], atr: bytes) -> None:
    with suppress(ChipError):
        assert isinstance(inspect(Rambling([*answers, b"\x6f\x00"], atr)), ChipContents)


@given(
    st.lists(
        st.sampled_from(["9100", "91af", "0401010100180591af", "04782e21801d809000", "91a0", "0f019100"]),
        min_size=1,
        max_size=14,
    )
)
def test_inspect_survives_half_a_desfire(answers: list[str]) -> None:
    with suppress(ChipError):
        assert isinstance(inspect(Rambling([unhex(each) for each in answers] + [b"\x91\x1c"])), ChipContents)


@given(st.lists(st.binary(max_size=70), min_size=1, max_size=40))
def test_encode_survives_anything(answers: list[bytes]) -> None:
    begun: list[str] = []
    with pytest.raises((ChipError, ChipKeyError, ChipMismatchError, ChipUnsuitableError)):
        run_encode(Rambling([*answers, b"\x91\x1c"]), begun=begun)
    assert begun == []


def test_a_chip_that_answers_64_kilobytes() -> None:
    with pytest.raises(ChipError):
        run_encode(Altered(VirtualDesfire.new(uid=UID), lambda i, a: bytes(65536) if i >= 4 else a))
    found = inspect(Rambling([bytes(65536)], unhex("3B00")))
    assert found.kind == "unknown chip (ATR 3B00)"
