"""A new software card for each test, and a host for it."""

from __future__ import annotations

import pytest

from station.chip.virtual_card.card import VirtualCard
from station.chip.virtual_card.kinds import blank_card
from tests.helpers.card_host import Host
from tests.helpers.chip import UID


@pytest.fixture
def card() -> VirtualCard:
    return blank_card(UID)


@pytest.fixture
def host(card: VirtualCard) -> Host:
    return Host(card)
