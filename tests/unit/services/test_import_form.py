"""Tests for ``station.services.import_form``: files that the sandbox checks, and what asking it settles afterwards."""

from __future__ import annotations

import csv
import io
import itertools
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from station.domain.card import Card, Registration
from station.domain.errors import InputError, RouterUnreachableError
from station.domain.holder import Holder
from station.domain.outbox import OutboxEntry, OutboxState, failed
from station.domain.queue_export import ExportWay
from station.ports.router import CsvOperation, CsvRowError
from station.services.import_form import ImportForm, written
from station.services.journal import Who
from station.services.registration import (
    card_of,
    card_payload,
    person_of,
    person_payload,
    removal_for,
    update_for,
)
from tests.helpers.finished_cards import NOW, POLICY, a_card, a_portrait, a_student
from tests.helpers.http_server import Trick, scripted_server
from tests.helpers.router_bench import RouterBench
from tests.helpers.sandbox import PIC, RunningSandbox

_numbers = itertools.count(3000)


class Bench(RouterBench):
    """A desk with a queue, its form, and the sandbox."""

    @property
    def form(self) -> ImportForm:
        """Return the form as after a start of the program."""
        return ImportForm(self.desk.store, self.router, self.clock, Who("Ilze", "Desk 1"), lambda _: POLICY)

    def card(self, **changes: object) -> Card:
        """Finish a card for a new student."""
        return self.finish(next(_numbers), **changes)

    def unfinished(self) -> list[OutboxEntry]:
        """Return what is in the queue."""
        return list(self.desk.store.outbox.entries())

    def settle(self) -> tuple[list[str], list[str]]:
        """Ask the router; return the numbers that are registered now, and the others."""
        found = self.form.settle(threading.Event())
        return found.registered, found.open


@pytest.fixture
def bench(tmp_path: Path, sandbox: RunningSandbox) -> Iterator[Bench]:
    with scripted_server(sandbox.address) as server:
        made = Bench(tmp_path, server)
        yield made
        made.close()


def rows(data: bytes) -> list[dict[str, str]]:
    """Return the rows of a file with a line of names."""
    return list(csv.DictReader(io.StringIO(data.decode())))


def test_what_waits_is_written_in_the_routers_own_columns_and_would_be_taken(bench: Bench) -> None:
    card = bench.card()
    found = bench.form.export()
    (file,) = found.files
    assert found.left_out == ()
    assert (file.part.operation, file.checked, file.unchecked) == (CsvOperation.CREATE, True, None)
    assert file.empty_columns == ()
    (row,) = rows(file.data)
    assert list(row) == list(bench.router.csv_columns())
    student = bench.desk.store.holders.get(card.holder_id)
    assert student is not None
    assert row == {
        "personIdentifier": student.esi,
        "cardNumber": card.escn,
        "fullName": student.full_name,
        "email": student.email,
        "academicLevel": "MASTER",
        "issuerIdentifier": PIC,
        "processorIdentifier": "",
        "cardStatusType": "ACTIVE",
        "cardType": "SMART_CDZ",
        "displayName": "",
        "issuedAt": "2026-09-01",
        "expiresAt": "2030-08-31",
    }
    assert bench.router.validate_csv(CsvOperation.CREATE, file.data) == ()


def test_the_order_of_the_columns_is_the_routers_and_what_nobody_knows_stays_empty(bench: Bench) -> None:
    card = bench.card()
    (file,) = bench.form.export().files
    lines = written(file.part, ["expiresAt", "Shoe size", "card_number"]).decode().split("\r\n")
    assert lines == ["expiresAt,Shoe size,card_number", f"2030-08-31,,{card.escn}", ""]
    assert written(file.part, ["cardNumber"], with_head=False).decode() == f"{card.escn}\r\n"


def test_it_is_written_from_the_records_that_somebody_corrected_meanwhile(bench: Bench) -> None:
    number = next(_numbers)
    bench.finish(number)
    bench.desk.know(replace(a_student(number), family_name='Ozola, "Zane"\nKalna'))
    (file,) = bench.form.export().files
    assert rows(file.data)[0]["fullName"] == 'Žanete Ozola, "Zane"\nKalna'
    assert file.checked


def test_cards_without_an_identifier_are_in_no_file_and_named(bench: Bench) -> None:
    card = bench.card(esi=False)
    found = bench.form.export()
    assert found.files == ()
    (trouble,) = found.left_out
    assert (trouble.escn, trouble.column) == (card.escn, "personIdentifier")
    assert trouble.name.startswith("Žanete")
    assert "no European Student Identifier" in trouble.why.english()


