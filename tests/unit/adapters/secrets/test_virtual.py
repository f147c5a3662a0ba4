"""Test keys: marked, the same everywhere, and for the demo only."""

from __future__ import annotations

import pytest

from station.adapters.secrets.virtual import TEST_MARK, VirtualSecrets, demo_key
from station.chip.kdf import diversify_aes128
from station.domain.errors import SecretError


def test_outside_the_demo_there_are_none() -> None:
    with pytest.raises(SecretError, match="refused outside the demo"):
        VirtualSecrets(demo=False)


def test_every_test_key_bears_the_mark() -> None:
    keys = {demo_key(name, version) for name in ("deuinfo-base", "deuinfo-application") for version in (1, 2)}
    assert len(keys) == 4
    assert all(key.startswith(TEST_MARK) and len(key) == 16 for key in keys)


def test_they_are_the_same_on_every_desk() -> None:
    assert demo_key("deuinfo-base", 1).hex() == demo_key("deuinfo-base", 1).hex()
    made = VirtualSecrets(demo=True).diversified("deuinfo-base", 1, b"uid")
    assert made == diversify_aes128(demo_key("deuinfo-base", 1), b"uid")
