"""A profile is tried on the software card before it meets a real one."""

from __future__ import annotations

import pytest

from station.chip.dry_run import dry_run
from station.chip.profiles import shipped_profile, shipped_profiles
from station.domain.errors import ProfileError
from tests.helpers.chip_profiles import changed, sized


@pytest.mark.parametrize("name", shipped_profiles())
def test_every_profile_that_ships_can_be_carried_out(name: str) -> None:
    report = dry_run(shipped_profile(name))
    assert report.verified
    assert report.card_type is shipped_profile(name).card_type


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("content = \"\"\"\nascii(", "content = \"\"\"\nbcd(holder.given_names) + ascii("), "digits only"),
        (("content = \"\"\"\nascii(", "content = \"\"\"\nascii(holder.email) + ascii("), "the file only 31"),
        (("rights = \"1223\"", "rights = \"1233\""), None),
    ],
)  # fmt: skip
def test_what_only_a_person_s_data_show_is_found(change: tuple[str, str], says: str | None) -> None:
    profile = changed("access-control", change)
    if says is None:
        assert dry_run(profile).verified
        return
    with pytest.raises(ProfileError, match=says) as caught:
        dry_run(profile)
    assert "access-control" in str(caught.value)


def test_a_profile_for_more_than_the_card_holds_is_found() -> None:
    with pytest.raises(ProfileError, match="not enough room"):
        dry_run(sized(16, 8000, 8000))
