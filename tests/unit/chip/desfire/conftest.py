"""A link with a new application selected, and its zero key authenticated."""

from __future__ import annotations

import pytest

from station.chip.desfire import applications, keys
from station.chip.desfire.applications import NewApplication
from station.chip.desfire.auth import authenticate_aes
from station.chip.desfire.link import DesfireLink
from station.chip.virtual_card.card import VirtualCard
from station.chip.virtual_card.kinds import blank_card
from tests.helpers.chip import ESC_AID, UID, Direct, unhex


@pytest.fixture
def card() -> VirtualCard:
    return blank_card(UID)


@pytest.fixture
def link(card: VirtualCard) -> DesfireLink:
    """Give a link with a new application selected, and its zero key authenticated."""
    opened = DesfireLink(Direct(card).transmit)
    name = unhex("A00000061404F58840")
    applications.create_application(opened, NewApplication(ESC_AID, 0x0B, 3, 0x1000, name))
    applications.select(opened, ESC_AID)
    authenticate_aes(opened, 0, keys.ZERO_KEY)
    return opened
