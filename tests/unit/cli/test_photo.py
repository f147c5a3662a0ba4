"""Portraits on the command line: one answer a file, advice that fails nothing, and a crop that loses nothing."""

from __future__ import annotations

import json
import os
from argparse import Namespace
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from station.adapters.camera.virtual import demo_portraits
from station.cli import photo, verbs
from station.cli.output import Output
from station.cli.parser import build_parser
from station.cli.run import main
from station.domain.errors import InputError, PortraitError
from station.domain.portrait import OverrideReason, PortraitFinding
from station.photo.checks import CheckName
from station.photo.decoding import load_picture
from tests.helpers.desks import a_portrait, open_test_desk
from tests.helpers.pictures import Pixels, corners, saved

Said = pytest.CaptureFixture[str]
PERSON = demo_portraits()[1]


def words(*typed: str | Path) -> Namespace:
    return build_parser().parse_args(["photo", *(str(word) for word in typed)])


def run(*typed: str | Path, as_json: bool = True) -> int:
    return photo.run(words(*typed), Output(as_json=as_json, language="en"))


def lines(said: Said) -> list[dict[str, object]]:
    return [json.loads(line) for line in said.readouterr().out.splitlines()]


@pytest.fixture
def nobody(tmp_path: Path) -> Path:
    file = tmp_path / "wall.png"
    file.write_bytes(saved(corners(600, 800), "PNG"))
    return file


def test_one_object_a_file_in_their_order(nobody: Path, capsys: Said) -> None:
    assert run("check", PERSON, nobody, PERSON) == 0
    first, wall, again = lines(capsys)
    assert first == again
    assert set(first) == {"file", "faces", "crop", "checks"}
    assert (first["file"], first["faces"]) == (str(PERSON), 1)
    assert [each["name"] for each in first["checks"]] == list(CheckName)
    assert all(set(each) == {"name", "measure", "limit", "verdict"} for each in first["checks"])
    assert {each["verdict"] for each in first["checks"]} == {"ok", "warn"}
    assert (wall["faces"], wall["crop"]) == (0, None)
    assert wall["checks"] == [{"name": "one_face", "measure": 0, "limit": 1, "verdict": "bad"}]


def test_the_crop_has_the_ratio_and_lies_in_the_picture(capsys: Said) -> None:
    run("check", PERSON, "--print", "30x40")
    crop = lines(capsys)[0]["crop"]
    assert isinstance(crop, dict)
    assert crop["width_px"] / crop["height_px"] == pytest.approx(30 / 40, abs=1e-3)
    assert not crop["leaves_frame"]
    assert crop["left_px"] > 0
    assert crop["top_px"] > 0
    height, width = load_picture(PERSON).shape[:2]
    assert crop["left_px"] + crop["width_px"] < width
    assert crop["top_px"] + crop["height_px"] < height


def test_the_resolution_is_that_of_the_print(capsys: Said) -> None:
    def verdict(*size: str) -> object:
        run("check", PERSON, *size)
        return next(each["verdict"] for each in lines(capsys)[0]["checks"] if each["name"] == "resolution")

    assert verdict("--print", "25x32") == "ok"
    assert verdict("--print", "25x32", "--dpi", "1200") == "bad"


def test_a_large_photo_is_told_in_its_own_pixels(tmp_path: Path, capsys: Said) -> None:
    """It is looked at in half its size; crop and resolution are those of the whole."""
    picture = load_picture(PERSON)
    large, far = tmp_path / "large.jpg", tmp_path / "far.jpg"
    large.write_bytes(saved(enlarged(picture, 3), "JPEG", quality=95))
    small = cv2.copyMakeBorder(picture, 1200, 1200, 2000, 2000, cv2.BORDER_CONSTANT, value=(225, 225, 225))
    far.write_bytes(saved(np.asarray(small, np.uint8), "JPEG", quality=95))
    assert run("check", PERSON, large, far) == 0
    one, three, same = lines(capsys)
    assert three["crop"]["height_px"] == pytest.approx(3 * one["crop"]["height_px"], rel=0.02)
    assert same["crop"]["height_px"] == pytest.approx(one["crop"]["height_px"], rel=0.02)
    assert resolution(three)["measure"] == pytest.approx(3 * resolution(one)["measure"], rel=0.02)
    assert resolution(same)["measure"] == pytest.approx(resolution(one)["measure"], rel=0.02)
    assert resolution(three)["limit"] == 300


def enlarged(picture: Pixels, times: int) -> Pixels:
    return np.asarray(cv2.resize(picture, None, fx=times, fy=times, interpolation=cv2.INTER_CUBIC), np.uint8)


def resolution(told: dict[str, object]) -> dict[str, float]:
    return next(each for each in told["checks"] if each["name"] == "resolution")


def test_a_bad_file_has_its_own_message_and_stops_no_other(tmp_path: Path, capsys: Said) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(PERSON.read_bytes()[:20_000])
    assert run("check", broken, tmp_path / "nowhere.jpg", PERSON, tmp_path) == 1
    said = capsys.readouterr()
    told = [json.loads(line) for line in said.out.splitlines()]
    assert [each["faces"] for each in told] == [0, 0, 1, 0]
    assert [bool(each["checks"]) for each in told] == [False, False, True, False]
    problems = [json.loads(line) for line in said.err.splitlines()]
    assert problems == [each["problem"] for each in told if "problem" in each]
    assert [
        word for word, each in zip(("damaged", "No such file", "directory"), problems, strict=True)
        if word in each["what"]
    ] == ["damaged", "No such file", "directory"]  # fmt: skip
    assert all(str(tmp_path) in each["what"] for each in problems)


