"""Which portraits of a person there are already, besides what the camera sees."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QMimeData, QObject, Signal
from PySide6.QtGui import QGuiApplication, QImage

from station.domain.holder import Holder
from station.ports.tasks import Lane, Tasks
from station.services.desk import Desk

if TYPE_CHECKING:
    from station.services.portrait_sources import OfferedPortrait


class SourcesModel(QObject):
    """Look once for a person's portraits in the folder, in the register and among the earlier ones."""

    changed = Signal()

    def __init__(self, desk: Desk, tasks: Tasks, holder: Holder) -> None:
        super().__init__()
        self._desk, self._tasks, self._holder = desk, tasks, holder
        self.looking = False
        self.offers: tuple[OfferedPortrait, ...] = ()

    def refresh(self) -> None:
        """Look anew."""
        if not self.looking:
            self.looking = True
            self._tasks.run(
                Lane.WORK,
                lambda _c: self._desk.sources.of(self._holder),
                done=self._show,
                failed=lambda _e: self._show(()),
            )

    def _show(self, offers: tuple[OfferedPortrait, ...]) -> None:
        self.looking, self.offers = False, offers
        self.changed.emit()


# Of what other programs lay there, the kinds that say what they are; any picture that Qt understands comes last.
_KINDS = ("image/png", "image/jpeg", "image/webp", "image/tiff", "image/bmp", "image/heic", "image/heif")


def clipboard_picture(data: QMimeData | None = None) -> str | bytes | None:
    """Return the picture on the clipboard: a file's path, or a picture file's contents; ``None`` when there is none."""
    # None on a platform without a clipboard, or with nothing on it; the stubs don't say so.
    data = cast("QMimeData | None", data or QGuiApplication.clipboard().mimeData())
    if data is None:
        return None
    files = [url.toLocalFile() for url in data.urls() if url.isLocalFile()]
    if files:
        return files[0]
    for kind in _KINDS:
        if data.hasFormat(kind):
            return bytes(data.data(kind).data())
    image = QImage(data.imageData()) if data.hasImage() else QImage()
    return None if image.isNull() else _png(image)


def _png(image: QImage) -> bytes:
    from PySide6.QtCore import QBuffer, QIODevice

    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]  # its stubs want the format as bytes, Qt a text
    return bytes(buffer.data().data())
