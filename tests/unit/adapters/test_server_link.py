"""A station's name in the server's list of sessions: written so that it fits, read so that it is the same again."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing

import pytest
from sqlalchemy import URL

from station.adapters.server_link import Dialler, read_name, written_name


@pytest.mark.parametrize(
    "name", ["Desk 3", "3. galds, Āgenskalns", "стіл № 3", "100 % & more", "Läse\\saal", "%41", ""]
)
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


def address(port: int) -> URL:
    return URL.create("postgresql+psycopg", "cards", host="127.0.0.1", port=port, database="station")


@pytest.fixture
def silent() -> Iterator[int]:
    """Give a port where somebody listens and says nothing, as a server behind a cable that was pulled."""
    with closing(socket.socket()) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield listening.getsockname()[1]


def test_nobody_who_is_not_there_is_dialled_at_every_question() -> None:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with closing(Dialler(address(port), "Desk 1")) as dialler:
        assert [dialler.connection() for _ in range(100)] == [None] * 100


def test_somebody_who_says_nothing_is_given_up(silent: int) -> None:
    with closing(Dialler(address(silent), "Desk 1")) as dialler:
        assert dialler.connection() is None, "the first time it is waited for"
        assert dialler.connection() is None
