"""The window leaves Python's import as it is: no source is read of what it imports, and none is kept."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
ASK = """
import linecache, pathlib, station.ui.run
print(*(name for name in linecache.cache if name.startswith(str(pathlib.Path(station.__file__).parent))), sep="\\n")
"""


def test_no_source_is_read_of_what_the_window_is_made_of() -> None:
    told = subprocess.run([sys.executable, "-c", ASK], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    assert told.stdout.split() == []  # the window's own are hundreds
