"""A small rendered card, made without the renderer: for tests of what comes after it."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from PIL import Image, ImageDraw

from station.ports.faults import Fault
from station.ports.printer import Bitmap, RenderedCard, RenderedSide

WIDTH_PX, HEIGHT_PX, DPI = 1016, 648, 300


def _rgb(image: Image.Image) -> Bitmap:
    return Bitmap("RGB", image.width, image.height, image.tobytes())


def _ink(image: Image.Image) -> Bitmap:
    """Return the pure black of a picture as the port has it: one bit a dot, 1 is ink."""
    mask = image.convert("L").point(lambda level: 255 if level == 0 else 0, "1")
    return Bitmap("1", image.width, image.height, mask.tobytes())


def sample_image(text: str = "front", *, size: tuple[int, int] = (WIDTH_PX, HEIGHT_PX)) -> Image.Image:
    """Return a side as the eye sees it; its four corners differ, so that a turned or cut one is noticed."""
    width, height = size
    image = Image.new("RGB", size, (250, 250, 250))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, width, height // 5), fill=(0, 90, 160))
    draw.rectangle((width * 3 // 4, height * 2 // 3, width, height), fill=(200, 60, 40))
    draw.rectangle((0, height * 2 // 3, width // 8, height), fill=(30, 140, 60))
    draw.fontmode = "1"
    draw.text((width // 4, height // 2), f"ESC {text}", fill=(0, 0, 0))
    return image


def sample_side(text: str = "front", *, size: tuple[int, int] = (WIDTH_PX, HEIGHT_PX)) -> RenderedSide:
    """Return a side with its colour and its black resin apart."""
    composite = sample_image(text, size=size)
    resin = _ink(composite)
    mask = Image.frombytes("1", composite.size, resin.data)
    colour = composite.copy()
    colour.paste((255, 255, 255), mask=mask)
    return RenderedSide(_rgb(colour), resin, _rgb(composite))


def sample_rendered_card(
    *, two_sided: bool = True, size: tuple[int, int] = (WIDTH_PX, HEIGHT_PX), dpi: int = DPI
) -> RenderedCard:
    """Return a card at the raster of the generic printer profile."""
    back = sample_side("back", size=size) if two_sided else None
    return RenderedCard(sample_side("front", size=size), back, dpi, dpi, 85.60, 53.98)


@dataclass
class FaultSwitch:
    """A fault source that a test turns; safe to turn while another thread prints."""

    _faults: dict[str, Fault] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def set(self, device: str, kind: str, value: float = 0.0) -> None:
        """Break a device."""
        with self._lock:
            self._faults[device] = Fault(device, kind, value)

    def clear(self, device: str) -> None:
        """Repair a device."""
        with self._lock:
            self._faults.pop(device, None)

    def fault(self, device: str) -> Fault | None:
        """Return what is broken about a device."""
        with self._lock:
            return self._faults.get(device)
