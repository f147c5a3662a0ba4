"""Skip a test, with the reason, where this machine lacks what the test starts for real."""

from __future__ import annotations

import os
import shutil

import pytest

# Daemons live in sbin folders, which are not on the search path of a plain user.
_SEARCH_PATH = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/local/sbin", "/usr/sbin", "/sbin"])


def in_namespace() -> bool:
    """Tell whether this process has the private mounts and network that `packaging/in-namespace` gives."""
    return os.environ.get("STATION_NAMESPACE") == "1"


def require_namespace() -> None:
    """Skip the calling test unless it runs in a private namespace, where real daemons may be started."""
    if not in_namespace():
        pytest.skip("starts real daemons: run it as `packaging/in-namespace .venv/bin/python -m pytest …`")


def require_program(name: str, *, package: str | None = None) -> str:
    """Return the full path of the program `name`, or skip the calling test, saying what to install.

    `package` is the Debian package that has the program, where it is not called the same.
    """
    found = shutil.which(name, path=_SEARCH_PATH)
    if found is None:
        pytest.skip(f"the program {name} is not here (Debian package: {package or name})")
    return found
