"""All that is on a card: read when asked, stopped at once, forgotten when the page is left."""

from __future__ import annotations

import threading

import pytest

from station.domain.errors import Cancelled, CardAbsentError
from station.domain.message import Message
from station.ui.viewmodels.explorer import ExplorerModel
from tests.helpers.patience import PATIENCE_S
from tests.helpers.window import Bench

READER = "Demo reader 0"


def test_a_card_is_read_counted_and_written_as_text(bench: Bench) -> None:
    issuance = bench.hands.encoded()
    explorer: ExplorerModel = bench.models.explorer
    counts: list[int] = []
    explorer.counted.connect(counts.append)
    explorer.read(READER)
    assert explorer.reading
    explorer.read(READER)  # once is enough
    bench.until(lambda: explorer.tree is not None)
    assert issuance.escn in explorer.as_text(Message.english)
    assert counts == sorted(counts)
    assert not explorer.reading


def test_what_was_read_is_forgotten(bench: Bench) -> None:
    bench.hands.encoded()
    explorer = bench.models.explorer
    explorer.read(READER)
    bench.until(lambda: explorer.tree is not None)
    explorer.close()
    assert (explorer.tree, explorer.error, explorer.as_text(Message.english)) == (None, None, "")


def test_an_empty_reader_is_said(bench: Bench) -> None:
    bench.models.explorer.read(READER)
    bench.until(lambda: bench.models.explorer.error is not None)
    assert isinstance(bench.models.explorer.error, CardAbsentError)


@pytest.mark.parametrize("leaves", [False, True], ids=["stopped", "left"])
def test_reading_stops_at_once(bench: Bench, monkeypatch: pytest.MonkeyPatch, leaves: bool) -> None:
    bench.hands.tray.put_blank()
    readers, explorer = bench.hands.tray.readers, bench.models.explorer
    reached, goes_on, sent = threading.Event(), threading.Event(), []
    exchange = readers.exchange

    def held_up(connection: object, apdu: bytes) -> bytes:
        sent.append(apdu)
        reached.set()
        assert goes_on.wait(PATIENCE_S)
        return exchange(connection, apdu)  # type: ignore[arg-type]

    monkeypatch.setattr(readers, "exchange", held_up)
    explorer.read(READER)
    bench.until(reached.is_set)
    if leaves:
        explorer.close()
    else:
        explorer.cancel()
    goes_on.set()
    if leaves:
        explorer.read(READER)
        bench.until(lambda: explorer.tree is not None)
    else:
        bench.until(lambda: not explorer.reading)
        assert isinstance(explorer.error, Cancelled)
        assert len(sent) == 1
