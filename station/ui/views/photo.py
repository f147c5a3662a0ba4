"""The photo: the live picture, then the still with its crop. A picture file may be dropped onto either."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFileDialog, QStackedLayout, QVBoxLayout, QWidget

from station.domain.errors import N_
from station.domain.portrait import Crop
from station.services.capture import CameraState
from station.ui.context import Ui
from station.ui.theme.tokens import SECONDARY
from station.ui.viewmodels.desk import DeskModel
from station.ui.viewmodels.stages import Stage
from station.ui.views.no_camera import NoCameraView
from station.ui.widgets.base import View, arrange
from station.ui.widgets.camera_view import CameraCaptions, CameraView
from station.ui.widgets.crop_view import CropView
from station.ui.widgets.labels import Text

_PICTURES = "*.jpg *.jpeg *.png *.webp *.tif *.tiff *.bmp"

_LOW = 240


class PhotoView(View):
    """Live and still. The camera runs while this can be seen and no still is taken."""

    file_chosen = Signal(object)

    def __init__(self, ui: Ui, desk: DeskModel, parent: QWidget | None = None) -> None:
        super().__init__(ui, parent)
        self.desk = desk
        self.setAcceptDrops(True)
        self.camera = CameraView(ui, self)
        self.crop = CropView(ui, self)
        self.crop.setObjectName("crop")
        self.crop.moved.connect(self._moved)
        self.none = NoCameraView(ui, self)
        self._hint = Text(ui, SECONDARY, "muted", parent=self)
        self._hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._pages = QStackedLayout()
        self._pages.addWidget(self.camera)
        self._pages.addWidget(self.crop)
        self._pages.addWidget(self.none)
        # The pictures have room for their shadow; it may reach over the column's own margin.
        column = arrange(QVBoxLayout(self), gap=0)
        column.addLayout(self._pages, 1)
        column.addWidget(self._hint)
        desk.camera.frame_came.connect(self._frame_came)
        desk.camera.changed.connect(self.refresh)
        desk.people_changed.connect(self.refresh)

    def refresh(self) -> None:
        session = self.desk.current
        if session is None or session.stage not in (Stage.PHOTO, Stage.CROP):
            return
        cropping = session.stage is Stage.CROP
        report = self.desk.camera.report
        self.none.show_error(report.error if report else None)
        self._pages.setCurrentWidget(self.crop if cropping else self.none if session.camera_away else self.camera)
        portrait = session.portrait
        if cropping and portrait.still is not None and portrait.area is not None:
            self.crop.show_still(portrait.still, portrait.area, portrait.crop)
        self.crop.setAccessibleName(self.ui.text(N_("The photo's crop: arrows move it, plus and minus zoom")))
        self._hint.setText(self.ui.text(N_("Drag the frame or use the arrow keys; wheel or + and − zoom.")))
        self._hint.setVisible(cropping and self.height() >= _LOW)
        self.camera.show_captions(self._captions())
        if not self.desk.camera.live:
            self.camera.show_frame(None)

    def choose_file(self) -> None:
        """Let a person choose a picture file, beside the window's own work."""
        dialog = QFileDialog(self, self.ui.text(N_("Choose a portrait")))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        pictures = self.ui.text(N_("Pictures"))
        dialog.setNameFilter(f"{pictures} ({_PICTURES})")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setModal(False)
        dialog.fileSelected.connect(lambda name: self.file_chosen.emit(Path(name)))
        dialog.show()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        super().showEvent(event)
        self.refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        self.desk.camera.set_view(self.camera.picture_px())
        self.refresh()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802 - Qt's name
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802 - Qt's name
        local = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        if local:
            self.file_chosen.emit(Path(local[0]))

    def _frame_came(self) -> None:
        if self.isVisible():
            self.camera.show_frame(self.desk.camera.image)

    def _moved(self, crop: Crop) -> None:
        session = self.desk.current
        if session is not None:
            session.portrait.set_crop(crop)

    def _captions(self) -> CameraCaptions:
        report, text = self.desk.camera.report, self.ui.text
        if report is None or report.state in (CameraState.OPENING, CameraState.CLOSED):
            return CameraCaptions("", "", text(N_("The camera is starting…")))
        saying = text(N_("Face in the oval, then press Space"))
        return CameraCaptions(report.name, text(N_("Mirrored for the student")), saying)
