"""Which keeper of keys a station profile asks for."""

from __future__ import annotations

from collections.abc import Callable

from station.adapters.secrets.keyring_secrets import KeyringSecrets
from station.ports.chip import Readers
from station.ports.secrets import Secrets
from station.settings import SecretsPart


def keeper_of(part: SecretsPart, readers: Callable[[], Readers]) -> Secrets:
    """Return the keeper; nothing is opened or asked before a key is needed. ``readers`` are asked for a SAM only."""
    keyring = KeyringSecrets()
    if part.keeper == "pkcs11" and part.module is not None:
        # An optional extra: a station without a token never loads it, and need not have it.
        from station.adapters.secrets.pkcs11 import Pkcs11Secrets
        from station.adapters.secrets.token_session import TokenPlace

        return Pkcs11Secrets(TokenPlace(part.module, part.token), keyring)
    if part.keeper == "sam":
        from station.adapters.secrets.sam import SamPlace, SamSecrets

        return SamSecrets(SamPlace(part.reader, part.sam_keys), readers, keyring)
    return keyring
