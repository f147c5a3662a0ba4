"""The system's keyring: how keys lie in it, and what may be wrong with it."""

from __future__ import annotations

from collections.abc import Iterator

import keyring.backends.fail
import keyring.backends.null
import pytest

from station.adapters.secrets.keyring_secrets import SERVICE, KeyringSecrets
from station.adapters.secrets.virtual import demo_key
from station.chip.kdf import diversify_aes128
from station.domain.errors import SecretError
from tests.helpers.keyrings import FakeKeyring, in_use

MASTER, DATA = bytes.fromhex("7D9BA1C40F62E85311D6903AF8B527CE"), b"the card"


@pytest.fixture
def backend() -> Iterator[FakeKeyring]:
    made = FakeKeyring()
    with in_use(made):
        yield made


@pytest.fixture
def secrets(backend: FakeKeyring) -> KeyringSecrets:
    return KeyringSecrets()


@pytest.mark.parametrize("text", [MASTER.hex().upper(), MASTER.hex(), "hex:" + MASTER.hex()])
def test_a_master_key_that_it_typed_in(backend: FakeKeyring, secrets: KeyringSecrets, text: str) -> None:
    backend.kept[SERVICE, "deuinfo-base/v1"] = text
    assert secrets.diversified("deuinfo-base", 1, DATA) == diversify_aes128(MASTER, DATA)


def test_versions_are_keys_of_their_own(backend: FakeKeyring, secrets: KeyringSecrets) -> None:
    backend.kept[SERVICE, "deuinfo-base/v2"] = MASTER.hex()
    assert secrets.diversified("deuinfo-base", 2, DATA) == diversify_aes128(MASTER, DATA)
    with pytest.raises(SecretError) as caught:
        secrets.diversified("deuinfo-base", 1, DATA)
    assert caught.value.params["name"] == "deuinfo-base/v1"


@pytest.mark.parametrize("text", ["", "short", "zz" * 16, "00" * 15, "hex:00", "00" * 17])
def test_what_is_no_key_is_told_without_showing_it(backend: FakeKeyring, secrets: KeyringSecrets, text: str) -> None:
    backend.kept[SERVICE, "base/v1"] = text
    with pytest.raises(SecretError) as caught:
        secrets.diversified("base", 1, DATA)
    assert "32 hexadecimal digits" in str(caught.value)
    assert caught.value.__cause__ is None
    if text:
        assert text not in str(caught.value)
        assert text not in repr(caught.value.params)


@pytest.mark.parametrize("text", ["hex:zz", "base64:????", "base64:AAA"])
def test_what_was_spoiled_is_told_without_showing_it(backend: FakeKeyring, secrets: KeyringSecrets, text: str) -> None:
    backend.kept[SERVICE, "name"] = text
    with pytest.raises(SecretError, match="can't be read") as caught:
        secrets.get("name")
    assert text not in str(caught.value)


def test_test_keys_are_refused_outside_the_demo(backend: FakeKeyring, secrets: KeyringSecrets) -> None:
    backend.kept[SERVICE, "base/v1"] = demo_key("base", 1).hex()
    with pytest.raises(SecretError, match="test key"):
        secrets.diversified("base", 1, DATA)


def test_text_stays_readable_in_the_keyring(backend: FakeKeyring, secrets: KeyringSecrets) -> None:
    secrets.set("router", b"4f-key-of-the-router")
    assert backend.kept[SERVICE, "router"] == "4f-key-of-the-router"
    secrets.set("binary", b"\xff\x00")
    assert backend.kept[SERVICE, "binary"] == "hex:ff00"
    secrets.set("like binary", b"hex:00")
    assert secrets.get("like binary") == b"hex:00"


def test_a_locked_keyring_is_told(backend: FakeKeyring, secrets: KeyringSecrets) -> None:
    backend.kept[SERVICE, "name"] = "value"
    backend.locked = True
    for use in (
        lambda: secrets.get("name"),
        lambda: secrets.set("name", b"x"),
        lambda: secrets.delete("name"),
        lambda: secrets.diversified("name", 1, DATA),
    ):
        with pytest.raises(SecretError, match="locked") as caught:
            use()
        assert "Unlock" in caught.value.todo


def test_a_computer_without_a_keyring_is_told() -> None:
    with in_use(keyring.backends.fail.Keyring()), pytest.raises(SecretError, match="no keyring"):
        KeyringSecrets().get("name")


def test_a_keyring_that_keeps_nothing_is_told() -> None:
    with in_use(keyring.backends.null.Keyring()):
        with pytest.raises(SecretError):
            KeyringSecrets().set("name", b"value")
        KeyringSecrets().delete("name")


def test_two_stations_may_have_a_service_each(backend: FakeKeyring) -> None:
    KeyringSecrets("one").set("name", b"1")
    KeyringSecrets("two").set("name", b"2")
    assert (KeyringSecrets("one").get("name"), KeyringSecrets("two").get("name")) == (b"1", b"2")
    assert sorted(service for service, _ in backend.kept) == ["one", "two"]
