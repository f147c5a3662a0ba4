"""A register in a CSV file, as people export it: any usual encoding and separator, headers in English or Latvian."""

from __future__ import annotations

import csv
import io
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from station.adapters.register.columns import (
    REQUIRED,
    Column,
    clean,
    date_of,
    email_of,
    level_of,
    meanings,
    personal_code_of,
    photo_of,
    printable,
    status_of,
)
from station.adapters.register.decoding import decoded
from station.domain.errors import N_, EsiError, RegisterFileError
from station.domain.esi import esi_from_written
from station.domain.holder import Enrolment, Holder, Identifier, IdentifierKind
from station.ports.register import RegisterRow
from station.settings import Institution

_SEPARATORS = ";,\t"
# The same person has the same id whenever and wherever the file is read.
_HOLDERS = uuid.UUID("5f0c1c52-3f58-5a7b-9a33-6f0f3f0a2f11")
T = TypeVar("T")
_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of the file: its number, and its cells by what they mean, with the header's own name for each."""

    number: int
    cells: tuple[tuple[Column, str, str], ...]

    def text(self, column: Column) -> str:
        """Return the first cell of this meaning, empty when there is none."""
        return next((text for meaning, _, text in self.cells if meaning is column), "")

    def header(self, column: Column) -> str:
        """Return what the file calls this column."""
        return next((header for meaning, header, _ in self.cells if meaning is column), column.value)


