"""``station merge`` at a desk that was alone."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from station.adapters.standby.tending import Tender
from station.cli.merge import merge
from station.cli.output import Output
from station.cli.parser import build_parser
from station.domain.errors import InputError
from station.services.desk import Desk
from tests.helpers.desks import open_test_desk
from tests.helpers.standby import Desks, DeskScribe, ready_desks, two_pieces

Said = pytest.CaptureFixture[str]


@pytest.fixture
def desks(tmp_path: Path) -> Iterator[Desks]:
    made = ready_desks(tmp_path / "desks", ("id-1", "id-2"))
    yield made
    made.close()


@pytest.fixture
def desk(desks: Desks, tmp_path: Path) -> Iterator[Desk]:
    """Return a desk whose store is the first one's."""
    with open_test_desk(tmp_path) as bench:
        store = desks.open["Desk 1"]
        yield replace(bench.desk, store=store, standby=store)


def run(desk: Desk, *typed: str | Path, as_json: bool = False) -> int:
    words: Namespace = build_parser().parse_args(["merge", *(str(word) for word in typed)])
    return merge(words, Output(as_json=as_json, language="en"), desk)


def test_a_desk_that_is_one_of_several_says_so(desk: Desk, capsys: Said) -> None:
    assert run(desk) == 0
    assert capsys.readouterr().out == "connected\n"
    assert run(desk, "list", as_json=True) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["alone_since"], said["cards"], said["ready"], said["doubts"]) == (None, 0, True, [])


def test_a_desk_that_is_alone_says_since_when(desk: Desk, desks: Desks, capsys: Said) -> None:
    desks.cut()
    DeskScribe(desks, "Desk 1", holder_id="id-1", uid="04AA").hand_over()
    assert run(desk, "list") == 0
    said = capsys.readouterr().out
    assert "The database is away since" in said
    assert "Cards that wait to be merged: 1." in said


def test_a_doubt_is_told_with_who_it_is_about_and_settled(desk: Desk, desks: Desks, capsys: Said) -> None:
    here, _ = two_pieces(desks)
    assert run(desk) == 1
    said = capsys.readouterr().out
    assert f"Jānis Bērziņš, card {here.escn}" in said
    assert "two cards with this number were handed over" in said
    assert "The holder has a card of this number." in said
    run(desk, as_json=True)
    (doubt,) = json.loads(capsys.readouterr().out)["doubts"]
    assert (doubt["escn"], doubt["handed_over"], doubt["steps"][-1]) == (here.escn, True, "HandedOver")
    assert f"station merge settle {doubt['number']} --again" in said
    Tender(desks.open["Desk 1"]).start()
    assert run(desk, "settle", doubt["number"], "--again") == 0
    assert run(desk) == 1, "its cause was not put right"
    assert run(desk, "settle", doubt["number"], "--aside") == 0
    assert run(desk) == 0
    with pytest.raises(InputError, match="no doubt with the number 99"):
        run(desk, "settle", "99", "--aside")


def test_what_waits_is_carried_to_another_desk(
    desk: Desk, desks: Desks, tmp_path: Path, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("station.cli.merge._AWAY_S", 0.2)
    desks.cut()
    card = DeskScribe(desks, "Desk 1", holder_id="id-1", uid="04AA").hand_over()
    file = tmp_path / "stick.escmerge"
    assert run(desk, "export", file, as_json=True) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["cards"] == 1
    other = replace(desk, store=desks.open["Desk 2"], standby=desks.open["Desk 2"])
    Tender(desks.open["Desk 2"]).start()
    with pytest.raises(InputError, match="phrase does not open"):
        run(other, "take", file, "--phrase", "wrong")
    assert run(other, "take", file, "--phrase", said["phrase"]) == 0
    assert "Steps that are merged now: 8." in capsys.readouterr().out
    assert desks.shared.cards.get(card.escn) == card
    desks.cut("Desk 2")
    other.store.holders.count()  # finds out that it is away
    assert run(other, "take", file, "--phrase", said["phrase"]) == 0
    assert "Steps that wait here and are merged when it is back: 8." in capsys.readouterr().out
    with pytest.raises(InputError, match="can't be read"):
        run(other, "take", tmp_path / "nothing", "--phrase", "x")


def test_a_station_by_itself_has_nothing_to_merge(desk: Desk) -> None:
    with pytest.raises(InputError, match="keeps no copy"):
        run(replace(desk, standby=None))
