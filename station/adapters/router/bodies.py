"""What comes back from ESC-Router, as typed bodies; fields that the router adds are overlooked.

Written from the router's OpenAPI document (API v2). ``fullName`` moved from the person to the organisation's view of
the person: either place is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, TypeAdapter, ValidationError, model_validator
from pydantic.alias_generators import to_camel

from station.domain.errors import N_, RouterUnreachableError
from station.ports.router import (
    CsvRowError,
    KnownCard,
    KnownPerson,
    PublicCardStatus,
    RouterCard,
    RouterCardStatus,
    RouterPerson,
)


def _key_of(value: object) -> object:
    # A word from a list is read as {key, label}; the bare word is as good.
    return value.get("key") if isinstance(value, Mapping) else value


Word = Annotated[str | None, BeforeValidator(_key_of)]


class _View(BaseModel):
    # A field that the router adds one day must not stop the queue of every desk.
    model_config = ConfigDict(alias_generator=to_camel, extra="ignore", coerce_numbers_to_str=True, frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, data: object) -> object:
        # A field that is null says no more than one that is left out.
        return {name: value for name, value in data.items() if value is not None} if isinstance(data, dict) else data


class ErrorMessage(_View):
    """``ApiErrorMessage``."""

    code: str = ""
    message: str = ""


class Organisation(_View):
    """``OrganisationLiteView``, as far as it matters here."""

    identifier: str = ""
    name: str = ""


class ContactPoint(_View):
    """``ContactPointView``."""

    email: str | None = None


class Membership(_View):
    """``PersonOrganisationView``: what one organisation says of a person."""

    academic_level: Word = None
    contact_point: ContactPoint | None = None
    full_name: str | None = None
    has_picture: bool = False
    organisation: Organisation = Organisation()


class PersonView(_View):
    """``PersonView`` and ``PersonLiteView``."""

    identifier: str
    full_name: str | None = None
    organisations: tuple[Membership, ...] | None = None
    organisation_count: int | None = None

    def known(self, pic: str) -> KnownPerson:
        """Return it in the port's words, as the institution ``pic`` sees it."""
        # What other institutions say of the same person is theirs, and isn't shown as ours.
        mine = next((m for m in self.organisations or () if m.organisation.identifier == pic), Membership())
        return KnownPerson(
            esi=self.identifier,
            full_name=(mine.full_name if mine.full_name is not None else self.full_name) or "",
            email=(mine.contact_point.email if mine.contact_point else None) or None,
            academic_level=mine.academic_level,
            has_picture=mine.has_picture,
            organisations=self.organisation_count or len(self.organisations or ()),
        )

    def says_the_same(self, person: RouterPerson) -> bool:
        """Tell whether the router already knows of ``person`` just what we would tell."""
        # A person may study at two universities: what the other one says is none of our business.
        ours = [m for m in self.organisations or () if m.organisation.identifier == person.organisation_pic]
        if len(ours) != 1:
            return False
        email = ours[0].contact_point.email if ours[0].contact_point else None
        level = person.academic_level.value if person.academic_level else None
        name = ours[0].full_name if ours[0].full_name is not None else self.full_name
        return (name, email or None, ours[0].academic_level) == (person.full_name, person.email, level)


