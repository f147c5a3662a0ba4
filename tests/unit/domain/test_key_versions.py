"""The line that tells a card's keys by name and version."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from station.domain.key_versions import read_key_versions, written_key_versions

NAMES = st.from_regex(r"[a-z0-9-]{1,20}", fullmatch=True)


def test_it_is_sorted_and_names_each_once() -> None:
    assert written_key_versions([("b", 2), ("a", 10), ("b", 2), ("a", 9)]) == "a/v9 a/v10 b/v2"
    assert written_key_versions([]) == ""


@given(st.sets(st.tuples(NAMES, st.integers(0, 255))))
def test_what_is_written_is_read_again(keys: set[tuple[str, int]]) -> None:
    assert set(read_key_versions(written_key_versions(keys))) == keys


@given(st.text(max_size=40))
def test_nothing_in_it_breaks_who_reads_it(text: str) -> None:
    for name, version in read_key_versions(text):
        assert name in text
        assert 0 <= version <= 999
