"""Tests for ``station.domain.station_errors``: each says what happened and what to do, and is in the drawn tree."""

from __future__ import annotations

import pytest

from station.domain import station_errors
from station.domain.errors import InputError, StationError
from station.domain.station_errors import EnrolmentError, NotAllowedError, NotEnrolledError, QueueFileError


@pytest.mark.parametrize("cls", [EnrolmentError, QueueFileError, NotAllowedError, NotEnrolledError])
def test_each_is_in_the_drawn_tree_and_speaks(cls: type[StationError]) -> None:
    assert cls.__name__ in (station_errors.__doc__ or "")
    assert cls.what
    assert "Nothing was changed" in cls.todo


def test_who_is_not_enrolled_may_not() -> None:
    assert issubclass(NotEnrolledError, NotAllowedError)
    assert not issubclass(NotAllowedError, InputError)
    assert issubclass(EnrolmentError, InputError)
    assert issubclass(QueueFileError, InputError)


def test_the_right_that_is_missing_is_named() -> None:
    assert "the right to approve layouts" in str(NotAllowedError(right="approve layouts"))