class CardView(_View):
    """``CardView`` and ``CardLiteView``, which leaves status and type out."""

    card_number: str
    card_status_type: Word = None
    card_type: Word = None
    display_name: str | None = None
    issued_at: date | None = None
    expires_at: date | None = None
    issuer: Organisation = Organisation()
    processor: Organisation | None = None
    person: PersonView | None = None

    def known(self) -> KnownCard:
        """Return it in the port's words."""
        person = self.person.known(self.issuer.identifier) if self.person else KnownPerson("")
        return KnownCard(
            escn=self.card_number.lower(),
            esi=person.esi,
            holder_name=person.full_name,
            issuer_pic=self.issuer.identifier,
            issuer_name=self.issuer.name,
            issued_on=self.issued_at,
            expires_on=self.expires_at,
            status=self.card_status_type,
            card_type=self.card_type,
            processor=self.processor.identifier if self.processor else None,
            display_name=self.display_name or None,
        )

    def is_of(self, card: RouterCard) -> bool:
        """Tell whether this number belongs to the same person; identifiers are compared without regard to case."""
        # Left out means that it can't be told, and a card is not refused for that: the update says whose it is.
        return self.person is None or self.person.identifier.casefold() == card.esi.casefold()

    def says_the_same(self, card: RouterCard) -> bool:
        """Tell whether the router already knows of ``card`` just what we would tell."""
        # Past its last day a card reads EXPIRED whatever was written; only a new day could change that.
        status_agrees = self.card_status_type in {card.status.value, RouterCardStatus.EXPIRED.value}
        return status_agrees and (
            self.card_type,
            self.issued_at,
            self.expires_at,
            self.issuer.identifier,
            self.processor.identifier if self.processor else None,
            self.display_name or None,
        ) == (
            card.card_type.value,
            card.issued_on,
            card.expires_on,
            card.issuer_pic,
            card.processor,
            card.display_name,
        )


class CardStatusView(_View):
    """``CardStatusView``: the public answer."""

    card_number: str
    status: str
    issuer_name: str = ""
    issuer_identifier: str = ""
    issued_at: date | None = None
    expires_at: date | None = None

    def public(self) -> PublicCardStatus:
        """Return it in the port's words."""
        return PublicCardStatus(
            escn=self.card_number,
            status=self.status,
            issuer_name=self.issuer_name,
            issuer_pic=self.issuer_identifier,
            issued_on=self.issued_at,
            expires_on=self.expires_at,
        )


class Page(_View):
    """``PageMetadata``."""

    number: int = 0
    size: int = 0
    total_elements: int = 0
    total_pages: int = 0


class PersonsView(_View):
    """``PagedResourcesPersonLiteView``."""

    page: Page
    content: tuple[PersonView, ...] = ()


class CardsView(_View):
    """``PagedResourcesCardLiteView``."""

    page: Page
    content: tuple[CardView, ...] = ()


class RowProblem(_View):
    """``CsvValidationError``."""

    row_number: int = 0
    field_name: str = ""
    error_message: str = ""
    params: dict[str, str] = {}

    def row_error(self) -> CsvRowError:
        """Return it in the port's words."""
        return CsvRowError(self.row_number, self.field_name, self.error_message, self.params)


NUMBERS = TypeAdapter(tuple[str, ...])
COLUMNS = TypeAdapter(dict[str, int])
ROW_PROBLEMS = TypeAdapter(tuple[RowProblem, ...])


ViewT = TypeVar("ViewT", bound=_View)
PlainT = TypeVar("PlainT")

NOT_THE_ROUTER = N_("Something else than ESC-Router answers at its address ({detail}).")
NOT_THE_ROUTER_TODO = N_(
    "Go on working: cards are valid and wait in the queue. "
    "Look whether this network wants a sign-in page first, or ask IT to check the address in the station profile."
)


def read(kind: type[ViewT], body: bytes) -> ViewT:
    """Return an answer's body; one that cannot be the router's raises RouterUnreachableError.

    A sign-in page of a network answers everything with 200: it must never count as registered.
    """
    try:
        return kind.model_validate_json(body)
    except ValidationError as error:
        raise not_the_router(kind.__name__) from error


def read_plain(kind: TypeAdapter[PlainT], body: bytes) -> PlainT:
    """Return an answer's body that is a list or a map; one that cannot be the router's raises."""
    try:
        return kind.validate_json(body)
    except ValidationError as error:
        raise not_the_router(error.title) from error


def not_the_router(detail: str) -> RouterUnreachableError:
    """Return the error that says that something else answers at the router's address."""
    return RouterUnreachableError(NOT_THE_ROUTER, NOT_THE_ROUTER_TODO, detail=detail)
