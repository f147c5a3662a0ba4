"""The dry run of the CSV import: every wrong row is named, and nothing is imported."""

from __future__ import annotations

import pytest

from station.sandbox.router.csvimport import COLUMNS, config, validate
from tests.helpers.sandbox import PIC

ESI = "urn:schac:personalUniqueCode:int:esi:lv:000001"
KNOWN, NEW = "14625400-9326-103f-8001-001999465982", "14625401-9326-103f-8001-001999465982"

GOOD = {
    "personIdentifier": ESI,
    "cardNumber": NEW,
    "fullName": "Anna Ozola",
    "email": "anna@example.lv",
    "academicLevel": "MASTER",
    "issuerIdentifier": PIC,
    "cardStatusType": "ACTIVE",
    "cardType": "PASSIVE",
    "issuedAt": "2026-09-01",
    "expiresAt": "2030-08-31",
}


def row(separator: str = ",", **changes: str) -> str:
    values = {**GOOD, **changes}
    return separator.join(values.get(name, "") for name in COLUMNS)


def check(text: str, operation: str = "CREATE") -> list[tuple[object, object]]:
    found = validate(text.encode(), operation, PIC, lambda escn: escn == KNOWN)
    return [(error["rowNumber"], error["fieldName"]) for error in found]


@pytest.mark.parametrize("separator", [",", ";"])
@pytest.mark.parametrize("header", [True, False])
def test_good_rows_pass(separator: str, header: bool) -> None:
    lines = [separator.join(COLUMNS)] if header else []
    assert check("\n".join([*lines, row(separator), ""])) == []


def test_a_byte_order_mark_is_no_trouble() -> None:
    assert validate("\ufeff".encode() + row().encode(), "CREATE", PIC, lambda _escn: False) == []


@pytest.mark.parametrize(
    ("changes", "operation", "field"),
    [
        ({"cardType": "PLASTIC"}, "CREATE", "cardType"),
        ({"expiresAt": ""}, "CREATE", "expiresAt"),
        ({"expiresAt": "2026-01-01"}, "CREATE", "expiresAt"),
        ({"issuerIdentifier": "999999999"}, "CREATE", "issuerIdentifier"),
        ({"cardNumber": KNOWN}, "CREATE", "cardNumber"),
        ({"cardNumber": NEW}, "UPDATE", "cardNumber"),
        ({"cardNumber": ""}, "UPDATE", "cardNumber"),
        ({"cardNumber": NEW}, "DELETE", "cardNumber"),
    ],
    ids=str,
)
def test_a_wrong_row_is_named_with_its_field(changes: dict[str, str], operation: str, field: str) -> None:
    good = row(cardNumber=KNOWN) if operation != "CREATE" else row(cardNumber=NEW.replace("8001", "8002"))
    assert check("\n".join([good, row(**changes)]), operation) == [(2, field)]


def test_a_number_must_not_come_twice() -> None:
    assert check("\n".join([row(), row(cardNumber=NEW.upper())])) == [(2, "cardNumber")]


def test_rows_of_another_shape_are_named() -> None:
    assert check("not,a,valid,card,row") == [(1, "row")]


def test_what_is_not_text_is_refused() -> None:
    assert validate(b"\xff\xfe\x00", "CREATE", PIC, lambda _escn: False)[0]["fieldName"] == "file"


def test_the_places_are_those_of_the_columns() -> None:
    assert [name for name, _place in sorted(config().items(), key=lambda item: item[1])] == list(COLUMNS)
