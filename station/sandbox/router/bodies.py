"""What may be written: the update views of the contract, checked; the message names the first field that is wrong."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from pydantic.alias_generators import to_camel

from station.domain.errors import EscnError
from station.domain.escn import parse_escn
from station.sandbox.router.errors import bad_request

CardType = Literal[
    "UNKNOWN", "PASSIVE", "SMART_NO_CDZ", "SMART_CDZ", "SMART_MAY_SP", "SMART_PASSIVE", "SMART_PASSIVE_EMULATION"
]
AcademicLevel = Literal["BACHELOR", "MASTER", "DOCTORATE"]

_ESI = re.compile(r"urn:schac:personalUniqueCode:int:esi:[^:\s]+:[^\s]+|[A-Z]{2}-[0-9]{9}-[^\s]+", re.IGNORECASE)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


def _esi(value: str) -> str:
    if not _ESI.fullmatch(value):
        raise ValueError("is no European Student Identifier")
    return value


def _escn(value: str) -> str:
    try:
        return parse_escn(value).escn
    except EscnError as error:
        raise ValueError("is no version-1 UUID with prefix and PIC") from error


def _day(value: str) -> str:
    # The shape first: since Python 3.11 fromisoformat also takes 20270630 and weeks, which the contract does not.
    if not _DAY.fullmatch(value):
        raise ValueError("must be yyyy-MM-dd")
    date.fromisoformat(value)
    return value


def _email(value: str) -> str:
    if value and not re.fullmatch(r"[^@\s]+@[^@\s]+", value):
        raise ValueError("is no e-mail address")
    return value


# By the contract, for every text in a body.
Text = Annotated[str, StringConstraints(max_length=255)]
Esi = Annotated[Text, AfterValidator(_esi)]
Day = Annotated[str, AfterValidator(_day)]


class _View(BaseModel):
    # The router reads numbers where it expects text, and overlooks fields it does not know.
    model_config = ConfigDict(alias_generator=to_camel, extra="ignore", coerce_numbers_to_str=True, frozen=True)


class PersonOrganisationUpdateView(_View):
    """A person at one organisation."""

    organisation_identifier: Text
    full_name: Text | None = None
    email: Annotated[Text, AfterValidator(_email)] | None = None
    academic_level: AcademicLevel | None = None


class PersonUpdateView(_View):
    """A person, to be created or updated."""

    identifier: Esi
    person_organisation_update_views: Annotated[tuple[PersonOrganisationUpdateView, ...], Field(min_length=1)]
    identifier_code: Literal["ESI"] | None = None
    full_name: Text | None = None


class CardUpdateView(_View):
    """A card, to be created or updated."""

    card_status_type: Literal["ACTIVE", "INACTIVE"]
    card_type: CardType
    expires_at: Day
    issued_at: Day
    issuer_identifier: Text
    person_identifier: Esi
    card_number: Annotated[Text, AfterValidator(_escn)] | None = None
    display_name: Text | None = None
    processor_identifier: Text | None = None


ViewT = TypeVar("ViewT", bound=_View)


def read_json(raw: bytes) -> object:
    """Return a JSON body; raises ApiError 400 when it is none."""
    try:
        return json.loads(raw)
    except ValueError as error:
        raise bad_request("body", "is not JSON") from error


def read_view(kind: type[ViewT], document: object) -> ViewT:
    """Return the view in ``document``; raises ApiError 400 that names the first wrong field."""
    try:
        return kind.model_validate(document)
    except ValidationError as error:
        field, reason = problems(error)[0]
        raise bad_request(field, reason) from error


def problems(error: ValidationError) -> list[tuple[str, str]]:
    """Return what is wrong with a view: for each problem the field and the reason."""
    found = []
    for each in error.errors(include_url=False, include_context=False):
        place = ".".join(str(part) for part in each["loc"] if isinstance(part, str)) or "body"
        reason = "must not be null" if each["type"] == "missing" else each["msg"].removeprefix("Value error, ")
        found.append((place, reason))
    return found
