"""What a driver's author relies on."""

from __future__ import annotations

from pathlib import Path

import pytest

from printers import api
from printers.api import DriverConfig, NoFaults, PrinterProfile, ProfileError, refuse_unknown_options

PROFILE = PrinterProfile("test", "Test", 1016, 648, seconds_a_card=24.0)


def test_everything_promised_is_there() -> None:
    assert len(set(api.__all__)) == len(api.__all__)
    assert all(hasattr(api, name) for name in api.__all__)


def test_a_config_needs_a_name_a_model_and_a_folder_only() -> None:
    config = DriverConfig("Desk", PROFILE, Path("folder"))
    assert (config.queue, dict(config.options)) == ("", {})
    assert isinstance(config.faults, NoFaults)
    assert config.faults.fault("printer") is None


@pytest.mark.parametrize(("told", "expected"), [(None, 24.0), (0.0, 0.0), (3.5, 3.5)])
def test_the_time_for_a_card_is_the_models_unless_the_station_says_another(told: float | None, expected: float) -> None:
    assert DriverConfig("Desk", PROFILE, Path("folder"), seconds_a_card=told).card_time_s == expected


def test_an_option_that_a_driver_does_not_know_is_named_with_those_it_knows() -> None:
    config = DriverConfig("Desk", PROFILE, Path("folder"), options={"ribbon_cards": "1", "speed": "9"})
    with pytest.raises(ProfileError, match="speed") as caught:
        refuse_unknown_options("virtual", config, ("ribbon_cards",))
    assert "ribbon_cards" in str(caught.value)
    refuse_unknown_options("virtual", config, ("ribbon_cards", "speed"))
