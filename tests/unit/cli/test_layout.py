"""``station layout``: begun, signed, approved, retired, listed, written out again."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from station.adapters.secrets.demo_signer import demo_certificate
from station.cli import layout, verbs
from station.cli.output import Output
from station.cli.parser import build_parser
from station.cli.run import main
from station.domain import elements as el
from station.domain.errors import InputError, LayoutError, SecretError
from station.domain.layout import Layout
from station.domain.layout_state import LayoutState
from station.render.layout_file import bundled_layout, load_layout, save_layout
from station.render.layout_signing import fingerprint
from tests.helpers.desks import TestDesk, open_test_desk

Said = pytest.CaptureFixture[str]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[TestDesk]:
    """Yield a desk without a router that answers."""
    with open_test_desk(tmp_path / "desk") as desk:
        yield desk


def words(*typed: str | Path) -> Namespace:
    return build_parser().parse_args(["layout", *(str(word) for word in typed)])


def done(said: Said, *typed: str | Path, bench: TestDesk | None = None) -> Any:
    """Do what was typed and return the JSON that it printed."""
    args, out = words(*typed), Output(as_json=True, language="en")
    code = layout.run(args, out) if bench is None else verbs.layout(args, out, bench.desk)
    assert code == 0
    return json.loads(said.readouterr().out)


def told(said: Said, *typed: str | Path, bench: TestDesk | None = None) -> str:
    """Do what was typed and return what it said to people."""
    args, out = words(*typed), Output(as_json=False, language="en")
    assert (layout.run(args, out) if bench is None else verbs.layout(args, out, bench.desk)) == 0
    return said.readouterr().out


def test_every_verb_is_done_by_somebody() -> None:
    actions = next(a.choices for a in build_parser()._actions if isinstance(a.choices, dict))["layout"]
    names = set(next(a.choices for a in actions._actions if isinstance(a.choices, dict)))
    assert names == set(layout.ON_FILES) | set(layout.WITH_DESK)
    assert not set(layout.ON_FILES) & set(layout.WITH_DESK)
    assert not layout.needs_desk("new")
    assert layout.needs_desk("sign")


class TestNew:
    def test_is_a_ready_layout_under_another_name(self, tmp_path: Path, capsys: Said) -> None:
        file = tmp_path / "ours.zip"
        said = done(capsys, "new", "ours", "--like", "plain", "--title", "Our card", "--out", file)
        begun = load_layout(file)
        assert (begun.reference, begun.title, begun.front) == ("ours/1", "Our card", bundled_layout("plain").front)
        assert said["file"] == str(file)
        assert (said["layout"], said["digest"], said["state"]) == ("ours/1", begun.digest, "draft")
        assert (said["extends"], said["approved"]) == (None, None)

    def test_may_extend_it(self, tmp_path: Path, capsys: Said) -> None:
        folder = tmp_path / "ours"
        said = done(capsys, "new", "ours", "--extends", "--out", folder)
        assert said["extends"] == bundled_layout("university").reference
        assert json.loads((folder / "layout.json").read_text("utf-8"))["front"] == []
        assert load_layout(folder).front == bundled_layout("university").front

    def test_may_be_like_a_file(self, tmp_path: Path, capsys: Said) -> None:
        done(capsys, "new", "first", "--like", "plain", "--out", tmp_path / "first.zip")
        done(capsys, "new", "second", "--like", tmp_path / "first.zip", "--out", tmp_path / "second.zip")
        assert load_layout(tmp_path / "second.zip").front == bundled_layout("plain").front

    def test_says_what_to_do_next(self, tmp_path: Path, capsys: Said, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        assert "station layout lint ours.zip" in told(capsys, "new", "ours")
        assert load_layout(tmp_path / "ours.zip").name == "ours"

    def test_overwrites_nothing(self, tmp_path: Path) -> None:
        (tmp_path / "ours.zip").write_bytes(b"mine")
        with pytest.raises(InputError, match="is there already; nothing was written"):
            layout.run(words("new", "ours", "--out", tmp_path / "ours.zip"), Output(as_json=True, language="en"))
        assert (tmp_path / "ours.zip").read_bytes() == b"mine"

    def test_refuses_a_name_that_is_none(self, tmp_path: Path) -> None:
        with pytest.raises(LayoutError) as caught:
            layout.run(words("new", "Our Card", "--out", tmp_path / "x.zip"), Output(as_json=True, language="en"))
        assert caught.value.params["place"] == "name"
        assert list(tmp_path.iterdir()) == []

    def test_needs_no_profile(self, tmp_path: Path, capsys: Said) -> None:
        assert main(["layout", "new", "ours", "--out", str(tmp_path / "ours.zip"), "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["name"] == "ours"
        assert main(["layout", "new", "ours", "--like", "none", "--out", str(tmp_path / "b.zip")]) == 1
        error = capsys.readouterr().err
        assert error.count("\n") == 1
        assert "none" in error


class TestApproving:
    @pytest.fixture
    def file(self, tmp_path: Path, capsys: Said) -> Path:
        """Return a draft."""
        done(capsys, "new", "ours", "--like", "plain", "--out", tmp_path / "ours.zip")
        return tmp_path / "ours.zip"

    def test_from_draft_to_retired(self, bench: TestDesk, file: Path, capsys: Said) -> None:
        signed = done(capsys, "sign", file, bench=bench)
        assert signed["fingerprint"] == fingerprint(demo_certificate("layout-signing"))
        assert "layout-signing" in signed["signer"]
        assert (signed["state"], signed["approved"]["by"]) == ("approved", bench.desk.settings.station.operator)
        assert load_layout(file).state is LayoutState.APPROVED
        assert done(capsys, "list", bench=bench) == []
        kept = done(capsys, "approve", file, bench=bench)
        assert (kept["layout"], kept["state"], kept["digest"]) == ("ours/1", "approved", signed["digest"])
        assert done(capsys, "list", bench=bench) == [kept]
        assert "ours/1" in told(capsys, "list", bench=bench)
        assert done(capsys, "retire", "ours/1", bench=bench)["state"] == "retired"
        assert "retired" in told(capsys, "list", bench=bench)

    def test_what_it_says_to_people(self, bench: TestDesk, file: Path, capsys: Said) -> None:
        assert "No layout was approved here yet" in told(capsys, "list", bench=bench)
        said = told(capsys, "sign", file, bench=bench)
        assert "ours/1 is signed by CN=TEST layout-signing" in said
        assert fingerprint(demo_certificate("layout-signing")) in said
        assert "ours/1 is approved" in told(capsys, "approve", file, bench=bench)
        assert "old cards stay valid" in told(capsys, "retire", "ours/1", bench=bench)

    def test_an_altered_layout_is_refused_until_it_is_signed_anew(
        self, bench: TestDesk, tmp_path: Path, capsys: Said
    ) -> None:
        folder = tmp_path / "ours"
        done(capsys, "new", "ours", "--like", "plain", "--title", "One", "--out", folder)
        done(capsys, "sign", folder, bench=bench)
        document = (folder / "layout.json").read_text("utf-8")
        (folder / "layout.json").write_text(document.replace('"One"', '"Two"'), "utf-8")
        with pytest.raises(LayoutError, match="altered after it was approved"):
            verbs.layout(words("approve", folder), Output(as_json=True, language="en"), bench.desk)
        done(capsys, "sign", folder, bench=bench)
        assert done(capsys, "approve", folder, bench=bench)["title"] == "Two"

    def test_it_can_be_signed_into_another_file(
        self, bench: TestDesk, file: Path, tmp_path: Path, capsys: Said
    ) -> None:
        before = file.read_bytes()
        done(capsys, "sign", file, "--out", tmp_path / "signed.zip", bench=bench)
        assert file.read_bytes() == before
        assert load_layout(tmp_path / "signed.zip").state is LayoutState.APPROVED

    def test_what_is_wrong_by_the_rules_is_signed_only_on_purpose(
        self, bench: TestDesk, tmp_path: Path, capsys: Said
    ) -> None:
        tiny = Layout("tiny", 1, (el.Qr(id="qr", box=el.Box(40, 20, 5, 5)),))
        save_layout(tiny, tmp_path / "tiny.zip")
        with pytest.raises(InputError, match=r"tiny/1 has errors \(\d+\), so it was not signed\. The first: .*lint"):
            verbs.layout(words("sign", tmp_path / "tiny.zip"), Output(as_json=True, language="en"), bench.desk)
        assert load_layout(tmp_path / "tiny.zip").state is LayoutState.DRAFT
        assert done(capsys, "sign", tmp_path / "tiny.zip", "--despite-errors", bench=bench)["state"] == "approved"

    def test_a_key_that_is_not_there_is_named(
        self, bench: TestDesk, file: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def missing(name: str, _data: bytes) -> bytes:
            raise SecretError(name=name)

        monkeypatch.setattr(bench.desk.devices.secrets, "sign", missing)
        with pytest.raises(SecretError, match="The key designer is not"):
            verbs.layout(words("sign", file, "--key", "designer"), Output(as_json=True, language="en"), bench.desk)
        assert load_layout(file).state is LayoutState.DRAFT

    def test_an_old_version_is_written_out_as_cards_were_made_to_it(
        self, bench: TestDesk, tmp_path: Path, capsys: Said
    ) -> None:
        bench.portrayed()
        assert done(capsys, "list", bench=bench) == []
        (draft,) = done(capsys, "list", "--drafts", bench=bench)
        said = done(capsys, "save", draft["layout"], "--out", tmp_path / "old.zip", bench=bench)
        assert said["digest"] == draft["digest"] == load_layout(tmp_path / "old.zip").digest
        done(capsys, "save", draft["layout"], "--digest", draft["digest"][:8], "--out", tmp_path / "b", bench=bench)
        out = Output(as_json=True, language="en")
        for wrong in (("none/1",), (draft["layout"], "--digest", "0000")):
            with pytest.raises(InputError, match="is kept here"):
                verbs.layout(words("save", *wrong, "--out", tmp_path / "c"), out, bench.desk)
