"""The European Student Identifier: a name for a student that every institution in Europe understands.

Two kinds, both written as a URN below SCHAC's ``personalUniqueCode`` (RFC 8141, RFC 6338):

    urn:schac:personalUniqueCode:int:esi:lv:AB010190XZR12345      national: a country gives out the code
    urn:schac:personalUniqueCode:int:esi:rtu.lv:051REB123         institutional: a home organisation (sHO) does

Two that differ only in upper and lower case are the same. Neither is longer than 255 characters.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from station.domain.errors import N_, EsiError
from station.domain.message import Message

ESI_PREFIX = "urn:schac:personalUniqueCode:int:esi:"
ESI_MAX_LENGTH = 255

# State registers whose identifiers are written like an address, and the country whose national code they are.
NATIONAL_REGISTERS: Mapping[str, str] = MappingProxyType({"viis.gov.lv": "lv"})

# ISO 3166-1 alpha-2, and with it what the EU itself writes (EL, UK) and the code in use for Kosovo.
_COUNTRY_CODES = """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ
    CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO
    FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE
    JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO
    MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW
    PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM
    TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW EL UK XK
"""
_COUNTRIES = frozenset(_COUNTRY_CODES.split())

_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DOMAIN = re.compile(rf"(?=.{{4,253}}\Z)(?:{_LABEL}\.)+[A-Za-z](?:[A-Za-z0-9-]{{0,61}}[A-Za-z0-9])", re.ASCII)
# RFC 8141: the rest of a URN is pchar of RFC 3986, and slashes.
_CODE = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})+", re.ASCII)
_LEGACY = re.compile(r"([A-Za-z]{2})-([0-9]{9})-(.+)", re.ASCII)
_YOUNGEST = 2015  # a four-digit year after this one is no student's birth, rather the year of enrolment
_DIGIT_RUN = re.compile(r"[0-9]+", re.ASCII)


class EsiKind(StrEnum):
    """Who gives out the code."""

    NATIONAL = "national"
    INSTITUTIONAL = "institutional"


@dataclass(frozen=True, slots=True, eq=False)
class Esi:
    """A checked identifier: ``scope`` is a country code or a home organisation, ``code`` what follows it.

    Letters stay as they were written, because other systems have stored them so; comparing ignores their case.
    """

    kind: EsiKind
    scope: str
    code: str

    def __str__(self) -> str:
        return f"{ESI_PREFIX}{self.scope}:{self.code}"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Esi):
            return NotImplemented
        return str(self).casefold() == str(other).casefold()

    def __hash__(self) -> int:
        return hash(str(self).casefold())


def parse_esi(text: str) -> Esi:
    """Read an identifier in full form; spaces around it and the case of its fixed part do not matter.

    Raises:
        EsiError: ``params["part"]`` is ``prefix``, ``country``, ``organisation``, ``code`` or ``length``.
    """
    esi = text.strip()
    if not esi.casefold().startswith(ESI_PREFIX.casefold()):
        raise EsiError(_WRONG_PREFIX, value=text, part="prefix", prefix=ESI_PREFIX)
    scope, colon, code = esi[len(ESI_PREFIX) :].partition(":")
    # A country: a home organisation is a domain name, and has a dot at least.
    if len(scope) == 2:
        return _checked(Esi(EsiKind.NATIONAL, scope, code), text)
    if not colon and "." not in scope:
        raise EsiError(_NO_SCOPE, value=text, part="organisation")
    return _checked(Esi(EsiKind.INSTITUTIONAL, scope, code), text)


def institutional_esi(sho: str, code: str) -> Esi:
    """Return the identifier that home organisation ``sho`` (a domain name) gives with ``code``; raises EsiError."""
    esi = Esi(EsiKind.INSTITUTIONAL, sho.strip().lower(), code.strip())
    return _checked(esi, f"{code}@{sho}")


def national_esi(country: str, code: str) -> Esi:
    """Return the identifier that ``country`` (two letters) gives with ``code``; raises EsiError."""
    esi = Esi(EsiKind.NATIONAL, country.strip().lower(), code.strip())
    return _checked(esi, f"{country}:{code}")


def esi_from_written(
    text: str,
    *,
    country: str,
    sho: str,
    pic: str | None = None,
    national_registers: Mapping[str, str] = NATIONAL_REGISTERS,
) -> Esi:
    """Read an identifier in any form that people write.

    ``urn:schac:…`` in full; ``051REB123@rtu.lv``; ``AB010190XZR12345@viis.gov.lv``, whose register is a national
    one; ``LV-999465982-051REB123``, the older form of country, PIC and number, which can be read only when it is
    our own PIC, since it does not say which organisation has it.

    Args:
        text: what was written.
        country: our country, two letters.
        sho: our home organisation, for the older form.
        pic: our PIC, nine digits.
        national_registers: domain of a national register -> its country.

    Raises:
        EsiError: ``params["part"]`` is ``form``, ``country``, ``pic`` or as ``parse_esi``.
    """
    written = text.strip()
    if written.casefold().startswith("urn:"):
        return parse_esi(written)
    legacy = _LEGACY.fullmatch(written)
    if legacy is not None:
        return _from_legacy(legacy, country, sho, pic)
    code, at, domain = written.rpartition("@")
    if not at:
        raise EsiError(_WRONG_FORM, value=text, part="form", sho=sho)
    if "@" in code:
        raise EsiError(_WRONG_CODE, value=text, part="code", found="@")
    register = national_registers.get(domain.lower())
    scope = Esi(EsiKind.NATIONAL, register, code) if register else Esi(EsiKind.INSTITUTIONAL, domain.lower(), code)
    return _checked(scope, text)


def same_esi(one: str, other: str) -> bool:
    """Tell whether two identifiers in full form are the same; upper and lower case do not matter."""
    return one.strip().casefold() == other.strip().casefold()


def discloses(esi: Esi) -> Message | None:
    """Return a warning when the code contains what looks like a date of birth, else ``None``.

    Whoever reads the card would learn more than the identifier is meant to tell.
    """
    if any(_begins_with_date(run) for run in _DIGIT_RUN.findall(esi.code)):
        return Message(
            N_("The identifier contains what looks like a date of birth. Everyone who reads it can see that date."),
            {"part": "code"},
        )
    return None


def _from_legacy(legacy: re.Match[str], country: str, sho: str, pic: str | None) -> Esi:
    found_country, found_pic, code = legacy.groups()
    if found_country.casefold() != country.casefold():
        raise EsiError(
            _OTHER_COUNTRY, value=legacy[0], part="country", found=found_country.upper(), expected=country.upper()
        )
    if found_pic != pic:
        raise EsiError(_OTHER_PIC, value=legacy[0], part="pic", found=found_pic, expected=pic or "?")
    return _checked(Esi(EsiKind.INSTITUTIONAL, sho.lower(), code), legacy[0])


def _checked(esi: Esi, written: str) -> Esi:
    if esi.kind is EsiKind.NATIONAL:
        if esi.scope.upper() not in _COUNTRIES:
            raise EsiError(_WRONG_COUNTRY, value=written, part="country", found=esi.scope)
    elif not _DOMAIN.fullmatch(esi.scope):
        raise EsiError(_WRONG_ORGANISATION, value=written, part="organisation", found=esi.scope)
    if not esi.code:
        raise EsiError(_NO_CODE, value=written, part="code", scope=esi.scope)
    if not _CODE.fullmatch(esi.code):
        found = next((c for c in esi.code if not _CODE.fullmatch(c)), "%")
        raise EsiError(_WRONG_CODE, value=written, part="code", found="%" if found == "%" else repr(found))
    if len(str(esi)) > ESI_MAX_LENGTH:
        raise EsiError(_TOO_LONG, value=written, part="length", found=len(str(esi)), limit=ESI_MAX_LENGTH)
    return esi


def _begins_with_date(digits: str) -> bool:
    """Look for day, month and year in either order, alone or before a serial number of usual length."""
    if len(digits) in (6, 10, 11):
        short = (int(digits[:2]), int(digits[2:4]), int(digits[4:6]))
        if _is_birthday(2000 + short[2], short[1], short[0]) or _is_birthday(2000 + short[0], short[1], short[2]):
            return True
    if len(digits) in (8, 12):
        long = (int(digits[:2]), int(digits[2:4]), int(digits[4:8]))
        year_first = (int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
        return any(1900 <= y <= _YOUNGEST and _is_birthday(y, m, d) for d, m, y in (long, year_first[::-1]))
    return False


def _is_birthday(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


_WRONG_PREFIX = N_("The European Student Identifier {value} is not right: it must begin with {prefix}")
_NO_SCOPE = N_(
    "The European Student Identifier {value} is not right: after “esi:” there must be a country or a home"
    " organisation, a colon, and the code."
)
_WRONG_COUNTRY = N_("The European Student Identifier {value} is not right: {found} is not a country.")
_WRONG_ORGANISATION = N_(
    "The European Student Identifier {value} is not right: the home organisation “{found}” is not a domain name"
    " such as rtu.lv."
)
_NO_CODE = N_("The European Student Identifier {value} is not right: there is no code after {scope}.")
_WRONG_CODE = N_("The European Student Identifier {value} is not right: its code must not contain {found}.")
_TOO_LONG = N_("The European Student Identifier {value} is not right: {found} characters, more than {limit}.")
_WRONG_FORM = N_(
    "{value} is not a European Student Identifier: write it in full (urn:schac:…), as number@{sho}, or as"
    " country-PIC-number."
)
_OTHER_COUNTRY = N_("The European Student Identifier {value} is not right: its country is {found}, not {expected}.")
_OTHER_PIC = N_(
    "The European Student Identifier {value} belongs to another institution: its PIC is {found}, not {expected}."
)
