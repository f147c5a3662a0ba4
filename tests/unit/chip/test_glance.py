"""A glance at a card of each kind: what it tells anybody, and that nothing is written."""

from __future__ import annotations

import pytest

from station.chip.glance import glance
from station.chip.virtual_card.desfire import VirtualDesfire
from station.chip.virtual_card.kinds import KINDS, new_card
from station.domain.errors import ChipError
from tests.helpers.chip import ESC_AID, ESCN, UID, Altered, Direct, demo_profile, run_encode
from tests.helpers.chip_profiles import hiding, with_card_key

READING = {0x60, 0x5A, 0x6E, 0x6A, 0xAF, 0xBD, 0xCA, 0xB0, 0xA4}
"""GetVersion, SelectApplication, FreeMem, GetApplicationIDs, more frames, ReadData; GET DATA, READ BINARY, SELECT."""


def test_a_blank_and_a_written_desfire() -> None:
    card = VirtualDesfire.new(uid=UID)
    blank = glance(Direct(card))
    assert (blank.uid, blank.blank, blank.escn, blank.random_uid) == (UID.hex().upper(), True, None, False)
    run_encode(Direct(card), profile=demo_profile("deuinfo"))
    written = glance(Direct(card))
    assert (written.has_esc, written.escn, written.applications) == (True, ESCN, (ESC_AID,))
    assert written.free_memory is not None
    assert blank.free_memory is not None
    assert written.free_memory < blank.free_memory
    assert not written.blank


def test_only_what_reads_is_sent() -> None:
    card = VirtualDesfire.new(uid=UID)
    run_encode(Direct(card), profile=demo_profile("deuinfo"))
    before, way = card.memory.copy(), Direct(card)
    glance(way)
    assert {sent[1] for sent, _ in way.log} <= READING
    assert len(way.log) <= 12
    assert card.memory.applications == before.applications


def test_a_locked_card_keeps_to_itself_what_it_wants() -> None:
    card = VirtualDesfire.new(uid=UID)
    run_encode(Direct(card), profile=with_card_key("deuinfo", settings="09"))
    seen = glance(Direct(card))
    assert (seen.applications, seen.blank, seen.escn) == (None, False, ESCN)


def test_a_hidden_uid_is_said_to_be_one() -> None:
    card = VirtualDesfire.new(uid=UID)
    run_encode(Direct(card), profile=hiding("deuinfo"))
    first, second = glance(Direct(card)), glance(Direct(card))
    assert first.random_uid
    assert first.uid != second.uid
    assert first.escn == ESCN


@pytest.mark.parametrize("kind", KINDS)
def test_every_chip_is_named(kind: str) -> None:
    seen = glance(Direct(new_card(kind)))
    assert seen.kind
    assert seen.known_kind is not seen.kind.startswith("unknown")


def test_an_unknown_chip_is_named_with_its_atr() -> None:
    seen = glance(Direct(new_card("unknown")))
    assert not seen.known_kind
    assert "ATR" in seen.kind


def test_senseless_answers_are_an_error() -> None:
    card = VirtualDesfire.new(uid=UID)
    run_encode(Direct(card), profile=demo_profile("deuinfo"))
    with pytest.raises(ChipError):
        glance(Altered(card, lambda index, answer: answer if index < 6 else b"\x00"))
