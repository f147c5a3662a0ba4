"""What a person chose in the menus, kept over a restart: language, look, camera. Nothing of any student."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSettings

from station.i18n import LANGUAGES
from station.ui.theme.theme import MODES

# Language and look are asked for before the window is seen; of cameras nobody knows yet.
if TYPE_CHECKING:
    from station.services.capture import CameraChoice


@dataclass(frozen=True, slots=True)
class MirrorWish:
    """Whether the student's mirror is open, and the name of the screen that it was on, if that was one of its own."""

    open: bool = False
    screen: str = ""


class Preferences:
    """A small file beside the station's data; without it, or with nonsense in it, the station profile holds."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def language(self, otherwise: str) -> str:
        """Return the language that was chosen, else what the station profile says."""
        return self._chosen("language", tuple(LANGUAGES), otherwise)

    def look(self, otherwise: str) -> str:
        """Return ``system``, ``light`` or ``dark`` as it was chosen, else what the station profile says."""
        return self._chosen("look", MODES, otherwise)

    def camera(self, profile: CameraChoice) -> CameraChoice:
        """Return the camera that was chosen, else what the station profile says.

        A choice was made in place of what the profile said then: with another camera in the profile it is over.
        """
        from station.services.capture import SIZES

        kept = self._open()
        if kept.value("camera/instead_of") != profile.source:
            return profile
        source, size = kept.value("camera/source"), str(kept.value("camera/size", ""))
        chosen = next((each for each in SIZES if f"{each.width_px}x{each.height_px}" == size), profile.size)
        return replace(profile, source=source if isinstance(source, str) and source else profile.source, size=chosen)

    def keep_camera(self, profile: CameraChoice, chosen: CameraChoice) -> None:
        """Remember a camera, and in place of which one of the profile's it was chosen."""
        kept = self._open()
        kept.setValue("camera/instead_of", profile.source)
        kept.setValue("camera/source", chosen.source)
        kept.setValue("camera/size", f"{chosen.size.width_px}x{chosen.size.height_px}")
        kept.sync()

    def auto_capture(self, otherwise: bool) -> bool:
        """Return whether photos are taken by themselves as it was chosen, else what the station profile says."""
        return {"on": True, "off": False}.get(self._chosen("auto_capture", ("on", "off"), ""), otherwise)

    def keep_auto_capture(self, auto: bool) -> None:
        """Remember whether photos are taken by themselves."""
        kept = self._open()
        kept.setValue("auto_capture", "on" if auto else "off")
        kept.sync()

    def mirror(self) -> MirrorWish:
        """Return whether the student's mirror was open, and on which screen."""
        screen = self._open().value("mirror/screen", "")
        return MirrorWish(self._chosen("mirror/open", ("on", "off"), "off") == "on", str(screen))

    def keep_mirror(self, wish: MirrorWish) -> None:
        """Remember whether the student's mirror is open, and on which screen."""
        kept = self._open()
        kept.setValue("mirror/open", "on" if wish.open else "off")
        kept.setValue("mirror/screen", wish.screen)
        kept.sync()

    def keep(self, language: str, look: str) -> None:
        """Remember a choice; where nothing can be written it holds until the window is closed."""
        kept = self._open()
        kept.setValue("language", language)
        kept.setValue("look", look)
        kept.sync()

    def _chosen(self, name: str, known: tuple[str, ...], otherwise: str) -> str:
        value = self._open().value(name)
        return value if isinstance(value, str) and value in known else otherwise

    def _open(self) -> QSettings:
        return QSettings(str(self._file), QSettings.Format.IniFormat)
