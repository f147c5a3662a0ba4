"""The verbs, on a simulated desk: what they print, and what they change."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from station.cli import cards, doctor, importing, sandbox, verbs
from station.cli.output import Output
from station.cli.parser import build_parser
from station.domain.errors import CardAbsentError, ChipMismatchError, InputError, RegisterFileError, WorkflowError
from station.domain.workflow import State
from station.ports.printer import RenderedSide
from station.resources import asset
from tests.helpers.desks import TestDesk, open_test_desk

Said = pytest.CaptureFixture[str]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[TestDesk]:
    """Yield a desk without a router that answers."""
    with open_test_desk(tmp_path / "desk") as desk:
        yield desk


def words(*typed: str | Path) -> Namespace:
    return build_parser().parse_args([str(word) for word in typed])


def programs() -> Output:
    return Output(as_json=True, language="en")


def people() -> Output:
    return Output(as_json=False, language="en")


def value(said: Said) -> object:
    return json.loads(said.readouterr().out)


def test_every_verb_of_the_parser_has_somebody_to_do_it() -> None:
    elsewhere = {"gui", "sandbox", "doctor", "enrol"}
    choices = next(a.choices for a in build_parser()._actions if isinstance(a.choices, dict))
    assert set(choices) - elsewhere == set(verbs.VERBS)


def test_holders_are_found_or_the_person_is_told(bench: TestDesk, capsys: Said) -> None:
    assert verbs.holders(words("holders", "search", "berzina"), programs(), bench.desk) == 0
    (found,) = value(capsys)
    assert found["name"] == "Līga Bērziņa-Šķēle"
    verbs.holders(words("holders", "search", "nobody"), people(), bench.desk)
    assert "“nobody”" in capsys.readouterr().out


def test_an_import_says_what_it_would_do_and_does_it_when_told(bench: TestDesk, tmp_path: Path, capsys: Said) -> None:
    file = tmp_path / "more.csv"
    file.write_text("student_number;given_names;family_name\n071REB900;Ņina;Ūdre\n", encoding="utf-8")
    importing.import_holders(words("holders", "import", file), programs(), bench.desk)
    assert value(capsys)["written"] == 0
    importing.import_holders(words("holders", "import", file, "--yes"), people(), bench.desk)
    assert "1 new" in capsys.readouterr().out
    assert bench.desk.store.holders.by_student_number("071REB900") is not None


def test_a_register_keeps_its_name_when_its_files_have_others(bench: TestDesk, tmp_path: Path, capsys: Said) -> None:
    def imported(name: str, *numbers: str, source: tuple[str, ...] = ("--source", "Students")) -> dict[str, object]:
        lines = [f"{number};Ņina;Ūdre" for number in numbers]
        (tmp_path / name).write_text("\n".join(["student_number;given_names;family_name", *lines]), encoding="utf-8")
        importing.import_holders(words("holders", "import", tmp_path / name, "--yes", *source), programs(), bench.desk)
        return value(capsys)

    assert imported("register.csv", "900", "901")["new"] == 2
    again = imported("register-2026-11.csv", "901", "902")
    assert (again["source"], again["new"], again["same"], again["vanished"]) == ("Students", 1, 1, ["900"])
    assert bench.desk.store.holders.count() == 2 + 3  # nobody is there twice
    elsewhere = imported("staff.csv", "903", source=())
    assert (elsewhere["source"], elsewhere["vanished"]) == ("staff.csv", [])


def test_the_profile_can_name_the_register(tmp_path: Path, capsys: Said) -> None:
    with open_test_desk(tmp_path / "desk", register={"name": "Students"}) as bench:
        file = tmp_path / "november.csv"
        file.write_text("student_number;given_names;family_name\n900;Ņina;Ūdre\n", encoding="utf-8")
        importing.import_holders(words("holders", "import", file), programs(), bench.desk)
        assert value(capsys)["source"] == "Students"


def test_every_bad_line_of_a_register_is_named_at_once(bench: TestDesk, tmp_path: Path, capsys: Said) -> None:
    file = tmp_path / "bad.csv"
    file.write_text("student_number;given_names;family_name\n;A;B\n1;;B\n2;A;B\n", encoding="utf-8")
    said = []
    for out in (people(), programs()):
        with pytest.raises(RegisterFileError, match=r"2 lines of bad\.csv") as refused:
            importing.import_holders(words("holders", "import", file, "--yes"), out, bench.desk)
        out.error(refused.value)
        said.append(capsys.readouterr())
    listed, told = said
    assert len(listed.out.splitlines()) == 2
    assert all(line.endswith(".") and line.count("line ") == 1 for line in listed.out.splitlines())
    assert "line " not in listed.err.replace("2 lines", "")  # each mistake is said once
    assert [problem["what"] in listed.out for problem in json.loads(told.out)["problems"]] == [True, True]
    assert bench.desk.store.holders.by_student_number("2") is None


def test_the_only_bad_line_of_a_register_is_said_once(bench: TestDesk, tmp_path: Path, capsys: Said) -> None:
    file = tmp_path / "bad.csv"
    file.write_text("student_number;given_names;family_name\n1;;B\n", encoding="utf-8")
    with pytest.raises(RegisterFileError, match="line 2"):
        importing.import_holders(words("holders", "import", file), people(), bench.desk)
    assert capsys.readouterr().out == ""


def test_a_card_is_issued_and_told_in_both_forms(bench: TestDesk, tmp_path: Path, capsys: Said) -> None:
    picture = sorted(asset("demo", "portraits").glob("*.jpg"))[0]
    args = words("issue", "--holder", "051reb123", "--photo", picture, "--out", tmp_path)
    assert verbs.issue(args, programs(), bench.desk) == 0
    card = value(capsys)
    assert card["registration"]["state"] == "queued"
    assert card["chip"]["verified"]
    verbs.issue(words("issue", "--holder", "041REB390", "--out", tmp_path), people(), bench.desk)
    said = capsys.readouterr().out
    assert "Mārtiņš Ģērmanis" in said
    assert "ESC-Router: waits in the queue; the card is valid" in said
    with pytest.raises(InputError, match="000"):
        verbs.issue(words("issue", "--holder", "000"), people(), bench.desk)
    with pytest.raises(InputError, match=r"no\.jpg"):
        verbs.issue(words("issue", "--holder", "051REB123", "--photo", "no.jpg"), people(), bench.desk)


def test_the_demo_hands_over_no_card_that_never_came_out(bench: TestDesk, capsys: Said) -> None:
    bench.dial.set("printer", "lost")
    with pytest.raises(WorkflowError, match="did not come out"):
        verbs.demo(words("demo", "--headless"), programs(), bench.desk)
    (issuance,) = bench.desk.store.issuances.open_issuances()
    assert (issuance.state, issuance.pending) == (State.ENCODED, None)
    bench.dial.clear("printer")
    assert verbs.demo(words("demo", "--headless"), programs(), bench.desk) == 0
    assert issuance.escn in capsys.readouterr().out, "the same card goes on"


def test_what_waits_is_shown_with_the_routers_answer_and_retried(bench: TestDesk, capsys: Said) -> None:
    bench.desk.issuances.hand_over(bench.verified().id)
    assert verbs.sync(words("sync"), programs(), bench.desk) == 1
    assert value(capsys)["waiting"] == 3
    verbs.queue(words("queue"), programs(), bench.desk)
    listed = value(capsys)
    assert len(listed["entries"]) == 3
    assert "reached" in listed["entries"][0]["answer"]
    verbs.queue(words("queue"), people(), bench.desk)
    assert "3 wait" in capsys.readouterr().out
    verbs.queue(words("queue", "retry"), programs(), bench.desk)
    assert value(capsys)["retried"] >= 1
    with pytest.raises(InputError, match="card:nope"):
        verbs.queue(words("queue", "retry", "card:nope"), programs(), bench.desk)


def test_the_journal_tells_one_card_or_the_newest(bench: TestDesk, capsys: Said) -> None:
    issuance = bench.encoded()
    verbs.journal(words("journal", "--escn", issuance.escn.upper()), programs(), bench.desk)
    assert [e["event"] for e in value(capsys)] == ["Began", "PortraitTaken", "EncodeBegun", "EncodeReached", "Encoded"]
    verbs.journal(words("journal", "--limit", "2"), people(), bench.desk)
    assert len(capsys.readouterr().out.splitlines()) == 2
    with pytest.raises(InputError, match="nope"):
        verbs.journal(words("journal", "--escn", "nope"), people(), bench.desk)


def test_a_journal_without_an_entry_is_said_to_be_empty(bench: TestDesk, capsys: Said) -> None:
    assert verbs.journal(words("journal"), people(), bench.desk) == 0
    assert len(capsys.readouterr().out.splitlines()) == 1
    assert verbs.journal(words("journal"), programs(), bench.desk) == 0
    assert value(capsys) == []


def test_a_card_is_drawn_into_files(bench: TestDesk, tmp_path: Path, capsys: Said) -> None:
    verbs.render(words("render", "--holder", "051REB123", "--out", tmp_path / "new"), programs(), bench.desk)
    files = {name: Path(path) for name, path in value(capsys).items()}
    assert set(files) == {"front", "back", "proof"}
    assert files["proof"].read_bytes().startswith(b"%PDF")


def test_a_card_is_drawn_again_as_it_was(bench: TestDesk, tmp_path: Path, capsys: Said) -> None:
    issuance = bench.portrayed()
    verbs.render(words("render", "--card", issuance.escn.upper(), "--out", tmp_path), programs(), bench.desk)
    files = {name: Path(path) for name, path in value(capsys).items()}
    assert files["front"].name == f"{issuance.escn}-front.png"
    assert Image.open(files["front"]).tobytes() == _drawn(bench.desk.render(issuance).card.front)
    with pytest.raises(InputError, match="No card here has the number nope"):
        verbs.render(words("render", "--card", "nope", "--out", tmp_path), programs(), bench.desk)


def _drawn(side: RenderedSide) -> bytes:
    return side.composite.data


def test_the_printer_is_described(bench: TestDesk, capsys: Said) -> None:
    bench.dial.set("printer", "feeder-empty")
    verbs.printers(words("printers"), people(), bench.desk)
    assert "no blank cards left" in capsys.readouterr().out


def test_a_card_on_the_reader_is_read_and_compared(bench: TestDesk, capsys: Said) -> None:
    issuance = bench.encoded()
    cards.read_card(words("card", "read", "--uid", issuance.uid), programs(), bench.desk)
    assert value(capsys)["holder"] == "Līga Bērziņa-Šķēle"
    cards.verify_card(words("card", "verify", "--uid", issuance.uid), people(), bench.desk)
    assert issuance.escn in capsys.readouterr().out
    with pytest.raises(ChipMismatchError, match="not made here"):
        cards.verify_card(words("card", "verify", "--uid", "blank"), people(), bench.desk)
    bench.tray.take_off()
    with pytest.raises(CardAbsentError):
        cards.read_card(words("card", "read", "--uid", "04" * 7, "--wait", "0.05"), people(), bench.desk)
    assert bench.desk.journal.issuance(issuance.id).state is State.ENCODED


def test_the_fault_dial_is_turned_shown_and_cleared(tmp_path: Path, capsys: Said) -> None:
    def fault(*typed: str) -> None:
        assert sandbox.run(words("sandbox", "fault", *typed), programs(), tmp_path) == 0

    fault("router", "slow", "2.5")
    assert value(capsys)["faults"] == [{"device": "router", "kind": "slow", "value": 2.5}]
    fault("camera", "unplugged")
    assert len(value(capsys)["faults"]) == 2
    fault("clear", "router")
    assert [f["device"] for f in value(capsys)["faults"]] == ["camera"]
    fault("clear")
    assert value(capsys)["faults"] == []
    with pytest.raises(InputError, match="toaster"):
        fault("toaster", "burnt")


def test_the_doctor_ends_with_1_when_something_needs_a_person(tmp_path: Path, capsys: Said) -> None:
    assert doctor.run(words("doctor", "--demo"), people(), None, tmp_path) == 0
    assert "Everything that is needed is here." in capsys.readouterr().out
    sandbox.run(words("sandbox", "fault", "camera", "unplugged"), programs(), tmp_path)
    capsys.readouterr()
    assert doctor.run(words("doctor", "--demo"), people(), None, tmp_path) == 1
    told = capsys.readouterr().out
    assert "!!  camera" in told
    assert "→ Plug" in told


def test_without_anybody_to_ask_the_person_is_told_how_to_answer(bench: TestDesk) -> None:
    issuance = bench.encoded()
    ask = verbs._asker("ask", people())
    with pytest.raises(InputError, match="--came-out"):
        ask(issuance)
    assert verbs._asker("yes", people())(issuance)
    assert not verbs._asker("no", people())(issuance)
