"""The person the card is for: names, identifiers, enrolment, and what is still missing for a card."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from station.domain.errors import N_
from station.domain.message import Message


class IdentifierKind(StrEnum):
    """What an identifier is; the personal code is not here, it is kept apart."""

    ESI = "esi"
    STUDENT_NUMBER = "student_number"
    LEGACY_ESI = "legacy_esi"
    FEDERATION = "federation"


class EnrolmentStatus(StrEnum):
    """Where a student stands with the institution."""

    ACTIVE = "active"
    ON_LEAVE = "on_leave"
    GRADUATED = "graduated"
    EXMATRICULATED = "exmatriculated"


class AcademicLevel(StrEnum):
    """Level of study, with ESC-Router's own words as values."""

    BACHELOR = "BACHELOR"
    MASTER = "MASTER"
    DOCTORATE = "DOCTORATE"


@dataclass(frozen=True, slots=True)
class Identifier:
    """One identifier of a holder, who said it, and whether it is the one to use."""

    kind: IdentifierKind
    value: str
    source: str = ""
    preferred: bool = False


@dataclass(frozen=True, slots=True)
class Enrolment:
    """One enrolment of a holder; dates are inclusive, ``None`` is not known."""

    status: EnrolmentStatus = EnrolmentStatus.ACTIVE
    programme: str = ""
    faculty: str = ""
    level: AcademicLevel | None = None
    begins_on: date | None = None
    ends_on: date | None = None


@dataclass(frozen=True, slots=True)
class Holder:
    """A student or member of staff as the register gives them; names are NFC.

    ``vanished_on`` is the day on which an import no longer had this person; such a holder stays, to be asked about.
    ``photo`` is where the portrait lies that came with the register, empty for none.
    """

    id: str
    institution: str
    given_names: str
    family_name: str
    student_number: str
    email: str | None = None
    identifiers: tuple[Identifier, ...] = ()
    enrolments: tuple[Enrolment, ...] = field(default_factory=tuple)
    source: str = ""
    vanished_on: date | None = None
    photo: str = ""

    @property
    def full_name(self) -> str:
        """Return given names and family name as printed."""
        return f"{self.given_names} {self.family_name}".strip()

    @property
    def esis(self) -> tuple[Identifier, ...]:
        """Return every European Student Identifier, the preferred one first."""
        found = [i for i in self.identifiers if i.kind is IdentifierKind.ESI]
        return tuple(sorted(found, key=lambda i: not i.preferred))

    @property
    def esi(self) -> str | None:
        """Return the ESI to print and to send, or ``None`` when there is none."""
        return self.esis[0].value if self.esis else None

    @property
    def enrolment(self) -> Enrolment | None:
        """Return the enrolment that counts: an active one before any other."""
        # Sorting keeps the order of equals: of several active ones the register's first counts.
        ranked = sorted(self.enrolments, key=lambda e: e.status is not EnrolmentStatus.ACTIVE)
        return ranked[0] if ranked else None


def missing_for_card(holder: Holder) -> tuple[Message, ...]:
    """Return what keeps this holder from a European Student Card that can be registered; empty when complete."""
    missing: list[Message] = []
    if not holder.family_name or not holder.given_names:
        missing.append(Message(N_("The name is not complete.")))
    if holder.esi is None:
        missing.append(Message(N_("There is no European Student Identifier.")))
    if not holder.email:
        missing.append(Message(N_("There is no e-mail address.")))
    enrolment = holder.enrolment
    if enrolment is None or enrolment.status is not EnrolmentStatus.ACTIVE:
        status = enrolment.status.value if enrolment else "unknown"
        missing.append(Message(N_("The student is not active in the register ({status})."), {"status": status}))
    if holder.vanished_on is not None:
        since = holder.vanished_on.isoformat()
        missing.append(Message(N_("The student is no longer in the register (since {date})."), {"date": since}))
    return tuple(missing)


def folded(text: str) -> str:
    """Return ``text`` for searching: lower case, without marks, in any alphabet (NFKD, marks dropped, casefolded).

    The store indexes this and the searcher folds what was typed the same way, so ``berzins`` finds ``Bērziņš``
    and ``грищук`` finds ``Ґрищук``.
    """
    decomposed = unicodedata.normalize("NFKD", text)
    kept = "".join(c for c in decomposed if not unicodedata.combining(c))
    return kept.casefold().translate(_LETTERS_WITHOUT_A_DECOMPOSITION)


# Letters that Unicode does not decompose, yet people type without their stroke or hook.
_LETTERS_WITHOUT_A_DECOMPOSITION = str.maketrans(
    {
        "ł": "l",
        "ø": "o",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "æ": "ae",
        "œ": "oe",
        "ı": "i",
        "ħ": "h",
        "ŧ": "t",
        "ґ": "г",
        "ё": "е",
    }
)
