"""Test keys for the demo bench: known to everybody, and marked so that they are told apart from real ones."""

from __future__ import annotations

from collections.abc import Iterable

from station.adapters.secrets.demo_keys import DEMO_VERSIONS, TEST_MARK, demo_key
from station.adapters.secrets.names import entry_of
from station.domain.errors import N_, SecretError
from station.domain.hidden import Hidden
from station.ports.secrets import KeyKind

__all__ = ["TEST_MARK", "VirtualSecrets", "demo_key"]


class VirtualSecrets:
    """A keeper of secrets in memory, for the demo only: it has every test key, in the versions given."""

    def __init__(self, *, demo: bool, versions: Iterable[int] = DEMO_VERSIONS) -> None:
        if not demo:
            raise SecretError(_DEMO_ONLY)
        self._versions = tuple(sorted(versions))
        self._kept: dict[str, Hidden] = {}

    def get(self, name: str) -> bytes:
        """Return a secret that was set here; raises SecretError when there is none."""
        if name not in self._kept:
            raise SecretError(name=name)
        return self._kept[name]

    def set(self, name: str, value: bytes) -> None:
        """Keep a secret until the program ends."""
        self._kept[name] = Hidden(value)

    def delete(self, name: str) -> None:
        """Forget a secret."""
        self._kept.pop(name, None)

    def diversified(self, name: str, version: int, data: bytes, kind: KeyKind = KeyKind.AES128) -> bytes:
        """Return the card's own key, made from the test key ``name``."""
        from station.chip.kdf import diversify

        return Hidden(diversify(kind, self.plain_key(name, version, kind), data))

    def plain_key(self, name: str, version: int, kind: KeyKind = KeyKind.AES128) -> bytes:
        """Return the test key itself."""
        if version not in self._versions:
            raise SecretError(name=entry_of(name, version))
        return demo_key(name, version, kind)

    def versions(self, name: str) -> tuple[int, ...]:
        """Return the versions that each test key has."""
        return self._versions

    def sign(self, name: str, data: bytes) -> bytes:
        """Return a signature by the demo's key of this name."""
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import ec

        from station.adapters.secrets.demo_signer import demo_signing_key

        return demo_signing_key(name).sign(data, ec.ECDSA(hashes.SHA256()))

    def certificate(self, name: str) -> bytes:
        """Return the demo's certificate of this name; its root is ``demo_signer.demo_root``."""
        from station.adapters.secrets.demo_signer import demo_certificate

        return demo_certificate(name)


_DEMO_ONLY = N_("Test keys are refused outside the demo.")
