"""The words of the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from station.cli.parser import build_parser
from station.cli.run import demo_folder, main, profile_file
from station.domain.errors import ProfileError


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
