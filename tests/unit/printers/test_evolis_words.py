"""What the Evolis SDK says, read: every state that it has a name for, every code that matters, every setting."""

from __future__ import annotations

from dataclasses import replace

import pytest

from printers.api import PrinterReason, PrinterState
from printers.evolis_words import End, SdkState, changed, end_of, settings_for
from printers.profile_files import load_profile
from tests.helpers.cards import sample_rendered_card, sample_side


@pytest.mark.parametrize(
    ("minor", "reason"),
    [
        ("DEF_FEEDER_EMPTY", PrinterReason.MEDIA_EMPTY),
        ("AVANSIA_ERR_FEEDER_EMPTY", PrinterReason.MEDIA_EMPTY),
        ("DEF_WAIT_CARD", PrinterReason.MEDIA_EMPTY),
        ("ERR_MECHANICAL", PrinterReason.MEDIA_JAM),
        ("AVANSIA_ERR_CARD_JAM", PrinterReason.MEDIA_JAM),
        ("ERR_FEEDER_ERROR", PrinterReason.MEDIA_JAM),
        ("DEF_COVER_OPEN", PrinterReason.COVER_OPEN),
        ("ERR_REJECT_BOX_COVER_OPEN", PrinterReason.COVER_OPEN),
        ("DEF_NO_RIBBON", PrinterReason.RIBBON_EMPTY),
        ("ERR_RIBBON_ENDED", PrinterReason.RIBBON_EMPTY),
        ("AVANSIA_DEF_FILM_ENDED", PrinterReason.RIBBON_EMPTY),
        ("DEF_UNSUPPORTED_RIBBON", PrinterReason.RIBBON_WRONG),
        ("ERR_BAD_RIBBON", PrinterReason.RIBBON_WRONG),
        ("DEF_HOPPER_FULL", PrinterReason.OUTPUT_FULL),
        ("DEF_REJECT_BOX_FULL", PrinterReason.OUTPUT_FULL),
        ("DEF_CARD_ON_EJECT", PrinterReason.CARD_INSIDE),
        ("DEF_PRINTER_LOCKED", PrinterReason.PAUSED),
        ("ERR_WRITE_MAGNETIC", PrinterReason.OTHER),
        ("DEF_COOLING", PrinterReason.OTHER),
        ("PRINTER_OFFLINE", PrinterReason.OFFLINE),
        ("INF_RIBBON_LOW", PrinterReason.RIBBON_LOW),
        ("INF_FEEDER_NEAR_EMPTY", PrinterReason.MEDIA_LOW),
        ("INF_CLEANING_REQUIRED", PrinterReason.CLEANING_DUE),
        ("INF_HEATING", None),
        ("INF_UNKNOWN_RIBBON1", None),
        ("BUSY", None),
        ("PRINTER_READY", None),
    ],
)
def test_each_state_is_a_reason_or_none(minor: str, reason: PrinterReason | None) -> None:
    assert SdkState("READY", minor).reason is reason


@pytest.mark.parametrize(
    ("major", "minor", "state"),
    [
        ("READY", "PRINTER_READY", PrinterState.READY),
        ("WARNING", "INF_RIBBON_LOW", PrinterState.READY),
        ("READY", "INF_PRINTING_RUNNING", PrinterState.PRINTING),
        ("READY", "BUSY", PrinterState.PRINTING),
        ("WARNING", "DEF_COVER_OPEN", PrinterState.TROUBLE),
        ("ERROR", "SOMETHING_NEW", PrinterState.TROUBLE),
        ("WARNING", "DEF_PRINTER_LOCKED", PrinterState.PAUSED),
        ("OFF", "PRINTER_READY", PrinterState.OFFLINE),
    ],
)
def test_each_state_is_one_of_ours(major: str, minor: str, state: PrinterState) -> None:
    assert SdkState(major, minor).state is state


@pytest.mark.parametrize(
    ("code", "minor", "end"),
    [
        ("OK", "PRINTER_READY", End.DONE),
        ("OK", "INF_RIBBON_LOW", End.DONE),
        ("OK", "DEF_FEEDER_EMPTY", End.DONE),
        ("OK", "ERR_MECHANICAL", End.LOST),
        ("PRINT_NEEDACTION", "DEF_COVER_OPEN", End.WAITS),
        ("PRINT_NEEDACTION", "ERR_COVER_OPEN", End.LOST),
        ("PRINTER_EBUSY", "BUSY", End.WAITS),
        ("PRINT_EDATA", "PRINTER_READY", End.REFUSED),
        ("PRINT_EMECHANICAL", "PRINTER_READY", End.LOST),
        ("ETIMEOUT", "PRINTER_READY", End.LOST),
        ("PRINTER_ENOCOM", "PRINTER_OFFLINE", End.LOST),
        ("", "PRINTER_READY", End.LOST),
    ],
)
def test_only_what_is_certain_is_an_end_that_is_known(code: str, minor: str, end: End) -> None:
    assert end_of(code, SdkState("READY", minor)) is end


def test_two_sets_of_panels_give_each_side_its_own_black() -> None:
    settings = settings_for(load_profile("evolis-primacy2"), sample_rendered_card())
    assert settings["GDuplexType"] == "DUPLEX_CC"
    assert settings["FBlackManagement"] == settings["BBlackManagement"] == "BMPBLACK"


def test_one_set_gives_the_back_the_black_and_the_front_its_colours() -> None:
    settings = settings_for(load_profile("evolis-primacy2-one-ribbon"), sample_rendered_card())
    assert settings["GDuplexType"] == "DUPLEX_CM"
    assert settings["FBlackManagement"] == "NOBLACKPOINT"
    assert settings["BBlackManagement"] == "BMPBLACK"


def test_one_side_sets_nothing_of_the_back() -> None:
    settings = settings_for(load_profile("evolis-primacy2-one-ribbon"), sample_rendered_card(two_sided=False))
    assert settings["Duplex"] == "NONE"
    assert "GDuplexType" not in settings
    assert not [key for key in settings if key.startswith("B")]


def test_a_model_may_name_settings_of_its_own() -> None:
    profile = replace(load_profile("evolis-primacy2"), options={"FColorContrast": "VAL16", "media": "x", "a.b": "c"})
    settings = settings_for(profile, sample_rendered_card())
    assert settings["FColorContrast"] == "VAL16"
    assert not {"media", "a.b"} & settings.keys()


def test_holes_in_the_overlay_are_set_where_the_model_can() -> None:
    profile = load_profile("evolis-primacy2")
    side = replace(sample_side(), overlay=sample_side().resin)
    card = replace(sample_rendered_card(), front=side)
    assert settings_for(replace(profile, overlay_holes=True), card)["FOverlayManagement"] == "BMPVARNISH"
    assert settings_for(replace(profile, overlay_holes=False), card)["FOverlayManagement"] == "FULLVARNISH"


def test_a_setting_that_changed_is_named() -> None:
    assert changed({"a": "1"}, {"a": "1", "b": "2"}) == ""
    assert changed({"a": "1", "b": "2"}, {"a": "1"}) == "b: 2 → None"
