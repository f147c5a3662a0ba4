"""Find the files of assets/: the only module that knows where they lie (checkout, wheel, frozen build)."""

from __future__ import annotations

import sys
from pathlib import Path

from station.domain.errors import N_, StationError

_PACKAGE = Path(__file__).resolve().parent


class AssetError(StationError):
    """A file that comes with the station is not there; ``file`` says which."""

    what = N_("A file of the station itself is missing: {file}")
    todo = N_("Install the station again. Your cards and settings are not touched by that.")


def assets_root() -> Path:
    """Return the folder that holds layouts, fonts, icons, translations and the rest.

    Raises AssetError when there is none, which means a damaged installation.
    """
    for folder in _candidates():
        if folder.is_dir():
            return folder
    raise AssetError(file="assets")


def asset(*parts: str) -> Path:
    """Return the file or folder below assets/ that ``parts`` name, as in ``asset("icons", "camera.svg")``.

    Raises AssetError, naming it, when it is not there.
    """
    found = assets_root().joinpath(*parts)
    if not found.exists():
        raise AssetError(file="/".join(("assets", *parts)))
    return found


def _candidates() -> list[Path]:
    # A frozen build unpacks beside itself, and must not find the checkout it was made from.
    frozen_root: str | None = getattr(sys, "_MEIPASS", None)
    if frozen_root is not None:
        return [Path(frozen_root) / "station" / "_assets"]
    # The wheel carries the folder inside the package; an editable install of a checkout does not have it there.
    return [_PACKAGE / "_assets", _PACKAGE.parent / "assets"]
