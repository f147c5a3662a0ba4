"""The sandbox in this process, each answer held to the published contract."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import httpx

from station.ports.faults import FaultSource, NoFaults
from station.sandbox.router.app import BASE_PATH, Backing, create_app
from station.sandbox.router.database import Database
from tests.helpers.openapi import Contract
from tests.helpers.sandbox import KEY, NAMES, OTHER_KEY, OTHER_PIC, PIC

API = BASE_PATH + "/api/v2"
TODAY = date(2026, 9, 1)


class InProcess:
    """Send requests to an application in this process."""

    def __init__(self, backing: Backing) -> None:
        self._runner = asyncio.Runner()
        transport = httpx.ASGITransport(create_app(backing), raise_app_exceptions=False)
        self._client = httpx.AsyncClient(transport=transport, base_url="http://sandbox")

    def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Send a request and return the answer."""
        return self._runner.run(self._client.request(method, path, **more))

    def close(self) -> None:
        """End the client and its loop."""
        self._runner.run(self._client.aclose())
        self._runner.close()


class Api:
    """Call the sandbox as an institution does; ``contract`` checks every answer."""

    def __init__(self, client: InProcess, contract: Contract | None) -> None:
        self.client, self.contract = client, contract

    def __call__(self, method: str, path: str, *, key: str | None = KEY, **more: Any) -> httpx.Response:
        """Send a request and return the answer."""
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        response = self.client.request(method, API + path, headers={**headers, **more.pop("headers", {})}, **more)
        if self.contract is not None:
            found = response.headers.get("content-type", "application/json")
            plain = httpx.URL(API + path).path.removeprefix(BASE_PATH)
            self.contract.check(method, plain, response.status_code, found, response.content)
        return response

    def person(self, esi: str, *, key: str = KEY, pic: str = PIC, **view: object) -> httpx.Response:
        """Create a person."""
        return self("POST", "/persons", key=key, json=person_json(esi, pic=pic, **view))

    def card(self, escn: str | None, esi: str, **changes: object) -> httpx.Response:
        """Create a card."""
        return self("POST", "/cards", json=card_json(escn, esi, **changes))


def person_json(esi: str, *, pic: str = PIC, **view: object) -> dict[str, object]:
    """Return a ``PersonUpdateView``."""
    views = {"organisationIdentifier": pic, "fullName": "Anna Ozola", "email": "anna@example.lv", **view}
    return {"identifier": esi, "fullName": "Anna Ozola", "personOrganisationUpdateViews": [views]}


def card_json(escn: str | None, esi: str, **changes: object) -> dict[str, object]:
    """Return a ``CardUpdateView``."""
    body = {
        "cardNumber": escn,
        "cardStatusType": "ACTIVE",
        "cardType": "SMART_CDZ",
        "issuedAt": "2026-09-01",
        "expiresAt": "2030-08-31",
        "issuerIdentifier": PIC,
        "personIdentifier": esi,
        **changes,
    }
    return {name: value for name, value in body.items() if value is not None}


@contextmanager
def sandbox_in_process(folder: Path, faults: FaultSource | None = None) -> Iterator[InProcess]:
    """Give a client of a sandbox that runs in this process, on a day that stays."""
    database = Database(folder / "router.sqlite", NAMES)
    backing = Backing({KEY: PIC, OTHER_KEY: OTHER_PIC}, database, faults or NoFaults(), today=lambda: TODAY)
    client = InProcess(backing)
    try:
        yield client
    finally:
        client.close()
        database.close()
