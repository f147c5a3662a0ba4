"""The camera as the window sees it: the newest picture, mirrored, and whether there is one; which others there are."""

from __future__ import annotations

import threading

from PySide6.QtCore import QObject, QSize, QTimer, Signal
from PySide6.QtGui import QImage

from station.domain.errors import CameraError, Cancelled
from station.ports.camera import CameraInfo, Frame, LightLock
from station.ports.tasks import Handle, Lane, Tasks
from station.services.capture import CameraChoice, CameraReport, CameraState, CaptureService, LatestFrame
from station.ui.viewmodels.pictures import mirrored_to_cover, mirrored_to_fill

LIST_EVERY_MS = 2000


class CameraModel(QObject):
    """Run the camera while somebody looks. Frames that come faster than they are painted are dropped.

    ``listed`` says that a camera was plugged in or pulled; ``chosen`` carries the ``CameraChoice`` to be remembered.
    """

    frame_came = Signal()
    changed = Signal()
    listed = Signal()
    chosen = Signal(object)

    def __init__(
        self, capture: CaptureService, tasks: Tasks, choice: str | CameraChoice, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._capture, self._tasks = capture, tasks
        self.choice = CameraChoice(choice) if isinstance(choice, str) else choice
        self._handle: Handle | None = None
        self._turn = 0
        self._lock = threading.Lock()
        self._coming: tuple[QImage, QImage | None] | None = None
        self._newest: Frame | None = None
        self._view_px = QSize()
        self._timer = QTimer(self)
        self._timer.setInterval(LIST_EVERY_MS)
        self._timer.timeout.connect(self.look_around)
        self._looking = False
        self._second_px = QSize()
        self._coming_at_s = self.image_at_s = 0.0
        self.image: QImage | None = None
        self.second_image: QImage | None = None
        """The newest picture for the student's mirror, in the pixels that it asked for."""
        self.report: CameraReport | None = None
        self.light: LightLock | None = None
        self.cameras: tuple[CameraInfo, ...] = ()
        self.names: dict[str, str] = {}
        """What each source was called when it was there."""
        self.tap: LatestFrame | None = None
        """Where frames are laid for somebody who analyses them, besides the window."""

    @property
    def live(self) -> bool:
        """Say whether pictures are coming."""
        return self.report is not None and self.report.state is CameraState.LIVE

    @property
    def newest(self) -> Frame | None:
        """Return the newest frame as the camera gave it, ``None`` when there is none."""
        return self._newest if self.live else None

    def set_view(self, size: QSize) -> None:
        """Say how many pixels are shown, so that no more are prepared."""
        self._view_px = size

    def set_second_view(self, size: QSize) -> None:
        """Say how many pixels a second window shows; empty for none."""
        self._second_px = size

    def start(self) -> None:
        """Switch the camera on; nothing happens when it is on."""
        if self._handle is None:
            self._turn = turn = self._turn + 1
            self.light = None
            choice = self.choice
            self._handle = self._tasks.run(
                Lane.CAMERA,
                lambda cancel: self._capture.run(
                    choice,
                    on_frame=lambda frame: self._on_frame(turn, frame),
                    on_state=lambda report: self._on_state(turn, report),
                    on_light=lambda light: self._tasks.post(lambda: self._light_found(turn, light)),
                    cancel=cancel,
                ),
                failed=lambda error: self._failed(turn, error),
            )
            self.look_around()
            self._timer.start()

    def stop(self) -> None:
        """Switch the camera off: its light tells people that they are not being filmed."""
        if self._handle is not None:
            self._handle.cancel()
        self._turn += 1  # a frame that is just being prepared comes too late
        self._ended()

    def choose(self, choice: CameraChoice) -> None:
        """Take another camera, or another size of picture, now and from now on."""
        if choice != self.choice:
            self.choice = choice
            self.chosen.emit(choice)
            self.again()

    def again(self) -> None:
        """Open the camera anew, if it is on: it measures the light once more."""
        if self._handle is not None:
            self.stop()
            self.start()

    def look_around(self) -> None:
        """Look which cameras there are; ``listed`` says when they are others than before."""
        if not self._looking:  # where a tool of the system is asked that takes its time, nobody queues up behind it
            self._looking = True
            self._tasks.run(
                Lane.LOOKUP,
                lambda _c: self._capture.cameras(),
                done=self._found,
                failed=lambda _error: self._found(self.cameras),
            )

    def _found(self, cameras: tuple[CameraInfo, ...]) -> None:
        self._looking = False
        if cameras != self.cameras:
            self.cameras = cameras
            self.names.update((camera.source, camera.name) for camera in cameras)
            self.listed.emit()

    def _ended(self) -> None:
        self._timer.stop()
        self._handle = None
        self._forget_frames()

    def _forget_frames(self) -> None:
        with self._lock:
            self._newest, self._coming = None, None  # they may show somebody who is not there any more
        self.image, self.second_image = None, None

    def _failed(self, turn: int, error: Exception) -> None:
        """Say that the camera gives no picture; one that was cancelled before it began is on again already."""
        if turn != self._turn:
            return
        self._ended()
        if not isinstance(error, Cancelled):
            name = self.report.name if self.report else self.choice.source
            told = CameraError(device=name, detail=type(error).__name__)
            self._state_changed(CameraReport(CameraState.AWAY, name, told))

    def _on_frame(self, turn: int, frame: Frame) -> None:
        """Prepare a frame, on the camera's thread; tell the window only when it has taken the one before."""
        if turn != self._turn:
            return
        # Read once: between a look and the use, the window may take it away.
        tap = self.tap
        if tap is not None:
            tap.put(frame)
        image, second_px = mirrored_to_cover(frame, self._view_px), self._second_px
        second = None if second_px.isEmpty() else mirrored_to_fill(frame, second_px)
        with self._lock:
            if turn != self._turn:  # switched off meanwhile: it may show somebody who is not served any more
                return
            self._newest, self._coming_at_s = frame, frame.grabbed_at_s
            told = self._coming is not None
            self._coming = (image, second)
        if not told:
            self._tasks.post(self._deliver)

    def _deliver(self) -> None:
        with self._lock:
            coming, self._coming = self._coming, None
            self.image_at_s = self._coming_at_s
        if coming is not None and self._handle is not None:
            self.image, self.second_image = coming
            self.frame_came.emit()

    def _on_state(self, turn: int, report: CameraReport) -> None:
        if report.state is CameraState.AWAY and turn == self._turn:
            self._forget_frames()
        self._tasks.post(lambda: self._state_changed(report))

    def _state_changed(self, report: CameraReport) -> None:
        self.report = report
        self.changed.emit()

    def _light_found(self, turn: int, light: LightLock) -> None:
        if turn == self._turn:
            self.light = light
            self.changed.emit()
