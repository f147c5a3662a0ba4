"""The fields of a card as a designer reads them, to choose from where a text or a condition names one."""

from __future__ import annotations

from station.domain.errors import N_
from station.domain.layout import FIELD_NAMES

FIELD_LABELS = {
    "given_names": N_("Given names"),
    "family_name": N_("Family name"),
    "full_name": N_("Full name"),
    "student_number": N_("Student number"),
    "esi": N_("ESI, in full"),
    "esi_short": N_("ESI, short"),
    "escn": N_("Card number (ESCN)"),
    "qr": N_("Address in the QR code"),
    "expires_on": N_("Valid until"),
    "issued_on": N_("Issued on"),
    "faculty": N_("Faculty"),
    "programme": N_("Programme"),
    "level": N_("Level of studies"),
    "level_en": N_("Level of studies, in English"),
    "institution": N_("Institution"),
    "institution_en": N_("Institution, in English"),
    "card_title": N_("Title of the card"),
    "card_title_en": N_("Title of the card, in English"),
    "address": N_("Address"),
    "contact": N_("Contact"),
    "level_code": N_("Level as a code (BACHELOR, MASTER, DOCTORATE)"),
    "status": N_("Status (active, on_leave …)"),
    "scheme": N_("Kind of card (esc, isic+esc …)"),
    "expires": N_("Valid until, as a date"),
    "issued": N_("Issued on, as a date"),
}
TEXT_FIELDS = tuple(name for name in FIELD_NAMES if name not in ("level_code", "status", "scheme"))


def field_label(name: str) -> str:
    """Return what a field is called, as a text to translate; one that has no name of its own is called as it is."""
    return FIELD_LABELS.get(name, name)


COLOUR_LABELS = {
    "accent": N_("Institution’s colour"),
    "accent_dark": N_("The same, darker"),
    "accent_light": N_("The same, lighter"),
    "accent_tint": N_("The same, pale"),
    "accent_weak": N_("The same, very pale"),
    "on_accent": N_("Readable on the colour"),
    "white": N_("White"),
    "black": N_("Black"),
    "muted": N_("Grey"),
}