def test_what_the_router_would_refuse_stands_beside_its_holder_and_is_in_no_file(bench: Bench) -> None:
    good = bench.card()
    student = a_student(next(_numbers))
    bench.desk.know(student)
    bad = replace(a_card(student), expires_on=date(2020, 1, 1))
    bench.desk.record(bad, student)
    last = bench.card()
    found = bench.form.export()
    (file,) = found.files
    assert [row["cardNumber"] for row in rows(file.data)] == [good.escn, last.escn]
    (trouble,) = found.left_out
    assert (trouble.escn, trouble.name, trouble.column) == (bad.escn, student.full_name, "expiresAt")
    assert "would refuse it" in trouble.why.english()
    assert bench.router.validate_csv(CsvOperation.CREATE, file.data) == ()


def test_new_cards_changed_ones_and_deleted_ones_go_into_files_of_their_own(bench: Bench) -> None:
    told, gone = bench.card(), bench.card()
    bench.work()
    new = bench.card()
    for card, entries in (
        (told, update_for(told, holder_of(bench, told), POLICY, NOW, 2)),
        (gone, removal_for(gone, holder_of(bench, gone), POLICY, NOW)),
    ):
        assert card.escn == entries[0].escn
        bench.desk.store.outbox.add(entries)
    files = {file.part.operation: rows(file.data) for file in bench.form.export().files}
    assert {operation: [row["cardNumber"] for row in found] for operation, found in files.items()} == {
        CsvOperation.CREATE: [new.escn],
        CsvOperation.UPDATE: [told.escn],
        CsvOperation.DELETE: [gone.escn],
    }
    assert files[CsvOperation.UPDATE][0]["fullName"] != ""


def test_a_card_that_was_never_told_and_is_to_be_forgotten_is_in_no_file(bench: Bench) -> None:
    card = bench.card()
    bench.desk.store.outbox.add(removal_for(card, holder_of(bench, card), POLICY, NOW))
    with pytest.raises(InputError, match="Nothing in the queue has a place"):
        bench.form.export()


def test_pictures_have_no_place_in_the_form(bench: Bench) -> None:
    student = a_student(next(_numbers))
    bench.desk.know(student)
    bench.desk.finish(student, replace(POLICY, send_picture=True), portrait=a_portrait(student))
    (file,) = bench.form.export().files
    assert [entry.kind.value for entry in file.part.rows[0].entries] == ["person", "card"]


# --- without a network


def test_without_a_network_the_columns_are_those_of_last_time_and_it_says_that_nobody_checked(bench: Bench) -> None:
    bench.card()
    bench.form.columns()
    bench.server.script.extend([*[Trick.CUT_BEFORE] * 4])
    (file,) = bench.form.export().files
    assert not file.checked
    assert file.unchecked is not None
    assert "can't be reached" in file.unchecked.english()
    assert next(iter(rows(file.data)[0])) == "personIdentifier"


def test_columns_that_were_never_known_are_not_guessed(bench: Bench) -> None:
    bench.card()
    bench.server.script.extend([*[Trick.CUT_BEFORE] * 2])
    with pytest.raises(InputError, match="columns of ESC-Router's import form are not known"):
        bench.form.export()
    bench.server.script.extend([*[Trick.CUT_BEFORE] * 2])
    (file,) = bench.form.export(["cardNumber", "email"]).files
    assert list(rows(file.data)[0]) == ["cardNumber", "email"]


def test_the_columns_are_remembered_while_there_is_a_network_and_asked_again_after_a_week(bench: Bench) -> None:
    bench.server.script.extend([Trick.CUT_BEFORE] * 2)
    bench.form.remember()  # in vain, and no harm
    bench.server.script.clear()
    bench.server.heard.clear()
    for hours, asked in ((0, 1), (1, 1), (24 * 7, 2)):
        bench.clock.pass_time(hours * 3600)
        bench.form.remember()
        assert len([heard for heard in bench.server.heard if heard.path.endswith("csv-config")]) == asked
    bench.server.script.extend([Trick.CUT_BEFORE] * 2)
    assert "cardNumber" in bench.form.columns()


def test_a_form_that_changed_is_not_written_as_it_was(bench: Bench) -> None:
    bench.card()
    with pytest.raises(InputError, match="doesn't take the import file"):
        bench.form.export(["cardNumber", "email"])


# --- marked, and settled by asking


def test_what_left_is_marked_and_not_registered(bench: Bench) -> None:
    card = bench.card()
    found = bench.form.export()
    bench.form.mark(found.files)
    marks = bench.desk.store.queue_exports.latest([entry.key for entry in bench.unfinished()])
    assert {mark.way for mark in marks.values()} == {ExportWay.FORM}
    assert len(marks) == 2
    assert bench.registration(card) is Registration.QUEUED
    with pytest.raises(InputError, match="Nothing in the queue"):
        bench.form.export()
    assert len(bench.form.export(again=True).files) == 1


