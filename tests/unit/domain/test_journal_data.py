"""Events as plain data: every one comes back as it was."""

from __future__ import annotations

import pytest

from station.domain.errors import WorkflowError
from station.domain.journal_data import EVENTS, event_from_data, event_to_data
from station.domain.workflow import Event, HandedOver
from tests.helpers.events import EXAMPLES


@pytest.mark.parametrize("event", EXAMPLES, ids=lambda e: type(e).__name__)
def test_every_event_survives_the_journal(event: Event) -> None:
    name, data = event_to_data(event)
    assert event_from_data(name, data) == event


def test_examples_cover_every_event() -> None:
    assert {type(e).__name__ for e in EXAMPLES} == set(EVENTS)


def test_keys_of_a_newer_version_are_left_out_and_unknown_events_are_refused() -> None:
    assert event_from_data("HandedOver", {"signature": "x"}) == HandedOver()
    with pytest.raises(WorkflowError):
        event_from_data("Teleported", {})
