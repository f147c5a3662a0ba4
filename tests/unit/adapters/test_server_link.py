"""A station's name in the server's list of sessions: written so that it fits, read so that it is the same again."""

from __future__ import annotations

import pytest

from station.adapters.server_link import read_name, written_name


@pytest.mark.parametrize("name", ["Desk 3", "3. galds, Āgenskalns", "стіл № 3", "100 % & more", "Läse\\saal", "%41", ""])
def test_a_name_comes_back_as_it_was(name: str) -> None:
    written = written_name(name)
    assert written.isascii()
    assert written.isprintable() or not written
    assert read_name(written) == name


@pytest.mark.parametrize("length", range(1, 40))
def test_of_a_name_that_is_too_long_the_beginning_is_read_without_half_a_letter(length: int) -> None:
    name = "x" * length + "ā" * 40
    written = written_name(name)
    assert len(written) <= 63
    read = read_name(written)
    assert name.startswith(read)
    assert len(read) >= length
    assert "\N{REPLACEMENT CHARACTER}" not in read
