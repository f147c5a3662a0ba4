"""The photo: the live picture, then the still with its crop. A picture file may be dropped onto either."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMargins, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFileDialog, QStackedLayout, QVBoxLayout, QWidget

from station.domain.errors import N_
from station.domain.message import Message
from station.domain.portrait import Crop, OverrideReason
from station.photo.checks import Finding
from station.photo.decoding import SUFFIXES
from station.ports.camera import LightLock
from station.services.capture import CameraState
from station.ui.context import Ui
from station.ui.theme.tokens import SECONDARY
from station.ui.tone import Tone
from station.ui.viewmodels.desk import DeskModel
from station.ui.viewmodels.saying import Saying
from station.ui.viewmodels.session import Session
from station.ui.viewmodels.stages import Background, Stage
from station.ui.views.before_after import BeforeAfterView
from station.ui.views.no_camera import NoCameraView
from station.ui.views.photo_menus import camera_menu, reasons_menu
from station.ui.widgets.base import View, arrange
from station.ui.widgets.camera_view import CameraCaptions, CameraView, FaceMark
from station.ui.widgets.crop_view import CropView
from station.ui.widgets.glass import GlassButton, HintPill
from station.ui.widgets.labels import Text

_PICTURES = " ".join(f"*{suffix}" for suffix in SUFFIXES)

_LOW = 240
_ROOM_FOR_WORDS = 200
"""Below this height what is said stands beside the picture: on it, it would hide the chin."""
_BESIDE, _WIDEST = 0.4, 16 / 9
_INSET, _EDGE = 14, 8


class PhotoView(View):
    """Live and still. The camera runs while this can be seen and no still is taken."""

    def __init__(self, ui: Ui, desk: DeskModel, parent: QWidget | None = None) -> None:
        super().__init__(ui, parent)
        self.desk = desk
        self.setAcceptDrops(True)
        self.camera = CameraView(ui, self)
        self.crop = CropView(ui, self)
        self.crop.setObjectName("crop")
        self.crop.moved.connect(self._moved)
        self.none = NoCameraView(ui, self)
        self.compare = BeforeAfterView(ui, self)
        self.pill = HintPill(ui, self)
        self.pill.setObjectName("saying")
        self.pill.clicked.connect(self.open_reasons)
        self.picker = GlassButton(ui, self)
        self.picker.setObjectName("cameraMenu")
        self.picker.clicked.connect(self.open_cameras)
        self._beside = 0
        self._hint = Text(ui, SECONDARY, "muted", parent=self)
        self._hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._pages = QStackedLayout()
        self._pages.addWidget(self.camera)
        self._pages.addWidget(self.crop)
        self._pages.addWidget(self.none)
        self._pages.addWidget(self.compare)
        # The pictures have room for their shadow; it may reach over the column's own margin.
        column = arrange(QVBoxLayout(self), gap=0)
        self._room = arrange(QVBoxLayout())
        self._room.addLayout(self._pages)
        column.addLayout(self._room, 1)
        column.addWidget(self._hint)
        desk.camera.frame_came.connect(self._frame_came)
        desk.camera.changed.connect(self.refresh)
        desk.people_changed.connect(self.refresh)
        desk.live_changed.connect(self._live_changed)
        self.none.choose.connect(self.open_cameras)

    def refresh(self) -> None:
        session = self.desk.current
        if session is None or session.stage not in (Stage.PHOTO, Stage.CROP):
            return
        cropping = session.stage is Stage.CROP
        report = self.desk.camera.report
        self.none.show_error(report.error if report else None)
        comparing = cropping and session.background in _COMPARED
        live = self.none if session.camera_away else self.camera
        self._pages.setCurrentWidget(self.compare if comparing else self.crop if cropping else live)
        self.compare.show_model(session.portrait.background)
        portrait = session.portrait
        if cropping and portrait.still is not None and portrait.area is not None:
            self.crop.show_still(portrait.still, portrait.area, portrait.crop)
        self.crop.setAccessibleName(self.ui.text(N_("The photo's crop: arrows move it, plus and minus zoom")))
        plain = session.background is Background.PLAIN
        remarks = " ".join(self.ui.tr_.message(remark) for remark in portrait.remarks)
        self._hint.setText(remarks or self.ui.text(_PLAIN_TAKEN if plain else _DRAG))
        self._hint.set_colour("warn" if remarks else "muted")
        self._hint.setVisible(cropping and not comparing and (bool(remarks) or self.height() >= _LOW))
        self.camera.show_captions(self._captions())
        if not self.desk.camera.live:
            self.camera.show_frame(None)
        self._say()
        self._place()

    def open_reasons(self) -> None:
        """Ask why what is said is gone over, if it can be."""
        session = self.desk.current
        finding = self._to_go_over(session) if session else None
        if session is None or finding is None:
            return

        def go_over(reason: OverrideReason) -> None:
            session.portrait.go_over(finding.name, reason)

        menu = reasons_menu(self.ui, self, finding.name, go_over)
        menu.popup(self.pill.mapToGlobal(QPoint(0, -menu.sizeHint().height() - 4)))

    def open_cameras(self) -> None:
        """Offer the other cameras, and how photos are taken."""
        menu = camera_menu(self.ui, self, self.desk)
        at = self.picker if self.picker.isVisible() else self.none
        menu.popup(at.mapToGlobal(QPoint(0, (at.height() if at is self.picker else 0) + 4)))

    def choose_file(self) -> None:
        """Let a person choose a picture file, beside the window's own work: for whom, says the title."""
        session = self.desk.current
        if session is None:
            return
        name = session.holder.full_name
        dialog = QFileDialog(self, self.ui.text(N_("Choose a portrait: {name}"), name=name))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        pictures = self.ui.text(N_("Pictures"))
        dialog.setNameFilter(f"{pictures} ({_PICTURES})")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setModal(False)
        # Not whoever is served by then: somebody else may be on the desk when the file is found.
        dialog.fileSelected.connect(lambda file: self._take_file(session, Path(file)))
        dialog.show()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        super().showEvent(event)
        self.refresh()
        self.desk.camera.set_view(self.camera.picture_px())  # another page may have shown a smaller picture

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        self.refresh()
        self.desk.camera.set_view(self.camera.picture_px())

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802 - Qt's name
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802 - Qt's name
        local = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        if local:
            self._take_file(self.desk.current, Path(local[0]))

    def _take_file(self, session: Session | None, path: Path) -> None:
        if session is not None and session in self.desk.sessions:
            session.take_file(path)

    def _frame_came(self) -> None:
        if self.isVisible():
            self.camera.show_frame(self.desk.camera.image)

    def _moved(self, crop: Crop) -> None:
        session = self.desk.current
        if session is not None:
            session.portrait.set_crop(crop)

    def _captions(self) -> CameraCaptions:
        starting = self._starting
        return CameraCaptions(mirror="" if starting else self.ui.text(N_("Mirrored for the student")))

    @property
    def _starting(self) -> bool:
        report = self.desk.camera.report
        return report is None or report.state in (CameraState.OPENING, CameraState.CLOSED)

    def _live_changed(self) -> None:
        session = self.desk.current
        if self.isVisible() and session is not None and session.stage is Stage.PHOTO:
            self._say()
            seen = self.desk.live.seen
            outline = seen.outline if seen else None
            if seen is None or outline is None:
                self.camera.show_mark(None)
            else:
                good = seen.good or self.desk.live.counting
                self.camera.show_mark(FaceMark(outline, good, seen.auto.held, seen.auto.count))

    def _to_go_over(self, session: Session) -> Finding | None:
        if session.stage is not Stage.CROP:
            return self.desk.live.hint
        told_otherwise = session.portrait.background.error or session.background in _COMPARED
        return None if told_otherwise else session.portrait.hint

    def _saying(self, session: Session) -> Saying | None:
        """Return what is said on the picture; nothing on a still that is as it should be."""
        if session.stage is Stage.CROP:
            background = session.portrait.background
            if background.error is not None:
                return Saying(Message(background.error.what, background.error.params), Tone.WARN)
            if session.background is Background.OFFERED and background.doubtful:
                return Saying(Message(_DOUBTFUL), Tone.WARN)
            if session.background in _COMPARED:
                return None
            hint = session.portrait.hint
            return Saying(hint.hint, Tone.WARN) if hint else None
        if session.camera_away:
            return None
        return _STARTING if self._starting else self.desk.live.saying()

    def _say(self) -> None:
        """Say the one thing that matters most now, and which camera this is."""
        session = self.desk.current
        saying = self._saying(session) if session else None
        before = self._sizes()
        if session is not None and saying is not None:
            tr = self.ui.tr_
            over = saying.tone is Tone.WARN and self._to_go_over(session) is not None
            aloud = tr.message(saying.aloud) if saying.aloud else None
            self.pill.say(tr.message(saying.message), saying.tone, key="R" if over else "", aloud=aloud)
        self.pill.setVisible(saying is not None)
        self.pill.setToolTip(self.ui.text(N_("Go over this check, with a reason (R)")) if self.pill.key else "")
        self.picker.setVisible(session is not None and session.stage is Stage.PHOTO and not session.camera_away)
        self._name_camera()
        # Another text needs another place: the camera's button had kept the width that it had while the camera was
        # starting.
        if self._sizes() != before:
            self._place()

    def _sizes(self) -> tuple[QSize, QSize]:
        return self.pill.size_in(self._pill_room()), self.picker.sizeHint()

    def _name_camera(self) -> None:
        camera, text = self.desk.camera, self.ui.text
        name = camera.report.name if camera.report and camera.live else text(N_("Camera"))
        frame = camera.newest
        parts = [name, f"{frame.height_px}p" if frame else ""]
        if camera.light is LightLock.AUTOMATIC:
            parts.append(text(N_("light not locked")))
        self.picker.set_label(" · ".join(part for part in parts if part))
        self.picker.setToolTip(text(N_("Choose the camera, and how photos are taken")))

    def _pill_room(self) -> int:
        # Of the layout around the pages: a stacked layout itself does not know where it is.
        return self._beside - _EDGE if self._beside else self._room.geometry().width() - 4 * _INSET

    def _picture(self) -> QRect:
        """Return where the picture is, in this view's own pixels."""
        page = self._pages.currentWidget()
        rect = self.crop.picture_rect() if page is self.crop else self.camera.picture_rect()
        return rect.toAlignedRect().translated(page.pos()) if page else QRect()

    def _place(self) -> None:
        """Put the words onto the picture, or beside it where it is low."""
        room = self._room.geometry()
        low = 0 < room.height() < _ROOM_FOR_WORDS and (self.pill.isVisibleTo(self) or self.picker.isVisibleTo(self))
        beside = max(round(room.width() * _BESIDE), room.width() - round(room.height() * _WIDEST)) if low else 0
        still = self._pages.currentWidget() in (self.crop, self.compare)
        if beside != self._beside:
            self._beside = beside
            self.pill.set_small(beside > 0)
        # A still is looked at closely: what is said lies below it.
        said_below = still and not beside and self.pill.isVisibleTo(self)
        below = self.pill.size_in(self._pill_room()).height() + _EDGE if said_below else 0
        if self._room.contentsMargins() != QMargins(0, 0, beside, below):
            self._room.setContentsMargins(0, 0, beside, below)
            self._room.activate()
        picture = self._picture()
        if beside:
            area = QRect(room.right() - beside + _EDGE, room.top() + _EDGE, beside - _EDGE, room.height() - 2 * _EDGE)
        elif still:
            area = room.adjusted(_INSET, 0, -_INSET, -_EDGE // 2)
        else:
            area = picture.adjusted(_INSET, 12, -_INSET, -18)
        wanted = self.picker.sizeHint()
        self.picker.setGeometry(QRect(area.topLeft(), QSize(min(wanted.width(), area.width()), wanted.height())))
        size = self.pill.size_in(self._pill_room())
        left = area.left() if beside else area.center().x() - size.width() // 2
        self.pill.setGeometry(QRect(QPoint(left, area.bottom() - size.height() + 1), size))
        self.pill.raise_()
        self.picker.raise_()


_COMPARED = (Background.WORKING, Background.OFFERED)
_DRAG = N_("Drag the frame or use the arrow keys; wheel or + and − zoom.")
_PLAIN_TAKEN = N_("The background is plain on the card. B gives the photo its own again; so does moving the frame.")
_DOUBTFUL = N_("The person could hardly be told from the background: look closely")
_STARTING = Saying(Message(N_("The camera is starting…")))
