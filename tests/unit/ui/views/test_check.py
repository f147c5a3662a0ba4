"""The check of the data: its rows stay, whoever comes."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from station.ui.context import Ui
from station.ui.views.check import CheckView
from station.ui.widgets.labels import Text
from tests.helpers.window import Bench


def texts(view: CheckView) -> list[Text]:
    return [label for label in view.findChildren(Text) if label.isVisibleTo(view)]


def test_the_next_person_is_written_into_the_same_rows(qtbot: QtBot, ui: Ui, bench: Bench) -> None:
    view = CheckView(ui, bench.models.desk)
    qtbot.addWidget(view)
    view.prepare()
    made = set(view.findChildren(Text))
    bench.models.desk.serve(bench.hands.liga)
    first = [label.text() for label in texts(view)]
    assert bench.hands.liga.student_number in first
    bench.models.desk.serve(bench.hands.martins)
    second = [label.text() for label in texts(view)]
    assert bench.hands.martins.student_number in second
    assert bench.hands.liga.student_number not in second
    assert set(view.findChildren(Text)) == made, "nothing is made while a person waits"


def test_rows_that_a_person_does_not_need_are_hidden(qtbot: QtBot, ui: Ui, bench: Bench) -> None:
    view = CheckView(ui, bench.models.desk)
    qtbot.addWidget(view)
    view.prepare()
    bench.models.desk.serve(bench.hands.liga)
    assert all(label.text() for label in texts(view))
    assert len(texts(view)) < len(view.findChildren(Text)), "the row for an earlier card is there, and empty"
