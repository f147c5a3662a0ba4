"""The router's published contract, read by tools that are not ours: requests nobody here thought of, and their answers.

The sandbox is asked whatever the OpenAPI file allows, by schemathesis, and each answer must be one that the file
describes. The other way round the client talks to a mock that Prism makes of the same file, where there is one.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck, given
from PIL import Image
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from station.adapters.router.address import RouterAddress
from station.adapters.router.http import HttpRouter
from station.domain.card import RouterCardType
from station.domain.errors import (
    RouterAddressError,
    RouterError,
    RouterForbiddenError,
    RouterKeyError,
    RouterKeyScopeError,
    RouterNotFoundError,
    RouterRefusedError,
    RouterUnwellError,
)
from station.ports.router import NUMBERS_AT_ONCE_MAX, CsvOperation, RouterCard, RouterCardStatus, RouterPerson
from tests.helpers.http_server import Answer, ScriptedServer, scripted_server
from tests.helpers.openapi import FILE, Contract
from tests.helpers.router_mock import running_mock
from tests.helpers.sandbox import KEY, PIC, RunningSandbox, running_sandbox

_CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
_EXAMPLES = 12


def _operations() -> list[Any]:
    if not FILE.exists():
        return []
    schema = schemathesis.openapi.from_path(str(FILE))
    return [pytest.param(result.ok(), id=result.ok().label) for result in schema.get_all_operations()]


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    with running_sandbox(tmp_path_factory.mktemp("sandbox")) as running:
        yield running


@pytest.fixture(scope="module")
def contract() -> Contract:
    return Contract()


@pytest.mark.parametrize("operation", _operations())
def test_whatever_is_asked_the_sandbox_answers_as_the_contract_says(
    operation: Any, sandbox: RunningSandbox, contract: Contract
) -> None:
    more = hypothesis.settings.default.max_examples > 1000  # the long runs

    @hypothesis.settings(
        max_examples=300 if more else _EXAMPLES,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
    )
    @given(case=operation.as_strategy())
    def ask(case: Any) -> None:
        case.headers = {**(case.headers or {}), "Authorization": f"Bearer {KEY}"}
        if "id" in (case.path_parameters or {}):
            case.path_parameters["id"] = PIC
        answer = case.call(base_url=sandbox.host + "/esc-rest")
        case.validate_response(answer, checks=_checks(case, answer.status_code))

    ask()


def _checks(case: Any, status: int) -> list[Any]:
    left_out = set()
    if "generate-escn" in case.path and int(case.query.get("numberOfESCN", 1)) > NUMBERS_AT_ONCE_MAX:
        left_out.add(not_a_server_error)  # measured: so the real one answers, and the file has the status too
    if status >= 400 and case.path.endswith(("/qr", "/picture")):
        left_out.add(content_type_conformance)  # an error about a picture is JSON, whatever the file's generator wrote
    if status == 400 and case.method == "POST" and case.path.endswith("/picture"):
        left_out.add(status_code_conformance)  # the file forgets that a file may be no picture
    return [check for check in _CHECKS if check not in left_out]


# --- our client, and a mock that is not ours ------------------------------------------------------------------------

# The values of the file's own examples, for the mock answers with those and the client holds answers to what it asked.
_ESI = "urn:schac:personalUniqueCode:int:esi:HR:xxxxxxxxxx"
_ESCN = "3e506370-826a-103d-bf76-001000000001"
_PERSON = RouterPerson(_ESI, "Žanete Ķirse", "zanete@example.lv", PIC)
_CARD = RouterCard(
    escn=_ESCN,
    esi=_ESI,
    issuer_pic=PIC,
    card_type=RouterCardType.SMART_CDZ,
    status=RouterCardStatus.ACTIVE,
    issued_on=date(2026, 9, 1),
    expires_on=date(2030, 8, 31),
)


def _jpeg() -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (200, 300), (90, 120, 160)).save(target, "JPEG")
    return target.getvalue()


_PICTURE = "/api/v2/organisations/{id}/person/{esi}/picture"
_CALLS: dict[tuple[str, str], Callable[[HttpRouter], object]] = {
    ("GET", "/api/v2/persons"): lambda r: r.persons(),
    ("POST", "/api/v2/persons"): lambda r: r.put_person(_PERSON),
    ("GET", "/api/v2/persons/{esi}"): lambda r: r.person(_ESI),
    # A person or card that is there already is looked at and, as it differs, changed.
    ("PUT", "/api/v2/persons/{esi}"): lambda r: r.put_person(_PERSON),
    ("DELETE", "/api/v2/persons/{esi}"): lambda r: r.delete_person(_ESI),
    ("GET", _PICTURE): lambda r: r.picture(_ESI),
    ("POST", _PICTURE): lambda r: r.put_picture(_ESI, PIC, _jpeg()),
    ("DELETE", _PICTURE): lambda r: r.delete_picture(_ESI),
    ("GET", "/api/v2/cards"): lambda r: r.cards(search="x"),
    ("POST", "/api/v2/cards"): lambda r: r.put_card(_CARD),
    ("GET", "/api/v2/cards/{escn}"): lambda r: r.card(_ESCN),
    ("PUT", "/api/v2/cards/{escn}"): lambda r: r.put_card(_CARD, known=True),
    ("DELETE", "/api/v2/cards/{escn}"): lambda r: r.delete_card(_ESCN),
    ("GET", "/api/v2/cards/{escn}/status"): lambda r: r.card_status(_ESCN),
    ("GET", "/api/v2/cards/{escn}/qr"): lambda r: r.card_qr(_ESCN),
    ("GET", "/api/v2/cards/generate-escn"): lambda r: r.new_numbers(7),
    ("GET", "/api/v2/cards/csv-config"): lambda r: r.csv_columns(),
    ("POST", "/api/v2/cards/validate-csv"): lambda r: r.validate_csv(CsvOperation.CREATE, b"a;b"),
}

_ERROR = Answer(400, b'{"code":"string","message":"string"}')
_QR = Answer(200, b"<svg/>", {"Content-Type": "image/svg+xml"})
_ERRORS: dict[int, type[RouterError]] = {
    400: RouterRefusedError,
    401: RouterKeyScopeError,
    403: RouterForbiddenError,
    404: RouterNotFoundError,
    500: RouterUnwellError,
}


@pytest.fixture(scope="module")
def mock() -> Iterator[str]:
    with running_mock() as address:
        yield address


@pytest.fixture
def way(mock: str) -> Iterator[ScriptedServer]:
    """Give a server on the way to the mock, which is told there which answer is wanted."""
    with scripted_server(mock) as server:
        server.stripped = "/esc-rest"
        yield server


@pytest.fixture
def router(way: ScriptedServer) -> Iterator[HttpRouter]:
    client = HttpRouter(RouterAddress(way.address, timeout_s=20), pic=PIC, institution="Test", key=KEY.encode)
    yield client
    client.close()


def _cases() -> list[Any]:
    if not FILE.exists():
        return []
    contract = Contract()
    return [
        pytest.param(method, path, status, id=f"{method} {path.removeprefix('/api/v2')} {status}")
        for method, path in sorted(contract.operations())
        for status in sorted(contract.statuses(method, path))
    ]


def test_the_client_has_a_call_for_every_operation(contract: Contract) -> None:
    assert set(_CALLS) == contract.operations()


@pytest.mark.parametrize(("method", "path", "status"), _cases())
def test_every_status_of_every_operation_is_understood(
    way: ScriptedServer, router: HttpRouter, contract: Contract, method: str, path: str, status: int
) -> None:
    def wanted(asked: str, target: str) -> dict[str, str]:
        here = (asked, contract.template_of(target.partition("?")[0])) == (method, path)
        if method == "PUT" and asked == "POST":
            return {"Prefer": "code=409"}
        return {"Prefer": f"code={status}"} if here else {}

    way.added = wanted
    if path.endswith(("/qr", "/picture")) and method != "POST" and (status >= 400 or path.endswith("/qr")):
        # The file has errors as pictures there, which the tool can't draw (it answers 500 itself): so this does.
        way.script.append(replace(_ERROR if status >= 400 else _QR, status=status))
    call = _CALLS[method, path]
    if status < 400 or status == 409 or (status == 404 and method == "DELETE"):
        found = call(router)
        assert found == {409: "updated", 404: False}.get(status, found)
        return
    expected = _ERRORS[status]
    if path == "/api/v2/persons" and method == "GET":
        # What is asked to tell a general refusal from a particular one is refused too: so it is general.
        expected = {401: RouterKeyError, 403: RouterAddressError}.get(status, expected)
    with pytest.raises(RouterError) as raised:
        call(router)
    assert (type(raised.value), raised.value.status) == (expected, status)
