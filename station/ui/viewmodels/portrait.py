"""The portrait of one person in the making: a still, its crop, and the accepted picture."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from station.domain.errors import StationError
from station.domain.message import Message
from station.domain.portrait import Crop, OverrideReason, Portrait, PortraitSource
from station.photo.checks import CheckName, Finding, Verdict, first_hint, for_crop
from station.photo.crop import CropArea
from station.photo.portraits import PortraitShape, Sitting, make_portrait
from station.ports.camera import Frame
from station.ports.clock import Clock
from station.ports.tasks import Lane, Tasks
from station.services.backgrounds import PlainBackgrounds
from station.ui.viewmodels.background import BackgroundModel
from station.ui.viewmodels.pictures import image_of_frame
from station.ui.viewmodels.stages import Background

if TYPE_CHECKING:
    from station.services.autocapture import Judged
    from station.services.portrait_sources import OpenedPortrait
    from station.ui.viewmodels.live import LiveModel

# The oval of the preview fills three quarters of this crop, as a face does an ID photo (ICAO Doc 9303).
_AS_THE_OVAL = Crop(0.5, 0.49, 0.84)


class PortraitModel(QObject):
    """Hold a still and its crop until it is accepted. ``changed`` says that one of them is another."""

    changed = Signal()
    failed = Signal(object)

    def __init__(
        self,
        holder_id: str,
        tasks: Tasks,
        clock: Clock,
        shape: PortraitShape,
        *,
        backgrounds: PlainBackgrounds | None = None,
    ) -> None:
        super().__init__()
        self.background = BackgroundModel(tasks, backgrounds or PlainBackgrounds())
        self.background.decided.connect(self.changed)
        self._holder_id, self._tasks, self._clock, self._shape = holder_id, tasks, clock, shape
        self._frame: Frame | None = None
        self._source, self._taken_at = PortraitSource.CAMERA, clock.now()
        self._opened: OpenedPortrait | None = None
        self.still: QImage | None = None
        self.area: CropArea | None = None
        self.crop = Crop()
        self._found: tuple[Finding, ...] = ()
        self._found_height = 1.0
        self.awaited = False
        """Whether it is still being found out what is to be said of the still."""
        self.overrides: dict[CheckName, OverrideReason] = {}
        self.live: LiveModel | None = None
        """Who finds the face in a still; without it, crops are made by hand."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Return what was found in the still, for the crop as it is now."""
        # Who zooms in by hand has fewer pixels to print than the crop in which things were found.
        return for_crop(self._found, self.crop.height / self._found_height)

    @property
    def has_still(self) -> bool:
        """Say whether there is a still to be cropped."""
        return self._frame is not None

    def take(
        self,
        frame: Frame,
        source: PortraitSource = PortraitSource.CAMERA,
        crop: Crop | None = None,
        judged: Judged | None = None,
    ) -> None:
        """Keep ``frame`` as the still; what ``judged`` does not tell of it is found out, and the crop with it."""
        self._frame, self._source, self._opened, self._taken_at = frame, source, None, self._clock.now()
        self.background.drop()
        self.still = image_of_frame(frame)
        self.area = CropArea(frame.width_px, frame.height_px, self._shape.ratio)
        # The live picture tells of who sits there, not of who is in a file.
        likely = self.live.likely_crop if self.live and source is PortraitSource.CAMERA else None
        first = crop or (judged.crop if judged else likely)
        self.crop = self.area.clamp(first or (_AS_THE_OVAL if source is PortraitSource.CAMERA else Crop()))
        self._find(judged)
        # Set before the asking: where faces can't be found, the answer comes at once.
        self.awaited = judged is None and self.live is not None
        if self.awaited and self.live is not None:
            before = self.crop
            self.live.judge(frame, lambda told: self._judged(frame, told, before if crop is None else None))
        self.changed.emit()

    def take_from(self, opener: Callable[[], OpenedPortrait], wanted: Callable[[], bool] = lambda: True) -> None:
        """Open a picture that is there already and keep it as the still; ``failed`` says why when that can't be.

        ``wanted`` is asked when it is open: a large file takes a while, and meanwhile a photo may have been taken.
        """

        def opened(picture: OpenedPortrait) -> None:
            if wanted():
                self._take_opened(picture)

        self._tasks.run(Lane.WORK, lambda _cancel: opener(), done=opened, failed=self.failed.emit)

    @property
    def remarks(self) -> tuple[Message, ...]:
        """Return what is to be said of a still that was not taken just now: of its file, and of its age."""
        opened = self._opened
        return () if opened is None else (*opened.notes, *opened.age_remarks)

    def set_crop(self, crop: Crop) -> None:
        """Take another part of the still."""
        self.crop = crop
        self.background.drop()  # what is plain is what was shown before and after, and no other part of the still
        self.changed.emit()

    @property
    def hint(self) -> Finding | None:
        """Return what is least as it should be in the still, and was not gone over."""
        settled = set(self.overrides) | ({CheckName.BACKGROUND} if self.background.taken else set())
        return first_hint(finding for finding in self.findings if finding.name not in settled)

    def make_plain(self) -> None:
        """Make the background plain, to be looked at; ``background`` says how that goes."""
        if self.has_still:
            self.background.ask(self._cutter(None))

    def go_over(self, check: CheckName, reason: OverrideReason) -> None:
        """Go over a check for this person, in the live picture and in every still; the reason is kept with it."""
        self.overrides[check] = reason
        if self.live is not None:
            self.live.go_over(self.overrides)
        self.changed.emit()

    def drop(self) -> None:
        """Forget the still; it never touches the disk."""
        self._frame, self.still, self.area, self._found, self._opened = None, None, None, (), None
        self.awaited = False
        self.background.drop()
        self.changed.emit()

    def cutter(self) -> Callable[[], Portrait]:
        """Return what makes the portrait from the still as it is now; to be called away from the GUI thread.

        Raises:
            StationError: there is no still.
        """
        return self._cutter(self.background.taken)

    def _cutter(self, plain: bytes | None) -> Callable[[], Portrait]:
        frame, crop, shape = self._frame, self.crop, self._shape
        if frame is None:
            raise StationError(detail="no still")
        opened = self._opened
        taken_at = opened.taken_at if opened else None
        sitting = Sitting(uuid.uuid4().hex, self._holder_id, taken_at or self._taken_at, self._source)
        records = tuple(each.record(self._reason_for(each)) for each in self.findings)
        records += opened.findings if opened else ()

        def cut() -> Portrait:
            portrait = replace(make_portrait(sitting, frame, crop, shape), findings=records)
            return portrait.with_plain_background(plain) if plain else portrait

        return cut

    def _reason_for(self, finding: Finding) -> str:
        # A reason may tell of somebody's health or faith: it is kept only where there was something to go over.
        return "" if finding.verdict is Verdict.OK else self.overrides.get(finding.name, "")

    def _take_opened(self, opened: OpenedPortrait) -> None:
        from station.photo.pictures import as_frame

        self.take(as_frame(opened.pixels), opened.source, opened.crop)
        # take() has just forgotten the file of the still before.
        self._opened = opened
        self.changed.emit()

    def _find(self, judged: Judged | None) -> None:
        self._found = judged.findings if judged else ()
        self._found_height = judged.crop.height if judged and judged.crop else self.crop.height

    def _judged(self, frame: Frame, judged: Judged | None, crop_before: Crop | None) -> None:
        """Take in what was found in the still; a crop that a person has moved meanwhile stays."""
        if frame is not self._frame or self.area is None:
            return
        self.awaited = False
        self._find(judged)
        if judged is not None and judged.crop is not None and self.crop == crop_before:
            # It was asked for before the face was found, of a crop that is none any more: it is made anew of the one
            # that came.
            working = self.background.state is Background.WORKING
            self.crop = self.area.clamp(judged.crop)
            self.background.drop()
            if working:
                self.make_plain()
        self.changed.emit()
