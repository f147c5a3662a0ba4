"""``station card check`` and ``station reconcile`` at a desk with a real sandbox."""

from __future__ import annotations

import json
import threading
from argparse import Namespace
from collections.abc import Iterator

import pytest

from station.cli import verbs
from station.cli.card_check import check_card
from station.cli.output import Output
from station.cli.parser import build_parser
from station.domain.card import Card
from station.domain.enrolment import Right
from station.domain.station_errors import NotAllowedError
from station.services.rights import AllRights
from tests.helpers.desk_online import OnlineDesk, open_online_desk

Said = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def online(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OnlineDesk]:
    with open_online_desk(tmp_path_factory.mktemp("online")) as desk:
        yield desk


@pytest.fixture(scope="module")
def card(online: OnlineDesk) -> Card:
    made = online.bench.desk.issuances.hand_over(online.bench.verified().id)
    online.bench.desk.outbox.run_once(threading.Event())
    return made


def words(*typed: str) -> Namespace:
    return build_parser().parse_args([*typed])


def asked(online: OnlineDesk, said: Said, *typed: str) -> tuple[int, list[dict[str, object]]]:
    said.readouterr()
    code = verbs.VERBS[typed[0]](words(*typed), Output(as_json=True, language="en"), online.bench.desk)
    return code, [json.loads(line) for line in said.readouterr().out.splitlines()]


def test_a_number_a_qr_and_the_card_itself(online: OnlineDesk, card: Card, capsys: Said) -> None:
    for typed in (
        ("--escn", card.escn.upper()),
        ("--qr", f"https://s.esc-r.eu/{card.escn}"),
        ("--uid", card.uid or ""),
    ):
        code, (said,) = asked(online, capsys, "card", "check", *typed)
        assert (code, said["verdict"], said["escn"], said["ours"]) == (0, "active", card.escn, True)


def test_in_words(online: OnlineDesk, card: Card, capsys: Said) -> None:
    args, out = words("card", "check", "--escn", card.escn), Output(as_json=False, language="en")
    assert check_card(args, out, online.bench.desk) == 0
    title, *lines = capsys.readouterr().out.splitlines()
    assert title == "Valid"
    assert lines
    assert all(line.startswith("  ") for line in lines)
    code, (said,) = asked(online, capsys, "card", "check", "--qr", "https://menu.example/")
    assert (code, said["verdict"], said["escn"]) == (1, "not_esc", None)


def test_reconcile_finds_and_settles(online: OnlineDesk, card: Card, capsys: Said) -> None:
    # Another one that stays: a router that knows none of the cards any more would stop the queue.
    online.bench.desk.issuances.hand_over(online.bench.verified(online.bench.martins).id)
    online.bench.desk.outbox.run_once(threading.Event())
    code, lines = asked(online, capsys, "reconcile", "--thorough")
    assert (code, lines[-1]["there"], lines[-1]["here"]) == (0, 2, 2)
    online.bench.desk.router.delete_card(card.escn)
    code, lines = asked(online, capsys, "reconcile")
    assert (code, lines[0]["group"], lines[0]["settled"]) == (1, "missing_there", False)
    assert verbs.reconcile(words("reconcile"), Output(as_json=False, language="en"), online.bench.desk) == 1
    assert "not known at ESC-Router" in capsys.readouterr().out
    code, lines = asked(online, capsys, "reconcile", "--leave", card.escn)
    assert (code, lines[0]["left"], lines[-1]["left"]) == (0, True, 1)
    code, lines = asked(online, capsys, "reconcile", "--apply", "missing_there")
    assert (code, lines[-1]["settled"]) == (0, 0), "what was left as it is is no part of its group"
    assert verbs.reconcile(words("reconcile"), Output(as_json=False, language="en"), online.bench.desk) == 0
    assert "left as it is" in capsys.readouterr().out
    code, lines = asked(online, capsys, "reconcile", "--escn", card.escn)
    assert (code, lines[0]["settled"], lines[-1]["settled"]) == (0, True, 1)
    online.bench.desk.outbox.run_once(threading.Event())
    assert asked(online, capsys, "reconcile", "--thorough")[0] == 0


class OnlyLooking(AllRights):
    """A station that may change no card."""

    def need(self, right: Right) -> None:
        """Refuse it."""
        raise NotAllowedError(right=right.value)


@pytest.mark.parametrize("how", [("--apply", "missing_there"), ("--escn", "11111111-1111-1111-8111-001999465982")])
def test_a_station_that_may_change_no_card_compares_and_settles_nothing(
    online: OnlineDesk, card: Card, capsys: Said, monkeypatch: pytest.MonkeyPatch, how: tuple[str, str]
) -> None:
    monkeypatch.setattr(online.bench.desk.journal, "rights", OnlyLooking())
    assert asked(online, capsys, "reconcile")[1][-1]["settled"] == 0
    with pytest.raises(NotAllowedError):
        asked(online, capsys, "reconcile", *how)
    assert capsys.readouterr().out == "", "refused before anything is asked"
