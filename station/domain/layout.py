"""What is printed on a card: a layout of elements, versioned, and the texts that go into it.

What elements there are is in ``station.domain.elements``. Nothing here draws; ``station.render`` does.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache

from station.domain.elements import CARD_HEIGHT_MM, CARD_WIDTH_MM, AnyElement, templates_of
from station.domain.errors import N_, ExpressionError, LayoutError
from station.domain.escn import QR_PREFIX, qr_text
from station.domain.expression_functions import Function, Misuse, Value
from station.domain.expressions import Expression, compile_expression
from station.domain.holder import AcademicLevel, Holder
from station.domain.layout_state import LayoutState
from station.domain.message import Message


@dataclass(frozen=True, slots=True)
class Approval:
    """That somebody approved the layout with this ``digest``; see ``station.render.layout_signing``.

    ``certificate`` is X.509 in DER; ``signature`` ECDSA over P-256 with SHA-256, in DER.
    """

    digest: str
    at: datetime
    by: str
    certificate: bytes
    signature: bytes


class Preprinted(StrEnum):
    """A mark that blank cards can bear already, from the card's maker."""

    ESC_LOGO = "esc_logo"


@dataclass(frozen=True, slots=True)
class Layout:
    """Both sides of a card. ``files`` are the pictures and fonts it brings; ``digest`` tells contents apart.

    ``preprinted`` names the marks that the blank cards bear before anything is printed on them.

    One that ``extends`` another holds everything of it already; only its file says no more than what differs. The
    digest is that of ``station.domain.layout_document``; while a layout is edited it is empty, or of its files alone.
    """

    name: str
    version: int
    front: tuple[AnyElement, ...]
    back: tuple[AnyElement, ...] = ()
    width_mm: float = CARD_WIDTH_MM
    height_mm: float = CARD_HEIGHT_MM
    title: str = ""
    preprinted: tuple[Preprinted, ...] = ()
    digest: str = ""
    state: LayoutState = LayoutState.DRAFT
    approval: Approval | None = field(default=None, compare=False, repr=False)
    extends: Layout | None = field(default=None, compare=False, repr=False)
    files: Mapping[str, bytes] = field(default_factory=dict, compare=False, repr=False)

    @property
    def reference(self) -> str:
        """Return the name and version that a card's record keeps, as in ``university/3``."""
        return f"{self.name}/{self.version}"

    @property
    def sides(self) -> tuple[tuple[AnyElement, ...], ...]:
        """Return the sides that are there, the front first."""
        return (self.front, self.back) if self.back else (self.front,)


def edited(layout: Layout, **changes: object) -> Layout:
    """Return a layout with some fields changed: a draft again, whose digest is made anew when it is saved."""
    digest = layout.digest if layout.digest.startswith(_FILES_ONLY) else ""
    if "files" in changes:
        files: Mapping[str, bytes] = changes["files"]  # type: ignore[assignment]
        # What was drawn before is remembered by the digest, and must not be taken for the new picture.
        digest = _FILES_ONLY + files_digest(files)
    return replace(layout, **{"state": LayoutState.DRAFT, "approval": None, "digest": digest, **changes})  # type: ignore[arg-type]


def files_digest(files: Mapping[str, bytes]) -> str:
    """Return a digest of files and their names."""
    total = hashlib.sha256()
    for name in sorted(files):
        total.update(name.encode() + b"\0" + hashlib.sha256(files[name]).digest())
    return total.hexdigest()


_FILES_ONLY = "files:"


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
    """Everything that may be printed; the names of these fields are the names in ``{braces}`` and in ``when``.

    ``expires`` and ``issued`` are dates, for expressions as in ``{date(expires, 'MM/YY')}``; all others are text.
    ``level_code``, ``status`` and ``scheme`` are for conditions: ``BACHELOR``, ``active``, ``isic+esc``.
    """

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
    level_code: str = ""
    status: str = ""
    scheme: str = ""
    expires: date | None = None
    issued: date | None = None

    def values(self) -> dict[str, Value]:
        """Return the fields by name, texts in NFC."""
        return {name: _in_nfc(getattr(self, name)) for name in FIELD_NAMES}


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
        level_code=enrolment.level.value if enrolment and enrolment.level else "",
        status=enrolment.status.value if enrolment else "",
        expires=expires_on,
        issued=issued_on,
    )


def short_esi(esi: str) -> str:
    """Return an ESI without the part that every ESI begins with (``rtu.lv:051REB123``)."""
    prefix = "urn:schac:personaluniquecode:int:esi:"
    return esi[len(prefix) :] if esi.lower().startswith(prefix) else esi


def _day(day: date) -> str:
    # How %Y writes a year before 1000 differs from system to system.
    return f"{day:%d.%m.}{day.year:04d}"


def _in_nfc(value: Value) -> Value:
    # A register may give ē as one character or as two: compared, shaped and put into a code, it is to be the same.
    return unicodedata.normalize("NFC", value) if isinstance(value, str) else value


