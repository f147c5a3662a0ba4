"""Of several institutions each has its own client; nobody's key is tried for somebody else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest

from station.adapters.router.address import RouterAddress
from station.adapters.router.deferred import DeferredRouter
from station.adapters.router.http import HttpRouter
from station.adapters.router.institutions import InstitutionRouters
from station.domain.card import RouterCardType
from station.domain.errors import RouterRefusedError
from station.ports.router import Router, RouterCard, RouterCardStatus, RouterPerson
from tests.helpers.http_server import Answer, ScriptedServer, scripted_server

FIRST, SECOND, STRANGER = "999465982", "999859608", "999000009"
ESI = "urn:schac:personalUniqueCode:int:esi:lv:000001"
PERSON = RouterPerson(ESI, "Anna Ozola", None, FIRST)
CARD = RouterCard(
    escn="14625400-9326-103f-8001-001999465982",
    esi=ESI,
    issuer_pic=FIRST,
    card_type=RouterCardType.SMART_CDZ,
    status=RouterCardStatus.ACTIVE,
    issued_on=date(2026, 9, 1),
    expires_on=date(2030, 8, 31),
)


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with scripted_server() as running:
        yield running


@pytest.fixture
def routers(server: ScriptedServer) -> Iterator[InstitutionRouters]:
    def client(pic: str) -> DeferredRouter:
        address = RouterAddress(server.address)
        return DeferredRouter(lambda: HttpRouter(address, pic=pic, institution="X", key=lambda: b"key-" + pic.encode()))

    made = InstitutionRouters({pic: client(pic) for pic in (FIRST, SECOND)})
    _: Router = made  # the type checker's word that it implements the port
    yield made
    made.close()


def keys(server: ScriptedServer) -> list[str | None]:
    return [heard.headers.get("authorization") for heard in server.heard]


@pytest.mark.parametrize("pic", [FIRST, SECOND])
def test_each_thing_goes_out_with_the_key_of_its_institution(
    routers: InstitutionRouters, server: ScriptedServer, pic: str
) -> None:
    server.script.extend([Answer(400, b"{}")] * 2)
    with pytest.raises(RouterRefusedError):
        routers.put_person(replace(PERSON, organisation_pic=pic))
    with pytest.raises(RouterRefusedError):
        routers.put_card(replace(CARD, issuer_pic=pic))
    routers.ping(pic)
    assert keys(server) == [f"Bearer key-{pic}"] * 3


def test_the_first_institution_s_key_is_the_station_s_own(routers: InstitutionRouters, server: ScriptedServer) -> None:
    routers.ping()
    assert keys(server) == [f"Bearer key-{FIRST}"]


def test_an_institution_that_the_profile_does_not_have_is_told_and_nothing_sent(
    routers: InstitutionRouters, server: ScriptedServer
) -> None:
    for tell in (
        lambda: routers.put_person(replace(PERSON, organisation_pic=STRANGER)),
        lambda: routers.put_card(replace(CARD, issuer_pic=STRANGER)),
        lambda: routers.put_picture(ESI, STRANGER, b""),
        lambda: routers.ping(STRANGER),
    ):
        with pytest.raises(RouterRefusedError, match=STRANGER):
            tell()
    assert server.heard == []
