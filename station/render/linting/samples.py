"""Cards of people whose names are the longest, shortest and strangest that a desk meets."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from station.domain.holder import AcademicLevel, Enrolment, Holder, Identifier, IdentifierKind
from station.domain.layout import CardFields, Issuer, fields_of

_ESCN = "14625400-9326-103f-8001-001999465982"
_ISSUER = Issuer("Rīgas Paraugu universitāte", "Riga Example University")
_YEARS = 4

# Each is there for what it does to a layout; the institution's own people are asked by check-names.
_PEOPLE = (
    ("Marija Magdalēna Aleksandra", "Kalniņa-Šķēle-Ģērmane"),  # long, three accents below, two hyphens
    ("Li", "O"),  # as short as names are
    ("Nguyễn Thị Ánh", "Tuyết"),  # two accents on one letter
    ("Κωνσταντίνα", "Παπαδοπούλου-Χατζηγεωργίου"),  # Greek
    ("İlkay Çağrı", "Şükrüoğlu"),  # Turkish: a dotted capital I
    ("Їванна Щаслава", "Ґалаґанівська"),  # Ukrainian
    ("Hubertus", "Wolfeschlegelsteinhausen"),  # one word that can't be broken
)


@lru_cache(maxsize=4)
def worst_cases(today: date) -> tuple[CardFields, ...]:
    """Return the texts of their cards, valid for a course of study of four years from ``today``."""
    return tuple(_fields(number, given, family, today) for number, (given, family) in enumerate(_PEOPLE, start=1))


def _fields(number: int, given: str, family: str, today: date) -> CardFields:
    code = f"051REB{number:03}"
    urn = f"urn:schac:personalUniqueCode:int:esi:rpu.example:{code}"
    enrolment = Enrolment(
        programme="Starptautiskās komunikācijas vadība", faculty="Datorzinātnes un informācijas tehnoloģijas fakultāte",
        level=AcademicLevel.DOCTORATE,
    )  # fmt: skip
    holder = Holder(
        id=f"sample-{number}",
        institution="rpu",
        given_names=given,
        family_name=family,
        student_number=code,
        identifiers=(Identifier(IdentifierKind.ESI, urn, preferred=True),),
        enrolments=(enrolment,),
    )
    return fields_of(holder, _ESCN, date(today.year + _YEARS, 6, 30), _ISSUER, today)
