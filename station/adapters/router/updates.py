"""What goes to ESC-Router, as typed bodies: checked here first, so that what can't be right never leaves.

Written from the router's OpenAPI document (API v2). ``fullName`` moved from the person to the organisation's view of
the person; both places are written, for either version of the router.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError
from pydantic.alias_generators import to_camel

from station.domain.errors import RouterRefusedError
from station.ports.router import RouterCard, RouterPerson

# ESC-Router API v2: the longest that any of its text fields takes.
Text = Annotated[str, StringConstraints(max_length=255)]


class _Update(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True, frozen=True)

    def json_body(self) -> bytes:
        """Return it as it is sent; what is not known is left out, for the router has no nulls."""
        return self.model_dump_json(by_alias=True, exclude_none=True).encode()


class MembershipUpdate(_Update):
    """``PersonOrganisationUpdateView``."""

    organisation_identifier: Text
    full_name: Text
    email: Text | None
    academic_level: Text | None


class PersonUpdate(_Update):
    """``PersonUpdateView``."""

    identifier: Text
    identifier_code: str = "ESI"
    full_name: Text
    person_organisation_update_views: tuple[MembershipUpdate, ...]


class CardUpdate(_Update):
    """``CardUpdateView``."""

    card_number: Text
    card_status_type: Text
    card_type: Text
    issued_at: date
    expires_at: date
    issuer_identifier: Text
    person_identifier: Text
    processor_identifier: Text | None
    display_name: Text | None


def person_update(person: RouterPerson) -> PersonUpdate:
    """Return what is told of a person; raises RouterRefusedError that names the field."""
    membership = {
        "organisation_identifier": person.organisation_pic,
        "full_name": person.full_name,
        "email": person.email,
        "academic_level": person.academic_level.value if person.academic_level else None,
    }
    values = {
        "identifier": person.esi,
        "full_name": person.full_name,
        "person_organisation_update_views": (membership,),
    }
    return _checked(PersonUpdate, values)


def card_update(card: RouterCard) -> CardUpdate:
    """Return what is told of a card; raises RouterRefusedError that names the field."""
    values = {
        "card_number": card.escn,
        "card_status_type": card.status.value,
        "card_type": card.card_type.value,
        "issued_at": card.issued_on,
        "expires_at": card.expires_on,
        "issuer_identifier": card.issuer_pic,
        "person_identifier": card.esi,
        "processor_identifier": card.processor,
        "display_name": card.display_name,
    }
    return _checked(CardUpdate, values)


UpdateT = TypeVar("UpdateT", bound=_Update)


def _checked(kind: type[UpdateT], values: Mapping[str, object]) -> UpdateT:
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        # Without the input, and raised without its cause: pydantic's text quotes the value, a name or an address.
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        names = [to_camel(str(part)) for part in first["loc"] if isinstance(part, str)]
        raise RouterRefusedError(detail=f"{names[-1] if names else 'body'}: {first['msg']}") from None
