"""One suite for everything that gives card readers: in this process, and through a real PC/SC service."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

import pytest

from station.adapters.reader.pcsc import PcscReaders
from station.adapters.reader.roles import Roles
from station.adapters.reader.virtual import VirtualReaders
from station.chip.encoder import inspect
from station.chip.virtual_card.card import Tear
from station.chip.virtual_card.kinds import blank_card
from station.domain.errors import (
    Cancelled,
    CardAbsentError,
    CardRemovedError,
    ReaderBusyError,
    ReaderMissingError,
    ReaderServiceDownError,
)
from station.ports.chip import ANY_READER, ReaderEvent, ReaderRole, Readers, Signal, signal, traits_of
from tests.helpers.chip import ESCN, run_encode, unhex
from tests.helpers.pcscd import (
    FIRST,
    FIRST_PORT,
    ROOT,
    SECOND,
    SECOND_PORT,
    Pcscd,
    SoftwareCard,
    running_pcscd,
    wait_for,
)

GET_UID = unhex("FFCA000000")
ATR = unhex("3B8180018080")
NEVER = threading.Event()
SOON_S = 20.0


class Bench(Protocol):
    """Two readers, and hands that put cards on them and take them away."""

    readers: Readers

    def insert(self, reader: str) -> None:
        """Put this reader's card on it."""

    def remove(self, reader: str) -> None:
        """Take it off."""

    def pull_after(self, reader: str, apdus: int, how: Tear) -> None:
        """Put the card on the reader, to be pulled after so many APDUs."""

    def held(self, reader: str) -> AbstractContextManager[str]:
        """Have another program hold the reader; give a word of its name."""

    def stop_service(self) -> None:
        """Stop the service."""

    def start_service(self) -> None:
        """Start it again, with the same readers and cards."""

    def be_patient(self, seconds: float) -> None:
        """Wait so long for a reader that another program holds."""

    def give_roles(self, roles: Roles) -> None:
        """Say which reader is for what."""


class VirtualBench:
    """Readers in this process."""

    def __init__(self, folder: Path) -> None:
        self._virtual = VirtualReaders(FIRST, SECOND)
        self.readers: Readers = self._virtual
        self._cards = {name: blank_card(path=folder / f"{name}.json") for name in (FIRST, SECOND)}

    def insert(self, reader: str) -> None:
        self._virtual.insert(self._cards[reader], reader)

    def remove(self, reader: str) -> None:
        self._virtual.remove(reader)

    def pull_after(self, reader: str, apdus: int, how: Tear) -> None:
        self.insert(reader)
        self._virtual.pull_after(apdus, how, reader=reader)

    @contextmanager
    def held(self, reader: str) -> Iterator[str]:
        with self._virtual.held("signing-program (4711)", reader=reader):
            yield "signing-program"

    def stop_service(self) -> None:
        self._virtual.stop_service()

    def start_service(self) -> None:
        self._virtual.start_service()

    def be_patient(self, seconds: float) -> None:
        self._virtual.busy_wait_s = seconds

    def give_roles(self, roles: Roles) -> None:
        self._virtual.roles = roles


HOLDER = """
import sys
from station.adapters.reader.pcsc import PcscReaders
with PcscReaders().open_card(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.read()
"""


