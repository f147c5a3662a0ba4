"""From the bytes of a register file to its text, whoever wrote it."""

from __future__ import annotations

import codecs

from station.domain.errors import N_, RegisterFileError

# What spreadsheets and Baltic registers write when it is not UTF-8.
_LEGACY = "cp1257"
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")


def decoded(data: bytes, file: str) -> str:
    """Return the text of a file in UTF-8 or UTF-16, with or without a byte order mark, or in Windows-1257.

    Raises:
        RegisterFileError: it is a workbook, or in none of these encodings; ``params["line"]`` says where.
    """
    # Said first: as text a workbook would be called a file with strange letters, and nobody would know what to do.
    if data.startswith(_WORKBOOKS):
        raise RegisterFileError(_WORKBOOK, _SAVE_AS, file=file)
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return _decoded(data[len(bom) :], encoding, file)
    encoding = _utf16_without_mark(data) or "utf-8"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return _decoded(data, _LEGACY, file)


def _utf16_without_mark(data: bytes) -> str | None:
    """Recognise UTF-16 by its zero bytes: the separators and line ends of a CSV are ASCII."""
    # The other half has zeros too, now and then: "Ā" is U+0100.
    odd, even = data[1:2000:2].count(0), data[:2000:2].count(0)
    if max(odd, even) <= len(data[:2000]) // 4:
        return None
    if odd > 4 * even:
        return "utf-16-le"
    return "utf-16-be" if even > 4 * odd else None


def _decoded(data: bytes, encoding: str, file: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise RegisterFileError(_NO_ENCODING, _SAVE_AS, file=file, line=line) from error


_WORKBOOK = N_("The file {file} can't be imported: it is a workbook, not a CSV file.")
_NO_ENCODING = N_(
    "The file {file} can't be imported: line {line} has letters that are neither UTF-8, UTF-16 nor Windows-1257."
)
_SAVE_AS = N_("Save it as “CSV UTF-8” and import that file. Nothing was imported.")
