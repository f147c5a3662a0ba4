"""Every command byte for byte: conversations that were kept are held again, and the host says what it said."""

from __future__ import annotations

import pytest

from station.chip.desfire.link import COMMAND_NAMES, DesfireLink
from tests.helpers.chip import Replay
from tests.helpers.desfire_scenarios import SCENARIOS, Talk
from tests.helpers.transcripts import FOLDER, counted_random, read_transcript


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_host_says_what_it_said_when_it_was_recorded(name: str) -> None:
    pairs = read_transcript(name)
    replay = Replay(pairs)
    SCENARIOS[name][1](Talk(DesfireLink(replay.transmit), counted_random()))
    assert replay.done == len(pairs)


def test_every_transcript_belongs_to_a_scenario() -> None:
    assert {path.stem for path in FOLDER.glob("*.txt")} == set(SCENARIOS)


def test_every_command_is_in_some_transcript() -> None:
    said = {int(sent[2:4], 16) for name in SCENARIOS for sent, _ in read_transcript(name) if sent[:2] == "90"}
    # The software card has nobody to name its reader to; that command has a test of its own.
    assert set(COMMAND_NAMES) - said == {0xC8}
