"""``station card block`` and its like, and ``station holders withdraw-consent``, on a desk without a network."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

import pytest

from station.cli import verbs
from station.cli.card_life import agree_again, change, history, withdraw_consent
from station.cli.output import Output
from station.cli.parser import build_parser
from station.domain.card import Card
from station.domain.errors import InputError
from station.domain.outbox import DELETIONS
from station.ports.store import ConsentRecord
from station.services.consent import EXPORT
from tests.helpers.desks import TestDesk, open_test_desk

Said = pytest.CaptureFixture[str]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[TestDesk]:
    with open_test_desk(tmp_path) as hands:
        yield hands


@pytest.fixture
def card(bench: TestDesk) -> Card:
    return bench.desk.issuances.hand_over(bench.verified().id)


def words(*typed: str) -> Namespace:
    return build_parser().parse_args([*typed])


def asked(bench: TestDesk, said: Said, *typed: str) -> dict[str, object]:
    said.readouterr()
    args = words(*typed)
    assert verbs.VERBS[typed[0]](args, Output(as_json=True, language="en"), bench.desk) == 0
    found: dict[str, object] = json.loads(said.readouterr().out)
    return found


def test_a_card_goes_its_way(bench: TestDesk, card: Card, capsys: Said) -> None:
    said = asked(bench, capsys, "card", "block", "--escn", card.escn.upper(), "--lost", "--reason", "on the bus")
    assert (said["state"], said["reason"], said["registration"]) == ("lost", "on the bus", "queued")
    assert asked(bench, capsys, "card", "unblock", "--escn", card.escn)["state"] == "active"
    said = asked(bench, capsys, "card", "extend", "--escn", card.escn, "--until", "2031-08-31")
    assert said["expires_on"] == "2031-08-31"
    assert asked(bench, capsys, "card", "replace", "--escn", card.escn)["state"] == "active"
    assert asked(bench, capsys, "card", "revoke", "--escn", card.escn)["state"] == "revoked"
    assert history(words("card", "history", "--escn", card.escn), Output(as_json=False, language="en"), bench.desk) == 0
    told = capsys.readouterr().out.splitlines()
    assert [line.split("  ")[1].strip() for line in told] == ["in use", "reported lost", "in use", "in use", "revoked"]
    with pytest.raises(InputError, match="its record says"):
        asked(bench, capsys, "card", "unblock", "--escn", card.escn)


def test_who_replaces_a_card_is_told_what_comes_next(bench: TestDesk, card: Card, capsys: Said) -> None:
    args = words("card", "replace", "--escn", card.escn, "--stolen")
    assert change(args, Output(as_json=False, language="en"), bench.desk) == 0
    assert "station issue --holder 051REB123" in capsys.readouterr().out


def test_a_new_card_tells_of_the_old_one_first(bench: TestDesk, card: Card) -> None:
    newer = bench.desk.issuances.hand_over(bench.verified().id)
    told = [(e.escn, e.payload["status"]) for e in bench.desk.store.outbox.entries() if e.kind == "card"]
    assert told == [(card.escn, "ACTIVE"), (card.escn, "INACTIVE"), (newer.escn, "ACTIVE")]


def test_consent_is_withdrawn_only_when_that_is_said(bench: TestDesk, card: Card, capsys: Said) -> None:
    first = asked(bench, capsys, "holders", "withdraw-consent", "--holder", "051REB123")
    assert (first["done"], first["cards"]) == (False, [card.escn])
    asking = words("holders", "withdraw-consent", "--holder", "051REB123")
    assert withdraw_consent(asking, Output(as_json=False, language="en"), bench.desk) == 0
    assert "1 card; the card stays valid here. To do it, add --yes." in capsys.readouterr().out
    assert len(bench.desk.store.outbox.entries()) == 3
    done = asked(bench, capsys, "holders", "withdraw-consent", "--holder", "051REB123", "--yes")
    assert (done["done"], done["ended"], done["deletions"]) == (True, 3, 3)
    assert all(entry.kind in DELETIONS for entry in bench.desk.store.outbox.entries())
    bench.desk.issuances.hand_over(bench.verified().id)
    assert all(entry.kind in DELETIONS for entry in bench.desk.store.outbox.entries())


@pytest.mark.parametrize("typed", [("block",), ("extend", "--escn", "x"), ("extend", "--escn", "x", "--until", "soon")])
def test_bad_usage(typed: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit):
        words("card", *typed)


def test_who_withdrew_may_agree_again(bench: TestDesk, card: Card, capsys: Said) -> None:
    asked(bench, capsys, "holders", "withdraw-consent", "--holder", "051REB123", "--yes")
    first = asked(bench, capsys, "holders", "agree-again", "--holder", "051REB123")
    assert first == {"holder": "051REB123", "cards": [card.escn], "done": False}
    assert asked(bench, capsys, "holders", "agree-again", "--holder", "051REB123", "--yes")["done"] is True
    queued = [entry.kind for entry in bench.desk.store.outbox.entries() if entry.kind not in DELETIONS]
    assert queued == ["person", "card", "picture"]
    people = Output(as_json=False, language="en")
    again = words("holders", "agree-again", "--holder", "051REB123")
    assert agree_again(again, people, bench.desk) == 0
    assert "has not withdrawn" in capsys.readouterr().out
    bench.desk.lifecycle.withdraw_consent(bench.liga)
    agree_again(again, people, bench.desk)
    agree_again(words("holders", "agree-again", "--holder", "051REB123", "--yes"), people, bench.desk)
    told = capsys.readouterr().out
    assert "would be told of Līga Bērziņa-Šķēle and 1 card again" in told
    assert "1 card goes out now" in told


def test_an_agreement_that_was_broken_off_is_finished_by_asking_again(
    bench: TestDesk, card: Card, capsys: Said
) -> None:
    asked(bench, capsys, "holders", "withdraw-consent", "--holder", "051REB123", "--yes")
    bench.desk.store.consents.add(ConsentRecord(bench.liga.id, "1", "en", EXPORT, bench.desk.clock.now()))
    again = ("holders", "agree-again", "--holder", "051REB123")
    assert asked(bench, capsys, *again) == {"holder": "051REB123", "cards": [card.escn], "done": False}
    assert asked(bench, capsys, *again, "--yes")["cards"] == [card.escn]
    assert asked(bench, capsys, *again, "--yes")["cards"] == []
