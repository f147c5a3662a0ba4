"""The portraits' review on the command line: what the window shows, as a table or as one object a picture."""

from __future__ import annotations

import json
from argparse import Namespace
from pathlib import Path

import pytest

from station.adapters.camera.virtual import demo_portraits
from station.cli import verbs
from station.cli.output import Output
from station.cli.parser import build_parser
from station.cli.photo_review import review
from station.domain.errors import InputError
from station.services.portrait_review import ReviewItem
from tests.helpers.desks import TestDesk, never, open_test_desk
from tests.helpers.pictures import corners, saved

Said = pytest.CaptureFixture[str]


def words(*typed: str | Path) -> Namespace:
    return build_parser().parse_args(["photo", "review", *(str(word) for word in typed)])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "photos"
    made.mkdir()
    (made / "051REB123.jpg").write_bytes(demo_portraits()[0].read_bytes())
    (made / "041REB390.jpg").write_bytes(saved(corners(600, 800), "JPEG"))
    (made / "041REB390.png").write_bytes(b"\x89PNG\r\n\x1a\n broken")
    (made / "nobody.jpg").write_bytes(demo_portraits()[0].read_bytes())
    return made


def sent_back(hands: TestDesk, folder: Path) -> None:
    items: list[ReviewItem] = []
    reviewer, order = hands.desk.reviewer, hands.desk.review_order(folder)
    reviewer.look(order, cancel=never(), progress=lambda _step, _share: None, show=items.append)
    wall = [item for item in items if item.candidate.path.name == "041REB390.jpg"]
    assert reviewer.send_back(wall, "There is nobody in it.", show=items.append) == 1


def test_every_picture_the_worst_first_and_as_the_window_has_it(tmp_path: Path, folder: Path, capsys: Said) -> None:
    with open_test_desk(tmp_path / "desk") as hands:
        assert verbs.photo(words(folder), Output(as_json=True, language="en"), hands.desk) == 1, "one can't be opened"
        found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert [(Path(each["file"]).name, each["group"]) for each in found[:3]] == [
            ("041REB390.png", "unreadable"), ("nobody.jpg", "nobody"), ("041REB390.jpg", "bad"),
        ]  # fmt: skip
        assert found[3]["student_number"] == "051REB123"
        assert found[3]["verdict"] in ("ok", "warn")
        assert len(found[3]["checks"]) == 13
        assert found[2]["checks"] == [{"name": "one_face", "measure": 0, "limit": 1, "verdict": "bad"}]
        assert found[2]["reasons"] == ["Exactly one face must be seen: yours, looking into the camera."]
        assert "damaged" in found[0]["problem"] or "not a picture" in found[0]["problem"]
        assert list(hands.desk.store.reviews.all()) == [], "it decides nothing"
        assert hands.desk.store.portraits.last_of(hands.liga.id) is None


def test_the_table_tells_what_was_decided(tmp_path: Path, folder: Path, capsys: Said) -> None:
    (folder / "041REB390.png").unlink()
    with open_test_desk(tmp_path / "desk", photo={"folder": folder}) as hands:
        sent_back(hands, folder)
        assert review(words(), Output(as_json=False, language="en"), hands.desk) == 0
        told = capsys.readouterr().out
        assert told.splitlines()[0].split("  ")[0] == "Picture"
        assert "There is nobody in it." in told
        assert "Sent back: 1" in told


def test_a_folder_that_is_not_there_is_one_message(tmp_path: Path, capsys: Said) -> None:
    with open_test_desk(tmp_path / "desk") as hands:
        with pytest.raises(InputError):
            verbs.photo(words(tmp_path / "nowhere"), Output(as_json=False, language="en"), hands.desk)
        (tmp_path / "empty").mkdir()
        assert verbs.photo(words(tmp_path / "empty"), Output(as_json=False, language="en"), hands.desk) == 0
        assert "no pictures" in capsys.readouterr().out