def test_what_was_corrected_after_it_left_goes_into_the_next_file(bench: Bench) -> None:
    number = next(_numbers)
    bench.finish(number)
    bench.form.mark(bench.form.export().files)
    bench.desk.know(a_student(number, email="new@example.lv"))
    (file,) = bench.form.export().files
    assert rows(file.data)[0]["email"] == "new@example.lv"


def test_a_card_that_somebody_imported_is_registered_once_the_router_says_so(bench: Bench) -> None:
    card, other = bench.card(), bench.card()
    park(bench)
    bench.form.mark(bench.form.export().files)
    assert bench.settle() == ([], [card.escn, other.escn])
    imported(bench, card)
    assert bench.settle() == ([card.escn], [other.escn])
    assert (bench.registration(card), bench.registration(other)) == (Registration.REGISTERED, Registration.PARKED)
    assert {entry.escn for entry in bench.unfinished()} == {other.escn}
    assert bench.settle() == ([], [other.escn])


def test_a_card_that_the_router_has_otherwise_is_not_taken_as_registered(bench: Bench) -> None:
    card = bench.card()
    park(bench)
    bench.form.mark(bench.form.export().files)
    imported(bench, replace(card, expires_on=card.expires_on - timedelta(days=1)))
    assert bench.settle() == ([], [card.escn])
    assert bench.registration(card) is Registration.PARKED


def test_what_changed_after_it_left_is_still_to_be_told(bench: Bench) -> None:
    card = bench.card()
    bench.form.mark(bench.form.export().files)
    imported(bench, card)
    bench.desk.store.outbox.add(update_for(card, holder_of(bench, card), POLICY, NOW, 2))
    assert bench.settle() == ([], [card.escn])


def test_a_deletion_is_settled_when_nobody_knows_the_card_any_more(bench: Bench) -> None:
    card = bench.card()
    bench.work()
    bench.desk.store.outbox.add(removal_for(card, holder_of(bench, card), POLICY, NOW))
    bench.form.mark(bench.form.export().files)
    assert bench.settle() == ([], [card.escn])
    bench.router.delete_card(card.escn, pic=PIC)
    assert bench.settle() == ([card.escn], [])
    assert bench.unfinished() == []


def test_what_is_settled_before_the_cable_is_out_stays_settled(bench: Bench) -> None:
    first, second = bench.card(), bench.card()
    bench.form.mark(bench.form.export().files)
    for card in (first, second):
        imported(bench, card)
    bench.server.script.extend([Trick.FORWARD, *[Trick.CUT_BEFORE] * 2])
    with pytest.raises(RouterUnreachableError):
        bench.settle()
    assert bench.registration(first) is Registration.REGISTERED
    assert bench.settle() == ([second.escn], [])


def test_the_worker_finds_what_was_imported_and_tells_it_once(bench: Bench) -> None:
    card = bench.card()
    bench.form.mark(bench.form.export().files)
    imported(bench, card)
    bench.work()
    assert bench.registration(card) is Registration.REGISTERED
    assert bench.unfinished() == []


def test_a_router_that_counts_without_the_line_of_names_is_understood(bench: Bench) -> None:
    card = bench.card()

    class NoHead:
        """The sandbox, as if it took the first line for a card."""

        def __getattr__(self, name: str) -> object:
            return getattr(bench.router, name)

        def validate_csv(self, operation: CsvOperation, data: bytes, *, pic: str = "") -> tuple[CsvRowError, ...]:
            if data.startswith(b"personIdentifier"):
                return (CsvRowError(1, "cardNumber", "is no card number"),)
            return bench.router.validate_csv(operation, data, pic=pic)

    form = ImportForm(bench.desk.store, NoHead(), bench.clock, Who(), lambda _: POLICY)  # type: ignore[arg-type]
    (file,) = form.export().files
    assert file.data.decode().count("\r\n") == 1
    assert card.escn in file.data.decode()


def holder_of(bench: Bench, card: Card) -> Holder:
    """Return the holder of a card."""
    found = bench.desk.store.holders.get(card.holder_id)
    assert found is not None
    return found


def park(bench: Bench) -> None:
    """Have everything parked, as where the router's list has not this computer's address."""
    for entry in bench.unfinished():
        if entry.state is OutboxState.WAITING:
            bench.desk.store.outbox.update(failed(entry, "address", {}, None), Registration.PARKED)


def imported(bench: Bench, card: Card) -> None:
    """Do what somebody does who imports the file at the router."""
    holder = holder_of(bench, card)
    bench.router.put_person(person_of(person_payload(holder, POLICY)))
    bench.router.put_card(card_of(card_payload(card, holder, POLICY)))
