"""Look for a QR code in the camera's pictures, when somebody wants to show one."""

from __future__ import annotations

import time

from PySide6.QtCore import QObject, Signal

from station.photo.qr import read_qr
from station.ports.tasks import Lane, Tasks
from station.ui.viewmodels.camera import CameraModel

LOOK_EVERY_S = 0.2


class QrWatch(QObject):
    """Reads now and then a frame on the work lane; ``seen`` carries the text of a code, each text once."""

    seen = Signal(str)

    def __init__(self, camera: CameraModel, tasks: Tasks) -> None:
        super().__init__()
        self._camera, self._tasks = camera, tasks
        self._looking, self._next_s, self._last = False, 0.0, ""
        self.watching = False
        camera.frame_came.connect(self._frame_came)

    def start(self) -> None:
        """Begin to look; the camera is somebody else's to switch on."""
        self.watching, self._last = True, ""

    def stop(self) -> None:
        """Look no longer."""
        self.watching = False

    def _frame_came(self) -> None:
        frame = self._camera.newest
        if self.watching and not self._looking and frame is not None and time.monotonic() >= self._next_s:
            self._looking = True
            self._next_s = time.monotonic() + LOOK_EVERY_S
            self._tasks.run(
                Lane.WORK, lambda _c: read_qr(frame), done=self._read, failed=lambda _error: self._read(None)
            )

    def _read(self, text: str | None) -> None:
        self._looking = False
        # A card is held before the camera for seconds, and read again and again.
        if self.watching and text and text != self._last:
            self._last = text
            self.seen.emit(text)
