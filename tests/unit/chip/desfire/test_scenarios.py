"""Host and software card, written apart from each other, agree: every scenario on every card that can do it."""

from __future__ import annotations

import os

import pytest

from station.chip.desfire.link import DesfireLink
from station.chip.virtual_card.desfire import VirtualDesfire
from tests.helpers.desfire_scenarios import SCENARIOS, UID, Talk

LATER = {"EV1": ("EV1", "EV2", "EV3"), "EV2": ("EV2", "EV3"), "EV3": ("EV3",), "Light": ("Light",)}
RUNS = [(name, generation) for name, (first, _) in SCENARIOS.items() for generation in LATER[first]]


@pytest.mark.parametrize(("name", "generation"), RUNS)
def test_a_scenario_on_the_software_card(name: str, generation: str) -> None:
    card = VirtualDesfire.new(generation, uid=UID)
    SCENARIOS[name][1](Talk(DesfireLink(card.transmit), os.urandom))


@pytest.mark.parametrize("name", [name for name, (first, _) in SCENARIOS.items() if first != "Light"])
def test_a_scenario_in_long_frames(name: str) -> None:
    card = VirtualDesfire.new("EV3", uid=UID)
    SCENARIOS[name][1](Talk(DesfireLink(card.transmit, frame_data=247), os.urandom))
