"""Keys: used through this port, never kept in files, settings or logs.

Master keys are kept under ``NAME/vVERSION``; VERSION is the key version (0 to 255) that the card tells of itself, too.
Where the keeper can, the master key stays inside it (a token, a SAM): what comes out is the one card's own key.
"""

from __future__ import annotations

from enum import Enum
from typing import Protocol


class KeyKind(Enum):
    """What a key is for (DESFire EV1 data sheet, "key types")."""

    AES128 = "aes128"
    TDES2K = "2k3des"
    TDES3K = "3k3des"

    @property
    def length(self) -> int:
        """Return how many bytes such a key has."""
        return 24 if self is KeyKind.TDES3K else 16


class Secrets(Protocol):
    """A keeper of keys and passwords."""

    def get(self, name: str) -> bytes:
        """Return a secret. Raises SecretError when it is not there."""

    def set(self, name: str, value: bytes) -> None:
        """Keep a secret."""

    def delete(self, name: str) -> None:
        """Forget a secret; one that is not there is no error."""

    def diversified(self, name: str, version: int, data: bytes, kind: KeyKind = KeyKind.AES128) -> bytes:
        """Return the card's own key made from master key ``name`` and ``data`` after AN10922.

        ``data`` has 1 to 31 bytes for AES-128, 1 to 15 for both kinds of 3DES. A 3DES key comes as the CMAC gives it:
        who sends it to a card writes the key version into its lowest bits.

        Raises:
            SecretError: the key is not there, is not of this kind, is a test key, or its keeper can't be used.
            ValueError: AN10922 does not know such data.
        """

    def plain_key(self, name: str, version: int, kind: KeyKind = KeyKind.AES128) -> bytes:
        """Return a key as it is, for applications whose key is the same on every card.

        Raises SecretError as ``diversified``, and where the keeper never gives a key out.
        """

    def versions(self, name: str) -> tuple[int, ...]:
        """Return the versions of master key ``name`` that there are, oldest first; none is no error.

        Raises SecretError when the keeper can't be used.
        """

    def sign(self, name: str, data: bytes) -> bytes:
        """Return the ECDSA signature of ``data`` by signing key ``name``: P-256, SHA-256, DER (70 to 72 bytes).

        Raises SecretError when the key is not there or is no P-256 key.
        """

    def certificate(self, name: str) -> bytes:
        """Return the X.509 certificate (DER) that goes with signing key ``name``; it is no secret.

        Raises SecretError when it is not there, is no certificate, or belongs to another key.
        """