class CsvRegister:
    """Implement ``ports.register.Register`` for one institution's file."""

    def __init__(
        self, path: Path, institution: Institution, *, columns: Mapping[str, str] = _NOTHING, source: str = ""
    ) -> None:
        """Take the file.

        ``columns`` maps headers that are not recognised to the names in ``Column``; ``source`` is what the register is
        called whose export this is, the file's name when empty.
        """
        self._path, self._institution, self._columns, self._source = path, institution, columns, source

    @property
    def name(self) -> str:
        """Return what the register is called."""
        return self._source or self.file_name

    @property
    def file_name(self) -> str:
        """Return the file's name, for messages about what is in it."""
        return self._path.name

    def rows(self) -> Iterator[RegisterRow]:
        """Yield every holder; raises RegisterFileError naming file, line, column and remedy at the first bad line."""
        for found in self._read():
            if isinstance(found, RegisterFileError):
                raise found
            yield found

    def problems(self, *, limit: int = 50) -> tuple[RegisterFileError, ...]:
        """Return what is wrong with each bad line, so that a file is corrected once and not line by line."""
        found: list[RegisterFileError] = []
        try:
            for each in self._read():
                if isinstance(each, RegisterFileError):
                    found.append(each)
                if len(found) >= limit:
                    break
        except RegisterFileError as error:  # not one line: the file itself
            found.append(error)
        return tuple(found)

    # --- the file -----------------------------------------------------------------------------------------------

    def _read(self) -> Iterator[RegisterRow | RegisterFileError]:
        for line in self._lines():
            try:
                yield self._row(line)
            except RegisterFileError as error:
                error.params.update({"file": self.file_name, "line": line.number})
                yield error

    def _lines(self) -> Iterator[_Line]:
        text = self._text()
        # Strict: a quotation mark that is never closed would otherwise swallow the rest of the register as one cell.
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=self._separator(text), strict=True)
        header: list[str] = []
        columns: list[Column | None] = []
        # Not a for loop: the line has to be known before the record is read, to be named when reading fails.
        while True:
            number = reader.line_num + 1  # where the record begins: a quoted cell may go over several lines
            try:
                cells = [clean(cell) for cell in next(reader)]
            except StopIteration:
                break
            except csv.Error as error:
                raise RegisterFileError(_NO_RECORD, file=self.file_name, line=number, detail=str(error)) from error
            # Spreadsheets write lines of separators below the last person.
            if not any(cells):
                continue
            if not header:
                header, columns = cells, self._checked(cells)
                continue
            if len(cells) != len(header):
                raise RegisterFileError(
                    _OTHER_WIDTH, _QUOTES, file=self.file_name, line=number, found=len(cells), expected=len(header)
                )
            known = zip(columns, header, cells, strict=True)
            yield _Line(number, tuple((meaning, name, cell) for meaning, name, cell in known if meaning is not None))
        if not header:
            raise RegisterFileError(_EMPTY, file=self.file_name)

    def _text(self) -> str:
        try:
            data = self._path.read_bytes()
        except OSError as error:
            raise RegisterFileError(
                _UNREADABLE, _CHOOSE, file=str(self._path), detail=error.strerror or type(error).__name__
            ) from error
        return decoded(data, self.file_name)

    def _separator(self, text: str) -> str:
        """Return the separator that makes most of the header: known columns first, then any."""
        first = next((line for line in text.splitlines() if line.strip()), "")

        def score(separator: str) -> tuple[int, int]:
            cells = next(csv.reader([first], delimiter=separator), [])
            return sum(m is not None for m in meanings(cells, self._columns)), len(cells)

        # Not by counting characters: names and programmes have commas in them, headers that we know do not.
        return max(_SEPARATORS, key=score)

    def _checked(self, header: list[str]) -> list[Column | None]:
        columns = meanings(header, self._columns)
        missing = [column for column in REQUIRED if column not in columns]
        if missing:
            raise RegisterFileError(
                _NO_COLUMN,
                _NO_COLUMN_TODO,
                file=self.file_name,
                missing=", ".join(missing),
                found=", ".join(name for name in header if name),
            )
        for column in columns:
            # ESIs may be several (one a country); of two names or numbers nobody could say which is meant.
            if column not in (None, Column.ESI) and columns.count(column) > 1:
                names = ", ".join(name for name, each in zip(header, columns, strict=True) if each is column)
                raise RegisterFileError(_TWICE, file=self.file_name, found=names)
        return columns

    # --- one line -----------------------------------------------------------------------------------------------

    def _row(self, line: _Line) -> RegisterRow:
        number, given, family = (self._required(line, column) for column in REQUIRED)
        email = self._value(line, Column.EMAIL, email_of)
        code = self._value(line, Column.PERSONAL_CODE, lambda text: personal_code_of(text, self._institution.country))
        holder = Holder(
            id=uuid.uuid5(_HOLDERS, f"{self._institution.key}:{number.casefold()}").hex,
            institution=self._institution.key,
            given_names=given,
            family_name=family,
            student_number=number,
            email=email,
            identifiers=self._identifiers(line),
            enrolments=(self._enrolment(line),),
            source=self.name,
            photo=self._value(line, Column.PHOTO, lambda text: photo_of(text, self._path.resolve().parent)),
        )
        return RegisterRow(holder, code, f"{self.file_name}:{line.number}")

    def _required(self, line: _Line, column: Column) -> str:
        text = self._value(line, column, printable)
        if not text:
            raise RegisterFileError(_NO_VALUE, column=line.header(column))
        return text

    def _value(self, line: _Line, column: Column, read: Callable[[str], T]) -> T:
        try:
            return read(line.text(column))
        except RegisterFileError as error:
            error.params["column"] = line.header(column)
            raise

    def _enrolment(self, line: _Line) -> Enrolment:
        return Enrolment(
            status=self._value(line, Column.STATUS, status_of),
            programme=self._value(line, Column.PROGRAMME, printable),
            faculty=self._value(line, Column.FACULTY, printable),
            level=self._value(line, Column.LEVEL, level_of),
            begins_on=self._value(line, Column.STUDY_BEGINS, date_of),
            ends_on=self._value(line, Column.STUDY_ENDS, date_of),
        )

    def _identifiers(self, line: _Line) -> tuple[Identifier, ...]:
        """Return the ESIs, each once; the first is the one to use."""
        found: dict[str, Identifier] = {}
        for meaning, header, text in line.cells:
            if meaning is Column.ESI and text:
                esi = self._esi(header, text)
                found.setdefault(esi.casefold(), Identifier(IdentifierKind.ESI, esi, header, preferred=not found))
        return tuple(found.values())

    def _esi(self, header: str, text: str) -> str:
        ours = self._institution
        try:
            return str(esi_from_written(text, country=ours.country, sho=ours.sho, pic=ours.pic))
        except EsiError as error:
            raise RegisterFileError(error.what, _WHERE_ESI, **{**error.params, "column": header}) from error


_EMPTY = N_("The file {file} can't be imported: it is empty.")
_UNREADABLE = N_("The file {file} can't be read: {detail}")
_CHOOSE = N_("Choose another file, or ask IT for the right to read this one. Nothing was imported.")
_NO_COLUMN = N_("The file {file} can't be imported: it has no column for {missing}. Its columns are: {found}")
_NO_COLUMN_TODO = N_(
    "Name the missing columns in the first line, for example student_number, given_names, family_name. Nothing was"
    " imported."
)
_TWICE = N_("The file {file} can't be imported: several of its columns mean the same: {found}")
_NO_RECORD = N_("The file {file} can't be imported: line {line} can't be taken apart into columns ({detail}).")
_OTHER_WIDTH = N_("The file {file} can't be imported: line {line} has {found} columns, the first line has {expected}.")
_QUOTES = N_("Look for a separator or a quotation mark too many or too few in that line. Nothing was imported.")
_NO_VALUE = N_("The file {file} can't be imported: line {line} has nothing in the column “{column}”.")
_WHERE_ESI = N_(
    "It stands in the file {file}, line {line}, column “{column}”. Correct it and import the file again. Nothing was"
    " imported."
)
