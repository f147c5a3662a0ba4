"""What is printed on a card: a layout of elements, versioned, and the texts that go into it.

What elements there are is in ``station.domain.elements``. Nothing here draws; ``station.render`` does.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import date

from station.domain.elements import CARD_HEIGHT_MM, CARD_WIDTH_MM, AnyElement, templates_of
from station.domain.errors import N_, LayoutError
from station.domain.escn import QR_PREFIX, qr_text
from station.domain.holder import AcademicLevel, Holder
from station.domain.message import Message


@dataclass(frozen=True, slots=True)
class Layout:
    """Both sides of a card. ``files`` are the pictures and fonts it brings; ``digest`` tells contents apart."""

    name: str
    version: int
    front: tuple[AnyElement, ...]
    back: tuple[AnyElement, ...] = ()
    width_mm: float = CARD_WIDTH_MM
    height_mm: float = CARD_HEIGHT_MM
    title: str = ""
    digest: str = ""
    files: Mapping[str, bytes] = field(default_factory=dict, compare=False, repr=False)

    @property
    def reference(self) -> str:
        """Return the name and version that a card's record keeps, as in ``university/3``."""
        return f"{self.name}/{self.version}"

    @property
    def sides(self) -> tuple[tuple[AnyElement, ...], ...]:
        """Return the sides that are there, the front first."""
        return (self.front, self.back) if self.back else (self.front,)


@dataclass(frozen=True, slots=True)
class Issuer:
    """What the institution puts on every card of its own, and where its QR codes lead."""

    name: str
    name_en: str = ""
    card_title: str = "Studenta apliecība"
    card_title_en: str = "Student ID"
    address: str = ""
    contact: str = ""
    qr_address: str = QR_PREFIX


@dataclass(frozen=True, slots=True)
class CardFields:
    """Everything that may be printed, as text; the names of these fields are the names in ``{braces}``."""

    given_names: str = ""
    family_name: str = ""
    full_name: str = ""
    student_number: str = ""
    esi: str = ""
    esi_short: str = ""
    escn: str = ""
    qr: str = ""
    expires_on: str = ""
    issued_on: str = ""
    faculty: str = ""
    programme: str = ""
    level: str = ""
    level_en: str = ""
    institution: str = ""
    institution_en: str = ""
    card_title: str = ""
    card_title_en: str = ""
    address: str = ""
    contact: str = ""

    def values(self) -> dict[str, str]:
        """Return the fields by name, each in NFC."""
        return {name: unicodedata.normalize("NFC", getattr(self, name)) for name in FIELD_NAMES}


FIELD_NAMES = tuple(f.name for f in fields(CardFields))
# The same on every card of an institution, so what shows only these is drawn once.
ISSUER_FIELDS = frozenset({"institution", "institution_en", "card_title", "card_title_en", "address", "contact"})

_LEVELS = {
    AcademicLevel.BACHELOR: ("bakalaura studijas", "Bachelor"),
    AcademicLevel.MASTER: ("maģistra studijas", "Master"),
    AcademicLevel.DOCTORATE: ("doktora studijas", "Doctorate"),
}


def fields_of(holder: Holder, escn: str, expires_on: date, issuer: Issuer, issued_on: date | None = None) -> CardFields:
    """Return what this holder's card shows. ``escn`` may be empty while there is no number yet: no QR then."""
    enrolment = holder.enrolment
    level, level_en = _LEVELS[enrolment.level] if enrolment and enrolment.level else ("", "")
    return CardFields(
        given_names=holder.given_names,
        family_name=holder.family_name,
        full_name=holder.full_name,
        student_number=holder.student_number,
        esi=holder.esi or "",
        esi_short=short_esi(holder.esi or ""),
        escn=escn,
        qr=qr_text(escn, issuer.qr_address) if escn else "",
        expires_on=_day(expires_on),
        issued_on=_day(issued_on) if issued_on else "",
        faculty=enrolment.faculty if enrolment else "",
        programme=enrolment.programme if enrolment else "",
        level=level,
        level_en=level_en,
        institution=issuer.name,
        institution_en=issuer.name_en,
        card_title=issuer.card_title,
        card_title_en=issuer.card_title_en,
        address=issuer.address,
        contact=issuer.contact,
    )


def short_esi(esi: str) -> str:
    """Return an ESI without the part that every ESI begins with (``rtu.lv:051REB123``)."""
    prefix = "urn:schac:personaluniquecode:int:esi:"
    return esi[len(prefix) :] if esi.lower().startswith(prefix) else esi


def _day(day: date) -> str:
    return f"{day:%d.%m.}{day.year:04d}"


# --- texts with named places ------------------------------------------------------------------------------------


NO_FIELD = N_("there is no field {field}")
_PLACE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")


def names_in(template: str) -> tuple[str, ...]:
    """Return the field names that a template shows, in order.

    Raises:
        LayoutError: a brace has no partner, or the place is not the bare name of a field.
    """
    return tuple(name for name, _ in _pieces(template) if name is not None)


def filled(template: str, values: Mapping[str, str]) -> str:
    """Return the template with every ``{name}`` replaced; ``{{`` and ``}}`` are braces. Nothing else is understood."""
    return "".join(text if name is None else values[name] for name, text in _pieces(template))


def _pieces(template: str) -> Iterator[tuple[str | None, str]]:
    end = 0
    for match in _PLACE.finditer(template):
        yield None, template[end : match.start()]
        end = match.end()
        if match.group() in ("{{", "}}"):
            yield None, match.group()[0]
        elif match.group(1) in FIELD_NAMES:
            yield match.group(1), ""
        else:
            raise LayoutError(file="", place=template, detail=Message(NO_FIELD, {"field": match.group()}))
    yield None, template[end:]


def fields_shown(element: AnyElement) -> frozenset[str]:
    """Return the names of the fields that an element shows."""
    return frozenset(name for template in templates_of(element) for name in names_in(template))


def applies(element: AnyElement, values: Mapping[str, str]) -> bool:
    """Tell whether an element is on the card of somebody with these fields."""
    return all(values[name] for name in element.needs)
