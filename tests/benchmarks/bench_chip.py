"""How long a card takes: in this process, and through pcscd and vpcd (in a private namespace)."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from station.adapters.reader.pcsc import PcscReaders
from station.chip.encoder import inspect
from station.chip.virtual_card import VirtualCard
from tests.helpers.chip import UID, Direct, run_encode
from tests.helpers.namespace import in_namespace
from tests.helpers.pcscd import FIRST, Pcscd, SoftwareCard, running_pcscd, wait_for

NEVER = threading.Event()


def test_encode_in_this_process(benchmark: BenchmarkFixture) -> None:
    """40 APDUs: number, signature and certificate, read back and proved; encoder and software card together."""

    def blank() -> tuple[tuple[Direct], dict[str, object]]:
        return (Direct(VirtualCard.blank(UID)),), {}

    benchmark.pedantic(run_encode, setup=blank, rounds=200, warmup_rounds=5)


def test_inspect_in_this_process(benchmark: BenchmarkFixture) -> None:
    card = VirtualCard.blank(UID)
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
def test_encode_through_pcscd(benchmark: BenchmarkFixture, inserted: SoftwareCard) -> None:
    """Connect, encode a blank card with the read-back and the proof, disconnect."""
    readers = PcscReaders()

    def blank_again() -> None:
        inserted.remove()
        readers.wait_no_card(FIRST, cancel=NEVER, timeout_s=10)
        inserted.file.unlink()
        inserted.insert()
        wait_for(lambda: any(each.card_present for each in readers.list_readers()), "card in")

    def encode() -> None:
        with readers.open_card(FIRST) as connection:
            run_encode(connection)

    benchmark.pedantic(encode, setup=blank_again, rounds=8)
