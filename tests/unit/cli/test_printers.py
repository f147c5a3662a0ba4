"""``station printers``: which there are, the test card, the correction, and what became of the last cards."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

import pytest

from station.cli import printers
from station.cli.output import Output
from station.cli.parser import build_parser
from station.domain.errors import InputError, PrinterError
from station.domain.workflow import PrintBegun
from station.settings import PrinterPart
from tests.helpers.desks import TestDesk, open_test_desk

Said = pytest.CaptureFixture[str]


def words(*typed: str) -> Namespace:
    return build_parser().parse_args(["printers", *typed])


@pytest.fixture
def hands(tmp_path: Path) -> Iterator[TestDesk]:
    with open_test_desk(tmp_path) as made:
        yield made


def asked(hands: TestDesk, said: Said, *typed: str) -> dict[str, object]:
    assert printers.printers(words(*typed), Output(as_json=True, language="en"), hands.desk) == 0
    found: dict[str, object] = json.loads(said.readouterr().out)
    return found


def told(hands: TestDesk, said: Said, *typed: str) -> str:
    assert printers.printers(words(*typed), Output(as_json=False, language="en"), hands.desk) == 0
    return said.readouterr().out


@pytest.mark.parametrize("typed", [(), ("list",)])
def test_the_list(hands: TestDesk, capsys: Said, typed: tuple[str, ...]) -> None:
    found = asked(hands, capsys, *typed)
    assert "virtual" in found["drivers"]  # type: ignore[operator]
    assert found["printers"] == [found["printer"]]
    assert "Drivers: " in told(hands, capsys, *typed)


def test_each_printer_of_several_tells_its_own_driver(tmp_path: Path, capsys: Said) -> None:
    second = PrinterPart(driver="pdf", queue="second", profile="virtual")
    with open_test_desk(tmp_path, more_printers=(second,)) as hands:
        first, other = asked(hands, capsys, "list")["printers"]  # type: ignore[misc]
        assert (first["driver"], other["driver"]) == ("virtual", "pdf")
        assert asked(hands, capsys, "status", "--printer", "second")["driver"] == "pdf"


def test_a_card_in_the_printer_beside_is_in_no_test_cards_way(tmp_path: Path, capsys: Said) -> None:
    second = PrinterPart(driver="virtual", queue="second", profile="virtual")
    with open_test_desk(tmp_path, more_printers=(second,)) as hands:
        desk = hands.desk
        desk.journal.step(hands.encoded(), PrintBegun("card-1", desk.printers[0].name))
        assert asked(hands, capsys, "test-card", "--printer", "second")["state"] == "done"
        with pytest.raises(InputError, match="Somebody's card"):
            asked(hands, capsys, "test-card")


@pytest.mark.parametrize("fault", ["jam", "lost"])
def test_a_test_card_in_trouble_does_not_go_on_by_itself(hands: TestDesk, capsys: Said, fault: str) -> None:
    hands.dial.set("printer", fault)
    with pytest.raises(PrinterError) as told:
        asked(hands, capsys, "test-card")
    assert told.value.todo == "The test card was taken back. Mend the printer, then print it again."


def test_the_status_tells_ribbon_counters_and_last_cards(hands: TestDesk, capsys: Said) -> None:
    issuance = hands.printed()
    found = asked(hands, capsys, "status")
    (job,) = found["jobs"]  # type: ignore[misc]
    assert (job["escn"], job["state"], job["job"]) == (issuance.escn, "printed", issuance.job)
    assert found["cards"] == 1
    assert isinstance(found["ribbon_cards"], int)
    assert issuance.escn in told(hands, capsys, "status")
    assert asked(hands, capsys, "status", "--jobs", "0")["jobs"] == []


def test_the_rulers_become_a_correction(hands: TestDesk, capsys: Said) -> None:
    found = asked(hands, capsys, "calibrate", "--left", "0.5", "--right", "86.1", "--upper", "0.2", "--back-left", "-1")
    correction = found["correction"]
    assert correction == {
        "x_mm": 0.5, "y_mm": 0.2, "back_x_mm": -1.0, "back_y_mm": 0.0, "scale_x": 1.0, "scale_y": 1.0,
        "gamma": 1.0, "cyan": 1.0, "magenta": 1.0, "yellow": 1.0,
    }  # fmt: skip
    assert asked(hands, capsys, "calibrate")["correction"] == correction, "it is kept, and asked for it is told"
    by_hand = asked(hands, capsys, "calibrate", "--cyan", "1.1", "--back-y", "0.3")["correction"]
    assert by_hand == {**correction, "cyan": 1.1, "back_y_mm": 0.3}  # type: ignore[dict-item]
    assert asked(hands, capsys, "status")["correction"] == by_hand
    assert asked(hands, capsys, "calibrate", "--reset")["correction"]["x_mm"] == 0  # type: ignore[index]
    with pytest.raises(InputError, match="at most 5"):
        asked(hands, capsys, "calibrate", "--x", "9")


def test_a_test_card_and_what_comes_next(hands: TestDesk, capsys: Said) -> None:
    found = asked(hands, capsys, "test-card", "--corrected")
    assert found["state"] == "done"
    assert Path(str(found["proof"])).exists()
    assert "station printers calibrate" in told(hands, capsys, "test-card")


def test_a_new_ribbon_and_a_cleaning_are_written_down(hands: TestDesk, capsys: Said) -> None:
    asked(hands, capsys, "note", "ribbon_changed")
    asked(hands, capsys, "note", "cleaned")
    found = asked(hands, capsys, "status")
    assert (found["cards_since_ribbon"], found["cards_since_cleaning"]) == (0, 0)


def test_a_printer_that_is_not_here(hands: TestDesk, capsys: Said) -> None:
    name = hands.desk.devices.printer.name
    assert asked(hands, capsys, "status", "--printer", name)["name"] == name
    with pytest.raises(InputError, match="no printer nobody"):
        asked(hands, capsys, "status", "--printer", "nobody")
