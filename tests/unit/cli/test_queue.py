"""``station queue`` on a desk without a network, and with a sandbox: lists, promises, slips, the day."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pytest

from station.cli import verbs
from station.cli.output import Output
from station.cli.parser import build_parser
from station.domain.card import Card
from station.domain.errors import InputError, RouterGoneError, RouterRefusedError
from station.domain.outbox import FINAL, OutboxKind, failed
from tests.helpers.desks import TestDesk, open_test_desk

Said = pytest.CaptureFixture[str]
WAIT_S = 120.0


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[TestDesk]:
    with open_test_desk(tmp_path) as hands:
        yield hands


@pytest.fixture
def card(bench: TestDesk) -> Card:
    """Return a card that was handed over two minutes ago."""
    card = bench.desk.issuances.hand_over(bench.verified().id)
    bench.dial.set("clock", "wrong", WAIT_S)
    return card


def words(*typed: str | Path) -> Namespace:
    return build_parser().parse_args(["queue", *(str(word) for word in typed)])


def value(bench: TestDesk, said: Said, *typed: str | Path, end: int = 0) -> dict[str, object]:
    said.readouterr()
    assert verbs.queue(words(*typed), Output(as_json=True, language="en"), bench.desk) == end
    found: dict[str, object] = json.loads(said.readouterr().out)
    return found


def text(bench: TestDesk, said: Said, *typed: str | Path, language: str = "en") -> str:
    said.readouterr()
    verbs.queue(words(*typed), Output(as_json=False, language=language), bench.desk)
    return said.readouterr().out


def park(bench: TestDesk, card: Card) -> str:
    entry = next(e for e in bench.desk.store.outbox.entries() if e.kind is OutboxKind.PERSON)
    refused = RouterRefusedError(status=400, detail="email: is no e-mail address")
    bench.desk.store.outbox.update(failed(entry, refused.what, {**refused.params, "todo": refused.todo}, None))
    return entry.key


def test_entries_have_name_state_and_age(bench: TestDesk, card: Card, capsys: Said) -> None:
    listed = value(bench, capsys)
    assert (listed["waiting"], listed["parked"]) == (3, 0)
    entries = listed["entries"]
    assert isinstance(entries, list)
    assert [each["kind"] for each in entries] == ["person", "card", "picture"]
    assert {each["name"] for each in entries} == {"Līga Bērziņa-Šķēle"}
    assert all(WAIT_S <= each["age_s"] < WAIT_S + 600 for each in entries)
    said = text(bench, capsys, "list")
    assert "waits  the person  Līga Bērziņa-Šķēle  2 min" in said
    assert said.endswith("3 wait, 0 need a decision.\n")


def test_what_is_parked_says_why_and_what_to_do(bench: TestDesk, card: Card, capsys: Said) -> None:
    key = park(bench, card)
    said = text(bench, capsys, "list", "--parked")
    assert "needs a decision  the person" in said
    assert "is no e-mail address" in said
    assert f"station queue retry {key}" in said
    parked = value(bench, capsys, "list", "--parked")["entries"]
    assert isinstance(parked, list)
    assert [each["key"] for each in parked] == [key]
    assert parked[0]["todo"]
    assert value(bench, capsys, "retry", key) == {"retried": 1}
    assert value(bench, capsys, "list", "--parked")["entries"] == []


def test_a_final_answer_is_told_again_instead_of_a_try(bench: TestDesk, card: Card, capsys: Said) -> None:
    entry, gone = next(iter(bench.desk.store.outbox.entries())), RouterGoneError(status=410)
    said: dict[str, object] = {"status": 410, "todo": gone.todo, "code": gone.code, FINAL: True}
    bench.desk.store.outbox.update(failed(entry, gone.what, said, None))
    listed = text(bench, capsys, "list", "--parked")
    assert "anonymised" in listed
    assert "queue retry" not in listed
    with pytest.raises(InputError, match="anonymised") as caught:
        text(bench, capsys, "retry", entry.key)
    assert "data-protection" in caught.value.todo
    with pytest.raises(InputError, match="Nothing in the queue"):
        text(bench, capsys, "retry", "card:nothing")


def test_a_long_queue_is_cut_and_says_so(bench: TestDesk, card: Card, capsys: Said) -> None:
    assert "Only the first 2" in text(bench, capsys, "list", "--limit", "2")


def test_promises_are_listed_until_they_are_kept(bench: TestDesk, card: Card, capsys: Said) -> None:
    promised = value(bench, capsys, "promises")
    assert promised["kept"] == []
    assert isinstance(promised["open"], list)
    (promise,) = promised["open"]
    assert (promise["escn"], promise["holder"], promise["stuck"]) == (card.escn, "051REB123", False)
    said = text(bench, capsys, "promises")
    assert "Līga Bērziņa-Šķēle" in said
    assert "1 promise is not kept yet, 0 were kept today." in said
    park(bench, card)
    assert value(bench, capsys, "promises", end=0)["open"], "the card itself only waits behind its person"


def test_a_slip_is_written_for_whom_it_was_promised(bench: TestDesk, card: Card, capsys: Said, tmp_path: Path) -> None:
    file = tmp_path / "slip.pdf"
    assert value(bench, capsys, "slip", "--holder", "051REB123", "--out", file)["slips"] == 1
    assert "1 slip" in text(bench, capsys, "slip", "--all", "--language", "uk", "--out", file)
    with pypdfium2.PdfDocument(file) as document:
        said = document[0].get_textpage().get_text_bounded()
    assert card.escn in said
    assert "Ваша картка" in said
    with pytest.raises(InputError, match="Nobody of these waits"):
        value(bench, capsys, "slip", "--holder", "041REB390", "--out", file)
    with pytest.raises(InputError, match="can't be written"):
        value(bench, capsys, "slip", "--all", "--out", tmp_path / "no" / "such" / "folder.pdf")


def test_the_day_counts_issued_against_registered(bench: TestDesk, card: Card, capsys: Said) -> None:
    bench.dial.clear()
    day = value(bench, capsys, "day")
    assert (day["issued"], day["registered"]) == (1, 0)
    steps = day["steps"]
    assert isinstance(steps, list)
    assert steps[-1]["issued"] == 1
    said = text(bench, capsys, "day")
    assert "░" in said
    assert "0/1" in said
    assert text(bench, capsys, "day", language="lv") != said


@pytest.mark.parametrize("typed", [("list", "--limit", "many"), ("slip", "--out", "x.pdf"), ("nothing",)])
def test_bad_usage_is_refused(typed: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit):
        words(*typed)