# --- texts with named places, and conditions ---------------------------------------------------------------------


NO_FIELD = N_("there is no field {field}")
_WRONG = N_("{expression}, at column {column}: {detail}")
_NO_PARTNER = N_("a brace has no partner; a brace that is to be printed is written twice")
_NOT_PRINTED = N_("{expression} doesn't come to a text, a number or a date")
_PLACE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_NAME = re.compile(r"[A-Za-z_][\w.]*")


def names_in(template: str) -> tuple[str, ...]:
    """Return the names of the fields that a template uses, in order; those within one expression by the alphabet.

    Raises:
        LayoutError: a brace has no partner, or what stands in a place is neither a field nor an expression over fields.
    """
    return tuple(name for piece in _pieces(template) if not isinstance(piece, str) for name in sorted(piece.names))


def filled(template: str, values: Mapping[str, Value]) -> str:
    """Return the template with what each ``{place}`` comes to; ``{{`` and ``}}`` are braces.

    A place is a field's name or an expression of ``station.domain.expressions`` over them.

    Raises:
        LayoutError: as ``names_in``; or an expression can't be computed with these values.
    """
    return "".join(piece if isinstance(piece, str) else _shown(piece, values) for piece in _pieces(template))


def fields_shown(element: AnyElement) -> frozenset[str]:
    """Return the names of the fields that an element shows."""
    return frozenset(name for template in templates_of(element) for name in names_in(template))


def applies(element: AnyElement, values: Mapping[str, Value]) -> bool:
    """Tell whether an element is on the card of somebody with these fields.

    Raises:
        LayoutError: its condition is no expression over fields, or can't be computed with these values.
    """
    if not all(values[name] for name in element.needs):
        return False
    try:
        return not element.when or condition_holds(element.when, values)
    except LayoutError as error:
        raise LayoutError(file="", place=f"{element.id}/when", detail=error.params["detail"]) from error


def condition_holds(when: str, values: Mapping[str, Value]) -> bool:
    """Tell whether a condition comes to something: not to nothing, no, 0 or an empty text. Raises as ``applies``."""
    try:
        return bool(compiled(when).evaluate(values))
    except ExpressionError as error:
        raise _as_layout_error(error, when) from error


@lru_cache(maxsize=1024)
def compiled(text: str) -> Expression:
    """Return an expression over the fields of a card, checked.

    Raises:
        LayoutError: with the expression as ``place``, and the column and what is wrong there as ``detail``.
    """
    # A field that is misspelt is told by its name; as an expression it would be a riddle about column 1.
    if _NAME.fullmatch(text) and text not in (*FIELD_NAMES, "true", "false"):
        raise LayoutError(file="", place=text, detail=Message(NO_FIELD, {"field": text}))
    try:
        return compile_expression(text, FIELD_NAMES, _FUNCTIONS)
    except ExpressionError as error:
        raise _as_layout_error(error, text) from error


@lru_cache(maxsize=1024)
def _pieces(template: str) -> tuple[str | Expression, ...]:
    return tuple(_parsed(template))


def _parsed(template: str) -> Iterator[str | Expression]:
    end = 0
    for match in _PLACE.finditer(template):
        yield template[end : match.start()]
        end = match.end()
        if match.group() in ("{{", "}}"):
            yield match.group()[0]
        elif match.group(1) is None:
            raise LayoutError(file="", place=template, detail=_NO_PARTNER)
        else:
            yield compiled(match.group(1).strip())
    yield template[end:]


def _shown(expression: Expression, values: Mapping[str, Value]) -> str:
    try:
        value = expression.evaluate(values)
    except ExpressionError as error:
        raise _as_layout_error(error, expression.text) from error
    match value:
        case None:
            return ""
        case str():
            return value
        # To Python True is a number: told apart before numbers are printed.
        case bool() | bytes():
            detail = Message(_NOT_PRINTED, {"expression": expression.text})
            raise LayoutError(file="", place=expression.text, detail=detail)
        case date():
            return _day(value)
        case _:
            return str(value)


def _as_layout_error(error: ExpressionError, text: str) -> LayoutError:
    params = {"expression": text, "column": error.params["column"], "detail": error.params["detail"]}
    return LayoutError(file="", place=text, detail=Message(_WRONG, params))


def _start(value: Value, length: Value) -> Value:
    """Return as much of the beginning of a text as there is; ``first`` insists on all of it."""
    if isinstance(value, str) and isinstance(length, int) and not isinstance(length, bool) and length >= 0:
        return value[:length]
    raise Misuse("{name} needs a text and how many letters of it")


def _joined(separator: Value, *values: Value) -> Value:
    """Return the texts that are there, with the separator between them."""
    given = [value for value in values if value]
    if isinstance(separator, str) and all(isinstance(value, str) for value in given):
        return separator.join(str(value) for value in given)
    raise Misuse("{name} needs texts")


# What a card's texts need besides the functions of every expression.
_FUNCTIONS = {"start": Function(_start, (2, 2)), "join": Function(_joined, (2, 9))}
