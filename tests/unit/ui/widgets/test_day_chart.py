"""The chart of the day: its scales, and that what it paints is the day."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from station.services.router_day import RouterDay
from station.ui.widgets.day_chart import DayChart, hours_of, place_of_label, span_of, top_of
from tests.helpers.window import a_ui

MIDNIGHT = datetime(2026, 9, 1).astimezone()


def at(hours: float) -> datetime:
    return MIDNIGHT + timedelta(hours=hours)


ISSUED = tuple(at(8 + n / 10) for n in range(40))
BEHIND = RouterDay(MIDNIGHT, at(13), ISSUED, ISSUED[:10])


@pytest.mark.parametrize(
    ("count", "top"), [(0, 5), (3, 5), (5, 5), (6, 10), (40, 40), (41, 45), (120, 150), (701, 750)]
)
def test_the_scale_ends_with_a_round_number(count: int, top: int) -> None:
    assert top_of(count) == top


def test_the_hours_are_those_that_have_room() -> None:
    assert [hour.hour for hour in hours_of(at(8), at(13), 8)] == [8, 9, 10, 11, 12, 13]
    assert [hour.hour for hour in hours_of(at(7), at(17), 4)] == [9, 12, 15]
    assert hours_of(at(0), at(24), 0.1) == [at(0), at(12), at(24)]


def test_at_least_an_hour_is_shown() -> None:
    assert span_of(RouterDay(MIDNIGHT, at(8.1), (at(8.05),))) == (at(8), at(9))
    assert span_of(BEHIND) == (at(8), at(13))
    assert span_of(RouterDay(MIDNIGHT, at(2))) == (at(0), at(2))


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_what_is_registered_is_filled_and_an_empty_day_is_empty(qtbot: QtBot, mode: str) -> None:
    with a_ui(mode=mode) as ui:
        chart = DayChart(ui)
        qtbot.addWidget(chart)
        chart.resize(600, 140)

        def share(day: RouterDay | None) -> float:
            if day is not None:
                chart.show_day(day)
            image = chart.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
            fill = ui.theme.colour("accent_weak").rgb()
            dots = [image.pixel(x, y) == fill for x in range(0, 600, 5) for y in range(0, 140, 5)]
            return sum(dots) / len(dots)

        assert share(None) == 0
        little = share(BEHIND)
        assert 0.02 < little < share(RouterDay(MIDNIGHT, at(13), ISSUED, ISSUED))
        assert share(RouterDay(MIDNIGHT, at(13))) == 0


def test_a_label_is_about_its_hour_and_never_cut_off() -> None:
    assert place_of_label(100, 40, 20, 300) == 80
    assert place_of_label(20, 40, 20, 300) == 20, "not under the numbers beside"
    assert place_of_label(300, 40, 20, 300) == 260, "not over the edge"
