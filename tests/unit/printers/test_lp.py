"""The command line of lp, its environment and its answers."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from printers.lp import Order, arguments, environment, submit

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="CUPS is not on Windows")

ORDER = Order("card", "card-1", "desk", "localhost:631", {"media": "om_card_54x86mm", "sides": "one-sided"})


def replace_lp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str) -> None:
    script = tmp_path / "bin" / "lp"
    script.parent.mkdir()
    script.write_text(f"#!/bin/sh\n{body}\n")
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{script.parent}{os.pathsep}{os.environ['PATH']}")


def test_the_command_names_queue_user_title_and_every_option() -> None:
    assert arguments(ORDER) == [
        "lp", "-d", "card", "-U", "desk", "-t", "card-1", "-n", "1",
        "-o", "media=om_card_54x86mm", "-o", "sides=one-sided", "-",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("value", "quoted"),
    [
        ("none,none", "none,none"),
        ("54 x 86", "'54 x 86'"),
        ("it's", "'it\\'s'"),
        ("a\\b", "'a\\\\b'"),
        ("", ""),
    ],
)
def test_a_value_stays_one_value(value: str, quoted: str) -> None:
    command = arguments(Order("card", "card-1", "desk", "x", {"name": value}))
    assert command[-2] == f"name={quoted}"


def test_lp_speaks_english_and_asks_the_server_that_we_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"LC_ALL": "lv_LV.UTF-8", "LANGUAGE": "lv", "LPDEST": "other", "PRINTER": "other"}.items():
        monkeypatch.setenv(name, value)
    told = environment("localhost:6631")
    assert (told["LC_ALL"], told["CUPS_SERVER"]) == ("C", "localhost:6631")
    assert not {"LANGUAGE", "LPDEST", "PRINTER"} & set(told)


def test_the_number_is_read_from_the_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    replace_lp(tmp_path, monkeypatch, 'cat > "$0.got"; echo "request id is card-front-12 (0 file(s))"')
    answer = submit(ORDER, b"%PDF", tmp_path)
    assert answer.job_id == 12
    assert (tmp_path / "bin" / "lp.got").read_bytes() == b"%PDF"


def test_nothing_of_the_document_stays_in_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    replace_lp(
        tmp_path, monkeypatch, 'ls "$(dirname "$0")/../spool" > "$0.seen"; echo "request id is card-1 (0 file(s))"'
    )
    spool = tmp_path / "spool"
    spool.mkdir()
    submit(ORDER, b"%PDF", spool)
    assert (tmp_path / "bin" / "lp.seen").read_text() == ""
    assert list(spool.iterdir()) == []


def test_a_refusal_is_certain_and_in_lps_own_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    replace_lp(tmp_path, monkeypatch, 'echo "lp: not accepting jobs" >&2; exit 1')
    answer = submit(ORDER, b"", tmp_path)
    assert (answer.job_id, answer.words, answer.certain) == (None, "lp: not accepting jobs", True)


@pytest.mark.parametrize("body", ["kill -9 $$", "echo hello"])
def test_an_lp_that_dies_or_babbles_leaves_a_doubt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str) -> None:
    replace_lp(tmp_path, monkeypatch, body)
    answer = submit(ORDER, b"", tmp_path)
    assert (answer.job_id, answer.certain) == (None, False)


def test_an_lp_that_hangs_is_ended_and_leaves_a_doubt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    replace_lp(tmp_path, monkeypatch, "exec sleep 60")
    answer = submit(ORDER, b"", tmp_path, timeout_s=0.2)
    assert (answer.job_id, answer.certain) == (None, False)
    assert "no answer" in answer.words


def test_without_lp_the_file_that_is_missing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(FileNotFoundError) as caught:
        submit(ORDER, b"", tmp_path)
    assert caught.value.filename == "lp"
