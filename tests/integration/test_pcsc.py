"""Whole cards through a real pcscd: pulled, the service killed in mid-write, two programs at once."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from station.adapters.clock import SystemClock
from station.adapters.reader.pcsc import PcscReaders
from station.adapters.reader.winscard import CardHandle, Context
from station.adapters.secrets.virtual import VirtualSecrets
from station.chip.encoder import ChipData, inspect, verify
from station.chip.identify import identify
from station.chip.virtual_card.card import Tear
from station.chip.virtual_card.kinds import KINDS, blank_card, open_card
from station.domain.errors import CardRemovedError, ReaderBusyError, ReaderError, ReaderServiceDownError
from station.ports.chip import ChipConnection
from station.services.reader_test import Limits, ReaderTest
from tests.helpers.chip import ESC_AID, ESCN, Direct, demo_profile, run_encode
from tests.helpers.pcscd import FIRST, ROOT, SECOND, SECOND_PORT, Pcscd, SoftwareCard, running_pcscd

pytestmark = pytest.mark.bench_pcsc
NEVER = threading.Event()
SOON_S = 20.0


@pytest.fixture(scope="module")
def one_pcscd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pcscd]:
    with running_pcscd(tmp_path_factory.mktemp("pcscd")) as service:
        yield service


@pytest.fixture
def pcscd(one_pcscd: Pcscd) -> Pcscd:
    one_pcscd.ensure()
    return one_pcscd


@pytest.fixture
def readers(pcscd: Pcscd) -> PcscReaders:
    return PcscReaders()


@pytest.fixture
def card(readers: PcscReaders, tmp_path: Path) -> Iterator[SoftwareCard]:
    made = SoftwareCard(tmp_path / "card.json")
    try:
        yield made
    finally:
        made.remove()
        assert readers.wait_no_card(FIRST, cancel=NEVER, timeout_s=SOON_S)


class Interrupted:
    """A connection to which something happens as the APDU after so many goes out."""

    def __init__(self, connection: ChipConnection, after: int, happening: Callable[[], None]) -> None:
        self._connection = connection
        self._left = after
        self._happening = happening
        self.reader, self.atr = connection.reader, connection.atr

    def transmit(self, apdu: bytes) -> bytes:
        """Send an APDU, perhaps in a race with what happens."""
        self._left -= 1
        if self._left != -1:
            return self._connection.transmit(apdu)
        thread = threading.Thread(target=self._happening, daemon=True)
        thread.start()
        try:
            return self._connection.transmit(apdu)
        finally:
            thread.join()


def encode_on(readers: PcscReaders) -> int:
    """Wait for the card, encode it, return the number of APDUs."""
    name = readers.wait_card("desk", cancel=NEVER, timeout_s=SOON_S)
    with readers.open_card(name) as connection:
        report = run_encode(connection)
    assert (report.escn_on_chip, report.verified) == (ESCN, True)
    return report.apdus


def test_a_blank_card_is_encoded_inspected_and_verified(readers: PcscReaders, card: SoftwareCard) -> None:
    card.insert()
    # Nothing is asked twice because there is a reader in between.
    assert encode_on(readers) == run_encode(Direct(blank_card())).apdus
    with readers.open_card(FIRST) as connection:
        assert inspect(connection).escn == ESCN
        found = verify(connection, demo_profile(), ChipData(ESCN), VirtualSecrets(demo=True))
    assert found.uid == card.memory().uid.hex().upper()


@pytest.mark.parametrize(("after", "how"), [(3, Tear.BEFORE), (8, Tear.AFTER), (13, Tear.DURING), (14, Tear.DURING)])
def test_a_pulled_card_is_finished(readers: PcscReaders, card: SoftwareCard, after: int, how: Tear) -> None:
    card.insert(pull_after=after, tear=how)
    with pytest.raises(CardRemovedError):
        encode_on(readers)
    assert readers.wait_no_card(FIRST, cancel=NEVER, timeout_s=SOON_S)
    card.insert()
    encode_on(readers)


@pytest.mark.parametrize("after", [9, 14, 16, 18])
def test_the_service_is_killed_in_mid_write(pcscd: Pcscd, readers: PcscReaders, card: SoftwareCard, after: int) -> None:
    card.insert()
    name = readers.wait_card("desk", cancel=NEVER, timeout_s=SOON_S)
    with readers.open_card(name) as connection, pytest.raises(ReaderServiceDownError) as caught:
        run_encode(Interrupted(connection, after, lambda: pcscd.stop(signal.SIGKILL)))
    assert caught.value.written
    with pytest.raises(ReaderServiceDownError):
        readers.list_readers()
    pcscd.start()
    encode_on(readers)
    assert card.memory().memory.applications[ESC_AID].files[0].rights == 0xE000


ENCODE = """
import sys
from station.adapters.reader.pcsc import PcscReaders
from station.domain.errors import ReaderBusyError
from tests.helpers.chip import run_encode
try:
    with PcscReaders(busy_wait_s=10).open_card(sys.argv[1]) as connection:
        print(run_encode(connection).verified)
except ReaderBusyError as error:
    print(error.code)
