"""Where a shared store is, and what a station has for itself in it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import make_url

from station.adapters.claims import OwnClaims, PostgresClaims
from station.adapters.news import NoNews, PostgresNews
from station.adapters.secrets.virtual import VirtualSecrets
from station.app.sharing import password_name, sharing_of, store_address
from station.app.surroundings import Surroundings, real_surroundings
from station.settings import Settings, settings_from

INSTITUTION = {"key": "rpu", "name": "RPU", "pic": "999000001", "sho": "rpu.example"}
ADDRESS = "postgresql+psycopg://cards@db.example:5433/station"


def profile(tmp_path: Path, store: object) -> Settings:
    return settings_from({"institutions": [INSTITUTION], "store": store}, tmp_path / "station.toml")


def around(settings: Settings, **passwords: str) -> Surroundings:
    keys = VirtualSecrets(demo=True)
    for name, password in passwords.items():
        keys.set(name, password.encode())
    return replace(real_surroundings(settings), secrets=lambda: keys)


def test_a_file_is_where_the_profile_says(tmp_path: Path) -> None:
    settings = profile(tmp_path, "cards.db")
    assert store_address(settings, around(settings)) == tmp_path / "cards.db"
    sharing = sharing_of(settings, tmp_path / "cards.db")
    assert isinstance(sharing.claims, OwnClaims)
    assert isinstance(sharing.news, NoNews)


def test_the_password_comes_from_the_keyring(tmp_path: Path) -> None:
    settings = profile(tmp_path, ADDRESS)
    surroundings = around(settings, **{"store:db.example:5433/station:cards": "pass w/rd"})
    address = store_address(settings, surroundings)
    assert make_url(str(address)).password == "pass w/rd"
    sharing = sharing_of(settings, address)
    assert isinstance(sharing.claims, PostgresClaims)
    assert isinstance(sharing.news, PostgresNews)


@pytest.mark.parametrize("url", [ADDRESS, "postgresql+psycopg:///station"])
def test_without_one_the_servers_own_ways_are_left(tmp_path: Path, url: str) -> None:
    settings = profile(tmp_path, {"url": url})
    assert store_address(settings, around(settings)) == url


def test_what_is_no_address_is_left_to_who_opens_it(tmp_path: Path) -> None:
    settings = profile(tmp_path, {"url": "not-an-address://"})
    assert store_address(settings, around(settings)) == "not-an-address://"
    assert isinstance(sharing_of(settings, "not-an-address://").claims, OwnClaims)


def test_a_password_is_found_by_server_database_and_user() -> None:
    assert password_name(make_url("postgresql://u@h/d")) == "store:h/d:u"
    assert password_name(make_url("postgresql://u@/d")) == "store:localhost/d:u"
