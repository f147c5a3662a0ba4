"""Whether ESC-Router may be told of a holder, by the newest record that says so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from station.adapters.store import SqlStore, open_store
from station.ports.store import ConsentRecord
from station.services.consent import EXPORT, agrees
from tests.helpers.finished_cards import NOW

NO = ConsentRecord("id-1", "2026-1", "lv", EXPORT, NOW, withdrawn_at=NOW)
YES = replace(NO, withdrawn_at=None)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    store = open_store(tmp_path / "station.db")
    yield store
    store.close()


def later(record: ConsentRecord, minutes: int) -> ConsentRecord:
    return replace(record, at=NOW + timedelta(minutes=minutes))


def test_a_holder_is_told_of_until_they_say_no_and_again_when_they_change_their_mind(store: SqlStore) -> None:
    assert agrees(store, "id-1")
    store.consents.add(NO)
    assert not agrees(store, "id-1")
    store.consents.add(later(YES, 1))
    assert agrees(store, "id-1")
    store.consents.add(later(NO, 2))
    assert not agrees(store, "id-1")


def test_neither_another_holder_s_word_nor_one_about_something_else_counts(store: SqlStore) -> None:
    store.consents.add(replace(NO, holder_id="id-2"))
    store.consents.add(replace(NO, kind="picture"))
    assert agrees(store, "id-1")
    store.consents.add(NO)
    store.consents.add(later(replace(YES, kind="picture"), 1))
    assert not agrees(store, "id-1")
