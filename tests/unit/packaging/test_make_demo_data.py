"""The demo's register is made anew byte for byte, is right in every column, and belongs to nobody."""

from __future__ import annotations

import csv
import io
import re
import subprocess
import sys
import tomllib
import unicodedata
from collections import Counter
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from station.domain.errors import EsiError
from station.domain.esi import EsiKind, esi_from_written
from station.domain.holder import AcademicLevel, EnrolmentStatus, folded
from station.resources import asset
from tests.helpers.pictures import corners, saved
from tests.helpers.scripts import load_script

SCRIPT = load_script("make-demo-data")
ROOT = Path(__file__).resolve().parents[3]
WEIGHTS = (10, 5, 8, 4, 2, 1, 6, 3, 7, 9)


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    with asset("demo", "register.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_register_is_what_the_script_makes() -> None:
    assert SCRIPT.register() == asset("demo", "register.csv").read_text("utf-8")


def test_there_are_300_holders_and_no_number_or_address_twice(rows: list[dict[str, str]]) -> None:
    assert len(rows) == 300
    assert tuple(rows[0]) == SCRIPT.COLUMNS
    for column in ("student_number", "email"):
        values = [folded(row[column]) for row in rows if row[column]]
        assert len(set(values)) == len(values)
    assert len({(row["given_names"], row["family_name"]) for row in rows}) == 300


def test_numbers_are_of_the_usual_shape(rows: list[dict[str, str]]) -> None:
    assert all(re.fullmatch(r"\d{3}R[A-Z]{2}\d{3}", row["student_number"]) for row in rows)


def test_those_who_wait_are_the_first_four(rows: list[dict[str, str]]) -> None:
    names = [f"{row['given_names']} {row['family_name']}" for row in rows[:4]]
    assert names == ["Līga Bērziņa-Šķēle", "Žanete Ļebedeva", "Олена Ґрищук", "Mārtiņš Ģērmanis"]
    queue = asset("demo", "queue.txt").read_text("utf-8").split()
    assert queue == [row["student_number"] for row in rows[:4]] == ["051REB123", "061RDB007", "071RDC114", "041REB390"]
    assert [bool(row["email"]) for row in rows[:4]] == [True, False, True, True]
    assert {row["status"] for row in rows[:4]} == {"active"}


def test_names_are_in_the_form_of_the_person_who_bears_them(rows: list[dict[str, str]]) -> None:
    """A woman of the Latvian lists never bears a man's form of a name that has two, nor a man a woman's."""
    nation = tomllib.loads((ROOT / "packaging" / "demo-names.toml").read_text("utf-8"))["nation"][0]
    women, men = set(nation["women"]), set(nation["men"])
    assert not women & men
    pairs = [family.split("/") for family in nation["families"]]
    his = {man for man, woman in pairs if man != woman}
    hers = {woman for man, woman in pairs if man != woman}
    assert not his & hers
    seen = Counter[str]()
    for row in rows:
        families = set(row["family_name"].split("-"))
        if row["given_names"] in women and families & (his | hers):
            assert not families & his, row
            seen["woman"] += 1
        elif row["given_names"] in men and families & (his | hers):
            assert not families & hers, row
            seen["man"] += 1
    assert min(seen["woman"], seen["man"]) > 60


def test_every_letter_and_shape_of_name_is_there(rows: list[dict[str, str]]) -> None:
    names = [f"{row['given_names']} {row['family_name']}" for row in rows]
    text = "".join(names)
    assert unicodedata.is_normalized("NFC", text)
    assert set("āčēģīķļņšūžĢĶĻŅŠŽ") <= set(text)
    assert set("ėęśźłışğöñőøæþðđäõü") <= set(text.casefold()), sorted(set(text))
    assert set("їґє") <= set(text.casefold())
    assert any("\u0370" <= letter <= "\u03ff" for letter in text)
    assert min(map(len, names)) <= 5
    assert max(map(len, names)) >= 60


def test_the_states_and_gaps_of_a_real_register_are_there(rows: list[dict[str, str]]) -> None:
    states = Counter(row["status"] for row in rows)
    assert set(states) == {status.value for status in EnrolmentStatus}
    assert states["active"] > 240
    assert 5 <= sum(not row["email"] for row in rows) <= 20
    assert 20 <= sum(bool(row["esi_2"]) for row in rows) <= 80
    assert sum(not row["esi"] for row in rows) == 2


def test_studies_make_sense(rows: list[dict[str, str]]) -> None:
    for row in rows:
        begins, ends = date.fromisoformat(row["study_begins"]), date.fromisoformat(row["study_ends"])
        assert begins < ends
        assert row["level"] in set(AcademicLevel)
        assert row["programme"]
        assert row["faculty"]
        assert (ends >= date(2028, 6, 30)) == (row["status"] in {"active", "on_leave"})


def test_identifiers_can_be_read_in_every_form_that_stands_there(rows: list[dict[str, str]]) -> None:
    ours = {"country": "LV", "sho": SCRIPT.SHO, "pic": SCRIPT.PIC}
    kinds, forms = Counter[EsiKind](), Counter[str]()
    for row in rows:
        found = [esi_from_written(row[column], **ours) for column in ("esi", "esi_2") if row[column]]
        assert len(set(found)) == len(found)
        assert all(esi.code == row["student_number"] for esi in found if esi.kind is EsiKind.INSTITUTIONAL)
        kinds.update(esi.kind for esi in found)
        forms.update(re.split(r"[:@-]", row[column])[0][:3] for column in ("esi", "esi_2") if row[column])
    assert kinds[EsiKind.NATIONAL] >= 20
    assert forms["LV"] >= 1
    assert any("@viis.gov.lv" in row["esi_2"] for row in rows)
    assert any(row["esi"].endswith(f"@{SCRIPT.SHO}") for row in rows)
    with pytest.raises(EsiError):
        esi_from_written("LV-999000002-241REB017", **ours)


def test_nothing_in_it_can_reach_or_mean_a_living_person(rows: list[dict[str, str]]) -> None:
    """RFC 2606 keeps .example free of mail; no one who was born before 1860 studies."""
    assert all(row["email"].endswith("@rpu.example") for row in rows if row["email"])
    assert all(re.fullmatch(r"[a-z0-9.-]+@rpu\.example", row["email"]) for row in rows if row["email"])
    codes = [row["personal_code"] for row in rows if row["personal_code"]]
    assert len(codes) >= 20
    for code in codes:
        digits = code.replace("-", "")
        assert re.fullmatch(r"\d{6}-0\d{4}", code)
        assert date(1840, 1, 1) <= date(1800 + int(digits[4:6]), int(digits[2:4]), int(digits[:2])) < date(1860, 1, 1)
        check = (1 + sum(w * int(d) for w, d in zip(WEIGHTS, digits[:10], strict=True))) % 11 % 10
        assert check == int(digits[10])


def test_a_portrait_is_wide_small_and_has_the_person_in_the_middle() -> None:
    source = SCRIPT.Source("anyone.png", "", middle_px=200, top_px=-20, height_px=300)
    made = SCRIPT.portrait(saved(corners(400, 400), "PNG"), source)
    assert len(made) <= SCRIPT.LARGEST_BYTES
    with Image.open(io.BytesIO(made)) as opened:
        assert opened.size == (1344, 756)
        pixels = np.asarray(opened.convert("RGB")).astype(int)
    # The line between the quarters of the source lies where its middle was asked for.
    line = np.abs(np.diff(pixels[300], axis=0)).sum(axis=1)
    assert abs(int(line.argmax()) - 1344 / 2) < 6


def test_pictures_are_known_by_their_hash_and_by_nothing_else(tmp_path: Path) -> None:
    source = SCRIPT.SOURCES["person-1.jpg"]
    (tmp_path / source.file).write_bytes(b"another picture of that name")
    with pytest.raises(SystemExit, match=source.sha256):
        SCRIPT.find(tmp_path, source)


def test_the_readme_gives_the_hash_of_every_source() -> None:
    readme = asset("demo", "README.md").read_text("utf-8")
    for name, source in SCRIPT.SOURCES.items():
        assert name in readme
        assert source.sha256 in readme


def test_wrong_use_says_how_it_is_used() -> None:
    command = [sys.executable, str(ROOT / "packaging" / "make-demo-data"), "everything"]
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert result.returncode == 2
    assert result.stderr.startswith("usage: make-demo-data")


def test_the_dice_fall_the_same_everywhere() -> None:
    """The generator behind random() is fixed by Python's documentation; what stands on it must not drift."""
    dice = SCRIPT.Dice(1)
    thrown = [dice.below(1000) for _ in range(6)]
    assert thrown == [134, 847, 763, 255, 495, 449]
