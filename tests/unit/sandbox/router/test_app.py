"""Keys, faults, and the 18 operations of the contract, each with the statuses it is documented to have."""

from __future__ import annotations

import base64
from pathlib import Path
from urllib.parse import quote

import pytest

from station.ports.faults import Fault, FaultSource
from station.sandbox.router.app import RETRY_AFTER_S
from tests.helpers.openapi import Contract
from tests.helpers.sandbox import KEY, OTHER_KEY, OTHER_PIC, PIC
from tests.helpers.sandbox_api import API, Api, card_json, person_json, sandbox_in_process

ESI = "urn:schac:personalUniqueCode:int:esi:lv:000001"
ESCN = "14625400-9326-103f-8001-001999465982"
PERSON, CARD = f"/persons/{ESI}", f"/cards/{ESCN}"
PICTURE = f"/organisations/{PIC}/person/{ESI}/picture"
CSV = {"file": ("cards.csv", b"nothing", "text/csv")}

# One request that succeeds for each operation, once a person with a card and a picture is there.
OPERATIONS = [
    ("GET", "/persons", {}),
    ("POST", "/persons", {"json": person_json(ESI + "2")}),
    ("GET", PERSON, {}),
    ("PUT", PERSON, {"json": person_json(ESI)}),
    ("GET", "/cards", {}),
    ("POST", "/cards", {"json": card_json(None, ESI)}),
    ("GET", CARD, {}),
    ("PUT", CARD, {"json": card_json(ESCN, ESI)}),
    ("GET", CARD + "/status", {}),
    ("GET", CARD + "/qr", {}),
    ("GET", "/cards/csv-config", {}),
    ("GET", f"/cards/generate-escn?prefix=1&pic={PIC}", {}),
    ("POST", "/cards/validate-csv?operation=CREATE", {"files": CSV}),
    ("POST", PICTURE + "?resize=true", {}),
    ("GET", PICTURE, {}),
    ("DELETE", PICTURE, {}),
    ("DELETE", CARD, {}),
    ("DELETE", PERSON, {}),
]


class OneFault:
    """A dial that stands on one fault."""

    def __init__(self, kind: str, value: float = 0.0) -> None:
        self._fault = Fault("router", kind, value)

    def fault(self, device: str) -> Fault | None:
        """Return it, for the router."""
        return self._fault if device == "router" else None


@pytest.fixture
def known(api: Api, jpeg: bytes) -> Api:
    """Return the sandbox with a person, a card and a picture in it."""
    assert api.person(ESI).status_code == 201
    assert api.card(ESCN, ESI).status_code == 201
    assert api("POST", PICTURE, files={"file": ("p.jpg", jpeg, "image/jpeg")}).status_code == 201
    return api


def test_the_list_here_has_every_operation_of_the_contract(contract: Contract) -> None:
    ours = {
        (method, contract.template_of(API.removeprefix("/esc-rest") + path.split("?")[0]))
        for method, path, _ in OPERATIONS
    }
    assert ours == contract.operations()


def test_every_operation_answers_as_the_contract_says(known: Api, contract: Contract, jpeg: bytes) -> None:
    for method, path, more in OPERATIONS:
        picture = {"files": {"file": ("p.jpg", jpeg, "image/jpeg")}}
        response = known(method, path, **(picture if (method, path) == ("POST", PICTURE + "?resize=true") else more))
        template = contract.template_of(API.removeprefix("/esc-rest") + path.split("?")[0])
        assert response.is_success, (method, path, response.text)
        assert response.status_code in contract.statuses(method, template)


@pytest.mark.parametrize(("method", "path", "more"), OPERATIONS, ids=lambda v: v if isinstance(v, str) else "")
def test_only_the_public_status_needs_no_key(known: Api, method: str, path: str, more: dict[str, object]) -> None:
    expected = 200 if path.endswith("/status") else 401
    assert known(method, path, key=None, **more).status_code == expected
    assert known(method, path, key="wrong", **more).status_code == expected


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", f"Basic {KEY}", KEY, f"Bearer {KEY}x"])
def test_a_key_must_come_as_a_bearer(api: Api, header: str) -> None:
    response = api("GET", "/persons", key=None, headers={"Authorization": header} if header else {})
    assert response.status_code == 401
    assert set(response.json()) == {"code", "message"}


def test_the_word_bearer_may_be_written_small(api: Api) -> None:
    assert api("GET", "/persons", key=None, headers={"Authorization": f"bearer {KEY}"}).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "more"),
    [
        ("POST", "/persons", {"json": person_json(ESI, pic=OTHER_PIC)}),
        ("PUT", PERSON, {"json": person_json(ESI, pic=OTHER_PIC)}),
        ("POST", "/cards", {"json": card_json(ESCN, ESI, issuerIdentifier=OTHER_PIC)}),
        ("PUT", CARD, {"json": card_json(ESCN, ESI, issuerIdentifier=OTHER_PIC)}),
        ("GET", PICTURE.replace(PIC, OTHER_PIC), {}),
        ("DELETE", PICTURE.replace(PIC, OTHER_PIC), {}),
    ],
    ids=lambda v: v if isinstance(v, str) else "",
)
def test_a_key_is_bound_to_its_pic(known: Api, method: str, path: str, more: dict[str, object]) -> None:
    assert known(method, path, **more).status_code == 401


def test_what_others_have_is_denied(known: Api) -> None:
    for method, path in (("GET", PERSON), ("DELETE", PERSON), ("GET", CARD), ("DELETE", CARD)):
        response = known(method, path, key=OTHER_KEY)
        assert (response.status_code, response.json()["code"]) == (403, "SE-0000")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"text"', b"{}"])
