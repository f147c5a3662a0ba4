"""Whole cards through a real pcscd: pulled, the service killed in mid-write, two programs at once."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from station.adapters.reader.pcsc import PcscReaders
from station.adapters.secrets.virtual import VirtualSecrets
from station.chip.encoder import ChipData, inspect, verify
from station.chip.virtual_card import Tear
from station.domain.errors import CardRemovedError, ReaderServiceDownError
from station.ports.chip import ChipConnection
from tests.helpers.chip import ESC_AID, ESCN, demo_profile, run_encode
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
    assert encode_on(readers) == 40
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
