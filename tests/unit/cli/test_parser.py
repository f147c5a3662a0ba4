"""The words of the command line."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from station.cli import reconcile
from station.cli.parser import _VERBS, VerbParser, build_parser
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


START = {"output", "parser", "run"}


def loaded_after(*words: str) -> list[str]:
    """Return the modules that a process has which understood the words."""
    ask = "import sys, station.cli.run as run; run.build_parser().parse_args(sys.argv[1:]); print(*sys.modules)"
    command = [sys.executable, "-c", ask, *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60).stdout.split()


@pytest.mark.parametrize(
    ("words", "needed"),
    [
        ((), set()),
        (("gui",), set()),
        (("demo",), set()),
        (("doctor",), set()),
        (("queue",), {"queue", "queue_carry", "queue_export"}),
        (("print", "--batch"), {"printing", "finding"}),
        (("admin", "stations"), {"admin", "enrol"}),
    ],
)
def test_a_verb_loads_its_own_words_and_no_other_s(words: tuple[str, ...], needed: set[str]) -> None:
    """The window is started by words, too: nobody sees anything before they are understood."""
    ours = {name.removeprefix("station.cli.") for name in loaded_after(*words) if name.startswith("station.cli.")}
    assert ours == START | needed


def test_the_words_of_no_verb_need_what_only_works_at_a_desk() -> None:
    heavy = ("station.services.", "station.adapters.", "station.ports.", "station.photo.", "station.render.", "PIL.")
    ask = (
        "import sys; from station.cli import parser\n"
        "for _, words in parser._VERBS.values(): words(parser.VerbParser())\n"
        "print(*sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", ask], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    assert "station.cli.printing" in told.stdout.split()
    assert [name for name in told.stdout.split() if name.startswith(heavy)] == []


def test_every_verb_is_listed_with_what_it_is_for(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        build_parser().parse_args(["--help"])
    assert ended.value.code == 0
    lines = capsys.readouterr().out.splitlines()
    for name, (text, _) in _VERBS.items():
        place = next(i for i, line in enumerate(lines) if line.split()[:1] == [name])
        said = " ".join(" ".join(lines[place : place + 3]).split())  # a long one goes on in the next line
        assert said.startswith(f"{name} {text}")


@pytest.mark.parametrize("verb", sorted(_VERBS))
def test_every_verb_tells_its_own_words(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        build_parser().parse_args([verb, "--help"])
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert said.startswith(f"usage: station {verb} [-h]")
    assert "--profile" in said


def test_a_verb_learns_its_words_once() -> None:
    learnt: list[object] = []
    parser = VerbParser(words=learnt.append)
    assert not learnt
    parser.parse_args([])
    parser.parse_args(["--json"])
    assert learnt == [parser]


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
