"""Pages of a list: sorting, the search language, and the ten rows that a page has at most."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from station.sandbox.router.database import Database, Row
from station.sandbox.router.errors import bad_request

PAGE_SIZE_MAX = 10
"""Measured: a bigger ``size`` is ignored."""

_AND = "<+>"


@dataclass(frozen=True, slots=True)
class Listing:
    """What is listed: the rows an organisation may see, and by which names they are sorted and searched."""

    tables: str
    columns: Mapping[str, str]
    default_sort: str
    searched: tuple[str, ...]


PERSONS = Listing(
    tables="persons JOIN memberships ON memberships.person_id = persons.id AND memberships.pic = ?",
    columns={
        "identifier": "persons.esi_key",
        "identifierCode": "'esi'",
        "fullName": "persons.full_name",
        "email": "memberships.email",
    },
    default_sort="persons.id",
    searched=("persons.esi_key", "persons.full_name", "memberships.email"),
)

CARDS = Listing(
    tables="cards JOIN persons ON persons.id = cards.person_id AND cards.issuer = ?",
    columns={
        "cardNumber": "cards.escn",
        "displayName": "cards.display_name",
        "issuedAt": "cards.issued_at",
        "expiresAt": "cards.expires_at",
        "issuer.identifier": "cards.issuer",
        "processor.identifier": "cards.processor",
        "person.identifier": "persons.esi_key",
        "person.identifierCode": "'esi'",
        "person.fullName": "persons.full_name",
    },
    default_sort="cards.rowid",
    searched=("cards.escn", "persons.esi_key", "persons.full_name", "cards.display_name"),
)


@dataclass(frozen=True, slots=True)
class PageRequest:
    """What the query asks for."""

    page: int
    size: int
    sort: str
    descending: bool
    search: str

    @classmethod
    def of(cls, query: Mapping[str, str]) -> PageRequest:
        """Return the request in a query string; raises ApiError 400 that names the parameter."""
        page, size = _number(query, "page", 0), _number(query, "size", PAGE_SIZE_MAX)
        if page < 0:
            raise bad_request("page", "must not be less than 0")
        if size < 1:
            raise bad_request("size", "must not be less than 1")
        direction = query.get("direction", "ASC").upper()
        if direction not in {"ASC", "DESC"}:
            raise bad_request("direction", "must be ASC or DESC")
        return cls(
            page, min(size, PAGE_SIZE_MAX), query.get("sort", ""), direction == "DESC", query.get("search", "").strip()
        )


def page_of(
    database: Database, listing: Listing, pic: str, asked: PageRequest, view: Callable[[Row], dict[str, object]]
) -> dict[str, object]:
    """Return one page as ``PagedResources…``."""
    where, values = _search(listing, asked.search)
    # The names come from the table above, never from the caller: only values do, and they are bound.
    tail = f"FROM {listing.tables} WHERE {where}"
    total = database.count(f"SELECT count(*) {tail}", (pic, *values))
    order = f"{_sort_column(listing, asked.sort)} {'DESC' if asked.descending else 'ASC'}"
    first = listing.tables.split(" ", 1)[0]
    rows = database.all(
        # By the order of entry behind it: of rows that are equal by what was asked, pages would else show some twice.
        f"SELECT {first}.* {tail} ORDER BY {order}, {listing.default_sort} LIMIT ? OFFSET ?",
        (pic, *values, asked.size, asked.page * asked.size),
    )
    pages = -(-total // asked.size)
    return {
        "content": [view(row) for row in rows],
        "empty": not rows,
        "links": [{"rel": "self", "href": f"?page={asked.page}&size={asked.size}"}],
        "page": {"number": asked.page, "size": asked.size, "totalElements": total, "totalPages": pages},
    }


def _number(query: Mapping[str, str], name: str, default: int) -> int:
    text = query.get(name, "")
    if not text:
        return default
    try:
        number = int(text)
    except ValueError as error:
        raise bad_request(name, "must be a whole number") from error
    # SQLite takes 64 bits and the contract's numbers have 32: what a real router refuses must not pass here.
    if abs(number) >= 1 << 31:
        raise bad_request(name, "is too big")
    return number


def _sort_column(listing: Listing, name: str) -> str:
    if not name:
        return listing.default_sort
    if name not in listing.columns:
        raise bad_request("sort", f"there is no field {name}")
    return listing.columns[name]


def _search(listing: Listing, text: str) -> tuple[str, tuple[str, ...]]:
    """Return the condition for ``field:value<+>field:value``, or for plain text in any searched column."""
    if not text:
        return "1", ()
    terms = [term.partition(":") for term in text.split(_AND)]
    # A plain text with a colon in it is no field: only a name that there is makes it one.
    if not any(name in listing.columns for name, _colon, _value in terms):
        folded = f"%{text.casefold()}%"
        condition = " OR ".join(f"fold({column}) LIKE ?" for column in listing.searched)
        return f"({condition})", (folded,) * len(listing.searched)
    conditions = []
    for name, _colon, _value in terms:
        if name not in listing.columns:
            raise bad_request("search", f"there is no field {name}")
        conditions.append(f"fold({listing.columns[name]}) = ?")
    return " AND ".join(conditions), tuple(value.casefold() for _name, _colon, value in terms)
