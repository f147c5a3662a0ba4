"""What the columns of a register file are called, and what may stand in them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from pathlib import Path, PureWindowsPath

from station.domain.errors import N_, RegisterFileError
from station.domain.holder import AcademicLevel, EnrolmentStatus, folded


class Column(StrEnum):
    """What a column means."""

    STUDENT_NUMBER = "student_number"
    GIVEN_NAMES = "given_names"
    FAMILY_NAME = "family_name"
    EMAIL = "email"
    ESI = "esi"
    PERSONAL_CODE = "personal_code"
    STATUS = "status"
    PROGRAMME = "programme"
    FACULTY = "faculty"
    LEVEL = "level"
    STUDY_BEGINS = "study_begins"
    STUDY_ENDS = "study_ends"
    PHOTO = "photo"


REQUIRED = (Column.STUDENT_NUMBER, Column.GIVEN_NAMES, Column.FAMILY_NAME)

# Names in English and Latvian, as ``squeezed`` leaves them: folded, letters and digits only.
_NAMES: Mapping[Column, str] = {
    Column.STUDENT_NUMBER: "studentnumber studentno studentnr studentid number matriculationnumber cardholdernumber"
    " studentanumurs studentanr studentaapliecibasnumurs studentaapliecibasnr apliecibasnumurs apliecibasnr"
    " matrikulasnumurs matrikulasnr numurs",
    Column.GIVEN_NAMES: "givennames givenname firstname firstnames forename forenames vards vardi",
    Column.FAMILY_NAME: "familyname familynames lastname surname uzvards uzvardi",
    Column.EMAIL: "email emailaddress mail epasts epastaadrese epasta",
    Column.ESI: "esi europeanstudentidentifier eiropasstudentaidentifikators studentaesi",
    Column.PERSONAL_CODE: "personalcode personalid personalidentitynumber nationalid personaskods pk",
    Column.STATUS: "status studystatus studentstatus statuss studijustatuss",
    Column.PROGRAMME: "programme program studyprogramme studyprogram programma studijuprogramma",
    Column.FACULTY: "faculty department fakultate strukturvieniba",
    Column.LEVEL: "level academiclevel studylevel limenis studijulimenis",
    Column.STUDY_BEGINS: "studybegins studystart studiesbegin begins studijusakums studijusakumadatums sakums",
    Column.STUDY_ENDS: "studyends studyend studiesend ends enddate studijubeigas studijubeigudatums beigas beigudatums",
    Column.PHOTO: "photo photofile photofilename portrait picture image foto fotofails fotografija attels portrets",
}
_MEANING = {name: column for column, names in _NAMES.items() for name in names.split()}

_STATUS_WORDS: Mapping[EnrolmentStatus, str] = {
    EnrolmentStatus.ACTIVE: "active enrolled studying student aktivs aktiva stude studejosais studejosa",
    EnrolmentStatus.ON_LEAVE: "onleave leave academicleave akademiskajaatvalinajuma akademiskaisatvalinajums"
    " atvalinajums akadatv",
    EnrolmentStatus.GRADUATED: "graduated graduate absolvents absolvente absolvejis absolvejusi beidzis beigusi",
    EnrolmentStatus.EXMATRICULATED: "exmatriculated withdrawn eksmatrikulets eksmatrikuleta atskaitits atskaitita",
}
_STATUS = {word: status for status, words in _STATUS_WORDS.items() for word in words.split()}

_LEVEL_WORDS: Mapping[AcademicLevel, str] = {
    AcademicLevel.BACHELOR: "bachelor 6 bakalaurs bakalaura bakalaurastudijas bsc ba",
    AcademicLevel.MASTER: "master 7 magistrs magistra magistrastudijas magistrantura msc ma",
    AcademicLevel.DOCTORATE: "doctorate doctor 8 doktors doktora doktorastudijas doktorantura phd",
}
_LEVEL = {word: level for level, words in _LEVEL_WORDS.items() for word in words.split()}
# Short cycles are real, but ESC-Router's levels begin with the bachelor: the card is made, and no level is told.
_NO_LEVEL = frozenset({"", "5", "shortcycle", "college", "koledza", "koledzas", "other", "cits"})

# What comes along when text is copied from web pages and documents: soft hyphens, zero-width spaces, direction marks.
_UNSEEN = dict.fromkeys(map(ord, "\u00ad\u200b\u200e\u200f\u2060\ufeff"))

_DATES = (
    re.compile(r"(?P<y>\d{4})[-./](?P<m>\d{1,2})[-./](?P<d>\d{1,2})\.?", re.ASCII),
    # The day first, as it is written here; the American order is refused where it gives no date, and not guessed.
    re.compile(r"(?P<d>\d{1,2})[./](?P<m>\d{1,2})[./](?P<y>\d{4})\.?", re.ASCII),
)
_EMAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>.]+(?:\.[^@\s,;<>.]+)+")
_LATVIAN_CODE = re.compile(r"(\d{6})-?(\d{5})", re.ASCII)


def squeezed(text: str) -> str:
    """Return a word as these lists have it: without case, marks, spaces and punctuation."""
    return "".join(c for c in folded(text) if c.isalnum())


def meanings(header: Sequence[str], given: Mapping[str, str]) -> list[Column | None]:
    """Return what each column of a header means, ``None`` where it means nothing to us.

    Several columns may hold ESIs: ``esi``, ``esi 2``, ``ESI (VIIS)``. ``given`` maps a header's own names to ours and
    goes before what the names say.
    """
    own = {squeezed(name): Column(column) for name, column in given.items()}
    return [_meaning(squeezed(name), own) for name in header]


def _meaning(name: str, own: Mapping[str, Column]) -> Column | None:
    found = own.get(name) or _MEANING.get(name)
    return Column.ESI if found is None and name.startswith("esi") else found


def clean(text: str) -> str:
    """Return a cell's text in NFC, with single spaces, none around it, and without what nobody sees."""
    # Composed: macOS and some databases write a letter and its mark apart, and then no two spellings would be equal.
    return " ".join(unicodedata.normalize("NFC", text).translate(_UNSEEN).split())


