"""The profile's keeper is the one that is made, and making it opens nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from station.adapters.secrets.keepers import keeper_of
from station.adapters.secrets.keyring_secrets import KeyringSecrets
from station.adapters.secrets.pkcs11 import Pkcs11Secrets
from station.adapters.secrets.sam import SamSecrets
from station.ports.chip import Readers
from station.settings import SecretsPart


def no_readers() -> Readers:
    """Fail: nobody may look for readers yet."""
    raise AssertionError("the readers were asked for")


@pytest.mark.parametrize(
    ("part", "kind"),
    [
        (SecretsPart(), KeyringSecrets),
        (SecretsPart(keeper="pkcs11", module=Path("/nowhere/module.so"), token="desk"), Pkcs11Secrets),
        (SecretsPart(keeper="sam", reader="SAM", sam_keys={"base": 1}), SamSecrets),
    ],
)
def test_each_keeper_is_made_without_asking_anything(part: SecretsPart, kind: type) -> None:
    assert type(keeper_of(part, no_readers)) is kind
