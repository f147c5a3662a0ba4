"""``station layout sign``, ``approve``, ``retire``, ``list`` and ``save``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from station.adapters.secrets.demo_signer import demo_certificate
from station.cli import layout_approving, verbs
from station.cli.output import Output
from station.domain import elements as el
from station.domain.errors import InputError, LayoutError, SecretError
from station.domain.layout import Layout
from station.domain.layout_state import LayoutState
from station.render.layout_file import load_layout, save_layout
from station.render.layout_signing import fingerprint
from tests.helpers.desks import TestDesk, open_test_desk
from tests.helpers.layout_words import Said, done, told, words


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[TestDesk]:
    """Yield a desk without a router that answers."""
    with open_test_desk(tmp_path / "desk") as desk:
        yield desk


@pytest.fixture
def file(tmp_path: Path, capsys: Said) -> Path:
    """Return a draft."""
    done(capsys, "new", "ours", "--like", "plain", "--out", tmp_path / "ours.zip")
    return tmp_path / "ours.zip"


def test_from_draft_to_retired(bench: TestDesk, file: Path, capsys: Said) -> None:
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


def test_what_it_says_to_people(bench: TestDesk, file: Path, capsys: Said) -> None:
    assert "No layout was approved here yet" in told(capsys, "list", bench=bench)
    said = told(capsys, "sign", file, bench=bench)
    assert "ours/1 is signed by CN=TEST layout-signing" in said
    assert fingerprint(demo_certificate("layout-signing")) in said
    assert "ours/1 is approved" in told(capsys, "approve", file, bench=bench)
    assert "old cards stay valid" in told(capsys, "retire", "ours/1", bench=bench)


def test_an_altered_layout_is_refused_until_it_is_signed_anew(bench: TestDesk, tmp_path: Path, capsys: Said) -> None:
    folder = tmp_path / "ours"
    done(capsys, "new", "ours", "--like", "plain", "--title", "One", "--out", folder)
    done(capsys, "sign", folder, bench=bench)
    document = (folder / "layout.json").read_text("utf-8")
    (folder / "layout.json").write_text(document.replace('"One"', '"Two"'), "utf-8")
    with pytest.raises(LayoutError, match="altered after it was approved"):
        verbs.layout(words("approve", folder), Output(as_json=True, language="en"), bench.desk)
    done(capsys, "sign", folder, bench=bench)
    assert done(capsys, "approve", folder, bench=bench)["title"] == "Two"


def test_it_can_be_signed_into_another_file(bench: TestDesk, file: Path, tmp_path: Path, capsys: Said) -> None:
    before = file.read_bytes()
    done(capsys, "sign", file, "--out", tmp_path / "signed.zip", bench=bench)
    assert file.read_bytes() == before
    assert load_layout(tmp_path / "signed.zip").state is LayoutState.APPROVED


def test_what_is_wrong_by_the_rules_is_signed_only_on_purpose(bench: TestDesk, tmp_path: Path, capsys: Said) -> None:
    tiny = Layout("tiny", 1, (el.Qr(id="qr", box=el.Box(40, 20, 5, 5)),))
    save_layout(tiny, tmp_path / "tiny.zip")
    with pytest.raises(InputError, match=r"tiny/1 has errors \(\d+\), so it was not signed\. The first: .*lint"):
        verbs.layout(words("sign", tmp_path / "tiny.zip"), Output(as_json=True, language="en"), bench.desk)
    assert load_layout(tmp_path / "tiny.zip").state is LayoutState.DRAFT
    assert done(capsys, "sign", tmp_path / "tiny.zip", "--despite-errors", bench=bench)["state"] == "approved"


def test_a_key_that_is_not_there_is_named(bench: TestDesk, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str, _data: bytes) -> bytes:
        raise SecretError(name=name)

    monkeypatch.setattr(bench.desk.devices.secrets, "sign", missing)
    with pytest.raises(SecretError, match="The key designer is not"):
        verbs.layout(words("sign", file, "--key", "designer"), Output(as_json=True, language="en"), bench.desk)
    assert load_layout(file).state is LayoutState.DRAFT


def test_an_old_version_is_written_out_as_cards_were_made_to_it(bench: TestDesk, tmp_path: Path, capsys: Said) -> None:
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


def test_only_what_is_signed_is_approved(bench: TestDesk, file: Path) -> None:
    with pytest.raises(LayoutError, match="it is not signed"):
        layout_approving.approve(words("approve", file), Output(as_json=True, language="en"), bench.desk)