def test_a_body_that_is_none_is_refused(api: Api, body: bytes) -> None:
    for path in ("/persons", "/cards"):
        assert api("POST", path, content=body).status_code == 400


def test_an_unknown_place_is_not_found_and_never_a_redirect(api: Api) -> None:
    for path in ("/esc-rest/api/v2/nowhere", "/esc-rest/api/v2/persons/", "/esc-rest/api/v2/cards/"):
        response = api.client.request("GET", path, headers={"Authorization": f"Bearer {KEY}"})
        assert response.status_code == 404
        assert set(response.json()) == {"code", "message"}


def test_a_method_that_is_not_there_is_refused(api: Api) -> None:
    assert api.client.request("PATCH", API + "/persons").status_code == 405


def test_an_identifier_may_hold_what_addresses_may_not(api: Api) -> None:
    strange = ESI + "/Ā?#%2F"
    assert api.person(strange).status_code == 201
    path = f"{API}/persons/{quote(strange, safe='')}"
    answer = api.client.request("GET", path, headers={"Authorization": f"Bearer {KEY}"})
    assert answer.json()["identifier"] == strange


@pytest.mark.parametrize(("kind", "status"), [("500", 500), ("401", 401), ("429", 429)])
@pytest.mark.parametrize(("method", "path", "more"), OPERATIONS, ids=lambda v: v if isinstance(v, str) else "")
def test_a_fault_answers_for_every_operation(
    tmp_path: Path, kind: str, status: int, method: str, path: str, more: dict[str, object]
) -> None:
    with sandbox_in_process(tmp_path, OneFault(kind)) as client:
        response = Api(client, None)(method, path, **more)
    assert response.status_code == status
    if not path.startswith("/cards/validate-csv"):
        assert set(response.json()) == {"code", "message"}


@pytest.mark.parametrize(("value", "wait"), [(0.0, str(RETRY_AFTER_S)), (30.0, "30")])
def test_too_many_requests_say_when_to_come_back(tmp_path: Path, value: float, wait: str) -> None:
    with sandbox_in_process(tmp_path, OneFault("429", value)) as client:
        assert Api(client, None)("GET", "/persons").headers["retry-after"] == wait


def test_a_slow_router_has_done_its_work_before_it_answers(tmp_path: Path) -> None:
    dial: FaultSource = OneFault("slow", 0.01)
    with sandbox_in_process(tmp_path, dial) as client:
        slow = Api(client, None)
        assert slow.person(ESI).status_code == 201
        assert slow.person(ESI).status_code == 409


def test_the_page_for_people_shows_what_is_there(known: Api) -> None:
    page = known.client.request("GET", "/")
    assert page.status_code == 200
    assert ESCN in page.text
    assert "DEMO" in page.text


class TestQr:
    def test_comes_as_svg_or_as_base64_of_it(self, known: Api) -> None:
        svg = known("GET", CARD + "/qr", headers={"Accept": "image/svg+xml"})
        text = known("GET", CARD + "/qr", headers={"Accept": "text/plain"})
        assert svg.headers["content-type"].startswith("image/svg+xml")
        assert text.headers["content-type"].startswith("text/plain")
        assert base64.b64decode(text.text).decode() == svg.text

    @pytest.mark.parametrize("query", ["orientation=round", "colours=pink", "size=XXL"])
    def test_of_a_kind_that_there_is_not_is_refused(self, known: Api, query: str) -> None:
        assert known("GET", f"{CARD}/qr?{query}").status_code == 400

    def test_of_no_number_or_in_another_format_is_refused(self, known: Api) -> None:
        assert known("GET", "/cards/123/qr").status_code == 400
        assert known("GET", CARD + "/qr", headers={"Accept": "application/pdf"}).status_code == 400


class TestCsv:
    def test_even_a_refusal_is_a_list_of_row_errors(self, api: Api) -> None:
        for path, key, status in (
            ("/cards/validate-csv", KEY, 400),
            ("/cards/validate-csv?operation=EAT", KEY, 400),
            ("/cards/validate-csv?operation=CREATE", "wrong", 401),
        ):
            response = api("POST", path, key=key, files=CSV)
            assert response.status_code == status
            assert response.json()[0]["errorMessage"]

    def test_a_form_without_a_file_is_refused(self, api: Api) -> None:
        path = "/cards/validate-csv?operation=CREATE"
        assert api("POST", path, content=b"x").status_code == 400
        assert api("POST", path, data={"file": "text"}).status_code == 400
        assert api("POST", path, files={"other": b"x"}).status_code == 400

    def test_the_columns_are_places_from_0(self, api: Api) -> None:
        columns = api("GET", "/cards/csv-config").json()
        assert sorted(columns.values()) == list(range(len(columns)))


class TestGenerate:
    def test_gives_numbers_that_never_come_again(self, api: Api) -> None:
        path = f"/cards/generate-escn?prefix=7&pic={PIC}&numberOfESCN=100"
        numbers = api("GET", path).json() + api("GET", path).json()
        assert len(set(numbers)) == 200
        assert all(number.endswith(f"007{PIC}") for number in numbers)

    @pytest.mark.parametrize(
        ("query", "status"),
        [
            (f"prefix=1&pic={PIC}&numberOfESCN=101", 500),
            (f"prefix=1&pic={PIC}&numberOfESCN=0", 400),
            (f"prefix=1&pic={PIC}&numberOfESCN=x", 400),
            (f"prefix=1000&pic={PIC}", 400),
            (f"prefix=1&pic={OTHER_PIC}", 400),
            ("prefix=1", 400),
            (f"pic={PIC}", 400),
        ],
    )
    def test_refuses_what_can_not_be(self, api: Api, query: str, status: int) -> None:
        assert api("GET", f"/cards/generate-escn?{query}").status_code == status
