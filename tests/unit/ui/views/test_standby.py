"""What the window says while the database is away, and of what could not be merged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from station.domain.errors import StoreFullError
from station.ports.standby import StandbyState
from station.services.desk import Desk
from station.services.health import HealthState, standby_health
from station.services.registration import status_for
from station.ui.context import Ui
from station.ui.viewmodels.devices import DevicesModel
from station.ui.viewmodels.doubts import DoubtsModel
from station.ui.viewmodels.outbox import OutboxModel
from station.ui.viewmodels.stations import StationsModel
from station.ui.views.doubts import DoubtsView
from station.ui.views.merge_panel import MergePanel
from station.ui.views.queue import QueueView
from station.ui.views.stations import StationsView
from station.ui.views.status import StatusBar
from station.ui.widgets.buttons import ActionButton, QuietButton
from station.ui.widgets.labels import OneLine, Text
from station.ui.widgets.panel import Panel
from tests.helpers.enrolments import enrolment
from tests.helpers.scribe import NOON
from tests.helpers.standby import Desks, DeskScribe, ready_desks, settle, two_pieces
from tests.helpers.window import Bench


@pytest.fixture
def desks(tmp_path: Path) -> Iterator[Desks]:
    made = ready_desks(tmp_path / "desks", ("id-1", "id-2"))
    yield made
    made.close()


@pytest.fixture
def desk(bench: Bench, desks: Desks) -> Desk:
    store = desks.open["Desk 1"]
    return replace(bench.hands.desk, store=store, standby=store)


def words(widget: Text | QueueView | DoubtsView | MergePanel | StationsView) -> str:
    return " ".join(label.text() for label in widget.findChildren(Text))


def test_the_bottom_line_says_since_when_the_database_is_away(
    qtbot: QtBot, ui: Ui, bench: Bench, desk: Desk, desks: Desks
) -> None:
    devices = DevicesModel(desk, bench.tasks, bench.models.camera)
    bar = StatusBar(ui, devices, bench.models.reader)
    qtbot.addWidget(bar)
    bar.show()
    devices.ask()
    bench.until(lambda: devices.of("store"))
    assert not devices.offline
    assert not bar.lights["store"].isVisible(), "a database that answers is nobody's business"
    desks.cut()
    DeskScribe(desks, "Desk 1", holder_id="id-1", uid="04AA").hand_over()
    bench.until(lambda: not devices.asking)
    devices.ask()
    bench.until(bar.lights["store"].isVisible)
    assert devices.offline, "nobody is told of a card that is handed over now"
    since = desks.open["Desk 1"].state().alone_since
    assert since is not None
    time = since.astimezone().strftime("%H:%M")
    assert bar.lights["store"].accessibleName() == f"Database: away since {time}"
    assert bar.queue.accessibleName() == (
        f"The database is away since {time}; this desk goes on alone. Cards that wait to be merged: 1."
    )
    desks.mend()
    bench.until(lambda: not devices.asking)
    devices.ask()
    bench.until(lambda: not bar.lights["store"].isVisible())
    bench.until(lambda: not devices.asking)


def test_the_queue_says_that_nothing_is_known_of_it(
    qtbot: QtBot, ui: Ui, bench: Bench, desk: Desk, desks: Desks
) -> None:
    desks.cut()
    desks.open["Desk 1"].holders.count()
    model = OutboxModel(desk, bench.tasks)
    model.refresh()
    bench.until(lambda: model.hold)
    view = QueueView(ui, model)
    qtbot.addWidget(view)
    said = words(view)
    assert "Nothing waits to be merged yet" in said
    assert "ESC-Router knows every card" not in said
    assert "Go on as usual" in said


def test_nothing_can_be_sent_while_the_desk_is_alone(
    qtbot: QtBot, ui: Ui, bench: Bench, desk: Desk, desks: Desks
) -> None:
    model = OutboxModel(desk, bench.tasks)
    assert model.can_try
    desks.cut()
    DeskScribe(desks, "Desk 1", holder_id="id-1", uid="04AA").hand_over()
    store = desks.open["Desk 1"]
    store.outbox.add([status_for("e1", "9", NOON)])
    model.refresh()
    bench.until(lambda: model.lines and model.hold)
    view = QueueView(ui, model)
    qtbot.addWidget(view)
    assert not model.can_try
    assert "Sending now would change nothing" in words(view)
    button = view.findChild(ActionButton, "retryAll")
    assert isinstance(button, ActionButton)
    assert not button.isEnabled()


def test_the_stations_are_there_as_soon_as_the_database_is(
    qtbot: QtBot, ui: Ui, bench: Bench, desk: Desk, desks: Desks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("station.ui.viewmodels.stations.ASK_AGAIN_MS", 20)
    desks.cut()
    desks.open["Desk 1"].holders.count()
    coming = enrolment(desks.open["Desk 1"].enrolment, "Desk 1", desk.clock)
    model = StationsModel(replace(desk, enrolment=coming), bench.tasks)
    view = StationsView(ui, model)
    qtbot.addWidget(view)
    view.show()
    bench.until(lambda: model.error)
    assert not model.known
    made = view.findChild(Panel, "stationsError")
    asked: list[int] = []
    model._away.timeout.connect(lambda: asked.append(1))
    bench.until(lambda: len(asked) > 2)
    assert view.findChild(Panel, "stationsError") is made, "as long as it stays away nothing is drawn anew"
    desks.mend()
    bench.until(lambda: model.known)
    assert model.error is None
    assert "every station that reaches this database may work" in words(view)
    view.hide()


def test_what_could_not_be_merged_is_among_the_doubts(
    qtbot: QtBot, ui: Ui, bench: Bench, desk: Desk, desks: Desks
) -> None:
    here, _ = two_pieces(desks)
    model = DoubtsModel(desk, bench.tasks)
    view = DoubtsView(ui, model)
    qtbot.addWidget(view)
    model.refresh()
    bench.until(lambda: model.count == 1)
    (panel,) = view.findChildren(MergePanel)
    assert here.escn in panel.findChildren(OneLine)[0].text()
    assert "contradicts what the others recorded" in words(view)
    assert "The station stopped while" not in words(view), "no card of this desk was interrupted"
    assert "two cards with this number were handed over" in words(panel)
    assert "The holder has a card of this number." in words(panel)
    again, aside = panel.findChildren(QuietButton)
    assert aside.accessibleName() == "Let the others’ record of Jānis Bērziņš count"
    again.click()
    bench.until(lambda: model.count == 0)
    settle(desks.open["Desk 1"])
    model.refresh()
    bench.until(lambda: model.count == 1)
    (panel,) = view.findChildren(MergePanel)
    panel.findChildren(QuietButton)[1].click()
    bench.until(lambda: model.count == 0)
    assert desks.open["Desk 1"].doubts() == ()
    assert "No card is in doubt" in words(view)
    assert "contradicts" not in words(view)


@pytest.mark.parametrize(
    ("state", "health", "said"),
    [
        (StandbyState(), HealthState.OK, "connected"),
        (StandbyState(ready=False), HealthState.OFF, "being copied"),
        (StandbyState(NOON), HealthState.WARN, "Nothing waits to be merged yet"),
        (StandbyState(NOON, cards=3), HealthState.WARN, "merged: 3."),
        (StandbyState(cards=1, doubts=2), HealthState.BAD, "to be decided by a person: 2"),
        (StandbyState(trouble=StoreFullError(file="x")), HealthState.BAD, "disk"),
    ],
)
def test_the_database_is_told_in_plain_words(state: StandbyState, health: HealthState, said: str) -> None:
    told = standby_health(state)
    assert told.state is health
    assert said in told.message.english()
    assert (told.todo is not None) == (health in (HealthState.WARN, HealthState.BAD))
