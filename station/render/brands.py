"""An institution's own colour and artwork, read from its files: its logo, and the European Student Card's."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from station.domain.elements import EscLogoColour, EscLogoForm
from station.domain.errors import N_, LayoutError
from station.domain.message import Message
from station.render import artwork
from station.render.paint import Brand

KINDS = (".svg", ".pdf", ".png", ".jpg", ".jpeg")
_LARGEST_FILE = 20_000_000
# As the files in the folder are called, but for what kind they are of.
ESC_LOGO_NAMES = tuple(
    f"{form}{colour}" for form in EscLogoForm for colour in ("", *(f"-{colour}" for colour in EscLogoColour))
)


@lru_cache(maxsize=8)
def load_brand(accent: str, logo: Path | None, esc_logo: Path | None) -> Brand:
    """Return what an institution puts on every card; read once, as long as the program runs.

    ``logo`` is a file, ``esc_logo`` a folder with ``vertical.svg`` and ``horizontal.svg`` (or .pdf, .png, .jpg) and, if
    there are such, ``vertical-white.svg`` and so on.

    Raises:
        LayoutError: one of them is not there, or is not a picture.
    """
    return Brand(accent, None if logo is None else _picture(logo), () if esc_logo is None else _esc_logo(esc_logo))


def _esc_logo(folder: Path) -> tuple[tuple[str, bytes], ...]:
    files = [(name, folder / f"{name}{kind}") for name in ESC_LOGO_NAMES for kind in KINDS]
    # Backwards, so that of a logo in two kinds of file the first kind stays.
    found = {name: _picture(file) for name, file in reversed(files) if file.is_file()}
    if not found:
        wanted: dict[str, object] = {"names": "vertical.svg, horizontal.svg"}
        detail = Message(N_("none of the logo's files is in this folder ({names})"), wanted)
        raise LayoutError(file=str(folder), place="esc_logo", detail=detail)
    return tuple(sorted(found.items()))


def _picture(file: Path) -> bytes:
    try:
        data = file.read_bytes() if file.stat().st_size <= _LARGEST_FILE else b""
        artwork.check(data)
    except OSError as error:
        detail = N_("it is not there") if isinstance(error, FileNotFoundError) else N_("it can't be read")
        raise LayoutError(file=str(file), place="logo", detail=detail) from error
    except LayoutError as error:
        raise LayoutError(file=str(file), place="logo", detail=error.params["detail"]) from error
    return data
