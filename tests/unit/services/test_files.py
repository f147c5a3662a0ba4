"""Tests for ``station.services.files``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from station.domain.errors import InputError
from station.services.files import free_name, read_file, write_new, write_over


def test_a_new_file_goes_over_nothing_and_another_does_when_that_was_said(tmp_path: Path) -> None:
    file = tmp_path / "a"
    write_new(file, b"one")
    with pytest.raises(InputError, match="can't be written"):
        write_new(file, b"two")
    assert read_file(file) == b"one"
    write_over(file, b"two")
    assert (read_file(file), read_file(file, 1)) == (b"two", b"t")


def test_what_can_t_be_done_is_told_with_the_name(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="can't be written"):
        write_new(tmp_path / "no" / "a", b"")
    with pytest.raises(InputError, match="can't be written"):
        write_over(tmp_path, b"")
    with pytest.raises(InputError, match="missing can't be read"):
        read_file(tmp_path / "missing")


@pytest.mark.parametrize("write", [write_new, write_over])
def test_of_a_stick_that_is_full_nothing_is_left(tmp_path: Path, write: Callable[[Path, bytes], None]) -> None:
    resource = pytest.importorskip("resource", reason="this system has no limit for the size of a file")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
    try:
        with pytest.raises(InputError, match="can't be written"):
            write(tmp_path / "queue", bytes(10_000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert list(tmp_path.iterdir()) == []
    write(tmp_path / "queue", b"whole")


def test_a_free_name_is_one_that_no_file_has(tmp_path: Path) -> None:
    for name in ("q.answer", "q.answer2", "q.answer3"):
        place = free_name(tmp_path / "q", ".answer")
        assert place.name == name
        place.touch()
