"""The words people are found by, and the index in memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from station.adapters.store import FieldCipher, SqlStore, open_store
from station.adapters.store.search import CANDIDATES, search_words, sort_key, words_of
from station.domain.holder import Holder, folded
from tests.helpers.scribe import holder, keep, row
from tests.helpers.stores import names

letters = st.text(st.characters(codec="utf-8", categories=("L", "N", "Mn", "P", "Zs")), max_size=20)


@given(letters)
def test_words_are_letters_and_digits_and_fold_to_themselves(text: str) -> None:
    for word in words_of(text):
        assert word.isalnum()
        assert words_of(word) == [word]
        assert folded(word) == word


def test_a_holder_is_found_by_names_number_and_address_each_word_once() -> None:
    given_ = holder("051REB123", "Anna Marija", "Bērziņa-Šķēle", email="anna.berzina@rtu.lv")
    assert search_words(given_) == ["berzina", "skele", "anna", "marija", "051reb123", "rtu", "lv"]
    assert sort_key(given_) == "berzina-skele anna marija"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    opened = open_store(tmp_path / "store.db")
    yield opened
    opened.close()


def test_of_many_people_the_best_come_first_all_the_same(store: SqlStore) -> None:
    many = [row(f"{n:05d}", "Anna", f"Ozola{n:05d}") for n in range(CANDIDATES + 300)]
    keep(store, row("z", "Anna", "Aboliņa"), *many, row("y", "Zane", "Annasone"), row("Anna", "Zane", "Zvirbule"))
    assert names(store, "anna")[:2] == ["Zane Zvirbule", "Zane Annasone"]
    assert names(store, "anna")[2:4] == ["Anna Aboliņa", "Anna Ozola00000"]
    assert len(store.holders.search("anna", limit=5000)) == len(many) + 3


def test_words_of_an_encrypted_store_are_nowhere_on_the_disk(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store.db", cipher=FieldCipher(bytes(32)))
    keep(store, row("051REB123", "Jānis", "Bērziņš", id="h1"))
    assert names(store, "berz") == ["Jānis Bērziņš"]
    store.close()
    kept = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    for trace in ("Bērziņš", "berzins", "051REB123", "051reb123", "janis"):
        assert trace.encode() not in kept


def test_the_index_in_memory_sees_what_another_thread_imported(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store.db", cipher=FieldCipher(bytes(32)))
    try:
        assert names(store, "berz") == []
        keep(store, row("1", "Jānis", "Bērziņš"))
        assert names(store, "berz") == ["Jānis Bērziņš"]
        keep(store, row("1", "Jānis", "Kalniņš"))
        assert (names(store, "berz"), names(store, "kaln")) == ([], ["Jānis Kalniņš"])
    finally:
        store.close()


def found_by_definition(people: list[Holder], text: str) -> set[str]:
    """Return whom a search must find: each word typed begins a word of theirs."""
    return {p.id for p in people if all(any(w.startswith(t) for w in search_words(p)) for t in words_of(text))}


@settings(max_examples=30)
@given(
    people=st.lists(st.tuples(letters, letters), min_size=1, max_size=6),
    data=st.data(),
)
def test_search_finds_exactly_whom_it_should(
    tmp_path_factory: pytest.TempPathFactory, people: list[tuple[str, str]], data: st.DataObject
) -> None:
    known = [holder(f"N{n}", given_, family) for n, (given_, family) in enumerate(people)]
    person = data.draw(st.sampled_from(known))
    some = data.draw(st.sampled_from([person.given_names, person.family_name, person.full_name, "n0", "lv"]))
    typed = some[: data.draw(st.integers(0, len(some)))]
    for cipher in (None, FieldCipher(bytes(32))):
        store = open_store(tmp_path_factory.mktemp("s") / "store.db", cipher=cipher)
        try:
            keep(store, *(row(p.student_number, p.given_names, p.family_name) for p in known))
            assert {p.id for p in store.holders.search(typed)} == found_by_definition(known, typed)
        finally:
            store.close()
