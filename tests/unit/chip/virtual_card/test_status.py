"""Card and host name the same status bytes, each from its own table."""

from __future__ import annotations

from station.chip.apdu import DesfireStatus
from station.chip.virtual_card import status
from station.chip.virtual_card.status import Refusal

CARD = {name: value for name, value in vars(status).items() if name.isupper() and isinstance(value, int)}


def test_the_host_knows_every_status_of_the_card() -> None:
    assert len(CARD) > 12
    assert set(CARD.values()) <= set(DesfireStatus)


def test_no_two_words_mean_the_same() -> None:
    assert len(set(CARD.values())) == len(CARD)


def test_a_refusal_carries_its_status() -> None:
    refusal = Refusal(status.DENIED)
    assert (refusal.status, str(refusal)) == (0x9D, "9D")
