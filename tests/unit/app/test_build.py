"""The composition root: what it refuses, and that it closes what it opened."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from printers.drivers.cups import CupsPrinter
from printers.profile_files import FOLDER
from printers.registry import ENTRY_POINTS
from station.adapters.secrets.pkcs11 import Pkcs11Secrets
from station.adapters.secrets.virtual import VirtualSecrets
from station.adapters.store import CardTypeRecord
from station.app.build import driver_names, key_name, open_printer_of, open_store_of
from station.app.surroundings import real_surroundings
from station.domain.card import CardScheme, ExpiryRule
from station.domain.errors import ProfileError, StoreLockedError, StoreReadOnlyError
from station.settings import load_settings
from tests.helpers.desks import open_test_desk

INSTITUTION = '[[institutions]]\nkey = "rpu"\nname = "RPU"\npic = "999000001"\nsho = "rpu.example"\n'
PROFILE = Path(__file__).resolve().parents[2] / "fixtures" / "profiles" / "version-1.toml"


def test_the_key_is_bound_to_the_routers_host() -> None:
    real = load_settings(PROFILE)
    other = replace(real, router=replace(real.router, url="https://elsewhere.example/x"))
    assert key_name(real) != key_name(other)
    assert real.institution.pic in key_name(real)


def test_what_was_opened_is_closed_when_something_fails(tmp_path: Path) -> None:
    with pytest.raises(ProfileError), open_test_desk(tmp_path, printer={"profile": "none-such"}):
        pytest.fail("a desk without a printer profile was opened")
    with open_test_desk(tmp_path) as bench:
        assert bench.liga


def test_a_token_is_logged_out_of_when_the_desk_closes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[str] = []
    # No demo logs in anywhere: its keeper is given what a token's has.
    monkeypatch.setattr(VirtualSecrets, "close", lambda _self: closed.append("secrets"), raising=False)
    with open_test_desk(tmp_path) as bench:
        assert bench.liga
        assert closed == []
    assert closed == ["secrets"]
    assert callable(Pkcs11Secrets.close)


def test_people_are_found_before_it_is_known_how_cards_are_made(tmp_path: Path) -> None:
    with open_test_desk(tmp_path, chip={"profile": "none-such"}) as bench:
        assert bench.desk.store.holders.search("liga")
        with pytest.raises(ProfileError):
            bench.desk.making.warm_up()
    with open_test_desk(tmp_path) as bench:
        assert bench.desk.making is bench.desk.making


def test_a_second_station_on_the_same_store_is_refused(tmp_path: Path) -> None:
    with open_test_desk(tmp_path), pytest.raises(StoreLockedError, match="in use"), open_test_desk(tmp_path):
        pytest.fail("two stations had one store")


def test_the_drivers_that_ship_are_named() -> None:
    assert {"cups", "pdf", "virtual"} <= set(driver_names(load_settings(PROFILE)))


def test_a_driver_of_another_maker_is_used_where_the_profile_allows_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = tmp_path / "site" / "maker_station-1.0.dist-info"
    made.mkdir(parents=True)
    (made / "METADATA").write_text("Metadata-Version: 2.1\nName: maker-station\nVersion: 1.0\n")
    (made / "entry_points.txt").write_text(f"[{ENTRY_POINTS}]\nmaker = printers.drivers.pdf:PdfPrinter\n")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    profile = tmp_path / "station.toml"
    wanted = f'{INSTITUTION}[printer]\ndriver = "maker"\nqueue = "Desk"\n'
    profile.write_text(f'allowed_drivers = ["maker"]\n{wanted}')
    allowed = load_settings(profile)
    assert "maker" in driver_names(allowed)
    assert open_printer_of(allowed, real_surroundings(allowed)).name == "Desk"
    profile.write_text(wanted)
    refused = load_settings(profile)
    assert "maker" not in driver_names(refused)
    with pytest.raises(ProfileError, match="not allowed") as told:
        open_printer_of(refused, real_surroundings(refused))
    assert "allowed_drivers" in str(told.value)


def test_a_model_of_ones_own_lies_beside_the_profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    profile = tmp_path / "station.toml"
    profile.write_text(
        f'{INSTITUTION}[printer]\ndriver = "pdf"\nprofile = "ours.toml"\n'
        '[[more_printers]]\ndriver = "pdf"\nqueue = "Second"\nprofile = "generic-cr80-300"\n'
    )
    shutil.copy(FOLDER / "generic-cr80-300.toml", tmp_path / "ours.toml")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    settings = load_settings(profile)
    names = [open_printer_of(settings, real_surroundings(settings), number).profile.name for number in (0, 1)]
    assert names == ["ours", "generic-cr80-300"]


def test_a_printer_is_called_what_the_profile_says_and_its_queue_stays(tmp_path: Path) -> None:
    profile = tmp_path / "station.toml"
    places = []
    for desk in ("Desk 1", "Desk 2"):
        profile.write_text(f'{INSTITUTION}[printer]\ndriver = "cups"\nname = "{desk}"\nqueue = "Primacy2"\n')
        settings = load_settings(profile)
        printer = open_printer_of(settings, real_surroundings(settings))
        assert isinstance(printer, CupsPrinter)
        places.append((printer.name, printer._queue_name))
    assert places == [("Desk 1", "Primacy2"), ("Desk 2", "Primacy2")]


def test_a_cups_printer_needs_a_queue(tmp_path: Path) -> None:
    real = load_settings(PROFILE)
    nameless = replace(real, printer=replace(real.printer, queue=""))
    with pytest.raises(ProfileError, match="queue"):
        open_printer_of(nameless, real_surroundings(real))


def test_the_store_knows_the_profiles_institutions(tmp_path: Path) -> None:
    for _ in range(2):
        with open_test_desk(tmp_path) as bench:
            (kept,) = bench.desk.store.institutions()  # type: ignore[attr-defined]
            assert (kept.key, kept.pic, kept.escn_prefix) == ("rpu", "999000001", 2)


def test_the_store_knows_the_kinds_of_card_that_the_profile_declares(tmp_path: Path) -> None:
    esc = CardTypeRecord("rpu", CardScheme.ESC, "university", "deuinfo", {"expiry": "study_end", "expiry_years": 4})
    staff = CardTypeRecord("rpu", CardScheme.STAFF, "university", "uid", {"expiry": "years", "expiry_years": 2})
    rules = {"scheme": CardScheme.STAFF, "expiry": ExpiryRule.YEARS, "expiry_years": 2}
    for _ in range(2):
        with open_test_desk(tmp_path) as bench:
            assert bench.desk.store.card_types() == (esc,)  # type: ignore[attr-defined]
    with open_test_desk(tmp_path, card=rules, chip={"profile": "uid"}) as bench:
        assert bench.desk.store.card_types() == (esc, staff)  # type: ignore[attr-defined]


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    settings = load_settings(PROFILE)
    there = replace(settings, store=replace(settings.store, path=tmp_path / "file" / "desk" / "s.db"))
    with pytest.raises(StoreReadOnlyError, match="desk"):
        open_store_of(there, real_surroundings(there))
