"""``station stock``: lines of the ledger, and where every blank is."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

import pytest

from station.cli import stock
from station.cli.output import Output
from station.cli.parser import build_parser
from station.domain.errors import InputError
from station.i18n import Translator
from station.services.desk import Desk
from tests.helpers.desks import open_test_desk

Said = pytest.CaptureFixture[str]


def words(*typed: str) -> Namespace:
    return build_parser().parse_args(["stock", *typed])


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_test_desk(tmp_path) as hands:
        yield hands.desk


def asked(desk: Desk, said: Said, *typed: str) -> tuple[int, dict[str, object]]:
    code = stock.stock(words(*typed), Output(as_json=True, language="en"), desk)
    found: dict[str, object] = json.loads(said.readouterr().out)
    return code, found


def test_before_the_first_box(desk: Desk, capsys: Said) -> None:
    code, found = asked(desk, capsys)
    assert (code, found["kept"], found["on_hand"], found["lasts_to"]) == (0, False, 0, None)
    assert stock.stock(words("status"), Output(as_json=False, language="lv"), desk) == 0
    assert "station stock received" in capsys.readouterr().out


def test_the_ledger_is_told_in_the_persons_language(desk: Desk, capsys: Said) -> None:
    asked(desk, capsys, "received", "9")
    assert stock.stock(words("ledger"), Output(as_json=False, language="lv"), desk) == 0
    assert Translator("lv").text("came") in capsys.readouterr().out


def test_a_box_a_test_a_count(desk: Desk, capsys: Said) -> None:
    code, found = asked(desk, capsys, "received", "--serials", "A-001", "A-500", "--note", "Box 1")
    assert (code, found["received"], found["on_hand"]) == (0, 500, 500)
    assert asked(desk, capsys, "test", "2")[1]["on_hand"] == 498
    assert asked(desk, capsys, "destroyed", "1", "--from", "test")[1]["test"] == 1
    code, found = asked(desk, capsys, "counted", "490")
    assert (code, found["missing"], found["adds_up"]) == (1, 8, False)
    assert stock.stock(words("status"), Output(as_json=False, language="en"), desk) == 1
    told = capsys.readouterr().out
    assert "It does not add up" in told
    assert "on hand          490" in told


def test_the_ledger_says_who_wrote_what(desk: Desk, capsys: Said) -> None:
    asked(desk, capsys, "received", "--serials", "A-001", "A-500", "--note", "Box 1")
    asked(desk, capsys, "counted", "500")
    assert stock.stock(words("ledger"), Output(as_json=True, language="en"), desk) == 0
    box, counted = json.loads(capsys.readouterr().out)
    assert (box["act"], box["first"], box["last"], box["note"]) == ("received", "A-001", "A-500", "Box 1")
    assert (counted["expected"], counted["first"], box["expected"]) == (500, None, None)
    stock.stock(words("ledger"), Output(as_json=False, language="en"), desk)
    assert "A-001–A-500" in capsys.readouterr().out


def test_what_is_not_said_is_asked_for(desk: Desk) -> None:
    with pytest.raises(InputError, match="how many blanks"):
        stock.stock(words("received"), Output(as_json=True), desk)
    with pytest.raises(InputError, match="There are 0 of them"):
        stock.stock(words("spoiled", "3"), Output(as_json=True), desk)


def test_a_number_is_read_from_a_card(tmp_path: Path, capsys: Said) -> None:
    with open_test_desk(tmp_path) as hands:
        card = hands.desk.issuances.hand_over(hands.verified(hands.liga).id)
        asked(hands.desk, capsys, "received", "--serials", "A-01", "A-09")
        code, found = asked(hands.desk, capsys, "serial", "A-04", "--escn", card.escn.upper())
        assert (code, found["escn"], found["serial_number"]) == (0, card.escn, "A-04")
        assert asked(hands.desk, capsys)[1]["expected_next"] == "A-01"
        with pytest.raises(InputError, match="No card here"):
            asked(hands.desk, capsys, "serial", "A-05", "--escn", "nobody")
