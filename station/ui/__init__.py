"""The window.

PySide6 replaces Python's own import by one that reads the source of every module after it, to look for a switch that
the station does not use, and keeps all of it: 20 MB, and an eighth of the start. So the first thing here, before
anything else is imported, is to put Python's own back.
"""

from __future__ import annotations

import builtins

import PySide6.QtCore  # noqa: F401 - this is what replaces it

builtins.__import__ = getattr(builtins, "__orig_import__", builtins.__import__)