def test_people_read_each_check_and_what_to_do(capsys: Said) -> None:
    assert run("check", PERSON, as_json=False) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == str(PERSON)
    assert len(said) == 1 + len(CheckName)
    busy = next(line for line in said if "plain wall" in line)
    assert busy.split()[:2] == ["~", "Background"]


@pytest.mark.skipif(os.name == "nt", reason="names of files are Unicode there")
def test_a_name_that_is_no_text_can_be_told(tmp_path: Path, capsys: Said) -> None:
    file = tmp_path / os.fsdecode(b"J\xc4\x81nis-\xff.jpg")
    file.write_bytes(b"no picture")
    assert run("check", file) == 1
    assert lines(capsys)[0]["file"] == f"{tmp_path}/Jānis-�.jpg"


@pytest.mark.parametrize(("ratio", "value"), [("35x45", 35 / 45), ("3:4", 0.75), ("2×3", 2 / 3)])
def test_a_portrait_is_cut_out_in_the_ratio(tmp_path: Path, capsys: Said, ratio: str, value: float) -> None:
    out = tmp_path / "portrait.jpg"
    assert run("crop", PERSON, "--ratio", ratio, "--out", out) == 0
    (told,) = lines(capsys)
    height, width = load_picture(out).shape[:2]
    assert (told["width_px"], told["height_px"]) == (width, height)
    assert width / height == pytest.approx(value, abs=0.002)
    assert list(tmp_path.iterdir()) == [out]


def test_the_routers_size_and_a_png(tmp_path: Path, capsys: Said) -> None:
    out = tmp_path / "portrait.PNG"
    run("crop", PERSON, "--ratio", "2x3", "--height", "300", "--out", out)
    assert load_picture(out).shape == (300, 200, 3)
    assert out.read_bytes().startswith(b"\x89PNG")
    capsys.readouterr()
    run("crop", PERSON, "--height", "99999", "--out", out)
    told = lines(capsys)[0]
    assert isinstance(told["crop"], dict)
    assert told["height_px"] == round(told["crop"]["height_px"])  # no pixels are invented


def test_a_tight_picture_says_so(tmp_path: Path, capsys: Said) -> None:
    tight = tmp_path / "tight.png"
    tight.write_bytes(saved(load_picture(PERSON)[:520, 480:900], "PNG"))
    assert run("crop", tight, "--out", tmp_path / "out.jpg", as_json=False) == 0
    assert "more room around the head" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["portrait.gif", "portrait", "nowhere/portrait.jpg"])
def test_what_can_not_be_written_is_one_clear_line(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError):
        run("crop", PERSON, "--out", tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_the_picture_itself_is_never_written_over(tmp_path: Path) -> None:
    file = tmp_path / "person.jpg"
    file.write_bytes(PERSON.read_bytes())
    with pytest.raises(InputError, match="written over"):
        run("crop", file, "--out", file)
    assert file.read_bytes() == PERSON.read_bytes()


def test_no_face_no_portrait(nobody: Path, tmp_path: Path) -> None:
    with pytest.raises(PortraitError, match="No face"):
        run("crop", nobody, "--out", tmp_path / "out.jpg")
    assert not (tmp_path / "out.jpg").exists()


def test_the_bench_names_every_step(nobody: Path, capsys: Said) -> None:
    assert run("bench", PERSON, "--rounds", "2") == 0
    (told,) = lines(capsys)
    assert list(told["ms"]) == ["load_models", "check_file", "decode", "analyse", "follow", "check", "crop"]
    assert all(0 < each["least"] <= each["median"] for each in told["ms"].values())
    run("bench", nobody, "--rounds", "1", as_json=False)
    assert "cut the portrait out" not in capsys.readouterr().out


def test_overrides_are_counted_for_nobody(tmp_path: Path, capsys: Said) -> None:
    with open_test_desk(tmp_path / "desk") as hands:
        finding = PortraitFinding("eyes", 0.01, 0.03, "bad", OverrideReason.MEDICAL)
        hands.desk.store.portraits.add(replace(a_portrait(hands.liga.id), findings=(finding,)))
        assert verbs.photo(words("overrides"), Output(as_json=True, language="en"), hands.desk) == 0
        told = json.loads(capsys.readouterr().out)
        verbs.photo(words("overrides"), Output(as_json=False, language="en"), hands.desk)
    assert {"check": "eyes", "judged": 1, "flagged": 1, "overridden": 1} in told
    assert {key for each in told for key in each} == {"check", "judged", "flagged", "overridden"}
    assert "Eyes" in capsys.readouterr().out


def test_it_needs_no_profile(nobody: Path, capsys: Said) -> None:
    assert main(["photo", "check", str(nobody)]) == 0
    assert main(["photo", "crop", str(nobody), "--out", "x.gif"]) == 1
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("text", ["35", "35x", "0x45", "1x100", "x", "35x45x2", "-3x4", "nanx1", "1e3x2"])
def test_a_ratio_is_two_numbers_that_a_portrait_can_have(text: str) -> None:
    with pytest.raises(SystemExit) as ended:
        words("crop", "a.jpg", "--out", "b.jpg", f"--ratio={text}")
    assert ended.value.code == 2


@pytest.mark.parametrize("typed", [["check"], ["crop", "a.jpg"], [], ["bench"], ["check", "a.jpg", "--dpi", "0"]])
def test_bad_usage_ends_with_2(typed: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        words(*typed)
    assert ended.value.code == 2
