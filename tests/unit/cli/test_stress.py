"""``station card stress`` on the demo bench."""

from __future__ import annotations

import json
import re
import signal
from pathlib import Path

import pytest

from station.cli import stress
from station.cli.parser import build_parser
from station.cli.run import main


def test_a_chart_is_drawn(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["card", "stress", "--demo", "--data", str(tmp_path), "--rounds", "30"]) == 0
    said = capsys.readouterr().out
    assert "Demo reader 0: DESFire EV1" in said
    assert len(re.findall(r"^ +\d\.\d\d s", said, re.MULTILINE)) == 20
    assert "good: 30" in said
    assert "bad: 0" in said
    assert "p95" in said


def test_programs_get_numbers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    uid = "04112233445566"
    arguments = ["card", "stress", "--demo", "--data", str(tmp_path), "--rounds", "3", "--json"]
    assert main(arguments) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["rounds"], found["good"], found["bad"], found["errors"]) == (3, 3, 0, {})
    assert (found["reader"], len(found["uid"]), found["cancelled"]) == ("Demo reader 0", len(uid), False)
    assert sum(span["good"] for span in found["spans"]) == 3
    assert set(found["latency_ms"]) == {"p50", "p95", "p99", "p100"}


def test_a_card_that_is_pulled_is_reported_and_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["sandbox", "fault", "card", "pulled", "3", "--data", str(tmp_path)])
    capsys.readouterr()
    assert main(["card", "stress", "--demo", "--data", str(tmp_path), "--rounds", "2", "--seconds", "1"]) == 1
    said = capsys.readouterr().out
    assert "CardRemoved" in said
    assert "░" in said
    assert "taken off the reader" in said


@pytest.mark.parametrize("words", [["--seconds", "0"], ["--seconds", "-3"], ["--rounds", "0"], ["--seconds", "x"]])
def test_limits_that_make_no_sense_are_refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        build_parser().parse_args(["card", "stress", *words])
    assert caught.value.code == 2
    assert "argument --" in capsys.readouterr().err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_whoever_ends_it_is_heard_and_the_signal_is_given_back_afterwards(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with stress.until_interrupted() as cancel:
        signal.raise_signal(number)
        assert cancel.is_set()
    assert signal.getsignal(number) is before