"""


def test_two_programs_encode_the_same_card_one_after_the_other(readers: PcscReaders, card: SoftwareCard) -> None:
    card.insert()
    readers.wait_card("desk", cancel=NEVER, timeout_s=SOON_S)
    command = [sys.executable, "-c", ENCODE, FIRST]
    with readers.open_card(FIRST) as connection:
        other = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert run_encode(connection).verified
    out, _ = other.communicate(timeout=60)
    assert out == "True\n"


def test_two_readers_at_once(readers: PcscReaders, card: SoftwareCard, tmp_path: Path) -> None:
    second = SoftwareCard(tmp_path / "second.json", SECOND_PORT)
    card.insert()
    second.insert()
    try:
        assert readers.wait_card("encoder", cancel=NEVER, timeout_s=SOON_S) == SECOND
        assert readers.wait_card("desk", cancel=NEVER, timeout_s=SOON_S) == FIRST
        with readers.open_card(FIRST) as one, readers.open_card(SECOND) as two:
            uids = {inspect(one).uid, inspect(two).uid}
        assert uids == {card.memory().uid.hex().upper(), second.memory().uid.hex().upper()}
    finally:
        second.remove()
        assert readers.wait_no_card(SECOND, cancel=NEVER, timeout_s=SOON_S)


def test_a_whole_card_is_one_connection(
    readers: PcscReaders, card: SoftwareCard, monkeypatch: pytest.MonkeyPatch
) -> None:
    connected: list[str] = []
    connect = Context.connect

    def counted(context: Context, reader: str) -> CardHandle:
        connected.append(reader)
        return connect(context, reader)

    monkeypatch.setattr(Context, "connect", counted)
    card.insert()
    encode_on(readers)
    assert connected == [FIRST]


# What a signing program or a browser does: it shares the card, and never lets go of it.
SHARE = """
import sys
from smartcard.scard import *
context = SCardEstablishContext(SCARD_SCOPE_USER)[1]
code, card, _ = SCardConnect(context, sys.argv[1], SCARD_SHARE_SHARED, SCARD_PROTOCOL_ANY)
if sys.argv[2] == "transaction":
    code = SCardBeginTransaction(card)
print(code, flush=True)
sys.stdin.read()
"""


@contextmanager
def shared_by_another(how: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", SHARE, FIRST, how]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "0\n"
        yield other
        other.communicate()


@pytest.mark.parametrize("how", ["shared", "transaction"])
def test_a_program_that_shares_the_card_is_named_and_waited_for(
    readers: PcscReaders, card: SoftwareCard, how: str
) -> None:
    card.insert()
    readers.wait_card("desk", cancel=NEVER, timeout_s=SOON_S)
    readers.busy_wait_s = 0.1
    with shared_by_another(how) as other:
        with pytest.raises(ReaderBusyError) as caught, readers.open_card(FIRST):
            pass
        assert f"({other.pid})" in str(caught.value)
        readers.busy_wait_s = SOON_S
        done: list[int] = []
        encoding = threading.Thread(target=lambda: done.append(encode_on(readers)), daemon=True)
        encoding.start()
    encoding.join(SOON_S)
    assert len(done) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_software_card_is_the_same_through_pcscd(
    readers: PcscReaders, card: SoftwareCard, kind: str
) -> None:
    card.insert(kind=kind)
    name = readers.wait_card("desk", cancel=NEVER, timeout_s=SOON_S)
    with readers.open_card(name) as connection:
        found = identify(connection.transmit, connection.atr)
    direct = Direct(open_card(card.file))
    expected = identify(direct.transmit, direct.atr)
    assert found.kind == expected.kind
    assert found.random_uid or found.uid == expected.uid


def test_what_the_driver_refuses_does_not_cost_the_card(readers: PcscReaders, card: SoftwareCard) -> None:
    card.insert()
    readers.wait_card("desk", cancel=NEVER, timeout_s=SOON_S)
    with readers.open_card(FIRST) as connection:
        with pytest.raises(ReaderError):
            connection.control(1, bytes.fromhex("E0000028010A"))  # the virtual driver has no way past the card
        assert run_encode(connection).verified


def test_the_reader_is_tested_through_a_pulled_card_and_a_killed_service(
    pcscd: Pcscd, readers: PcscReaders, card: SoftwareCard
) -> None:
    card.insert()
    seen = 0

    def disturb(_step: str, share: float) -> None:
        nonlocal seen
        if seen == 20:
            card.remove()
            card.insert()
        elif seen == 40:
            pcscd.stop(signal.SIGKILL)
        elif seen == 42:
            pcscd.start()
        seen += share < 1

    report = ReaderTest(readers, SystemClock()).run("desk", Limits(60, 100), cancel=NEVER, progress=disturb)
    assert len(report.rounds) == 100
    assert report.errors["ReaderServiceDown"] == 2
    assert set(report.errors) <= {"ReaderServiceDown", "CardRemoved", "CardAbsent"}
    assert report.good > 80
    assert all(each.good for each in report.rounds[60:])
    assert report.card.uid == card.memory().uid.hex().upper()
