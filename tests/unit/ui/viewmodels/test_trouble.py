"""Trouble: each error says what is safe and has exactly one way to go on, in every language."""

from __future__ import annotations

import pytest

from station.domain import errors
from station.domain.errors import (
    CardAbsentError,
    CardRemovedError,
    ChipMismatchError,
    InputError,
    PrinterTroubleError,
    PrintJobLostError,
    StationError,
)
from station.i18n import Translator
from station.ports.printer import PrinterReason
from station.ui.viewmodels.stages import ENTER, Stage, Todo
from station.ui.viewmodels.trouble import Trouble, trouble_for

ALL = [cls for cls in vars(errors).values() if isinstance(cls, type) and issubclass(cls, StationError)]


def said(trouble: Trouble, language: str) -> list[str]:
    tr = Translator(language)
    messages = [trouble.title, trouble.safe, trouble.short, *trouble.steps, *(o.label for o in trouble.offers)]
    return [tr.message(message) for message in messages]


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("stage", [Stage.CHECK, Stage.CROP, Stage.ENCODE, Stage.PRINT, Stage.VERIFY, Stage.HAND_OVER])
def test_every_error_has_one_main_way_on(kind: type[StationError], stage: Stage) -> None:
    trouble = trouble_for(kind(device="X", file="f", value="v", name="n", detail="d"), stage)
    primary = [offer for offer in trouble.offers if offer.primary]
    assert len(primary) == 1
    assert primary[0].key == ENTER
    assert all(said(trouble, "lv"))
    assert not any("{" in text for text in said(trouble, "en"))


@pytest.mark.parametrize("reason", list(PrinterReason))
def test_what_a_printer_needs_is_told_in_steps(reason: PrinterReason) -> None:
    trouble = trouble_for(PrinterTroubleError(reason=reason.value, device="P"), Stage.PRINT)
    assert trouble.steps
    assert trouble.offers[0].todo is Todo.RETRY
    stuck = reason is PrinterReason.MEDIA_JAM
    assert ("not spoiled" in said(trouble, "en")[1]) is not stuck, "nobody knows how a stuck card looks"


def test_a_stuck_card_is_looked_at_before_anything_is_said_of_it() -> None:
    trouble = trouble_for(PrinterTroubleError(reason="media-jam", device="P"), Stage.PRINT)
    words = " ".join(said(trouble, "en"))
    assert "photo are kept" in words
    assert "clean" in words
    assert "scratched" in words
    named = [text for text in said(trouble, "lv") if "„" in text]
    buttons = {Translator("lv").message(offer.label) for offer in trouble.offers}
    assert [text.split("„")[1].split("”")[0] in buttons for text in named] == [True, True]


def test_a_lost_job_is_a_question_and_prints_nothing() -> None:
    trouble = trouble_for(PrintJobLostError(), Stage.PRINT)
    assert [offer.todo for offer in trouble.offers] == [Todo.CAME_OUT, Todo.NOTHING_CAME_OUT, Todo.SPOIL]


def test_waiting_for_a_card_is_calm() -> None:
    assert trouble_for(CardAbsentError(device="R"), Stage.ENCODE).calm
    assert not trouble_for(CardRemovedError(device="R"), Stage.ENCODE).calm


def test_a_number_on_the_chip_binds_the_card() -> None:
    error = CardRemovedError(device="R")
    error.written = True
    trouble = trouble_for(error, Stage.ENCODE)
    assert "only this card" in said(trouble, "en")[1]
    assert Todo.SPOIL in [offer.todo for offer in trouble.offers]
    assert Todo.STOP not in [offer.todo for offer in trouble.offers]


def test_a_wrong_card_is_not_handed_over() -> None:
    trouble = trouble_for(ChipMismatchError(detail="the chip belongs to another card"), Stage.VERIFY)
    assert "hand" in said(trouble, "en")[1]
    assert Todo.SPOIL in [offer.todo for offer in trouble.offers]


def test_data_that_cannot_be_right_are_left() -> None:
    trouble = trouble_for(InputError(detail="x"), Stage.CHECK)
    assert [offer.todo for offer in trouble.offers] == [Todo.LATER]


def test_an_error_of_python_is_told_without_its_text() -> None:
    trouble = trouble_for(ValueError("secret path"), Stage.CHECK)
    assert "secret" not in " ".join(said(trouble, "en"))
