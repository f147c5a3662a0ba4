"""What is seen in the live picture: the face, one hint, and whether the photo is about to be taken by itself."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection

from PySide6.QtCore import QObject, Signal

from station.domain.errors import N_, Cancelled, ModelError, StationError
from station.domain.message import Message
from station.domain.portrait import Crop
from station.photo.autocapture import Phase
from station.photo.checks import CheckName, Finding, PrintTarget
from station.ports.camera import Frame
from station.ports.tasks import Handle, Lane, Tasks
from station.services.autocapture import FaceWatch, Judged, Rules, Seen, Shot
from station.services.capture import LatestFrame
from station.ui.tone import Tone
from station.ui.viewmodels.camera import CameraModel
from station.ui.viewmodels.saying import Saying

_FACE_IN_OVAL = Saying(Message(N_("Face in the oval, then press Space")))
_LOOKING = Saying(Message(N_("Looking for the face…")))
_GOOD_BY_HAND = Saying(Message(N_("Good. Press Space")), Tone.OK)
_GOOD = Saying(Message(N_("Good. Hold still…")), Tone.OK)
_COUNTING = N_("Good. Hold still… {count}")
_NOT_FOLLOWED = N_("The face can't be followed just now. Press Space")
_BY_HAND = N_("Take the photo by hand; it is tried again with the next person. If it stays so, call IT.")


class LiveModel(QObject):
    """Analyses the camera's frames while a portrait is taken. ``shot`` carries a ``Shot`` that was taken by itself.

    ``changed`` comes with every analysed frame that the window has the time for; ``switched`` when automatic capture
    was switched on or off by a person, to be remembered.
    """

    changed = Signal()
    shot = Signal(object)
    switched = Signal(bool)

    def __init__(self, camera: CameraModel, tasks: Tasks, target: Callable[[], PrintTarget], *, auto: bool) -> None:
        super().__init__()
        self._camera, self._tasks, self._target = camera, tasks, target
        self._watch = FaceWatch()
        self._handle: Handle | None = None
        self._turn = 0
        self._lock = threading.Lock()
        self._coming: Seen | None = None
        self._for = ""
        self._overridden: frozenset[CheckName] = frozenset()
        self.auto = auto
        self.paused = False
        self.seen: Seen | None = None
        self.error: StationError | None = None

    @property
    def running(self) -> bool:
        """Say whether frames are analysed."""
        return self._handle is not None

    @property
    def takes_itself(self) -> bool:
        """Say whether the photo is taken without a key as things stand."""
        return self.auto and not self.paused and self.error is None

    @property
    def counting(self) -> bool:
        """Say whether the photo is about to be taken by itself."""
        return self.seen is not None and self.seen.auto.phase in (Phase.COUNTING, Phase.BURST) and self.takes_itself

    @property
    def hint(self) -> Finding | None:
        """Return what could be better, ``None`` when nothing is known of."""
        return self.seen.hint if self.seen else None

    @property
    def likely_crop(self) -> Crop | None:
        """Return the crop that the newest analysed frame asks for."""
        return self.seen.judged.crop if self.seen else None

    def saying(self) -> Saying:
        """Return the one thing to be said now."""
        seen = self.seen
        if self.error is not None:
            return Saying(Message(self.error.what, self.error.params), Tone.WARN)
        if seen is None:
            return _LOOKING if self.running else _FACE_IN_OVAL
        if self.counting and seen.auto.count:
            return Saying(Message(_COUNTING, {"count": seen.auto.count}), Tone.OK, _GOOD.message)
        if seen.hint is not None and not self.counting:
            return Saying(seen.hint.hint, Tone.WARN)
        good = _GOOD if self.takes_itself else _GOOD_BY_HAND
        return good if seen.outline is not None else _LOOKING

    def start(self, holder_id: str) -> None:
        """Analyse frames for the portrait of somebody; a count that was stopped stays so for the same person."""
        if holder_id != self._for:
            self.stop()  # what was counted or taken for the one before is nobody's now
            self._for, self.paused, self._overridden = holder_id, False, frozenset()
            # A model that is missing is so for the next person too; anything else is tried again.
            if not isinstance(self.error, ModelError):
                self.error = None
        if self._handle is not None or self.error is not None:
            return
        # Reports of a run that was stopped are still on their way when the next has begun: each carries its run's
        # number.
        self._turn = turn = self._turn + 1
        # A place of its own for each run: what the camera still lays into the one before nobody takes.
        self._camera.tap = frames = LatestFrame()
        self._tell_rules()
        self._handle = self._tasks.run(
            Lane.ANALYSIS,
            lambda cancel: self._watch.watch(
                frames,
                self._target(),
                on_seen=lambda seen: self._on_seen(turn, seen),
                on_shot=lambda shot: self._tasks.post(lambda: self._shot(turn, shot)),
                cancel=cancel,
            ),
            failed=lambda error: self._failed(turn, error),
        )

    def stop(self) -> None:
        """Analyse no more."""
        if self._handle is not None:
            self._handle.cancel()
        self._handle, self._camera.tap, self.seen = None, None, None

    def set_auto(self, auto: bool) -> None:
        """Switch automatic capture on or off, from now on; on, it also goes on after a count that was stopped."""
        news = auto != self.auto
        self.auto, self.paused = auto, False
        self._tell_rules()
        if news:
            self.switched.emit(auto)
        self.changed.emit()

    def stop_count(self) -> bool:
        """Stop the count, if there is one, for this person; say whether there was."""
        if not self.counting:
            return False
        self.paused = True
        self._tell_rules()
        self.changed.emit()
        return True

    def go_over(self, checks: Collection[CheckName]) -> None:
        """Say nothing more about these checks for this person."""
        if frozenset(checks) != self._overridden:
            self._overridden = frozenset(checks)
            self._tell_rules()

    def judge(self, frame: Frame, done: Callable[[Judged | None], None]) -> None:
        """Find face and findings in a still and hand them to ``done``; ``None`` where faces can't be found."""
        if self.error is not None:
            done(None)
            return

        def failed(error: Exception) -> None:
            self._failed(self._turn, error)
            done(None)

        self._tasks.run(Lane.ANALYSIS, lambda _c: self._watch.judge(frame, self._target()), done=done, failed=failed)

    def _tell_rules(self) -> None:
        self._watch.rules = Rules(self.takes_itself, self._overridden)

    def _on_seen(self, turn: int, seen: Seen) -> None:
        """Pass on what was seen, on the analysis' thread; only the newest waits for the window."""
        with self._lock:
            told, self._coming = self._coming is not None, seen
        if not told:
            self._tasks.post(lambda: self._deliver(turn))

    def _deliver(self, turn: int) -> None:
        with self._lock:
            seen, self._coming = self._coming, None
        if turn == self._turn and self._handle is not None:
            self.seen = seen
            self.changed.emit()

    def _shot(self, turn: int, shot: Shot) -> None:
        # Esc, or the switch, may have come while the picture was on its way: a person has the last word.
        if turn == self._turn and self._handle is not None and self.takes_itself:
            self.shot.emit(shot)

    def _failed(self, turn: int, error: Exception) -> None:
        if turn != self._turn:
            return
        self.stop()
        if not isinstance(error, Cancelled):
            self.error = error if isinstance(error, StationError) else StationError(_NOT_FOLLOWED, _BY_HAND)
            self.changed.emit()
