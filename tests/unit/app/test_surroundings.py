"""What a real desk is surrounded by, and that nothing simulated gets in."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from station.adapters.secrets.keyring_secrets import KeyringSecrets
from station.adapters.secrets.pkcs11 import Pkcs11Secrets
from station.app.build import open_desk
from station.app.surroundings import real_surroundings
from station.domain.errors import ProfileError
from station.settings import SecretsPart, load_settings
from tests.helpers.desks import desk_settings

PROFILE = Path(__file__).resolve().parents[2] / "fixtures" / "profiles" / "version-1.toml"


def test_simulated_devices_are_refused_at_a_real_desk(tmp_path: Path) -> None:
    real = load_settings(PROFILE)
    assert real_surroundings(real).data == PROFILE.resolve().parent
    for part in ("camera", "reader", "printer"):
        mixed = replace(real, **{part: replace(getattr(real, part), driver="virtual")})
        with pytest.raises(ProfileError, match=part):
            real_surroundings(mixed)
    with pytest.raises(ProfileError), open_desk(desk_settings(tmp_path)):
        pytest.fail("the demo's profile was opened as a real station")


def test_a_real_desk_has_the_keeper_that_its_profile_names() -> None:
    real = load_settings(PROFILE)
    token = SecretsPart(keeper="pkcs11", module=Path("/nowhere/module.so"), token="desk")
    with_token = replace(real, secrets=token)
    assert type(real_surroundings(real).secrets()) is KeyringSecrets
    assert type(real_surroundings(with_token).secrets()) is Pkcs11Secrets
