"""Trouble: each error says what is safe and has exactly one way to go on, in every language."""

from __future__ import annotations

import pytest

from station.domain import errors
from station.domain.errors import (
    CardAbsentError,
    CardRemovedError,
    ChipError,
    ChipMismatchError,
    InputError,
    PrinterBusyError,
    PrinterMissingError,
    PrinterTroubleError,
    PrinterUnfitError,
    PrintJobLostError,
    StationError,
)
from station.i18n import Translator
from station.ports.printer import PrinterReason
from station.resources import asset
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
    # What nobody has seen has no main answer: a person would press Enter and be believed.
    assert len(primary) == (0 if kind is PrintJobLostError else 1)
    assert all(offer.key == ENTER for offer in primary)
    assert [offer for offer in trouble.offers if offer.key == ENTER] == primary
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
    said_of_it = [Todo.CAME_OUT, Todo.NOTHING_CAME_OUT, Todo.CAME_OUT_BLANK, Todo.SPOIL]
    assert [offer.todo for offer in trouble.offers] == said_of_it
    assert trouble.picture == "look"


@pytest.mark.parametrize("reason", list(PrinterReason))
def test_what_is_to_be_done_is_drawn(reason: PrinterReason) -> None:
    trouble = trouble_for(PrinterTroubleError(reason=reason.value, device="P"), Stage.PRINT)
    assert asset("icons", "trouble", f"{trouble.picture}.svg").is_file()


@pytest.mark.parametrize(
    ("error", "picture"),
    [
        (PrinterMissingError(device="P"), "power"),
        (PrinterMissingError(device="P", reason="driver-missing"), "driver"),
        (PrinterBusyError(device="P"), "busy"),
        (PrinterUnfitError(device="P"), "other-printer"),
        (ChipError(n=2), "bin"),
        (ChipError(), ""),
    ],
)
def test_other_troubles_with_the_printer_are_drawn_too(error: StationError, picture: str) -> None:
    assert trouble_for(error, Stage.ENCODE).picture == picture


def test_before_anything_is_on_the_blank_it_can_be_left() -> None:
    trouble = trouble_for(PrinterTroubleError(reason="media-jam", device="P"), Stage.ENCODE)
    assert [offer.todo for offer in trouble.offers] == [Todo.RETRY, Todo.BLANK_SPOILED, Todo.STOP]
    assert "Nothing was written" in said(trouble, "en")[1]
    assert "scratched" not in " ".join(said(trouble, "en"))
    empty = trouble_for(PrinterTroubleError(reason="media-empty", device="P"), Stage.ENCODE)
    assert "this student's card" not in " ".join(said(empty, "en"))
    assert [offer.todo for offer in empty.offers] == [Todo.RETRY, Todo.STOP], "no blank was taken"


def test_a_written_card_on_its_way_to_the_encoder_is_no_blank() -> None:
    error = PrinterTroubleError(reason="media-jam", device="P")
    error.written = True
    trouble = trouble_for(error, Stage.ENCODE, job_waits=False)
    assert [offer.todo for offer in trouble.offers] == [Todo.RETRY, Todo.SPOIL, Todo.LATER]


def test_a_written_card_that_no_job_waits_for_is_not_taken_back() -> None:
    trouble = trouble_for(PrinterTroubleError(reason="media-jam", device="P"), Stage.PRINT, job_waits=False)
    assert [offer.todo for offer in trouble.offers] == [Todo.RETRY, Todo.SPOIL, Todo.LATER]


@pytest.mark.parametrize("job_waits", [True, False])
def test_a_card_without_a_chip_is_made_of_any_blank(job_waits: bool) -> None:
    error = PrinterTroubleError(reason="media-empty", device="P")
    words = " ".join(said(trouble_for(error, Stage.PRINT, job_waits=job_waits, chip=False), "en"))
    assert "this student's card" not in words
    assert "encoded" not in words
    missing = said(trouble_for(PrinterMissingError(device="P"), Stage.PRINT, chip=False), "en")
    assert "encoded" not in missing[1]


@pytest.mark.parametrize("stage", [Stage.PRINT, Stage.ENCODE])
def test_what_a_driver_says_itself_is_not_lost(stage: Stage) -> None:
    error = PrinterTroubleError("The folder {folder} is full.", "Free some space.", folder="F", device="P")
    trouble = trouble_for(error, stage)
    assert said(trouble, "en")[0] == "The folder F is full."
    assert "Free some space." in said(trouble, "en")


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
