"""``station sync``: once, and watching; against a real sandbox, and without any."""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from station.cli import sync, verbs
from station.cli.output import Output
from station.cli.parser import build_parser
from station.services.public_status import router_standing
from tests.helpers.desk_online import OnlineDesk, open_online_desk
from tests.helpers.desks import open_test_desk

Said = pytest.CaptureFixture[str]


@pytest.fixture
def online(tmp_path: Path) -> Iterator[OnlineDesk]:
    with open_online_desk(tmp_path) as desk:
        yield desk


def programs() -> Output:
    return Output(as_json=True, language="en")


class UntilDone(threading.Event):
    """A cancel that is set as soon as nothing waits any more."""

    def __init__(self, online: OnlineDesk) -> None:
        super().__init__()
        self.outbox = online.bench.desk.store.outbox

    def is_set(self) -> bool:
        """Tell whether everything is told and read back."""
        return super().is_set() or not self.outbox.entries(unfinished=True)


def test_once_sends_and_the_card_is_read_back(online: OnlineDesk, capsys: Said) -> None:
    desk = online.bench.desk
    card = desk.issuances.hand_over(online.bench.verified().id)
    assert verbs.sync(build_parser().parse_args(["sync"]), programs(), desk) == 0
    said = json.loads(capsys.readouterr().out)
    assert said == {"sent": 3, "failed": 0, "parked": 0, "waiting": 0, "router": None}
    registered = desk.store.cards.get(card.escn)
    assert registered is not None
    assert router_standing(desk.store, registered).status == "ACTIVE"


def test_watching_says_what_moves_until_it_is_stopped(online: OnlineDesk, capsys: Said) -> None:
    desk = online.bench.desk
    desk.issuances.hand_over(online.bench.verified().id)
    assert sync.watch(programs(), desk, UntilDone(online)) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (lines[0]["waiting"], lines[0]["parked"]) == (3, 0)
    assert (lines[-1]["waiting"], lines[-1]["done"], lines[-1]["router"]) == (0, 4, None)
    assert [line for line, then in itertools.pairwise(lines) if line == then] == []


def test_watching_names_the_trouble_in_words(tmp_path: Path, capsys: Said) -> None:
    with open_test_desk(tmp_path) as hands:
        hands.desk.issuances.hand_over(hands.verified().id)
        cancel = threading.Event()
        hands.desk.link.heard = cancel.set
        assert sync.watch(Output(as_json=False, language="en"), hands.desk, cancel) == 1
    last = capsys.readouterr().out.splitlines()[-1]
    assert "3 wait, 0 need a decision, 0 done." in last
    assert "can't be reached" in last


def test_once_says_why_something_still_waits(tmp_path: Path, capsys: Said) -> None:
    with open_test_desk(tmp_path) as hands:
        hands.desk.issuances.hand_over(hands.verified().id)
        args = build_parser().parse_args(["sync"])
        assert verbs.sync(args, Output(as_json=False, language="en"), hands.desk) == 1
        counts, why = capsys.readouterr().out.splitlines()
        assert verbs.sync(args, programs(), hands.desk) == 1
        told = json.loads(capsys.readouterr().out)
    assert counts == "0 sent, 3 still wait, 0 need a decision."
    assert "can't be reached" in why
    assert (told["waiting"], told["router"]["code"], told["router"]["what"] in why) == (3, "RouterUnreachable", True)


def test_watch_is_an_option_of_the_verb() -> None:
    assert build_parser().parse_args(["sync", "--watch"]).watch


def test_what_was_parked_goes_by_itself_after_the_corrected_import(
    online: OnlineDesk, tmp_path: Path, capsys: Said
) -> None:
    desk, liga, file = online.bench.desk, online.bench.liga, tmp_path / "register.csv"

    def load(esi: str | None) -> None:
        fields = (liga.student_number, liga.given_names, liga.family_name, liga.email, esi or "")
        file.write_text(
            "student_number;given_names;family_name;email;esi\n" + ";".join(str(field) for field in fields) + "\n",
            encoding="utf-8",
        )
        args = build_parser().parse_args(["holders", "import", str(file), "--yes"])
        assert verbs.holders(args, programs(), desk) == 0
        capsys.readouterr()

    def sent(end: int) -> dict[str, int]:
        assert verbs.sync(build_parser().parse_args(["sync"]), programs(), desk) == end
        found: dict[str, int] = json.loads(capsys.readouterr().out)
        assert found.pop("router") is None
        return found

    load(None)
    desk.issuances.hand_over(online.bench.verified().id)
    assert sent(1) == {"sent": 0, "failed": 0, "parked": 1, "waiting": 2}
    load(liga.esi)
    assert sent(0) == {"sent": 3, "failed": 0, "parked": 0, "waiting": 0}
