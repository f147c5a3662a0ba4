"""What every store knows of entries that left the queue in a file."""

from __future__ import annotations

from dataclasses import replace

from station.adapters.store import SqlStore
from station.domain.outbox import succeeded
from station.domain.queue_export import Export, ExportWay, content_of
from tests.helpers.scribe import NOON, Scribe


def queued(store: SqlStore) -> list[Export]:
    """Hand a card over, and return a mark for each of its entries."""
    Scribe(store, uid="04AA", holder_id="id-1").hand_over()
    return [
        Export(e.key, e.escn, ExportWay.FORM, "file-1", content_of(e.payload), NOON, "Ilze", "Desk 1")
        for e in store.outbox.entries()
    ]


def test_what_left_in_a_file_is_marked_in_its_order(store: SqlStore) -> None:
    marks = queued(store)
    assert store.queue_exports.latest([mark.key for mark in marks]) == {}
    store.queue_exports.mark([])
    store.queue_exports.mark(marks)
    assert store.queue_exports.of_file("file-1") == tuple(marks)
    assert store.queue_exports.of_file("file-2") == ()
    assert store.queue_exports.latest([*(mark.key for mark in marks), "unknown"]) == {m.key: m for m in marks}


def test_of_several_files_the_last_one_is_told(store: SqlStore) -> None:
    marks = queued(store)
    store.queue_exports.mark(marks)
    later = replace(marks[0], way=ExportWay.STICK, file="file-2")
    store.queue_exports.mark([later])
    latest = store.queue_exports.latest([mark.key for mark in marks])
    assert latest[marks[0].key] == later
    assert latest[marks[1].key] == marks[1]


def test_numbers_that_left_in_the_form_are_open_until_the_router_knows_them(store: SqlStore) -> None:
    marks = queued(store)
    assert store.queue_exports.open_numbers() == ()
    store.queue_exports.mark(marks)
    assert store.queue_exports.open_numbers() == (marks[0].escn,)
    for entry in store.outbox.entries():
        store.outbox.update(succeeded(entry, NOON))
    assert store.queue_exports.open_numbers() == ()


def test_what_left_on_a_stick_is_not_asked_for(store: SqlStore) -> None:
    store.queue_exports.mark([replace(mark, way=ExportWay.STICK) for mark in queued(store)])
    assert store.queue_exports.open_numbers() == ()
