"""``station print``: one card, or all that need no hand, with the list that lies beside the stack."""

from __future__ import annotations

import csv
import json
from argparse import Namespace
from pathlib import Path

import pypdfium2
import pytest

from station.cli import printing
from station.cli.output import Output
from station.cli.parser import build_parser
from station.domain.errors import InputError, PrinterTroubleError, PrintJobLostError
from station.domain.workflow import State
from station.i18n import Translator
from tests.helpers.desks import ONE_PASS, TestDesk, a_portrait, never, open_test_desk, quiet

Said = pytest.CaptureFixture[str]


def words(*typed: str) -> Namespace:
    return build_parser().parse_args(["print", *typed])


def asked(hands: TestDesk, said: Said, *typed: str) -> tuple[int, dict[str, object]]:
    said.readouterr()
    args = words(*typed)
    code = printing.run(args, Output(as_json=True, language="en"), hands.desk, lambda _issuance: args.came_out == "yes")
    found: dict[str, object] = json.loads(said.readouterr().out.splitlines()[-1])
    return code, found


def test_a_card_that_waits_for_the_printer(tmp_path: Path, capsys: Said) -> None:
    with open_test_desk(tmp_path) as hands:
        issuance = hands.encoded()
        code, found = asked(hands, capsys, "--escn", issuance.escn.upper())
        assert (code, found["state"], found["prints"]) == (0, "printed", 1)
        with pytest.raises(InputError, match="does not wait for the printer: it is printed"):
            asked(hands, capsys, "--escn", issuance.escn)
        with pytest.raises(InputError, match="No card here"):
            asked(hands, capsys, "--escn", "00000000-0000-1000-8000-000000000000")


def test_no_second_print_without_a_reason(tmp_path: Path, capsys: Said) -> None:
    with open_test_desk(tmp_path) as hands:
        issuance = hands.encoded()
        hands.dial.set("printer", "lost")
        with pytest.raises(PrintJobLostError):
            asked(hands, capsys, "--escn", issuance.escn)
        hands.dial.clear("printer")
        code, found = asked(hands, capsys, "--escn", issuance.escn, "--came-out", "no")
        assert (code, found["state"]) == (1, "encoded")
        with pytest.raises(InputError, match="was in the printer before"):
            asked(hands, capsys, "--escn", issuance.escn)
        code, found = asked(hands, capsys, "--escn", issuance.escn, "--reason", "nothing_came_out")
        assert (code, found["state"], found["prints"]) == (0, "printed", 2)


def test_a_card_at_the_encoder_is_printed_where_it_is(tmp_path: Path, capsys: Said) -> None:
    with open_test_desk(tmp_path, **ONE_PASS) as hands:
        desk = hands.desk
        issuance = hands.portrayed()
        hands.dial.set("printer", "ribbon-out")
        with pytest.raises(PrinterTroubleError):
            desk.make_in_printer(issuance, cancel=never(), progress=quiet)
        desk.printing.confirm(issuance.id, came_out=False)
        hands.dial.clear("printer")
        code, found = asked(hands, capsys, "--escn", issuance.escn, "--reason", "nothing_came_out")
        assert (code, found["state"]) == (0, "printed")
        assert desk.one_pass is not None
        assert not desk.one_pass.holds_card


def test_a_batch_with_its_list(tmp_path: Path, capsys: Said) -> None:
    with open_test_desk(tmp_path, chip={"profile": "none"}) as hands:
        hands.portrayed(hands.martins)
        hands.portrayed(hands.liga)
        code, planned = asked(hands, capsys, "--batch", "--plan")
        names = [card["name"] for card in planned["cards"]]  # type: ignore[attr-defined]
        assert (code, names) == (0, ["Līga Bērziņa-Šķēle", "Mārtiņš Ģērmanis"])
        code, done = asked(hands, capsys, "--batch", "--out", str(tmp_path / "lists"))
        assert code == 0
        assert [(card["place"], card["outcome"]) for card in done["cards"]] == [(1, "out"), (2, "out")]  # type: ignore[attr-defined]
        pdf, table = (Path(str(file)) for file in done["list"])  # type: ignore[attr-defined]
        rows = list(csv.DictReader(table.read_text("utf-8-sig").splitlines()))
        assert [row["name"] for row in rows] == names
        with pypdfium2.PdfDocument(pdf) as document:
            page = document[0]
            text = page.get_textpage().get_text_range()
        assert "Līga Bērziņa-Šķēle" in text
        assert "DITF · Datorzinātne" in text
        assert asked(hands, capsys, "--batch") == (0, {"cards": [], "left_out": [], "list": []}), (
            "nothing is printed twice"
        )


