"""Cards here and at a real sandbox compared in the window by keyboard: found, looked at ahead, queued, stopped."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from station.domain.card import Card
from station.domain.errors import RouterNotFoundError
from station.ports.router import CardChange, RouterPerson
from station.sandbox.faults import FaultDial
from station.services.reconcile import Finding, Group
from station.services.registration import RegistrationPolicy, card_of, card_payload
from station.ui.viewmodels.pages import Page
from station.ui.viewmodels.reconcile import Doing, ReconcileModel
from station.ui.viewmodels.reconcile_list import FindingList, Mark
from station.ui.views.reconcile import ReconcileView
from station.ui.widgets.buttons import QuietButton
from station.ui.widgets.finding_table import FindingTable
from tests.helpers.finished_cards import a_card, a_student
from tests.helpers.window import a_ui
from tests.helpers.window_online import OnlineOpening, a_sandbox, a_window_online

K = Qt.Key


@pytest.fixture
def online(qtbot: QtBot, tmp_path: Path) -> Iterator[OnlineOpening]:
    with a_sandbox(tmp_path / "sandbox") as address, a_window_online(qtbot, tmp_path / "desk", address) as made:
        yield made


def model_of(online: OnlineOpening) -> ReconcileModel:
    return online.opening.models.reconcile


def view_of(online: OnlineOpening) -> ReconcileView:
    view = online.opening.window.findChild(ReconcileView)
    assert isinstance(view, ReconcileView)
    return view


def words(online: OnlineOpening) -> str:
    return online.words(view_of(online))


def only_there(online: OnlineOpening, number: int) -> Card:
    """Have the router know a card as ours that was never handed over here."""
    desk, student = online.opening.hands.desk, a_student(number)
    pic = desk.settings.institution.pic
    desk.router.put_person(RouterPerson(student.esi or "", student.full_name, None, pic))
    card = a_card(student)
    desk.router.put_card(card_of(card_payload(card, student, RegistrationPolicy(pic))))
    return card


def compared(online: OnlineOpening) -> None:
    """Open the page, press Enter and wait for the end."""
    model = model_of(online)
    if online.opening.models.desk.page is not Page.RECONCILE:
        online.ctrl(K.Key_R)
        online.opening.until(lambda: online.opening.focus_name() == "reconcileGo")
    online.opening.press(K.Key_Return)
    online.opening.until(lambda: model.whole and not model.busy)


def dry_run(online: OnlineOpening) -> None:
    """Wait until what would be queued is shown, and keys are meant for it."""
    opening = online.opening
    opening.until(lambda: model_of(online).dry_run is not None and not model_of(online).busy)
    assert opening.hands.desk.store.outbox.summary().waiting == 0, "nothing is queued before somebody says so"
    opening.until(lambda: view_of(online).moments.over)


def queued(online: OnlineOpening) -> None:
    model = model_of(online)
    online.opening.until(lambda: model.dry_run is None and not model.busy)


def test_what_is_left_as_it_is_is_remembered_and_skipped(online: OnlineOpening) -> None:
    opening, desk, model = online.opening, online.opening.hands.desk, model_of(online)
    card, lost = online.handed_over(), online.handed_over(martins=True)
    desk.router.delete_card(card.escn)
    desk.router.delete_card(lost.escn)
    compared(online)
    keep = opening.widget("leaveAsItIs")
    assert isinstance(keep, QuietButton)
    opening.until(keep.isVisible)
    assert keep.text() == "Leave as it is: 1"
    keep.setFocus()
    opening.press(K.Key_Return)
    opening.until(lambda: not model.busy and "Left as they are: 1" in words(online))
    assert [line.mark for line in model.findings.lines(0, 1)].count(Mark.LEFT) == 1
    assert desk.store.outbox.summary().waiting == 0
    model.compare()
    opening.until(lambda: model.whole and not model.busy)
    assert "Cards that differ: 1, and left as they are: 1" in words(online)
    lines = model.findings.lines(0, 1)
    (left,) = [line for line in lines if line.mark is Mark.LEFT]
    assert left not in model.findings.undecided(Group.MISSING_THERE), "the whole group goes past it"
    model.look_ahead([left])
    opening.until(lambda: model.dry_run is not None)
    assert model.dry_run is not None
    assert model.dry_run.lines == (left,), "who thinks better of it can still settle it"
    model.leave_it()


def test_what_differs_is_shown_decided_and_told(online: OnlineOpening) -> None:
    opening, desk = online.opening, online.opening.hands.desk
    other_day, lost = online.handed_over(), online.handed_over(martins=True)
    desk.router.change_card(other_day.escn, CardChange(expires_on=date(2027, 1, 31)))
    desk.router.delete_card(lost.escn)
    compared(online)
    opening.until(lambda: opening.focus_name() == "findings")
    assert "Cards that differ: 2" in words(online)
    assert "last day: here 30 Jun 2028, there 31 Jan 2027" in words(online)
    opening.press(K.Key_Return, K.Key_Return)
    dry_run(online)
    assert "This would be queued for 1 card:" in words(online)
    assert "last day: 31 Jan 2027 → 30 Jun 2028" in words(online)
    opening.press(K.Key_Return)
    queued(online)
    assert desk.store.outbox.summary().waiting == 1
    opening.until(lambda: opening.focus_name() == "findings")
    opening.press(K.Key_Down)
    assert "not known at ESC-Router" in words(online)
    opening.press(K.Key_Return)
    opening.until(lambda: model_of(online).dry_run is not None)
    assert "1 × the person · 1 × the card" in words(online)
    opening.press(K.Key_Escape)
    assert model_of(online).dry_run is None
    assert opening.models.desk.page is Page.RECONCILE, "Esc left the dry run, not the page"
    online.send()
    assert desk.router.card_status(other_day.escn).expires_on == date(2028, 6, 30)


def test_a_whole_group_is_told_at_once(online: OnlineOpening) -> None:
    opening, desk = online.opening, online.opening.hands.desk
    cards = [online.handed_over(), online.handed_over(martins=True)]
    only_there(online, 300)
    for card in cards:
        desk.router.delete_card(card.escn)
    compared(online)
    assert not opening.widget("wholeGroup").isVisible(), "all together are no group"
    online.tab_to("group-missing_there")
    opening.press(K.Key_Return)
    online.tab_to("wholeGroup")
    opening.press(K.Key_Return)
    dry_run(online)
    assert "This would be queued for 2 cards:" in words(online)
    opening.press(K.Key_Return)
    queued(online)
    online.send()
    assert [desk.router.card_status(card.escn).status for card in cards] == ["ACTIVE", "ACTIVE"]
    marks = [line.mark for line in (model_of(online).findings.line(row) for row in range(2))]
    assert marks == [Mark.QUEUED, Mark.QUEUED]
    opening.until(lambda: opening.widget("reconcileGo").accessibleName() == "Compare again")


def test_what_is_only_there_is_deleted_one_by_one_and_not_by_accident(online: OnlineOpening) -> None:
    opening, desk = online.opening, online.opening.hands.desk
    strange = only_there(online, 301)
    compared(online)
    online.tab_to("group-missing_here")
    opening.press(K.Key_Return)
    assert not opening.widget("wholeGroup").isVisible(), "one by one only"
    opening.until(lambda: opening.focus_name() == "findings")
    opening.press(K.Key_Return)
    dry_run(online)
    opening.until(lambda: opening.focus_name() == "leaveIt")
    assert "is deleted there" in words(online)
    opening.press(K.Key_Return)
    assert model_of(online).dry_run is None
    opening.until(lambda: opening.focus_name() == "findings")
    opening.press(K.Key_Return)
    dry_run(online)
    online.tab_to("reconcileGo")
    opening.press(K.Key_Return)
    queued(online)
    online.send()
    with pytest.raises(RouterNotFoundError):
        desk.router.card_status(strange.escn)
    online.tab_to("reconcileGo")
    compared(online)
    assert "everything is the same" in words(online)


def test_nothing_is_done_about_another_institutions_card(online: OnlineOpening) -> None:
    opening, model = online.opening, model_of(online)
    online.handed_over()
    online.ctrl(K.Key_R)
    model.findings.put(
        [Finding(Group.ELSEWHERE, "8c1b1d10-a311-103f-8001-001999859608", "", issuer="Another University")]
    )
    model.changed.emit()
    opening.until(lambda: opening.focus_name() == "findings")
    assert "Ask that institution" in words(online)
    assert not opening.widget("reconcileGo").isEnabled()
    opening.press(K.Key_Return)
    assert not model.busy
    model.look_ahead([model.findings.line(0)])
    opening.until(lambda: model.dry_run is not None)
    assert "Nothing can be queued." in words(online)
    assert not opening.widget("reconcileGo").isEnabled()


def test_it_is_stopped_and_says_so(online: OnlineOpening, tmp_path: Path) -> None:
    opening, model = online.opening, model_of(online)
    online.handed_over()
    FaultDial(tmp_path / "sandbox" / "router-faults.json").set("router", "slow", 1.5)
    online.ctrl(K.Key_R)
    opening.until(lambda: opening.focus_name() == "reconcileGo")
    opening.press(K.Key_Return, K.Key_Return)
    assert model.doing is Doing.COMPARING, "the second one was meant for what had just begun"
    assert opening.widget("reconcileGo").accessibleName() == "Stop"
    opening.until(lambda: view_of(online).moments.over)
    assert model.busy
    opening.press(K.Key_Return)
    opening.until(lambda: not model.busy)
    assert "Stopped." in words(online)
    assert not model.whole


def test_without_a_network_it_says_what_is_wrong(qtbot: QtBot, tmp_path: Path) -> None:
    with a_window_online(qtbot, tmp_path / "desk", "http://127.0.0.1:9") as online:
        online.ctrl(K.Key_R)
        online.opening.until(lambda: online.opening.focus_name() == "reconcileGo")
        online.opening.press(K.Key_Return)
        online.opening.until(lambda: model_of(online).error is not None)
        assert "ESC-Router" in words(online)
        assert not model_of(online).whole


def test_fifty_thousand_lines_are_a_list_without_widgets(qtbot: QtBot) -> None:
    with a_ui() as ui:
        findings = FindingList()
        table = FindingTable(ui, findings, lambda line: (line.finding.name, line.finding.escn))
        qtbot.addWidget(table)
        table.resize(560, 400)
        table.show()
        before = len(table.findChildren(QWidget))
        groups = (Group.MISSING_THERE, Group.DIFFERS)
        for start in range(0, 50_000, 500):
            findings.put([Finding(groups[n % 2], f"number-{n}", f"Name {n}") for n in range(start, start + 500)])
        assert findings.rowCount() == 50_000
        table.begin()
        table.selectAll()
        assert len(table.chosen()) == 50_000
        findings.show_group(Group.DIFFERS)
        assert findings.rowCount() == findings.open[Group.DIFFERS] == 25_000
        findings.note((line, Mark.QUEUED) for line in findings.undecided(Group.DIFFERS)[:20])
        assert len(findings.undecided(Group.DIFFERS)) == 24_980
        assert table.current() is None, "what was chosen of another list is not chosen of this one"
        table.scrollToBottom()
        assert "number-49999" in str(findings.data(findings.index(24_999, 0)))
        assert len(table.findChildren(QWidget)) == before
