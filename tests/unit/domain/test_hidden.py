"""Bytes that must not be seen work as bytes, and are not seen."""

from __future__ import annotations

from dataclasses import dataclass

from station.domain.hidden import Hidden

KEY = b"of nobody's concern"


def test_they_are_bytes_in_every_other_way() -> None:
    hidden = Hidden(KEY)
    assert hidden == KEY
    assert hash(hidden) == hash(KEY)
    assert hidden.hex() == KEY.hex()
    assert {hidden: 1}[KEY] == 1
    assert hidden + b"!" == KEY + b"!"


def test_wherever_they_are_shown_only_their_number_is() -> None:
    @dataclass(frozen=True)
    class Holder:
        key: bytes

    hidden = Hidden(KEY)
    for shown in (
        repr(hidden),
        str(hidden),
        f"{hidden}",
        f"{hidden!r:>40}",
        repr(Holder(hidden)),
        repr([hidden]),
    ):
        assert "19 bytes" in shown
        assert "nobody" not in shown
