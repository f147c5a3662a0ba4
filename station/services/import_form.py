"""The queue as files in ESC-Router's own import form, for whoever brings them there by hand; and what became of them.

What the columns are and where they stand is asked of the router (``csv-config``; they have changed before) and kept for
the days when it can't be asked. It also checks each file (``validate-csv``), without importing it. What left in a file
is marked, and nothing more: whether the router has a card now is settled by asking it, which needs no key.
"""

from __future__ import annotations

import csv
import io
import json
import uuid
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path

from station.domain.card import Registration
from station.domain.errors import N_, InputError, RouterError, RouterNotFoundError, StationError
from station.domain.message import Message
from station.domain.outbox import UPLOADS, OutboxEntry, OutboxKind, succeeded
from station.domain.queue_export import Export, ExportWay, content_of
from station.ports.clock import Clock
from station.ports.router import CsvOperation, CsvRowError, PublicCardStatus, Router, RouterCardStatus
from station.ports.store import OutboxOutcome, Store
from station.ports.tasks import Cancel
from station.services.journal import Who
from station.services.registration import NO_ESI, RegistrationPolicy, person_payload, refreshed

Policies = Callable[[str], RegistrationPolicy]
AT_ONCE_MAX = 50_000
"""So many entries of the queue are looked at; what is beyond goes into the next file."""

_FACT = "csv-columns"
# The columns have changed before, but seldom: once a week is enough, and costs one question.
_FRESH = timedelta(days=7)
_SETTLED_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class FormRow:
    """One card of an import file: whose it is, what stands in which column, the entries of the queue behind it."""

    escn: str
    name: str
    values: dict[str, str]
    entries: tuple[OutboxEntry, ...]


@dataclass(frozen=True, slots=True)
class RowTrouble:
    """Why a card is not in a file: beside its holder, what is wrong with which column, or with the card."""

    escn: str
    name: str
    why: Message
    column: str = ""


@dataclass(frozen=True, slots=True)
class FormPart:
    """What goes into one file: one institution's, for one operation."""

    pic: str
    operation: CsvOperation
    rows: tuple[FormRow, ...]


@dataclass(frozen=True, slots=True)
class FormFile:
    """A file that can be imported. ``checked`` says that the router looked at it; else ``unchecked`` says why not."""

    part: FormPart
    data: bytes
    checked: bool
    unchecked: Message | None = None
    empty_columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Exported:
    """The files, and the cards that are in none of them; they stay in the queue."""

    files: tuple[FormFile, ...]
    left_out: tuple[RowTrouble, ...]


@dataclass(slots=True)
class Settled:
    """What asking the router showed: which cards it has as they were written, and which it has not, or otherwise."""

    registered: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)


