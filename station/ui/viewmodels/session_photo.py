"""The photo of one person at the desk: taken, chosen or pasted, cropped, accepted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from station.domain.holder import Holder
from station.domain.portrait import Portrait
from station.domain.workflow import Act, Issuance
from station.ports.tasks import Tasks
from station.services.autocapture import Shot
from station.services.desk import Desk
from station.ui.viewmodels.camera import CameraModel
from station.ui.viewmodels.pictures import thumbnail
from station.ui.viewmodels.session_state import SessionState
from station.ui.viewmodels.stages import Stage
from station.ui.viewmodels.trouble import trouble_for

if TYPE_CHECKING:
    from station.services.portrait_sources import OpenedPortrait, PortraitSources


class PhotoSession(SessionState):
    """Carry out what concerns the portrait, from the first still to the one that is kept."""

    def __init__(self, desk: Desk, tasks: Tasks, camera: CameraModel, holder: Holder, mark: int) -> None:
        super().__init__(desk, tasks, holder, mark)
        self._camera = camera
        self._accepts_when_found = False
        self._picture_refused = False
        self.portrait.failed.connect(self._refused)
        self.portrait.changed.connect(self._portrait_changed)
        self.portrait.background.changed.connect(self.changed)

    def take_shot(self, shot: Shot) -> None:
        """Go on with a picture that was taken by itself."""
        # Space may have been quicker than the burst: the still that a person took stays.
        if self.stage is Stage.PHOTO and self.trouble is None and not self.portrait.has_still:
            self.portrait.take(shot.frame, judged=shot.judged)

    def take_file(self, path: Path) -> None:
        """Take the portrait from a picture file."""
        self.take_picture(lambda sources: sources.open_file(path))

    def take_picture(self, opener: Callable[[PortraitSources], OpenedPortrait]) -> None:
        """Take the portrait from a picture that is there already."""
        if self.stage in (Stage.PHOTO, Stage.CROP):
            self.trouble = None
            self.portrait.take_from(lambda: opener(self._desk.sources), self._may_take)

    def _may_take(self) -> bool:
        """Say whether a still can be taken; not while one is being kept, nor after."""
        return self.stage in (Stage.PHOTO, Stage.CROP) and not self.busy

    def _shutter(self) -> None:
        frame = self._camera.newest
        if frame is not None:
            self.portrait.take(frame)

    def _portrait_changed(self) -> None:
        if self.portrait.has_still and self.stage in (Stage.PHOTO, Stage.CROP):
            self.stage = Stage.CROP
            self.preview.draft(self.issuance.escn if self.issuance else "", self.portrait.cutter())
        if self._accepts_when_found and not self.portrait.awaited:
            self._accept()
        self.changed.emit()

    def _accept(self) -> None:
        issuance, self._picture_refused = self.issuance, False
        # What was found is kept with the portrait, also when the key came before it was known.
        self._accepts_when_found = self.portrait.awaited
        if issuance is None or not self.portrait.has_still or self._accepts_when_found:
            return
        cut = self.portrait.cutter()
        self.production.run(lambda: self._kept(issuance, cut()), issuance)

    def _own_background(self) -> None:
        """Leave the plain background, or take it off the portrait that was kept."""
        issuance = self.issuance
        if self.stage is Stage.CROP:
            self.portrait.background.leave()
        elif issuance is not None:
            self.portrait.background.drop()
            self.production.run(lambda: self._uncovered(issuance), issuance)

    def _kept(self, issuance: Issuance, portrait: Portrait) -> Issuance:
        """Keep the portrait; on the work lane."""
        after = self._desk.accept_portrait(issuance, portrait)
        self.face, self._plain_kept = thumbnail(portrait.image), portrait.natural is not None
        return after

    def _uncovered(self, issuance: Issuance) -> Issuance:
        """Take the plain background off; on the work lane."""
        after = self._desk.take_off_background(issuance)
        portrait = self._desk.store.portraits.get(after.portrait_id) if after.portrait_id else None
        self.face, self._plain_kept = thumbnail(portrait.image) if portrait else None, False
        return after

    def _refused(self, error: Exception) -> None:
        self._picture_refused = True
        self._troubled(error)

    def _troubled(self, error: Exception) -> None:
        begun = self.issuance is not None and self.issuance.pending is Act.PRINT
        chip = self.issuance is None or bool(self.issuance.uid)
        self.trouble = trouble_for(error, self.stage, job_waits=begun, chip=chip)
        self.changed.emit()
