"""What a model can't put on a card is told once, together, and before anything is spent."""

from __future__ import annotations

from dataclasses import replace

import pytest

from printers.api import Bitmap, ProfileError, RenderedCard
from printers.capability import LACKS, abilities, check_without, unfit
from printers.profile_files import load_profile
from tests.helpers.cards import sample_rendered_card, sample_side

BLANK = Bitmap("1", 1016, 648, bytes(127 * 648))


def demanding() -> RenderedCard:
    """Return a card that asks for everything."""
    side = sample_side()
    return replace(sample_rendered_card(), front=replace(side, uv=side.resin, overlay=side.resin), tracks=("", "1", ""))


def test_all_that_is_missing_is_one_message_the_gravest_first() -> None:
    error = unfit("Desk", (), demanding())
    assert error is not None
    assert error.lacks == ("magnetic", "back", "uv", "overlay")
    assert all(words in str(error) for words in LACKS.values())


@pytest.mark.parametrize("lack", LACKS)
def test_one_thing_alone_is_named_alone(lack: str) -> None:
    error = unfit("Desk", LACKS.keys() - {lack}, demanding())
    assert error is not None
    assert error.lacks == (lack,)
    assert LACKS[lack] in str(error)


@pytest.mark.parametrize("count", [2, 3])
def test_some_things_are_all_named(count: int) -> None:
    missing = list(LACKS)[:count]
    error = unfit("Desk", LACKS.keys() - set(missing), demanding())
    assert error is not None
    assert error.lacks == tuple(missing)
    assert all(LACKS[name] in str(error) for name in missing)


def test_what_may_be_left_out_is_not_missing() -> None:
    assert unfit("Desk", {"back"}, demanding(), check_without("uv overlay magnetic")) is None


def test_what_no_card_asks_for_is_not_missing() -> None:
    assert unfit("Desk", {"back"}, sample_rendered_card()) is None
    side = replace(sample_side(), uv=BLANK, overlay=BLANK)
    assert unfit("Desk", {"back"}, replace(sample_rendered_card(), front=side)) is None


def test_a_white_back_needs_no_second_side() -> None:
    side = sample_side()
    white = replace(side, composite=Bitmap("RGB", 1016, 648, b"\xff" * (1016 * 648 * 3)))
    assert unfit("Desk", (), replace(sample_rendered_card(), back=white)) is None


def test_a_model_says_what_it_can() -> None:
    profile = load_profile("generic-cr80-300")
    assert abilities(profile) == {"back"}
    assert abilities(replace(profile, uv=True, magnetic=True, overlay_holes=True, duplex=False)) == LACKS.keys() - {
        "back"
    }


def test_only_what_there_is_can_be_left_out() -> None:
    with pytest.raises(ProfileError, match="photo"):
        check_without("uv photo")
