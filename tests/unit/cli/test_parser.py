"""The words of the command line."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from station.cli import reconcile
from station.cli.parser import build_parser
from station.cli.run import demo_folder, main, profile_file
from station.domain.errors import ProfileError
from station.services.reconcile import APPLICABLE, GROUP_NAMES, Group

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize(
    "words",
    [
        ["queue", "--profile", "a.toml", "--json"],
        ["--profile", "a.toml", "--json", "queue"],
        ["--json", "queue", "--profile", "a.toml"],
    ],
)
def test_options_stand_before_or_after_the_verb(words: list[str]) -> None:
    args = build_parser().parse_args(words)
    assert args.profile == Path("a.toml")
    assert args.json
    assert not args.demo


def test_the_words_need_nothing_that_only_works_at_a_desk() -> None:
    """The window is started by them too, and nobody sees anything before they are understood."""
    ask = "import sys, station.cli.run as run; run.build_parser(); print(*sys.modules)"
    told = subprocess.run([sys.executable, "-c", ask], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    heavy = ("station.services.", "station.adapters.", "station.ports.", "station.photo.", "station.render.", "PIL.")
    assert [name for name in told.stdout.split() if name.startswith(heavy)] == []


def test_whole_groups_are_those_that_can_be_settled() -> None:
    assert reconcile.APPLICABLE == APPLICABLE
    assert set(GROUP_NAMES) == set(Group)


def test_without_a_verb_it_is_the_window() -> None:
    args = build_parser().parse_args([])
    assert args.verb is None
    assert build_parser().parse_args(["--demo"]).demo


@pytest.mark.parametrize(
    "words",
    [["dance"], ["issue"], ["card"], ["holders"], ["holders", "import"], ["render", "--holder", "x"], ["--profile"]],
)
def test_bad_usage_ends_with_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        build_parser().parse_args(words)
    assert ended.value.code == 2
    assert "usage" in capsys.readouterr().err


def test_the_profile_is_named_by_option_environment_or_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    parser = build_parser()
    assert profile_file(parser.parse_args(["queue", "--profile", "a.toml"])) == Path("a.toml")
    with pytest.raises(ProfileError, match="--demo"):
        profile_file(parser.parse_args(["queue"]))
    file = tmp_path / "b.toml"
    file.touch()
    monkeypatch.setenv("ESC_STATION_PROFILE", str(file))
    assert profile_file(parser.parse_args(["queue"])) == file


def test_the_demos_folder_is_its_own() -> None:
    parser = build_parser()
    assert demo_folder(parser.parse_args(["queue", "--demo", "--data", "x"])) == Path("x")
    assert demo_folder(parser.parse_args(["queue", "--demo"])).name == "demo"
    with pytest.raises(SystemExit):
        main(["queue", "--profile", "a", "--data", "x"])