class ImportForm:
    """Write the queue as import files. Blocks on the router; nothing here goes to it but questions."""

    def __init__(self, store: Store, router: Router, clock: Clock, who: Who, policies: Policies) -> None:
        self._store, self._router, self._clock, self._who, self._policies = store, router, clock, who, policies

    def export(self, columns: Sequence[str] = (), *, again: bool = False) -> Exported:
        """Return what waits as files, checked by the router where it can be asked; nothing is marked yet.

        ``columns`` are the router's, by hand. ``again``: also what left in a file before as it is now.

        Raises:
            InputError: nobody knows the columns, or nothing waits that has a place in the form.
        """
        parts, left_out = self._parts(again=again)
        if not parts and not left_out:
            raise InputError(_NOTHING, _NOTHING_TODO)
        files = []
        for part in parts:
            made, troubles = self._checked(part, tuple(columns) or self.columns(part.pic))
            left_out += troubles
            if made.part.rows:
                files.append(made)
        return Exported(tuple(files), tuple(left_out))

    def mark(self, files: Iterable[FormFile]) -> None:
        """Note that these files were written."""
        now, who = self._clock.now(), self._who
        self._store.queue_exports.mark(
            [
                Export(e.key, e.escn, ExportWay.FORM, file, content_of(e.payload), now, who.operator, who.station)
                for each in files
                # A list of one, for a name inside the comprehension: all rows of a file share its id.
                for file in [uuid.uuid4().hex]
                for row in each.part.rows
                for e in row.entries
            ]
        )

    def columns(self, pic: str = "") -> tuple[str, ...]:
        """Return the columns of the router's form: as it says now, else as it said last.

        Raises:
            InputError: it can't be asked, and never was.
        """
        try:
            found = self._router.csv_columns(pic=pic)
        except RouterError as error:
            kept = self._store.outbox.fact(_FACT)
            if kept is None:
                why = Message(error.what, error.params)
                raise InputError(_NO_COLUMNS, _NO_COLUMNS_TODO, why=why) from error
            return tuple(json.loads(kept)["columns"])
        if found:
            self._store.outbox.keep_fact(_FACT, json.dumps({"columns": found, "at": self._clock.now().isoformat()}))
        return found

    def remember(self) -> None:
        """Ask for the columns, for the days when nobody can, unless that was done lately; a refusal is no harm."""
        with suppress(StationError):
            kept, now = self._store.outbox.fact(_FACT), self._clock.now()
            # Also when it seems to lie ahead: the clock was wrong then, and would make them fresh for years.
            if kept is None or not timedelta(0) <= now - datetime.fromisoformat(json.loads(kept)["at"]) <= _FRESH:
                self.columns()

    def settle(self, cancel: Cancel) -> Settled:
        """Ask the router for each card that left in a file; those that it has are registered from now on.

        Raises:
            RouterError: it can't be asked; what was settled until then stays so.
        """
        settled = Settled()
        numbers = self._store.queue_exports.open_numbers(limit=AT_ONCE_MAX)
        by_number = self._unfinished(set(numbers))
        outcomes: list[OutboxOutcome] = []
        try:
            for escn in numbers:
                if cancel.is_set():
                    break
                found = self._settled(by_number.get(escn, []))
                (settled.registered if found else settled.open).append(escn)
                outcomes += found
                if len(outcomes) >= _SETTLED_AT_ONCE:
                    self._store.outbox.settle(outcomes)
                    outcomes = []
        finally:
            self._store.outbox.settle(outcomes)
        return settled

    # --- what goes into which file

    def _parts(self, *, again: bool) -> tuple[list[FormPart], list[RowTrouble]]:
        cards = self._unfinished(None)
        known = self._store.queue_exports.latest([e.key for entries in cards.values() for e in entries])
        rows: dict[tuple[str, CsvOperation], list[FormRow]] = {}
        left_out: list[RowTrouble] = []
        for escn, entries in cards.items():
            told = [self._as_the_records_say(entry) for entry in entries]
            operation = _operation(told)
            if operation is None or (not again and all(_left(entry, known) for entry in told)):
                continue
            row, trouble = self._row(escn, told)
            if trouble is not None:
                left_out.append(trouble)
            else:
                rows.setdefault((str(told[-1].payload.get("pic", "")), operation), []).append(row)
        return [FormPart(pic, operation, tuple(found)) for (pic, operation), found in rows.items()], left_out

    def _unfinished(self, wanted: set[str] | None) -> dict[str, list[OutboxEntry]]:
        """Return what is to be told of each card, in its order, where the form has a place for it."""
        found: dict[str, list[OutboxEntry]] = {}
        for entry in self._store.outbox.entries(limit=AT_ONCE_MAX):
            in_form = entry.lane == UPLOADS and entry.kind in _IN_FORM and entry.escn
            if in_form and (wanted is None or entry.escn in wanted):
                found.setdefault(entry.escn, []).append(entry)
        for entries in found.values():
            entries.sort(key=lambda entry: entry.sequence)
        return found

    def _as_the_records_say(self, entry: OutboxEntry) -> OutboxEntry:
        card = self._store.cards.get(entry.escn)
        holder = self._store.holders.get(card.holder_id) if card is not None else None
        if card is None or holder is None:
            return entry
        return refreshed(entry, card, holder, self._policies(card.institution))

    def _row(self, escn: str, entries: list[OutboxEntry]) -> tuple[FormRow, RowTrouble | None]:
        said: dict[str, object] = {}
        card = self._store.cards.get(escn)
        holder = self._store.holders.get(card.holder_id) if card is not None else None
        if card is not None and holder is not None:
            said.update(person_payload(holder, self._policies(card.institution)))
        for entry in entries:
            said.update(entry.payload)
        name = str(said.get("full_name") or escn)
        row = FormRow(escn, name, _values(escn, said), tuple(entries))
        final = next((entry for entry in entries if entry.final), None)
        if final is not None:
            return row, RowTrouble(escn, name, Message(final.last_answer, final.last_params))
        if not said.get("esi"):
            return row, RowTrouble(escn, name, Message(NO_ESI), "personIdentifier")
        return row, None

    # --- the file itself, and what the router says of it

    def _checked(self, part: FormPart, columns: Sequence[str]) -> tuple[FormFile, list[RowTrouble]]:
        """Return the file without the rows that would be refused, and those."""
        try:
            head, errors = self._asked(part, columns)
        except RouterError as error:
            why = Message(error.what, error.params)
            data = written(part, columns)
            return FormFile(part, data, checked=False, unchecked=why, empty_columns=_empty(columns)), []
        # Backwards, so that of several mistakes in a row the first one stays.
        wrong = {error.row - head: error for error in reversed(errors)}
        fault = _of_the_form(wrong, len(part.rows), columns)
        if fault is not None:
            raise InputError(_FORM, _FORM_TODO, field=fault.field or "-", reason=fault.message)
        good = replace(part, rows=tuple(row for n, row in enumerate(part.rows, 1) if n not in wrong))
        troubles = [
            RowTrouble(row.escn, row.name, Message(_REFUSED, {"reason": wrong[n].message}), wrong[n].field)
            for n, row in enumerate(part.rows, 1)
            if n in wrong
        ]
        data = written(good, columns, with_head=bool(head))
        return FormFile(good, data, checked=True, empty_columns=_empty(columns)), troubles

    def _asked(self, part: FormPart, columns: Sequence[str]) -> tuple[int, tuple[CsvRowError, ...]]:
        """Return what the router says: with a line of names first, else without, whichever it understands better."""
        errors = self._router.validate_csv(part.operation, written(part, columns), pic=part.pic)
        # The document doesn't say whether a line of names is wanted; what the router has against the first line tells.
        if not any(error.row <= 1 for error in errors):
            return 1, errors
        bare = self._router.validate_csv(part.operation, written(part, columns, with_head=False), pic=part.pic)
        return (0, bare) if len(bare) < len(errors) else (1, errors)

    def _settled(self, entries: list[OutboxEntry]) -> list[OutboxOutcome]:
        """Return what became of a card's entries, nothing while the router has it not, or otherwise."""
        now = self._clock.now()
        left = self._store.queue_exports.latest([entry.key for entry in entries])
        # What was corrected after it left is still to be told.
        told = [entry for entry in entries if _left(self._as_the_records_say(entry), left)]
        # The last word must have left: an earlier one that the router has says nothing of what is still to be told.
        if not told or told[-1] is not entries[-1]:
            return []
        last = told[-1]
        try:
            found: PublicCardStatus | None = self._router.card_status(last.escn)
        except RouterNotFoundError:
            found = None
        at = self._router.told_at()
        if last.kind is OutboxKind.DELETE_CARD:
            return [OutboxOutcome(succeeded(e, now, router_at=at)) for e in told] if found is None else []
        if found is None or not _agrees(found, last, now.date()):
            return []
        said: dict[str, object] = {"did": "imported"}
        return [
            OutboxOutcome(
                succeeded(entry, now, router_at=at, said=said),
                Registration.REGISTERED if entry.kind is OutboxKind.CARD else None,
            )
            for entry in told
        ]


