"""The form of the router's CSV import, and the dry run that checks a file row by row without importing it."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

from pydantic import ValidationError

from station.sandbox.router.bodies import CardUpdateView, problems

COLUMNS = (
    "personIdentifier",
    "cardNumber",
    "fullName",
    "email",
    "academicLevel",
    "issuerIdentifier",
    "processorIdentifier",
    "cardStatusType",
    "cardType",
    "displayName",
    "issuedAt",
    "expiresAt",
)
OPERATIONS = ("CREATE", "UPDATE", "DELETE")

RowError = dict[str, object]


def config() -> dict[str, int]:
    """Return each column's name and place, from 0."""
    return {name: place for place, name in enumerate(COLUMNS)}


def row_error(row: int, field: str, message: str) -> RowError:
    """Return a ``CsvValidationError``; ``row`` counts the lines of the file from 1."""
    return {"rowNumber": row, "fieldName": field, "errorMessage": message}


def validate(data: bytes, operation: str, pic: str, exists: Callable[[str], bool]) -> list[RowError]:
    """Return what is wrong with a file (comma or semicolon, UTF-8); empty when every row would be taken."""
    try:
        # Spreadsheets write a mark first, and the first column's name would begin with it.
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return [row_error(0, "file", "is not UTF-8")]
    first = text.partition("\n")[0]
    rows = csv.reader(io.StringIO(text), delimiter=";" if first.count(";") > first.count(",") else ",")
    found: list[RowError] = []
    seen: set[str] = set()
    for number, row in enumerate(rows, start=1):
        # Whether a line of names is allowed is not published; taken here both ways, as a client has to cope with
        # either.
        if not row or (number == 1 and row[0] == COLUMNS[0]):
            continue
        if len(row) != len(COLUMNS):
            found.append(row_error(number, "row", f"has {len(row)} columns instead of {len(COLUMNS)}"))
            continue
        values = {name: value.strip() for name, value in zip(COLUMNS, row, strict=True) if value.strip()}
        problems_here = _row_problems(values, operation, pic, exists)
        escn = values.get("cardNumber", "").lower()
        # Numbers may be left out, for the router to make: two rows without one are two cards.
        if escn in seen and escn:
            problems_here.append(("cardNumber", "is in the file twice"))
        seen.add(escn)
        found += [row_error(number, field, reason) for field, reason in problems_here]
    return found


def _row_problems(
    values: dict[str, str], operation: str, pic: str, exists: Callable[[str], bool]
) -> list[tuple[str, str]]:
    escn = values.get("cardNumber", "")
    if operation == "DELETE":
        return [] if exists(escn) else [("cardNumber", "there is no such card")]
    try:
        card = CardUpdateView.model_validate(values)
    except ValidationError as error:
        return problems(error)
    found = []
    if card.issuer_identifier != pic:
        found.append(("issuerIdentifier", "this key is not for that organisation"))
    if card.expires_at < card.issued_at:
        found.append(("expiresAt", "is before issuedAt"))
    if operation == "CREATE" and escn and exists(escn):
        found.append(("cardNumber", "exists already"))
    if operation == "UPDATE" and not exists(escn):
        found.append(("cardNumber", "there is no such card"))
    return found
