"""Cards at the sandbox: created once, expired by the calendar, revived by one request."""

from __future__ import annotations

import pytest

from tests.helpers.sandbox import OTHER_KEY, OTHER_PIC, PIC
from tests.helpers.sandbox_api import TODAY, Api, card_json

ESI = "urn:schac:personalUniqueCode:int:esi:lv:000001"
ESCN = "14625400-9326-103f-8001-001999465982"
CARD = f"/cards/{ESCN}"


@pytest.fixture(autouse=True)
def _known(api: Api) -> None:
    api.person(ESI)


def test_a_card_is_created_once(api: Api) -> None:
    assert api.card(ESCN, ESI).status_code == 201
    again = api.card(ESCN.upper(), ESI)
    assert (again.status_code, again.json()["code"]) == (409, "ER-0002")


def test_a_card_reads_as_the_contract_has_it(api: Api) -> None:
    api.card(ESCN, ESI.lower(), displayName="Card of Anna", processorIdentifier="LV40001234567")
    card = api("GET", CARD.upper().replace("/CARDS", "/cards")).json()
    assert card["cardNumber"] == ESCN
    assert card["cardStatusType"] == {"key": "ACTIVE", "label": "Active"}
    assert card["cardType"]["key"] == "SMART_CDZ"
    assert (card["issuedAt"], card["expiresAt"]) == ("2026-09-01", "2030-08-31")
    assert card["person"]["identifier"] == ESI
    assert (card["issuer"]["identifier"], card["issuer"]["identifierCode"]["key"]) == (PIC, "PIC")
    assert (card["processor"]["identifier"], card["processor"]["identifierCode"]["key"]) == ("LV40001234567", "VAT")
    assert card["displayName"] == "Card of Anna"


def test_a_card_without_a_number_gets_one(api: Api) -> None:
    numbers = [api.card(None, ESI).json()["cardNumber"] for _each in range(3)]
    assert len(set(numbers)) == 3
    assert all(number.endswith(PIC) for number in numbers)


@pytest.mark.parametrize("kind", ["UNKNOWN", "PASSIVE", "SMART_NO_CDZ", "SMART_MAY_SP", "SMART_PASSIVE_EMULATION"])
def test_every_type_of_the_contract_is_taken(api: Api, kind: str) -> None:
    assert api.card(ESCN, ESI, cardType=kind).json()["cardType"]["key"] == kind


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"cardNumber": "123"}, "cardNumber"),
        ({"cardNumber": ESCN.replace("-103f-", "-403f-")}, "cardNumber"),
        ({"cardStatusType": "EXPIRED"}, "cardStatusType"),
        ({"cardStatusType": None}, "cardStatusType"),
        ({"cardType": "PLASTIC"}, "cardType"),
        ({"expiresAt": "31.08.2030"}, "expiresAt"),
        ({"expiresAt": "2030-02-30"}, "expiresAt"),
        ({"expiresAt": "2026-08-31"}, "expiresAt"),
        ({"issuedAt": None}, "issuedAt"),
        ({"personIdentifier": ESI + "9"}, "personIdentifier"),
        ({"personIdentifier": "Anna"}, "personIdentifier"),
        ({"displayName": "x" * 256}, "displayName"),
    ],
    ids=str,
)
def test_a_wrong_field_is_refused_by_its_name(api: Api, change: dict[str, object], field: str) -> None:
    answer = api.card(ESCN, ESI, **change)
    assert answer.status_code == 400
    assert answer.json()["message"].startswith(f"{field}: ")


def test_a_card_of_somebody_else_s_student_is_denied(api: Api) -> None:
    other = ESI + "7"
    api.person(other, key=OTHER_KEY, pic=OTHER_PIC)
    assert api.card(ESCN, other).status_code == 403


def test_a_card_is_blocked_and_unblocked(api: Api) -> None:
    api.card(ESCN, ESI)
    for status in ("INACTIVE", "ACTIVE"):
        assert api("PUT", CARD, json=card_json(ESCN, ESI, cardStatusType=status)).status_code == 200
        assert api("GET", CARD + "/status", key=None).json()["status"] == status


def test_an_update_may_leave_the_number_out_and_never_change_it(api: Api) -> None:
    api.card(ESCN, ESI)
    assert api("PUT", CARD, json=card_json(None, ESI)).status_code == 200
    assert api("PUT", CARD, json=card_json(ESCN.replace("8001", "8002"), ESI)).status_code == 400


def test_an_update_never_gives_a_card_to_somebody_else(api: Api) -> None:
    api.person(ESI + "2")
    api.card(ESCN, ESI)
    assert api("PUT", CARD, json=card_json(ESCN, ESI + "2")).status_code == 400


def test_a_card_is_valid_through_its_last_day(api: Api) -> None:
    api.card(ESCN, ESI, expiresAt=TODAY.isoformat())
    assert api("GET", CARD).json()["cardStatusType"]["key"] == "ACTIVE"


def test_an_expired_card_comes_back_with_a_new_day_and_a_status(api: Api) -> None:
    old = {"issuedAt": "2020-09-01", "expiresAt": "2026-08-31"}
    api.card(ESCN, ESI, **old)
    assert api("GET", CARD).json()["cardStatusType"]["key"] == "EXPIRED"
    refused = api("PUT", CARD, json=card_json(ESCN, ESI, **old))
    assert refused.status_code == 400
    assert refused.json()["message"].startswith("expiresAt")
    revived = api("PUT", CARD, json=card_json(ESCN, ESI, issuedAt="2020-09-01", expiresAt="2027-08-31"))
    assert revived.json()["cardStatusType"]["key"] == "ACTIVE"


def test_anyone_may_ask_for_the_status(api: Api) -> None:
    api.card(ESCN, ESI)
    assert api("GET", CARD + "/status", key=None).json() == {
        "cardNumber": ESCN,
        "issuedAt": "2026-09-01",
        "expiresAt": "2030-08-31",
        "issuerIdentifier": PIC,
        "issuerName": "Rīgas Demonstrācijas universitāte",
        "status": "ACTIVE",
    }


def test_what_is_deleted_is_not_found(api: Api) -> None:
    api.card(ESCN, ESI)
    assert api("DELETE", CARD).status_code == 204
    for method, path in (("GET", CARD), ("DELETE", CARD), ("GET", CARD + "/status")):
        answer = api(method, path)
        assert (answer.status_code, answer.json()["code"]) == (404, "ER-0001")
    assert api("PUT", CARD, json=card_json(ESCN, ESI)).status_code == 404