class PcscBench:
    """Real pcscd, its virtual reader driver, and a software card a reader, each in a process of its own."""

    def __init__(self, service: Pcscd, folder: Path) -> None:
        self._service = service
        self._pcsc = PcscReaders(busy_wait_s=0.2)
        self.readers: Readers = self._pcsc
        self._cards = {
            FIRST: SoftwareCard(folder / "first.json", FIRST_PORT),
            SECOND: SoftwareCard(folder / "second.json", SECOND_PORT),
        }

    def insert(self, reader: str) -> None:
        self._cards[reader].insert()
        self._wait(reader, present=True)

    def remove(self, reader: str) -> None:
        self._cards[reader].remove()

    def pull_after(self, reader: str, apdus: int, how: Tear) -> None:
        self._cards[reader].insert(pull_after=apdus, tear=how)
        self._wait(reader, present=True)

    @contextmanager
    def held(self, reader: str) -> Iterator[str]:
        command = [sys.executable, "-c", HOLDER, reader]
        with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as program:
            assert program.stdout is not None
            assert program.stdout.readline() == "held\n"
            yield "python"
            program.communicate()

    def stop_service(self) -> None:
        self._service.stop()

    def start_service(self) -> None:
        self._service.start()

    def be_patient(self, seconds: float) -> None:
        self._pcsc.busy_wait_s = seconds

    def give_roles(self, roles: Roles) -> None:
        self._pcsc.roles = roles

    def close(self) -> None:
        """Leave the readers empty for the next test."""
        for reader, card in self._cards.items():
            card.remove()
            self._wait(reader, present=False)

    def _wait(self, reader: str, *, present: bool) -> None:
        def is_so() -> bool:
            return any(each.name == reader and each.card_present is present for each in self.readers.list_readers())

        wait_for(is_so, f"card on {reader}: {present}")


@pytest.fixture(scope="module")
def one_pcscd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pcscd]:
    """Give one running service for all tests of this module."""
    with running_pcscd(tmp_path_factory.mktemp("pcscd")) as service:
        yield service


@pytest.fixture(params=["virtual", pytest.param("pcsc", marks=pytest.mark.bench_pcsc)])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    """Give each kind of readers in turn."""
    if request.param == "virtual":
        yield VirtualBench(tmp_path)
        return
    service: Pcscd = request.getfixturevalue("one_pcscd")
    service.ensure()
    real = PcscBench(service, tmp_path)
    try:
        yield real
    finally:
        real.close()


class Events:
    """What a watcher reported, to be waited for."""

    def __init__(self) -> None:
        self.all: list[ReaderEvent] = []
        self.threads: set[str] = set()

    def __call__(self, event: ReaderEvent) -> None:
        """Take a report."""
        self.threads.add(threading.current_thread().name)
        self.all.append(event)

    def wait(self, kind: str, reader: str, count: int = 1) -> ReaderEvent:
        """Wait for the ``count``-th event of a kind."""

        def matching() -> list[ReaderEvent]:
            return [event for event in self.all if (event.kind, event.reader) == (kind, reader)]

        wait_for(lambda: len(matching()) >= count, f"{kind} {reader}")
        return matching()[count - 1]


# --- listing and waiting ----------------------------------------------------------------------------------------


def test_readers_are_listed_with_and_without_a_card(bench: Bench) -> None:
    empty = {each.name: each for each in bench.readers.list_readers()}
    assert {FIRST, SECOND} <= set(empty)
    assert not any(each.card_present or each.atr for each in empty.values())
    bench.insert(SECOND)
    listed = {each.name: each for each in bench.readers.list_readers()}
    assert (listed[FIRST].card_present, listed[FIRST].atr) == (False, b"")
    assert (listed[SECOND].card_present, listed[SECOND].atr) == (True, ATR)


@pytest.mark.parametrize("pattern", ["", "desk", "DESK READER", FIRST])
def test_a_card_is_found_by_any_part_of_its_reader_s_name(bench: Bench, pattern: str) -> None:
    bench.insert(FIRST)
    assert bench.readers.wait_card(pattern, cancel=NEVER, timeout_s=SOON_S) == FIRST


def test_only_matching_readers_count(bench: Bench) -> None:
    bench.insert(FIRST)
    with pytest.raises(CardAbsentError) as caught:
        bench.readers.wait_card("encoder", cancel=NEVER, timeout_s=0.05)
    assert "encoder" in str(caught.value)
    with pytest.raises(ReaderMissingError) as missing:
        bench.readers.wait_card("omnikey", cancel=NEVER, timeout_s=SOON_S)
    assert "omnikey" in str(missing.value)


