"""SELECT and READ BINARY on every card that knows them, and the data zone read by them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.chip.apdu import Transmit
from station.chip.iso7816 import (
    CERTIFICATE_FID,
    ESC_NAME,
    DeuInfo,
    read_binary,
    read_der,
    read_deuinfo,
    select_file,
    select_name,
)
from station.chip.virtual_card.iso_card import VirtualIsoCard
from station.domain.errors import CardRemovedError, ChipError, ChipRefusedError
from station.domain.escn import escn_to_bytes
from tests.helpers.chip import ESCN, Direct, Rambling, unhex

NUMBER = escn_to_bytes(ESCN)
SIGNATURE = unhex("3045") + bytes(69)
CERTIFICATE = unhex("30820264") + bytes(range(256)) * 2 + bytes(100)


def card(files: dict[int, bytes]) -> Direct:
    return Direct(VirtualIsoCard({ESC_NAME: files}, uid=unhex("04A1B2C3D4E5F6")))


def whole() -> Direct:
    return card({0x1001: NUMBER, 0x1002: SIGNATURE, 0x1003: CERTIFICATE})


def test_the_data_zone_is_read_whole() -> None:
    direct = whole()
    assert read_deuinfo(direct.transmit) == DeuInfo(NUMBER, SIGNATURE, CERTIFICATE)
    assert len(CERTIFICATE) == 616
    assert direct.log[0][0] == unhex("00A4040009A00000061404F5884000")


def test_files_that_are_missing_or_closed() -> None:
    assert read_deuinfo(card({}).transmit) is None
    assert read_deuinfo(Direct(VirtualIsoCard({})).transmit) is None
    assert read_deuinfo(card({0x1001: NUMBER}).transmit) == DeuInfo(NUMBER, None, None)
    direct = whole()

    def closed(apdu: bytes) -> bytes:
        answer = direct.transmit(apdu)
        return b"\x69\x82" if apdu[:2] == b"\x00\xb0" and len(answer) < 18 else answer

    assert read_deuinfo(closed) == DeuInfo(NUMBER, None, None)


def in_frames_of(size: int, transmit: Transmit) -> Transmit:
    """Give at most ``size`` bytes an answer, as DESFires in small frames do."""

    def cut(apdu: bytes) -> bytes:
        answer = transmit(apdu)
        return answer[: min(size, len(answer) - 2)] + answer[-2:]

    return cut


def chained(size: int, transmit: Transmit) -> Transmit:
    """Hold back what is longer than ``size``, and hand it out when asked to (61xx, GET RESPONSE)."""
    rest = bytearray()

    def pieces(apdu: bytes) -> bytes:
        if apdu[:2] != b"\x00\xc0":
            rest[:] = transmit(apdu)[:-2]
        piece = bytes(rest[:size])
        del rest[:size]
        return piece + (b"\x90\x00" if not rest else bytes((0x61, min(len(rest), 0xFF))))

    return pieces


def exact(transmit: Transmit) -> Transmit:
    """Want the exact length in each READ BINARY (6Cxx)."""

    def strict(apdu: bytes) -> bytes:
        answer = transmit(apdu)
        there = len(answer) - 2
        wrong = apdu[:2] == b"\x00\xb0" and 0 < there < 256 and apdu[4] not in (there, 256)
        return bytes((0x6C, there)) if wrong else answer

    return strict


@pytest.mark.parametrize("size", [1, 59, 200, 255])
def test_however_the_card_cuts_its_answers_the_file_is_whole(size: int) -> None:
    for way in (in_frames_of, chained):
        direct = whole()
        select_name(direct.transmit, ESC_NAME)
        assert select_file(direct.transmit, CERTIFICATE_FID)
        assert read_binary(way(size, direct.transmit)) == CERTIFICATE
        assert read_der(way(size, direct.transmit)) == CERTIFICATE
        assert read_binary(way(size, direct.transmit), 300, offset=100) == CERTIFICATE[100:400]


def test_a_card_that_wants_the_exact_length() -> None:
    direct = whole()
    select_name(direct.transmit, ESC_NAME)
    select_file(direct.transmit, CERTIFICATE_FID)
    assert read_binary(exact(direct.transmit)) == CERTIFICATE


@pytest.mark.parametrize("length", [0, 1, 255, 256, 257, 512, 1000])
def test_files_of_every_length(length: int) -> None:
    content = bytes(at % 251 for at in range(length))
    direct = card({1: content})
    select_name(direct.transmit, ESC_NAME)
    select_file(direct.transmit, 1)
    if length:
        assert read_binary(direct.transmit) == content
    with pytest.raises(ChipError):
        read_binary(direct.transmit, length + 1)


def test_a_structure_ends_where_it_says() -> None:
    for content in (unhex("3003010203"), unhex("30818001") + bytes(127), CERTIFICATE):
        direct = card({1: content + b"\x00" * 40})
        select_name(direct.transmit, ESC_NAME)
        select_file(direct.transmit, 1)
        assert read_der(direct.transmit) == content


@pytest.mark.parametrize("content", ["00000000", "30800000", "308300000100", "30820264FF", "3003"])
def test_what_is_no_structure_or_not_whole_is_told(content: str) -> None:
    direct = card({1: unhex(content)})
    select_name(direct.transmit, ESC_NAME)
    select_file(direct.transmit, 1)
    with pytest.raises(ChipError):
        read_der(direct.transmit)


def test_a_card_that_selects_files_with_a_description_only() -> None:
    answers = [unhex("6A86"), unhex("6F009000")]
    assert select_file(Rambling(answers).transmit, 1)


def test_another_refusal_is_an_error_with_its_status() -> None:
    with pytest.raises(ChipRefusedError) as caught:
        select_name(Rambling([unhex("6982")]).transmit, ESC_NAME)
    assert caught.value.sw == 0x6982
    with pytest.raises(ChipRefusedError):
        select_file(Rambling([unhex("6E00")]).transmit, 1)


def test_a_file_without_an_end_is_given_up() -> None:
    with pytest.raises(ChipError, match="no end"):
        read_binary(Rambling([bytes(256) + unhex("9000")]).transmit)


def test_a_card_that_is_gone_is_not_a_closed_file() -> None:
    direct = whole()
    direct.card.tear_after(7)
    with pytest.raises(CardRemovedError):
        read_deuinfo(direct.transmit)


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=8))
def test_whatever_a_card_answers_ends_in_data_or_an_error_of_ours(answers: list[bytes]) -> None:
    try:
        found = read_deuinfo(Rambling(answers).transmit)
    except ChipError:
        return
    assert found is None or len(found.escn) == 16
