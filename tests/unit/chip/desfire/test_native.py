"""One native command as a value."""

from __future__ import annotations

from station.chip.desfire.native import Native


def test_a_command_never_shows_what_it_carries() -> None:
    assert repr(Native(0xC4, b"\x00", b"secret")) == "Native(C4, 7 bytes)"


def test_a_command_reads_where_its_answer_has_data() -> None:
    assert [Native(0xBD, length=length).reads for length in (0, 1, None)] == [False, True, True]
