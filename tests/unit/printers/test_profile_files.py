"""Printer models as data: those that ship, and every mistake in one's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from printers.api import PrinterProfile, ProfileError
from printers.bitmap import CARD_HEIGHT_MM, CARD_WIDTH_MM, size_mm
from printers.profile_files import list_profiles, load_profile

GOOD = """
schema_version = 1
model = "Kartīšu printeris"
source = "our own ruler"
width_px = 1016
height_px = 648
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    path = tmp_path / "desk-printer.toml"
    path.write_text(GOOD, encoding="utf-8")
    return path


def test_the_models_that_ship_are_named() -> None:
    assert set(list_profiles()) >= {
        "datacard-sd",
        "evolis-primacy2",
        "evolis-primacy2-sdk",
        "fargo-dtc",
        "fargo-hdp",
        "generic-cr80-300",
        "magicard",
        "matica",
        "virtual",
        "zebra-zc300",
    }


@pytest.mark.parametrize("name", list_profiles())
def test_every_model_that_ships_covers_the_whole_card_and_says_where_its_figures_are_from(name: str) -> None:
    profile = load_profile(name)
    width, height = size_mm((profile.width_px, profile.height_px), (profile.dpi_x, profile.dpi_y))
    assert profile.name == name
    assert len(profile.source) > 40
    # What reaches over the edge is at least the bleed, and never more than 1.5 mm a side.
    assert CARD_WIDTH_MM + 2 * profile.bleed_mm <= width + 0.05 <= CARD_WIDTH_MM + 3
    assert CARD_HEIGHT_MM + 2 * profile.bleed_mm - 0.4 <= height <= CARD_HEIGHT_MM + 3


def test_figures_that_nobody_has_stated_are_marked_and_must_be_figures(own: Path) -> None:
    assert "width_px" in load_profile("zebra-zc300").inferred
    assert "width_px" not in load_profile("evolis-primacy2").inferred
    own.write_text(GOOD + 'inferred = ["bleed_mm"]\n', encoding="utf-8")
    assert load_profile(own).inferred == ("bleed_mm",)
    own.write_text(GOOD + 'inferred = ["charm"]\n', encoding="utf-8")
    with pytest.raises(ProfileError, match=r"inferred \(line 7\): charm"):
        load_profile(own)


@pytest.mark.parametrize(
    ("name", "raster"),
    [("generic-cr80-300", (1016, 648)), ("magicard", (1016, 642)), ("fargo-hdp", (1035, 661)), ("matica", (1036, 664))],
)
def test_the_rasters_are_those_of_the_makers(name: str, raster: tuple[int, int]) -> None:
    profile = load_profile(name)
    assert (profile.width_px, profile.height_px) == raster


def test_a_model_of_ones_own_is_a_file(own: Path) -> None:
    expected = PrinterProfile("desk-printer", "Kartīšu printeris", 1016, 648, source="our own ruler")
    assert load_profile(own) == load_profile(str(own)) == expected


def test_a_file_of_windows_own_editor_is_read_too(own: Path) -> None:
    own.write_text(GOOD, encoding="utf-8-sig")
    assert load_profile(own).model == "Kartīšu printeris"


def test_options_are_handed_on_as_they_are(own: Path) -> None:
    own.write_text(GOOD + '[options]\nFBlackManagement = "ALLBLACKPOINT"\n"station.page" = "raster"\n')
    assert load_profile(own).options == {"FBlackManagement": "ALLBLACKPOINT", "station.page": "raster"}


def test_an_unknown_model_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(ProfileError, match="zebra-zc900") as caught:
        load_profile("zebra-zc900")
    assert "zebra-zc300" in str(caught.value)


@pytest.mark.parametrize("name", ["../virtual", "", "profiles/virtual", "/etc/passwd"])
def test_a_name_is_no_way_out_of_the_folder(name: str) -> None:
    with pytest.raises(ProfileError):
        load_profile(name)


@pytest.mark.parametrize(
    ("change", "place", "detail"),
    [
        ("width_pixels = 5", "width_pixels (line 7)", "does not know this key"),
        ("[options]\nspeed = 5", "options.speed (line 8)", "quotation marks"),
        ("dpi_x = 12", "dpi_x (line 7)", "100"),
        ('duplex = "yes"', "duplex (line 7)", "true or false"),
        ("seconds_a_card = -1", "seconds_a_card (line 7)", "0"),
        ("seconds_a_card = nan", "seconds_a_card (line 7)", "0"),
        ("bleed_mm = 100.0", "bleed_mm (line 7)", "10"),
        ('[options]\n"-o x" = "1"', "options", "an option's name"),
        ("width_px = ", "-", "line 7"),
        ("width_px = 1016", "-", "line 7"),
    ],
)
def test_a_mistake_is_told_with_file_and_place(own: Path, change: str, place: str, detail: str) -> None:
    own.write_text(GOOD + change + "\n", encoding="utf-8")
    with pytest.raises(ProfileError) as caught:
        load_profile(own)
    assert caught.value.params["file"] == own
    assert str(caught.value.params["place"]).startswith(place)
    assert detail in str(caught.value.params["detail"])
    assert str(own) in str(caught.value)


def test_a_key_that_is_missing_is_named(own: Path) -> None:
    own.write_text(GOOD.replace("source", "# source"), encoding="utf-8")
    with pytest.raises(ProfileError, match=r"at source: this key is missing"):
        load_profile(own)


def test_a_file_of_a_later_schema_is_refused(own: Path) -> None:
    own.write_text(GOOD.replace("schema_version = 1", "schema_version = 2"), encoding="utf-8")
    with pytest.raises(ProfileError, match="schema_version"):
        load_profile(own)


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"x" * 70_000, b"a = " + b"[" * 5000, b"\x00"])
def test_what_is_no_profile_at_all_is_refused_by_one_error(own: Path, content: bytes) -> None:
    own.write_bytes(content)
    with pytest.raises(ProfileError):
        load_profile(own)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match=r"absent\.toml"):
        load_profile(tmp_path / "absent.toml")
    (tmp_path / "folder.toml").mkdir()
    with pytest.raises(ProfileError, match=r"folder\.toml"):
        load_profile(tmp_path / "folder.toml")


@pytest.mark.parametrize("name", ["evolis-primacy2", "fargo-dtc", "magicard"])
def test_black_reaches_the_resin_panel_where_the_driver_has_an_option_for_it(name: str) -> None:
    assert any("Black" in option or "KPanel" in option for option in load_profile(name).options)


@pytest.mark.parametrize("name", list_profiles())
def test_no_model_promises_a_stripe_that_its_driver_cannot_be_told(name: str) -> None:
    profile = load_profile(name)
    by_sdk_or_windows = name.startswith(("evolis-", "datacard-", "virtual"))
    named = any("{track" in value for value in profile.options.values())
    assert not profile.magnetic or by_sdk_or_windows or named
