"""Every kind of card: it answers, it is kept, it can be torn away, and its ATR is a whole one."""

from __future__ import annotations

from functools import reduce
from operator import xor
from pathlib import Path

import pytest

from station.chip.virtual_card.card import Tear
from station.chip.virtual_card.kinds import KINDS, new_card, open_card
from station.domain.errors import CardRemovedError

GET_UID = bytes.fromhex("FFCA000000")


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_lives_in_a_file(kind: str, tmp_path: Path) -> None:
    made = new_card(kind, path=tmp_path / "a.card")
    again = open_card(tmp_path / "a.card")
    assert type(again) is type(made)
    assert (again.atr, again.uid, again.snapshot()) == (made.atr, made.uid, made.snapshot())


@pytest.mark.parametrize("kind", KINDS)
def test_every_atr_checks(kind: str) -> None:
    atr = new_card(kind).atr
    # ISO 7816-3: the check byte makes the XOR of all but the first byte zero; T0 counts the historical bytes.
    assert reduce(xor, atr[1:]) == 0
    assert len(atr) == 5 + (atr[1] & 0x0F)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_tells_its_uid_and_can_be_pulled(kind: str) -> None:
    card = new_card(kind)
    answer = card.transmit(GET_UID)
    assert answer[-2:] == b"\x90\x00"
    assert (answer[:-2] == card.uid) is ("random-id" not in kind)
    card.tear_after(1, Tear.AFTER)
    card.transmit(GET_UID)
    for _ in range(2):
        with pytest.raises(CardRemovedError):
            card.transmit(GET_UID)
    card.reset()
    assert card.transmit(GET_UID)[-2:] == b"\x90\x00"
    card.power_off()
    with pytest.raises(CardRemovedError):
        card.transmit(GET_UID)


def test_no_other_kind() -> None:
    with pytest.raises(ValueError, match="classic-1k"):
        new_card("punched")
