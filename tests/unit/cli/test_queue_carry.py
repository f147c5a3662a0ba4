"""Tests for ``station.cli.queue_carry``: what it says, and that it writes over nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from station.cli.output import Output
from station.cli.parser import build_parser
from station.cli.queue import queue
from station.cli.run import main
from station.domain.errors import InputError
from station.domain.station_errors import QueueFileError
from tests.helpers.desks import TestDesk, open_test_desk

Said = pytest.CaptureFixture[str]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[TestDesk]:
    with open_test_desk(tmp_path / "desk") as opened:
        opened.desk.issuances.hand_over(opened.verified().id)
        yield opened


def run(bench: TestDesk, *typed: str, as_json: bool = True) -> int:
    args = build_parser().parse_args(["queue", *typed])
    return queue(args, Output(as_json=as_json, language="en"), bench.desk)


def value(capsys: Said) -> Any:
    return json.loads(capsys.readouterr().out)


def test_a_queue_that_nobody_can_send_comes_back_as_it_was(bench: TestDesk, tmp_path: Path, capsys: Said) -> None:
    stick = tmp_path / "q.escqueue"
    assert run(bench, "carry", str(stick)) == 0
    carried = value(capsys)
    assert (carried["cards"], carried["left_out"]) == (1, 0)
    assert run(bench, "take", str(stick)) == 1
    taken = value(capsys)
    assert (taken["told"], taken["trouble"]) == (0, "RouterUnreachable")
    assert run(bench, "answer", taken["answer"]) == 1
    assert value(capsys)["left"] == carried["entries"]
    # Another answer gets another name.
    run(bench, "take", str(stick), as_json=False)
    told = capsys.readouterr().out
    assert "q.escqueue.answer2" in told
    assert "Take the same file again later" in told


def test_what_one_file_does_not_hold_is_said(
    bench: TestDesk, tmp_path: Path, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("station.services.courier.ENTRIES_MAX", 1)
    assert run(bench, "carry", str(tmp_path / "q.escqueue")) == 0
    assert value(capsys)["behind"] == 2
    run(bench, "carry", str(tmp_path / "r.escqueue"), as_json=False)
    assert "entries that stay for the next: 2. Bring this one's answer home first." in capsys.readouterr().out


def test_nothing_is_written_over(bench: TestDesk, tmp_path: Path, capsys: Said) -> None:
    there = tmp_path / "there"
    there.write_bytes(b"mine")
    with pytest.raises(InputError, match="can't be written"):
        run(bench, "carry", str(there))
    run(bench, "carry", str(tmp_path / "q"))
    with pytest.raises(InputError, match="can't be written"):
        run(bench, "take", str(tmp_path / "q"), "--answer", str(there))
    assert there.read_bytes() == b"mine"


def test_what_is_no_such_file_is_refused(bench: TestDesk, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"holiday picture")
    for verb in ("take", "answer"):
        with pytest.raises(QueueFileError, match="not a queue file"):
            run(bench, verb, str(tmp_path / "x"))
        with pytest.raises(InputError, match="can't be read"):
            run(bench, verb, str(tmp_path / "missing"))


def test_on_the_demo_bench_a_queue_is_told_by_stick(
    tmp_path: Path, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    demo, stick = ["--demo", "--data", str(tmp_path / "demo")], str(tmp_path / "q")
    assert main(["demo", "--headless", "--offline", "--data", str(tmp_path / "demo")]) == 0
    for words in (["carry", stick], ["take", stick], ["answer", f"{stick}.answer"]):
        capsys.readouterr()
        assert main(["queue", *words, *demo]) == 0
    assert "3 done, 0 refused" in capsys.readouterr().out
