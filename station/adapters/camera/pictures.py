"""A folder of pictures, or one picture, as a camera that shows them in turn."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from station.adapters.camera.pace import Pacer
from station.domain.errors import N_, CameraError, CameraMissingError, CameraUnpluggedError, PortraitError
from station.photo.pictures import as_frame, load_picture
from station.ports.camera import Frame, LightLock
from station.ports.clock import Clock

if TYPE_CHECKING:
    from station.photo.pictures import Pixels

FRAMES_PER_S = 10
FRAMES_EACH = 20
"""Each picture stays for two seconds."""
SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff"})


def is_picture(path: Path) -> bool:
    """Tell whether ``path`` is a file that is named like a picture."""
    return path.suffix.casefold() in SUFFIXES and path.is_file()


class FolderCamera:
    """Shows the pictures of a folder in the order of their names, each for two seconds, again and again.

    The folder is looked through anew after the last one, so that it may change meanwhile.
    """

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._pacer = Pacer(clock, FRAMES_PER_S)
        self._number = 0
        self._waiting: list[Path] = []
        self._shown: Pixels | None = None
        if not self._files():
            raise CameraMissingError(device=self.name)

    @property
    def name(self) -> str:
        """Return the folder's name, or the file's."""
        return self._path.name

    def read(self) -> Frame:
        """Wait for the moment of the next frame."""
        if self._shown is None or self._number % FRAMES_EACH == 0:
            self._shown = self._next()
        grabbed_at_s = self._pacer.wait()
        frame = as_frame(self._shown, number=self._number, grabbed_at_s=grabbed_at_s)
        self._number += 1
        return frame

    def lock_light(self) -> LightLock:
        """Do nothing: a picture's light never changes."""
        return LightLock.STEADY

    def _next(self) -> Pixels:
        self._waiting = self._waiting or self._files()
        while self._waiting:
            try:
                return load_picture(self._waiting.pop(0))
            except PortraitError:
                # One broken file in the folder must not stop the others.
                continue
        if self._files():
            raise CameraError(N_("There is no picture in {device} that can be used."), device=self.name)
        raise CameraUnpluggedError(device=self.name)

    def _files(self) -> list[Path]:
        try:
            return sorted(filter(is_picture, self._path.iterdir() if self._path.is_dir() else [self._path]))
        except OSError:
            return []
