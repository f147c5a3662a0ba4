"""What a refusal means: the key is wrong, or not for this PIC; the address, or the record; and what never leaves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from station.adapters.router.address import RouterAddress
from station.adapters.router.hearing import told_at
from station.adapters.router.http import HttpRouter
from station.domain.errors import (
    RouterAddressError,
    RouterElsewhereError,
    RouterError,
    RouterForbiddenError,
    RouterGoneError,
    RouterKeyError,
    RouterKeyScopeError,
    RouterRefusedError,
    RouterUnreachableError,
)
from station.ports.router import CardChange, CsvOperation, RouterCardStatus
from tests.helpers.http_server import Answer, ScriptedServer, scripted_server
from tests.unit.adapters.router.test_http import CARD, ESCN, ESI, KEY, PERSON, PIC

KNOWN = Answer(200, json.dumps({"content": [], "page": {"totalElements": 0}}).encode())


def said(status: int, code: str = "X", message: str = "no") -> Answer:
    return Answer(status, json.dumps({"code": code, "message": message}).encode())


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with scripted_server() as running:
        yield running


@pytest.fixture
def router(server: ScriptedServer) -> Iterator[HttpRouter]:
    client = HttpRouter(RouterAddress(server.address, timeout_s=20), pic=PIC, institution="X", key=lambda: KEY)
    yield client
    client.close()


class TestRefusals:
    @pytest.mark.parametrize(
        ("answers", "kind"),
        [
            ([said(401), said(401)], RouterKeyError),
            ([said(401), KNOWN], RouterKeyScopeError),
            ([said(401), said(503)], RouterKeyError),
            ([said(403), said(403)], RouterAddressError),
            ([said(403), KNOWN], RouterForbiddenError),
            ([said(403, "SE-0000")], RouterElsewhereError),
            ([said(410)], RouterGoneError),
        ],
        ids=lambda value: value.__name__ if isinstance(value, type) else "",
    )
    def test_general_and_particular_ones_are_told_apart(
        self, server: ScriptedServer, router: HttpRouter, answers: list[Answer], kind: type[RouterError]
    ) -> None:
        server.script.extend(answers)
        with pytest.raises(RouterError) as refused:
            router.put_card(CARD)
        assert type(refused.value) is kind
        assert refused.value.status == answers[0].status
        assert len(server.heard) == len(answers)

    def test_of_a_question_that_needs_no_key_no_key_is_tried(self, server: ScriptedServer, router: HttpRouter) -> None:
        server.script.append(said(403))
        with pytest.raises(RouterAddressError):
            router.card_status(ESCN)
        assert len(server.heard) == 1
        assert "authorization" not in server.heard[0].headers

    def test_a_new_key_in_the_keyring_is_tried_at_once(self, server: ScriptedServer) -> None:
        keys = iter([b"old", b"new"])
        client = HttpRouter(RouterAddress(server.address), pic=PIC, institution="X", key=lambda: next(keys))
        server.script.extend([said(401), Answer(201, json.dumps({"identifier": ESI}).encode())])
        assert client.put_person(PERSON) == "created"
        client.close()
        assert [heard.headers["authorization"] for heard in server.heard] == ["Bearer old", "Bearer new"]

    @pytest.mark.parametrize(
        ("message", "field"),
        [("email: is no e-mail address", "email"), ("personOrganisationUpdateViews.email: x", None), ("bad data", "")],
    )
    def test_the_field_is_named(
        self, server: ScriptedServer, router: HttpRouter, message: str, field: str | None
    ) -> None:
        server.script.append(said(400, message=message))
        with pytest.raises(RouterRefusedError) as refused:
            router.put_person(PERSON)
        assert refused.value.field == (message.partition(":")[0] if field is None else field)
        assert message in str(refused.value)

    def test_a_refused_import_file_names_its_first_row(self, server: ScriptedServer, router: HttpRouter) -> None:
        rows = [{"rowNumber": 0, "fieldName": "file", "errorMessage": "is empty"}]
        server.script.append(Answer(400, json.dumps(rows).encode()))
        with pytest.raises(RouterRefusedError, match="file: is empty") as refused:
            router.validate_csv(CsvOperation.CREATE, b"")
        assert refused.value.field == "file"


class TestBeforeSending:
    @pytest.mark.parametrize(
        ("change", "field"),
        [({"full_name": "Ž" * 256}, "fullName"), ({"email": "x" * 256}, "email"), ({"esi": "x" * 256}, "identifier")],
    )
    def test_what_is_too_long_is_refused_here_and_never_leaves(
        self, server: ScriptedServer, router: HttpRouter, change: dict[str, object], field: str
    ) -> None:
        with pytest.raises(RouterRefusedError) as refused:
            router.put_person(replace(PERSON, **change))  # type: ignore[arg-type]
        assert refused.value.field == field
        assert server.heard == []
        assert "x" * 256 not in str(refused.value)

    def test_the_name_stands_in_both_places(self, server: ScriptedServer, router: HttpRouter) -> None:
        server.script.append(Answer(201, json.dumps({"identifier": ESI}).encode()))
        router.put_person(PERSON)
        body = json.loads(server.heard[0].body)
        assert body["fullName"] == body["personOrganisationUpdateViews"][0]["fullName"] == "Žanete Ķirse"

    def test_nothing_is_sent_as_null(self, server: ScriptedServer, router: HttpRouter) -> None:
        server.script.append(Answer(201, json.dumps({"cardNumber": ESCN}).encode()))
        router.put_card(CARD)
        body = json.loads(server.heard[0].body)
        assert None not in body.values()
        assert (body["issuedAt"], body["expiresAt"]) == ("2026-09-01", "2030-08-31")


class TestAnswers:
    def test_the_router_s_time_is_kept_for_whoever_asked(self, server: ScriptedServer, router: HttpRouter) -> None:
        body = json.dumps({"identifier": ESI, "added": {"later": True}, "fullName": None}).encode()
        server.script.append(Answer(201, body, {"Date": "Tue, 01 Sep 2026 08:00:00 GMT"}))
        router.put_person(PERSON)
        assert router.told_at() == told_at() == datetime(2026, 9, 1, 8, tzinfo=UTC)
        server.script.append(Answer(201, body))
        router.put_person(PERSON)
        assert router.told_at() is None

    @pytest.mark.parametrize("body", [b"[]", b"<html>", b'{"content": []}', b"{}"])
    def test_a_list_that_is_none_is_not_the_router_s(
        self, server: ScriptedServer, router: HttpRouter, body: bytes
    ) -> None:
        server.script.append(Answer(200, body))
        with pytest.raises(RouterUnreachableError):
            router.cards()

    def test_a_qr_that_is_no_drawing_is_not_the_router_s(self, server: ScriptedServer, router: HttpRouter) -> None:
        server.script.append(Answer(200, b"<html>Sign in</html>"))
        with pytest.raises(RouterUnreachableError):
            router.card_qr(ESCN)

    def test_no_numbers_at_all_are_not_asked_for_for_ever(self, server: ScriptedServer, router: HttpRouter) -> None:
        server.script.append(Answer(200, b"[]"))
        with pytest.raises(RouterUnreachableError):
            router.new_numbers(7, 3)
        assert len(server.heard) == 1

    def test_a_card_is_changed_as_the_router_has_it(self, server: ScriptedServer, router: HttpRouter) -> None:
        view = {
            "cardNumber": ESCN,
            "cardStatusType": {"key": "EXPIRED"},
            "cardType": {"key": "PASSIVE"},
            "issuedAt": "2020-09-01",
            "expiresAt": "2024-08-31",
            "issuer": {"identifier": PIC},
            "processor": {"identifier": "LV4000"},
            "person": {"identifier": ESI},
            "displayName": "Student card",
        }
        server.script.extend([Answer(200, json.dumps(view).encode())] * 3)
        assert router.change_card(ESCN, CardChange(expires_on=CARD.expires_on)) == "updated"
        sent = json.loads(server.heard[-1].body)
        assert (sent["cardStatusType"], sent["expiresAt"], sent["cardType"]) == ("ACTIVE", "2030-08-31", "PASSIVE")
        assert (sent["processorIdentifier"], sent["displayName"]) == ("LV4000", "Student card")

    def test_a_card_of_a_kind_that_nobody_here_knows_is_left_alone(
        self, server: ScriptedServer, router: HttpRouter
    ) -> None:
        view = {
            "cardNumber": ESCN,
            "cardType": {"key": "HOLOGRAM"},
            "issuedAt": "2020-09-01",
            "expiresAt": "2024-08-31",
        }
        server.script.extend([Answer(200, json.dumps(view).encode())] * 2)
        for _each in range(2):
            with pytest.raises(RouterRefusedError, match=r"HOLOGRAM|incomplete"):
                router.change_card(ESCN, CardChange(status=RouterCardStatus.INACTIVE))
            server.script.clear()
            server.script.append(Answer(200, json.dumps({"cardNumber": ESCN}).encode()))


def test_everything_goes_by_the_proxy_that_the_profile_names(server: ScriptedServer) -> None:
    proxy = server.address.removesuffix("/esc-rest")
    address = RouterAddress("http://127.0.0.1:9/esc-rest", proxy=proxy, timeout_s=20)
    client = HttpRouter(address, pic=PIC, institution="X", key=lambda: KEY)
    server.script.append(KNOWN)
    client.ping()
    client.close()
    assert server.heard[0].path == "http://127.0.0.1:9/esc-rest/api/v2/persons?page=0&size=1"


def test_a_redirect_is_never_followed_with_the_key(server: ScriptedServer, router: HttpRouter) -> None:
    with scripted_server() as elsewhere:
        server.script.append(Answer(307, b"", {"Location": elsewhere.address + "/api/v2/persons"}))
        with pytest.raises(RouterUnreachableError):
            router.put_person(PERSON)
        assert elsewhere.heard == []
