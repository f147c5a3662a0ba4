"""Keys: used through this port, never kept in files, settings or logs."""

from __future__ import annotations

from typing import Protocol


class Secrets(Protocol):
    """A keeper of keys and passwords."""

    def get(self, name: str) -> bytes:
        """Return a secret. Raises SecretError when it is not there."""

    def set(self, name: str, value: bytes) -> None:
        """Keep a secret."""

    def delete(self, name: str) -> None:
        """Forget a secret; one that is not there is no error."""

    def diversified_aes(self, name: str, version: int, data: bytes) -> bytes:
        """Return the card's own AES-128 key made from master key ``name`` and ``data`` (1–31 bytes) after AN10922.

        Raises SecretError when the master key is not there.
        """
