"""The readers' contract on one real reader with one real card. Nothing is written on the card.

STATION_HARDWARE_READER is the reader's whole PC/SC name, STATION_HARDWARE_CARD the UID of the card.
"""

from __future__ import annotations

import threading

import pytest

from station.adapters.reader.pcsc import PcscReaders
from station.chip.encoder import inspect
from station.ports.chip import Readers
from tests.contract.test_readers import (
    FIRST,
    test_a_card_is_found_by_any_part_of_its_reader_s_name,
    test_an_error_of_the_user_lets_the_card_go,
    test_an_open_card_answers,
    test_one_connection_a_card,
)
from tests.helpers.hardware import PinnedReaders, pinned

__all__ = [
    "test_a_card_is_found_by_any_part_of_its_reader_s_name",
    "test_an_error_of_the_user_lets_the_card_go",
    "test_an_open_card_answers",
    "test_one_connection_a_card",
]

pytestmark = pytest.mark.hardware
UNTIL_LAID_S = 30.0


class RealBench:
    """One reader; the hands are the tester's, who leaves the card on it."""

    def __init__(self, readers: Readers) -> None:
        self.readers = readers

    def insert(self, reader: str) -> None:
        """Wait for the card."""
        self.readers.wait_card(reader, cancel=threading.Event(), timeout_s=UNTIL_LAID_S)


@pytest.fixture
def uid() -> str:
    return pinned("STATION_HARDWARE_CARD", "the UID of the card that may be tried, in hexadecimal digits")


@pytest.fixture
def bench(uid: str) -> RealBench:
    name = pinned("STATION_HARDWARE_READER", "the reader's whole PC/SC name, which has its serial number in it")
    return RealBench(PinnedReaders(PcscReaders(), reader=name, uid=uid, alias=FIRST))


def test_the_card_is_known_for_what_it_is(bench: RealBench, uid: str) -> None:
    bench.insert(FIRST)
    with bench.readers.open_card(FIRST) as connection:
        contents = inspect(connection)
    assert contents.uid == bytes.fromhex(uid).hex().upper()
    assert contents.kind
