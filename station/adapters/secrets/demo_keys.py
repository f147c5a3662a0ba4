"""Keys that everybody knows: the demo's own, and those of published examples. No real keeper takes one of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cache

from station.domain.hidden import Hidden
from station.ports.secrets import KeyKind

TEST_MARK = b"TEST"
"""What every test key begins with. A keeper of real keys refuses such a key."""
DEMO_VERSIONS = (1, 2, 3)
"""The versions of each test key that the demo has: enough to try the change from one to the next."""
DEMO_NAMES = ("deuinfo-application", "deuinfo-base")
"""Names of the master keys in the chip profiles that ship."""
# Factory keys, and the master keys in AN10922 and in the handbooks that copied it.
_PUBLISHED = (
    bytes(24),
    bytes.fromhex("00112233445566778899AABBCCDDEEFF0102030405060708"),
    bytes.fromhex("00112233445566778899101112131415"),
    b"\xff" * 24,
)


def demo_key(name: str, version: int, kind: KeyKind = KeyKind.AES128) -> bytes:
    """Return the test master key of this name and version, the same on every desk."""
    return Hidden((TEST_MARK + demo_digest(f"{name} {version}"))[: kind.length])


def demo_digest(purpose: str) -> bytes:
    """Return 32 bytes that are the same on every desk, for one purpose of the demo."""
    return hashlib.sha256(f"European Student Card station, test key {purpose}".encode()).digest()


def is_known_to_everybody(key: bytes) -> bool:
    """Return whether this is a test key, a factory key or a published example."""
    return key.startswith(TEST_MARK) or any(key == known[: len(key)] for known in _PUBLISHED)


@cache
def blocks_known_to_everybody(kind: KeyKind, name: str) -> frozenset[bytes]:
    """Return one block of zeros enciphered with each key that everybody knows: the whole key check value.

    A key that can't be read out of its token is recognised by it. Test keys are looked for under the name that they
    have in the demo, and under ``name``.
    """
    from station.chip.kdf import encrypt_cbc

    block = bytes(16 if kind is KeyKind.AES128 else 8)
    return frozenset(encrypt_cbc(kind, key, block) for key in keys_known_to_everybody(kind, name))


def keys_known_to_everybody(kind: KeyKind, name: str) -> Iterator[bytes]:
    """Yield each test key of the demo's names and of ``name``, and each published key, of one kind."""
    for each in (name, *DEMO_NAMES):
        for version in DEMO_VERSIONS:
            yield demo_key(each, version, kind)
    yield from (known[: kind.length] for known in _PUBLISHED if len(known) >= kind.length)
