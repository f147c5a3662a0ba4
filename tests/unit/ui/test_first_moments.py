"""The first moments of a page: they begin anew with each page, and end."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from station.ui.first_moments import FirstMoments


def test_they_begin_with_what_is_new_and_end_by_themselves(qtbot: QtBot) -> None:
    moments = FirstMoments(length_ms=40)
    moments.look("one page")
    assert not moments.over
    qtbot.waitUntil(lambda: moments.over)
    moments.look("one page")
    assert moments.over, "the same page is no news"
    moments.look("another page")
    assert not moments.over
