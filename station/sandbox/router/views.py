"""What is read: rows of the database as the views of the contract. Fields without a value are left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from station.sandbox.router.database import Database, Row

_LABELS = {
    "ESI": "European Student Identifier",
    "PIC": "Participant Identification Code",
    "VAT": "VAT number",
    "UNKNOWN": "Unknown / None",
    "PASSIVE": "Physical passive card, with no electronic component",
    "SMART_NO_CDZ": "Physical smart card, without ESC data zone",
    "SMART_CDZ": "Physical smart card, with ESC data zone",
    "SMART_MAY_SP": "Physical smart card, with custom data by service providers",
    "SMART_PASSIVE": "Digital passive card, with no electronic component",
    "SMART_PASSIVE_EMULATION": "Digital smart card, with physical card emulation",
}

View = dict[str, object]


def code(key: str) -> View:
    """Return a ``CodeView``: how the router writes a word from a list."""
    return {"key": key, "label": _LABELS.get(key, key.capitalize())}


def _present(view: Mapping[str, object | None]) -> View:
    # Left out and not null: the router has no nulls, and a client that needs them would only work here.
    return {name: value for name, value in view.items() if value is not None}


class Views:
    """Make views from rows, as one organisation sees them."""

    def __init__(self, database: Database, today: Callable[[], date]) -> None:
        self._db, self._today = database, today

    def status_of(self, card: Row) -> str:
        """Return a card's status: past its last day it is EXPIRED, whatever was written."""
        # Worked out when it is read and never written: extended later, the card is again what it was set to.
        expired = str(card["expires_at"]) < self._today().isoformat()
        return "EXPIRED" if expired else str(card["status"])

    def organisation(self, identifier: str, kind: str = "PIC") -> View:
        """Return an ``OrganisationLiteView``."""
        name = self._db.organisation_name(identifier)
        return {
            "identifier": identifier,
            "identifierCode": code(kind),
            "name": name,
            "fullLabel": f"{identifier} - {name}",
        }

    def membership(self, row: Row) -> View:
        """Return a ``PersonOrganisationView``."""
        level, email = row["academic_level"], row["email"]
        return _present(
            {
                "academicLevel": code(level) if level else None,
                "contactPoint": {"email": email} if email else None,
                "fullName": row["full_name"],
                "hasPicture": row["picture"] is not None,
                "organisation": self.organisation(row["pic"]),
            }
        )

    def person_lite(self, person: Row, pic: str) -> View:
        """Return a ``PersonLiteView``: of the organisations only the caller's own."""
        # What another institution says of the same person is not the caller's to see.
        rows = self._db.all("SELECT * FROM memberships WHERE person_id = ? AND pic = ?", (person["id"], pic))
        return {
            "identifier": person["esi"],
            "fullName": person["full_name"],
            "organisations": [self.membership(row) for row in rows],
        }

    def person(self, person: Row, pic: str) -> View:
        """Return a ``PersonView``."""
        count = self._db.count("SELECT count(*) FROM memberships WHERE person_id = ?", (person["id"],))
        return {**self.person_lite(person, pic), "identifierCode": code("ESI"), "organisationCount": count}

    def card_lite(self, card: Row, pic: str) -> View:
        """Return a ``CardLiteView``."""
        person = self._db.one("SELECT * FROM persons WHERE id = ?", (card["person_id"],))
        return _present(
            {
                "cardNumber": card["escn"],
                "displayName": card["display_name"],
                "expiresAt": card["expires_at"],
                "hasOwnerAuthorization": True,
                "issuedAt": card["issued_at"],
                "issuer": self.organisation(card["issuer"]),
                "person": self.person_lite(person, pic) if person is not None else None,
                "processor": self.organisation(card["processor"], "VAT") if card["processor"] else None,
            }
        )

    def card(self, card: Row, pic: str) -> View:
        """Return a ``CardView``."""
        return {
            **self.card_lite(card, pic),
            "cardStatusType": code(self.status_of(card)),
            "cardType": code(card["type"]),
        }

    def card_status(self, card: Row) -> View:
        """Return a ``CardStatusView``: what anyone may know."""
        return _present(
            {
                "cardNumber": card["escn"],
                "displayName": card["display_name"],
                "expiresAt": card["expires_at"],
                "issuedAt": card["issued_at"],
                "issuerIdentifier": card["issuer"],
                "issuerName": self._db.organisation_name(card["issuer"]),
                "status": self.status_of(card),
            }
        )
