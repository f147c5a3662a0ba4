"""Somebody before a camera, as the frames that a real stream sends: the demo's people, who sway a little."""

from __future__ import annotations

from station.adapters.camera.virtual import VirtualCameras
from station.adapters.clock import SystemClock
from station.ports.faults import NoFaults
from tests.helpers.pictures import Pixels, jpeg

IN_UNIFORM, TOO_NEAR = 1, 5
"""Seats of the demo's camera: who needs nothing but a plain wall, and who must move back."""


def frames_of(seat: int, count: int = 12) -> list[Pixels]:
    """Return frames of 1280 × 720 of one person of the demo."""
    from station.photo.pictures import as_pixels

    cameras = VirtualCameras(SystemClock(), NoFaults(), frames_per_s=1e6)
    cameras.seat(seat)
    with cameras.open_camera("demo") as camera:
        there = [as_pixels(camera.read()).copy() for _ in range(count)]
    # Back the same way: played again and again, nobody jumps.
    return there + there[::-1]


def stream_of(seat: int) -> list[bytes]:
    """Return the same frames as JPEG."""
    return [jpeg(frame) for frame in frames_of(seat)]