def path_of(wanted: Path, file: FormFile, exported: Exported) -> Path:
    """Return where a file goes: what is to be created under the name that was asked for, the rest beside it."""
    name = wanted.stem
    if len({each.part.pic for each in exported.files}) > 1:
        name += f"-{file.part.pic}"
    if file.part.operation is not CsvOperation.CREATE:
        name += f"-{file.part.operation.value.lower()}"
    return wanted.with_name(name + (wanted.suffix or ".csv"))


def written(part: FormPart, columns: Sequence[str], *, with_head: bool = True) -> bytes:
    """Return an import file (RFC 4180, UTF-8): the router's columns in its order; what we know nothing of is empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    if with_head:
        writer.writerow(columns)
    for row in part.rows:
        writer.writerow([row.values.get(_MEANS.get(_plain(name), ""), "") for name in columns])
    return text.getvalue().encode()


def _of_the_form(wrong: dict[int, CsvRowError], rows: int, columns: Sequence[str]) -> CsvRowError | None:
    """Return what is said of the file and of no single row: then no file is better than a wrong one."""
    outside = next((error for row, error in wrong.items() if not 0 < row <= rows), None)
    same = {(error.field, error.message) for error in wrong.values()}
    if outside is None and len(wrong) == rows and len(same) == 1 and next(iter(same))[0] not in columns:
        return next(iter(wrong.values()))
    return outside


def _operation(entries: list[OutboxEntry]) -> CsvOperation | None:
    """Return what a card's row is for; ``None`` where a card that never left is to be forgotten, or only a person."""
    cards = [entry for entry in entries if entry.kind is OutboxKind.CARD]
    if entries[-1].kind is OutboxKind.DELETE_CARD:
        return None if cards else CsvOperation.DELETE
    if not cards:
        return None
    return CsvOperation.UPDATE if all(entry.payload.get("known") for entry in cards) else CsvOperation.CREATE


