"""Cards to draw in tests: holders, their texts, portraits that look like photos, printers of several rasters."""

from __future__ import annotations

import io
from datetime import date
from functools import cache

from PIL import Image

from station.domain.holder import AcademicLevel, Enrolment, Holder, Identifier, IdentifierKind
from station.domain.layout import CardFields, Issuer, fields_of
from station.ports.printer import PrinterProfile
from station.resources import asset

ESCN = "fcc5b4a0-7d4e-11ef-8000-001999888777"
EXPIRES = date(2028, 6, 30)
ISSUED = date(2026, 9, 1)
ISSUER = Issuer("Rīgas Paraugu universitāte", "Riga Example University")

CR80_300 = PrinterProfile("cr80", "Card printer, 300 dpi", 1016, 648)
FARGO = PrinterProfile("fargo", "Retransfer printer, 1035 × 661", 1035, 661)
RETRANSFER = PrinterProfile("retransfer", "Retransfer printer", 1036, 664)
CR80_600 = PrinterProfile("cr80-600", "Card printer, 600 dpi", 2032, 1296, 600, 600)
WIDE_DOTS = PrinterProfile("600x300", "Card printer, 600 × 300 dpi", 2032, 648, 600, 300)
WIDEST_DOTS = PrinterProfile("1200x300", "Card printer, 1200 × 300 dpi", 4064, 648, 1200, 300)
COLOUR_ONLY = PrinterProfile("ymc", "Printer without resin", 1016, 642, resin_front=False, resin_back=False)
PRINTERS = (CR80_300, RETRANSFER, CR80_600, WIDE_DOTS, COLOUR_ONLY)


def holder(given: str = "Līga", family: str = "Bērziņa-Šķēle", number: str = "051REB123", esi: str = "") -> Holder:
    """Return a student with an ESI and an enrolment."""
    urn = f"urn:schac:personalUniqueCode:int:esi:{esi or 'rpu.example:' + number}"
    return Holder(
        id="h1",
        institution="rpu",
        given_names=given,
        family_name=family,
        student_number=number,
        identifiers=(Identifier(IdentifierKind.ESI, urn, preferred=True),),
        enrolments=(Enrolment(programme="Datorzinātne", faculty="DITF", level=AcademicLevel.MASTER),),
    )


def card_fields(given: str = "Līga", family: str = "Bērziņa-Šķēle", issuer: Issuer = ISSUER) -> CardFields:
    """Return the texts of a card for a holder of this name."""
    return fields_of(holder(given, family), ESCN, EXPIRES, issuer, ISSUED)


@cache
def face() -> bytes:
    """Return the first portrait of the demo as a JPEG, cut to what the desk would take (413 × 531)."""
    with Image.open(asset("demo", "portraits", "person-1.jpg")) as film:
        cut = film.convert("RGB").crop((437, 40, 904, 640)).resize((413, 531), Image.Resampling.LANCZOS)
    return as_jpeg(cut)


def as_jpeg(picture: Image.Image) -> bytes:
    """Return a picture as JPEG."""
    target = io.BytesIO()
    picture.save(target, "JPEG", quality=92)
    return target.getvalue()


def as_png(picture: Image.Image) -> bytes:
    """Return a picture as PNG."""
    target = io.BytesIO()
    picture.save(target, "PNG")
    return target.getvalue()
