"""Errors speak to people: every class says what happened, and fills its places."""

from __future__ import annotations

import re

import pytest

from station.domain import errors
from station.domain.errors import ChipRefusedError, PrinterTroubleError, RouterUnwellError, StationError, fill
from station.domain.message import Message


def tree(cls: type[StationError]) -> list[type[StationError]]:
    return [cls, *(child for sub in cls.__subclasses__() if sub.__module__ == errors.__name__ for child in tree(sub))]


@pytest.mark.parametrize("cls", tree(StationError), ids=lambda c: c.__name__)
def test_every_error_is_in_the_drawn_tree_and_speaks(cls: type[StationError]) -> None:
    assert cls.__name__ in (errors.__doc__ or "")
    assert cls.what
    assert cls.what[0].isupper() or cls.what.startswith("{")
    assert cls.__doc__
    assert cls.code


def test_a_place_without_a_value_stays_readable() -> None:
    assert fill("The printer {device} is off.", {}) == "The printer (device) is off."
    assert not re.search(r"[{}]", str(PrinterTroubleError()))


def test_errors_keep_their_data() -> None:
    refused = ChipRefusedError(sw=0x91AE, command="authenticate", detail="wrong key")
    assert refused.sw == 0x91AE
    assert refused.params["sw"] == "91AE"
    unwell = RouterUnwellError(status=503, retry_after_s=7)
    assert unwell.retryable
    assert unwell.retry_after_s == 7
    assert "503" in str(unwell)
    assert unwell.code == "RouterUnwell"


def test_own_words_replace_the_classes_words() -> None:
    error = StationError("It is {colour}.", "Paint it.", colour="red")
    assert str(error) == "It is red. Paint it."


def test_a_message_is_read_in_english() -> None:
    assert Message("{count} wait", {"count": 3}).english() == "3 wait"


def test_sentences_end_once() -> None:
    assert str(StationError("It broke: {detail}", "", detail="the cable")) == "It broke: the cable."
    assert str(StationError("Did it?", "Yes!")) == "Did it? Yes!"
    assert str(StationError("It broke (a cable)", "(Nothing is lost.)")) == "It broke (a cable). (Nothing is lost.)"
