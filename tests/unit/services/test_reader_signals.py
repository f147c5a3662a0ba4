"""Lamp and buzzer tell how it ended."""

from __future__ import annotations

import pytest

from station.adapters.reader.virtual import VirtualReaders
from station.chip.virtual_card.kinds import blank_card
from station.domain.errors import Cancelled, ChipError
from station.ports.chip import Signal
from station.services.reader_signals import told_by_lamp
from tests.helpers.chip import Direct

ACS, PLAIN = "ACS ACR1252 Dual Reader PICC 0", "Plain Reader 0"


@pytest.fixture
def readers() -> VirtualReaders:
    made = VirtualReaders(ACS, PLAIN)
    for name in (ACS, PLAIN):
        made.insert(blank_card(), name)
    return made


def work(readers: VirtualReaders, name: str, error: Exception | None = None) -> None:
    with readers.open_card(name) as connection, told_by_lamp(connection):
        if error is not None:
            raise error


def test_good_bad_and_cancelled(readers: VirtualReaders) -> None:
    work(readers, ACS)
    assert readers.signals(ACS) == (Signal.GOOD,)
    with pytest.raises(ChipError):
        work(readers, ACS, ChipError())
    with pytest.raises(Cancelled):
        work(readers, ACS, Cancelled())
    with pytest.raises(ZeroDivisionError):
        work(readers, ACS, ZeroDivisionError())
    assert readers.signals(ACS) == (Signal.GOOD, Signal.BAD)


def test_a_reader_without_them_is_left_alone(readers: VirtualReaders) -> None:
    work(readers, PLAIN)
    assert readers.signals(PLAIN) == ()


def test_a_connection_that_knows_nothing_of_readers_is_left_alone() -> None:
    with told_by_lamp(Direct(blank_card())):
        pass
