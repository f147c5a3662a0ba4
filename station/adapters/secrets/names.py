"""Under which name each thing is kept."""

from __future__ import annotations


def entry_of(name: str, version: int) -> str:
    """Return under which name a version of a master key is kept."""
    return f"{name}/v{version}"


def certificate_of(name: str) -> str:
    """Return under which name the certificate of a signing key is kept."""
    return f"{name}/certificate"
