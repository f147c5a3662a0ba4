"""The stock at work: what the journal counts and what people write down come to one balance."""

from __future__ import annotations

from pathlib import Path

import pytest

from station.domain.errors import InputError
from station.domain.stock import Pile, SerialRange, StockAct, boxes
from station.domain.workflow import Cause
from station.services.stock import StockService, StockWish
from tests.helpers.desks import open_test_desk


def test_nobody_keeps_a_stock_until_a_box_came(tmp_path: Path) -> None:
    with open_test_desk(tmp_path) as hands:
        report = StockService(hands.desk.journal).report()
    assert not report.kept
    assert report.lasts_to is None


def test_the_journal_and_the_ledger_come_to_one_balance(tmp_path: Path) -> None:
    with open_test_desk(tmp_path) as hands:
        desk = hands.desk
        service = StockService(desk.journal)
        service.add(StockAct.RECEIVED, 10, serials=SerialRange("A-01", "A-10"), note="Box 1")
        desk.issuances.hand_over(hands.verified(hands.liga).id)
        desk.issuances.spoil(hands.printed(hands.martins).id, Cause.MISPRINT)
        report = service.add(StockAct.TEST, 1, serials=SerialRange("A-03", "A-03"))
        stands = report.balance
        assert (stands.received, stands.issued, stands.spoiled, stands.test, stands.on_hand) == (10, 1, 1, 1, 7)
        assert stands.adds_up
        after = service.add(StockAct.DESTROYED, 1, pile=Pile.SPOILED)
        assert (after.balance.spoiled, after.balance.destroyed, after.balance.on_hand) == (0, 1, 7)
        with pytest.raises(InputError, match="There are 7 of them, not 8"):
            service.add(StockAct.DESTROYED, 8)
        assert [e.act for e in service.report().ledger] == [StockAct.RECEIVED, StockAct.TEST, StockAct.DESTROYED]
        assert {e.station for e in after.ledger} == {desk.settings.station.name}
        assert after.lasts_to is not None


def test_a_card_in_work_lies_no_longer_in_the_box(tmp_path: Path) -> None:
    with open_test_desk(tmp_path) as hands:
        service = StockService(hands.desk.journal)
        service.add(StockAct.RECEIVED, 2)
        hands.encoded(hands.liga)
        stands = service.report().balance
        assert (stands.in_work, stands.on_hand, stands.adds_up) == (1, 1, True)


def test_cards_made_before_the_stock_was_begun_are_none_of_it(tmp_path: Path) -> None:
    with open_test_desk(tmp_path) as hands:
        desk = hands.desk
        desk.issuances.hand_over(hands.verified(hands.liga).id)
        report = StockService(desk.journal).add(StockAct.RECEIVED, 5)
        assert (report.balance.issued, report.balance.on_hand) == (0, 5)


def test_what_a_person_typed_is_written_or_refused_with_the_field(tmp_path: Path) -> None:
    with open_test_desk(tmp_path) as hands:
        service = StockService(hands.desk.journal)
        service.write(StockWish(StockAct.RECEIVED, first=" A-01 ", last="A-10", note=" box "))
        after = service.write(StockWish(StockAct.TEST, "2"))
        assert (after.balance.received, after.balance.test, after.ledger[0].note) == (10, 2, "box")
        refused = {
            StockWish(StockAct.RECEIVED): ("number", "not said how many"),
            StockWish(StockAct.RECEIVED, "ten"): ("number", "not a whole number"),
            StockWish(StockAct.RECEIVED, "-3"): ("number", "not a whole number"),
            StockWish(StockAct.RECEIVED, first="B-1"): ("last", "Only one"),
            StockWish(StockAct.RECEIVED, last="B-1"): ("first", "Only one"),
        }
        for wish, (field, words) in refused.items():
            with pytest.raises(InputError, match=words) as error:
                service.write(wish)
            assert error.value.params["field"] == field
        with pytest.raises(InputError, match="agree"):
            service.write(StockWish(StockAct.TEST, "5", "A-04", "A-05"))
        assert service.write(StockWish(StockAct.COUNTED, "7", "A-01", "")).balance.missing == 1
        assert len(service.report().ledger) == 3


def test_how_many_days_they_last(tmp_path: Path) -> None:
    with open_test_desk(tmp_path) as hands:
        service = StockService(hands.desk.journal)
        assert service.report().days_left is None
        service.add(StockAct.RECEIVED, 10)
        hands.desk.issuances.hand_over(hands.verified(hands.liga).id)
        report = service.report()
        assert (report.a_day, report.days_left) == (1.0, 9)


def test_a_number_that_was_read_from_a_card_adds_up_with_its_box(tmp_path: Path) -> None:
    with open_test_desk(tmp_path) as hands:
        desk, service = hands.desk, StockService(hands.desk.journal)
        service.add(StockAct.RECEIVED, 10, serials=SerialRange("A-01", "A-10"))
        liga, martins = hands.verified(hands.liga), hands.printed(hands.martins)
        desk.issuances.hand_over(liga.id)
        assert service.report().expected_next == "A-03", "two were taken, in order as far as anybody knows"
        report = service.read(liga.id, " A-07 ")
        assert report.numbered == ("A-07",)
        assert report.expected_next == "A-02", "one of the two was not where it should have been"
        (box,) = boxes(report.ledger, report.numbered)
        assert (box.issued, report.balance.adds_up) == (1, True)
        with pytest.raises(InputError, match="Another card has the serial number A-07"):
            service.read(martins.id, "A-07")
        with pytest.raises(InputError, match="A-07 was made into a card"):
            service.add(StockAct.SPOILED, 3, serials=SerialRange("A-06", "A-08"))
        service.add(StockAct.TEST, 1, serials=SerialRange("A-02", "A-02"))
        with pytest.raises(InputError, match="were written down before"):
            service.read(martins.id, "A-02")
        with pytest.raises(InputError, match="No box with the numbers B-01"):
            service.read(martins.id, "B-01")
        assert [blank.serial_number for blank in desk.store.cards.blanks() if blank.issuance_id == liga.id] == ["A-07"]


def test_a_card_that_somebody_has_was_not_destroyed(tmp_path: Path) -> None:
    with open_test_desk(tmp_path) as hands:
        service = StockService(hands.desk.journal)
        service.add(StockAct.RECEIVED, 10, serials=SerialRange("A-01", "A-10"))
        service.add(StockAct.SPOILED, 1)
        liga = hands.verified(hands.liga)
        hands.desk.issuances.hand_over(liga.id)
        service.read(liga.id, "A-01")
        with pytest.raises(InputError, match="A-01 was made into a card"):
            service.add(StockAct.DESTROYED, 1, serials=SerialRange("A-01", "A-01"), pile=Pile.SPOILED)
        service.add(StockAct.DESTROYED, 1, serials=SerialRange("A-02", "A-02"), pile=Pile.SPOILED)


def test_a_card_that_took_no_blank_has_no_number(tmp_path: Path) -> None:
    with open_test_desk(tmp_path) as hands, pytest.raises(InputError, match="No blank was taken"):
        StockService(hands.desk.journal).read(hands.portrayed(hands.liga).id, "A-01")
