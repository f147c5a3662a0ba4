"""The keeper in front of a SAM: what it can't do is told in plain words, and test keys are known by their children."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from station.adapters.secrets.demo_keys import demo_key
from station.adapters.secrets.keyring_secrets import KeyringSecrets
from station.adapters.secrets.sam import SamPlace, SamSecrets
from station.chip.sam.virtual import VirtualSam, VirtualSamKey
from station.domain.errors import SecretError
from station.ports.secrets import KeyKind
from tests.helpers.keepers import MASTERS, SAM_KEYS, filled_sam, sam_in
from tests.helpers.keyrings import FakeKeyring, in_use


@pytest.fixture
def keyring() -> Iterator[KeyringSecrets]:
    with in_use(FakeKeyring()):
        yield KeyringSecrets()


def test_without_a_sam_it_says_where_it_looked(keyring: KeyringSecrets) -> None:
    readers = sam_in("Printer SAM Slot", VirtualSam(SAM_KEYS))
    readers.remove("Printer SAM Slot")
    with pytest.raises(SecretError, match="named sam slot"):
        SamSecrets(SamPlace("sam slot", {"base": 1}), lambda: readers, keyring).diversified("base", 1, b"card")


def test_a_key_that_the_profile_does_not_name_is_told(keyring: KeyringSecrets) -> None:
    with pytest.raises(SecretError, match="does not say which key of the SAM"):
        filled_sam(keyring).diversified("elsewhere", 1, b"card")
    assert filled_sam(keyring).versions("elsewhere") == ()


@pytest.mark.parametrize(
    ("sam", "said"),
    [
        (VirtualSam(SAM_KEYS, locked=True), "demands that its host authenticates"),
        (VirtualSam({1: VirtualSamKey("aes128", {1: MASTERS["base/v1"]}, may_dump_diversified=False)}), "answer 6985"),
        (VirtualSam({1: VirtualSamKey("2k3des", {1: MASTERS["base/v1"]})}), "no aes128 key"),
    ],
)
def test_a_sam_that_was_set_up_otherwise_is_told(keyring: KeyringSecrets, sam: VirtualSam, said: str) -> None:
    with pytest.raises(SecretError, match=said):
        filled_sam(keyring, sam).diversified("base", 1, b"card")


@pytest.mark.parametrize("kind", list(KeyKind))
def test_test_keys_are_recognised_by_what_is_made_of_them(keyring: KeyringSecrets, kind: KeyKind) -> None:
    sam = VirtualSam({1: VirtualSamKey(kind.value, {4: demo_key("deuinfo-base", 2, kind)})})
    with pytest.raises(SecretError, match="test key"):
        filled_sam(keyring, sam).diversified("base", 4, b"card", kind)


def test_keys_that_are_the_same_on_every_card_come_from_the_keyring(keyring: KeyringSecrets) -> None:
    keyring.set("doors/v1", MASTERS["other/v1"])
    assert filled_sam(keyring).plain_key("doors", 1) == MASTERS["other/v1"]
    assert filled_sam(keyring).versions("doors") == (1,)
