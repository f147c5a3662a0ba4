"""What is known of reader models: every file that ships, and how a name finds its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from station.adapters.reader.quirks import SlotUse, load_reader_file, quirk_of, reader_files
from station.domain.errors import ProfileError
from station.ports.chip import LONGEST_FRAME_DATA, SAFE_FRAME_DATA, Signal
from station.resources import asset

LEAST = 'schema_version = 1\nmodel = "A reader"\nnames = ["A 1"]\nsource = "its manual"\n'
FILES = sorted(asset("readers").glob("*.toml"))


def write(folder: Path, text: str) -> Path:
    file = folder / "reader.toml"
    file.write_text(text, "utf-8")
    return file


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_file_that_ships_is_right_and_says_where_it_has_it_from(path: Path) -> None:
    file = load_reader_file(path)
    for part in (file, file.apdu, file.escape, file.signals, *file.traps):
        assert part is None or len(part.source) > 10
    for name in file.names:
        found = quirk_of(name)
        assert found.traits.model == file.model, name
        assert found.use is file.use


def test_no_two_files_claim_the_same_device() -> None:
    ids = [each for file in reader_files() for each in file.usb]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(
    ("name", "model", "use"),
    [
        ("ACS ACR122U PICC Interface 00 00", "ACS ACR122U", SlotUse.CONTACTLESS),
        ("ACS ACR1252 1S CL Reader PICC 0", "ACS ACR1252U", SlotUse.CONTACTLESS),
        ("ACS ACR1252 1S CL Reader SAM 0", "SAM slot", SlotUse.SAM),
        ("ACS ACR1252 Dual Reader [ACR1252 Dual Reader SAM] 01 00", "SAM slot", SlotUse.SAM),
        ("HID Global OMNIKEY 6121 Smart Card Reader 0", "SAM slot", SlotUse.SAM),
        ("HID OMNIKEY 5427 CK 00 00", "HID OMNIKEY 5427 CK, 5127 CK, 5027 CK", SlotUse.CONTACTLESS),
        ("Identiv uTrust 4701 F CL Reader 1", "Identiv uTrust 4701 F, 4711 F", SlotUse.CONTACTLESS),
        ("Identiv uTrust 4701 F Contact Reader 0", "Contact slot of an Identiv uTrust reader", SlotUse.CONTACT),
        # The word SAM stands in the name of the whole reader here.
        ("Identiv Identiv uTrust 4711 F CL + SAM Reader 00 00", "Identiv uTrust 4701 F, 4711 F", SlotUse.CONTACTLESS),
        ("Elatec TWN4/B1.06/CPF3.05/S1SC1.32/P (Beta 3) 00 00", "Elatec TWN4", SlotUse.CONTACTLESS),
        ("DUALi DE-620 Combi 00 00", "Duali DE-620", SlotUse.CONTACTLESS),
        ("Samsung Reader 0", "", SlotUse.CONTACTLESS),
        ("", "", SlotUse.CONTACTLESS),
    ],
)
def test_a_reader_is_known_by_the_name_that_pcsc_gives_it(name: str, model: str, use: SlotUse) -> None:
    assert (quirk_of(name).traits.model, quirk_of(name).use) == (model, use)


def test_long_frames_go_only_where_the_reader_is_known_to_take_them() -> None:
    assert quirk_of("Unheard-of").traits.frame_data == SAFE_FRAME_DATA
    assert quirk_of("ACS ACR122U PICC Interface").traits.frame_data == SAFE_FRAME_DATA
    assert quirk_of("Identiv uTrust 3700 F CL Reader").traits.frame_data == LONGEST_FRAME_DATA
    for file in reader_files():
        if file.apdu is not None and file.apdu.long_frames:
            assert file.apdu.longest >= LONGEST_FRAME_DATA + 6
            # A descriptor tells how long an APDU may be, never how long a frame to the card is.
            assert "long_frames" in file.apdu.inferred or "USB descriptor" not in file.apdu.source


def test_lamp_and_buzzer_are_told_in_the_way_of_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    by_apdu, by_escape = quirk_of("ACS ACR122U"), quirk_of("ACS ACR1252")
    assert by_apdu.escape is None
    assert all(each[:3] == b"\xff\x00\x40" and len(each) == 9 for each in by_apdu.good + by_apdu.bad)
    assert by_escape.escape is not None
    assert by_escape.commands(Signal.GOOD) != by_escape.commands(Signal.BAD)
    assert by_escape.traits.signals == (Signal.GOOD, Signal.BAD)
    assert quirk_of("Unheard-of").commands(Signal.GOOD) == ()
    quirk_of.cache_clear()
    monkeypatch.setattr("sys.platform", "win32")
    try:
        assert quirk_of("ACS ACR1252").escape == 3500
    finally:
        quirk_of.cache_clear()


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (LEAST + "colour = 1\n", "colour"),
        (LEAST.replace("1\n", "2\n", 1), "schema_version"),
        (LEAST.replace('["A 1"]', "[]"), "names"),
        (LEAST.replace('source = "its manual"\n', ""), "source"),
        (LEAST + 'usb = ["072F:2200"]\n', "usb"),
        (LEAST + '[apdu]\nlongest = 10\nsource = "x"\n', "apdu.longest"),
        (LEAST + '[signals]\nway = "apdu"\ngood = ["no hex"]\nsource = "x"\n', "signals.good"),
        (LEAST + '[signals]\nway = "escape"\ngood = ["E0 00 00 28 01 0A"]\nsource = "x"\n', ""),
        ("not toml", "-"),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, text: str, place: str) -> None:
    with pytest.raises(ProfileError) as caught:
        load_reader_file(write(tmp_path, text))
    assert str(caught.value.params["place"]).startswith(place)
    assert "reader.toml" in str(caught.value)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ProfileError):
        load_reader_file(tmp_path / "none.toml")
