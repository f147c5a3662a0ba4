"""The command line: everything that the window does, for IT staff and for scripts."""

from __future__ import annotations

from station.cli.run import main

__all__ = ["main"]