def _left(entry: OutboxEntry, known: dict[str, Export]) -> bool:
    mark = known.get(entry.key)
    return mark is not None and mark.way is ExportWay.FORM and mark.content == content_of(entry.payload)


def _agrees(found: PublicCardStatus, entry: OutboxEntry, today: date) -> bool:
    """Tell whether the router has a card as the entry told it."""
    expires_on = date.fromisoformat(str(entry.payload["expires_on"]))
    status = str(entry.payload["status"])
    # The router shows a card as expired past its last day, whatever it was told: that is agreement.
    if expires_on < today and status == RouterCardStatus.ACTIVE:
        status = RouterCardStatus.EXPIRED
    return (found.issuer_pic, found.status, found.expires_on) == (entry.payload["pic"], status, expires_on)


def _values(escn: str, said: dict[str, object]) -> dict[str, str]:
    def text(name: str) -> str:
        value = said.get(name)
        return "" if value is None else str(value)

    return {**{name: text(name) for name in _TOLD}, "escn": escn, "code": "ESI"}


def _plain(column: str) -> str:
    return "".join(sign for sign in column.casefold() if sign.isalnum())


def _empty(columns: Sequence[str]) -> tuple[str, ...]:
    """Return the columns that this station knows nothing of."""
    return tuple(name for name in columns if _plain(name) not in _MEANS)


_IN_FORM = frozenset({OutboxKind.PERSON, OutboxKind.CARD, OutboxKind.DELETE_CARD})
_TOLD = (
    "esi",
    "full_name",
    "email",
    "academic_level",
    "pic",
    "processor",
    "card_type",
    "status",
    "issued_on",
    "expires_on",
)
# The router's field names (its OpenAPI document, API v2) and what of a payload each means.
_MEANS = {
    "personidentifier": "esi",
    "identifier": "esi",
    "identifiercode": "code",
    "cardnumber": "escn",
    "fullname": "full_name",
    "email": "email",
    "academiclevel": "academic_level",
    "issueridentifier": "pic",
    "organisationidentifier": "pic",
    "processoridentifier": "processor",
    "cardstatustype": "status",
    "cardtype": "card_type",
    "displayname": "",
    "issuedat": "issued_on",
    "expiresat": "expires_on",
}

_NOTHING = N_("Nothing in the queue has a place in ESC-Router's import form.")
_NOTHING_TODO = N_("Pictures, and what left in a file before, are not written again; for the latter add --again.")
_NO_COLUMNS = N_("The columns of ESC-Router's import form are not known here, and it can't be asked: {why}")
_NO_COLUMNS_TODO = N_(
    "Ask it once when there is a network, or name the columns as its page for importing shows them: --columns A,B,C"
)
_FORM = N_("ESC-Router doesn't take the import file ({field}: {reason}).")
_FORM_TODO = N_("Nothing was written. Show this message to IT: the form may have changed.")
_REFUSED = N_("ESC-Router would refuse it: {reason}")