def test_a_card_that_comes_later_is_waited_for(bench: Bench) -> None:
    found: list[str] = []
    waiting = threading.Thread(
        target=lambda: found.append(bench.readers.wait_card("", cancel=NEVER, timeout_s=SOON_S)), daemon=True
    )
    waiting.start()
    bench.insert(SECOND)
    waiting.join(SOON_S)
    assert found == [SECOND]


def test_waiting_ends_when_the_card_is_taken_off(bench: Bench) -> None:
    assert bench.readers.wait_no_card(FIRST, cancel=NEVER, timeout_s=0.05)
    bench.insert(FIRST)
    assert not bench.readers.wait_no_card(FIRST, cancel=NEVER, timeout_s=0.05)
    bench.remove(FIRST)
    assert bench.readers.wait_no_card(FIRST, cancel=NEVER, timeout_s=SOON_S)


def test_waiting_can_be_stopped(bench: Bench) -> None:
    cancel, outcome = threading.Event(), list[BaseException]()

    def wait() -> None:
        try:
            bench.readers.wait_card("", cancel=cancel, timeout_s=600)
        except Cancelled as error:
            outcome.append(error)

    waiting = threading.Thread(target=wait, daemon=True)
    waiting.start()
    cancel.set()
    waiting.join(SOON_S)
    assert len(outcome) == 1
    bench.insert(FIRST)
    with pytest.raises(Cancelled):
        bench.readers.wait_no_card(FIRST, cancel=cancel, timeout_s=600)


def test_the_desk_s_pattern_means_no_reader_of_another_role(bench: Bench) -> None:
    bench.give_roles(Roles(encoder="printer encoder"))
    bench.insert(SECOND)
    roles = {each.name: each.role for each in bench.readers.list_readers()}
    assert (roles[FIRST], roles[SECOND]) == (ReaderRole.DESK, ReaderRole.ENCODER)
    with pytest.raises(CardAbsentError):
        bench.readers.wait_card("", cancel=NEVER, timeout_s=0.05)
    assert bench.readers.wait_card("encoder", cancel=NEVER, timeout_s=SOON_S) == SECOND
    bench.insert(FIRST)
    assert bench.readers.wait_card("", cancel=NEVER, timeout_s=SOON_S) == FIRST
    events = Events()
    stop = bench.readers.watch(events)
    try:
        assert events.wait("card_in", SECOND).role is ReaderRole.ENCODER
        assert events.wait("card_in", FIRST).role is ReaderRole.DESK
    finally:
        stop()


# --- the connection ---------------------------------------------------------------------------------------------


def test_an_open_card_answers(bench: Bench) -> None:
    bench.insert(FIRST)
    with bench.readers.open_card(FIRST) as connection:
        assert (connection.reader, connection.atr) == (FIRST, ATR)
        answer = connection.transmit(GET_UID)
        assert (len(answer), answer[0], answer[-2:]) == (9, 0x04, b"\x90\x00")


def test_what_is_not_there_cannot_be_opened(bench: Bench) -> None:
    with pytest.raises(CardAbsentError), bench.readers.open_card(FIRST):
        pass
    with pytest.raises(ReaderMissingError), bench.readers.open_card("Unheard-of Reader"):
        pass


def test_nobody_inherits_what_was_selected(bench: Bench) -> None:
    bench.insert(FIRST)
    with bench.readers.open_card(FIRST) as connection:
        run_encode(connection)
        assert connection.transmit(unhex("906F000000"))[-2:] == b"\x91\x00"
    with bench.readers.open_card(FIRST) as connection:
        assert connection.transmit(unhex("906F000000")) == b"\x91\x1c"  # files there are none on the card itself


def test_a_second_program_finds_the_reader_busy_and_the_other_free(bench: Bench) -> None:
    bench.insert(FIRST)
    bench.insert(SECOND)
    with bench.held(FIRST) as program:
        with pytest.raises(ReaderBusyError) as caught, bench.readers.open_card(FIRST):
            pass
        assert program in str(caught.value)
        assert "Other readers still work" in str(caught.value)
        assert {FIRST, SECOND} <= {each.name for each in bench.readers.list_readers() if each.card_present}
        with bench.readers.open_card(SECOND) as connection:
            assert connection.transmit(GET_UID)[-2:] == b"\x90\x00"
    with bench.readers.open_card(FIRST) as connection:
        assert connection.transmit(GET_UID)[-2:] == b"\x90\x00"