def test_what_becomes_of_each_card_is_told_in_the_persons_language(tmp_path: Path, capsys: Said) -> None:
    with open_test_desk(tmp_path, chip={"profile": "none"}) as hands:
        hands.portrayed(hands.liga)
        asked_for = words("--batch", "--faculty", "DITF")
        printing.run(asked_for, Output(as_json=False, language="lv"), hands.desk, lambda _issuance: True)
        said = capsys.readouterr().out
        tr = Translator("lv")
        assert tr.text("came out") in said
        assert tr.text("Without a portrait: {count} ({names})", count=1, names="Mārtiņš Ģērmanis") in said


def test_no_batch_is_printed_whose_list_can_go_nowhere(tmp_path: Path, capsys: Said) -> None:
    (tmp_path / "file").touch()
    with open_test_desk(tmp_path / "desk", chip={"profile": "none"}) as hands:
        issuance = hands.portrayed(hands.liga)
        with pytest.raises(InputError, match="can't be written"):
            asked(hands, capsys, "--batch", "--out", str(tmp_path / "file" / "lists"))
        assert hands.desk.journal.issuance(issuance.id) == issuance


def test_cards_whose_chip_was_written_by_hand_are_in_no_batch(tmp_path: Path, capsys: Said) -> None:
    with open_test_desk(tmp_path) as hands:
        issuance = hands.encoded()
        hands.portrayed(hands.martins)
        assert asked(hands, capsys, "--batch")[1]["cards"] == []
        assert hands.desk.journal.issuance(issuance.id).state is State.ENCODED


def test_a_batch_is_begun_for_a_list_of_numbers(tmp_path: Path, capsys: Said) -> None:
    with open_test_desk(tmp_path, chip={"profile": "none"}) as hands:
        hands.desk.store.portraits.add(a_portrait(hands.liga.id))
        listed = tmp_path / "list.txt"
        listed.write_text("# evening\n051reb123;Līga\n041REB390\n999\n\n051reb123\n", encoding="utf-8")
        code, planned = asked(hands, capsys, "--batch", "--list", str(listed), "--plan")
        assert code == 0
        assert [(card["student_number"], card["escn"]) for card in planned["cards"]] == [("051REB123", "")]  # type: ignore[attr-defined]
        assert planned["left_out"] == [
            {"student_number": "041REB390", "why": "no_portrait"}, {"student_number": "999", "why": "unknown"},
        ]  # fmt: skip
        code, done = asked(hands, capsys, "--batch", "--list", str(listed))
        assert (code, [card["outcome"] for card in done["cards"]]) == (0, ["out"])  # type: ignore[attr-defined]
        code, again = asked(hands, capsys, "--batch", "--list", str(listed))
        assert (code, again["cards"]) == (0, [])
        assert {"student_number": "051reb123", "why": "in_the_making"} in again["left_out"]  # type: ignore[operator]


def test_a_batch_is_begun_for_a_programme(tmp_path: Path, capsys: Said) -> None:
    with open_test_desk(tmp_path, chip={"profile": "none"}) as hands:
        for holder in (hands.liga, hands.martins):
            hands.desk.store.portraits.add(a_portrait(holder.id))
        assert asked(hands, capsys, "--batch", "--programme", "Filozofija", "--plan")[1]["cards"] == []
        code, done = asked(hands, capsys, "--batch", "--faculty", "DITF", "--programme", "datorzinatne")
        assert (code, len(done["cards"])) == (0, 2)  # type: ignore[arg-type]


def test_a_list_that_cannot_be_read_prints_nothing(tmp_path: Path, capsys: Said) -> None:
    with open_test_desk(tmp_path, chip={"profile": "none"}) as hands, pytest.raises(InputError, match="can't be read"):
        asked(hands, capsys, "--batch", "--list", str(tmp_path / "none.txt"))
