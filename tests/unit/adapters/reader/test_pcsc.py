"""The PC/SC adapter without a service: what its codes mean, and what it must not load."""

from __future__ import annotations

import subprocess
import sys

import pytest

from station.adapters.reader.pcsc import PcscConnection
from station.adapters.reader.quirks import quirk_of
from station.adapters.reader.winscard import CardHandle, Code, Flag, ReaderState, ScardError, control_code
from station.domain.errors import (
    CardRemovedError,
    ReaderBusyError,
    ReaderError,
    ReaderMissingError,
    ReaderServiceDownError,
)
from station.ports.chip import Signal


class FailingHandle(CardHandle):
    """A card whose every use fails with one PC/SC code."""

    def __init__(self, code: int) -> None:
        super().__init__(None, 2)
        self._code = code
        self.closed: list[bool] = []

    def atr(self) -> bytes:
        """Fail."""
        raise ScardError("SCardStatus", self._code)

    def transmit(self, apdu: bytes) -> bytes:
        """Fail."""
        raise ScardError("SCardTransmit", self._code)

    def disconnect(self, *, reset: bool) -> None:
        """Fail, too."""
        self.closed.append(reset)
        raise ScardError("SCardDisconnect", self._code)


class ReaderWithLamp(CardHandle):
    """A reader that does what it is told, and remembers it; its card answers anything."""

    def __init__(self, refuses: Code | None = None) -> None:
        super().__init__(None, 2)
        self.sent: list[tuple[str, bytes]] = []
        self._refuses = refuses

    def atr(self) -> bytes:
        """Return one."""
        return b"\x3b"

    def transmit(self, apdu: bytes) -> bytes:
        """Take a command the card's way."""
        self.sent.append(("apdu", apdu))
        return b"\x90\x00"

    def control(self, code: int, data: bytes) -> bytes:
        """Take a command past the card."""
        if self._refuses is not None:
            raise ScardError("SCardControl", self._refuses)
        self.sent.append((f"{code:08X}", data))
        return b"\xe1\x00\x00\x00\x00"


class SilentHandle(FailingHandle):
    """A driver that calls it a success when the card has left."""

    def transmit(self, apdu: bytes) -> bytes:
        """Return nothing."""
        return b""


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (Code.REMOVED_CARD, CardRemovedError),
        (Code.RESET_CARD, CardRemovedError),
        (Code.NO_SMARTCARD, CardRemovedError),
        (Code.UNPOWERED_CARD, CardRemovedError),
        (Code.NOT_TRANSACTED, CardRemovedError),
        (Code.COMM_DATA_LOST, CardRemovedError),
        (Code.NO_SERVICE, ReaderServiceDownError),
        (Code.SERVICE_STOPPED, ReaderServiceDownError),
        (Code.INVALID_HANDLE, ReaderServiceDownError),
        (Code.READER_UNAVAILABLE, ReaderMissingError),
        (Code.SHARING_VIOLATION, ReaderBusyError),
        (Code.PROTO_MISMATCH, ReaderError),
        (Code.SECURITY_VIOLATION, ReaderError),
    ],
)
def test_what_the_codes_mean(code: Code, kind: type[ReaderError]) -> None:
    handle = FailingHandle(code)
    connection = PcscConnection("Desk", handle, service_runs=lambda: True)
    with pytest.raises(ReaderError) as caught:
        connection.transmit(b"\xff\xca\x00\x00\x00")
    assert type(caught.value) is kind
    assert isinstance(caught.value.__cause__, ScardError)
    connection.close()
    assert handle.closed == [False]


@pytest.mark.parametrize("code", [Code.REMOVED_CARD, Code.COMM_ERROR, Code.SECURITY_VIOLATION, 0x80101234])
def test_whatever_it_looks_like_a_service_that_died_is_named(code: int) -> None:
    with pytest.raises(ReaderServiceDownError):
        PcscConnection("Desk", FailingHandle(code), service_runs=lambda: False).transmit(b"")
    with pytest.raises(ReaderServiceDownError):
        PcscConnection("Desk", SilentHandle(code), service_runs=lambda: False).transmit(b"")


def test_an_unknown_code_is_shown_for_it() -> None:
    with pytest.raises(ReaderError, match="80101234"):
        PcscConnection("Desk", FailingHandle(0x80101234), service_runs=lambda: True).transmit(b"")


def test_no_answer_at_all_means_that_the_card_is_gone() -> None:
    handle = SilentHandle(Code.REMOVED_CARD)
    connection = PcscConnection("Desk", handle, service_runs=lambda: True)
    assert connection.atr == b""
    with pytest.raises(CardRemovedError):
        connection.transmit(b"\xff\xca\x00\x00\x00")
    connection.close()
    assert handle.closed == [False]


def test_a_card_that_was_not_lost_is_reset_at_the_end() -> None:
    handle = FailingHandle(Code.OK)
    PcscConnection("Desk", handle, service_runs=lambda: True).close()
    assert handle.closed == [True]


def test_a_reader_state_counts_its_cards() -> None:
    state = ReaderState("Desk", 0x0003_0022, b"\x3b")
    assert (state.present, state.count) == (True, 3)
    assert not ReaderState("Desk").present


def test_pyscard_is_not_loaded_before_it_is_needed() -> None:
    code = "import sys, station.adapters.reader.pcsc as m; m.PcscReaders(); print('smartcard' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_a_reader_that_is_held_by_whatever_program_says_so() -> None:
    assert ReaderState("Desk", Flag.PRESENT | Flag.INUSE).held
    assert ReaderState("Desk", Flag.PRESENT | Flag.EXCLUSIVE).held
    assert not ReaderState("Desk", Flag.PRESENT | Flag.CHANGED).held


@pytest.mark.parametrize(
    ("reader", "way"), [("ACS ACR122U PICC Interface", "apdu"), ("ACS ACR1252 Dual Reader PICC", "escape")]
)
def test_lamp_and_buzzer_are_used_in_the_reader_s_own_way(reader: str, way: str) -> None:
    handle, quirk = ReaderWithLamp(), quirk_of(reader)
    connection = PcscConnection(reader, handle)
    assert connection.traits.signals == (Signal.GOOD, Signal.BAD)
    assert connection.signal(Signal.GOOD)
    assert connection.signal(Signal.BAD)
    expected = way if quirk.escape is None else f"{control_code(quirk.escape):08X}"
    assert handle.sent == [(expected, each) for each in quirk.good + quirk.bad]


def test_a_driver_that_lets_nobody_at_the_lamp_costs_nothing() -> None:
    handle = ReaderWithLamp(refuses=Code.NOT_TRANSACTED)
    connection = PcscConnection("ACS ACR1252 Dual Reader PICC", handle)
    assert not connection.signal(Signal.GOOD)
    assert connection.transmit(b"\xff\xca\x00\x00\x00") == b"\x90\x00"
    assert not PcscConnection("Unheard-of", handle).signal(Signal.GOOD)
    with pytest.raises(ReaderError):
        connection.control(1, b"\xe0\x00\x00\x18\x00")
    assert ReaderWithLamp().control(control_code(1), b"\xe0") == b"\xe1\x00\x00\x00\x00"


def test_when_the_card_is_gone_its_reader_is_left_alone() -> None:
    handle = FailingHandle(Code.REMOVED_CARD)
    connection = PcscConnection("ACS ACR122U PICC Interface", handle, service_runs=lambda: True)
    with pytest.raises(CardRemovedError):
        connection.transmit(b"\xff\xca\x00\x00\x00")
    assert not connection.signal(Signal.BAD)