def test_one_connection_a_card(bench: Bench) -> None:
    bench.insert(FIRST)
    with bench.readers.open_card(FIRST) as connection:
        with pytest.raises(ReaderBusyError), bench.readers.open_card(FIRST):
            pass
        assert connection.transmit(GET_UID)[-2:] == b"\x90\x00"


def test_a_reader_that_is_let_go_in_time_is_had(bench: Bench) -> None:
    bench.insert(FIRST)
    bench.be_patient(SOON_S)
    opened, answers = threading.Event(), list[bytes]()

    def open_it() -> None:
        with bench.readers.open_card(FIRST) as connection:
            opened.set()
            answers.append(connection.transmit(GET_UID))

    with bench.held(FIRST):
        waiting = threading.Thread(target=open_it, daemon=True)
        waiting.start()
        assert not opened.wait(0.1)
    waiting.join(SOON_S)
    assert [each[-2:] for each in answers] == [b"\x90\x00"]


def test_waiting_for_a_reader_that_is_held_can_be_stopped_at_once(bench: Bench) -> None:
    bench.insert(FIRST)
    bench.be_patient(600)
    cancel, outcome = threading.Event(), list[BaseException]()

    def open_it() -> None:
        try:
            with bench.readers.open_card(FIRST, cancel=cancel):
                pass
        except Cancelled as error:
            outcome.append(error)

    with bench.held(FIRST):
        waiting = threading.Thread(target=open_it, daemon=True)
        waiting.start()
        cancel.set()
        waiting.join(SOON_S)
        assert len(outcome) == 1
    # Set before there was anything to wait for: nothing is begun, either.
    with pytest.raises(Cancelled), bench.readers.open_card(FIRST, cancel=cancel):
        pass


def test_what_another_reader_does_is_heard_while_one_is_busy(bench: Bench) -> None:
    bench.insert(FIRST)
    events = Events()
    stop = bench.readers.watch(events)
    try:
        with bench.readers.open_card(FIRST) as connection:
            connection.transmit(GET_UID)
            bench.insert(SECOND)
            events.wait("card_in", SECOND)
            assert bench.readers.wait_card("encoder", cancel=NEVER, timeout_s=SOON_S) == SECOND
            connection.transmit(GET_UID)
            bench.remove(SECOND)
            events.wait("card_out", SECOND)
            assert connection.transmit(GET_UID)[-2:] == b"\x90\x00"
    finally:
        stop()


def test_a_reader_of_a_model_that_nobody_knows_has_no_lamp(bench: Bench) -> None:
    bench.insert(FIRST)
    with bench.readers.open_card(FIRST) as connection:
        assert traits_of(connection) == ANY_READER
        assert not signal(connection, Signal.GOOD)
        assert connection.transmit(GET_UID)[-2:] == b"\x90\x00"


def test_an_error_of_the_user_lets_the_card_go(bench: Bench) -> None:
    bench.insert(FIRST)
    with pytest.raises(ZeroDivisionError), bench.readers.open_card(FIRST):
        raise ZeroDivisionError
    with bench.readers.open_card(FIRST) as connection:
        assert connection.transmit(GET_UID)[-2:] == b"\x90\x00"


def test_a_card_taken_off_in_mid_work(bench: Bench) -> None:
    bench.insert(FIRST)
    with bench.readers.open_card(FIRST) as connection:
        connection.transmit(GET_UID)
        bench.remove(FIRST)
        with pytest.raises(CardRemovedError) as caught:
            connection.transmit(GET_UID)
        assert FIRST in str(caught.value)
        # No hand is faster than the 0.4 s in which pcscd looks at such a reader.
        assert bench.readers.wait_no_card(FIRST, cancel=NEVER, timeout_s=SOON_S)
        bench.insert(FIRST)
        with pytest.raises(CardRemovedError):
            connection.transmit(GET_UID)  # the old connection stays dead
    with bench.readers.open_card(FIRST) as connection:
        assert connection.transmit(GET_UID)[-2:] == b"\x90\x00"