def printable(text: str) -> str:
    """Return a text that can stand on a card and in any database. Raises RegisterFileError."""
    if len(text) > 255 or any(unicodedata.category(c) in ("Cc", "Cs", "Co") for c in text):
        raise RegisterFileError(_UNPRINTABLE, _CORRECT)
    return text


def status_of(text: str) -> EnrolmentStatus:
    """Return a status from a word in English or Latvian; none means active. Raises RegisterFileError."""
    if not text:
        return EnrolmentStatus.ACTIVE
    found = _STATUS.get(squeezed(text))
    if found is None:
        raise RegisterFileError(_WRONG_STATUS, _CORRECT, value=text)
    return found


def level_of(text: str) -> AcademicLevel | None:
    """Return a level from a word or an EQF number, 5 to 8; ``None`` for those ESC-Router has no word for.

    Raises:
        RegisterFileError: the word is not known in English or Latvian.
    """
    word = squeezed(text)
    if word in _NO_LEVEL:
        return None
    found = _LEVEL.get(word)
    if found is None:
        raise RegisterFileError(_WRONG_LEVEL, _CORRECT, value=text)
    return found


def date_of(text: str) -> date | None:
    """Return a date written as 2027-06-30 or 30.06.2027, ``None`` for an empty cell. Raises RegisterFileError."""
    if not text:
        return None
    for shape in _DATES:
        match = shape.fullmatch(text)
        if match is not None:
            try:
                return date(int(match["y"]), int(match["m"]), int(match["d"]))
            except ValueError:
                break
    raise RegisterFileError(_WRONG_DATE, _CORRECT, value=text)


def email_of(text: str) -> str | None:
    """Return an e-mail address, ``None`` for an empty cell. Raises RegisterFileError."""
    if not text:
        return None
    if not _EMAIL.fullmatch(text) or len(text) > 255:
        raise RegisterFileError(_WRONG_EMAIL, _CORRECT, value=text)
    return text


def photo_of(text: str, folder: Path) -> str:
    """Return where a picture lies whose name is relative to the register's own folder, empty for an empty cell.

    A name that leads out of that folder is refused: a register must not make the station read anything else. Whether
    the file is there is not asked: pictures often come after the people. Raises RegisterFileError.
    """
    if not text:
        return ""
    name = PureWindowsPath(printable(text))  # both separators, drives and shares: registers come from anywhere
    if name.is_absolute() or name.drive or name.root or ".." in name.parts or not name.name:
        raise RegisterFileError(_WRONG_PHOTO, _CORRECT, value=text)
    return str(folder.joinpath(*name.parts))


def personal_code_of(text: str, country: str) -> str | None:
    """Return a personal code, a Latvian one with its hyphen, ``None`` for an empty cell.

    Raises:
        RegisterFileError: a Latvian one is not eleven digits; it never repeats the code, which is nobody's to read.
    """
    if not text:
        return None
    if country != "LV":
        return text
    match = _LATVIAN_CODE.fullmatch(text.replace(" ", ""))
    if match is None:
        raise RegisterFileError(_WRONG_CODE, _CORRECT)
    return f"{match[1]}-{match[2]}"


_CORRECT = N_("Correct that line in the register or in the file, and import it again. Nothing was imported.")
_UNPRINTABLE = N_(
    "The file {file} can't be imported: in line {line}, column “{column}”, there are letters that can't be printed,"
    " or more than 255."
)
_WRONG_STATUS = N_(
    "The file {file} can't be imported: in line {line}, column “{column}”, the status “{value}” is not known"
    " (active, on leave, graduated, exmatriculated)."
)
_WRONG_LEVEL = N_(
    "The file {file} can't be imported: in line {line}, column “{column}”, the level “{value}” is not known"
    " (bachelor, master, doctorate)."
)
_WRONG_DATE = N_(
    "The file {file} can't be imported: in line {line}, column “{column}”, “{value}” is not a date"
    " such as 2027-06-30 or 30.06.2027."
)
_WRONG_EMAIL = N_(
    "The file {file} can't be imported: in line {line}, column “{column}”, “{value}” is not an e-mail address."
)
_WRONG_PHOTO = N_(
    "The file {file} can't be imported: in line {line}, column “{column}”, “{value}” is not the name of a picture in"
    " the folder of this file."
)
_WRONG_CODE = N_(
    "The file {file} can't be imported: in line {line}, column “{column}”, the personal code is not eleven digits."
)
