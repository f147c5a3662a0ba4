"""A card as the Evolis SDK takes it: one bitmap file a panel, settings to set after them, tracks for the stripe.

An order can be kept in a folder and read again: a job goes on after a restart with the very same pictures.
"""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from printers.api import PrinterProfile, RenderedCard, RenderedSide
from printers.bitmap import to_image
from printers.evolis_words import settings_for
from printers.records import replace_file

if TYPE_CHECKING:
    from PIL import Image

_FILE = "order.json"


@dataclass(frozen=True, slots=True)
class Order:
    """``panels`` are called ``FRONT.image``, ``BACK.black`` …, with one BMP file each in ``pictures``."""

    panels: tuple[str, ...]
    pictures: tuple[bytes, ...]
    settings: dict[str, str]
    tracks: tuple[str, ...] = ()

    def keep(self, folder: Path) -> None:
        """Write it into a folder; raises OSError."""
        folder.mkdir(parents=True, exist_ok=True)
        for panel, picture in zip(self.panels, self.pictures, strict=True):
            replace_file(folder / f"{panel}.bmp", picture)
        # Last of all, so that an order that has its list has all its pictures.
        told = {"panels": self.panels, "settings": self.settings, "tracks": self.tracks}
        replace_file(folder / _FILE, json.dumps(told).encode())

    @classmethod
    def kept(cls, folder: Path) -> Order | None:
        """Return what was kept in a folder, ``None`` when that is not whole."""
        try:
            told = json.loads((folder / _FILE).read_bytes())
            panels = tuple(str(panel) for panel in told["panels"])
            pictures = tuple((folder / f"{panel}.bmp").read_bytes() for panel in panels)
            settings = {str(key): str(value) for key, value in told["settings"].items()}
            return cls(panels, pictures, settings, tuple(str(track) for track in told["tracks"]))
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return None


def order_for(profile: PrinterProfile, card: RenderedCard) -> Order:
    """Return the order for one card."""
    panels: dict[str, bytes] = _panels(profile, card.front, resin=profile.resin_front)
    named = {f"FRONT.{kind}": picture for kind, picture in panels.items()}
    if card.back is not None:
        panels = _panels(profile, card.back, resin=profile.resin_back, turned=profile.rotate_back)
        named |= {f"BACK.{kind}": picture for kind, picture in panels.items()}
    tracks = card.tracks if profile.magnetic and any(card.tracks) else ()
    return Order(tuple(named), tuple(named.values()), settings_for(profile, card), tracks)


def _panels(profile: PrinterProfile, side: RenderedSide, *, resin: bool, turned: bool = False) -> dict[str, bytes]:
    """Return the bitmaps of one side. Without a resin panel the colours have to make the black, too."""
    found = {"image": _bmp(to_image(side.colour if resin else side.composite), turned)}
    if resin:
        found["black"] = _bmp(to_image(side.resin), turned)
    if profile.overlay_holes and side.overlay is not None:
        found["overlay"] = _bmp(_inverted(to_image(side.overlay)), turned)  # the SDK asks where the varnish goes
    if profile.uv and side.uv is not None:
        found["uv"] = _bmp(to_image(side.uv).convert("L"), turned)
    return found


def _inverted(image: Image.Image) -> Image.Image:
    return image.point(lambda level: 255 - level)


def _bmp(image: Image.Image, turned: bool) -> bytes:
    from PIL import Image

    stream = io.BytesIO()
    (image.transpose(Image.Transpose.ROTATE_180) if turned else image).save(stream, "BMP")
    return stream.getvalue()