# --- the service ------------------------------------------------------------------------------------------------


def test_the_service_may_stop_and_come_back(bench: Bench) -> None:
    bench.insert(FIRST)
    with bench.readers.open_card(FIRST) as connection:
        connection.transmit(GET_UID)
        bench.stop_service()
        with pytest.raises(ReaderServiceDownError):
            connection.transmit(GET_UID)
    with pytest.raises(ReaderServiceDownError):
        bench.readers.list_readers()
    with pytest.raises(ReaderServiceDownError):
        bench.readers.wait_card("", cancel=NEVER, timeout_s=SOON_S)
    with pytest.raises(ReaderServiceDownError), bench.readers.open_card(FIRST):
        pass
    bench.start_service()
    assert bench.readers.wait_card("", cancel=NEVER, timeout_s=SOON_S) == FIRST
    with bench.readers.open_card(FIRST) as connection:
        assert connection.transmit(GET_UID)[-2:] == b"\x90\x00"


# --- watching ---------------------------------------------------------------------------------------------------


def test_everything_that_happens_is_reported(bench: Bench) -> None:
    bench.insert(SECOND)
    events = Events()
    stop = bench.readers.watch(events)
    try:
        events.wait("reader_in", FIRST)
        assert events.wait("card_in", SECOND).atr == ATR  # it lay there before
        bench.insert(FIRST)
        assert events.wait("card_in", FIRST).atr == ATR
        bench.remove(FIRST)
        events.wait("card_out", FIRST)
        bench.stop_service()
        events.wait("service_down", "")
        bench.start_service()
        events.wait("reader_in", FIRST, 2)
        events.wait("card_in", SECOND, 2)
        assert len([event for event in events.all if event.kind == "service_down"]) == 1
        assert threading.current_thread().name not in events.threads
    finally:
        stop()


def test_watching_can_begin_without_a_service(bench: Bench) -> None:
    bench.stop_service()
    events = Events()
    stop = bench.readers.watch(events)
    try:
        events.wait("service_down", "")
        bench.start_service()
        events.wait("reader_in", FIRST)
    finally:
        stop()


def test_after_stopping_nothing_is_reported(bench: Bench) -> None:
    events = Events()
    stop = bench.readers.watch(events)
    events.wait("reader_in", FIRST)
    stop()
    stop()
    count = len(events.all)
    bench.insert(FIRST)
    assert len(events.all) == count


def test_a_watcher_may_stop_itself(bench: Bench) -> None:
    stopped = threading.Event()

    def report(_: ReaderEvent) -> None:
        stop()
        stopped.set()

    ready = threading.Event()
    stop = bench.readers.watch(lambda event: ready.wait(SOON_S) and report(event))
    ready.set()
    assert stopped.wait(SOON_S)


# --- whole cards ------------------------------------------------------------------------------------------------


def test_a_card_is_encoded_through_the_reader(bench: Bench) -> None:
    bench.insert(FIRST)
    with bench.readers.open_card(FIRST) as connection:
        assert run_encode(connection).escn_on_chip == ESCN
    with bench.readers.open_card(FIRST) as connection:
        assert inspect(connection).escn == ESCN


@pytest.mark.parametrize("how", list(Tear))
def test_a_card_pulled_in_mid_write_is_finished_when_it_comes_back(bench: Bench, how: Tear) -> None:
    bench.pull_after(FIRST, 14, how)
    with bench.readers.open_card(FIRST) as connection:
        with pytest.raises(CardRemovedError) as caught:
            run_encode(connection)
        assert caught.value.written
    assert bench.readers.wait_no_card(FIRST, cancel=NEVER, timeout_s=SOON_S)
    bench.insert(FIRST)
    with bench.readers.open_card(FIRST) as connection:
        assert run_encode(connection).verified
