"""The cards in doubt: what each needs, and where its button leads."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from station.domain.aftercare import EraseBegun
from station.domain.card import CardState
from station.domain.workflow import Act, Doubted, EncodeBegun
from station.ui.context import Ui
from station.ui.views.doubts import DoubtsView
from station.ui.widgets.buttons import QuietButton
from station.ui.widgets.labels import Text
from tests.helpers.window import Bench


def settle_button(view: DoubtsView) -> QuietButton:
    (button,) = [each for each in view.findChildren(QuietButton) if each.accessibleName().startswith("Settle the card")]
    return button


def words(view: DoubtsView) -> str:
    return " ".join(label.text() for label in view.findChildren(Text))


def test_a_card_that_was_being_erased_is_finished_by_its_button(qtbot: QtBot, ui: Ui, bench: Bench) -> None:
    desk = bench.hands.desk
    card = desk.issuances.hand_over(bench.hands.verified().id)
    begun = desk.journal.step(desk.journal.issuance(card.issuance_id), EraseBegun(card.uid or "", "deuinfo"))
    desk.journal.step(begun, Doubted(Act.ERASE))
    view = DoubtsView(ui, bench.models.doubts)
    qtbot.addWidget(view)
    bench.models.doubts.refresh()
    bench.until(lambda: len(bench.models.doubts.lines) == 1)
    assert "The card was being erased" in words(view)
    with qtbot.waitSignal(bench.models.doubts.finished), qtbot.assertNotEmitted(view.serve):
        settle_button(view).click()
    bench.until(lambda: bench.models.doubts.lines == ())
    assert "No card is in doubt" in words(view)
    after = desk.store.cards.get(card.escn)
    assert after is not None
    assert after.state is CardState.RETURNED


def test_a_card_that_was_being_written_goes_on_at_its_holders_page(qtbot: QtBot, ui: Ui, bench: Bench) -> None:
    journal = bench.hands.desk.journal
    begun = journal.step(bench.hands.portrayed(), EncodeBegun(bench.hands.tray.put_blank(), "R"))
    journal.step(begun, Doubted(Act.ENCODE))
    view = DoubtsView(ui, bench.models.doubts)
    qtbot.addWidget(view)
    bench.models.doubts.refresh()
    bench.until(lambda: len(bench.models.doubts.lines) == 1)
    with qtbot.waitSignal(view.serve) as served:
        settle_button(view).click()
    assert served.args == [bench.hands.liga]
