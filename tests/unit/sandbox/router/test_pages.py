"""The page for people."""

from __future__ import annotations

from pathlib import Path

from station.ports.faults import Fault
from station.sandbox.router.database import Database
from station.sandbox.router.pages import status_page
from tests.helpers.sandbox_api import Api

ESI = "urn:schac:personalUniqueCode:int:esi:lv:000001"


def page(api: Api) -> str:
    return api.client.request("GET", "/").text


def test_says_that_nothing_is_real_and_how_much_there_is(api: Api) -> None:
    assert "0 persons, 0 cards" in page(api)
    api.person(ESI)
    api.card(None, ESI)
    assert "1 persons, 1 cards" in page(api)
    assert "Nothing here is real" in page(api)


def test_shows_names_as_text_whatever_they_are(api: Api) -> None:
    api.person(ESI, fullName="<script>alert(1)</script>")
    api.card(None, ESI)
    assert "<script>" not in page(api)
    assert "&lt;script&gt;" in page(api)


def test_shows_the_fault_that_is_set(tmp_path: Path) -> None:
    database = Database(tmp_path / "router.sqlite", {})
    assert "Fault set" not in status_page(database, None)
    assert "<b>slow</b> 0.5" in status_page(database, Fault("router", "slow", 0.5))
    database.close()
