"""The station profile: what it takes, what it refuses, and how it says so."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields, is_dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.domain.card import CardScheme
from station.domain.errors import ProfileError
from station.settings import MIGRATIONS, SCHEMA_VERSION, load_settings, settings_from

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures" / "profiles"
INSTITUTION = '[[institutions]]\nkey = "rpu"\nname = "RPU"\npic = "999000001"\nsho = "rpu.example"\n'


def write(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "station.toml"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize("version", range(1, SCHEMA_VERSION + 1))
def test_a_profile_of_every_version_opens(version: int) -> None:
    settings = load_settings(FIXTURES / f"version-{version}.toml")
    assert settings.schema_version == SCHEMA_VERSION
    assert settings.institution.name == "Rīgas Paraugu universitāte"
    assert settings.institution.escn_prefix == 7
    assert settings.institution_of("vpk").processor_vat == "LV40000000000"
    assert settings.printer.options == {"FBlackManagement": "TEXTINBLACK"}


def test_migrations_lead_without_a_gap_to_today() -> None:
    assert sorted(MIGRATIONS) == list(range(1, SCHEMA_VERSION))


def test_the_least_profile_is_enough(tmp_path: Path) -> None:
    settings = load_settings(write(tmp_path, INSTITUTION))
    assert settings.card.scheme is CardScheme.ESC
    assert settings.station.language == "lv"
    assert "sandbox" in settings.router.url
    assert not settings.demo


def test_who_keeps_the_keys_is_said_whole(tmp_path: Path) -> None:
    token = '[secrets]\nkeeper = "pkcs11"\nmodule = "/usr/lib/module.so"\ntoken = "desk"\n'
    settings = load_settings(write(tmp_path, INSTITUTION + token))
    assert settings.secrets.module == Path("/usr/lib/module.so")
    sam = '[secrets]\nkeeper = "sam"\nreader = "SAM"\nsam_keys = { deuinfo-base = 5 }\n'
    assert load_settings(write(tmp_path, INSTITUTION + sam)).secrets.sam_keys == {"deuinfo-base": 5}
    for text, left_out in ((token, "token"), (token, "module"), (sam, "reader"), (sam, "sam_keys")):
        shorter = "".join(line for line in text.splitlines(keepends=True) if not line.startswith(left_out))
        with pytest.raises(ProfileError, match=left_out):
            load_settings(write(tmp_path, INSTITUTION + shorter))
    with pytest.raises(ProfileError, match="does not know this key"):
        load_settings(write(tmp_path, INSTITUTION + token + 'pin = "1234"\n'))


def test_paths_are_relative_to_the_profile(tmp_path: Path) -> None:
    text = (
        '[store]\npath = "here/x"\n[register]\nfile = "here/x"\n[printer]\nfolder = "here/x"\n'
        '[chip]\nfolder = "here/x"\n[photo]\nfolder = "here/x"\n[layout]\nfolder = "here/x"\n'
        '[router]\nca_file = "here/x"\n'
        '[secrets]\nkeeper = "pkcs11"\nmodule = "here/x"\ntoken = "desk"\n'
    )
    settings = load_settings(write(tmp_path, INSTITUTION + text))
    parts = [part for part in (getattr(settings, each.name) for each in fields(settings)) if is_dataclass(part)]
    paths = [getattr(part, each.name) for part in parts for each in fields(part) if "Path" in str(each.type)]
    assert [path for path in paths if path is not None] == [tmp_path.resolve() / "here/x"] * (len(paths) - 1)
    assert settings.layout.file is None  # that and a folder exclude each other


def test_paths_in_lists_are_relative_to_the_profile_too(tmp_path: Path) -> None:
    text = (
        '[layout]\nfile = "main.zip"\n'
        '[[card_types]]\nscheme = "staff"\nwhen = "status == \'active\'"\nfile = "here/staff.zip"\n'
        '[[card_types]]\nscheme = "guest"\nwhen = "true"\nlayout = "guest"\n'
    )
    settings = load_settings(write(tmp_path, INSTITUTION + text))
    assert settings.layout.file == tmp_path.resolve() / "main.zip"
    staff, guest = settings.card_types
    assert (staff.file, guest.file) == (tmp_path.resolve() / "here/staff.zip", None)
    assert (staff.scheme.value, guest.layout) == ("staff", "guest")


def test_fingerprints_of_signers_are_taken_as_programs_show_them(tmp_path: Path) -> None:
    shown = ":".join(["AB"] * 32)
    settings = load_settings(write(tmp_path, INSTITUTION + f'[layout]\nsigners = ["{shown}", "{"cd" * 32}"]\n'))
    assert settings.layout.signers == ("ab" * 32, "cd" * 32)
    for wrong in ("ab" * 31, "zz" * 32, "ab" * 33, ""):
        with pytest.raises(ProfileError, match="64 hexadecimal digits"):
            load_settings(write(tmp_path, INSTITUTION + f'[layout]\nsigners = ["{wrong}"]\n'))


def test_where_the_store_is_can_be_said_in_one_line(tmp_path: Path) -> None:
    url = "postgresql+psycopg://cards@db.example/station"
    assert load_settings(write(tmp_path, f'store = "{url}"\n' + INSTITUTION)).store.url == url
    assert load_settings(write(tmp_path, 'store = "cards.db"\n' + INSTITUTION)).store.path == tmp_path / "cards.db"


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        (INSTITUTION + "[camera]\nsourse = '0'\n", "camera.sourse, line 7", "misspelt"),
        (INSTITUTION.replace("999000001", "99900001"), "pic of the institution “RPU”, line 4", "9 digits"),
        (INSTITUTION.replace("999000001", "99900000x"), "pic of the institution “RPU”, line 4", "9 digits"),
        (INSTITUTION.replace('pic = "999000001"\n', ""), "pic of the institution “RPU”, line 1", "missing"),
        (INSTITUTION + "escn_prefix = 1000\n", "escn_prefix of the institution “RPU”, line 6", "from 0 to 999"),
        (INSTITUTION + "escn_prefix = '7'\n", "escn_prefix of the institution “RPU”, line 6", "whole number"),
        (INSTITUTION + "[station]\nlanguage = 'de'\n", "station.language, line 7", "one of these: lv, en"),
        (INSTITUTION + "[station]\nname = ' '\n", "station.name, line 7", "1 to 255 characters"),
        (INSTITUTION + "[photo]\nauto_capture = 1\n", "photo.auto_capture, line 7", "true or false"),
        (INSTITUTION + "[reader]\nwait_s = 0\n", "reader.wait_s, line 7", "more than 0 and at most 600"),
        (INSTITUTION + "[reader]\nwait_s = nan\n", "reader.wait_s, line 7", "more than 0 and at most 600"),
        (INSTITUTION + "[layout]\nsigners = 'a'\n", "layout.signers, line 7", "a list in square brackets"),
        (INSTITUTION + "[printer]\noptions = { a = 1 }\n", "printer.options.a", "a text in quotation marks"),
        ("institutions = []\n", "institutions, line 1", "at least one"),
        ("[station]\nname = 'Desk'\n", "institutions", "missing"),
        (INSTITUTION + INSTITUTION, "the whole file", "same key"),
        (INSTITUTION + "[store]\npath = 'a'\nurl = 'b'\n", "store, line 6", "not both"),
        (INSTITUTION + "[store]\nurl = 'postgresql://a:b@h/d'\n", "store.url, line 7", "must not be in this file"),
        ("store = 'postgresql://h/d?user=a&password=b'\n" + INSTITUTION, "store", "must not be in this file"),
        (INSTITUTION + "[layout]\nfile = 'a.zip'\nfolder = 'b'\n", "layout, line 6", "not both"),
        (INSTITUTION + "[[card_types]]\nscheme = 'staff'\n", "when", "missing"),
        (INSTITUTION + "[router]\nurl = 'router'\n", "router.url, line 7", "http"),
        (INSTITUTION + "[card]\nscheme = 'library'\n", "card.scheme, line 7", "one of these: esc, isic+esc, staff"),
        (INSTITUTION + "[camera\n", "line 6", "']'"),
        ("schema_version = 'x'\n" + INSTITUTION, "schema_version", "whole number"),
        ("schema_version = true\n" + INSTITUTION, "schema_version", "whole number"),
    ],
)
def test_a_mistake_is_named_with_file_and_place(tmp_path: Path, text: str, place: str, words: str) -> None:
    file = write(tmp_path, text)
    with pytest.raises(ProfileError) as refused:
        load_settings(file)
    said = str(refused.value)
    assert place in said
    assert words in said
    assert str(file) in said
    assert "Nothing was changed" in said


def test_a_missing_profile_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match="does not exist"):
        load_settings(tmp_path / "no.toml")
    with pytest.raises(ProfileError, match="--demo"):
        load_settings(tmp_path / "no.toml")


@pytest.mark.parametrize(
    ("data", "words", "remedy"),
    [
        (INSTITUTION.encode() + b"name_en = '\xe9'", "line 6", "UTF-8"),
        (INSTITUTION.encode("utf-16"), "not a text file", "UTF-8"),
        (b"\x7fELF\x02\x01\x01\x00\x00", "not a text file", "Name another file"),
        (None, "is a folder", "--profile FOLDER/station.toml"),
    ],
)
def test_what_is_no_text_file_is_refused_with_the_remedy(
    tmp_path: Path, data: bytes | None, words: str, remedy: str
) -> None:
    file = tmp_path / "profile"
    if data is None:
        file.mkdir()
    else:
        file.write_bytes(data)
    with pytest.raises(ProfileError) as refused:
        load_settings(file)
    for said in (str(file), words, remedy):
        assert said in str(refused.value)


def test_a_profile_saved_with_a_byte_order_mark_opens(tmp_path: Path) -> None:
    file = tmp_path / "station.toml"
    file.write_text(INSTITUTION, encoding="utf-8-sig")
    assert load_settings(file).institution.name == "RPU"


def test_a_profile_of_a_newer_station_is_refused_untouched(tmp_path: Path) -> None:
    file = write(tmp_path, f"schema_version = {SCHEMA_VERSION + 1}\n" + INSTITUTION)
    before = file.read_bytes()
    with pytest.raises(ProfileError, match="newer version"):
        load_settings(file)
    assert file.read_bytes() == before


def test_there_is_no_place_for_a_secret(tmp_path: Path) -> None:
    for key in ("key", "api_key", "password", "token"):
        with pytest.raises(ProfileError):
            load_settings(write(tmp_path, INSTITUTION + f"[router]\n{key} = 'x'\n"))


def test_what_was_loaded_stays_as_it_is() -> None:
    settings = load_settings(FIXTURES / "version-1.toml")
    with pytest.raises(FrozenInstanceError):
        settings.station.name = "Desk 9"  # type: ignore[misc]  # that is what is tried
    assert settings == load_settings(FIXTURES / "version-1.toml")


def test_an_unknown_institution_is_named() -> None:
    settings = load_settings(FIXTURES / "version-1.toml")
    with pytest.raises(ProfileError, match="rtu"):
        settings.institution_of("rtu")


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)
KEYS = ["schema_version", "station", "institutions", "store", "camera", "reader", "printer", "card", "router", "x"]


@given(st.dictionaries(st.sampled_from(KEYS), plain, max_size=6))
def test_any_document_is_settings_or_one_clear_error(document: dict[str, object]) -> None:
    file = Path("station.toml")
    try:
        settings = settings_from(document, file)
    except ProfileError as error:
        said = str(error)
    else:
        said = settings.institution.name + "station.toml"
    assert "station.toml" in said


def test_readers_have_roles_and_a_profile_without_them_is_what_it_was(tmp_path: Path) -> None:
    reader = load_settings(write(tmp_path, INSTITUTION)).reader
    assert (reader.pattern, reader.encoder, reader.operator) == ("", "", "")
    roles = '[reader]\npattern = "ACR1252"\nencoder = "Evolis"\noperator = "5427"\n'
    reader = load_settings(write(tmp_path, INSTITUTION + roles)).reader
    assert (reader.pattern, reader.encoder, reader.operator) == ("ACR1252", "Evolis", "5427")


@pytest.mark.parametrize("address", ["ftp://esc.gg/", "https://esc.gg", "https://cards.university.example/"])
def test_an_address_for_qr_codes_leaves_room_for_the_number(tmp_path: Path, address: str) -> None:
    # A QR code of version 4 and level M holds 62 bytes, and a number has 36.
    with pytest.raises(ProfileError, match="end with a slash, and have 26 signs at most"):
        load_settings(write(tmp_path, f'card = {{ qr_address = "{address}" }}\n' + INSTITUTION))


@pytest.mark.parametrize("pedal", ["", "F13", "PgDown", "C", "5", "Media Play"])
def test_a_foot_pedal_sends_a_key_of_its_own(tmp_path: Path, pedal: str) -> None:
    settings = load_settings(write(tmp_path, f"photo = {{ pedal = '{pedal}' }}\n" + INSTITUTION))
    assert settings.photo.pedal == pedal
    assert settings.photo.auto_capture


@pytest.mark.parametrize("pedal", ["N", "R", "A", "Enter", "Space", "F1", "Ctrl+C", "no key"])
def test_a_key_that_the_window_uses_is_no_pedal(tmp_path: Path, pedal: str) -> None:
    with pytest.raises(ProfileError, match="the name of one key that the window does not use itself"):
        load_settings(write(tmp_path, f"photo = {{ pedal = '{pedal}' }}\n" + INSTITUTION))
