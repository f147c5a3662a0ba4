"""How long a card takes: in this process, and through pcscd and vpcd (in a private namespace).

To reach, through pcscd with the read-back: 50 ms of wall time a card, over one connection. The software card runs in a
process of its own; 72 bare round trips take 6 to 7 ms of it.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from station.adapters.clock import SystemClock
from station.adapters.reader.pcsc import PcscReaders
from station.chip.encoder import EncodeReport, inspect
from station.chip.profiles import ChipProfile
from station.chip.virtual_card.kinds import blank_card
from station.services.reader_test import Limits, ReaderTest
from tests.helpers.chip import UID, Direct, demo_profile, run_encode
from tests.helpers.chip_profiles import sized
from tests.helpers.namespace import in_namespace
from tests.helpers.pcscd import FIRST, Pcscd, SoftwareCard, running_pcscd, wait_for

NEVER = threading.Event()
PROFILES: dict[str, tuple[str, ChipProfile]] = {
    "deuinfo": ("desfire-ev1", demo_profile()),
    # 16, 300 and 1000 bytes, three keys and the card's own master key changed, all of it read back and proved.
    "three files, EV1": ("desfire-ev1", sized(16, 300, 1000, card_key=True)),
    "three files, EV3 in long frames": (
        "desfire-ev3",
        sized(16, 300, 1000, card_key=True, generation="EV3", frames="long"),
    ),
}


def test_encode_in_this_process(benchmark: BenchmarkFixture) -> None:
    """Read back and proved; encoder and software card together."""

    def blank() -> tuple[tuple[Direct], dict[str, object]]:
        return (Direct(blank_card(UID)),), {}

    report = benchmark.pedantic(run_encode, setup=blank, rounds=200, warmup_rounds=5)
    benchmark.extra_info["apdus"] = report.apdus


def test_inspect_in_this_process(benchmark: BenchmarkFixture) -> None:
    card = blank_card(UID)
    run_encode(Direct(card))
    benchmark(lambda: inspect(Direct(card)))


@pytest.fixture(scope="module")
def pcscd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pcscd]:
    if not in_namespace() or shutil.which("pcscd") is None:
        pytest.skip("needs pcscd in a private namespace")
    with running_pcscd(tmp_path_factory.mktemp("pcscd")) as service:
        yield service


@pytest.fixture
def inserted(pcscd: Pcscd, tmp_path: Path) -> Iterator[SoftwareCard]:
    # On the ordinary disk, as in the demo: the card's file is written anew at each command that changes it.
    card = SoftwareCard(tmp_path / "card.json")
    card.insert()
    PcscReaders().wait_card("desk", cancel=NEVER, timeout_s=10)
    yield card
    card.remove()
    PcscReaders().wait_no_card(FIRST, cancel=NEVER, timeout_s=10)


@pytest.mark.bench_pcsc
def test_one_apdu_through_pcscd(benchmark: BenchmarkFixture, inserted: SoftwareCard) -> None:
    with PcscReaders().open_card(FIRST) as connection:
        benchmark(lambda: connection.transmit(b"\xff\xca\x00\x00\x00"))


@pytest.mark.bench_pcsc
def test_72_round_trips_through_pcscd(benchmark: BenchmarkFixture, inserted: SoftwareCard) -> None:
    """Connect, exchange 60 bytes 72 times with a card that need not think, disconnect: the floor."""
    readers, command = PcscReaders(), bytes((0x90, 0xEE, 0, 0, 54, *range(54), 0))

    def exchange() -> None:
        with readers.open_card(FIRST) as connection:
            for _ in range(72):
                connection.transmit(command)

    benchmark.pedantic(exchange, rounds=30, warmup_rounds=2)


@pytest.mark.bench_pcsc
@pytest.mark.parametrize("name", PROFILES)
def test_encode_through_pcscd(benchmark: BenchmarkFixture, inserted: SoftwareCard, name: str) -> None:
    """Connect, encode a blank card with the read-back and the proof, disconnect."""
    readers = PcscReaders()
    kind, profile = PROFILES[name]

    def blank_again() -> None:
        inserted.remove()
        readers.wait_no_card(FIRST, cancel=NEVER, timeout_s=10)
        inserted.file.unlink()
        inserted.insert(kind=kind)
        wait_for(lambda: any(each.card_present for each in readers.list_readers()), "card in")

    def encode() -> EncodeReport:
        with readers.open_card(FIRST) as connection:
            return run_encode(connection, profile=profile)

    report = benchmark.pedantic(encode, setup=blank_again, rounds=12, warmup_rounds=1)
    assert report.verified
    benchmark.extra_info["apdus"] = report.apdus


@pytest.mark.bench_pcsc
def test_one_round_of_the_reader_test(benchmark: BenchmarkFixture, inserted: SoftwareCard) -> None:
    """Connect, UID, version, what is on the card, disconnect."""
    test = ReaderTest(PcscReaders(), SystemClock())

    def one() -> None:
        report = test.run(FIRST, Limits(60, 1), cancel=NEVER, progress=lambda _step, _share: None)
        assert report.good == 1

    benchmark.pedantic(one, rounds=50, warmup_rounds=2)
