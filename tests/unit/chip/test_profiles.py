"""Chip profiles: what ships, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from station.adapters.secrets.demo_signer import demo_root
from station.chip.profiles import (
    ESC_AID,
    Trust,
    find_profile,
    parse_profile,
    read_profile,
    shipped_profile,
    shipped_profiles,
)
from station.domain.card import RouterCardType
from station.domain.errors import ProfileError
from station.domain.expressions import Expression
from station.ports.secrets import KeyKind
from station.resources import asset

DEUINFO = asset("chip-profiles", "deuinfo.toml").read_text("utf-8")
DOORS = asset("chip-profiles", "access-control.toml").read_text("utf-8")
TAG = asset("chip-profiles", "ndef-url.toml").read_text("utf-8")


def source(content: Expression | str | None) -> str:
    return content.text if isinstance(content, Expression) else str(content)


def test_each_profile_that_ships_is_named_like_its_file() -> None:
    assert {"none", "uid", "deuinfo", "deuinfo-unsigned", "access-control", "ndef-url"} <= set(shipped_profiles())
    assert [shipped_profile(name).name for name in shipped_profiles()] == list(shipped_profiles())


@pytest.mark.parametrize(
    ("name", "reader", "number", "card_type"),
    [
        ("none", False, False, RouterCardType.PASSIVE),
        ("uid", True, False, RouterCardType.SMART_NO_CDZ),
        ("deuinfo", True, True, RouterCardType.SMART_CDZ),
        ("deuinfo-unsigned", True, True, RouterCardType.SMART_NO_CDZ),
        ("access-control", True, False, RouterCardType.SMART_NO_CDZ),
        ("ndef-url", True, False, RouterCardType.SMART_NO_CDZ),
        ("ndef-url-desfire", True, False, RouterCardType.SMART_NO_CDZ),
    ],
)
def test_what_the_shipped_profiles_mean(name: str, reader: bool, number: bool, card_type: RouterCardType) -> None:
    profile = shipped_profile(name)
    assert (profile.needs_reader, profile.carries_escn, profile.card_type) == (reader, number, card_type)


def test_the_data_zone_is_laid_out_as_specified() -> None:
    profile = shipped_profile("deuinfo")
    (app,) = profile.applications
    assert app.aid == ESC_AID == bytes.fromhex("4088F5")
    assert (app.name, app.iso_fid, app.df_name.hex()) == ("F58840", 0x1000, "a00000061404f58840")
    assert (app.key_settings, app.key_type, len(app.keys)) == (0x0B, KeyKind.AES128, 3)
    assert [(file.number, file.iso_fid, file.size, source(file.content)) for file in app.files] == [
        (0, 0x1001, 16, "card.escn"),
        (1, 0x1002, None, "signature"),
        (2, 0x1003, None, "certificate"),
    ]
    assert {(int(file.mode), int(file.rights), file.free_read) for file in app.files} == {(0, 0xE000, True)}
    assert [(key.version, source(key.diversify)) for key in app.keys] == [
        (1, "card.uid + app.aid"),
        (1, "card.escn"),
        (1, "card.uid"),
    ]
    # Keys 1 and 2 come from the one key that all institutions share, key 0 from the institution's own.
    assert app.keys[1].secret == app.keys[2].secret != app.keys[0].secret
    assert profile.signature is not None
    assert source(profile.signature.message) == "card.escn + card.uid"
    assert profile.master_keys == (("deuinfo-application", 1), ("deuinfo-base", 1))


def test_the_unsigned_data_zone_is_the_signed_one_without_its_proof() -> None:
    (signed,), (unsigned,) = (shipped_profile(name).applications for name in ("deuinfo", "deuinfo-unsigned"))
    assert unsigned.files[0].model_dump(exclude={"content"}) == signed.files[0].model_dump(exclude={"content"})
    assert len(unsigned.files) == 1
    assert (unsigned.aid, unsigned.df_name, unsigned.key_settings) == (signed.aid, signed.df_name, signed.key_settings)


def test_the_door_s_application_is_laid_out_as_doors_expect() -> None:
    (app,) = shipped_profile("access-control").applications
    (file,) = app.files
    assert (app.name, app.key_settings, len(app.keys), app.iso_fid) == ("F585C0", 0x0B, 4, None)
    assert (file.size, int(file.mode), int(file.rights)) == (31, 3, 0x1223)
    assert (file.free_read, file.read_key, file.write_key, file.readers) == (False, 1, 2, (1, 2))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("F58840", "F51234"),
        ('iso_fid = "1002"', 'iso_fid = "1004"'),
        ('content = "card.escn"', "content = \"card.escn + unhex('')\""),
        ('iso_fid = "1000"', 'iso_fid = "2000"'),
        ('df_name = "A00000061404F58840"\n', ""),
        ("card.escn + card.uid", "card.uid + card.escn"),
        ("card.escn + card.uid", "card.escn + card.uid + unhex('00')"),
        ("card.escn + card.uid", "card.escn + utf8(holder.family_name)"),
    ],
)
def test_only_the_whole_data_zone_is_told_as_one(old: str, new: str) -> None:
    assert parse_profile(DEUINFO.replace(old, new)).card_type is RouterCardType.SMART_NO_CDZ


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ('chip = "desfire"', 'chip = "desfire"\ncolour = "red"', "colour"),
        ("size = 16", "size = 16\nsise = 16", "application.0.file.0.sise"),
        ("schema = 1", "schema = 2", "schema"),
        ("size = 16", "size = 15", "application.0"),
        ("size = 16", "size = 17", "application.0"),
        ("size = 16", "size = 0", "application.0.file.0.size"),
        ("size = 16", 'size = "all"', "application.0.file.0.size"),
        ('rights = "E000"', 'rights = "EEEE"', "application.0.file.0"),
        ('rights = "E000"', 'rights = "E0E0"', "application.0.file.0"),
        ('rights = "E000"', 'rights = "EFFF"', "application.0.file.0"),
        ('rights = "E000"', 'rights = "F0F0"', "application.0.file.0"),
        ('rights = "E000"', 'rights = "E333"', "application.0"),
        ('rights = "E000"', "rights = 57344", "application.0.file.0.rights"),
        ('mode = "plain"', 'mode = "secret"', "application.0.file.0.mode"),
        ('mode = "plain"', 'mode = "plain"\nkind = "cyclic"', "application.0.file.0.kind"),
        ('content = "card.escn"', 'content = "card.name"', "application.0.file.0.content"),
        ('content = "card.escn"', "content = 16", "application.0.file.0.content"),
        ('content = "card.escn"', 'content = "card.escn_text"', "application.0"),
        ('aid = "F58840"', 'aid = "F588"', "application.0.aid"),
        ('aid = "F58840"', 'aid = "000000"', "application.0"),
        ('aid = "F58840"', 'aid = "students"', "application.0.aid"),
        ('key_settings = "0B"', 'key_settings = "1B"', "application.0"),
        ('key_settings = "0B"', 'key_settings = "0A"', "application.0"),
        ('key_settings = "0B"', 'key_settings = "0B"\nkey_type = "rsa"', "application.0.key_type"),
        ('key_settings = "0B"', 'key_settings = "0B"\nmessaging = "ev2"', "TOML"),
        ('key_settings = "0B"', 'key_settings = "0B"\nmessaging = "ev2"\nkey_type = "3k3des"', "application.0"),
        ('diversify = "card.uid + app.aid"', 'diversify = "card.name"', "application.0.key.0.diversify"),
        ('diversify = "card.uid + app.aid"', "diversify = \"unhex('')\"", "application.0"),
        ('diversify = "card.uid + app.aid"', 'diversify = "card.escn + card.escn"', "application.0"),
        ('diversify = "card.uid + app.aid"', 'diversify = "card.escn_text"', "application.0"),
        ("number = 2", "number = 5", "application.0"),
        ("version = 1", "version = 0", "application.0.key.0.version"),
        ('iso_fid = "1000"\n', "", "application.0"),
        ('iso_fid = "1001"\n', "", "application.0"),
        ('chip = "desfire"', 'chip = "any"', "TOML"),
        ('chip = "desfire"', 'chip = "type2"', "TOML"),
        ('chip = "desfire"', 'chip = "desfire"\nndef = "ndef_uri(card.url)"', "TOML"),
        ('chip = "desfire"', 'chip = "desfire"\nframes = "long"', "TOML"),
        ('chip = "desfire"', 'chip = "desfire"\ntrust = []', "trust"),
        ('message = "card.escn + card.uid"', 'message = "card.escn +"', "signature.message"),
        ('roots = ["deuinfo-root.pem"]', 'roots = ["../root.pem"]', "signature.roots.0"),
        ('content = "signature"', 'content = "card.uid"', None),
        ("schema = 1", "schema = ", "TOML"),
    ],
)
def test_a_mistake_is_named_with_its_place(old: str, new: str, place: str | None) -> None:
    text = DEUINFO.replace(old, new, 1)
    assert text != DEUINFO
    if place is None:
        assert parse_profile(text).card_type is RouterCardType.SMART_NO_CDZ
        return
    with pytest.raises(ProfileError) as caught:
        parse_profile(text, "own.toml")
    assert caught.value.params["place"] == place
    assert caught.value.params["file"] == "own.toml"
    assert "own.toml" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (DOORS + '\n[signature]\nsecret = "a"\nmessage = "card.uid"\nroots = []\n', "need \\[signature\\]"),
        (DEUINFO[: DEUINFO.index("# ECDSA")] + DEUINFO[DEUINFO.index("[[application]]") :], "need \\[signature\\]"),
        (TAG + '[card_key]\nsecret = "a"\nversion = 1\n', "a card key needs"),
        (DOORS + '[card_key]\nsecret = "a"\nversion = 1\nsettings = "06"\n', "settings must have 09"),
        (DOORS + '[card_key]\nsecret = "a"\nversion = 1\nsettings = "08"\n', "settings must have 09"),
        (DOORS + '[card_key]\nsecret = "a"\nversion = 1\nsettings = "1F"\n', "settings must have 09"),
        (DEUINFO.replace('size = "exact"', "size = 80", 1), "zeros behind it"),
        (DOORS + '[card_key]\nsecret = "a"\nversion = 1\nrandom_uid = true\n', "without card.uid"),
        (DEUINFO + DEUINFO[DEUINFO.index("[[application]]") :], "two applications have the same aid"),
        (DEUINFO + DEUINFO[DEUINFO.index("[[application.file]]") :], "two files have the same number"),
        (DOORS.replace('diversify = "card.uid"', 'diversify = "card.escn"').replace(
            'key_settings = "0B"', 'key_settings = "0B"\nkey_type = "2k3des"'), "AN10922"),
    ],
)  # fmt: skip
def test_parts_that_do_not_go_together_are_refused(text: str, says: str) -> None:
    with pytest.raises(ProfileError, match=says):
        parse_profile(text)


def test_several_applications_go_onto_one_card() -> None:
    doors = DOORS[DOORS.index("[[application]]") :]
    both = parse_profile(DEUINFO + doors)
    assert [app.name for app in both.applications] == ["F58840", "F585C0"]
    assert both.card_type is RouterCardType.SMART_CDZ


def test_a_profile_that_is_not_there_names_those_that_are(tmp_path: Path) -> None:
    for name, folder in (("../none", None), ("../none", tmp_path), ("gates", tmp_path)):
        with pytest.raises(ProfileError) as caught:
            find_profile(name, folder)
        assert "access-control, deuinfo, " in str(caught.value)


def test_an_own_profile_is_read_from_its_file(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(DOORS.replace('"access-control"', '"own"', 1), "utf-8")
    assert read_profile(tmp_path / "own.toml").name == "own"
    assert find_profile("own", tmp_path).name == "own"
    assert find_profile("uid", tmp_path).name == "uid"


def test_roots_are_pinned_from_the_institution_s_folder(tmp_path: Path) -> None:
    assert shipped_profile("deuinfo").trust == Trust()
    with pytest.raises(ProfileError, match=r"deuinfo-root\.pem"):
        find_profile("deuinfo", tmp_path)
    pem = x509.load_der_x509_certificate(demo_root()).public_bytes(Encoding.PEM)
    (tmp_path / "certificates").mkdir()
    (tmp_path / "certificates" / "deuinfo-root.pem").write_bytes(pem)
    assert find_profile("deuinfo", tmp_path).trust == Trust((demo_root(),))
    (tmp_path / "certificates" / "deuinfo-root.pem").write_bytes(b"-----BEGIN CERTIFICATE-----\nAAAA\n")
    with pytest.raises(ProfileError, match=r"deuinfo-root\.pem"):
        find_profile("deuinfo", tmp_path)


def test_a_profile_believes_further_roots_when_told() -> None:
    assert shipped_profile("deuinfo").trusting(b"root").trust.roots == (b"root",)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_bytes(b"\xff\xfe")
    for name in ("own.toml", "missing.toml"):
        with pytest.raises(ProfileError) as caught:
            read_profile(tmp_path / name)
        assert str(caught.value.params["file"]).endswith(name)
