"""What the cameras are called where a tool of the system tells it: macOS. Windows tells no names with the indices."""

from __future__ import annotations

import json
import subprocess
import sys

# Most computers have no more than these, and asking for more opens them.
FALLBACK = ("Camera 1", "Camera 2")
_TIMEOUT_S = 5.0


def system_names() -> tuple[str, ...]:
    """Return the names of the cameras in the order of their indices, or numbers where nobody tells names."""
    # A variable of its own: by sys.platform itself mypy leaves out what is for another system, and checks nothing of
    # it.
    platform: str = sys.platform
    if platform != "darwin":
        return FALLBACK
    command = ["/usr/sbin/system_profiler", "-json", "SPCameraDataType"]
    try:
        told = subprocess.run(command, capture_output=True, timeout=_TIMEOUT_S, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return FALLBACK
    return names_in(told)


def names_in(told: bytes) -> tuple[str, ...]:
    """Return the names in what ``system_profiler -json SPCameraDataType`` said, as OpenCV counts the cameras.

    OpenCV orders them by their unique id (videoio, AVFoundation); no camera at all is an empty answer.
    """
    try:
        listed = json.loads(told)["SPCameraDataType"]
        found = [(str(entry["spcamera_unique-id"]), str(entry["_name"])) for entry in listed]
    except (ValueError, KeyError, TypeError):
        return FALLBACK
    return tuple(name for _, name in sorted(found))
