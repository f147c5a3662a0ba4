"""Frames and bitmaps as QImage; made away from the GUI thread, since a QImage may be."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage

from station.ports.camera import Frame
from station.ports.printer import Bitmap


def image_of_frame(frame: Frame) -> QImage:
    """Return a frame as an image of its own memory."""
    return _over(frame).copy()


def _over(frame: Frame) -> QImage:
    """Return an image that uses the frame's own memory, and holds only as long as that."""
    return QImage(frame.pixels, frame.width_px, frame.height_px, frame.width_px * 3, QImage.Format.Format_BGR888)


def mirrored_to_cover(frame: Frame, size: QSize) -> QImage:
    """Return a frame mirrored, and no larger than it takes to cover ``size``."""
    image = _over(frame)
    if not size.isEmpty() and image.width() > size.width() and image.height() > size.height():
        aspect = Qt.AspectRatioMode.KeepAspectRatioByExpanding
        image = image.scaled(size, aspect, Qt.TransformationMode.SmoothTransformation)
    # Mirrored and converted when it is small: both cost by the pixel. Qt paints Format_RGB32 without converting it
    # again.
    return image.flipped(Qt.Orientation.Horizontal).convertToFormat(QImage.Format.Format_RGB32)


def mirrored_to_fill(frame: Frame, size: QSize) -> QImage:
    """Return a frame mirrored, in exactly ``size`` pixels, its overhang cut evenly: painted as it is, at no cost."""
    import cv2
    import numpy as np

    pixels = np.frombuffer(frame.pixels, np.uint8).reshape(frame.height_px, frame.width_px, 3)
    scale = max(size.width() / frame.width_px, size.height() / frame.height_px)
    width, height = min(frame.width_px, round(size.width() / scale)), min(frame.height_px, round(size.height() / scale))
    left, top = (frame.width_px - width) // 2, (frame.height_px - height) // 2
    way = cv2.INTER_AREA if scale < 0.5 else cv2.INTER_LINEAR  # the first takes ten times as long
    # These calls let other threads of Python work meanwhile, which Qt's own scaling does not.
    filled = cv2.resize(
        pixels[top : top + height, left : left + width], (size.width(), size.height()), interpolation=way
    )
    shown = np.ascontiguousarray(cv2.cvtColor(cv2.flip(filled, 1), cv2.COLOR_BGR2BGRA))
    # A QImage keeps nobody's memory alive: without the copy it would show what NumPy has freed.
    return QImage(shown.data, size.width(), size.height(), size.width() * 4, QImage.Format.Format_RGB32).copy()


def image_of_bitmap(bitmap: Bitmap) -> QImage:
    """Return a rendered side as an image of its own memory."""
    if bitmap.mode != "RGB":
        raise ValueError(f"a preview is made of RGB bitmaps, not of {bitmap.mode}")
    stride = bitmap.width_px * 3
    image = QImage(bitmap.data, bitmap.width_px, bitmap.height_px, stride, QImage.Format.Format_RGB888)
    return image.convertToFormat(QImage.Format.Format_RGB32)


def thumbnail(jpeg: bytes, height_px: int = 80) -> QImage | None:
    """Return a small picture of a portrait, ``None`` when the bytes are no picture."""
    image = QImage.fromData(jpeg)
    if image.isNull():
        return None
    return image.scaledToHeight(height_px, Qt.TransformationMode.SmoothTransformation)
