"""What the virtual readers have beyond the port: faults, pulling, plugging."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import pytest

from station.adapters.reader.virtual import DEFAULT_NAME, VirtualReaders
from station.chip.virtual_card.card import Tear
from station.chip.virtual_card.desfire import VirtualDesfire
from station.chip.virtual_card.kinds import blank_card
from station.domain.errors import CardAbsentError, CardRemovedError, ReaderMissingError
from station.ports.chip import ReaderEvent
from station.ports.faults import Fault
from tests.helpers.chip import ESCN, UID, run_encode, unhex

GET_UID = unhex("FFCA000000")
NEVER = threading.Event()


@dataclass
class Dial:
    """A fault dial with one device on it."""

    now: Fault | None = None

    def fault(self, device: str) -> Fault | None:
        """Return the fault of this device."""
        return self.now if self.now is not None and self.now.device == device else None


@pytest.fixture
def dial() -> Dial:
    return Dial()


@pytest.fixture
def readers(dial: Dial) -> VirtualReaders:
    made = VirtualReaders(faults=dial)
    made.insert(blank_card(UID))
    return made


def present(readers: VirtualReaders) -> list[bool]:
    return [info.card_present for info in readers.list_readers()]


@pytest.mark.parametrize("apdus", [0, 1, 5, 13, 20])
def test_the_fault_pulls_the_card_after_so_many_apdus(readers: VirtualReaders, dial: Dial, apdus: int) -> None:
    dial.now = Fault("card", "pulled", apdus)
    with readers.open_card(DEFAULT_NAME) as connection:
        for _ in range(apdus):
            connection.transmit(GET_UID)
        for _ in range(2):
            with pytest.raises(CardRemovedError):
                connection.transmit(GET_UID)
    assert present(readers) == [False]
    assert readers.card() is None
    with pytest.raises(CardAbsentError), readers.open_card(DEFAULT_NAME):
        pass
    with pytest.raises(CardAbsentError):
        readers.wait_card("", cancel=NEVER, timeout_s=0.01)


def test_the_card_comes_back_when_the_fault_is_cleared(readers: VirtualReaders, dial: Dial) -> None:
    events: list[ReaderEvent] = []
    seen = threading.Semaphore(0)

    def report(event: ReaderEvent) -> None:
        events.append(event)
        seen.release()

    stop = readers.watch(report)
    dial.now = Fault("card", "pulled", 14)
    with readers.open_card(DEFAULT_NAME) as connection, pytest.raises(CardRemovedError) as caught:
        run_encode(connection)
    assert caught.value.written
    dial.now = None
    assert readers.wait_card("", cancel=NEVER, timeout_s=20) == DEFAULT_NAME
    with readers.open_card(DEFAULT_NAME) as connection:
        assert run_encode(connection).escn_on_chip == ESCN
    for _ in range(4):
        assert seen.acquire(timeout=20)
    stop()
    assert [event.kind for event in events] == ["reader_in", "card_in", "card_out", "card_in"]


def test_faults_of_other_devices_do_not_concern_the_card(readers: VirtualReaders, dial: Dial) -> None:
    for dial.now in (Fault("printer", "jam"), Fault("card", "other")):
        with readers.open_card(DEFAULT_NAME) as connection:
            assert connection.transmit(GET_UID)[-2:] == b"\x90\x00"


def test_a_card_can_be_pulled_once(readers: VirtualReaders) -> None:
    card = readers.card()
    assert card is not None
    readers.pull_after(1, Tear.AFTER)
    with readers.open_card(DEFAULT_NAME) as connection:
        connection.transmit(GET_UID)
        with pytest.raises(CardRemovedError):
            connection.transmit(GET_UID)
    assert present(readers) == [False]
    readers.insert(card)
    with readers.open_card(DEFAULT_NAME) as connection:
        assert [connection.transmit(GET_UID)[-2:] for _ in range(3)] == [b"\x90\x00"] * 3


def test_a_card_in_place_of_another(readers: VirtualReaders) -> None:
    other = blank_card()
    with readers.open_card(DEFAULT_NAME) as connection:
        readers.insert(other)
        with pytest.raises(CardRemovedError):
            connection.transmit(GET_UID)
    assert readers.card() is other
    assert readers.remove() is other
    assert readers.remove() is None


def test_readers_are_plugged_in_and_out(readers: VirtualReaders) -> None:
    events: list[ReaderEvent] = []
    done = threading.Event()

    def report(event: ReaderEvent) -> None:
        events.append(event)
        if event == ReaderEvent("reader_out", "Second"):
            done.set()

    stop = readers.watch(report)
    readers.plug("Second")
    readers.insert(blank_card(), "Second")
    assert [info.name for info in readers.list_readers()] == [DEFAULT_NAME, "Second"]
    with readers.open_card("Second") as connection:
        readers.unplug("Second")
        with pytest.raises(ReaderMissingError):
            connection.transmit(GET_UID)
    assert done.wait(20)
    stop()
    assert [(event.kind, event.reader) for event in events[2:]] == [
        ("reader_in", "Second"),
        ("card_in", "Second"),
        ("card_out", "Second"),
        ("reader_out", "Second"),
    ]


def test_a_card_moves_while_the_service_is_down(readers: VirtualReaders) -> None:
    readers.stop_service()
    readers.remove()
    readers.start_service()
    assert present(readers) == [False]


def test_a_card_that_is_told_to_tear_leaves_the_reader(readers: VirtualReaders) -> None:
    card = readers.card()
    assert card is not None
    card.tear_after(1, Tear.AFTER)
    with readers.open_card(DEFAULT_NAME) as connection:
        connection.transmit(GET_UID)
        with pytest.raises(CardRemovedError) as caught:
            connection.transmit(GET_UID)
    assert DEFAULT_NAME in str(caught.value)
    assert present(readers) == [False]
    readers.insert(card)
    with readers.open_card(DEFAULT_NAME) as connection:
        assert connection.transmit(GET_UID)[-2:] == b"\x90\x00"


def test_a_card_that_flickers_is_there_and_has_forgotten_what_was_selected(readers: VirtualReaders) -> None:
    with readers.open_card(DEFAULT_NAME) as connection:
        run_encode(connection)
        readers.flicker()
        with pytest.raises(CardRemovedError):
            connection.transmit(GET_UID)
    assert present(readers) == [True]
    with readers.open_card(DEFAULT_NAME) as connection:
        assert connection.transmit(unhex("906F000000")) == b"\x91\x1c"
    readers.remove()
    readers.flicker()  # where nothing lies, nothing flickers
    assert present(readers) == [False]


class SlowCard(VirtualDesfire):
    """A card that answers when it is allowed to."""

    chip = "slow"
    asked = threading.Event()
    allowed = threading.Event()

    def transmit(self, apdu: bytes) -> bytes:
        """Answer late."""
        self.asked.set()
        assert self.allowed.wait(20)
        return super().transmit(apdu)


def test_a_card_that_takes_its_time_holds_up_no_other_reader_and_may_leave(readers: VirtualReaders) -> None:
    readers.plug("Second")
    readers.insert(SlowCard.new(), "Second")
    lost: list[BaseException] = []

    def ask() -> None:
        with readers.open_card("Second") as connection:
            try:
                connection.transmit(GET_UID)
            except CardRemovedError as error:
                lost.append(error)

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    assert SlowCard.asked.wait(20)
    assert present(readers) == [True, True]
    with readers.open_card(DEFAULT_NAME) as connection:
        assert connection.transmit(GET_UID)[-2:] == b"\x90\x00"
    readers.remove("Second")
    SlowCard.allowed.set()
    asking.join(20)
    assert len(lost) == 1  # the answer came too late to count
