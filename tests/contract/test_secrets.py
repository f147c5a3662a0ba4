"""One suite for every keeper of secrets."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from station.adapters.secrets.keyring_secrets import KeyringSecrets
from station.adapters.secrets.virtual import VirtualSecrets
from station.domain.errors import SecretError
from station.ports.secrets import Secrets
from tests.helpers.keyrings import FakeKeyring, in_use


@pytest.fixture(params=["virtual", "keyring"])
def secrets(request: pytest.FixtureRequest) -> Iterator[Secrets]:
    """Give each keeper in turn, both with a master key named ``base``."""
    if request.param == "virtual":
        yield VirtualSecrets(demo=True)
        return
    with in_use(FakeKeyring()):
        kept = KeyringSecrets()
        kept.set("base/v1", bytes(range(16)))
        kept.set("base/v2", bytes(range(1, 17)))
        kept.set("other/v1", bytes(range(2, 18)))
        yield kept


def test_what_is_not_there_is_an_error_with_its_name(secrets: Secrets) -> None:
    with pytest.raises(SecretError) as caught:
        secrets.get("router/host")
    assert "router/host" in str(caught.value)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=st.binary(max_size=80) | st.text(max_size=40).map(str.encode))
def test_what_is_kept_comes_back(secrets: Secrets, value: bytes) -> None:
    secrets.set("name", value)
    assert secrets.get("name") == value
    secrets.set("name", b"later")
    assert secrets.get("name") == b"later"


def test_what_is_deleted_is_gone(secrets: Secrets) -> None:
    secrets.set("name", b"value")
    secrets.delete("name")
    secrets.delete("name")
    with pytest.raises(SecretError):
        secrets.get("name")


def test_a_card_s_key_depends_on_everything_that_goes_into_it(secrets: Secrets) -> None:
    keys = {
        secrets.diversified_aes(name, version, data)
        for name, version, data in [
            ("base", 1, b"one"),
            ("base", 1, b"two"),
            ("base", 2, b"one"),
            ("other", 1, b"one"),
        ]
    }
    assert {len(key) for key in keys} == {16}
    assert len(keys) == 4
    assert secrets.diversified_aes("base", 1, b"one") in keys
