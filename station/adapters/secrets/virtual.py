"""Test keys for the demo bench: known to everybody, and marked so that they are told apart from real ones."""

from __future__ import annotations

import hashlib

from station.domain.errors import N_, SecretError

TEST_MARK = b"TEST"
"""What every test key begins with. A keeper of real keys refuses such a key."""
_KEY_LENGTH = 16


def demo_key(name: str, version: int) -> bytes:
    """Return the test master key of this name and version, the same on every desk."""
    digest = hashlib.sha256(f"European Student Card station, test key {name} {version}".encode()).digest()
    return (TEST_MARK + digest)[:_KEY_LENGTH]


class VirtualSecrets:
    """A keeper of secrets in memory, for the demo only."""

    def __init__(self, *, demo: bool) -> None:
        if not demo:
            raise SecretError(_DEMO_ONLY)
        self._kept: dict[str, bytes] = {}

    def get(self, name: str) -> bytes:
        """Return a secret that was set here; raises SecretError when there is none."""
        if name not in self._kept:
            raise SecretError(name=name)
        return self._kept[name]

    def set(self, name: str, value: bytes) -> None:
        """Keep a secret until the program ends."""
        self._kept[name] = value

    def delete(self, name: str) -> None:
        """Forget a secret."""
        self._kept.pop(name, None)

    def diversified_aes(self, name: str, version: int, data: bytes) -> bytes:
        """Return the card's own key, made from the test key ``name``."""
        from station.chip.kdf import diversify_aes128

        return diversify_aes128(demo_key(name, version), data)


_DEMO_ONLY = N_("Test keys are refused outside the demo.")
