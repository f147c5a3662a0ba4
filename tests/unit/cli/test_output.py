"""What the command line prints, for people and for programs."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from station.cli.output import Output, plain
from station.domain.card import CardState
from station.domain.errors import CameraError, CardAbsentError
from station.domain.message import Message


@pytest.mark.parametrize(
    ("value", "made"),
    [
        (datetime(2026, 9, 1, 8, 30, tzinfo=UTC), "2026-09-01T08:30:00+00:00"),
        (date(2026, 9, 1), "2026-09-01"),
        (Path("a") / "b", str(Path("a") / "b")),
        (CardState.ACTIVE, "active"),
        (Message("{n} wait", {"n": 3}), "3 wait"),
        ({"a": (1, None, True)}, {"a": [1, None, True]}),
    ],
)
def test_everything_becomes_json(value: object, made: object) -> None:
    assert plain(value) == made
    json.dumps(plain(value))


def test_people_get_sentences_and_programs_get_values(capsys: pytest.CaptureFixture[str]) -> None:
    people, programs = Output(as_json=False, language="en"), Output(as_json=True, language="en")
    for out in (people, programs):
        out.say("{count} wait", count=2)
        out.value({"waiting": 2})
        out.table([("a", "bb"), ("ccc", None)], heads=("one", "two"))
    printed = capsys.readouterr().out
    assert printed == '2 wait\none  two\na    bb\nccc\n{"waiting": 2}\n'


def test_data_with_braces_is_printed_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    Output(as_json=False, language="en").table([("{not a place}",)])
    assert capsys.readouterr().out == "{not a place}\n"


def test_an_error_is_one_line_in_the_persons_language(capsys: pytest.CaptureFixture[str]) -> None:
    error = CardAbsentError(device="ACR1252")
    Output(as_json=False, language="en").error(error)
    Output(as_json=False, language="lv").error(error)
    Output(as_json=True, language="en").error(error)
    english, latvian, value = capsys.readouterr().err.splitlines()
    assert "ACR1252" in english
    assert "ACR1252" in latvian
    assert latvian != english
    assert json.loads(value)["error"] == "CardAbsent"


def test_what_happened_and_what_to_do_are_two_sentences(capsys: pytest.CaptureFixture[str]) -> None:
    error = CameraError(device="C920", detail="No such file or directory")
    for language in ("en", "lv"):
        Output(as_json=False, language=language).error(error)
        assert "No such file or directory. " in capsys.readouterr().err


@pytest.mark.parametrize(("locale", "language"), [("lv_LV.UTF-8", "lv"), ("C.UTF-8", "en"), ("de_DE", "en")])
def test_the_language_is_the_terminals(monkeypatch: pytest.MonkeyPatch, locale: str, language: str) -> None:
    monkeypatch.setenv("LC_ALL", locale)
    assert Output(as_json=False).tr.language == language
