"""Chip profiles: what ships, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from station.chip.profiles import ESC_AID, parse_profile, read_profile, shipped_profile, shipped_profiles
from station.domain.card import RouterCardType
from station.domain.errors import ProfileError
from station.resources import asset

DEUINFO = asset("chip-profiles", "deuinfo.toml").read_text("utf-8")


def test_three_profiles_ship_and_each_is_named_like_its_file() -> None:
    assert {"none", "uid", "deuinfo"} <= set(shipped_profiles())
    assert [shipped_profile(name).name for name in shipped_profiles()] == list(shipped_profiles())


@pytest.mark.parametrize(
    ("name", "reader", "number", "card_type"),
    [
        ("none", False, False, RouterCardType.PASSIVE),
        ("uid", True, False, RouterCardType.SMART_NO_CDZ),
        ("deuinfo", True, True, RouterCardType.SMART_CDZ),
    ],
)
def test_what_the_shipped_profiles_mean(name: str, reader: bool, number: bool, card_type: RouterCardType) -> None:
    profile = shipped_profile(name)
    assert (profile.needs_reader, profile.carries_escn, profile.card_type) == (reader, number, card_type)


def test_the_data_zone_is_laid_out_as_specified() -> None:
    (app,) = shipped_profile("deuinfo").applications
    assert app.aid == ESC_AID == bytes.fromhex("4088F5")
    assert (app.name, app.iso_fid, app.df_name.hex()) == ("F58840", 0x1000, "a00000061404f58840")
    assert app.key_settings == 0x0B
    (file,) = app.files
    assert (file.number, file.iso_fid, file.size, int(file.mode), int(file.rights)) == (0, 0x1001, 16, 0, 0xE000)
    assert file.free_read
    assert [(key.number, key.diversify) for key in app.keys] == [(0, ("uid", "aid")), (1, ("escn",)), (2, ("uid",))]
    # Keys 1 and 2 come from the one key that all institutions share, key 0 from the institution's own.
    assert app.keys[1].secret == app.keys[2].secret != app.keys[0].secret


def test_another_application_is_no_european_data_zone() -> None:
    own = parse_profile(DEUINFO.replace("F58840", "F51234"))
    assert own.card_type is RouterCardType.SMART_NO_CDZ


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ('chip = "desfire"', 'chip = "desfire"\ncolour = "red"', "colour"),
        ("size = 16", "size = 16\nsise = 16", "application.0.file.0.sise"),
        ("schema = 1", "schema = 2", "schema"),
        ("size = 16", "size = 17", "application.0.file.0"),
        ('rights = "E000"', 'rights = "EEEE"', "application.0.file.0"),
        ('rights = "E000"', 'rights = "E111"', "application.0.file.0"),
        ('rights = "E000"', 'rights = "0000"', "application.0"),
        ('rights = "E000"', "rights = 57344", "application.0.file.0.rights"),
        ('mode = "plain"', 'mode = "secret"', "application.0.file.0.mode"),
        ('content = "escn"', 'content = "name"', "application.0.file.0.content"),
        ('aid = "F58840"', 'aid = "F588"', "application.0.aid"),
        ('aid = "F58840"', 'aid = "000000"', "application.0"),
        ('aid = "F58840"', 'aid = "students"', "application.0.aid"),
        ('diversify = ["uid", "aid"]', "diversify = []", "application.0.key.0.diversify"),
        ('diversify = ["uid", "aid"]', 'diversify = ["name"]', "application.0.key.0.diversify.0"),
        ('diversify = ["escn"]', 'diversify = ["escn", "escn"]', "application.0.key.1"),
        ("number = 2", "number = 5", "application.0"),
        ("version = 1", "version = 0", "application.0.key.0.version"),
        ('iso_fid = "1000"\n', "", "application.0"),
        ('iso_fid = "1001"\n', "", "application.0"),
        ('chip = "desfire"', 'chip = "any"', "TOML"),
        ("schema = 1", "schema = ", "TOML"),
    ],
)
def test_a_mistake_is_named_with_its_place(old: str, new: str, place: str) -> None:
    with pytest.raises(ProfileError) as caught:
        parse_profile(DEUINFO.replace(old, new, 1), "own.toml")
    assert caught.value.params["place"] == place
    assert caught.value.params["file"] == "own.toml"
    assert "own.toml" in str(caught.value)


def test_two_applications_are_refused_by_this_version() -> None:
    app = DEUINFO[DEUINFO.index("[[application]]") :].replace("F58840", "F58841")
    with pytest.raises(ProfileError, match="one application"):
        parse_profile(DEUINFO + app)


def test_two_files_of_one_number_are_refused() -> None:
    file = DEUINFO[DEUINFO.index("[[application.file]]") :]
    with pytest.raises(ProfileError, match="mistake"):
        parse_profile(DEUINFO + file)


def test_a_profile_that_is_not_there_names_those_that_are() -> None:
    with pytest.raises(ProfileError) as caught:
        shipped_profile("../none")
    assert "deuinfo, none, uid" in str(caught.value)


def test_an_own_profile_is_read_from_its_file(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(DEUINFO.replace('"deuinfo"', '"own"', 1), "utf-8")
    assert read_profile(tmp_path / "own.toml").name == "own"


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_bytes(b"\xff\xfe")
    for name in ("own.toml", "missing.toml"):
        with pytest.raises(ProfileError) as caught:
            read_profile(tmp_path / name)
        assert str(caught.value.params["file"]).endswith(name)
