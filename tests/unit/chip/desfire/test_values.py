"""Value files on the wire; what a card makes of them is in the scenarios."""

from __future__ import annotations

import pytest

from station.chip.desfire import values
from station.chip.desfire.link import DesfireLink
from station.domain.errors import ChipError
from tests.helpers.chip import Rambling, Replay


def link_to(sent: str, answer: str = "9100") -> DesfireLink:
    return DesfireLink(Replay([(sent, answer)]).transmit)


@pytest.mark.parametrize(("given", "value"), [("0a000000", 10), ("ffffffff", -1), ("ffffff7f", 0x7FFFFFFF)])
def test_a_value_is_signed(given: str, value: int) -> None:
    assert values.get_value(link_to("906c0000010300", given + "9100"), 3) == value


def test_amounts_on_the_wire() -> None:
    values.credit(link_to("900c000005030a00000000"), 3, 10)
    values.debit(link_to("90dc000005030a00000000"), 3, 10)
    values.limited_credit(link_to("901c000005030a00000000"), 3, 10)


@pytest.mark.parametrize("length", [0, 3, 5])
def test_a_value_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(ChipError):
        values.get_value(DesfireLink(Rambling([bytes(length) + b"\x91\x00"]).transmit), 3)
