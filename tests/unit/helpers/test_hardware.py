"""Tests on real devices touch the one that was named, and no other."""

from __future__ import annotations

import threading

import pytest

from station.adapters.reader.virtual import VirtualReaders
from station.chip.virtual_card.kinds import blank_card
from station.domain.errors import ReaderMissingError
from station.ports.chip import Readers
from tests.helpers.hardware import AnotherDeviceError, PinnedReaders, need_serial, pinned

OURS, OTHER = "ACR1252 (A1) 00 00", "ACR1252 (A2) 00 00"
USB = "device for card: usb://Evolis/Primacy%202?serial=10000123456\n"


@pytest.fixture
def real() -> VirtualReaders:
    return VirtualReaders(OURS, OTHER)


def readers(real: VirtualReaders, uid: str) -> Readers:
    return PinnedReaders(real, reader=OURS, uid=uid, alias="Desk")


def test_without_a_name_a_test_is_skipped_and_says_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STATION_HARDWARE_X", raising=False)
    with pytest.raises(pytest.skip.Exception, match="set STATION_HARDWARE_X to the serial"):
        pinned("STATION_HARDWARE_X", "the serial")
    monkeypatch.setenv("STATION_HARDWARE_X", " A1 ")
    assert pinned("STATION_HARDWARE_X", "the serial") == "A1"


def test_the_named_reader_is_there_by_the_test_s_name_and_no_other_is(real: VirtualReaders) -> None:
    card = blank_card()
    real.insert(card, OURS)
    ours = readers(real, card.uid.hex())
    assert [each.name for each in ours.list_readers()] == ["Desk"]
    assert ours.wait_card("desk", cancel=threading.Event(), timeout_s=20) == "Desk"
    with ours.open_card("Desk") as connection:
        assert connection.reader == "Desk"
        assert connection.transmit(bytes.fromhex("FFCA000000"))[:-2] == card.uid
    with pytest.raises(ReaderMissingError), ours.open_card(OTHER):
        pytest.fail("another reader was opened")


def test_another_card_on_it_is_refused(real: VirtualReaders) -> None:
    real.insert(blank_card(), OURS)
    with pytest.raises(AnotherDeviceError, match="04010203040506"), readers(real, "04010203040506").open_card("Desk"):
        pytest.fail("another card was opened")


def test_another_reader_does_not_stand_in(real: VirtualReaders) -> None:
    gone = PinnedReaders(real, reader="ACR1252 (A3) 00 00", uid="04", alias="Desk")
    with pytest.raises(AnotherDeviceError, match="A3"):
        gone.list_readers()


def test_another_printer_behind_the_queue_is_refused() -> None:
    need_serial(USB, "card", "10000123456")
    with pytest.raises(AnotherDeviceError, match="nothing was printed"):
        need_serial(USB, "card", "10000999999")
    with pytest.raises(AnotherDeviceError):
        need_serial("device for 10000123456: usb://Other\n", "10000123456", "10000123456")
