"""Nobody takes a router for trials for the real one, however its address is written."""

from __future__ import annotations

import pytest

from station.domain.router_place import NAMES, RouterPlace, host_of, place_of


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("https://router.europeanstudentcard.eu/esc-rest/api/v2", RouterPlace.PRODUCTION),
        ("https://ROUTER.EuropeanStudentCard.eu:443", RouterPlace.PRODUCTION),
        ("https://router.europeanstudentcard.eu.example.com/", RouterPlace.OTHER),
        ("https://user@router.europeanstudentcard.eu/", RouterPlace.PRODUCTION),
        ("https://router.europeanstudentcard.eu@example.com/", RouterPlace.OTHER),
        ("https://sandbox.europeanstudentcard.eu/esc-rest", RouterPlace.SANDBOX),
        ("http://127.0.0.1:8099/esc-rest", RouterPlace.LOCAL),
        ("http://[::1]:8099", RouterPlace.LOCAL),
        ("http://localhost", RouterPlace.LOCAL),
        ("http://[::1", RouterPlace.OTHER),
        ("", RouterPlace.OTHER),
    ],
)
def test_where_an_address_leads(address: str, place: RouterPlace) -> None:
    assert place_of(address) is place


def test_cards_count_in_production_only() -> None:
    assert [place for place in RouterPlace if place.counts] == [RouterPlace.PRODUCTION]
    assert len(set(NAMES.values())) == len(RouterPlace)


def test_a_host_is_in_small_letters() -> None:
    assert (host_of("https://Router.Example:8443/x"), host_of("nonsense")) == ("router.example", "")
